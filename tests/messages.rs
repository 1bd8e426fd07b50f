//! What a blocked developer reads.

use crate::support::Repo;

/// A repository with one token of each of three kinds staged, one of them twice.
fn staged() -> Repo {
    let repo = Repo::new();
    let (one, two, three) =
        (repo.token("dt0c01", 1).text, repo.token("dt0s16", 1).text, repo.token("dt0s02", 1).text);
    repo.stage("app/config.yaml", format!("dynatrace:\n  apiToken: \"{one}\"\n"));
    repo.stage("app/copy.yaml", format!("apiToken: \"{one}\"\n"));
    repo.stage(
        "deploy/prod.env",
        format!("DT_PLATFORM_TOKEN={two} # do not share, rotate every ninety days\n"),
    );
    repo.stage("main.tf", format!("client_secret = \"{three}\"\n"));
    repo
}

/// Whether util-linux's `script` is here, which makes a terminal. Elsewhere than in
/// CI, where its absence is a failure, one may live without.
#[cfg(target_os = "linux")]
fn has_terminal() -> bool {
    let found = std::process::Command::new("script").arg("--version").output().is_ok();
    assert!(found || std::env::var_os("CI").is_none(), "`script` of util-linux is missing");
    found
}

/// `dtguard hook pre-commit` in a terminal of this width.
#[cfg(target_os = "linux")]
fn in_terminal(repo: &Repo, columns: usize, environment: &[(&str, &str)]) -> String {
    run_in_terminal(repo, columns, environment, "hook pre-commit")
}

/// dtguard with these arguments in a terminal of this width.
#[cfg(target_os = "linux")]
fn run_in_terminal(repo: &Repo, columns: usize, environment: &[(&str, &str)], arguments: &str) -> String {
    let script = format!("stty cols {columns} rows 50; exec '{}' {arguments}", crate::support::DTGUARD);
    let mut terminal = crate::support::hermetic("script", &repo.path);
    let output = terminal
        .args(["--quiet", "--return", "--command", &script, "/dev/null"])
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    repo.check(crate::support::Ran {
        code: output.status.code().unwrap(),
        stdout: text,
        stderr: String::new(),
    })
    .stdout
}

#[test]
fn tokens_are_grouped_by_kind_and_the_most_severe_comes_first() {
    let repo = staged();
    let text = repo.dtguard(&["hook", "pre-commit"]).blocks().stderr;
    let at = |needle: &str| text.find(needle).unwrap_or_else(|| panic!("{needle} in\n{text}"));
    assert!(text.starts_with("dtguard: commit blocked, it adds 3 Dynatrace tokens\n"));
    assert!(at("OAuth2 client secret") < at("Access token") && at("Access token") < at("Platform token"));
    assert!(at("app/config.yaml:2:14") < at("app/copy.yaml:1:12"));
    assert_eq!(text.matches("Opens:").count(), 3);
    assert_eq!(text.matches("dtguard allow dt0").count(), 3);
    assert!(
        text.ends_with("dtguard: scanned 4 staged files with 5 added lines: 3 tokens in 4 places blocked\n"),
        "{text}"
    );
}

#[test]
fn prose_fits_eighty_columns_and_only_what_is_to_be_copied_is_longer() {
    let repo = staged();
    let text = repo.dtguard(&["hook", "pre-commit"]).blocks().stderr;
    for line in text.lines().filter(|line| line.chars().count() > 80) {
        assert!(line.trim_start().starts_with("DELETE https://"), "{line}");
    }
    assert!(!text.contains('\u{1b}'), "no colour where nobody sees it");
    assert!(text.is_ascii());
}

#[test]
#[cfg(target_os = "linux")]
fn a_terminal_gets_colours_unless_it_or_the_user_says_otherwise() {
    if !has_terminal() {
        return;
    }
    let repo = staged();
    assert!(in_terminal(&repo, 80, &[]).contains("\u{1b}[1;31mdtguard: commit blocked,\u{1b}[0m"));
    for environment in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        assert!(!in_terminal(&repo, 80, &[environment]).contains('\u{1b}'), "{environment:?}");
    }
    let both = [("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")];
    assert!(!in_terminal(&repo, 80, &both).contains('\u{1b}'), "NO_COLOR wins");
}

