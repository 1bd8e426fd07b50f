//! An innocent commit passes: only what it adds, and only tokens, block it.

use std::process::Command;

use crate::support::{DTGUARD, Repo, hermetic};

/// A repository whose history holds a token in `old`, on its second line.
fn with_token() -> (Repo, String) {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("old", format!("one\nx={token}\nthree\nfour\nfive\n"));
    repo.commit_unseen();
    (repo, token)
}

#[test]
fn a_removed_line_passes() {
    let (repo, _) = with_token();
    repo.stage("old", "one\nthree\nfour\nfive\n");
    repo.commit().succeeds();
}

#[test]
fn a_removed_file_passes() {
    let (repo, _) = with_token();
    repo.git(&["rm", "--quiet", "old"]).succeeds();
    repo.commit().succeeds().says("adds no content");
}

#[test]
fn a_changed_line_beside_the_token_passes() {
    let (repo, token) = with_token();
    repo.stage("old", format!("ONE\nx={token}\nTHREE\nfour\nfive\nsix\n"));
    repo.commit().succeeds().says("1 staged file with 3 added lines");
}

#[test]
fn a_line_moved_within_its_file_passes() {
    let (repo, token) = with_token();
    repo.stage("old", format!("one\nthree\nfour\nfive\nx={token}\n"));
    repo.commit().succeeds();
}

#[test]
fn changed_line_endings_pass() {
    let (repo, token) = with_token();
    repo.git(&["config", "core.autocrlf", "false"]).succeeds();
    repo.stage("old", format!("one\r\nx={token}\r\nthree\r\nfour\r\nfive"));
    repo.commit().succeeds();
}

#[test]
fn an_exact_rename_passes_and_a_copy_does_not() {
    let (repo, _) = with_token();
    repo.git(&["mv", "old", "new"]).succeeds();
    repo.commit().succeeds();
    std::fs::copy(repo.path.join("new"), repo.path.join("copy")).unwrap();
    repo.git(&["add", "copy"]).succeeds();
    repo.commit().blocks().says("copy:2:3");
}

#[test]
#[cfg(unix)]
fn a_mode_change_passes() {
    let (repo, _) = with_token();
    crate::support::make_executable(&repo.path.join("old"));
    repo.git(&["add", "old"]).succeeds();
    repo.commit().succeeds();
}

#[test]
fn binary_content_that_held_the_token_before_passes_and_a_second_one_does_not() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let with = |count: usize| [b"\0\x01".as_slice(), token.repeat(count).as_bytes(), b"\xff"].concat();
    repo.stage("b", with(1));
    repo.commit_unseen();
    repo.stage("b", [with(1), b"\nmore".to_vec()].concat());
    repo.commit().succeeds();
    repo.stage("b", with(2));
    repo.commit().blocks();
}

#[test]
fn text_that_only_looks_like_a_token_passes() {
    let repo = Repo::new();
    for kind in dtguard::token::KINDS {
        if let Some(identifier) = repo.token(kind.id, 1).identifier() {
            repo.stage(
                &format!("id-{}", kind.id),
                format!("client = {identifier}\nlog: {identifier}, next\n"),
            );
        }
    }
    repo.stage(
        "fakes",
        [
            "dt0c01.abc123.abcdefjhij1234567890",
            &format!("dt0c01.{}.{}", "X".repeat(24), "X".repeat(64)),
            &format!("dt0e01.{}.{}", "0".repeat(24), "0".repeat(64)),
            &format!("dt0s16.{}.{}", "ABCDEFGH", "ABCDEFGHIJKLMNOP".repeat(4)),
            "dt0c01.YOUR_TOKEN_HERE",
            "dt0s16.SAMPLE.abcd1234",
            "dt0c01.########.########",
            "dt0a01...",
            "DT_API_TOKEN=${DT_API_TOKEN}",
            "DT_API_TOKEN={{ .Values.dynatrace.token }}",
            "DT_API_TOKEN=<your-dynatrace-token>",
            "DT_API_TOKEN=$(vault kv get dynatrace)",
            "DT_API_TOKEN: ${{ secrets.DYNATRACE_API_TOKEN }}",
            "DT_CONNECTION_AUTH_TOKEN_SECRETS_MANAGER_ARN=arn:aws:secretsmanager:eu-west-1:1:secret:dt",
            "DYNATRACE_ACCESS_KEY_SECRET_NAME=dynatraceAccessKeyXy",
            "CREDENTIALS_VAULT-0123456789ABCDEF",
        ]
        .join("\n"),
    );
    repo.commit().succeeds().says("3 fillers");
}

