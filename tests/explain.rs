//! What `dtguard explain` says about a kind.

use dtguard::token::{KINDS, Kind, Revocation, specimen};

use crate::support::stub::{Request, Stub};
use crate::support::{Repo, hermetic};

#[test]
fn the_table_names_every_kind() {
    let repo = Repo::unborn();
    let table = repo.dtguard(&["explain"]).succeeds().stdout;
    for kind in KINDS {
        assert!(table.contains(&kind.label()), "{}", kind.id);
    }
    // Into a pipe each has one line, for grep.
    let is_row = |kind: &Kind, line: &str| line.starts_with(&kind.label()) && line.ends_with(kind.name);
    assert!(KINDS.iter().all(|kind| table.lines().any(|line| is_row(kind, line))), "{table}");
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

/// The commands of curl that `explain` prints for the first identifier of each kind: the
/// kind's call, and the command.
fn commands(repo: &Repo) -> Vec<(String, String)> {
    let mut commands = Vec::new();
    for kind in KINDS {
        let token = specimen(kind, 1);
        let asked = token.identifier().unwrap_or(kind.id);
        let text = repo.dtguard(&["explain", asked]).succeeds().stdout;
        let mut lines = text.lines().map(str::trim);
        let mut call = String::new();
        while let Some(line) = lines.next() {
            if !line.starts_with("curl ") && !line.starts_with("url=") {
                call = if line.starts_with('(') { call } else { line.to_owned() };
                continue;
            }
            let mut command = line.to_owned();
            while command.ends_with('\\') || !command.contains("curl ") {
                command = format!("{command}\n{}", lines.next().unwrap());
            }
            commands.push((call.clone(), command));
        }
    }
    commands
}

#[test]
fn each_call_that_revokes_a_token_can_be_pasted_and_takes_no_secret() {
    let repo = Repo::unborn();
    let commands = commands(&repo);
    for (call, command) in &commands {
        assert!(command.lines().all(|line| line.len() <= 74), "{command}");
        assert!(call.split_once(' ').is_some_and(|(method, _)| command.contains(&format!("-fX {method} "))));
        assert!(!command.contains(['{', '}']) || command.contains("-d '{"), "{command}");
    }
    let calls = KINDS.iter().flat_map(|kind| kind.revoke).filter(|way| match way {
        Revocation::Call { request, .. } => !request.contains('…'),
        Revocation::Step(_) => false,
    });
    assert_eq!(commands.len(), calls.count());
}

#[test]
#[ignore = "needs curl; .ci/run runs it"]
fn each_pasted_call_sends_the_method_path_header_and_body_that_the_catalogue_names() {
    let repo = Repo::unborn();
    let server = Stub::new();
    let host = server.host();
    for (call, command) in commands(&repo) {
        let command = command.replace("https://api.dynatrace.com", &format!("https://{host}"));
        let mut curl = hermetic("sh", &repo.path);
        for variable in ["DT_ENVIRONMENT", "DT_APPS", "DT_CLUSTER"] {
            curl.env(variable, &host);
        }
        for (variable, value) in [("DT_ACCOUNT", "a-1"), ("DT_TOKEN_ID", "t-1"), ("DT_EDGE_CONNECT", "e-1")] {
            curl.env(variable, value);
        }
        curl.env("DT_TOKEN", "own").args(["-c", &command.replace("https://", "http://")]);
        let mut child =
            curl.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
        let Request { head, body } = server.take();
        assert!(child.wait().unwrap().success(), "{command}");

        let (method, rest) = call.split_once(' ').unwrap();
        let (address, wanted) = rest.split_once(' ').unwrap_or((rest, ""));
        let path = address.splitn(4, '/').nth(3).unwrap();
        let path = path
            .replace("{accountUuid}", "a-1")
            .replace("{tokenId}", "t-1")
            .replace("{edgeConnectId}", "e-1");
        assert!(head.starts_with(&format!("{method} /{path} HTTP/1.1\r\n")), "{head}");
        let scheme =
            if command.contains("DT_APPS") || address.contains("//api.") { "Bearer" } else { "Api-Token" };
        assert!(head.contains(&format!("Authorization: {scheme} own\r\n")), "{head}");
        assert_eq!(body, wanted);
    }
}
