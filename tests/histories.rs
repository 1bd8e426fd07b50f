//! A leak that is years old is found, once, with the commit that brought it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Ran, Repo, effort, hermetic};

/// After how many commits the long history repeats itself: it has 20,000, or where a
/// few cases are enough as many tokens in 2,000.
fn period() -> usize {
    if effort::all() { 600 } else { 60 }
}

/// How many commits the long history has.
fn commits() -> usize {
    period() * 100 / 3
}

/// How many files they change in turn.
const FILES: usize = 50;

/// What `dtguard scan --history --format json` found.
fn findings(ran: &Ran) -> Vec<Value> {
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"));
    report["findings"].as_array().unwrap().clone()
}

fn text<'v>(finding: &'v Value, key: &str) -> &'v str {
    finding[key].as_str().unwrap_or_default()
}

fn scan(repo: &Repo, more: &[&str]) -> Ran {
    let arguments: Vec<&str> =
        ["scan", "--history", "--format", "json"].into_iter().chain(more.iter().copied()).collect();
    repo.dtguard(&arguments)
}

/// Feeds `git fast-import` and returns which commit each mark became.
fn import(repo: &Repo, stream: &str) -> BTreeMap<usize, String> {
    let marks = repo.outside().join("marks");
    let mut child = hermetic("git", &repo.path)
        .args(["fast-import", "--quiet"])
        .arg(format!("--export-marks={}", marks.display()))
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let marks = std::fs::read_to_string(marks).unwrap();
    let mark = |line: &str| {
        let (mark, id) = line.split_once(' ')?;
        Some((mark.strip_prefix(':')?.parse().ok()?, id.to_owned()))
    };
    marks.lines().filter_map(mark).collect()
}

/// One commit for `git fast-import`.
struct Commit<'a> {
    branch: &'a str,
    mark: usize,
    author: &'a str,
    message: &'a str,
    parents: &'a [usize],
    path: &'a str,
    content: &'a str,
}

fn plain<'a>(
    branch: &'a str,
    mark: usize,
    parents: &'a [usize],
    path: &'a str,
    content: &'a str,
) -> Commit<'a> {
    Commit { branch, mark, author: "A", message: "Change", parents, path, content }
}

fn add(stream: &mut String, commit: &Commit<'_>) {
    let Commit { branch, mark, author, message, parents, path, content } = commit;
    let date = 1_500_000_000 + mark * 60;
    write!(
        stream,
        "commit refs/heads/{branch}\nmark :{mark}\nauthor {author} <a@localhost> {date} +0000\n\
         committer C <c@localhost> {date} +0000\ndata {}\n{message}\n",
        message.len()
    )
    .unwrap();
    for (number, parent) in parents.iter().enumerate() {
        writeln!(stream, "{} :{parent}", if number == 0 { "from" } else { "merge" }).unwrap();
    }
    write!(stream, "M 100644 inline {path}\ndata {}\n{content}\n", content.len()).unwrap();
}

/// Where a token was planted: the commit's mark, the path and the line.
struct Planted {
    identifier: String,
    mark: usize,
    path: String,
    line: u64,
}

/// Some lines of code; one changes with `number`.
fn lines(number: usize) -> String {
    (0..12).fold(String::new(), |mut text, line| {
        let value = if line == number % 12 { number } else { line * 7 };
        writeln!(text, "let value_{line} = compute({value}, \"step {line}\");").unwrap();
        text
    })
}

