//! `[coverage] unread = "block"` holds for names, messages and commits as it does for
//! files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use dtguard::install::Stage;

use super::support::Repo;

const BLOCK: &str = "version = 1\n[coverage]\nunread = \"block\"\n";

/// An archive that nothing here opens, written in letters, digits and `+`.
fn sealed() -> String {
    let archive = |fill: u8| [b"7z\xbc\xaf\x27\x1c\0\x04".as_slice(), &[fill; 52]].concat();
    let texts = (0..=255).map(|fill| STANDARD.encode(archive(fill)));
    texts.into_iter().find(|text| !text.contains(['/', '='])).unwrap()
}

/// A repository whose policy, which is committed, blocks what could not be scanned.
fn strict() -> Repo {
    let repo = Repo::new();
    repo.stage(".dtguard.toml", BLOCK);
    repo.commit_unseen();
    repo
}

#[test]
fn a_message_with_an_archive_that_cannot_be_opened_blocks_where_the_policy_says_so() {
    let guarded = |repo: Repo| {
        repo.install_hook(&repo.path.join(".git/hooks"), Stage::CommitMsg);
        repo.stage("f", "text\n");
        repo
    };
    let sealed = sealed();
    // Where it says nothing, it is reported.
    let repo = guarded(Repo::new());
    let ran = repo.git(&["commit", "-m", &sealed]).succeeds();
    ran.says("1 part could not be scanned").says("  message (compressed in a way that is not read)");
    let repo = guarded(strict());
    let before = repo.commits();
    let ran = repo.git(&["commit", "-m", &sealed]).refuses("blocked, 1 part could not be scanned");
    ran.says("  message (compressed in a way that is not read)");
    assert_eq!(repo.commits(), before);
}

#[test]
fn a_name_with_an_archive_that_cannot_be_opened_blocks_where_the_policy_says_so() {
    let repo = strict();
    let name = format!("d/{}.txt", sealed());
    repo.stage(&name, "text\n");
    repo.commit().refuses("1 part could not be scanned").says("its name");
    assert_eq!(repo.dtguard(&["scan"]).refuses("its name").code, 2);
    repo.commit_unseen();
    for scope in [&["--range", "HEAD~1..HEAD"][..], &["--rev", "HEAD"], &["--history"]] {
        let ran = repo.dtguard(&[&["scan"], scope].concat());
        assert_eq!(ran.refuses("its name").code, 2, "{scope:?}");
    }
}

#[test]
fn what_commits_and_tags_say_blocks_at_a_push_and_in_a_history_where_it_cannot_be_opened() {
    for by_author in [true, false] {
        let repo = strict();
        let sealed = sealed();
        repo.stage("f", "text\n");
        let (name, message) = if by_author { (&*sealed, "m") } else { ("Test", &*sealed) };
        let author = format!("user.name={name}");
        repo.git(&["-c", &author, "commit", "--no-verify", "-m", message]).succeeds();
        let commit = repo.git(&["rev-parse", "HEAD"]).stdout.trim().to_owned();
        let named = format!("message of {commit} (");
        for scope in [&["--range", "HEAD~1..HEAD"][..], &["--history"]] {
            let ran = repo.dtguard(&[&["scan"], scope].concat());
            assert_eq!(ran.refuses(&named).code, 2, "{scope:?}");
        }
        let server = repo.outside().join("server.git");
        repo.git(&["init", "--quiet", "--bare", server.to_str().unwrap()]).succeeds();
        for _again in 0..2 {
            repo.git(&["push", server.to_str().unwrap(), "main"]).refuses(&named);
        }
    }
    let repo = strict();
    repo.git(&["tag", "-a", "v1", "-m", &sealed()]).succeeds();
    assert_eq!(repo.dtguard(&["scan", "--history"]).refuses("message of refs/tags/v1 (").code, 2);
    let server = repo.outside().join("server.git");
    repo.git(&["init", "--quiet", "--bare", server.to_str().unwrap()]).succeeds();
    repo.git(&["push", server.to_str().unwrap(), "v1"]).refuses("message of refs/tags/v1 (");
}
