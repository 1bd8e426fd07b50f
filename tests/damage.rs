//! Repositories in which some byte of git's own files is wrong: each run ends in time, a
//! token that can be read is reported, and where git would still commit one it does not pass.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use dtguard::token::Specimen;

use super::support::{DTGUARD, Repo, effort, hermetic};

/// The first seed. Each case has the next one, and a failure names its own.
fn first_seed() -> u64 {
    effort::number("DTGUARD_SEED").unwrap_or(1)
}

struct Random(u64);

impl Random {
    fn of(seed: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..4 {
            random.below(2);
        }
        random
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }
}

/// Text that deflate makes little smaller.
fn text(seed: u64, size: usize) -> String {
    let mut random = Random::of(seed);
    (0..size).map(|_| char::from(b"0123456789abcdefghijklmnopqrstu\n"[random.below(32)])).collect()
}

/// A repository with all that a git folder usually has: packs with differences in
/// them, their indexes, loose blobs, trees and commits, packed and loose refs.
/// A token is staged.
fn busy() -> (Repo, Specimen) {
    let repo = Repo::new();
    for number in 0..6 {
        repo.write(&format!("old/{number}.txt"), text(1, 3000) + &number.to_string());
    }
    commit(&repo);
    for number in 0..3 {
        repo.write(&format!("old/{number}.txt"), text(1, 3000) + &text(number, 40));
    }
    commit(&repo);
    run(&repo, &["repack", "-adq"]);
    run(&repo, &["pack-refs", "--all"]);
    for number in 0..3 {
        repo.write(&format!("old/{number}.txt"), text(1, 3000) + &text(number, 80));
        repo.write(&format!("new/deep/{number}.txt"), text(number, 300));
    }
    commit(&repo);
    run(&repo, &["branch", "other"]);
    let token = repo.token("dt0c01", 1);
    // One whose object is in a pack, as after `git gc`.
    repo.stage("old/1.txt", text(1, 3000) + "now changed\n");
    run(&repo, &["repack", "-q"]);
    run(&repo, &["prune-packed"]);
    run(&repo, &["multi-pack-index", "write"]);
    run(&repo, &["commit-graph", "write", "--reachable"]);
    // A commit and its trees, and the blob with the token, have files of their own.
    repo.stage("new/deep/0.txt", text(7, 30_000));
    repo.commit_unseen();
    repo.stage("new/deep/1.txt", text(8, 30_000));
    repo.stage("new/deep/2.txt", format!("{}\ntoken = {}\n{}", text(5, 30_000), token.text, text(6, 900)));
    (repo, token)
}

fn commit(repo: &Repo) {
    run(repo, &["add", "."]);
    repo.commit_unseen();
}