/// Commits with merges of side branches, and a branch that is deleted later.
fn long_history(repo: &Repo, planted: &mut Vec<Planted>) -> BTreeMap<usize, String> {
    let mut stream = String::new();
    let mut seeds = 1..;
    let mut plant = |planted: &mut Vec<Planted>, mark: usize, path: &str, line: u64| {
        let token = repo.token("dt0c01", seeds.next().unwrap());
        let identifier = token.text.rsplit_once('.').unwrap().0.to_owned();
        planted.push(Planted { identifier, mark, path: path.to_owned(), line });
        token.text
    };
    let mut side = None;
    let period = period();
    for mark in 1..=commits() {
        let path = format!("src/f{}.rs", mark % FILES);
        let before = [mark - 1];
        let first: &[usize] = if mark == 1 { &[] } else { &before };
        let mut content = lines(mark);
        match mark % period {
            // One that the next commit to the file takes out again.
            at if at == period / 6 && mark < 24 * period => {
                let token = plant(planted, mark, &path, 13);
                writeln!(content, "token = \"{token}\"").unwrap();
                add(&mut stream, &plain("main", mark, first, &path, &content));
            }
            // A side branch, which is merged with a change of the merge's own.
            at if at == period / 2 => {
                let number = commits() + mark;
                add(&mut stream, &plain("side", number, &before, &format!("side/{mark}"), &content));
                add(&mut stream, &plain("main", mark, first, &path, &content));
                side = Some(number);
            }
            at if at == period / 2 + 1 && mark < 6 * period => {
                let token = plant(planted, mark, "merged", 1);
                let parents = [mark - 1, side.take().unwrap()];
                add(&mut stream, &plain("main", mark, &parents, "merged", &format!("{token}\n")));
            }
            at if at == period * 5 / 6 && mark < 5 * period => {
                let token = plant(planted, mark, "", 3);
                let message = format!("Change\n\nwith {token}\n");
                let commit = Commit { message: &message, ..plain("main", mark, first, &path, &content) };
                add(&mut stream, &commit);
            }
            _ if mark == period * 13 / 10 - 3 => {
                let author = plant(planted, mark, "", 0);
                let commit = Commit { author: &author, ..plain("main", mark, first, &path, &content) };
                add(&mut stream, &commit);
            }
            _ if mark == 26 * period - period * 3 / 40 => {
                let token = plant(planted, mark, "", 0);
                let path = format!("names/{token}");
                planted.last_mut().unwrap().path = "names/".to_owned();
                add(&mut stream, &plain("main", mark, first, &path, &content));
            }
            // Still there at the end.
            _ if mark > commits() - 3 => {
                let token = plant(planted, mark, &path, 13);
                writeln!(content, "token = \"{token}\"").unwrap();
                add(&mut stream, &plain("main", mark, first, &path, &content));
            }
            _ => add(&mut stream, &plain("main", mark, first, &path, &content)),
        }
    }
    import(repo, &stream)
}

/// Tokens that no branch holds, by their identifiers: those in messages of tags, in notes
/// and stashes, some of them loose, and those of a branch that was deleted.
fn outside_of_branches(repo: &Repo) -> (Vec<String>, Vec<String>) {
    let mut elsewhere = Vec::new();
    let mut token = |seed| {
        let token = repo.token("dt0s16", seed);
        elsewhere.push(token.text.rsplit_once('.').unwrap().0.to_owned());
        token.text
    };
    for number in [1, 2] {
        repo.git(&[
            "tag",
            "-a",
            "-m",
            &format!("release\n\n{}", token(number)),
            &format!("v{number}"),
            &format!("HEAD~{number}"),
        ])
        .succeeds();
        repo.git(&["notes", "add", "-m", &token(10 + number), &format!("HEAD~{}", 5 + number)]).succeeds();
        repo.write("src/f1.rs", format!("x={}\n", token(20 + number)));
        repo.git(&["stash", "push", "--quiet"]).succeeds();
    }
    let mut lost = Vec::new();
    repo.git(&["checkout", "--quiet", "-b", "gone"]).succeeds();
    for number in 1..=4 {
        let token = repo.token("dt0s02", number);
        lost.push(token.text.rsplit_once('.').unwrap().0.to_owned());
        repo.stage("gone", format!("{}\n", token.text));
        repo.commit_unseen();
    }
    repo.git(&["checkout", "--quiet", "main"]).succeeds();
    repo.git(&["branch", "--quiet", "-D", "gone"]).succeeds();
    (elsewhere, lost)
}

