//! What everything else hangs on cannot be read: a pushed tip, a tag, the tree of a commit,
//! HEAD's, the index, a policy. What can be read is searched and reported in every format,
//! what cannot is named, and nothing passes.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

use super::support::{DTGUARD, Ran, Repo, hermetic};

/// How much is left of an object's file: not even its header, or all but its end.
const CUTS: [fn(usize) -> usize; 2] = [|_| 3, |length| length - 4];

const FORMATS: [&str; 5] = ["json", "sarif", "github", "gitlab", "junit"];

fn id(repo: &Repo, revision: &str) -> String {
    repo.git(&["rev-parse", "--verify", revision]).succeeds().stdout.trim().to_owned()
}

/// The file of a loose object.
fn file(repo: &Repo, id: &str) -> PathBuf {
    let git_dir = repo.git(&["rev-parse", "--absolute-git-dir"]).stdout;
    PathBuf::from(git_dir.trim()).join("objects").join(&id[..2]).join(&id[2..])
}

/// Cuts the file of the object `id`, has `check` try what that does, and mends it again.
#[track_caller]
fn without(repo: &Repo, id: &str, check: impl Fn(&str)) {
    let file = file(repo, id);
    let whole = fs::read(&file).unwrap();
    for cut in CUTS {
        fs::remove_file(&file).unwrap();
        fs::write(&file, &whole[..cut(whole.len())]).unwrap();
        check(id);
        fs::remove_file(&file).unwrap();
        fs::write(&file, &whole).unwrap();
    }
}

/// Runs a hook and writes `input` to it.
fn hook(repo: &Repo, arguments: &[&str], input: &str) -> Ran {
    let mut command = hermetic(DTGUARD, &repo.path);
    command.arg("hook").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    repo.check(Ran::of(child.wait_with_output().unwrap()))
}

