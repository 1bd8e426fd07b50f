//! What an attacker or a bad day does around a push: it is killed, two run at once, another
//! user runs it, somebody reads the list of processes.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use dtguard::install::Stage;

use crate::support::{DTGUARD, Ran, Repo, hermetic, make_executable};

/// A bare repository beside `repo`, with dtguard's hook.
fn server(repo: &Repo) -> PathBuf {
    let server = repo.outside().join("server.git");
    repo.git(&["init", "--quiet", "--bare", "--initial-branch=main", server.to_str().unwrap()]).succeeds();
    repo.install_hook(&server.join("hooks"), Stage::PreReceive);
    server
}

fn script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    make_executable(path);
}

#[test]
fn what_a_killed_push_left_on_the_server_passes_no_later_push_and_no_search_of_what_is_unreachable() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let server = server(&repo);
    let push = ["push", "--no-verify", server.to_str().unwrap(), "HEAD:refs/heads/main"];
    repo.git(&push).succeeds();
    repo.stage("a", &token.text);
    repo.commit_unseen();
    let hook = fs::read_to_string(server.join("hooks/pre-receive")).unwrap();
    script(&server.join("hooks/pre-receive"), "kill -9 $PPID");
    assert_ne!(repo.git(&push).code, 0);
    let objects = fs::read_dir(server.join("objects")).unwrap().flatten().map(|entry| entry.path());
    let left: Vec<_> = objects.filter(|path| path.to_string_lossy().contains("tmp_objdir-")).collect();
    assert_eq!(left.len(), 1, "git left its quarantine behind");
    fs::write(server.join("hooks/pre-receive"), hook).unwrap();
    repo.git(&push).blocks();
    let scan = |more: &[&str]| repo.dtguard_in(&server, &[], &[&["scan", "--history"], more].concat());
    // It may be that of a push under way.
    scan(&["--unreachable"]).succeeds();
    let folder = fs::File::open(&left[0]).unwrap();
    folder.set_modified(SystemTime::now() - Duration::from_secs(25 * 3600)).unwrap();
    scan(&[]).succeeds().says("1 token more in objects that no ref");
    scan(&["--unreachable"]).blocks().says(token.identifier().unwrap());
}

#[test]
fn of_pushes_at_the_same_time_each_is_searched_and_none_makes_another_forget_what_it_found() {
    let repo = Repo::new();
    let tokens: Vec<_> = (0..12).map(|seed| repo.token("dt0c01", seed)).collect();
    for (number, token) in tokens.iter().enumerate() {
        repo.git(&["checkout", "--quiet", "-B", &format!("b{number}"), "main"]).succeeds();
        repo.stage("a", if number % 2 == 0 { token.text.as_str() } else { "clean\n" });
        repo.stage("number", number.to_string());
        repo.commit_unseen();
    }
    let line = |number: usize| {
        let id = repo.git(&["rev-parse", &format!("b{number}")]).stdout;
        format!("b{number} {} refs/heads/b{number} {}\n", id.trim(), "0".repeat(40))
    };
    for round in 0..3 {
        let pushes = (0..tokens.len()).map(|number| {
            let file = repo.path.join(format!(".git/line{number}"));
            fs::write(&file, line(number)).unwrap();
            let mut push = hermetic(DTGUARD, &repo.path);
            push.args(["hook", "pre-push", "origin", "url"]).stdin(fs::File::open(file).unwrap());
            push.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        });
        let pushes: Vec<_> = pushes.collect();
        for (number, push) in pushes.into_iter().enumerate() {
            let ran = repo.check(Ran::of(push.wait_with_output().unwrap()));
            assert_eq!(ran.code, i32::from(number % 2 == 0), "{round}, {number}: {}", ran.stderr);
        }
        // One after the other, by whatever record is left.
        for (number, token) in tokens.iter().enumerate() {
            let mut push = hermetic(DTGUARD, &repo.path);
            let input = fs::File::open(repo.path.join(format!(".git/line{number}"))).unwrap();
            let ran =
                Ran::of(push.args(["hook", "pre-push", "origin", "url"]).stdin(input).output().unwrap());
            assert_eq!(ran.code, i32::from(number % 2 == 0), "{round}, {number}: {}", ran.stderr);
            assert_eq!(ran.stderr.contains(token.identifier().unwrap()), number % 2 == 0);
        }
    }
    let kept = fs::read_dir(repo.path.join(".git/dtguard")).unwrap().count();
    assert_eq!(kept, 1, "no file is left behind");
}

