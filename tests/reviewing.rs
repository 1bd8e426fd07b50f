//! `dtguard baseline --review`: somebody answers for each token that a repository holds already.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::{fs, thread, time::Duration};

use super::support::{DTGUARD, Ran, Repo, hermetic};

/// A review, with `answers` as if they were typed.
fn review(repo: &Repo, options: &[&str], answers: &str) -> Ran {
    let mut command = hermetic(DTGUARD, &repo.path);
    command.args(["baseline", "--review"]).args(options);
    command.env("XDG_CONFIG_HOME", repo.outside().join("config"));
    repo.check(Ran::fed(&mut command, answers))
}

fn policy(repo: &Repo) -> String {
    fs::read_to_string(repo.path.join(".dtguard.toml")).unwrap_or_default()
}

/// A repository with one token in HEAD and one only in the history.
fn old_repository() -> (Repo, [String; 2]) {
    let repo = Repo::new();
    let tokens = [repo.token("dt0c01", 1), repo.token("dt0s16", 2)];
    repo.stage("gone.env", &tokens[1].text);
    repo.commit_unseen();
    repo.git(&["rm", "--quiet", "gone.env"]).succeeds();
    repo.stage("app.env", format!("TOKEN={}\n", tokens[0].text));
    repo.commit_unseen();
    (repo, tokens.map(|token| token.identifier().unwrap().to_owned()))
}

#[test]
fn each_old_token_is_shown_with_its_place_and_its_answer_becomes_an_entry() {
    let (repo, [current, gone]) = old_repository();
    let ran =
        review(&repo, &[], "r\n\nops\n2999-12-31\nfalse alarm\n...\na made-up one\n\nnone\n").succeeds();
    let at = |text: &str| ran.stderr.find(text).unwrap_or_else(|| panic!("{text}: {}", ran.stderr));
    // What is in use comes first.
    let order = [
        "1 of 2: Access token",
        "app.env:1:7",
        "TOKEN=dt0c01",
        "still in HEAD",
        "2 of 2: Platform",
        "gone.env:1:1",
        "no longer in HEAD",
    ];
    assert!(order.windows(2).all(|pair| at(pair[0]) <= at(pair[1])), "{}", ran.stderr);
    let ran = ran.says("Reason [revoked]:").says("this is still to be written").says("Owner [ops]:");
    ran.says("wrote 2 entries").says_not("Still blocking").says("git add :/.dtguard.toml");
    let written = format!(
        "version = 1\n\n[[allow]]\nid = \"{current}\"\nreason = \"revoked\"\nowner = \"ops\"\nexpires = 2999-12-31\n\n[[allow]]\nid = \"{gone}\"\nreason = \"a made-up one\"\nowner = \"ops\"\n"
    );
    assert_eq!(policy(&repo), written);
    repo.git(&["add", ".dtguard.toml"]).succeeds();
    repo.dtguard(&["scan", "--history"]).succeeds();
    review(&repo, &[], "").succeeds().says("nothing to review").says_not("1 of");
}

#[test]
fn a_stopped_review_keeps_what_was_answered_and_goes_on_where_it_stopped() {
    let (repo, [current, gone]) = old_repository();
    review(&repo, &[], "s\n").succeeds().says("Still blocking: 0 kept now, 0 kept before, 2 for later");
    // In the middle of an entry nothing is written.
    for answers in ["", "f\n", "f\nwhy not\n", "f\nwhy not\nme\n", "l\n", "?\nx\n"] {
        review(&repo, &[], answers).succeeds().says("wrote 0 entries").says("baseline --review");
        assert_eq!(policy(&repo), "", "{answers:?}");
    }
    review(&repo, &[], "k\n").succeeds().says("1 kept now, 0 kept before, 1 for later");
    let ran = review(&repo, &["--owner", "qa"], "r\n\n\n\n").succeeds();
    ran.says("1 of 1: Platform token")
        .says_not(&current)
        .says("0 kept now, 1 kept before, 0 for later")
        .says_not("To go on");
    assert!(policy(&repo).ends_with(&format!("id = \"{gone}\"\nreason = \"revoked\"\nowner = \"qa\"\n")));
    // The token that is kept still blocks, and is asked for again once nobody remembers.
    repo.dtguard(&["scan", "--history"]).blocks().says(&current);
    fs::remove_file(repo.path.join(".git/dtguard/kept")).unwrap();
    review(&repo, &[], "s\n").succeeds().says("1 of 1: Access token");
}

#[test]
fn what_the_policy_above_demands_is_asked_for_again_and_not_lost() {
    let (repo, [current, _]) = old_repository();
    let above = repo.outside().join("config/dtguard");
    fs::create_dir_all(&above).unwrap();
    let grant = "version = 1\n[grant]\nallow = [\"id\"]\nrequire = [\"owner\"]\n";
    fs::write(above.join("policy.toml"), grant).unwrap();
    let ran = review(&repo, &[], "r\n\n\n\nr\n\nme\n\ns\n").succeeds();
    ran.says("this entry needs an owner").says("wrote 1 entry");
    assert!(policy(&repo).contains(&format!("id = \"{current}\"\nreason = \"revoked\"\nowner = \"me\"")));
}

#[test]
fn an_entry_that_expired_needs_a_new_last_day() {
    let (repo, [current, _]) = old_repository();
    let entry = format!("version = 1\n[[allow]]\nid = \"{current}\"\nreason = \"r\"\nexpires = 2020-01-01\n");
    repo.write(".dtguard.toml", &entry);
    let ran = review(&repo, &[], "r\n\n\n\nr\n\n\n2020-02-02\n2999-01-01\n").succeeds();
    ran.says("until 2020-01-01; that entry has expired")
        .says("expired on 2020-01-01")
        .says("that day is over");
    assert!(policy(&repo).contains("reason = \"revoked\"\nexpires = 2999-01-01"), "{}", policy(&repo));
}

#[test]
fn a_token_that_is_typed_as_a_reason_reaches_no_file() {
    let (repo, _) = old_repository();
    let other = repo.token("dt0c01", 7).text;
    let ran = review(&repo, &[], &format!("f\n{other}\nwhy not\n\n\ns\n")).succeeds();
    ran.says("holds a token").says("wrote 1 entry");
    assert!(policy(&repo).contains("reason = \"why not\""));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_review_that_waits_for_an_answer_and_keeps_the_answers_before_it() {
    let (repo, [current, _]) = old_repository();
    let mut command = hermetic(DTGUARD, &repo.path);
    command.args(["baseline", "--review"]).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"r\n\n\n\n").unwrap();
    while !policy(&repo).contains(&current) {
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(50));
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    drop(input);
    assert_eq!(policy(&repo).matches("[[allow]]").count(), 1);
}