fn run(repo: &Repo, arguments: &[&str]) {
    repo.git(arguments).succeeds();
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if ["hooks", "logs", "description", "COMMIT_EDITMSG"].contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// Puts other bytes in the place of a file, which may be one that nobody may write.
fn replace(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Damages `bytes` and says how.
fn damage(random: &mut Random, bytes: &mut Vec<u8>) -> String {
    let place = random.below(bytes.len());
    match random.below(8) {
        0..=2 => {
            bytes.truncate(place);
            format!("cut at {place}")
        }
        // Where headers and tables are.
        3 => {
            let place = place % 64.min(bytes.len().max(1));
            let bit = 1 << random.below(8);
            bytes.iter_mut().skip(place).take(1).for_each(|byte| *byte ^= bit);
            format!("bit {bit:#x} changed at {place}")
        }
        4 | 5 => {
            let bit = 1 << random.below(8);
            bytes.iter_mut().skip(place).take(1).for_each(|byte| *byte ^= bit);
            format!("bit {bit:#x} changed at {place}")
        }
        6 => {
            let value = [0, 0xff][random.below(2)];
            bytes.iter_mut().skip(place).take(512).for_each(|byte| *byte = value);
            format!("512 times {value:#x} from {place}")
        }
        _ => {
            bytes.extend_from_slice(&[b'x'; 40]);
            "something behind the end".to_owned()
        }
    }
}

/// Runs the hook to its end; none if it has none in time.
fn hook(repo: &Repo) -> Option<(Option<i32>, String)> {
    run_to_end(repo, &["hook", "pre-commit"])
}

fn run_to_end(repo: &Repo, arguments: &[&str]) -> Option<(Option<i32>, String)> {
    push_or_scan(repo, arguments, "")
}

/// As [`run_to_end`], with `input` on standard input.
fn push_or_scan(repo: &Repo, arguments: &[&str], input: &str) -> Option<(Option<i32>, String)> {
    let mut command = hermetic(DTGUARD, &repo.path);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may end without having read it.
    let _unread = child.stdin.take().unwrap().write_all(input.as_bytes());
    let late = Instant::now() + Duration::from_secs(20);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > late {
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let output = child.wait_with_output().unwrap();
    Some((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

/// Whether git can still read the staged change, and the token in it.
fn git_would_commit(repo: &Repo, secret: &str) -> bool {
    let diff = hermetic("git", &repo.path).args(["diff", "--cached", "--text"]).output().unwrap();
    let tree = hermetic("git", &repo.path).args(["write-tree"]).output().unwrap();
    diff.status.success() && tree.status.success() && String::from_utf8_lossy(&diff.stdout).contains(secret)
}

/// The blob with the token.
fn staged_blob(repo: &Repo) -> String {
    repo.git(&["rev-parse", ":new/deep/2.txt"]).stdout.trim().to_owned()
}

/// Whether git can still list what the index holds, HEAD aside, and read the blob with the
/// token.
fn is_readable(repo: &Repo, blob: &str) -> bool {
    const NOTHING: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    let arguments = ["diff-index", "--cached", "--raw", "--no-abbrev", "--ita-invisible-in-index", NOTHING];
    let listed = hermetic("git", &repo.path).args(arguments).output().unwrap();
    let entry = format!(":000000 100644 {} {blob} A", "0".repeat(40));
    listed.status.success()
        && String::from_utf8_lossy(&listed.stdout).contains(&entry)
        && is_whole(repo, blob)
}

/// Whether git can still read the blob, and it is what its id says.
fn is_whole(repo: &Repo, blob: &str) -> bool {
    let read = hermetic("git", &repo.path).args(["cat-file", "blob", blob]).output().unwrap();
    let id = git2::Oid::hash_object(git2::ObjectType::Blob, &read.stdout).unwrap();
    read.status.success() && id.to_string() == blob
}

/// Checks what the hook does now.
fn check(repo: &Repo, token: &Specimen, blob: &str, case: &str) {
    let Some((code, said)) = hook(repo) else { panic!("{case}: the hook does not end") };
    let secret = token.secret();
    assert!(!said.contains(secret), "{case}: a secret part was shown");
    assert!(!said.contains("internal error"), "{case}: {said}");
    // git takes half an index for a whole one: nobody knows what is staged.
    if !said.contains("cannot read the index") && is_readable(repo, blob) {
        let is_reported = said.contains(token.identifier().unwrap());
        assert!(is_reported, "{case}: the token that can be read is not reported: {said}");
    }
    match code {
        Some(1) => assert!(said.contains("blocked"), "{case}: {said}"),
        Some(2) => assert!(said.contains("dtguard: "), "{case}: {said}"),
        Some(0) => assert!(!git_would_commit(repo, secret), "{case}: a token passes: {said}"),
        _ => panic!("{case}: it ended with {code:?}: {said}"),
    }
}

#[test]
fn no_damage_to_a_repository_hangs_a_commit_or_lets_a_token_pass() {
    let (repo, token) = busy();
    let blob = staged_blob(&repo);
    assert_eq!(hook(&repo).unwrap().0, Some(1), "undamaged it blocks");
    let mut paths = Vec::new();
    files(&repo.path.join(".git"), &mut paths);
    let has = |end: &str| paths.iter().any(|path| path.to_string_lossy().ends_with(end));
    assert!(
        has(".pack") && has(".idx") && has("packed-refs") && has("multi-pack-index") && paths.len() > 20,
        "{paths:?}"
    );
    for seed in (first_seed()..).take(effort::cases(40, 300) as usize) {
        let mut random = Random::of(seed);
        let path = &paths[random.below(paths.len())];
        let whole = fs::read(path).unwrap();
        let mut bytes = whole.clone();
        let how = damage(&mut random, &mut bytes);
        replace(path, &bytes);
        let name = path.strip_prefix(&repo.path).unwrap().display();
        check(&repo, &token, &blob, &format!("DTGUARD_SEED={seed}, {name}: {how}"));
        replace(path, &whole);
    }
    assert_eq!(hook(&repo).unwrap().0, Some(1), "all is mended again");
}

#[test]
fn a_loose_object_that_was_cut_anywhere_is_exit_2_or_read_from_where_git_has_it() {
    let (repo, token) = busy();
    let blob = staged_blob(&repo);
    let objects = repo.path.join(".git/objects");
    let mut paths = Vec::new();
    files(&objects, &mut paths);
    let loose = |path: &&PathBuf| path.parent().unwrap().file_name().unwrap().len() == 2;
    let ids: Vec<&PathBuf> = paths.iter().filter(loose).collect();
    assert!(!ids.is_empty());
    let mut refused = 0;
    for path in ids {
        let whole = fs::read(path).unwrap();
        let parts = [whole.len() / 2, 0, 10, 1, 2, whole.len() / 4, whole.len() - 5, whole.len() - 1];
        for part in parts.into_iter().take(effort::cases(3, 8) as usize) {
            replace(path, &whole[..part.min(whole.len() - 1)]);
            let name = path.strip_prefix(&repo.path).unwrap().display();
            check(&repo, &token, &blob, &format!("{name}: cut at {part}"));
            refused += usize::from(hook(&repo).unwrap().0 == Some(2));
        }
        replace(path, &whole);
    }
    assert!(refused > 0);
}

#[test]
fn a_file_whose_object_was_cut_short_is_exit_2_with_a_way_out_and_a_copy_in_a_pack_serves() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    repo.stage("f", format!("{}\n{}\n", text(1, 30_000), token.text));
    let id = repo.git(&["rev-parse", ":f"]).stdout.trim().to_owned();
    let path = repo.path.join(".git/objects").join(&id[..2]).join(&id[2..]);
    let whole = fs::read(&path).unwrap();
    replace(&path, &whole[..4096]);
    let (code, said) = hook(&repo).unwrap();
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains(&id) && said.contains("damaged") && said.contains("git fsck --full"), "{said}");
    replace(&path, &whole);
    run(&repo, &["repack", "-adq"]);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, &whole[..4096]).unwrap();
    let (code, said) = hook(&repo).unwrap();
    assert!(code == Some(1) && said.contains("blocked"), "{said}");
}

#[test]
fn no_damage_to_a_history_hides_a_token_that_can_be_read() {
    let (repo, staged) = busy();
    // One in a pack, one that is written there as a difference, and one in a file of its own.
    let mut tokens = Vec::new();
    for seed in 10..13 {
        let token = repo.token("dt0c01", seed);
        repo.stage(&format!("t/{seed}"), format!("{}\nx={}\n", text(1, 3000), token.text));
        let blob = repo.git(&["rev-parse", &format!(":t/{seed}")]).stdout.trim().to_owned();
        tokens.push((token.identifier().unwrap().to_owned(), blob));
        repo.commit_unseen();
        if seed < 12 {
            run(&repo, &["repack", "-q", "-d"]);
        }
    }
    let scan = || run_to_end(&repo, &["-v", "scan", "--history"]).unwrap();
    let (code, said) = scan();
    assert!(code == Some(1) && tokens.iter().all(|(token, _)| said.contains(token)), "{said}");
    let mut paths = Vec::new();
    files(&repo.path.join(".git"), &mut paths);
    let pushed = format!(
        "main {} refs/heads/main {}\n",
        repo.git(&["rev-parse", "main"]).stdout.trim(),
        "0".repeat(40)
    );
    let (mut reported, mut of_parts) = (0, 0);
    for seed in (first_seed()..).take(effort::cases(20, 300) as usize) {
        let mut random = Random::of(seed);
        let path = &paths[random.below(paths.len())];
        let whole = fs::read(path).unwrap();
        let mut bytes = whole.clone();
        let how = damage(&mut random, &mut bytes);
        replace(path, &bytes);
        let case =
            format!("DTGUARD_SEED={seed}, {}: {how}", path.strip_prefix(&repo.path).unwrap().display());
        let (code, said) = scan();
        assert!(!said.contains(staged.secret()) && !said.contains("internal error"), "{case}: {said}");
        assert!(matches!(code, Some(0..=2)), "{case}: {code:?}: {said}");
        // What ends the run before it reads an object is another matter: no repository, no refs.
        let is_repository =
            hermetic("git", &repo.path).args(["for-each-ref"]).output().unwrap().status.success();
        for (token, blob) in &tokens {
            let is_reported = said.contains(token);
            let is_lost = !is_reported && is_repository && is_whole(&repo, blob);
            assert!(!is_lost, "{case}: {token} is not reported: {said}");
            assert!(is_reported || code != Some(0), "{case}: {token} is hidden: {said}");
            reported += usize::from(is_reported && code == Some(1));
        }
        // What only a part of it is asked for.
        let part = [&["scan", "--range", "HEAD"][..], &["scan", "--rev", "HEAD"], &["hook", "pre-push"]];
        let (code, said) = push_or_scan(&repo, part[seed as usize % 3], &pushed).unwrap();
        assert!(!said.contains(staged.secret()) && !said.contains("internal error"), "{case}: {said}");
        for (token, _) in &tokens {
            let is_reported = said.contains(token);
            assert!(is_reported || code == Some(2) || said.contains("cannot read"), "{case}: {said}");
            assert!(code == Some(1) || code == Some(2), "{case}: {code:?}: {said}");
            of_parts += usize::from(is_reported && said.contains("cannot read"));
        }
        replace(path, &whole);
    }
    assert!(reported > 20 && of_parts > 2, "{reported} {of_parts}");
    assert_eq!(scan().0, Some(1), "all is mended again");
}
