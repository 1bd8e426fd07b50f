//! The rules for scanners, each run by its tool: it reports what dtguard reports, and once.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use super::cases::Way;
use super::patterns;
use super::table::{Row, row_is, ways};
use crate::support::{Repo, hermetic, python};

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

/// Runs kingfisher, semgrep and the like, which write a report to standard output.
fn said(command: &mut Command) -> Value {
    let text = output(command);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{command:?}: {error}: {text}"))
}

#[test]
#[ignore = "runs kingfisher, which has to be on PATH"]
fn kingfisher_reports_each_token_once() {
    reports("kingfisher", Counts::Tokens, |repo, rules| {
        repo.write("dynatrace.yml", rules);
        let mut scan = hermetic("kingfisher", &repo.path);
        scan.args([
            "scan",
            "lines",
            "--rules-path",
            "dynatrace.yml",
            "--no-validate",
            "--no-dedup",
            "--no-update-check",
        ]);
        scan.args(["--exclude-rule", "betterleaks.dynatrace-api-token", "-f", "json", "-o", "report.json"]);
        scan.env("HOME", &repo.path);
        numbers(&report(repo, &mut scan)["findings"], "/finding/line")
    });
}

#[test]
#[ignore = "runs semgrep, which has to be on PATH"]
fn semgrep_reports_each_token_once() {
    reports("semgrep", Counts::Tokens, |repo, rules| {
        repo.write("dynatrace.yml", rules);
        let mut scan = hermetic("semgrep", &repo.path);
        scan.args([
            "scan",
            "--metrics=off",
            "--disable-version-check",
            "--no-git-ignore",
            "--config",
            "dynatrace.yml",
        ]);
        scan.args(["--json", "lines"]).env("HOME", &repo.path);
        numbers(&said(&mut scan)["results"], "/start/line")
    });
}

#[test]
#[ignore = "runs trivy, which has to be on PATH"]
fn trivy_reports_each_token_once() {
    reports("trivy", Counts::Tokens, |repo, rules| {
        repo.write("trivy-secret.yaml", rules);
        repo.write("folder/lines.env", std::fs::read(repo.path.join("lines")).unwrap());
        let mut scan = hermetic("trivy", &repo.path);
        scan.args([
            "fs",
            "--quiet",
            "--scanners",
            "secret",
            "--offline-scan",
            "--skip-version-check",
            "-f",
            "json",
        ]);
        scan.arg("folder").env("HOME", &repo.path);
        numbers(&said(&mut scan)["Results"][0]["Secrets"], "/StartLine")
    });
}

#[test]
#[ignore = "runs secretlint, which has to be on PATH, and NODE_PATH"]
fn secretlint_reports_each_token_once() {
    reports("secretlint", Counts::Tokens, |repo, rules| {
        repo.write(".secretlintrc.yml", rules);
        let modules = std::env::var("NODE_PATH").unwrap_or_else(|_| panic!("NODE_PATH names no folder"));
        #[cfg(unix)]
        std::os::unix::fs::symlink(modules, repo.path.join("node_modules")).unwrap();
        let mut lint = hermetic("secretlint", &repo.path);
        let found = report(repo, lint.args(["--format", "json", "--output", "report.json", "lines"]));
        numbers(&found[0]["messages"], "/loc/start/line")
    });
}

#[test]
#[ignore = "runs ripsecrets, which has to be on PATH"]
fn ripsecrets_reports_each_line_with_a_token() {
    reports("ripsecrets", Counts::Lines, |repo, rules| {
        repo.write("ripsecrets.sh", rules);
        leading(&output(hermetic("sh", &repo.path).args(["ripsecrets.sh", "lines"])))
    });
}

#[test]
#[ignore = "runs pre-commit, which has to be on PATH"]
fn the_hook_of_pre_commit_reports_each_line_with_a_token() {
    reports("pygrep", Counts::Lines, |repo, rules| {
        repo.write(".pre-commit-config.yaml", format!("repos:\n{rules}"));
        repo.git(&["add", "lines", ".pre-commit-config.yaml"]).succeeds();
        let mut run = hermetic("pre-commit", &repo.path);
        run.args(["run", "dynatrace-tokens", "--color", "never", "--files", "lines"]);
        let said = output(run.env("PRE_COMMIT_HOME", repo.path.join("kept")));
        leading(
            &said
                .lines()
                .filter(|line| line.starts_with("lines:"))
                .map(|line| format!("{line}\n"))
                .collect::<String>(),
        )
    });
}

#[test]
#[ignore = "runs Hyperscan by python3's hyperscan"]
fn the_patterns_for_github_are_ones_that_hyperscan_takes() {
    reports("github", Counts::Tokens, |repo, rules| {
        repo.write("rules", rules);
        repo.write(
            "try.py",
            "import re, hyperscan\n\
             def field(name): return re.findall(rf\"(?m)^ *{name}: '(.*)'$\", open('rules').read())\n\
             parts = list(zip(*map(field, ['before_secret', 'secret_format', 'after_secret', 'must_not_match'])))\n\
             assert len(parts) == 2\n\
             def database(expressions, flags):\n    \
                 made = hyperscan.Database()\n    \
                 made.compile(expressions=[e.encode() for e in expressions], flags=flags)\n    return made\n\
             whole = database([f'(?:{b}){s}(?:{a})' for b, s, a, _ in parts], hyperscan.HS_FLAG_SOM_LEFTMOST)\n\
             typed = database([parts[0][3]], 0)\n\
             for number, line in enumerate(open('lines', 'rb').read().splitlines(), 1):\n    \
                 found = {}\n    \
                 whole.scan(line, lambda id, start, end, *_: found.__setitem__((id, end), start))\n    \
                 for (id, end), start in found.items():\n        \
                     ours = []\n        \
                     typed.scan(line[start:end], lambda *_: ours.append(1))\n        \
                     if not ours: print(f'{number}:')\n",
        );
        let ran = hermetic(python(), &repo.path).arg("try.py").output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        leading(&String::from_utf8(ran.stdout).unwrap())
    });
}

#[test]
#[ignore = "runs gitleaks, which has to be on PATH"]
fn the_ruleset_for_gitlab_passes_rules_that_gitleaks_takes() {
    reports("gitlab", Counts::Tokens, |repo, rules| {
        let ruleset: toml::Table = rules.parse().unwrap();
        let passed = ruleset["secrets"]["passthrough"][0]["value"].as_str().unwrap();
        // What GitLab's own file is there.
        assert!(passed.contains("\"/gitleaks.toml\""));
        repo.write("gitleaks.toml", passed.replace("\"/gitleaks.toml\"", "\"theirs.toml\""));
        repo.write(
            "theirs.toml",
            "title = \"theirs\"\n[[rules]]\nid = \"generic-api-key\"\nregex = \"TOKEN=(.*)\"\n",
        );
        let mut gitleaks = hermetic("gitleaks", &repo.path);
        gitleaks.args(["dir", "-c", "gitleaks.toml", "-f", "json", "-r", "report.json", "lines"]);
        numbers(&report(repo, &mut gitleaks), "/StartLine")
    });
}
