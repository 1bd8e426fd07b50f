//! `dtguard report merge`: the reports of many repositories as one.

mod browser;
mod damaged;
mod made;
mod page;
#[cfg(unix)]
mod recipes;

use std::fs;
use std::path::PathBuf;

use jsonschema::validator_for;
use serde_json::Value;

use crate::support::Repo;
use made::{Reports, finding, report};

fn project(name: &str) -> String {
    fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// A repository with the remote `url`, a token in its history and one that an entry allows.
fn scanned(url: &str, seed: u64) -> (Repo, String) {
    let repo = Repo::new();
    repo.git(&["remote", "add", "origin", url]).succeeds();
    let (past, allowed) = (repo.token("dt0s16", seed), repo.token("dt0c01", seed));
    let id = dtguard::find::find(allowed.text.as_bytes())[0].identifier.clone().unwrap();
    repo.stage("past.env", past.text);
    repo.commit_unseen();
    repo.stage("past.env", "nothing\n");
    repo.stage("docs/sample.md", &allowed.text);
    let entry = format!("id = \"{id}\"\nreason = \"sample\"\nowner = \"docs\"\nexpires = 2027-06-30");
    repo.stage(".dtguard.toml", format!("version = 1\n[[allow]]\n{entry}\n"));
    repo.commit_unseen();
    let ran = repo.dtguard(&["scan", "--history", "--format", "json"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    (repo, ran.stdout)
}

#[test]
fn a_report_names_its_repository_and_no_credential_of_its_remote() {
    let (repo, text) = scanned("https://robot:pass-word@git.example.com:8443/team/app.git?key=pass-word", 1);
    let json: Value = serde_json::from_str(&text).unwrap();
    let head = repo.git(&["rev-parse", "HEAD"]).stdout;
    assert_eq!(json["repository"]["name"], "git.example.com/team/app");
    assert_eq!(json["repository"]["head"], head.trim());
    assert!(!text.contains("pass-word") && !text.contains("robot"));
    assert!(
        validator_for(&serde_json::from_str(&project("docs/report.schema.json")).unwrap())
            .unwrap()
            .is_valid(&json)
    );
    // In a bare clone, and without a remote.
    let clone = repo.outside().join("mirror.git");
    let arguments = ["clone", "--quiet", "--mirror", ".", clone.to_str().unwrap()];
    repo.git(&arguments).succeeds();
    let named = |arguments: &[&str]| {
        repo.git_in(&clone, &[], arguments).succeeds();
        let ran = repo.dtguard_in(&clone, &[], &["scan", "--history", "--format", "json"]);
        serde_json::from_str::<Value>(&ran.stdout).unwrap()["repository"]["name"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        named(&["config", "remote.origin.url", "git@git.example.com:team/app.git"]),
        "git.example.com/team/app"
    );
    assert_eq!(named(&["remote", "remove", "origin"]), "mirror");
}

#[test]
fn a_diff_and_files_outside_a_repository_name_none() {
    let (repo, _) = scanned("https://git.example.com/a", 1);
    let outside =
        repo.dtguard_in(repo.outside(), &[], &["scan", "--format", "json", "repo/README"]).succeeds();
    let diff = repo.dtguard(&["scan", "--diff", "--format", "json"]).succeeds();
    for text in [outside.stdout, diff.stdout] {
        let json: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((json.get("repository"), &json["version"]), (None, &Value::from(1)));
    }
}

#[test]
fn what_each_report_counts_is_in_the_result() {
    let reports = Reports::new();
    reports.put("a.json", scanned("https://git.example.com/a", 1).1);
    reports.put("b.json", scanned("https://git.example.com/b", 2).1);
    // The same token as in a.
    reports.put("c.json", scanned("https://git.example.com/c", 1).1);
    let (code, json) = reports.json(&["a.json", "b.json", "c.json"]);
    assert_eq!((code, &json["verdict"], &json["exit_code"]), (1, &"blocks".into(), &1.into()));
    for (name, count) in [
        ("repositories", 3),
        ("with_blocking", 3),
        ("incomplete", 0),
        ("blocking", 3),
        ("in_tip", 0),
        ("only_in_history", 3),
        ("tokens", 2),
        ("passing", 3),
    ] {
        assert_eq!(json["counts"][name], count, "{name}");
    }
    let names: Vec<_> = (0..3).map(|at| json["repositories"][at]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["git.example.com/a", "git.example.com/b", "git.example.com/c"]);
    let findings = json["repositories"][0]["findings"].as_array().unwrap();
    let of = |state: &str| findings.iter().find(|one| one["state"] == state).unwrap();
    assert_eq!((&of("blocks")["path"], &of("blocks")["stands"]), (&"past.env".into(), &false.into()));
    assert_eq!((&of("allowed")["owner"], &of("allowed")["stands"]), (&"docs".into(), &true.into()));
    assert_eq!(of("blocks")["since"], "2026-01-01");
    let exception = &json["exceptions"][2];
    assert_eq!((&exception["owner"], &exception["expires"]), (&"docs".into(), &"2027-06-30".into()));
    assert_eq!((&exception["entry"], &exception["state"]), (&".dtguard.toml:2".into(), &"valid".into()));
    let platform = json["kinds"].as_array().unwrap().iter().find(|kind| kind["blocking"] == 3).unwrap();
    assert!(
        platform["revoke"][0]["command"].as_str().unwrap().contains("/platform-tokens/{id}\""),
        "{platform}"
    );
}

#[test]
fn the_result_is_what_its_schema_and_its_page_say_and_nothing_more() {
    let reports = Reports::new();
    reports.put("a.json", scanned("https://git.example.com/a", 1).1);
    reports.put("b.json", report("git.example.com/b", &[finding(1)], &[finding(2)]));
    reports.put("cut.json", "{\"version\": 1");
    let (_, json) = reports.json(&["a.json", "b.json", "cut.json", "b.json"]);
    let mut schema: Value = serde_json::from_str(&project("docs/fleet.schema.json")).unwrap();
    close(&mut schema);
    let validator = validator_for(&schema).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(&json).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    for pointer in
        ["/counts/tokens", "/repositories/0/name", "/repositories/1/findings/0/state", "/problems/0/what"]
    {
        let mut json = json.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        json.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
        assert!(!validator.is_valid(&json), "{pointer}");
    }
}

/// Forbids fields that the schema does not name.
fn close(json: &mut Value) {
    if let Some(object) = json.as_object_mut() {
        if object.get("properties").is_some_and(|properties| properties.get("type").is_none()) {
            object.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
        object.values_mut().for_each(close);
    }
}

#[test]
fn the_exit_code_is_the_same_in_every_format() {
    let reports = Reports::new();
    reports.put("clean.json", report("a", &[], &[finding(1)]));
    reports.put("blocks.json", report("b", &[finding(1)], &[]));
    reports.put("incomplete.json", report("c", &[], &[]).replace("\"passes\"", "\"incomplete\""));
    reports.put("stopped.json", report("d", &[], &[]).replace("\"passes\"", "\"interrupted\""));
    for (files, code) in [
        (vec!["clean.json"], 0),
        (vec!["clean.json", "blocks.json"], 1),
        (vec!["clean.json", "incomplete.json"], 2),
        (vec!["blocks.json", "stopped.json"], 2),
        (vec!["blocks.json", "absent.json"], 2),
        (vec!["absent.json"], 2),
    ] {
        for format in ["human", "json", "html"] {
            let ran = reports.merge(&[&["--format", format], &*files].concat());
            assert_eq!(ran.code, code, "{format} {files:?}: {}", ran.stderr);
            assert!(!ran.stdout.is_empty(), "{format} {files:?}");
        }
    }
}

#[test]
fn a_repository_that_was_expected_and_has_no_report_is_named() {
    let reports = Reports::new();
    reports.put("a.json", report("git.example.com/team/a", &[], &[]));
    reports.put("expected", "# all\nhttps://git.example.com/team/a.git\n\ngit@git.example.com:team/lost.git\r\nhttps://u:pass-word@git.example.com/team/lost\n");
    let ran = reports.merge(&["--expect", "expected", "--format", "json", "a.json"]);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, json["problems"].as_array().unwrap().len()), (2, 1));
    assert_eq!(
        (&json["problems"][0]["what"], &json["problems"][0]["repository"]),
        (&"missing".into(), &"git.example.com/team/lost".into())
    );
    assert!(
        ran.stderr.contains("git.example.com/team/lost") && !ran.stderr.contains("pass-word"),
        "{}",
        ran.stderr
    );
    let none = reports.merge(&["--expect", "no such list", "a.json"]);
    assert!(none.code == 2 && none.stderr.contains("no such list"), "{}", none.stderr);
}

#[test]
fn no_report_at_all_is_no_all_clear() {
    let reports = Reports::new();
    reports.put("list", "");
    let (code, json) = reports.json(&["--files-from", "list"]);
    assert_eq!((code, &json["verdict"]), (2, &"incomplete".into()));
    assert_eq!(json["problems"][0]["reason"], "no report was given");
    let page = reports.merge(&["--files-from", "list", "--format", "html"]).stdout;
    assert!(page.contains("<h1>The result is incomplete</h1>"), "{page}");
    assert_eq!(reports.merge(&[]).code, 2);
}

#[test]
fn the_list_of_reports_may_be_lines_or_end_each_name_with_a_null_byte() {
    let reports = Reports::new();
    reports.put("a b.json", report("a", &[], &[]));
    reports.put("c.json", report("c", &[], &[]));
    reports.put("lines", "a b.json\r\n\nc.json");
    let (code, json) = reports.json(&["--files-from", "lines"]);
    assert_eq!((code, &json["counts"]["repositories"]), (0, &2.into()), "{json}");
    // On standard input, and with a name that breaks lines.
    let odd = if cfg!(windows) { "odd.json" } else { "od\nd.json" };
    reports.put(odd, report("odd", &[], &[]));
    let list = format!("a b.json\0{odd}\0");
    let json = reports.with_input(&["--files-from", "-", "-0", "--format", "json", "c.json"], &list);
    let json: Value = serde_json::from_str(&json.succeeds().stdout).unwrap();
    assert_eq!(json["counts"]["repositories"], 3, "{json}");
}

#[test]
fn a_report_that_names_no_repository_is_called_by_its_file() {
    let reports = Reports::new();
    let mut old: Value = serde_json::from_str(&report("", &[finding(1)], &[])).unwrap();
    reports.put("empty.json", old.to_string());
    old.as_object_mut().unwrap().remove("repository");
    reports.put("old.json", old.to_string());
    let (_, json) = reports.json(&["old.json", "empty.json"]);
    let names = [0, 1].map(|at| json["repositories"][at]["name"].as_str().unwrap().to_owned());
    assert_eq!(names, ["old", "empty"]);
}

#[test]
fn findings_that_block_from_a_later_day_on_are_no_all_clear_and_do_not_fail() {
    let reports = Reports::new();
    let mut later: Value = serde_json::from_str(&report("a", &[finding(1)], &[])).unwrap();
    later["enforced_from"] = "2027-01-15".into();
    later["verdict"] = "passes".into();
    reports.put("later.json", later.to_string());
    let (code, json) = reports.json(&["later.json"]);
    assert_eq!((code, &json["counts"]["blocking"]), (0, &1.into()));
    assert_eq!(json["repositories"][0]["findings"][0]["state"], "later");
}

#[test]
fn the_summary_shows_the_worst_repositories_and_what_is_missing() {
    let reports = Reports::new();
    reports.put("a.json", report("git.example.com/few", &[finding(1)], &[]));
    reports.put("b.json", report("git.example.com/many", &[finding(1), finding(2)], &[]));
    reports.put("c.json", report("git.example.com/clean", &[], &[]));
    reports.put("d.json", "");
    let ran = reports.merge(&["a.json", "b.json", "c.json", "d.json"]);
    let wanted = "   blocks  in history    gaps  repository
        2           2       0  git.example.com/many
        1           1       0  git.example.com/few
dtguard: 1 report could not be merged:
  d.json (empty: it is empty: its scan did not end)
What to do: scan these repositories again, each with dtguard scan --history
--format json --output FILE, then merge again.
dtguard: merged reports of 3 repositories: 3 findings in 2 repositories, 0 still
in a branch or tag; 1 repository is missing or incomplete
";
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (2, wanted, ""));
    let file = reports.merge(&["--output", "out.txt", "a.json", "b.json"]);
    assert_eq!((file.code, file.stdout.as_str()), (1, ""));
    assert!(file.stderr.contains("git.example.com/many"));
    assert!(reports.read("out.txt").contains("git.example.com/many"));
}

#[test]
fn the_same_reports_make_the_same_bytes() {
    let reports = Reports::new();
    reports.put("a.json", report("a", &[finding(1), finding(2)], &[finding(3)]));
    reports.put("b.json", report("b", &[finding(4)], &[]));
    for format in ["json", "html"] {
        let write = |file: &str| {
            let arguments = ["--format", format, "--output", file, "a.json", "b.json"];
            assert_eq!(reports.merge(&arguments).code, 1);
            reports.read(file)
        };
        assert_eq!(write("one"), write("other"), "{format}");
        assert!(write("one").contains("2026-11-22"), "{format}");
    }
}
