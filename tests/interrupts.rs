//! Ctrl-C, as a terminal sends it, and other signals.

use std::io::Write as _;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::support::{DTGUARD, Ran, Repo, hermetic};

/// Runs `dtguard scan ARGUMENTS`, gives it `input` through a pipe that stays open, and sends
/// it SIGINT once it has had time to read that. Returns its output, and how long it took
/// to end after the signal.
fn interrupted(repo: &Repo, arguments: &[&str], input: &[u8]) -> (Ran, Duration) {
    interrupted_together(repo, &[arguments], input).remove(0)
}

/// The same for scans that run at the same time.
fn interrupted_together(repo: &Repo, all: &[&[&str]], input: &[u8]) -> Vec<(Ran, Duration)> {
    let start = |arguments: &&[&str]| {
        let mut command = hermetic(DTGUARD, &repo.path);
        command
            .arg("scan")
            .args(*arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input).unwrap();
        (child, stdin)
    };
    let mut running: Vec<_> = all.iter().map(start).collect();
    thread::sleep(Duration::from_millis(700));
    for (child, _) in &mut running {
        assert!(child.try_wait().unwrap().is_none(), "it waits for its input");
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    }
    let sent = Instant::now();
    let end = |(child, stdin): (Child, ChildStdin)| {
        let output = child.wait_with_output().unwrap();
        drop(stdin);
        let ran = repo.check(Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
        (ran, sent.elapsed())
    };
    running.into_iter().map(end).collect()
}

#[test]
fn ctrl_c_stops_a_scan_of_standard_input_that_nobody_writes_to_and_what_came_is_reported() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let diff = format!("--- a/f\n+++ b/f\n@@ -0,0 +1 @@\n+x={token}\n");
    for (arguments, input, place) in
        [(["-"], format!("x={token}\n"), "<stdin>:1:3"), (["--diff"], diff, " f:1:3")]
    {
        let (ran, took) = interrupted(&repo, &arguments, input.as_bytes());
        let ran = ran.says("interrupted: only part").says(place);
        assert_eq!(ran.says_not("no Dynatrace token").code, 130, "{arguments:?}");
        assert!(took < Duration::from_secs(2), "{arguments:?}: {took:?}");
        // Nothing is called clean if only a part of it came.
        let (ran, _) = interrupted(&repo, &arguments, b"--- a/f\n+++ b/f\n@@ -0,0 +1,2 @@\n+x\n");
        let ran = ran.says("interrupted: only part").says_not("no Dynatrace token");
        assert_eq!(ran.says_not("cannot read").code, 130, "{arguments:?}");
        let (ran, _) = interrupted(&repo, &[&arguments[..], &["--format", "json"]].concat(), b"x\n");
        assert!(ran.code == 130 && ran.stdout.contains("\"verdict\": \"interrupted\""), "{}", ran.stdout);
    }
}

#[test]
fn ctrl_c_ends_a_scan_that_waits_for_a_file_system_that_does_not_answer() {
    let repo = Repo::new();
    repo.stage("f", "text\n");
    repo.commit_unseen();
    repo.stage("f", "other text\n");
    let objects = |revision: &str| {
        let id = repo.git(&["rev-parse", revision]).stdout.trim().to_owned();
        repo.path.join(".git/objects").join(&id[..2]).join(&id[2..])
    };
    // To open a pipe that nobody writes to takes as long.
    for path in [objects(":f"), objects("HEAD:f")] {
        std::fs::remove_file(&path).unwrap();
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    }
    let all = [&["--staged"][..], &["--range", "HEAD"], &["--rev", "HEAD"], &["--history"]];
    for (arguments, (ran, took)) in all.iter().zip(interrupted_together(&repo, &all, b"")) {
        assert_eq!(ran.code, 130, "{arguments:?}");
        assert!(took < Duration::from_secs(10), "{arguments:?}: {took:?}");
    }
}

