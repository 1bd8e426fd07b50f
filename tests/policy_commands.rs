//! `dtguard policy`, `dtguard baseline` and the audit: what a team sees of its
//! policy, and what a run leaves behind.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use dtguard::policy::Date;
use dtguard::token::Fingerprint;

use crate::support::{DTGUARD, Ran, Repo, hermetic};

/// What a repository's home looks like to the program.
fn with_home(repo: &Repo, policy: &str) -> String {
    let home = repo.outside().join("home");
    fs::create_dir_all(home.join(".config/dtguard")).unwrap();
    fs::write(home.join(".config/dtguard/policy.toml"), policy).unwrap();
    home.to_str().unwrap().to_owned()
}

fn entry(lines: &str) -> String {
    format!("[[allow]]\n{lines}\nreason = \"r\"\n")
}

#[track_caller]
fn prints(ran: Ran, text: &str) -> Ran {
    assert!(ran.stdout.contains(text), "wanted {text:?} in:\n{}{}", ran.stdout, ran.stderr);
    ran
}

#[test]
fn show_prints_each_value_with_the_file_and_line_that_say_so() {
    let repo = Repo::new();
    let home =
        with_home(&repo, "version = 1\n[certainty]\nfiller = \"block\"\n[grant]\nallow = [\"path\"]\n");
    repo.write(
        ".dtguard.toml",
        format!("version = 1\n[expiry]\nwarn_days = 30\n{}", entry("path = \"t/*\"\nkinds = [\"dt0c01\"]")),
    );
    let show = |arguments: &[&str]| repo.dtguard_in(&repo.path, &[("HOME", &home)], arguments).succeeds();
    let ran = show(&["policy", "show"]);
    let ran = prints(ran, "certainty.filler   block   ");
    let ran = prints(ran, "policy.toml:3\n");
    let ran = prints(ran, "expiry.warn_days   30         .dtguard.toml:3\n");
    let ran = prints(ran, "certainty.issued   block      built in\n");
    let ran = prints(ran, ".dtguard.toml:4: path t/* for dt0c01\n");
    prints(ran, "no entry by id (");
    let json: serde_json::Value = serde_json::from_str(&show(&["policy", "show", "--json"]).stdout).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["layers"][1]["level"], "repository");
    let settings = json["settings"].as_array().unwrap();
    assert!(
        settings.iter().any(|one| one["name"] == "expiry.warn_days" && one["place"] == ".dtguard.toml:3")
    );
    assert_eq!(json["allow"][0]["subject"], "t/*");
    assert_eq!(json["digest"].as_str().unwrap().len(), 64);
}

#[test]
fn check_says_what_is_wrong_too_wide_expired_or_about_to_expire() {
    let repo = Repo::new();
    let soon = Date::today().plus(10).to_string();
    let id = |n: char| format!("id = \"dt0c01.{}\"", n.to_string().repeat(24));
    repo.write(
        ".dtguard.toml",
        format!(
            "version = 1\n{}{}{}",
            entry("path = \"**\"\nkinds = [\"dt0c01\"]"),
            entry(&format!("{}\nexpires = 2020-01-01", id('A'))),
            entry(&format!("{}\nexpires = {soon}", id('B'))),
        ),
    );
    let ran = repo.dtguard(&["policy", "check"]).succeeds();
    let ran = ran.says("Too wide").says("Expired").says("About to expire").says(&format!("until {soon}"));
    ran.says("1 file, 3 allow entries");
    repo.write(".dtguard.toml", "version = 1\n[certainty]\nsampel = \"pass\"\n");
    assert_eq!(repo.dtguard(&["policy", "check"]).refuses(".dtguard.toml:3:1: unknown field").code, 2);
    // An organisation's file, before anybody names it.
    repo.write("team.toml", "version = 1\n[audit]\nfile = \"/var/log/dtguard\"\n[grant]\nalow = []\n");
    repo.dtguard(&["policy", "check", "team.toml"]).refuses("team.toml:5:1: unknown field `alow`");
    repo.write("team.toml", "version = 1\n[audit]\nfile = \"/var/log/dtguard\"\n[grant]\n");
    repo.dtguard(&["policy", "check", "team.toml"]).succeeds();
    repo.dtguard(&["policy", "check", "absent.toml"]).refuses("absent.toml");
}

