//! The hour after a leak: `dtguard respond`.

use std::process::Stdio;

use dtguard::token::{KINDS, Kind, Revocation};

use crate::support::encoders::dressed;
use crate::support::stub::{Request, Stub};
use crate::support::{Repo, hermetic};

/// The commands that `text` begins at the first column, as a script.
fn commands(text: &str) -> String {
    let is_command = |line: &&str| {
        ["curl ", "url=", "DT_", "read ", "  -H ", "  \"http", "  \"$url"]
            .iter()
            .any(|start| line.starts_with(start))
    };
    text.lines().filter(is_command).map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_leak_is_answered_with_its_places_its_environment_and_calls_that_fit_the_terminal() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let identifier = token.identifier().unwrap();
    repo.stage("deploy/prod.env", format!("DT_API_TOKEN={}\n", token.text));
    repo.stage("deploy/other.yaml", "url: https://abc12345.live.dynatrace.com/api\n");
    repo.stage("far/away.yaml", "url: https://zzz99999.live.dynatrace.com/api\n");
    repo.commit_unseen();
    repo.git(&["rm", "--quiet", "deploy/prod.env"]).succeeds();
    repo.git(&["commit", "--quiet", "--no-verify", "-m", "gone"]).succeeds();
    let ran = repo.dtguard(&["respond", identifier]).succeeds();
    for said in [
        "Access token",
        "Opens: ",
        "\nDT_ENVIRONMENT=abc12345.live.dynatrace.com\n",
        "(named in deploy/other.yaml)",
        "\ncurl -fX DELETE -H \"Authorization: Api-Token $DT_TOKEN\" \\\n",
        "deploy/prod.env:1:14",
        "no longer in HEAD",
        "| filter authentication.token == ",
        "dtguard scan --history --format filter-repo",
    ] {
        assert!(ran.stdout.contains(said), "{said}: {}", ran.stdout);
    }
    assert!(!ran.stdout.contains("zzz99999"), "{}", ran.stdout);
    let calls = commands(&ran.stdout);
    assert!(calls.lines().all(|line| line.len() <= 80), "{calls}");
    // A fingerprint, or in the wrong place the whole token, means the same.
    let report = repo.dtguard(&["scan", "--history", "--format", "json"]).stdout;
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let fingerprint = report["findings"][0]["fingerprint"].as_str().unwrap();
    assert_eq!(repo.dtguard(&["respond", fingerprint]).succeeds().stdout, ran.stdout);
    assert_eq!(repo.dtguard(&["respond", &token.text]).says("shell's history").stdout, ran.stdout);
}

#[test]
fn the_environment_that_the_leaked_file_names_comes_before_those_beside_it_and_a_foreign_host_is_doubted() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let own = "dt.example.com/e/01234567-89ab-cdef-0123-456789abcdef";
    repo.stage("a.env", format!("T={}\nU=https://{own}/api\n", token.text));
    repo.stage("b.env", "U=https://abc12345.live.dynatrace.com\n");
    // Staged is enough: a blocked commit left it there.
    let said = repo.dtguard(&["respond", token.identifier().unwrap()]).succeeds().stdout;
    assert!(said.contains(&format!("\nDT_ENVIRONMENT={own}\n")) && !said.contains("abc12345"), "{said}");
    assert!(said.contains("Check that this host is yours"), "{said}");
    repo.stage(
        "a.env",
        format!("T={}\nU=abc12345.live.dynatrace.com def67890.apps.dynatrace.com\n", token.text),
    );
    let said = repo.dtguard(&["respond", token.identifier().unwrap()]).succeeds().stdout;
    assert!(said.contains("One of these"), "{said}");
    assert!(said.contains("=abc12345.live.") && said.contains("=def67890.live."), "{said}");
}

#[test]
fn what_could_not_be_searched_is_no_all_clear() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let identifier = token.identifier().unwrap();
    let said = repo.dtguard(&["respond", identifier]).succeeds().stdout;
    assert!(said.contains("Nowhere: in no version"), "{said}");
    let ran = repo.dtguard_in(repo.outside(), &[], &["respond", identifier]);
    assert!(ran.code == 2 && ran.stdout.contains("not everything could be"), "{ran:?}");
    assert!(ran.stdout.contains("curl -fX DELETE"), "what does not depend on it is still said");
    repo.dtguard(&["respond", "nonsense"]).refuses("neither a token identifier nor a fingerprint");
    repo.dtguard(&["respond", &"0".repeat(64)]).refuses("its kind is not known");
}

#[test]
fn a_block_names_the_command_that_walks_through_the_rest() {
    let repo = Repo::new();
    let token = repo.token("dt0s16", 1);
    repo.stage("f", &token.text);
    repo.commit().blocks().says(&format!("dtguard respond {}", token.identifier().unwrap()));
}