#[test]
fn a_hook_that_is_killed_lets_nothing_pass() {
    let repo = Repo::new();
    let server = repo.outside().join("server.git");
    repo.git(&["init", "--quiet", "--bare", server.to_str().unwrap()]).succeeds();
    repo.stage("f", "text\n");
    let id = repo.git(&["rev-parse", ":f"]).stdout.trim().to_owned();
    let object = repo.path.join(".git/objects").join(&id[..2]).join(&id[2..]);
    let whole = std::fs::read(&object).unwrap();
    repo.commit_unseen();
    let pid = repo.outside().join("pid");
    for stage in ["pre-commit", "pre-push"] {
        let hook = repo.path.join(".git/hooks").join(stage);
        let text = format!("#!/bin/sh\necho $$ >'{}'\nexec '{DTGUARD}' hook {stage} \"$@\"\n", pid.display());
        std::fs::write(hook, text).unwrap();
    }
    // What the hook reads is a pipe that nobody writes to.
    std::fs::remove_file(&object).unwrap();
    assert!(Command::new("mkfifo").arg(&object).status().unwrap().success());
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{id},new")]).succeeds();
    // A shell ignores SIGINT in what it runs in the background, and so do its children; what
    // this process handles is back to its default in them.
    drop(ctrlc::set_handler(|| std::process::abort()));
    let push = ["push", "--quiet", server.to_str().unwrap(), "HEAD:refs/heads/main"];
    for (arguments, refused) in [(&["commit", "-m", "m"][..], "commit"), (&push, "push")] {
        for signal in ["-TERM", "-INT", "-HUP", "-KILL"] {
            let _gone = std::fs::remove_file(&pid);
            let mut git = hermetic("git", &repo.path);
            git.args(["-c", "user.name=T", "-c", "user.email=t@l"]).args(arguments);
            let mut git = git.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            let late = Instant::now() + Duration::from_secs(20);
            while std::fs::read_to_string(&pid).map_or(true, |pid| !pid.ends_with('\n')) {
                assert!(Instant::now() < late && git.try_wait().unwrap().is_none(), "{arguments:?}");
                thread::sleep(Duration::from_millis(5));
            }
            thread::sleep(Duration::from_millis(100));
            let id = std::fs::read_to_string(&pid).unwrap();
            assert!(Command::new("kill").args([signal, id.trim()]).status().unwrap().success());
            let late = Instant::now() + Duration::from_secs(20);
            let ended = loop {
                match git.try_wait().unwrap() {
                    Some(status) => break status,
                    None => assert!(Instant::now() < late, "{refused}: {signal} is ignored"),
                }
                thread::sleep(Duration::from_millis(5));
            };
            assert!(!ended.success(), "{refused} {signal}");
        }
    }
    std::fs::remove_file(&object).unwrap();
    std::fs::write(&object, whole).unwrap();
    assert_eq!(repo.commits(), 2);
    let arrived = repo.git_in(&server, &[], &["for-each-ref"]).stdout;
    assert_eq!(arrived, "", "nothing arrived");
}

#[test]
fn ctrl_c_stops_a_scan_between_two_files_and_what_was_found_is_reported() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("a", format!("x={token}\n"));
    // Enough for a long time: all of it is decoded in many ways. Each file is read to its end
    // within the seconds after which the program ends anyway.
    let line = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg==\n";
    let text = line.repeat(1 << 18 >> 6);
    for number in 0..800 {
        repo.write(&format!("b{number:03}"), format!("{number}{text}"));
    }
    repo.git(&["add", "."]).succeeds();
    for arguments in [&["--staged"][..], &[]] {
        let (ran, took) = interrupted(&repo, arguments, b"");
        let ran = ran.says("interrupted: only part").says("  a:1:3").says_not("no Dynatrace token");
        assert_eq!(ran.code, 130, "{arguments:?}");
        assert!(took < Duration::from_secs(6), "{arguments:?}: {took:?}");
    }
    repo.commit_unseen();
    for arguments in [&["--range", "HEAD~1..HEAD"][..], &["--rev", "HEAD"]] {
        let (ran, _) = interrupted(&repo, arguments, b"");
        assert_eq!(ran.says("interrupted: only part").says(" a:1:3").code, 130, "{arguments:?}");
    }
}
