//! Tokens leave a history: what `dtguard scan --format filter-repo` gives to git filter-repo,
//! and what it must never do with the secret parts that this takes.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use crate::support::encoders::{ENCODERS, Random};
use crate::support::glued::GLUED;
use crate::support::{DTGUARD, Ran, Repo, hermetic, packers};

fn rewrite(repo: &Repo, output: &Path) -> Ran {
    let output = output.to_str().unwrap();
    repo.dtguard(&["scan", "--history", "--format", "filter-repo", "--output", output])
}

#[test]
fn the_expressions_go_to_a_new_file_outside_of_every_repository_and_nowhere_else() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    repo.stage("f", format!("a={}\n", token.text));
    repo.commit_unseen();
    let format = ["scan", "--history", "--format", "filter-repo"];
    repo.dtguard(&format).refuses("a file of its own");
    repo.dtguard(&["scan", "--format", "filter-repo", "--output", "../x"]).refuses("for a history");
    for path in ["x", ".git/x", ".git/objects/x", "-", "/dev/stdout", "/dev/stderr", "../repo/x"] {
        let ran = rewrite(&repo, Path::new(path)).refuses("secret parts are not written");
        assert_eq!((ran.code, &*ran.stdout), (2, ""), "{path}");
    }
    let output = repo.outside().join("expressions.txt");
    let ran = rewrite(&repo, &output).says("Revoke the tokens first").says("Delete it");
    assert_eq!((ran.code, &*ran.stdout), (1, ""));
    let written = fs::read_to_string(&output).unwrap();
    assert_eq!(written, format!("literal:{}==>********\n", token.secret()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(output.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    // What is there may be open to others.
    rewrite(&repo, &output).refuses("it is there already");
    assert_eq!(fs::read_to_string(&output).unwrap(), written);
}

#[test]
fn of_a_history_without_a_token_to_take_out_no_file_is_left() {
    let repo = Repo::new();
    let output = repo.outside().join("expressions.txt");
    rewrite(&repo, &output).succeeds();
    assert!(!output.exists());
    // What the policy lets pass stays in the history.
    let token = repo.token("dt0c01", 1);
    repo.dtguard(&["allow", token.identifier().unwrap(), "--reason", "a test"]).succeeds();
    repo.stage("f", &token.text);
    repo.commit_unseen();
    rewrite(&repo, &output).succeeds();
    assert!(!output.exists());
}

#[test]
fn what_no_expression_can_take_out_is_named_and_is_exit_code_2() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let identifier = token.identifier().unwrap();
    repo.stage("packed.gz", packers::gzip(token.text.as_bytes()));
    repo.stage("wide", token.text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    repo.stage(&format!("named-{}", token.text), "x\n");
    let author = format!("--author=A <{}@localhost>", token.text);
    repo.git(&["commit", "--quiet", "--no-verify", &author, "-m", "m"]).succeeds();
    let output = repo.outside().join("expressions.txt");
    let ran = rewrite(&repo, &output);
    for why in [
        "in an archive or a compressed file",
        "in a binary file",
        "in a name",
        "in the header of a commit or a tag",
    ] {
        assert!(ran.stderr.contains(&format!("({why})")), "{why}: {}", ran.stderr);
    }
    assert!(ran.code == 2 && !output.exists(), "{}", ran.stderr);
    // What is beside it is covered too.
    repo.stage("plain", format!("{}\n", token.text));
    repo.commit_unseen();
    assert_eq!(rewrite(&repo, &output).says(identifier).code, 2);
    assert!(fs::read_to_string(&output).unwrap().contains(token.secret()));
}

/// All blobs of the commits that `HEAD` reaches, by path and in order.
fn versions(repo: &Repo, folder: &Path) -> Vec<(String, Vec<u8>)> {
    let git = |arguments: &[&str]| hermetic("git", folder).args(arguments).output().unwrap().stdout;
    let commits = repo.git_in(folder, &[], &["rev-list", "--reverse", "HEAD"]).stdout;
    let mut all = Vec::new();
    for commit in commits.lines() {
        let names = String::from_utf8(git(&["ls-tree", "-r", "--name-only", commit])).unwrap();
        all.extend(
            names
                .lines()
                .map(|name| (name.to_owned(), git(&["cat-file", "blob", &format!("{commit}:{name}")]))),
        );
    }
    all
}

/// What `dtguard mask` makes of `content`.
fn masked(repo: &Repo, content: &[u8]) -> Vec<u8> {
    let mut mask = hermetic(DTGUARD, &repo.path);
    mask.arg("mask").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = mask.spawn().unwrap();
    child.stdin.take().unwrap().write_all(content).unwrap();
    child.wait_with_output().unwrap().stdout
}

#[test]
#[ignore = "needs git-filter-repo; .ci/run runs it"]
fn the_real_git_filter_repo_takes_out_the_secret_parts_and_leaves_every_other_byte() {
    let repo = Repo::new();
    let mut written = 0;
    for (number, encoder) in ENCODERS.iter().enumerate() {
        let token = repo.token("dt0c01", 100 + number as u64).text;
        let text = format!("first line of {}\nDT_API_TOKEN={token}\nlast line\n", encoder.what);
        let bytes = (encoder.write)(text.as_bytes(), &mut Random(number as u64)).bytes;
        if bytes.contains(&0) {
            continue;
        }
        let around = [b"before ", &bytes[..], b"\nafter\n"].concat();
        if dtguard::find::find(&around).iter().any(|found| !found.encodings.is_packed()) {
            repo.stage(&format!("encoded-{number}"), around);
            written += 1;
        }
    }
    for (number, glued) in GLUED.iter().enumerate() {
        let token = repo.token("dt0c01", 500 + number as u64).text;
        let pieces: Vec<_> =
            token.as_bytes().chunks(19).map(|piece| str::from_utf8(piece).unwrap()).collect();
        let text = format!("these words\n{} ;\nthese words\n", (glued.write)(&pieces));
        if !dtguard::find::find(text.as_bytes()).is_empty() && !text.contains('\0') {
            repo.stage(&format!("glued-{number}"), text);
            written += 1;
        }
    }
    let all = ENCODERS.len() + GLUED.len();
    assert!(written > all * 3 / 4, "{written} of {all}");
    let token = repo.token("dt0s16", 1).text;
    repo.stage("plain", [format!("a={token}\r\nb={token} ==> ").as_bytes(), b"\xff\n"].concat());
    repo.stage("pieces", format!("x = '{}' + // why\n  '{}';\n", &token[..40], &token[40..]));
    repo.commit_unseen();
    repo.stage("plain", "no token any more\n");
    let message = format!("Take out {token}\n\nand more\n");
    repo.git(&["commit", "--quiet", "--no-verify", "-m", &message]).succeeds();
    repo.git(&["tag", "-a", "v1", "-m", &format!("with {token}")]).succeeds();
    let wanted: Vec<_> = versions(&repo, &repo.path)
        .into_iter()
        .map(|(name, content)| (name, masked(&repo, &content)))
        .collect();

    let clone = repo.outside().join("clone");
    repo.git_in(repo.outside(), &[], &["clone", "--quiet", "--no-local", "repo", "clone"]).succeeds();
    let output = repo.outside().join("expressions.txt");
    let path = output.to_str().unwrap();
    let scan = ["scan", "--history", "--format", "filter-repo", "--output", path];
    let ran = repo.dtguard_in(&clone, &[], &scan);
    assert_eq!(ran.code, 1, "all of it is covered: {}", ran.stderr);
    let mut filter = hermetic("git", &clone);
    filter.args(["filter-repo", "--replace-text", path, "--replace-message", path]);
    let ran = repo.check(Ran::of(filter.output().unwrap()));
    assert_eq!(ran.code, 0, "is git-filter-repo on PATH? {}", ran.stderr);
    repo.dtguard_in(&clone, &[], &["scan", "--history", "--unreachable"]).succeeds();
    let new = versions(&repo, &clone);
    assert!(new.len() == wanted.len() && new.len() > written);
    for ((name, new), (old_name, wanted)) in new.iter().zip(&wanted) {
        assert_eq!(name, old_name);
        assert_eq!(new.escape_ascii().to_string(), wanted.escape_ascii().to_string(), "{name}");
    }
    let said = repo.git_in(&clone, &[], &["log", "-1", "--format=%B"]).stdout;
    let identifier = token.rsplit_once('.').unwrap().0;
    assert_eq!(said.trim_end(), format!("Take out {identifier}.********\n\nand more"));
}