#[test]
fn colour_can_be_forced_and_forbidden_where_there_is_no_terminal() {
    let repo = staged();
    let run = |environment: &[(&str, &str)], arguments: &[&str]| {
        repo.dtguard_in(&repo.path, environment, &[arguments, &["hook", "pre-commit"]].concat())
            .stderr
            .contains('\u{1b}')
    };
    assert!(run(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(run(&[("NO_COLOR", "1")], &["--color", "always"]));
    assert!(!run(&[("CLICOLOR_FORCE", "1")], &["--color", "never"]));
    assert!(!run(&[("CLICOLOR_FORCE", "0")], &[]));
}

#[test]
#[cfg(target_os = "linux")]
fn a_narrow_terminal_gets_narrow_text() {
    if !has_terminal() {
        return;
    }
    let repo = staged();
    let text = in_terminal(&repo, 40, &[("NO_COLOR", "1")]);
    for line in text.lines().map(|line| line.trim_end_matches('\r')).filter(|line| line.chars().count() > 40)
    {
        let copied = ["DELETE ", "dtguard allow ", "dtguard respond "]
            .iter()
            .any(|start| line.trim_start().starts_with(start));
        let token = line.contains(".********");
        assert!(copied || token, "{line}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn help_lists_and_mistakes_fit_the_terminal_and_help_fits_a_pipe() {
    let repo = Repo::new();
    let fits = |text: &str| {
        for line in text.lines().map(|line| line.trim_end_matches('\r')) {
            assert!(line.chars().count() <= 80, "{line}");
        }
    };
    for help in [&["--help"][..], &["scan", "--help"], &["policy", "show", "--help"]] {
        fits(&repo.dtguard(help).succeeds().stdout);
    }
    // Half of a command that is broken over two lines would be run.
    for command in ["scan", "allow", "baseline", "install", "report merge", "mask", "import", "completions"] {
        let help: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let text = repo.dtguard(&help).succeeds().stdout;
        let (_, examples) = text.split_once("\nExamples:").unwrap();
        let is_whole = |line: &str| line.starts_with("  dtguard ") || line.starts_with("  kubectl ");
        assert!(examples.lines().filter(|line| !line.is_empty()).all(is_whole), "{examples}");
    }
    if !has_terminal() {
        return;
    }
    for arguments in [
        "--help",
        "patterns --list",
        "patterns --for bogus",
        "explain bogus",
        "respond bogus",
        "allow bogus --reason sample",
    ] {
        fits(&run_in_terminal(&repo, 80, &[("NO_COLOR", "1")], arguments));
    }
}

#[test]
fn a_place_deep_in_forwarded_mails_is_shortened_for_people_only() {
    let repo = Repo::new();
    let mail = format!("Subject: s\n\n{}\n", repo.token("dt0c01", 1).text);
    let forwarded = (0..20).fold(mail, |mail, _| format!("Content-Type: message/rfc822\n\n{mail}"));
    repo.stage("a.eml", format!("From: a@example.com\nSubject: s\nMIME-Version: 1.0\n{forwarded}"));
    let people = repo.dtguard(&["scan"]).blocks().stderr;
    let place = people.lines().find(|line| line.starts_with("  a.eml:")).unwrap();
    assert!(place.contains(", ..., ") && place.len() <= 160, "{place}");
    let json = repo.dtguard(&["scan", "--format", "json"]).stdout;
    assert!(!json.contains("..., ") && json.matches("attachment").count() >= 20, "{json}");
}

#[test]
fn a_pass_is_one_line_that_accounts_for_what_was_scanned() {
    let repo = Repo::new();
    repo.stage("a", "1\n2\n3");
    repo.stage("b", "1\n");
    repo.stage("c", b"\0");
    let text = repo.commit().succeeds().stderr;
    assert!(text.contains("dtguard: no Dynatrace token in 3 staged files with 4 added lines\n"), "{text}");
    repo.stage("a", "1\n".repeat(200_000));
    repo.commit().succeeds().says("1 staged file with at most 200000 added lines");
    // What is too big for memory is not compared either.
    let big = format!("{}\n", ". ".repeat(500)).repeat(34_000);
    repo.stage("huge", &big);
    repo.commit_unseen();
    repo.stage("huge", format!("{big}one\n"));
    repo.dtguard(&["hook", "pre-commit"]).succeeds().says("at most 34001 added lines");
}

#[test]
fn nobody_listening_changes_no_verdict() {
    let repo = staged();
    for (state, code) in [("blocked", 1), ("clean", 0)] {
        let mut closed = crate::support::hermetic("sh", &repo.path);
        closed.args(["-c", &format!("'{}' hook pre-commit 2>&-", crate::support::DTGUARD)]);
        assert_eq!(closed.status().unwrap().code(), Some(code), "{state}");
        repo.git(&["reset", "--quiet"]).succeeds();
    }
}

#[test]
fn the_neighbours_of_a_token_on_its_line_are_not_shown_either() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let other = "q1W2e3R4t5Z6u7I8o9P0aSdF";
    repo.stage("a", format!("password={other} token={token} key={other}\n"));
    let ran = repo.commit().blocks();
    assert!(!ran.stderr.contains(other), "{}", ran.stderr);
}

#[test]
fn what_to_do_stands_before_the_line_that_sums_up() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let is_last = |text: &str| {
        let (todo, summary) = (text.find("What to do:"), text.find("dtguard: scanned"));
        assert!(todo.is_some() && todo < summary, "{text}");
    };
    repo.write(".git/COMMIT_EDITMSG", &token);
    is_last(&repo.dtguard(&["hook", "commit-msg", ".git/COMMIT_EDITMSG"]).blocks().stderr);
    repo.stage("a", format!("x={token}\n"));
    is_last(&repo.commit().blocks().stderr);
}

#[test]
fn a_scan_of_the_staged_change_says_that_it_would_be_blocked() {
    let repo = staged();
    let text = repo.dtguard(&["scan", "--staged"]).blocks().stderr;
    assert!(
        text.starts_with("dtguard: this commit would be blocked, it adds 3 Dynatrace tokens\n"),
        "{text}"
    );
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.ends_with(": 3 tokens in 4 places would be blocked"), "{text}");
    assert!(!text.contains("hook pre-commit"), "{text}");
}