#[test]
fn fifty_tokens_in_a_long_history_are_found_once_each_with_the_commit_that_brought_them() {
    let repo = Repo::unborn();
    let mut planted = Vec::new();
    let marks = long_history(&repo, &mut planted);
    repo.git(&["repack", "-adfq", "--depth=30", "--window=4"]).succeeds();
    repo.git(&["reset", "--quiet", "--hard"]).succeeds();

    let (elsewhere, lost) = outside_of_branches(&repo);
    let found = findings(&scan(&repo, &[]));
    assert_eq!(planted.len() + elsewhere.len() + lost.len(), found.len());
    assert_eq!(found.len(), 50);
    let by_identifier: BTreeMap<&str, &Value> =
        found.iter().map(|finding| (text(finding, "identifier"), finding)).collect();
    assert_eq!(by_identifier.len(), found.len(), "one finding for each token");
    for Planted { identifier, mark, path, line } in &planted {
        let finding =
            by_identifier.get(identifier.as_str()).unwrap_or_else(|| panic!("{identifier} of {mark} {path}"));
        assert_eq!(text(finding, "commit"), marks[mark], "{identifier} of {mark} {path}");
        assert!(text(finding, "path").starts_with(path.as_str()), "{finding}");
        assert!(*line == 0 || finding["line"] == *line, "{finding}");
        let history = &finding["history"];
        let in_files = !path.is_empty() && path != "names/";
        let at_end = *mark > commits() - 3 || path == "merged" && *mark > 5 * period();
        assert!(!in_files || history["in_tip"] == at_end, "{finding}");
        assert!(
            history["refs"].as_array().unwrap().iter().any(|name| name == "refs/heads/main"),
            "{finding}"
        );
    }
    for identifier in elsewhere.iter().chain(&lost) {
        assert!(by_identifier.contains_key(identifier.as_str()), "{identifier}");
    }

    // What a naive reading of every object finds.
    let all = hermetic("git", &repo.path)
        .args(["cat-file", "--batch-all-objects", "--batch", "--buffer", "--unordered"])
        .output()
        .unwrap();
    let seen: BTreeSet<String> =
        dtguard::find::find(&all.stdout).into_iter().filter_map(|found| found.identifier).collect();
    assert_eq!(seen, by_identifier.keys().map(|identifier| (*identifier).to_owned()).collect());

    // Once HEAD's reflog forgets the deleted branch, nothing reaches it.
    repo.git(&["reflog", "expire", "--expire=now", "HEAD"]).succeeds();
    let ran = repo.dtguard(&["scan", "--history"]).blocks().says("4 tokens more in objects");
    assert_eq!(ran.code, 1);
    assert_eq!(findings(&scan(&repo, &[])).len(), 46);
    assert_eq!(findings(&scan(&repo, &["--unreachable"])).len(), 50);
}

/// A repository whose history holds a token in its second commit of three.
fn with_leak(init: &[&str]) -> (Repo, String) {
    let repo = Repo::with(&[&["init", "--quiet", "--initial-branch=main"], init, &["repo"]].concat());
    for content in ["one\n", "token", "two\n"] {
        let token = repo.token("dt0c01", 1).text;
        repo.stage("f", if content == "token" { format!("x\nx={token}\n") } else { content.to_owned() });
        repo.commit_unseen();
    }
    let commit = repo.git(&["rev-parse", "HEAD~1"]).stdout;
    (repo, commit.trim().to_owned())
}

#[test]
fn a_leak_is_found_wherever_git_keeps_its_objects() {
    for format in ["sha1", "sha256"] {
        let (repo, commit) = with_leak(&["--object-format", format]);
        let looks = |what: &str| {
            let found = findings(&scan(&repo, &[]));
            assert_eq!(found.len(), 1, "{format} {what}");
            assert_eq!(
                (text(&found[0], "commit"), text(&found[0], "path")),
                (&*commit, "f"),
                "{format} {what}"
            );
            assert_eq!(found[0]["line"], 2, "{format} {what}");
        };
        looks("loose");
        repo.git(&["gc", "--quiet"]).succeeds();
        looks("packed");
        repo.git(&["-c", "pack.indexVersion=1", "repack", "-adfq"]).succeeds();
        looks("index of version 1");
        repo.git(&["repack", "-adfq", "--write-midx", "--write-bitmap-index"]).succeeds();
        repo.stage("g", "more\n");
        repo.commit_unseen();
        repo.git(&["repack", "-q"]).succeeds();
        looks("two packs");
        let bare = repo.path.with_file_name("bare");
        repo.git_in(repo.outside(), &[], &["clone", "--quiet", "--shared", "--bare", "repo", "bare"])
            .succeeds();
        let ran = repo.dtguard_in(&bare, &[], &["scan", "--history", "--format", "json"]);
        assert_eq!(findings(&ran).len(), 1, "{format} alternates, bare");
    }
}