/// The commands of `said`, with what they need, against a server at `host`.
fn pasted(said: &str, host: &str) -> String {
    commands(said)
        .replace("read -rs DT_TOKEN", "DT_TOKEN=own")
        .replace("https://", "http://")
        .replace("abc12345.live.dynatrace.com", host)
        .replace("abc12345.apps.dynatrace.com", host)
        .replace("api.dynatrace.com", host)
        .replace("DT_CLUSTER=\n", &format!("DT_CLUSTER={host}\n"))
        .replace("DT_ACCOUNT=\n", "DT_ACCOUNT=a-1\n")
        .replace("DT_TOKEN_ID=\n", "DT_TOKEN_ID=t-1\n")
        .replace("DT_EDGE_CONNECT=\n", "DT_EDGE_CONNECT=e-1\n")
}

/// Method, path and body of the calls for a token of `kind` with this `identifier`.
fn wanted(kind: &Kind, identifier: &str) -> Vec<(String, String)> {
    let calls = kind.revoke.iter().filter_map(|way| match way {
        Revocation::Call { request, .. } if !request.contains('…') => Some(*request),
        _ => None,
    });
    let audit = "GET https://{environment}/api/v2/auditlogs?from=now-30d&filter=user(%22{id}%22)";
    calls
        .chain((kind.id == "dynatrace-access-token").then_some(audit))
        .map(|request| {
            let (method, rest) = request.split_once(' ').unwrap();
            let (address, body) = rest.split_once(' ').unwrap_or((rest, ""));
            let path = address.splitn(4, '/').nth(3).unwrap().replace("{id}", identifier);
            let path = path.replace("{accountUuid}", "a-1").replace("{tokenId}", "t-1");
            (format!("{method} /{}", path.replace("{edgeConnectId}", "e-1")), body.to_owned())
        })
        .collect()
}

#[test]
#[ignore = "needs curl; .ci/run runs it"]
fn all_that_is_printed_can_be_pasted_and_calls_what_the_catalogue_names() {
    let stub = Stub::new();
    for kind in KINDS {
        let repo = Repo::new();
        let token = repo.token(kind.id, 1);
        let (text, _) = dressed(kind, &token.text);
        repo.stage("f", format!("dynatrace {text}\n# https://abc12345.live.dynatrace.com\n"));
        repo.commit_unseen();
        let report = repo.dtguard(&["scan", "--history", "--format", "json"]).stdout;
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        let finding = &report["findings"][0];
        assert_eq!(finding["kind"], kind.id, "{report}");
        let said = repo.dtguard(&["respond", finding["fingerprint"].as_str().unwrap()]).succeeds().stdout;
        let script = pasted(&said, &stub.host());
        let mut shell = hermetic("sh", &repo.path);
        shell.args(["-ec", &script]).stdout(Stdio::null()).stderr(Stdio::piped());
        let child = shell.spawn().unwrap();
        for (call, body) in wanted(kind, finding["identifier"].as_str().unwrap_or_default()) {
            let Request { head, body: sent } = stub.take();
            assert!(head.starts_with(&format!("{call} HTTP/1.1\r\n")), "{head} {call}");
            assert!(head.contains(" own\r\n") && sent == body, "{head} {sent}");
        }
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// What `dtguard respond` says about taking `identifier` out.
fn removal(repo: &Repo, identifier: &str) -> String {
    let said = repo.dtguard(&["respond", identifier]).succeeds().stdout;
    said.split_once("\nTake it out\n").map(|(_, removal)| removal.to_owned()).unwrap_or_default()
}

#[test]
fn a_history_is_rewritten_only_where_no_simpler_way_takes_the_token_out() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let identifier = token.identifier().unwrap();
    let (add, amend, rewrite) = ("\ngit add -- 'a b.env'\n", "\ngit commit --amend\n", "filter-repo");
    assert_eq!(removal(&repo, identifier), "");
    let said = |text: &str| repo.dtguard(&["respond", identifier]).succeeds().stdout.contains(text);
    assert!(said("\ndtguard scan --untracked\n"));

    repo.stage("a b.env", format!("T={}\n", token.text));
    let staged = removal(&repo, identifier);
    assert!(staged.contains(add) && !staged.contains(amend) && !staged.contains(rewrite), "{staged}");
    assert!(said("in 1 version, staged; in no commit\n"));

    repo.commit_unseen();
    let last = removal(&repo, identifier);
    assert!(last.contains(add) && last.contains(amend) && !last.contains(rewrite), "{last}");

    // Once a remote has the commit, another one cannot replace it.
    repo.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]).succeeds();
    let pushed = removal(&repo, identifier);
    assert!(pushed.contains(add) && !pushed.contains(amend) && pushed.contains(rewrite), "{pushed}");
    repo.git(&["update-ref", "-d", "refs/remotes/origin/main"]).succeeds();

    repo.stage("a b.env", "T=$T\n");
    repo.git(&["commit", "--quiet", "--no-verify", "--amend", "-m", "amended"]).succeeds();
    let replaced = removal(&repo, identifier);
    assert!(replaced.contains("only the reflog") && !replaced.contains("dtguard scan"), "{replaced}");

    repo.stage("a b.env", format!("T={}\n", token.text));
    repo.commit_unseen();
    repo.git(&["rm", "--quiet", "a b.env"]).succeeds();
    repo.git(&["commit", "--quiet", "--no-verify", "-m", "gone"]).succeeds();
    let older = removal(&repo, identifier);
    assert!(!older.contains("git add") && !older.contains(amend) && older.contains(rewrite), "{older}");
}