/// Checks that `scan ARGUMENTS` ends with `code` in every format, and that each report names
/// what could not be read, `unread`, and what was found, `token`.
#[track_caller]
fn in_each_format(repo: &Repo, arguments: &[&str], code: i32, unread: &str, token: Option<&str>) {
    let scan = [&["scan"], arguments].concat();
    let human = repo.dtguard(&scan).says("cannot read").says(unread);
    assert_eq!(human.code, code, "{}", human.stderr);
    assert!(token.is_none_or(|token| human.stderr.contains(token)), "{}", human.stderr);
    for format in FORMATS {
        let ran = repo.dtguard(&[&scan[..], &["--format", format]].concat());
        assert_eq!(ran.code, code, "{format}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains(unread), "{format}: {unread}: {}", ran.stdout);
        assert!(token.is_none_or(|token| ran.stdout.contains(token)), "{format}: {}", ran.stdout);
    }
}

/// A repository with a token in the commit before HEAD, and its identifier.
fn tainted() -> (Repo, String) {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    repo.stage("tainted", format!("x={}\n", token.text));
    repo.commit_unseen();
    repo.stage("deep/clean", "clean\n");
    repo.commit_unseen();
    (repo, token.identifier().unwrap().to_owned())
}

#[test]
fn a_tip_or_a_tag_that_cannot_be_read_hides_no_token_that_is_pushed_beside_it() {
    let (repo, token) = tainted();
    repo.git(&["checkout", "--quiet", "--orphan", "other"]).succeeds();
    repo.commit_unseen();
    repo.git(&["tag", "-a", "-m", "text", "v1", "main~2"]).succeeds();
    repo.git(&["tag", "-a", "-m", "text", "tree", "main^{tree}"]).succeeds();
    let zero = "0".repeat(40);
    let lines = |names: &[&str]| -> String {
        names.iter().map(|name| format!("{name} {} refs/x/{name} {zero}\n", id(&repo, name))).collect()
    };
    for name in ["other", "v1", "tree"] {
        let (alone, both) = (lines(&[name]), lines(&[name, "main"]));
        without(&repo, &id(&repo, name), |id| {
            let gap = format!("refs/x/{name} (object {id}");
            let push = ["pre-push", "origin", "url"];
            let ran = hook(&repo, &push, &alone).says("cannot read th").says(&gap);
            assert_eq!(ran.code, 2, "{name}: {}", ran.stderr);
            let ran = hook(&repo, &push, &both).says(&gap).says(&token);
            assert_eq!(ran.code, 1, "{name}: {}", ran.stderr);
        });
    }
    // Where it arrives: no reference has any of it.
    let bare = Repo::made_by(|bare| {
        let from = repo.path.to_str().unwrap();
        bare.git_in(bare.outside(), &[], &["clone", "--quiet", "--mirror", from, "repo"]).succeeds();
    });
    let arrives = |names: &[&str]| -> String {
        names.iter().map(|name| format!("{zero} {} refs/x/{name}\n", id(&repo, name))).collect()
    };
    bare.git(&["symbolic-ref", "HEAD", "refs/heads/none"]).succeeds();
    for name in ["main", "other", "v1", "tree"] {
        let of = ["heads", "tags"].map(|of| format!("refs/{of}/{name}"));
        of.iter().for_each(|of| drop(bare.git(&["update-ref", "-d", of])));
    }
    bare.git(&["unpack-file", "HEAD"]);
    let pack = fs::read_dir(bare.path.join("objects/pack")).unwrap().flatten().map(|entry| entry.path());
    let pack = pack.filter(|path| path.extension().is_some_and(|kind| kind == "pack")).collect::<Vec<_>>();
    for path in pack {
        let moved = bare.outside().join("moved.pack");
        fs::rename(&path, &moved).unwrap();
        let mut unpack = hermetic("git", &bare.path);
        unpack.args(["unpack-objects", "-q"]).stdin(fs::File::open(&moved).unwrap());
        assert!(unpack.status().unwrap().success());
    }
    for name in ["other", "v1", "tree"] {
        without(&bare, &id(&repo, name), |id| {
            let gap = format!("refs/x/{name} (object {id}");
            let flat = |ran: &Ran| ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
            let ran = hook(&bare, &["pre-receive"], &arrives(&[name]));
            assert!(ran.code == 2 && flat(&ran).contains(&gap), "{}", ran.stderr);
            let ran = hook(&bare, &["pre-receive"], &arrives(&[name, "main"])).says(&token);
            assert!(ran.code == 1 && flat(&ran).contains(&gap), "{}", ran.stderr);
            let ran = hook(&bare, &["update", &format!("refs/x/{name}"), &zero, id], "");
            assert!(ran.code == 2 && flat(&ran).contains(&gap), "{}", ran.stderr);
        });
    }
}

#[test]
fn a_folder_of_a_tagged_tree_that_cannot_be_read_hides_no_token_beside_it() {
    let (repo, token) = tainted();
    let tree = id(&repo, "HEAD^{tree}");
    let line = format!("t {tree} refs/tags/t {}\n", "0".repeat(40));
    without(&repo, &id(&repo, "HEAD:deep"), |id| {
        let ran = hook(&repo, &["pre-push", "origin", "url"], &line).says(&token);
        assert_eq!(ran.says(&format!("refs/tags/t:deep/ (object {id}")).code, 1);
    });
}

#[test]
fn a_revision_whose_tree_or_commit_cannot_be_read_is_reported_as_such_in_every_format() {
    let (repo, token) = tainted();
    repo.git(&["tag", "-a", "-m", "text", "v1"]).succeeds();
    for root in ["HEAD^{tree}", "HEAD", "v1"] {
        let revision = if root == "v1" { "v1" } else { "HEAD" };
        without(&repo, &id(&repo, root), |id| in_each_format(&repo, &["--rev", revision], 2, id, None));
    }
    without(&repo, &id(&repo, "HEAD:deep"), |id| {
        in_each_format(&repo, &["--rev", "HEAD"], 1, id, Some(&token))
    });
    // What is not here at all is a name that was mistyped.
    let absent = "ab".repeat(20);
    for revision in [absent.as_str(), "none"] {
        let ran = repo.dtguard(&["scan", "--rev", revision]).refuses("is not in this repository");
        assert_eq!(ran.code, 2);
    }
}

#[test]
fn an_end_of_a_range_that_cannot_be_read_hides_no_token_of_the_range() {
    let (repo, token) = tainted();
    // Without it nobody knows what it leaves out.
    let range = ["--range", "main~2..main"];
    without(&repo, &id(&repo, "main~2"), |id| in_each_format(&repo, &range, 1, id, Some(&token)));
    let from = id(&repo, "main~2");
    let by_id = format!("{from}..main");
    without(&repo, &id(&repo, "main"), |id| {
        in_each_format(&repo, &["--range", &by_id], 2, id, None);
        // Nobody can follow the name.
        assert_eq!(
            repo.dtguard(&["scan", "--range", range[1]]).refuses("cannot read object").says(id).code,
            2
        );
        for base in [None, Some(("PRE_COMMIT_FROM_REF", from.as_str()))] {
            let mut environment = vec![("PRE_COMMIT", "1"), ("PRE_COMMIT_TO_REF", "main")];
            environment.extend(base);
            let ran = repo.dtguard_in(&repo.path, &environment, &["hook", "pre-commit"]);
            assert_eq!(ran.says("cannot read th").says(id).code, 2);
        }
    });
}

#[test]
fn where_heads_tree_cannot_be_read_what_is_staged_is_still_searched() {
    let (repo, _) = tainted();
    let token = repo.token("dt0s16", 2);
    let staged = token.identifier().unwrap().to_owned();
    repo.stage("new", "clean\n");
    for root in ["HEAD", "HEAD^{tree}", "HEAD:deep"] {
        repo.stage("new", &token.text);
        without(&repo, &id(&repo, root), |id| {
            in_each_format(&repo, &["--staged"], 1, id, Some(&staged));
            assert_eq!(hook(&repo, &["pre-commit"], "").says(id).code, 1, "{root}");
        });
        repo.git(&["rm", "--quiet", "--cached", "new"]).succeeds();
        repo.stage("deep/clean", format!("cleaner than {root}\n"));
        // Of what the readable part of HEAD holds nothing is new.
        let code = if root == "HEAD:deep" { 2 } else { 1 };
        without(&repo, &id(&repo, root), |id| in_each_format(&repo, &["--staged"], code, id, None));
    }
}

#[test]
fn an_index_that_cannot_be_read_is_a_gap_and_everything_else_is_searched() {
    let (repo, token) = tainted();
    let index = repo.path.join(".git/index");
    let whole = fs::read(&index).unwrap();
    for damaged in [b"".as_slice(), b"DIRC", &whole[..whole.len() / 2], &whole[..whole.len() - 3], b"text\n"]
    {
        fs::write(&index, damaged).unwrap();
        in_each_format(&repo, &["--staged"], 2, "the index", None);
        repo.dtguard(&["scan", "--staged"]).says("git rev-parse --git-path index").says("git reset");
        in_each_format(&repo, &["--history"], 1, "index", Some(&token));
        // What HEAD has is tracked.
        in_each_format(&repo, &[], 1, "the index", Some(&token));
        in_each_format(&repo, &["."], 1, "the index", Some(&token));
        in_each_format(&repo, &["deep"], 2, "the index", None);
        // The names in the commit itself are searched, and a message is judged.
        let author = repo.token("dt0s16", 3);
        let ran = repo.dtguard_in(&repo.path, &[("GIT_AUTHOR_NAME", &author.text)], &["hook", "pre-commit"]);
        assert_eq!(ran.says("cannot read the index").says(author.identifier().unwrap()).code, 1);
        repo.write(".git/MESSAGE", &author.text);
        let ran = repo.dtguard(&["hook", "commit-msg", ".git/MESSAGE"]);
        assert_eq!(ran.says("cannot read the index").says(author.identifier().unwrap()).code, 1);
    }
    // The way out is one.
    let said = repo.dtguard(&["scan", "--staged"]).stderr;
    let way_out = said.lines().find(|line| line.contains("rm ")).unwrap().trim();
    assert!(hermetic("sh", &repo.path).args(["-c", way_out]).status().unwrap().success(), "{way_out}");
    assert_eq!(repo.dtguard(&["scan", "--staged"]).code, 0);
}

#[test]
fn a_policy_that_cannot_be_read_allows_nothing_and_silences_nothing() {
    let (repo, token) = tainted();
    let second = repo.token("dt0s16", 2);
    repo.dtguard(&["allow", &token, "--reason", "a sample"]).succeeds();
    repo.stage(".dtguard.toml", fs::read(repo.path.join(".dtguard.toml")).unwrap());
    repo.commit_unseen();
    let unread = ".dtguard.toml";
    assert_eq!(repo.dtguard(&["scan", "--range", "HEAD"]).code, 0);
    let policy = id(&repo, "HEAD:.dtguard.toml");
    let zero = "0".repeat(40);
    let push = format!("main {} refs/heads/main {zero}\n", id(&repo, "main"));
    without(&repo, &policy, |_| {
        for scan in [&["--range", "HEAD"][..], &["--rev", "HEAD"]] {
            in_each_format(&repo, scan, 1, unread, Some(&token));
        }
        in_each_format(&repo, &["--range", "HEAD~2..HEAD"], 2, unread, None);
        let ran = hook(&repo, &["pre-push", "origin", "url"], &push).says(unread).says(&token);
        assert_eq!(ran.says("it allows nothing until it can be read").code, 1);
    });
    // The one that is staged, and that of HEAD.
    repo.stage("new", &second.text);
    without(&repo, &policy, |_| {
        in_each_format(&repo, &["--staged"], 1, unread, Some(second.identifier().unwrap()));
    });
    repo.git(&["rm", "--quiet", "--cached", "new"]).succeeds();
    repo.stage("new", "clean\n");
    without(&repo, &policy, |_| in_each_format(&repo, &["--staged"], 2, unread, None));
    // One that is no file.
    fs::remove_file(repo.path.join(unread)).unwrap();
    fs::create_dir(repo.path.join(unread)).unwrap();
    in_each_format(&repo, &["tainted"], 1, unread, Some(&token));
    in_each_format(&repo, &["--history"], 1, unread, Some(&token));
}

#[test]
fn a_server_whose_own_policy_cannot_be_read_reports_what_is_pushed_and_lets_nothing_in() {
    let (repo, token) = tainted();
    repo.stage(".dtguard.toml", "version = 1\n[certainty]\nfiller = \"block\"\n");
    repo.commit_unseen();
    let clean = id(&repo, "HEAD");
    repo.git(&["checkout", "--quiet", "--orphan", "new"]).succeeds();
    repo.commit_unseen();
    let (zero, new) = ("0".repeat(40), id(&repo, "new"));
    repo.git(&["branch", "-D", "--quiet", "new"]);
    repo.git(&["checkout", "--quiet", "main"]).succeeds();
    repo.git(&["branch", "-D", "--quiet", "new"]).succeeds();
    let tainted = format!("{zero} {new} refs/heads/new\n");
    let known = format!("{zero} {clean} refs/heads/known\n");
    for root in ["HEAD:.dtguard.toml", "HEAD^{tree}"] {
        without(&repo, &id(&repo, root), |_| {
            // The pushed commit has the same policy, so what it brings is not all readable.
            let ran = hook(&repo, &["pre-receive"], &tainted);
            assert_eq!(ran.says(".dtguard.toml").code, if root == "HEAD^{tree}" { 2 } else { 1 }, "{root}");
            let ran = hook(&repo, &["pre-receive"], &known);
            assert_eq!(ran.says(".dtguard.toml").code, 2, "{root}");
        });
    }
    assert!(!token.is_empty());
}

#[test]
fn a_commit_of_a_merge_that_cannot_be_read_hides_none_of_the_others() {
    let (repo, token) = tainted();
    repo.git(&["checkout", "--quiet", "-b", "side", "main~2"]).succeeds();
    repo.stage("side", "side\n");
    repo.commit_unseen();
    for (broken, code) in [("main", 2), ("main~2", 1), ("main~1", 1)] {
        let head = format!("GITHEAD_{}", id(&repo, "main"));
        without(&repo, &id(&repo, broken), |id| {
            let ran = repo.dtguard_in(&repo.path, &[(&head, "main")], &["hook", "pre-merge-commit"]);
            assert_eq!(ran.code, code, "{broken}: {}", ran.stderr);
            assert!(ran.stderr.contains(id), "{}", ran.stderr);
            assert!(code == 2 || ran.stderr.contains(&token), "{}", ran.stderr);
        });
    }
}

#[test]
fn references_that_cannot_be_read_hide_no_token_of_the_history() {
    let (repo, token) = tainted();
    in_order(&repo, &token, ".git/refs/heads/other", "no id\n");
    repo.git(&["pack-refs", "--all"]).succeeds();
    let packed = fs::read_to_string(repo.path.join(".git/packed-refs")).unwrap();
    in_order(&repo, &token, ".git/packed-refs", &(packed + "no reference\n"));

    fn in_order(repo: &Repo, token: &str, file: &str, content: &str) {
        let before = fs::read(repo.path.join(file));
        repo.write(file, content);
        in_each_format(repo, &["--history"], 1, "refs", Some(token));
        match before {
            Ok(before) => repo.write(file, before),
            Err(_) => fs::remove_file(repo.path.join(file)).unwrap(),
        }
    }
}

#[test]
fn a_submodule_whose_index_cannot_be_read_hides_no_token_of_the_others() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    for name in ["one", "two"] {
        let other = repo.outside().join(name);
        repo.git_in(repo.outside(), &[], &["init", "--quiet", name]).succeeds();
        fs::write(other.join("f"), &token.text).unwrap();
        repo.git_in(&other, &[], &["add", "f"]).succeeds();
        repo.git_in(&other, &[], &["commit", "--quiet", "-m", "m"]).succeeds();
        repo.git(&["submodule", "--quiet", "add", other.to_str().unwrap(), name]).succeeds();
    }
    let index = repo.path.join(".git/modules/one/index");
    let whole = fs::read(&index).unwrap();
    for damaged in [b"text\n".as_slice(), &whole[..whole.len() - 30]] {
        fs::write(&index, damaged).unwrap();
        in_each_format(&repo, &["--recurse-submodules"], 1, "one", token.identifier());
        in_each_format(&repo, &["one"], 2, "one", None);
    }
    fs::remove_dir_all(repo.path.join(".git/modules/one/objects")).unwrap();
    in_each_format(&repo, &["--recurse-submodules"], 1, "one", token.identifier());
}

