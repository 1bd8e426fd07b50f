//! The page: complete in itself, and without a way for a name to become a part of it.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::made::{Reports, finding, report};
use crate::support::token;

/// Names that others chose.
pub const HOSTILE: [&str; 12] = [
    "a</script><script>window.hostile=1</script>.env",
    "</style><img src=x onerror=window.hostile=1>",
    "<!-- <script> x.env",
    "]]>--!>\"'`=&amp;&lt;.env",
    "javascript:window.hostile=1",
    "bi\u{202e}vne.di\u{2066}.env",
    "li\nne\r\ttab\u{0}\u{1b}[31m.env",
    "se\u{2028}pa\u{2029}rator",
    "$&$`$'{{data}}{{script}}{id}",
    "\u{5d0}\u{5d1}\u{5d2}/\u{645}\u{631}\u{62d}\u{628}\u{627}.env",
    "very-long-name-without-a-break-that-goes-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on.env",
    "__proto__",
];

/// A finding of which each text is `name`.
pub fn hostile(seed: u64, name: &str) -> Value {
    let mut finding = finding(seed);
    for field in ["path", "member", "kind_name", "certainty"] {
        finding[field] = name.into();
    }
    finding["allow_entry"] = json!({ "place": name, "reason": name, "owner": name, "expires": "2026-11-30" });
    finding
}

/// The page of reports with hostile names, in each place where a name can be.
fn hostile_page() -> String {
    let reports = Reports::new();
    let mut files = Vec::new();
    for (number, name) in HOSTILE.iter().enumerate() {
        let mut one: Value = serde_json::from_str(&report(
            &format!("{name}{number}"),
            &[hostile(1, name)],
            &[hostile(2, name)],
        ))
        .unwrap();
        let gap = json!({ "path": name, "member": name, "part": "content", "commit": null, "object": null, "unreadable": false, "reason": name, "hint": name });
        one["coverage"]["gaps"] = json!([gap]);
        one["counts"]["gaps"] = 1.into();
        one["tool"]["version"] = (*name).into();
        for findings in ["findings", "passing"] {
            one[findings][0]["kind"] = (*name).into();
            one[findings][0]["severity"] = (*name).into();
        }
        let file = format!("{number}.json");
        reports.put(&file, one.to_string());
        files.push(file);
    }
    reports.put("expected", HOSTILE.map(|name| name.replace('\n', "")).join("\n"));
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let ran = reports.merge(&[&["--format", "html", "--expect", "expected"], &*files].concat());
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    ran.stdout
}

/// What stands between the first `start` and the next `end`.
fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    text.split_once(start).unwrap().1.split_once(end).unwrap().0
}

fn data(page: &str) -> Value {
    serde_json::from_str(between(page, "<script type=\"application/json\" id=\"data\">", "</script>"))
        .unwrap()
}