/// Runs a command as another user, who owns `home`. None where that cannot be done.
fn as_other(home: &Path, program: &str, folder: &Path, arguments: &[&str]) -> Option<Ran> {
    let mut command = hermetic("setpriv", folder);
    command.args(["--reuid=4321", "--regid=4321", "--clear-groups", program]).args(arguments);
    Some(Ran::of(command.env("HOME", home).output().ok()?))
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

#[test]
fn where_the_system_starts_no_more_threads_a_token_is_still_found_or_nothing_is_called_clean() {
    if !is_root() || Command::new("prlimit").arg("--version").output().is_err() {
        return;
    }
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let home = tempfile::tempdir().unwrap();
    let program = home.path().join("dtguard");
    fs::copy(DTGUARD, &program).unwrap();
    let lines = |length: usize| b"some words in a line\n".repeat(length / 21);
    fs::write(home.path().join("big"), [&lines(17 << 20), token.text.as_bytes()].concat()).unwrap();
    let names: Vec<_> = (0..40).map(|number| number.to_string()).collect();
    names.iter().for_each(|name| fs::write(home.path().join(name), lines(60_000)).unwrap());
    fs::write(home.path().join("last"), &token.text).unwrap();
    Command::new("chmod").args(["-R", "a+rX"]).arg(home.path()).status().unwrap();
    // In a repository libgit2 reads the configuration, for which git would be started elsewhere.
    std::os::unix::fs::chown(home.path(), Some(4321), Some(4321)).unwrap();
    as_other(home.path(), "git", home.path(), &["init", "--quiet", "."]).unwrap().succeeds();
    let scan = |what: &[&str]| {
        let arguments = [&["--nproc=1", program.to_str().unwrap(), "scan"], what].concat();
        repo.check(as_other(home.path(), "prlimit", home.path(), &arguments).unwrap())
    };
    assert_eq!(scan(&["big"]).says("big:848848:1").code, 1);
    let many: Vec<_> = names.iter().map(String::as_str).chain(["last"]).collect();
    assert_eq!(scan(&many).says("last:1:1").code, 1);
    // Standard input needs a thread.
    let ran = scan(&["-"]);
    assert_eq!(ran.code, 2);
    ran.says("<stdin>").says_not("internal error");
}

#[test]
fn a_hook_that_root_runs_in_the_repository_of_another_user_guards_and_does_not_slow_them_down() {
    if !is_root() || Command::new("setpriv").arg("--version").output().is_err() {
        return;
    }
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    // The way to it and the program may be closed to others.
    let top = tempfile::tempdir().unwrap();
    let open = |path: &Path| drop(Command::new("chmod").args(["-R", "a+rX"]).arg(path).status());
    let program = top.path().join("dtguard");
    fs::copy(DTGUARD, &program).unwrap();
    open(top.path());
    let home = top.path().join("home");
    fs::create_dir(&home).unwrap();
    std::os::unix::fs::chown(&home, Some(4321), Some(4321)).unwrap();
    let theirs = home.join("repo");
    let other = |program: &str, folder: &Path, arguments: &[&str]| {
        repo.check(as_other(&home, program, folder, arguments).unwrap())
    };
    let name = ["-c", "user.name=T", "-c", "user.email=t@l"];
    if other("git", &home, &["init", "--quiet", "repo"]).code != 0 {
        return;
    }
    other(program.to_str().unwrap(), &theirs, &["install"]).succeeds();
    fs::write(theirs.join("a"), "text\n").unwrap();
    other("git", &theirs, &["add", "a"]).succeeds();
    other("git", &theirs, &[&name[..], &["commit", "-m", "m"]].concat()).succeeds();
    fs::write(theirs.join("b"), &token.text).unwrap();
    other("git", &theirs, &["add", "b"]).succeeds();
    let commit = [&name[..], &["commit", "-m", "m"]].concat();
    other("git", &theirs, &commit).blocks();
    // As sudo runs it, as root who trusts them, and as root who does not.
    for (environment, trusts) in [
        (&[("SUDO_UID", "4321")][..], true),
        (
            &[("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "safe.directory"), ("GIT_CONFIG_VALUE_0", "*")],
            true,
        ),
        (&[], false),
    ] {
        let ran = repo.git_in(&theirs, environment, &["commit", "-m", "m"]);
        assert!(ran.code != 0, "{}", ran.stderr);
        assert_eq!(ran.stderr.contains(token.identifier().unwrap()), trusts, "{}", ran.stderr);
        let ran = repo.dtguard_in(&theirs, environment, &["hook", "pre-commit"]);
        assert_eq!(ran.code, if trusts { 1 } else { 2 }, "{environment:?}: {}", ran.stderr);
    }
    other("git", &theirs, &["rm", "--quiet", "--cached", "b"]).succeeds();
    let bare = home.join("bare.git");
    other("git", &home, &["init", "--quiet", "--bare", "bare.git"]).succeeds();
    let push = ["push", bare.to_str().unwrap(), "HEAD:refs/heads/main"];
    repo.git_in(&theirs, &[("SUDO_UID", "4321")], &push).succeeds();
    let record = theirs.join(".git/dtguard/searched");
    for path in [record.as_path(), record.parent().unwrap()] {
        assert_eq!(fs::metadata(path).unwrap().uid(), 4321, "{}", path.display());
    }
    let before = fs::read_to_string(&record).unwrap();
    other("git", &theirs, &[&name[..], &["commit", "--allow-empty", "-m", "n"]].concat()).succeeds();
    std::os::unix::fs::chown(&bare, Some(4321), Some(4321)).unwrap();
    let _owner = Command::new("chown").args(["-R", "4321:4321"]).arg(&home).status();
    other("git", &theirs, &push).succeeds().says("in 1 commit");
    assert_ne!(fs::read_to_string(&record).unwrap(), before, "their own pushes are noted");
}

/// What is asked while processes are listed, and the file that standard input is.
const ASKED: &[(&[&str], &str)] = &[
    (&["scan"], ".git/EMPTY"),
    (&["scan", "."], ".git/EMPTY"),
    (&["scan", "--untracked", "."], ".git/EMPTY"),
    (&["scan", "--ignored", "."], ".git/EMPTY"),
    (&["scan", "--untracked", "--ignored"], ".git/EMPTY"),
    (&["scan", "--recurse-submodules"], ".git/EMPTY"),
    (&["scan", "--staged"], ".git/EMPTY"),
    (&["scan", "--history", "--unreachable"], ".git/EMPTY"),
    (&["scan", "--rev", "HEAD"], ".git/EMPTY"),
    (&["scan", "--range", "HEAD"], ".git/EMPTY"),
    (&["scan", "-"], ".git/MESSAGE"),
    (&["hook", "pre-commit"], ".git/EMPTY"),
    (&["hook", "pre-merge-commit"], ".git/EMPTY"),
    (&["hook", "commit-msg", ".git/MESSAGE"], ".git/EMPTY"),
    (&["hook", "prepare-commit-msg", ".git/MESSAGE", "commit", "HEAD"], ".git/EMPTY"),
    (&["hook", "post-commit"], ".git/EMPTY"),
    (&["hook", "post-merge"], ".git/EMPTY"),
    (&["hook", "pre-push", "origin", "url"], ".git/LINE"),
    (&["hook", "pre-receive"], ".git/ARRIVES"),
    (&["mask"], ".git/MESSAGE"),
    (&["policy", "test", "-"], ".git/MESSAGE"),
    (&["baseline"], ".git/EMPTY"),
    (&["import", "--dry-run"], ".git/EMPTY"),
    (&["install"], ".git/EMPTY"),
    (&["doctor"], ".git/EMPTY"),
];

/// A token in content, names of files, folders, branches, tags, remotes and submodules, in
/// authors and messages. Returns the commit that is about to be merged.
fn token_everywhere(repo: &Repo, text: &str) -> String {
    let user = format!("user.name={text}");
    repo.stage("a", text);
    repo.stage(&format!("{text}/{text}"), text);
    repo.git(&["-c", &user, "commit", "--quiet", "--no-verify", "-m", text]).succeeds();
    repo.git(&["branch", text]).succeeds();
    repo.git(&["-c", &user, "tag", "-a", "-m", text, &format!("t{text}")]).succeeds();
    repo.git(&["tag", &format!("tree{text}"), "HEAD^{tree}"]).succeeds();
    repo.git(&["remote", "add", text, &format!("https://{text}@host/{text}")]).succeeds();
    repo.git(&["update-ref", &format!("refs/remotes/{text}/main"), "HEAD"]).succeeds();
    repo.git(&["checkout", "--quiet", text]).succeeds();
    repo.stage("b", format!("{text}\n"));
    repo.stage(&format!("{text}/c"), text);
    repo.git_in(repo.outside(), &[], &["init", "--quiet", "other"]).succeeds();
    repo.git_in(&repo.outside().join("other"), &[], &["commit", "--quiet", "--allow-empty", "-m", "m"])
        .succeeds();
    let other = repo.outside().join("other");
    let module = format!("sub/{text}");
    repo.git(&["submodule", "--quiet", "add", other.to_str().unwrap(), &module]).succeeds();
    repo.write(".git/MESSAGE", text);
    repo.write(".git/EMPTY", "");
    let id = repo.git(&["rev-parse", "HEAD"]).stdout.trim().to_owned();
    let zero = "0".repeat(40);
    repo.write(".git/LINE", format!("{text} {id} refs/heads/{text} {zero}\n"));
    repo.write(".git/ARRIVES", format!("{zero} {id} refs/heads/{text}\n"));
    id
}

#[test]
fn the_list_of_processes_shows_no_secret_part() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let mut folders =
        std::env::split_paths(&std::env::var_os("PATH").unwrap()).collect::<Vec<_>>().into_iter();
    let git = folders.find(|folder| folder.join("git").is_file()).unwrap().join("git");
    let (log, programs) = (repo.outside().join("log"), repo.outside().join("programs"));
    // It keeps what it was started with.
    let record = format!("printf '%s\\n' \"$*\" >>'{}'; exec '{}' \"$@\"", log.display(), git.display());
    script(&programs.join("git"), &record);
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let head = format!("GITHEAD_{}", token_everywhere(&repo, &token.text));
    let inner = repo.path.join(&token.text);
    for (arguments, input) in ASKED {
        let readers: &[&[&str]] = if arguments[0] == "hook" { &[&[], &["--reader", "git"]] } else { &[&[]] };
        let folders = [&repo.path, &inner].into_iter().take(if *input == ".git/EMPTY" { 2 } else { 1 });
        for (folder, reader) in folders.flat_map(|folder| readers.iter().map(move |reader| (folder, reader)))
        {
            let mut dtguard = hermetic(DTGUARD, folder);
            dtguard
                .args(&arguments[..1])
                .args(*reader)
                .args(&arguments[1..])
                .env("PATH", &path)
                .env(&head, "main");
            dtguard.stdin(fs::File::open(repo.path.join(input)).unwrap());
            let ran = repo.check(Ran::of(dtguard.output().unwrap()));
            assert!(ran.code < 3, "{arguments:?}: {}", ran.stderr);
            let lists = fs::read_to_string(&log).unwrap_or_default();
            let shows = lists.lines().find(|line| line.contains(token.secret()));
            assert_eq!(shows, None, "{arguments:?} in {}", folder.display());
        }
    }
    assert!(fs::read_to_string(&log).unwrap().lines().count() > 100, "git was asked");
}
