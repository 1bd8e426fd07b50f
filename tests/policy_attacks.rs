//! Policies as an attacker or a bad day would have them: none hangs a commit, none says
//! more than it shows, and an interrupted change leaves the old one.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use dtguard::policy::Policy;

use crate::support::{DTGUARD, Ran, Repo, hermetic};

/// Far more than any run takes on a busy machine.
const LONG: Duration = Duration::from_secs(20);

fn id(number: u32) -> String {
    let letters: String =
        format!("{number:024}").bytes().map(|digit| char::from(b'A' + digit - b'0')).collect();
    format!("dt0c01.{letters}")
}

/// Runs `command`, which must end by itself.
#[track_caller]
fn ends(command: &mut Command) -> Ran {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let since = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if since.elapsed() > LONG {
            child.kill().unwrap();
            panic!("it did not end: {:?}", Ran::of(child.wait_with_output().unwrap()));
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ran::of(child.wait_with_output().unwrap())
}

#[cfg(unix)]
#[test]
fn a_policy_that_is_no_file_or_has_no_end_stops_the_commit_and_does_not_hang_it() {
    use std::os::unix::fs::symlink;
    let repo = Repo::new();
    repo.stage("a", "b");
    let home = repo.outside().join("home");
    let user = home.join(".config/dtguard/policy.toml");
    fs::create_dir_all(user.parent().unwrap()).unwrap();
    let pipe = repo.outside().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let run = |arguments: &[&str]| {
        let mut command = hermetic(DTGUARD, &repo.path);
        ends(command.args(arguments).env("HOME", &home))
    };
    for target in [pipe.as_path(), "/dev/zero".as_ref(), "/".as_ref()] {
        symlink(target, &user).unwrap();
        for arguments in [&["hook", "pre-commit"][..], &["scan"], &["policy", "show"], &["doctor"]] {
            assert_eq!(run(arguments).says("it is no file").code, 2, "{}", target.display());
        }
        fs::remove_file(&user).unwrap();
        // And so where git names it.
        fs::write(home.join(".gitconfig"), format!("[dtguard]\n\tpolicy = {}\n", target.display())).unwrap();
        let mut command = hermetic(DTGUARD, &repo.path);
        let ran =
            ends(command.args(["hook", "pre-commit"]).env("HOME", &home).env_remove("GIT_CONFIG_GLOBAL"));
        assert_eq!(ran.refuses("it is no file").code, 2, "{}", target.display());
        fs::remove_file(home.join(".gitconfig")).unwrap();
    }
    for arguments in [&["--policy", "/dev/zero", "scan"][..], &["policy", "check", "/dev/zero"]] {
        assert_eq!(run(arguments).refuses("a policy has at most 32 MB").code, 2);
    }
    // In the work tree too.
    let own = repo.path.join(".dtguard.toml");
    assert!(Command::new("mkfifo").arg(&own).status().unwrap().success());
    for arguments in [
        &["allow", &*id(1), "--reason", "r"][..],
        &["baseline"],
        &["import"],
        &["scan"],
        &["policy", "check"],
    ] {
        assert_eq!(run(arguments).refuses("neither a file nor").code, 2, "{arguments:?}");
    }
    assert!(run(&["doctor"]).code != 0);
}

#[test]
fn a_policy_that_is_no_utf_8_says_so_to_each_reader() {
    let repo = Repo::new();
    let text = "version = 1\n";
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [&b"\xff\xfe"[..], &wide].concat();
    for content in [wide, marked, b"version = 1\n\xff".to_vec()] {
        repo.stage(".dtguard.toml", &content);
        for arguments in [
            &["hook", "pre-commit"][..],
            &["scan"],
            &["policy", "check"],
            &["allow", &id(1), "--reason", "r"],
        ] {
            repo.dtguard(arguments).refuses("not UTF-8").says("save it as UTF-8");
        }
        assert_eq!(fs::read(repo.path.join(".dtguard.toml")).unwrap(), content);
    }
}

#[test]
fn a_class_of_characters_in_a_path_never_crosses_folders() {
    for path in ["t[]/]a", "t[]+-0]a", "t[]!-z]a", "t[a/]b", "t[!a]b", "t[^]]a", "t[]", "t[.-0]a"] {
        let policy =
            format!("version = 1\n[[allow]]\npath = '{path}'\nkinds = [\"dt0c01\"]\nreason = \"r\"\n");
        assert!(Policy::parse("p.toml", &policy).is_err(), "{path}");
    }
    for path in ["t[]]a", "t[ab]c", "t[]a-z]b", "t[a-z]/b", r"t\[a/b", "t[a]/b[0-9]"] {
        let policy =
            format!("version = 1\n[[allow]]\npath = '{path}'\nkinds = [\"dt0c01\"]\nreason = \"r\"\n");
        Policy::parse("p.toml", &policy).unwrap();
    }
}

#[test]
fn of_twenty_entries_written_at_once_none_is_lost() {
    let repo = Repo::new();
    let children: Vec<_> = (0..20)
        .map(|number| {
            let mut command = hermetic(DTGUARD, &repo.path);
            command.args(["allow", &id(number), "--reason", "r"]).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for child in children {
        Ran::of(child.wait_with_output().unwrap()).succeeds();
    }
    let text = fs::read_to_string(repo.path.join(".dtguard.toml")).unwrap();
    assert_eq!(Policy::parse(".dtguard.toml", &text).unwrap().entries().len(), 20);
    assert_eq!(repo.git(&["status", "--porcelain"]).stdout, "?? .dtguard.toml\n");
}

#[cfg(unix)]
#[test]
fn an_interrupted_change_leaves_the_old_policy_or_the_new_one() {
    let repo = Repo::new();
    let mut interrupted = 0;
    for number in 0..60 {
        let old = fs::read_to_string(repo.path.join(".dtguard.toml")).unwrap_or_default();
        let mut command = hermetic(DTGUARD, &repo.path);
        let mut child =
            command.args(["allow", &id(number), "--reason", "r"]).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_micros(u64::from(number) * 400));
        let signal =
            Command::new("kill").args(["-INT", &child.id().to_string()]).stderr(Stdio::null()).status();
        signal.unwrap();
        let ended = child.wait().unwrap();
        interrupted += u32::from(!ended.success());
        let new = fs::read_to_string(repo.path.join(".dtguard.toml")).unwrap_or_default();
        assert!(new == old || new.ends_with(&format!("id = \"{}\"\nreason = \"r\"\n", id(number))), "{new}");
        assert!(new == old || new.starts_with(old.trim_end()), "{old}\n{new}");
    }
    assert!(interrupted > 0, "no signal came in time");
    let left = repo.git(&["status", "--porcelain"]).stdout;
    assert!(left.is_empty() || left == "?? .dtguard.toml\n", "{left}");
}

#[cfg(unix)]
#[test]
fn a_disk_that_is_full_leaves_the_old_policy() {
    let repo = Repo::new();
    repo.write("old.env", repo.token("dt0c01", 1).text);
    repo.git(&["add", "."]).succeeds();
    repo.write(".gitallowed", id(3));
    let old = format!("version = 1\n\n[[allow]]\nid = \"{}\"\nreason = \"old\"\n", id(1));
    repo.write(".dtguard.toml", &old);
    for arguments in ["allow ID --reason new", "baseline", "import --reason r"] {
        // As on a full disk: no byte can be written into a file.
        let script =
            format!("trap '' XFSZ; ulimit -f 0; exec '{DTGUARD}' {}", arguments.replace("ID", &id(1)));
        let ran = Ran::of(hermetic("sh", &repo.path).args(["-c", &script]).output().unwrap());
        assert_eq!(ran.refuses("cannot write").code, 2, "{arguments}");
        assert_eq!(fs::read_to_string(repo.path.join(".dtguard.toml")).unwrap(), old, "{arguments}");
        assert_eq!(repo.git(&["status", "--porcelain", "--", ".dtguard*"]).stdout, "?? .dtguard.toml\n");
    }
}

#[test]
fn a_whole_token_that_is_typed_anywhere_is_in_the_shells_history_and_the_user_is_warned() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let id = id(1);
    for arguments in [
        &["allow", &token.text, "--reason", "r"][..],
        &["allow", &id, "--reason", &token.text],
        &["allow", &id, "--reason", "r", "--owner", &token.text],
        &["allow", &id, "--reason", "r", "--expires", &token.text],
        &["baseline", "--owner", &token.text],
        &["import", "--reason", &token.text],
        &["explain", &token.text],
        &["policy", "test", &token.text],
        &["policy", &token.text],
        &["patterns", "--for", &token.text],
        &["scan", "--format", &token.text],
    ] {
        let said = repo.dtguard(arguments).stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("in your shell's history now"), "{arguments:?}: {said}");
    }
}