#[test]
fn a_name_is_text_wherever_it_stands() {
    let page = hostile_page();
    let data = data(&page);
    assert_eq!(data["repositories"].as_array().unwrap().len(), HOSTILE.len());
    assert_eq!(data["counts"]["blocking"], HOSTILE.len());
    let lower = page.to_lowercase();
    for (tag, count) in
        [("<script", 2), ("</script", 2), ("<style", 1), ("</style", 1), ("<!--", 0), ("<img", 0)]
    {
        assert_eq!(lower.matches(tag).count(), count, "{tag}");
    }
    let odd = |c: char| {
        c.is_control() && c != '\n' || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert_eq!(page.chars().find(|c| odd(*c)), None);
    // They are shown, and not left out.
    let shown = data["repositories"][5]["findings"][0]["path"].as_str().unwrap();
    assert_eq!(shown, "bi\\u{202e}vne.di\\u{2066}.env");
    assert!(page.contains("&lt;/style&gt;&lt;img src=x onerror=window.hostile=1&gt;"));
}

#[test]
fn a_name_that_is_not_utf_8_shows_its_bytes() {
    let reports = Reports::new();
    let mut one = finding(1);
    one["path"] = "\u{fffd}.env".into();
    one["path_bytes"] = STANDARD.encode(b"\xff<.env").into();
    reports.put("a.json", report("a", &[one], &[]));
    assert_eq!(reports.json(&["a.json"]).1["repositories"][0]["findings"][0]["path"], "\\xff<.env");
}

#[test]
fn the_page_loads_nothing_and_runs_nothing_but_itself() {
    let page = hostile_page();
    let policy = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
    let script = page.rsplit_once("<script>").unwrap().1.split_once("</script>").unwrap().0;
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let (style, script) = (hash(between(&page, "<style>", "</style>")), hash(script));
    let wanted = format!(
        "default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'"
    );
    assert_eq!(policy, wanted);
    let before = page.split_once("http-equiv").unwrap().0;
    assert!(
        !before.contains("<style") && !before.contains("<script"),
        "the policy stands before what it is for"
    );
    let names = Regex::new(r#" (src|href|action|style|on[a-z]+|xlink:href)="?([^">]*)"#).unwrap();
    let elements = Regex::new(r"<[a-z][^>]*>").unwrap();
    let mut links = Vec::new();
    for element in elements.find_iter(&page) {
        links.extend(names.captures_iter(element.as_str()).map(|found| found[0].trim().to_owned()));
    }
    assert_eq!(links, ["href=\"#findings"]);
    assert!(!page.contains("url(") && !page.contains("@import") && !page.contains("innerHTML"));
}

#[test]
fn no_secret_part_gets_into_a_page_even_from_a_report_that_holds_one() {
    let tokens: Vec<_> =
        [("dt0c01", 3), ("dt0s16", 4), ("dt0s02", 5)].map(|(kind, seed)| token(kind, seed)).into();
    let mut names: Vec<String> = tokens.iter().map(|token| token.text.clone()).collect();
    names.extend(tokens.iter().map(|token| STANDARD.encode(&token.text)));
    names.extend(tokens.iter().map(|token| {
        token.text.bytes().fold(String::new(), |mut text, byte| {
            write!(text, "%{byte:02x}").unwrap();
            text
        })
    }));
    let reports = Reports::new();
    let mut files = Vec::new();
    for (number, name) in names.iter().enumerate() {
        let mut one: Value =
            serde_json::from_str(&report(name, &[hostile(1, name)], &[hostile(2, name)])).unwrap();
        one["findings"][0]["path_bytes"] = STANDARD.encode(name).into();
        one["coverage"]["gaps"] = json!([{ "path": name, "reason": name, "hint": name }]);
        one["counts"]["gaps"] = 1.into();
        let named = Some(name).filter(|name| name.len() < 200).map_or("", String::as_str);
        let file = format!("{number}-{named}.json").replace('/', "_");
        reports.put(&file, one.to_string());
        files.push(file);
    }
    reports.put("expected", names.join("\n") + "\nlost/" + &names[0]);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    for format in ["human", "json", "html"] {
        let ran = reports.merge(&[&["--format", format, "--expect", "expected"], &*files].concat());
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        for (token, name) in tokens.iter().zip(&names[tokens.len()..]) {
            let encoded = &name[name.len() - 24..];
            for shown in [&ran.stdout, &ran.stderr] {
                assert!(
                    !shown.contains(&token.secret()[..12]) && !shown.contains(encoded),
                    "{format}: {shown}"
                );
            }
        }
    }
}

#[test]
fn without_scripts_the_page_has_the_numbers_and_the_worst_repositories() {
    let reports = Reports::new();
    let (mut old, mut undated) = (finding(1), finding(2));
    old["history"]["author_date"] = "2009-02-03T00:00:00Z".into();
    old["history"]["in_tip"] = true.into();
    undated["history"] = Value::Null;
    undated["allow_entry"] =
        json!({ "place": ".dtguard.toml:9", "reason": "r", "owner": "qa", "expires": "2026-11-21" });
    reports.put("a.json", report("git.example.com/a", &[old, undated, finding(3)], &[]));
    reports.put("b.json", report("git.example.com/b", &[], &[finding(4)]));
    let page = reports.merge(&["--format", "html", "a.json", "b.json", "absent.json"]).stdout;
    let plain = page.split_once("<div id=\"said\"").unwrap().0;
    let tags = Regex::new(r"<[^>]*>").unwrap();
    let words = tags.replace_all(plain.split_once("<body>").unwrap().1, " ");
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    for wanted in [
        "3 Dynatrace tokens in 1 repository",
        "1 repository or report is missing or incomplete.",
        "Blocking findings 3",
        "of them in a branch or tag 1",
        "absent.json unreadable",
        "2009 1 0 2025 0 1",
        "Platform token (high) 3 1",
        "Up to 30 days 0",
        "More than 1 year 2",
        "Not known 1",
        "qa 0 1",
        "git.example.com/a 3 1 0 blocks git.example.com/b 0 0 0 passes",
        "2026-11-21 expired git.example.com/a .dtguard.toml:9 qa 1",
    ] {
        assert!(words.contains(wanted), "{wanted}: {words}");
    }
    assert!(
        plain.contains("role=\"img\" aria-label=\"Findings by year, 2009 to 2025, at most 1;"),
        "{plain}"
    );
}

#[test]
fn dates_of_any_year_make_a_picture_of_bounded_size() {
    let reports = Reports::new();
    // More years than the picture has bars.
    let findings: Vec<Value> = (1..=300)
        .map(|year| {
            let mut one = finding(year);
            one["history"]["author_date"] = format!("{year:04}-12-31T00:00:00Z").into();
            one
        })
        .collect();
    reports.put("a.json", report("a", &findings, &[]));
    let page = reports.merge(&["--format", "html", "a.json"]).stdout;
    let bars = between(&page, "<svg class=\"timeline\"", "</svg>").matches("class=\"past\"").count();
    assert_eq!(bars, 96);
}