#[test]
fn test_says_what_would_happen_and_which_entry_decides() {
    let repo = Repo::new();
    let (allowed, other) = (repo.token("dt0c01", 1), repo.token("dt0s16", 2));
    let (id, other_id) = (allowed.identifier().unwrap(), other.identifier().unwrap());
    let commit = "ab".repeat(20);
    repo.write(
        ".dtguard.toml",
        format!(
            "version = 1\n{}{}{}",
            entry(&format!("id = \"{id}\"")),
            entry("path = \"t/**\"\nkinds = [\"dt0s16\"]"),
            entry(&format!("commit = \"{commit}\"")),
        ),
    );
    let test = |things: &[&str]| repo.dtguard(&[&["policy", "test"], things].concat());
    prints(test(&[id]).succeeds(), ".dtguard.toml:2: id ");
    let ran = prints(test(&[other_id]), "blocks\n  Allowed in these places:\n  .dtguard.toml:5: path t/**");
    assert_eq!(ran.code, 1);
    assert_eq!(prints(test(&[&"0".repeat(64)]), "blocks").code, 1);
    prints(test(&[&commit]).succeeds(), "Too wide: it hides every token of that commit");
    prints(test(&["t/absent.env"]).succeeds(), ".dtguard.toml:5");
    prints(test(&["src/absent.env"]).succeeds(), "no entry by path covers it");
    // Files are scanned, wherever they are named from.
    repo.write("t/a.env", &other.text);
    repo.write("b.env", &other.text);
    prints(test(&["t/a.env"]).succeeds(), "t/a.env:1 ");
    assert_eq!(prints(test(&["b.env"]), "blocks").code, 1);
    prints(repo.dtguard_in(&repo.path.join("t"), &[], &["policy", "test", "a.env"]).succeeds(), "t/a.env:1 ");
    // A whole token is judged and never shown; the harness looks for its secret part.
    prints(test(&[&allowed.text]).says("in your shell's history"), "allowed by");
    assert_eq!(prints(test(&[&other.text]), &format!("{other_id} (Platform token, issued): blocks")).code, 1);
    // A secret without a form of its own is not repeated either.
    let old = repo.token("dynatrace-legacy-api-token", 1).text;
    test(&[&old]).succeeds();
}

#[test]
fn test_reads_a_token_from_standard_input_so_that_no_history_keeps_it() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let mut command = hermetic(DTGUARD, &repo.path);
    command.args(["policy", "test", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{}\n", token.text).as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1));
    assert!(out.contains(token.identifier().unwrap()) && out.contains("blocks"), "{out}");
    assert!(!out.contains(token.secret()) && !err.contains("history"), "{out}{err}");
}

#[test]
fn unused_lists_what_matches_nothing_and_what_has_expired() {
    let repo = Repo::new();
    let (used, unused) = (repo.token("dt0c01", 1), repo.token("dt0c01", 2));
    let id = |token: &dtguard::token::Specimen| format!("id = \"{}\"", token.identifier().unwrap());
    repo.stage("a.env", &used.text);
    repo.stage("gone.env", &unused.text);
    repo.commit_unseen();
    let commit = repo.git(&["rev-parse", "HEAD"]).stdout.trim().to_owned();
    repo.git(&["rm", "--quiet", "gone.env"]).succeeds();
    repo.stage(
        ".dtguard.toml",
        format!(
            "version = 1\n{}{}{}{}{}",
            entry(&format!("{}\nexpires = 2020-01-01", id(&used))),
            entry(&id(&unused)),
            entry("path = \"*.env\"\nkinds = [\"dt0c01\"]"),
            entry("path = \"*.env\"\nkinds = [\"dt0s16\"]"),
            entry(&format!("commit = \"{commit}\"")),
        ),
    );
    // Entries of higher layers serve other repositories too.
    let home = with_home(&repo, &format!("version = 1\n{}", entry(&id(&unused))));
    let ran = repo.dtguard_in(&repo.path, &[("HOME", &home)], &["policy", "unused"]).succeeds();
    let (nothing, expired) = ran.stdout.split_once("Expired\n").unwrap();
    let unused: Vec<_> = nothing.lines().filter(|line| line.starts_with("  .dtguard.toml")).collect();
    assert_eq!(unused.len(), 2, "{}", ran.stdout);
    assert!(
        unused[0].starts_with("  .dtguard.toml:6: id") && unused[1].ends_with("for dt0s16"),
        "{unused:?}"
    );
    assert!(expired.contains(".dtguard.toml:2: id") && !nothing.contains("home"), "{}", ran.stdout);
    ran.says("2 unused, 1 expired");
    // The history still has what the tracked files have no more.
    let ran = repo.dtguard_in(&repo.path, &[("HOME", &home)], &["policy", "unused", "--history"]);
    let unused: Vec<_> = ran.stdout.lines().filter(|line| line.contains(": path ")).collect();
    assert!(unused.len() == 1 && unused[0].ends_with("for dt0s16"), "{}", ran.stdout);
    ran.succeeds().says("of the history: 1 unused, 1 expired");
}

#[test]
fn an_entry_about_to_expire_is_reported_in_the_commit_that_needs_it() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let last = Date::today().plus(5).to_string();
    let lines = format!("id = \"{}\"\nexpires = {last}\nowner = \"docs\"", token.identifier().unwrap());
    repo.stage(".dtguard.toml", format!("version = 1\n{}", entry(&lines)));
    repo.commit().succeeds().says_not("then it blocks");
    repo.stage("a.env", &token.text);
    repo.commit().succeeds().says(&format!(".dtguard.toml:2 (owner: docs) allows this until {last} only"));
}

