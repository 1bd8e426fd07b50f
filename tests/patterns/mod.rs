//! The catalogue as rules for other tools, read by what is at hand of them.

use dtguard::export::TOOLS;
use dtguard::token::{KINDS, Kind, UNKNOWN, specimen};

use crate::support::{Repo, hermetic, python};

mod cases;
mod masking;
mod scanners;
#[cfg(unix)]
mod shippers;
mod table;

fn matched() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().filter(|kind| !kind.prefixes.is_empty()).chain([&UNKNOWN])
}

fn patterns(repo: &Repo, tool: &str) -> String {
    let ran = repo.dtguard(&["patterns", "--for", tool]).succeeds();
    assert_eq!(ran.stderr, "", "a provider that talks disturbs its caller");
    ran.stdout
}

#[test]
fn each_tool_gets_rules_that_begin_with_where_they_go_and_how_to_check_them() {
    let repo = Repo::unborn();
    let list = repo.dtguard(&["patterns", "--list"]).succeeds().stdout;
    for tool in TOOLS {
        let text = patterns(&repo, tool.name);
        assert!(list.contains(&format!("\n  {} ", tool.name)) && list.contains(tool.what), "{}", tool.name);
        assert!(text.ends_with('\n') && !text.contains("E@") && !text.contains("T@"), "{}", tool.name);
        // Of these two each line is an expression.
        let bare = ["git-secrets", "grep"].contains(&tool.name);
        for said in [tool.place, tool.check, tool.not_run, tool.differs] {
            assert!(bare || text.contains(said), "{}: {said}", tool.name);
        }
    }
    assert_eq!(repo.dtguard(&["patterns", "--for", "nothing"]).code, 2);
    assert_eq!(repo.dtguard(&["patterns"]).code, 2);
    assert_eq!(repo.dtguard(&["patterns", "--list", "--for", "sed"]).code, 2);
}

#[test]
fn git_secrets_way_of_calling_grep_finds_a_token_glued_to_other_text() {
    let repo = Repo::new();
    let lines = patterns(&repo, "git-secrets");
    let joined = lines.lines().collect::<Vec<_>>().join("|");
    for kind in matched() {
        for (before, after) in
            [("", ""), ("Api-Token%20", ""), ("TOKEN_", "_x"), ("x=3D", "abc"), ("\\n", "\\n")]
        {
            let token = specimen(kind, 1);
            repo.stage(
                "f",
                format!("{before}{}{after}\n{}\n", token.text, token.identifier().unwrap_or("x")),
            );
            // As it scans files, and as it scans the index.
            let files =
                hermetic("grep", &repo.path).args(["-d", "skip", "-nwHEI", &lines, "f"]).output().unwrap();
            let index = repo.git(&["grep", "-nwHEI", "--cached", &joined, "--", "f"]);
            for found in [String::from_utf8_lossy(&files.stdout).into_owned(), index.stdout] {
                assert_eq!(found.lines().count(), 1, "{} {before} {after}", kind.id);
            }
        }
    }
}

#[test]
fn a_long_line_of_letters_does_not_hold_git_secrets_up() {
    let repo = Repo::new();
    let joined = patterns(&repo, "git-secrets").lines().collect::<Vec<_>>().join("|");
    repo.stage("f", "QUJD".repeat(100_000));
    // Time in the square of the length would be minutes.
    repo.git(&["grep", "-nwHEI", "--cached", &joined]);
}

#[test]
fn the_plugin_for_detect_secrets_is_python_and_its_expressions_match() {
    let repo = Repo::unborn();
    repo.write("plugin.py", patterns(&repo, "detect-secrets"));
    // A stand-in for the one class that the plugin needs.
    repo.write("detect_secrets/__init__.py", "");
    repo.write("detect_secrets/plugins/__init__.py", "");
    repo.write("detect_secrets/plugins/base.py", "class RegexBasedDetector:\n    pass\n");
    let tokens: String = matched().map(|kind| specimen(kind, 1).text + "\n").collect();
    repo.write("tokens", tokens);
    repo.write(
        "try.py",
        "from plugin import DynatraceTokenDetector as D\n\
         assert D.secret_type\n\
         for token in open('tokens').read().split():\n    \
             found = [f for e in D.denylist for f in e.findall('x=' + token)]\n    \
             assert token in found, token[:6]\n",
    );
    let ran = hermetic(python(), &repo.path).arg("try.py").output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn what_is_printed_is_a_file_of_its_format_that_can_be_pasted() {
    let repo = Repo::unborn();
    let yaml =
        "trufflehog talisman kingfisher noseyparker semgrep secretlint trivy pygrep github otel otel-filelog";
    for tool in yaml.split(' ') {
        let text = patterns(&repo, tool);
        let events: Result<Vec<_>, _> = saphyr_parser::Parser::new_from_str(&text).collect();
        assert!(events.unwrap_or_else(|error| panic!("{tool}: {error}: {text}")).len() > 10, "{tool}");
    }
    for tool in ["gitleaks", "betterleaks", "gitlab"] {
        patterns(&repo, tool).parse::<toml::Table>().unwrap_or_else(|error| panic!("{tool}: {error}"));
    }
    for tool in ["log4j2", "logback"] {
        let text = patterns(&repo, tool);
        let comments = text.lines().filter_map(|line| line.strip_prefix("<!-- ")?.strip_suffix(" -->"));
        assert!(comments.map(|comment| assert!(!comment.contains("--"), "{comment}")).count() > 3, "{tool}");
    }
}

#[test]
fn rules_for_other_tools_are_imported_as_nobodys_allowance() {
    let repo = Repo::unborn();
    for (file, tool) in
        [(".talismanrc", "talisman"), (".gitleaks.toml", "gitleaks"), (".gitleaks.toml", "betterleaks")]
    {
        repo.write(file, patterns(&repo, tool));
        repo.dtguard(&["import", file]).succeeds().says("nothing to ").says_not("by hand");
    }
}

#[test]
#[ignore = "runs detect-secrets, which has to be on PATH"]
fn the_real_detect_secrets_takes_the_plugin_and_its_baseline_is_taken_over() {
    let repo = Repo::new();
    let scan = |files: &[&str]| {
        let mut command = hermetic("detect-secrets", &repo.path);
        let output = command.args(["scan", "-p", "plugin.py"]).args(files).output();
        let output = output.unwrap_or_else(|error| panic!("detect-secrets is not on PATH: {error}"));
        String::from_utf8(output.stdout).unwrap()
    };
    repo.write("plugin.py", patterns(&repo, "detect-secrets"));
    for kind in matched() {
        repo.write("a.txt", format!("see {} there\n", repo.token(kind.id, 1).text));
        assert!(scan(&["a.txt"]).contains("\"Dynatrace token\""), "{}", kind.id);
    }
    let token = repo.token("dt0c01", 2);
    repo.write("a.txt", format!("see {} there\n", token.text));
    repo.write(".secrets.baseline", scan(&["a.txt"]));
    // It moves, and is found by its hash.
    repo.write("a.txt", format!("\n\nsee {} there\n", token.text));
    repo.dtguard(&["import", "--reason", "r"]).succeeds().says(token.identifier().unwrap());
}
