//! Reports that are not what they should be: none is passed over in silence.

use dtguard::report::{Gathered, Trouble};
use serde_json::{Value, json};

use super::made::{Reports, finding, report};
use crate::support::effort;

/// What is wrong with a report with this content; none if it is merged.
fn trouble(content: &[u8]) -> Option<(Trouble, String)> {
    let mut gathered = Gathered::new(0).unwrap();
    gathered.add(b"r.json", Ok(content.to_vec())).unwrap();
    let merged = gathered.finish().unwrap();
    assert_eq!(merged.problems().is_empty(), merged.outcome().is_complete());
    merged.problems().first().map(|problem| (problem.trouble, problem.reason.clone()))
}

/// A report in which `change` changed something.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut json = serde_json::from_str(&report("a", &[finding(1)], &[finding(2)])).unwrap();
    change(&mut json);
    json.to_string().into_bytes()
}

#[test]
fn a_report_that_is_cut_off_anywhere_is_not_merged() {
    let whole = report("a", &[finding(1)], &[finding(2)]);
    assert_eq!(trouble(whole.as_bytes()), None);
    let step = effort::cases(29, 1) as usize;
    for end in (0..whole.len()).step_by(step) {
        let (trouble, reason) = trouble(&whole.as_bytes()[..end]).unwrap();
        match trouble {
            Trouble::Empty => assert_eq!(end, 0),
            _ => {
                assert!(trouble == Trouble::Damaged && reason.starts_with("it is cut off"), "{end}: {reason}")
            }
        }
    }
    let twice = whole.clone() + &whole;
    assert_eq!(trouble(twice.as_bytes()).unwrap().0, Trouble::Damaged);
}

#[test]
fn a_report_without_a_field_that_counts_is_not_merged() {
    for pointer in [
        "/version",
        "/verdict",
        "/scope",
        "/scope/kind",
        "/counts",
        "/counts/blocking",
        "/counts/gaps",
        "/coverage",
        "/findings",
        "/passing",
        "/findings/0/kind",
        "/findings/0/fingerprint",
        "/findings/0/line",
        "/passing/0/part",
    ] {
        let content = changed(|json| {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            json.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
        });
        assert_eq!(trouble(&content).map(|it| it.0), Some(Trouble::Damaged), "{pointer}");
    }
}

#[test]
fn a_field_of_another_type_is_no_report() {
    let wrong =
        [json!(null), json!(-1), json!(1.5), json!("x"), json!([]), json!({}), json!([[]]), json!(true)];
    for pointer in [
        "/version",
        "/verdict",
        "/scope",
        "/counts",
        "/counts/blocking",
        "/coverage",
        "/findings",
        "/findings/0",
        "/findings/0/kind",
        "/findings/0/fingerprint",
        "/findings/0/line",
        "/findings/0/history/author_date",
        "/findings/0/history/in_tip",
        "/repository/name",
        "/ended",
    ] {
        for value in &wrong {
            let content = changed(|json| *json.pointer_mut(pointer).unwrap() = value.clone());
            let (may_be_null, may_be_text) = (
                pointer.contains("author_date")
                    || pointer.contains("name")
                    || pointer == "/ended"
                    || pointer.contains("in_tip"),
                pointer.contains("name") || pointer.ends_with("kind"),
            );
            let fits = value.is_null() && may_be_null
                || value.is_string() && may_be_text
                || value.is_boolean() && pointer.ends_with("in_tip");
            assert_eq!(trouble(&content).is_some(), !fits, "{pointer}: {value}");
        }
    }
}

#[test]
fn what_a_report_says_gets_into_no_command_and_no_message() {
    for identifier in ["$(reboot)", "a b", "x\"; reboot", "{id}", "", "a\nb", "dt0s16.ABC'"] {
        let content = changed(|json| json["findings"][0]["identifier"] = identifier.into());
        assert!(trouble(&content).unwrap().1.contains("`identifier`"), "{identifier}");
    }
    // The message of the parser quotes what it did not expect.
    for content in
        ["\"quoted words\"", "{\"findings\": \"quoted words\"}", "{\"findings\": [\"quoted words\"]}"]
    {
        assert!(!trouble(content.as_bytes()).unwrap().1.contains("quoted"));
    }
}