#[test]
fn a_history_that_is_not_all_here_is_never_called_clean() {
    let (repo, _) = with_leak(&[]);
    let url = format!("file://{}", repo.path.display());
    let outside = repo.outside().to_path_buf();
    for (name, options) in [("shallow", "--depth=1"), ("partial", "--filter=blob:none")] {
        repo.git(&["config", "uploadpack.allowFilter", "true"]).succeeds();
        repo.git_in(&outside, &[], &["clone", "--quiet", options, &url, name]).succeeds();
        let ran = repo.dtguard_in(&outside.join(name), &[], &["scan", "--history"]);
        assert_eq!(ran.code, 2, "{ran:?}");
        ran.says(if name == "shallow" { "git fetch --unshallow" } else { "git fetch --refetch" });
        assert_eq!(repo.dtguard_in(&outside.join(name), &[], &["scan", "--rev", "HEAD"]).code, 0, "{name}");
    }
    // A blob that is gone, and one that only something thrown away names.
    let blob = repo.git(&["rev-parse", "HEAD~1:f"]).stdout;
    let (folder, rest) = blob.trim().split_at(2);
    let file = repo.path.join(".git/objects").join(folder).join(rest);
    let content = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    assert_eq!(repo.dtguard(&["scan", "--history"]).says("git fsck --full").code, 2);
    repo.git(&["reset", "--quiet", "--hard", "HEAD~2"]).succeeds();
    repo.git(&["reflog", "expire", "--expire=now", "--all"]).succeeds();
    assert_eq!(repo.dtguard(&["scan", "--history"]).code, 0);
    std::fs::write(&file, content).unwrap();
    repo.dtguard(&["scan", "--history"]).succeeds().says("1 token more in objects that no ref");
}

#[test]
fn what_can_be_read_of_a_history_is_reported_in_every_format_beside_what_cannot() {
    // The next case tries the next formats, where not all are wanted.
    let mut formats = ["human", "json", "sarif", "github", "gitlab", "junit"].iter().cycle();
    let few = effort::cases(2, 6) as usize;
    for (what, revision) in [
        ("blob", "HEAD:g"),
        ("tree", "HEAD^{tree}"),
        ("tree", "HEAD~1^{tree}"),
        ("commit", "HEAD~1"),
        ("commit", "HEAD"),
    ] {
        for damaged in [false, true] {
            let (repo, _) = with_leak(&[]);
            repo.stage("g", "other\n");
            repo.commit_unseen();
            let other = repo.token("dt0s16", 2).text;
            repo.git(&["checkout", "--quiet", "-b", "side", "HEAD~3"]).succeeds();
            repo.stage("d/side.env", format!("y={other}\n"));
            repo.commit_unseen();
            repo.git(&["checkout", "--quiet", "main"]).succeeds();
            let id = repo.git(&["rev-parse", revision]).stdout.trim().to_owned();
            let file = repo.path.join(".git/objects").join(&id[..2]).join(&id[2..]);
            let content = std::fs::read(&file).unwrap();
            std::fs::remove_file(&file).unwrap();
            if damaged {
                std::fs::write(&file, &content[..content.len() / 2]).unwrap();
            }
            let case = format!("{what} {revision}, damaged: {damaged}");
            for format in formats.by_ref().take(few) {
                let ran = repo.dtguard(&["scan", "--history", "--format", format]);
                let said = ran.stdout + &ran.stderr;
                assert_eq!(ran.code, 1, "{case}: {said}");
                assert!(said.contains(&id), "{case} in {format}: {said}");
                assert!(said.contains("d/side.env"), "{case} in {format}: {said}");
                for seed in [("dt0c01", 1), ("dt0s16", 2)] {
                    let token = repo.token(seed.0, seed.1);
                    assert!(said.contains(token.identifier().unwrap()), "{case} in {format}: {said}");
                }
            }
        }
    }
}

