//! What `dtguard explain` tells about a kind.

use dtguard::token::KINDS;

use crate::support::Repo;

#[test]
fn the_table_names_every_kind() {
    let repo = Repo::unborn();
    let table = repo.dtguard(&["explain"]).succeeds().stdout;
    for kind in KINDS {
        assert!(table.contains(&kind.label()), "{}", kind.id);
    }
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
}

#[test]
fn a_kind_is_explained_by_prefix_id_and_identifier() {
    let repo = Repo::unborn();
    for asked in ["dt0s16", "dynatrace-platform-token", "DT0S16"] {
        let text = repo.dtguard(&["explain", asked]).succeeds().stdout;
        assert!(text.contains("Platform token") && text.contains("/platform-tokens/IDENTIFIER"), "{text}");
    }
    let text = repo.dtguard(&["explain", "dt0s16.TYUHJKNM"]).succeeds().stdout;
    assert!(text.contains(
        "DELETE https://api.dynatrace.com/iam/v1/accounts/{accountUuid}/platform-tokens/dt0s16.TYUHJKNM"
    ));
    assert!(text.contains("account-idm-write"));
    let text = repo.dtguard(&["explain", "dt0z99"]).succeeds().stdout;
    assert!(text.contains("not documented"), "{text}");
}

#[test]
fn a_whole_token_is_explained_without_being_repeated() {
    let repo = Repo::unborn();
    let token = repo.token("dt0c01", 1);
    let ran = repo.dtguard(&["explain", &token.text]).succeeds().says("shell's history");
    assert!(ran.stdout.contains(token.identifier().unwrap()));
}

#[test]
fn output_that_nobody_reads_is_no_error() {
    let repo = Repo::unborn();
    let mut explain = crate::support::hermetic("sh", &repo.path);
    explain.args(["-c", &format!("'{}' explain --markdown; echo $? >&2", crate::support::DTGUARD)]);
    let mut child =
        explain.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "0\n");
}