#[test]
fn a_moved_submodule_pointer_passes() {
    let repo = Repo::new();
    let library = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.git(&["submodule", "--quiet", "add", library.path.to_str().unwrap(), "lib"]).succeeds();
    repo.commit().succeeds();
    library.stage("t", &token);
    library.commit_unseen();
    repo.git(&["-C", "lib", "pull", "--quiet"]).succeeds();
    repo.git(&["add", "lib"]).succeeds();
    repo.commit().succeeds();
}

#[test]
fn what_is_not_staged_does_not_block() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("a", "clean\n");
    repo.write("a", format!("{token}\n"));
    repo.write("untracked", format!("{token}\n"));
    repo.commit().succeeds();
}

#[test]
fn an_intended_file_does_not_block_the_commit_of_another() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.write("later", &token);
    repo.git(&["add", "--intent-to-add", "later"]).succeeds();
    repo.stage("now", "clean\n");
    repo.commit().succeeds().says("1 staged file");
}

#[test]
fn a_quiet_run_says_nothing_when_it_passes_and_everything_when_it_blocks() {
    let repo = Repo::new();
    repo.stage("a", "clean\n");
    let ran = repo.dtguard(&["-q", "hook", "pre-commit"]).succeeds();
    assert_eq!(ran.stderr, "");
    let token = repo.token("dt0c01", 1).text;
    repo.stage("a", token);
    let ran = repo.dtguard(&["-q", "hook", "pre-commit"]).blocks();
    assert_eq!(ran.code, 1);
}

#[test]
fn success_is_silent_where_git_is_configured_so_and_nothing_else_is() {
    let repo = Repo::new();
    repo.stage("a", "clean\n");
    repo.git(&["config", "dtguard.quiet", "yes"]).succeeds();
    repo.dtguard(&["hook", "pre-commit"]).succeeds().says_nothing();
    repo.dtguard(&["scan"]).succeeds().says_nothing();
    repo.dtguard(&["policy", "check"]).succeeds().says_nothing();
    repo.dtguard(&["-v", "scan"]).succeeds().says("no Dynatrace token");
    let over =
        [("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "dtguard.quiet"), ("GIT_CONFIG_VALUE_0", "0")];
    repo.dtguard_in(&repo.path, &over, &["scan"]).succeeds().says("no Dynatrace token");
    let token = repo.token("dt0c01", 1);
    repo.write("b", &token.text);
    repo.dtguard(&["scan", "b"]).says("1 token blocked");
    let allow = ["allow", token.identifier().unwrap(), "--reason", "an example"];
    repo.dtguard(&allow).succeeds().says_nothing();
    // A bomb of a member cannot be read: that is said, although it passes.
    repo.write("c.7z", b"7z\xbc\xaf\x27\x1c\x00\x04");
    repo.dtguard(&["scan", "c.7z"]).succeeds().says("could not be scanned");
    repo.write(".dtguard.toml", "version = 2\n");
    repo.dtguard(&["scan"]).refuses("version");
}

#[test]
fn a_setting_that_is_neither_yes_nor_no_is_reported_and_silences_nothing() {
    let repo = Repo::new();
    repo.stage("a", "clean\n");
    repo.git(&["config", "dtguard.quiet", "maybe"]).succeeds();
    let ran = repo.dtguard(&["hook", "pre-commit"]).succeeds().says("no Dynatrace token");
    ran.says("maybe").says("git config --show-origin --get-all dtguard.quiet");
    // libgit2 reads it where no variable moves git's files.
    let mut usual = hermetic(DTGUARD, &repo.path);
    usual.args(["hook", "pre-commit"]).env("XDG_CONFIG_HOME", repo.outside()).env("HOME", repo.outside());
    usual.env_remove("GIT_CONFIG_NOSYSTEM").env_remove("GIT_CONFIG_GLOBAL");
    let said = |usual: &mut Command| String::from_utf8(usual.output().unwrap().stderr).unwrap();
    assert!(said(&mut usual).contains("maybe"));
    for (value, silent) in [("true", true), ("on", true), ("1", true), ("0", false), ("", false)] {
        repo.git(&["config", "dtguard.quiet", value]).succeeds();
        assert_eq!(said(&mut usual).is_empty(), silent, "{value:?}");
        assert_eq!(repo.dtguard(&["hook", "pre-commit"]).stderr.is_empty(), silent, "{value:?}");
    }
}
