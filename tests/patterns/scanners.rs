//! The rules for scanners, each run by its tool: it reports what dtguard reports, and once.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use super::cases::Way;
use super::patterns;
use super::table::{Row, row_is, ways};
use crate::support::{Repo, hermetic};

/// What a tool counts.
#[derive(PartialEq)]
enum Counts {
    Tokens,
    /// Lines, so that the second token of one is not counted.
    Lines,
}

/// Tries the rules for `tool`, which `run` puts to work in a folder that holds the lines in
/// the file `lines`; it returns the numbers of the lines that were reported, counted from 1.
#[track_caller]
fn reports(tool: &str, counts: Counts, run: impl FnOnce(&Repo, &str) -> Vec<u64>) {
    let repo = Repo::unborn();
    let cases: Vec<(&Way, Vec<String>)> = ways().map(|way| (way, way.lines())).collect();
    let all: String = cases.iter().flat_map(|(_, lines)| lines).map(|line| format!("{line}\n")).collect();
    repo.write("lines", all);
    let mut found: BTreeMap<u64, usize> = BTreeMap::new();
    for line in run(&repo, &patterns(&repo, tool)) {
        *found.entry(line).or_default() += 1;
    }
    let mut number = 0;
    let mut row = Vec::new();
    for (way, lines) in &cases {
        let wanted = if counts == Counts::Lines { way.tokens.min(1) } else { way.tokens };
        let mut right = 0;
        for _ in lines {
            number += 1;
            let is = found.get(&number).copied().unwrap_or_default();
            right += usize::from(is == wanted);
        }
        row.push((right, lines.len()));
    }
    row_is(tool, &Row(row));
}

/// What `command` writes to its standard output, whatever it says by its exit code.
#[track_caller]
fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} is not on PATH: {error}"));
    String::from_utf8(output.stdout).unwrap()
}

/// The report that `command` wrote to the file `report`.
#[track_caller]
fn report(repo: &Repo, command: &mut Command) -> Value {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} is not on PATH: {error}"));
    let text = std::fs::read(repo.path.join("report.json"));
    let text = text.unwrap_or_else(|error| panic!("no report: {error}: {output:?}"));
    serde_json::from_slice(&text).unwrap()
}

/// The number of the line in each of `findings`, which stands at `path`.
fn numbers(findings: &Value, path: &str) -> Vec<u64> {
    findings
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding.pointer(path).unwrap().as_u64().unwrap())
        .collect()
}

/// The numbers with which the lines of `text` begin.
fn leading(text: &str) -> Vec<u64> {
    text.lines().map(|line| line.split(':').find_map(|part| part.parse().ok()).unwrap()).collect()
}

#[test]
fn grep_reports_each_line_with_a_token() {
    reports("grep", Counts::Lines, |repo, rules| {
        repo.write("patterns", rules);
        leading(&output(hermetic("grep", &repo.path).args(["-nE", "-f", "patterns", "lines"])))
    });
}

#[test]
#[ignore = "runs git-secrets, which has to be on PATH"]
fn git_secrets_reports_each_line_with_a_token() {
    reports("git-secrets", Counts::Lines, |repo, rules| {
        repo.write("patterns", rules);
        repo.git(&["config", "secrets.providers", "cat patterns"]).succeeds();
        let output = hermetic("git-secrets", &repo.path).args(["--scan", "lines"]).output();
        let output = output.unwrap_or_else(|error| panic!("git-secrets is not on PATH: {error}"));
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        leading(
            &text
                .lines()
                .filter(|line| line.starts_with("lines:"))
                .map(|line| format!("{line}\n"))
                .collect::<String>(),
        )
    });
}

#[test]
#[ignore = "runs gitleaks, which has to be on PATH"]
fn gitleaks_reports_each_token_once() {
    reports("gitleaks", Counts::Tokens, |repo, rules| {
        repo.write(".gitleaks.toml", rules);
        let mut gitleaks = hermetic("gitleaks", &repo.path);
        gitleaks.args(["dir", "-c", ".gitleaks.toml", "-f", "json", "-r", "report.json", "lines"]);
        numbers(&report(repo, &mut gitleaks), "/StartLine")
    });
}

#[test]
#[ignore = "runs betterleaks, which has to be on PATH"]
fn betterleaks_reports_each_token_once() {
    reports("betterleaks", Counts::Tokens, |repo, rules| {
        repo.write(".betterleaks.toml", rules);
        let mut betterleaks = hermetic("betterleaks", &repo.path);
        betterleaks.args(["fs", "-c", ".betterleaks.toml", "-o", "report.json", "-s", "lines"]);
        numbers(&report(repo, &mut betterleaks)["findings"], "/location/start_line")
    });
}

#[test]
#[ignore = "runs detect-secrets, which has to be on PATH"]
fn detect_secrets_reports_each_token_once() {
    reports("detect-secrets", Counts::Tokens, |repo, rules| {
        repo.write("plugin.py", rules);
        // It reports a token once in each file, so each way has one.
        let text = std::fs::read_to_string(repo.path.join("lines")).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let size = lines.len() / ways().count();
        let mut scan = hermetic("detect-secrets", &repo.path);
        scan.args(["scan", "-p", "plugin.py"]);
        for (number, part) in lines.chunks(size).enumerate() {
            repo.write(&format!("way-{number}"), part.join("\n"));
            scan.arg(format!("way-{number}"));
        }
        let found: Value = serde_json::from_str(&output(&mut scan)).unwrap();
        let mut numbers = Vec::new();
        for (file, findings) in found["results"].as_object().unwrap() {
            let first = file.strip_prefix("way-").unwrap().parse::<u64>().unwrap() * size as u64;
            let ours = findings.as_array().unwrap().iter().filter(|one| one["type"] == "Dynatrace token");
            numbers.extend(ours.map(|one| first + one["line_number"].as_u64().unwrap()));
        }
        numbers
    });
}