#[test]
fn a_missing_blob_is_named_with_its_path_and_commit_and_is_exit_2_where_nothing_blocks() {
    let repo = Repo::new();
    repo.stage("d/f", "one\n");
    repo.commit_unseen();
    let [commit, id] = ["HEAD", "HEAD:d/f"].map(|name| repo.git(&["rev-parse", name]).stdout);
    let (commit, id) = (commit.trim(), id.trim());
    std::fs::remove_file(repo.path.join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
    repo.stage("d/f", "two\n");
    repo.commit_unseen();
    let named = format!("  commit {} d/f (object {id}, missing)\n", &commit[..12]);
    assert_eq!(repo.dtguard(&["scan", "--history"]).refuses(&named).says("git fsck --full").code, 2);
    assert_eq!(repo.dtguard(&["scan", "--range", "HEAD"]).refuses(&named).code, 2);
    assert_eq!(repo.dtguard(&["scan", "--rev", "HEAD~1"]).refuses(&named).code, 2);
    let ran = repo.dtguard(&["scan", "--history", "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (ran.code, &report["verdict"], &report["counts"]["unreadable"]),
        (2, &"incomplete".into(), &1.into())
    );
    let gap = &report["coverage"]["gaps"][0];
    assert_eq!((&gap["object"], &gap["commit"], &gap["path"]), (&id.into(), &commit.into(), &"d/f".into()));
}

#[test]
fn what_only_an_index_holds_counts_whichever_work_tree_it_is_of() {
    let repo = Repo::new();
    let (one, two) = (repo.token("dt0c01", 1), repo.token("dt0s16", 2));
    repo.stage("d/staged.env", format!("x={one}\n", one = one.text));
    repo.git(&["rm", "--quiet", "--cached", "d/staged.env"]).succeeds();
    repo.dtguard(&["scan", "--history"]).succeeds().says("1 token more in objects");
    repo.git(&["add", "d/staged.env"]).succeeds();
    // Nothing stands in the database for a file that is only to be added.
    repo.write("later", "");
    repo.git(&["add", "--intent-to-add", "later"]).succeeds();
    let ran = repo.dtguard(&["scan", "--history"]).blocks().says("  d/staged.env:1:3\n").says("staged");
    assert_eq!(ran.code, 1);
    repo.commit_unseen();
    let other = repo.outside().join("other");
    repo.git(&["worktree", "add", "--quiet", other.to_str().unwrap()]).succeeds();
    std::fs::write(other.join("f"), format!("y={}\n", two.text)).unwrap();
    repo.git_in(&other, &[], &["add", "f"]).succeeds();
    for folder in [&repo.path, &other, &repo.path.join("d"), &repo.path.join(".git")] {
        let ran = repo.dtguard_in(folder, &[], &["scan", "--history"]).blocks();
        ran.says("  f:1:3\n").says(two.identifier().unwrap());
    }
}

#[test]
fn a_damaged_pack_is_never_called_clean() {
    let (repo, _) = with_leak(&[]);
    repo.git(&["gc", "--quiet"]).succeeds();
    let folder = repo.path.join(".git/objects/pack");
    let file = |extension: &str| {
        let mut files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        files.find(|path| path.extension().is_some_and(|found| found == extension)).unwrap()
    };
    for extension in ["pack", "idx"] {
        let path = file(extension);
        let content = std::fs::read(&path).unwrap();
        let mut permissions = std::fs::metadata(&path).unwrap().permissions();
        #[expect(clippy::permissions_set_readonly_false, reason = "git writes packs read-only")]
        permissions.set_readonly(false);
        std::fs::set_permissions(&path, permissions).unwrap();
        // Of the index's own checksum nothing is used.
        let end = content.len() - if extension == "idx" { 20 } else { 0 };
        let places = (0..end).step_by(content.len() / effort::cases(12, 60) as usize + 1);
        for place in places {
            let mut damaged = content.clone();
            damaged[place] ^= 1 << (place % 8);
            std::fs::write(&path, &damaged).unwrap();
            let ran = repo.dtguard(&["scan", "--history"]);
            assert!(matches!(ran.code, 1 | 2), "{extension} changed at {place}: {ran:?}");
            std::fs::write(&path, &content[..place]).unwrap();
            let ran = repo.dtguard(&["scan", "--history"]);
            assert!(matches!(ran.code, 1 | 2), "{extension} cut at {place}: {ran:?}");
        }
        std::fs::write(&path, &content).unwrap();
    }
    assert_eq!(repo.dtguard(&["scan", "--history"]).code, 1);
}

#[test]
fn a_token_in_a_tag_of_a_tag_a_tagged_tree_or_a_name_is_found() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let finds = |path: &str| {
        let found = findings(&scan(&repo, &[]));
        assert_eq!(found.len(), 1, "{path}: {found:?}");
        repo.dtguard(&["scan", "--history"]).blocks().says(path);
    };
    repo.git(&["tag", "-a", "-m", &token, "inner"]).succeeds();
    repo.git(&["tag", "-a", "-m", "nothing", "outer", "inner"]).succeeds();
    repo.git(&["tag", "-d", "inner"]).succeeds();
    finds("refs/tags/outer");
    repo.git(&["tag", "-d", "outer"]).succeeds();

    let index = [("GIT_INDEX_FILE", "other")];
    repo.write("other", "");
    std::fs::remove_file(repo.path.join("other")).unwrap();
    let blob = repo.git(&["rev-parse", "HEAD:README"]).stdout;
    let entry = format!("100644,{},{token}", blob.trim());
    repo.git_in(&repo.path, &index, &["update-index", "--add", "--cacheinfo", &entry]).succeeds();
    let tree = repo.git_in(&repo.path, &index, &["write-tree"]).stdout;
    repo.git(&["tag", "tree", tree.trim()]).succeeds();
    finds("(its name)");
    repo.git(&["tag", "-d", "tree"]).succeeds();

    repo.git(&["branch", &token]).succeeds();
    finds("(its name)");
}

#[test]
fn a_graft_hides_no_commit() {
    let (repo, _) = with_leak(&[]);
    repo.git(&["reflog", "expire", "--expire=now", "--all"]).succeeds();
    let tip = repo.git(&["rev-parse", "HEAD", "HEAD~2"]).stdout;
    repo.write(".git/info/grafts", format!("{}\n", tip.trim().replace('\n', " ")));
    assert_eq!(findings(&scan(&repo, &[])).len(), 1);
    repo.dtguard(&["scan", "--range", "HEAD"]).blocks();
}

#[test]
fn a_branch_whose_commit_is_gone_is_never_called_clean() {
    let (repo, _) = with_leak(&[]);
    let commit = repo.git(&["commit-tree", "-m", "lone", "HEAD^{tree}"]).stdout;
    repo.git(&["branch", "lone", commit.trim()]).succeeds();
    repo.git(&["reset", "--quiet", "--hard", "HEAD~2"]).succeeds();
    repo.git(&["reflog", "expire", "--expire=now", "--all"]).succeeds();
    assert_eq!(scan(&repo, &[]).code, 0);
    let (folder, rest) = commit.trim().split_at(2);
    std::fs::remove_file(repo.path.join(".git/objects").join(folder).join(rest)).unwrap();
    // What that branch reached nobody knows now, so that what was thrown away counts.
    let ran = repo.dtguard(&["scan", "--history"]).blocks().says("refs/heads/lone (object ");
    assert_eq!(ran.says("  object ").code, 1);
}

#[test]
fn a_history_goes_by_the_policy_of_the_work_tree_and_that_of_a_bare_repository_by_heads() {
    let repo = Repo::new();
    repo.stage("t/a", format!("x={}\n", repo.token("dt0c01", 1).text));
    repo.commit_unseen();
    assert_eq!(scan(&repo, &[]).code, 1);
    let allow = "version = 1\n[[allow]]\npath = \"t/*\"\nkinds = [\"dt0c01\"]\nreason = \"r\"\n";
    repo.write(".dtguard.toml", allow);
    assert_eq!(scan(&repo, &[]).code, 0, "one that is not committed counts");
    // The work tree around a bare repository is another one's.
    let scan_bare = |name: &str| {
        repo.git(&["clone", "--quiet", "--bare", ".", name]).succeeds();
        repo.dtguard_in(&repo.path.join(name), &[], &["scan", "--history"])
    };
    assert_eq!(scan_bare("one.git").code, 1);
    repo.stage(".dtguard.toml", allow);
    repo.commit_unseen();
    std::fs::remove_file(repo.path.join(".dtguard.toml")).unwrap();
    assert_eq!(scan_bare("two.git").code, 0);
}