#[test]
fn a_dry_run_shows_no_secret_part_that_somebody_wrote_into_the_policy() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    repo.write(".dtguard.toml", format!("version = 1\n# {}\n", token.text));
    repo.write(".gitallowed", id(1));
    // The harness looks for the secret part.
    let ran = repo.dtguard(&["import", "--dry-run", "--reason", "r"]).succeeds();
    assert!(ran.stdout.contains(token.identifier().unwrap()), "{}", ran.stdout);
}

/// What is committed under the policy's name as a link or a submodule looks like no
/// policy in a review, whatever its text says.
#[test]
fn what_is_no_file_in_the_repository_is_no_policy() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let policy =
        format!("version = 1\n[[allow]]\nid = \"{}\"\nreason = \"r\"\n", token.identifier().unwrap());
    repo.stage("policy", &policy);
    let blob = repo.git(&["rev-parse", ":policy"]).succeeds().stdout;
    repo.stage("a.env", &token.text);
    for (mode, reader) in [
        ("120000", "fastest"),
        ("160000", "fastest"),
        ("120000", "libgit2"),
        ("160000", "libgit2"),
        ("120000", "git"),
        ("160000", "git"),
    ] {
        let entry = format!("{mode},{},.dtguard.toml", blob.trim());
        repo.git(&["update-index", "--add", "--cacheinfo", &entry]).succeeds();
        let refused = |ran: Ran, code: i32| {
            let ran = ran.refuses("`.dtguard.toml` is no file").says("allows nothing");
            assert_eq!(ran.code, code, "{mode} {reader}: {}", ran.stderr);
        };
        refused(repo.dtguard(&["hook", "--reader", reader, "pre-commit"]), 1);
        repo.commit_unseen();
        for scope in [&["--range", "HEAD~1..HEAD"][..], &["--rev", "HEAD"]] {
            refused(repo.dtguard(&[&["scan", "--reader", reader], scope].concat()), 1);
        }
        repo.stage("b", "nothing");
        refused(repo.dtguard(&["hook", "--reader", reader, "pre-commit"]), 2);
        repo.git(&["reset", "--quiet", "HEAD~1"]).succeeds();
        repo.git(&["add", "a.env", "policy"]).succeeds();
    }
    // A server: its own policy, and one that would become it.
    let server = repo.outside().join("server.git");
    repo.git_in(repo.outside(), &[], &["init", "--quiet", "--bare", "--initial-branch=main", "server.git"])
        .succeeds();
    repo.dtguard(&["install", "--repo", server.to_str().unwrap()]).succeeds();
    repo.git(&["rm", "--quiet", "--cached", "a.env"]).succeeds();
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("120000,{},.dtguard.toml", blob.trim())])
        .succeeds();
    repo.commit_unseen();
    let push = |to: &str| repo.git(&["push", "--no-verify", server.to_str().unwrap(), to]);
    assert!(push("HEAD:main").says("`.dtguard.toml` is no file").code != 0);
    push("HEAD:other").succeeds();
    // Nor is one in the work tree.
    #[cfg(unix)]
    {
        repo.git(&["reset", "--quiet", "--hard", "HEAD~1"]).succeeds();
        let _none = fs::remove_file(repo.path.join(".dtguard.toml"));
        std::os::unix::fs::symlink(policy, repo.path.join(".dtguard.toml")).unwrap();
        repo.write("a.env", &token.text);
        for arguments in [&["scan", "a.env"][..], &["policy", "check"], &["baseline"]] {
            repo.dtguard(arguments).refuses("`.dtguard.toml` is no file");
        }
    }
}