#[test]
fn baseline_writes_entries_that_allow_nothing_until_their_reasons_are_written() {
    let repo = Repo::new();
    let (access, agent, known) = (repo.token("dt0c01", 1), repo.token("dt0a01", 2), repo.token("dt0c01", 3));
    repo.stage("old.env", format!("{}\n{}\n{}\n", access.text, agent.text, known.text));
    let known_entry = entry(&format!("id = \"{}\"", known.identifier().unwrap()));
    repo.stage(".dtguard.toml", format!("# ours\nversion = 1\n{known_entry}"));
    repo.dtguard(&["baseline", "--owner", "qa", "--expires", "2999-12-31"])
        .succeeds()
        .says("wrote 2 entries");
    let text = fs::read_to_string(repo.path.join(".dtguard.toml")).unwrap();
    assert!(text.starts_with(&format!("# ours\nversion = 1\n{known_entry}")), "{text}");
    assert_eq!(text.matches("[[allow]]").count(), 3);
    assert!(text.contains(&Fingerprint::of(agent.secret().as_bytes()).to_string()));
    assert!(!text.contains(access.secret()) && !text.contains(agent.secret()));
    repo.git(&["add", ".dtguard.toml"]).succeeds();
    repo.commit().refuses("this reason is still to be written");
    // Nor does a second one bury the first.
    repo.dtguard(&["baseline"]).refuses("this reason is still to be written");
    repo.stage(".dtguard.toml", text.replace("TODO: why is this no secret?", "revoked in May"));
    repo.commit().succeeds().says("3 tokens allowed by policy");
    repo.dtguard(&["baseline"]).succeeds().says("there is nothing to write");
}

#[test]
fn baseline_writes_nothing_that_is_not_granted() {
    let repo = Repo::new();
    repo.stage("old.env", &repo.token("dt0c01", 1).text);
    let home = with_home(&repo, "version = 1\n[grant]\nallow = [\"id\"]\nrequire = [\"owner\"]\n");
    let baseline =
        |more: &[&str]| repo.dtguard_in(&repo.path, &[("HOME", &home)], &[&["baseline"], more].concat());
    baseline(&[]).refuses("needs an owner").says("--owner WHO");
    assert!(!repo.path.join(".dtguard.toml").exists());
    baseline(&["--owner", "qa"]).succeeds();
}

#[test]
fn each_run_leaves_a_line_in_the_audit_that_a_higher_policy_names() {
    let repo = Repo::new();
    let audit = repo.outside().join("audit.jsonl");
    let policy = format!("version = 1\n[audit]\nfile = '{}'\n", audit.display());
    let home = with_home(&repo, &policy);
    let token = repo.token("dt0c01", 1);
    repo.stage("a.env", &token.text);
    let hook = |arguments: &[&str]| repo.dtguard_in(&repo.path, &[("HOME", &home)], arguments);
    assert_eq!(hook(&["hook", "pre-commit"]).code, 1);
    repo.stage("a.env", "nothing");
    assert_eq!(hook(&["-q", "hook", "pre-commit"]).code, 0);
    repo.write("../message", "clean\n");
    assert_eq!(hook(&["hook", "commit-msg", "../message"]).code, 0);
    repo.stage("a.env", &token.text);
    repo.commit_unseen();
    assert_eq!(hook(&["hook", "post-commit"]).code, 0);
    repo.git(&["rm", "--quiet", "a.env"]).succeeds();
    repo.commit_unseen();
    assert_eq!(hook(&["hook", "post-commit"]).code, 0);
    assert_eq!(hook(&["scan", "--history"]).code, 1);
    // A repository names no file to be written to.
    repo.stage(".dtguard.toml", policy);
    hook(&["hook", "pre-commit"]).refuses(".dtguard.toml:2:1: a repository cannot set its own audit");
    let text = fs::read_to_string(&audit).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let word = |line: &serde_json::Value, key: &str| line[key].as_str().unwrap_or("none").to_owned();
    let ends: Vec<_> =
        lines.iter().map(|line| ["stage", "scope", "verdict"].map(|key| word(line, key)).join(" ")).collect();
    assert_eq!(
        ends,
        [
            "pre-commit staged blocks",
            "pre-commit staged passes",
            "commit-msg message passes",
            "post-commit commits told",
            "post-commit commits passes",
            "scan history blocks",
            "pre-commit staged incomplete",
        ]
    );
    assert_eq!(lines[0]["findings"][0]["identifier"], token.identifier().unwrap());
    assert_eq!(lines[0]["findings"][0]["path"], "a.env");
    assert!(!text.contains(token.secret()));
}

#[test]
fn an_audit_that_is_required_and_cannot_be_written_stops_the_commit() {
    let repo = Repo::new();
    repo.stage("a", "nothing");
    let target = repo.outside().join("none/audit.jsonl");
    for (required, code) in [(false, 0), (true, 2)] {
        let home = with_home(
            &repo,
            &format!("version = 1\n[audit]\nfile = '{}'\nrequired = {required}\n", target.display()),
        );
        let ran = repo.dtguard_in(&repo.path, &[("HOME", &home)], &["hook", "pre-commit"]);
        assert_eq!(ran.code, code, "{}", ran.stderr);
        ran.says("cannot write this run's audit line to").says("policy.toml:3");
    }
}