#[test]
fn half_an_index_is_no_whole_one_whatever_ids_are_in_it() {
    for format in ["sha1", "sha256"] {
        let repo =
            Repo::with(&["init", "--quiet", "--initial-branch=main", "--object-format", format, "repo"]);
        let token = repo.token("dt0c01", 1);
        for number in 0..40 {
            repo.stage(&format!("clean/{number}"), "clean\n");
        }
        repo.stage("tainted", &token.text);
        repo.commit_unseen();
        in_order(&repo, "tainted", token.identifier().unwrap());
    }

    fn in_order(repo: &Repo, name: &str, token: &str) {
        let scan = |code: i32| {
            let ran = repo.dtguard(&["scan"]).says(&format!("  {name}:1:1")).says(token);
            assert_eq!(ran.code, code, "{}", ran.stderr);
            ran
        };
        scan(1).says_not("cannot read");
        // git reads it, with entries that make no sense and without the others.
        let index = repo.path.join(".git/index");
        let whole = fs::read(&index).unwrap();
        fs::write(&index, &whole[..whole.len() * 3 / 4]).unwrap();
        scan(1).says("cannot read the index");
        for reader in ["fastest", "git"] {
            let ran = hook(repo, &["--reader", reader, "pre-commit"], "").says("cannot read the index");
            assert_eq!(ran.code, 2, "{reader}: {}", ran.stderr);
        }
    }
}