#[test]
fn a_report_of_another_version_says_which() {
    let (trouble, reason) = trouble(&changed(|json| json["version"] = 2.into())).unwrap();
    assert_eq!(
        (trouble, &*reason),
        (Trouble::Version, "it has version 2 of the format, and this dtguard reads 1")
    );
}

#[test]
fn a_report_that_is_made_to_use_up_the_machine_is_refused() {
    let deep = format!("{{\"version\": {}", "[".repeat(1_000_000));
    assert_eq!(trouble(deep.as_bytes()).unwrap().0, Trouble::Damaged);
    let deep = format!("{{\"unknown\": {}", "{\"a\":".repeat(1_000_000));
    assert_eq!(trouble(deep.as_bytes()).unwrap().0, Trouble::Damaged);
    // A long text is cut, whatever it is of.
    let long = "x".repeat(effort::cases(1 << 20, 32 << 20) as usize);
    let reports = Reports::new();
    reports.put("long.json", changed(|json| json["findings"][0]["path"] = long.into()));
    let (code, json) = reports.json(&["long.json"]);
    let path = json["repositories"][0]["findings"][0]["path"].as_str().unwrap();
    assert_eq!((code, path.chars().count()), (1, 1_001));
}

#[cfg(unix)]
#[test]
fn a_report_that_is_larger_than_any_is_refused_before_it_is_read() {
    let reports = Reports::new();
    // It takes no room on the disk.
    std::fs::File::create(reports.path("large.json")).unwrap().set_len(1 << 40).unwrap();
    let (code, json) = reports.json(&["large.json"]);
    assert_eq!((code, &json["problems"][0]["what"]), (2, &"unreadable".into()));
    assert!(json["problems"][0]["reason"].as_str().unwrap().contains("larger than 256 MiB"), "{json}");
}

#[test]
fn two_reports_of_a_repository_are_counted_once() {
    let reports = Reports::new();
    reports.put("one.json", report("a", &[finding(1)], &[]));
    reports.put("two.json", report("a", &[], &[]));
    let (code, json) = reports.json(&["one.json", "two.json"]);
    assert_eq!((code, &json["counts"]["blocking"]), (2, &1.into()));
    let problem = &json["problems"][0];
    assert_eq!((&problem["what"], &problem["file"]), (&"duplicate".into(), &"two.json".into()));
    assert_eq!(problem["reason"], "one.json is of the same repository");
}

#[test]
fn a_file_that_cannot_be_read_is_named_and_the_others_are_merged() {
    let reports = Reports::new();
    reports.put("a.json", report("a", &[finding(1)], &[]));
    let (code, json) = reports.json(&["absent.json", ".", "a.json"]);
    assert_eq!((code, &json["counts"]["repositories"]), (2, &1.into()));
    let files: Vec<_> =
        json["problems"].as_array().unwrap().iter().map(|it| it["file"].as_str().unwrap()).collect();
    assert_eq!(files, ["absent.json", "."]);
}

#[test]
fn of_a_report_that_turns_out_to_be_damaged_nothing_is_counted() {
    let reports = Reports::new();
    reports.put("a.json", report("a", &[finding(1)], &[]));
    let mut json: Value = serde_json::from_str(&report("b", &[finding(2), finding(3)], &[])).unwrap();
    json["findings"][1]["line"] = "many".into();
    reports.put("b.json", json.to_string());
    let (_, json) = reports.json(&["b.json", "a.json"]);
    assert_eq!((&json["counts"]["blocking"], &json["counts"]["tokens"]), (&1.into(), &1.into()));
    assert_eq!(json["kinds"][0]["blocking"], 1);
}

#[test]
fn tens_of_thousands_of_reports_are_put_aside_one_by_one() {
    let (reports, each) = (effort::cases(200, 10_000), report("NAME", &[finding(1)], &[]));
    let mut gathered = Gathered::new(1_795_315_047).unwrap();
    for number in 0..reports {
        let content = each.replace("NAME", &format!("team/{number}"));
        gathered.add(format!("{number}.json").as_bytes(), Ok(content.into_bytes())).unwrap();
    }
    let merged = gathered.finish().unwrap();
    let mut lines = Counted::default();
    merged.write_json(&mut lines).unwrap();
    assert_eq!(lines.0, reports + 2, "one line for each, one before and one behind them");
}

/// How many lines were written.
#[derive(Default)]
struct Counted(u64);

impl std::io::Write for Counted {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0 += text.iter().filter(|byte| **byte == b'\n').count() as u64;
        Ok(text.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
