//! Installing on a bad day: whatever breaks off, no hook is half written, none is
//! lost, and the message says what is missing.

#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::{DTGUARD, Ran, Repo, effort, hermetic, make_executable};

const THEIRS: &str = "#!/bin/sh\necho theirs >&2\n";

/// A repository with a hook of somebody's, and a home folder beside it.
struct At {
    repo: Repo,
    hooks: PathBuf,
    home: PathBuf,
}

impl At {
    fn new() -> Self {
        let repo = Repo::new();
        let (hooks, home) = (repo.path.join(".git/hooks"), repo.outside().join("home"));
        fs::remove_dir_all(&hooks).unwrap();
        fs::create_dir_all(&hooks).unwrap();
        fs::create_dir(&home).unwrap();
        fs::write(hooks.join("pre-commit"), THEIRS).unwrap();
        make_executable(&hooks.join("pre-commit"));
        Self { repo, hooks, home }
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = hermetic(program, &self.repo.path);
        command.env("HOME", &self.home).env_remove("GIT_CONFIG_GLOBAL").args(arguments);
        command
    }

    fn run(&self, mut command: Command) -> Ran {
        self.repo.check(Ran::of(command.output().unwrap()))
    }

    /// dtguard under a shell that `limits` it.
    fn limited(&self, limits: &str, arguments: &[&str]) -> Ran {
        let script = format!("{limits}; exec '{DTGUARD}' \"$@\"");
        self.run(self.command("sh", &[&["-c", &script, "sh"], arguments].concat()))
    }

    fn spawn(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(DTGUARD, arguments);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// What is in the folder of hooks and in the home folder's configuration.
    fn state(&self) -> Vec<(String, Vec<u8>)> {
        [files(&self.hooks), files(&self.home)].concat()
    }
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|file| file.path().is_file())
        .map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn a_link_where_a_hook_is_about_to_be_written_overwrites_no_file_elsewhere() {
    let at = At::new();
    let precious = at.repo.outside().join("precious");
    fs::write(&precious, "precious").unwrap();
    for name in
        ["pre-commit.dtguard-new", "pre-push.before-dtguard.dtguard-new", "pre-merge-commit.dtguard-new"]
    {
        std::os::unix::fs::symlink(&precious, at.hooks.join(name)).unwrap();
    }
    at.run(at.command(DTGUARD, &["install"])).succeeds();
    assert_eq!(fs::read_to_string(&precious).unwrap(), "precious");
    assert!(at.hooks.join("pre-commit").symlink_metadata().unwrap().is_file());
}

#[test]
fn twenty_installs_at_once_lose_no_hook() {
    let at = At::new();
    at.run(at.command(DTGUARD, &["install"])).succeeds();
    let wanted = at.state();
    at.run(at.command(DTGUARD, &["uninstall"])).succeeds();
    let all: Vec<Child> = (0..20).map(|_| at.spawn(&["install"])).collect();
    for child in all {
        Ran::of(child.wait_with_output().unwrap()).succeeds();
    }
    assert_eq!(at.state(), wanted);
    assert_eq!(fs::read_to_string(at.hooks.join("pre-commit.before-dtguard")).unwrap(), THEIRS);
}

#[test]
fn twenty_users_installs_at_once_leave_one_whole_configuration() {
    let at = At::new();
    fs::write(at.home.join(".gitconfig"), "[user]\n\tname = a\n").unwrap();
    let all: Vec<Child> = (0..20).map(|_| at.spawn(&["install", "--user"])).collect();
    for child in all {
        Ran::of(child.wait_with_output().unwrap()).succeeds();
    }
    let config = fs::read_to_string(at.home.join(".gitconfig")).unwrap();
    assert_eq!(config.matches("# dtguard hooks: begin").count(), 1, "{config}");
    at.run(at.command(DTGUARD, &["uninstall", "--user"])).succeeds();
    assert_eq!(files(&at.home), [(".gitconfig".to_owned(), b"[user]\n\tname = a\n".to_vec())]);
}

#[test]
fn a_full_disk_leaves_what_was_there() {
    let at = At::new();
    fs::write(at.home.join(".gitconfig"), "[user]\n\tname = a\n").unwrap();
    let before = at.state();
    let full = "trap '' XFSZ; ulimit -f 0";
    for arguments in [&["install"][..], &["install", "--user"], &["install", "--template", "template"]] {
        assert_eq!(at.limited(full, arguments).refuses("cannot write").code, 2, "{arguments:?}");
        assert_eq!(at.state(), before, "{arguments:?}");
        assert!(!at.home.join(".config").exists(), "nor does an empty folder stay");
    }
    // Then there is room again.
    at.run(at.command(DTGUARD, &["install"])).succeeds();
    at.run(at.command(DTGUARD, &["install", "--user"])).succeeds();
    let installed = at.state();
    // Taking a hook out needs no room, taking lines out of a file does.
    assert_eq!(at.limited(full, &["uninstall", "--user"]).code, 2);
    assert_eq!(at.state(), installed);
    at.limited(full, &["uninstall"]).succeeds();
    assert_eq!(fs::read_to_string(at.hooks.join("pre-commit")).unwrap(), THEIRS);
}

#[test]
#[cfg(target_os = "linux")]
fn a_folder_that_cannot_be_written_to_is_named() {
    let at = At::new();
    // No file can be made there, not even by root.
    at.repo.git(&["config", "core.hooksPath", "/sys/kernel"]).succeeds();
    assert_eq!(at.run(at.command(DTGUARD, &["install"])).refuses("/sys/kernel").code, 2);
    assert_eq!(at.run(at.command(DTGUARD, &["uninstall"])).code, 0);
}

#[test]
fn an_install_that_is_killed_at_any_moment_leaves_a_whole_hook() {
    let complete = At::new();
    complete.run(complete.command(DTGUARD, &["install"])).succeeds();
    let ours = fs::read(complete.hooks.join("pre-commit")).unwrap();
    for signal in ["-TERM", "-INT", "-HUP", "-KILL"] {
        let at = At::new();
        for delay in (0..18_000).step_by(18_000 / effort::cases(4, 12) as usize).map(Duration::from_micros) {
            let child = at.spawn(&["install"]);
            std::thread::sleep(delay);
            Command::new("kill")
                .args([signal, &child.id().to_string()])
                .stderr(Stdio::null())
                .status()
                .unwrap();
            child.wait_with_output().unwrap();
            let hook = fs::read(at.hooks.join("pre-commit")).unwrap();
            assert!(hook == THEIRS.as_bytes() || hook == ours, "{}", String::from_utf8_lossy(&hook));
            if hook == ours {
                assert_eq!(fs::read(at.hooks.join("pre-commit.before-dtguard")).unwrap(), THEIRS.as_bytes());
            }
            // Whatever it left, the next one goes on from there, and back.
            at.run(at.command(DTGUARD, &["install"])).succeeds();
            at.run(at.command(DTGUARD, &["uninstall"])).succeeds();
            assert_eq!(files(&at.hooks), [("pre-commit".to_owned(), THEIRS.as_bytes().to_vec())]);
        }
    }
}

#[test]
fn an_install_that_broke_off_between_two_steps_is_finished_by_the_next_and_taken_back_by_uninstall() {
    for next in ["install", "uninstall"] {
        let at = At::new();
        // It has two names from before the new one takes the place until then.
        fs::hard_link(at.hooks.join("pre-commit"), at.hooks.join("pre-commit.before-dtguard")).unwrap();
        at.run(at.command(DTGUARD, &[next])).succeeds();
        let kept = fs::read_to_string(at.hooks.join("pre-commit.before-dtguard"));
        assert_eq!(kept.is_ok(), next == "install");
        at.run(at.command(DTGUARD, &["uninstall"])).succeeds();
        assert_eq!(files(&at.hooks), [("pre-commit".to_owned(), THEIRS.as_bytes().to_vec())]);
    }
}

#[test]
fn a_lock_that_a_killed_git_left_behind_is_named_with_the_command_that_removes_it() {
    let at = At::new();
    fs::write(at.home.join(".gitconfig.lock"), "").unwrap();
    let lock = at.home.join(".gitconfig.lock").display().to_string();
    let ran = at.run(at.command(DTGUARD, &["install", "--user"])).refuses(&lock);
    assert_eq!(ran.says(&format!("rm '{lock}'")).code, 2);
}

#[test]
fn sixteen_open_files_are_enough() {
    let at = At::new();
    for arguments in [&["install"][..], &["install", "--user"], &["doctor"], &["uninstall", "--user"]] {
        at.limited("ulimit -n 16", arguments).succeeds();
    }
}

#[test]
fn a_home_folder_that_is_missing_or_relative_hinders_no_repository_and_is_named_where_it_counts() {
    let at = At::new();
    for home in [None, Some(""), Some("relative/home")] {
        let run = |arguments: &[&str]| {
            let mut command = at.command(DTGUARD, arguments);
            command.env_remove("HOME").env_remove("USERPROFILE").envs(home.map(|home| ("HOME", home)));
            at.run(command)
        };
        run(&["install"]).succeeds();
        run(&["doctor"]).succeeds();
        assert_eq!(run(&["install", "--user"]).refuses("home folder").says("HOME=/").code, 2, "{home:?}");
        run(&["uninstall"]).succeeds();
        assert!(!at.repo.path.join("relative").exists());
    }
    // Nor does a file that is another one in each folder lead every repository anywhere.
    let mut install = at.command(DTGUARD, &["install", "--user"]);
    install.env("GIT_CONFIG_GLOBAL", "their.config");
    assert_eq!(at.run(install).refuses("GIT_CONFIG_GLOBAL=their.config is no absolute path").code, 2);
}

#[test]
fn without_git_on_path_it_says_so() {
    let at = At::new();
    for path in ["/nonexistent", ""] {
        for arguments in
            [&["install"][..], &["install", "--no-hook"], &["install", "--user"], &["uninstall"], &["doctor"]]
        {
            let mut command = at.command(DTGUARD, arguments);
            command.env("PATH", path);
            let ran = at.run(command).refuses("no git on PATH").says("https://git-scm.com/downloads");
            assert_eq!(ran.says_not("os error").code, 2, "{arguments:?}");
        }
    }
}

#[test]
fn a_git_in_a_relative_folder_is_passed_over_and_named_and_one_that_runs_the_hook_is_found_in_any_case() {
    let at = At::new();
    let folder = old_git(&at, "old");
    fs::rename(&folder, at.repo.path.join("bin")).unwrap();
    for arguments in [&["install"][..], &["scan", "--history"], &["doctor"]] {
        let mut command = at.command(DTGUARD, arguments);
        command.env("PATH", "/nonexistent:bin");
        let ran = at.run(command).refuses("the only git on PATH is in `bin`");
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.stderr);
        // Beside it, one in an absolute folder serves, whatever its place.
        let mut command = at.command(DTGUARD, arguments);
        command.env("PATH", format!("bin::.:{}", std::env::var("PATH").unwrap()));
        let ran = at.run(command);
        assert!(!ran.stderr.contains("which is ignored"), "{arguments:?}: {}", ran.stderr);
    }
    at.run(at.command(DTGUARD, &["install"])).succeeds();
    let real = |name: &str| {
        let folders = std::env::var_os("PATH").unwrap();
        std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|file| file.is_file()).unwrap()
    };
    at.repo.stage("f", "text\n");
    // Whatever is left of PATH for the hook.
    fs::write(at.hooks.join("pre-commit.before-dtguard"), "#!/bin/sh\ntrue\n").unwrap();
    for path in [None, Some(""), Some("bin"), Some("/nonexistent")] {
        let mut commit =
            at.command(real("git").to_str().unwrap(), &["-c", "user.name=T", "-c", "user.email=t@l"]);
        commit
            .args(["commit", "--allow-empty", "-m", "m"])
            .env_remove("PATH")
            .envs(path.map(|path| ("PATH", path)));
        at.run(commit).succeeds();
        let mut hook = at.command(DTGUARD, &["hook", "--reader", "git", "pre-commit"]);
        let own = at.repo.git(&["--exec-path"]).stdout.trim().to_owned();
        hook.env("GIT_EXEC_PATH", own).env("PATH", path.unwrap_or("/nonexistent"));
        at.run(hook).succeeds();
    }
}

/// A folder with a `git` that says of itself that it is `version` and knows neither
/// what is younger than 2.31.
fn old_git(at: &At, folder: &str) -> PathBuf {
    let git = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|folder| folder.join("git"))
        .find(|git| git.is_file())
        .unwrap();
    let programs = at.repo.outside().join(folder);
    fs::create_dir_all(&programs).unwrap();
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in\n*' --version '*) echo git version 2.31.1; exit ;;\n\
         *' GIT_CONFIG_SYSTEM '*) echo unknown >&2; exit 129 ;;\nesac\nexec '{}' \"$@\"\n",
        git.display()
    );
    fs::write(programs.join("git"), script).unwrap();
    make_executable(&programs.join("git"));
    programs
}

#[test]
fn a_git_of_2021_is_served() {
    let at = At::new();
    let path = format!("{}:{}", old_git(&at, "old").display(), std::env::var("PATH").unwrap());
    for arguments in [
        &["install"][..],
        &["doctor"],
        &["uninstall"],
        &["install", "--user"],
        &["doctor"],
        &["uninstall", "--user"],
    ] {
        let mut command = at.command(DTGUARD, arguments);
        command.env("PATH", &path);
        at.run(command).succeeds();
    }
}

#[test]
fn a_policy_whose_change_was_killed_in_mid_write_is_the_old_one_and_the_next_run_leaves_nothing_behind() {
    let at = At::new();
    let policy = at.repo.path.join(".dtguard.toml");
    let entry = |seed: u64| at.repo.token("dt0c01", seed).identifier().unwrap().to_owned();
    for seed in 0..20 {
        let ran =
            at.run(at.command(DTGUARD, &["allow", &entry(seed), "--reason", "a sample from the manual"]));
        ran.succeeds();
    }
    let old = fs::read(&policy).unwrap();
    let left = || {
        let files = fs::read_dir(&at.repo.path).unwrap().map(|file| file.unwrap());
        let mut left = files.filter(|file| file.file_name().to_string_lossy().starts_with(".dtguard.toml."));
        left.next().map(|file| file.metadata().unwrap().len())
    };
    let tainted = at.repo.token("dt0c01", 99);
    at.repo.stage("tainted", format!("x={}\n", tainted.text));
    for arguments in
        [&["allow", &entry(20), "--reason", "r"][..], &["baseline"], &["import", "--reason", "r"]]
    {
        at.repo.write(".gitallowed", format!("{}\n", entry(21).replace('.', "\\.")));
        // The system kills what writes more than that.
        let killed = at.limited("ulimit -f 1", arguments);
        assert_eq!(killed.code, -1, "{arguments:?}: {}", killed.stderr);
        assert!(left().unwrap() < old.len() as u64, "it was killed in mid-write");
        assert_eq!(fs::read(&policy).unwrap(), old, "{arguments:?}");
        at.run(at.command(DTGUARD, &["doctor"]));
        assert_eq!(left(), None, "doctor after {arguments:?}");
        assert_eq!(at.limited("ulimit -f 1", arguments).code, -1);
        at.run(at.command(DTGUARD, &["policy", "check"])).succeeds();
        at.run(at.command(DTGUARD, arguments)).succeeds();
        assert!(left().is_none() && fs::read(&policy).unwrap().len() > old.len(), "{arguments:?}");
        fs::write(&policy, &old).unwrap();
    }
    // Somebody's own files are nobody's leftovers, nor are links and folders.
    let names = [".dtguard.toml.new", ".dtguard.toml.new-mine", ".dtguard.toml.orig"];
    names.iter().for_each(|name| at.repo.write(name, "mine"));
    std::os::unix::fs::symlink(&policy, at.repo.path.join(".dtguard.toml.new-a1B2c3")).unwrap();
    at.run(at.command(DTGUARD, &["doctor"]));
    at.run(at.command(DTGUARD, &["allow", &entry(20), "--reason", "r"])).succeeds();
    assert!(names.iter().all(|name| fs::read(at.repo.path.join(name)).unwrap() == b"mine"));
    assert!(at.repo.path.join(".dtguard.toml.new-a1B2c3").is_symlink());
}

#[test]
fn a_report_whose_writing_breaks_off_is_the_old_one_and_pipes_and_closed_folders_still_take_it() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let at = At::new();
    at.repo.stage("tainted", format!("x={}\n", at.repo.token("dt0c01", 1).text));
    let out = at.repo.outside().join("out");
    fs::create_dir(&out).unwrap();
    let report = out.join("report.json");
    let scan = ["scan", "--format", "json", "--output", report.to_str().unwrap()];
    assert_eq!(at.run(at.command(DTGUARD, &scan)).code, 1);
    let usual = fs::metadata(at.repo.path.join("tainted")).unwrap().mode();
    assert_eq!(fs::metadata(&report).unwrap().mode(), usual, "others may read it as any new file");
    fs::set_permissions(&report, fs::Permissions::from_mode(0o640)).unwrap();
    let old = fs::read(&report).unwrap();
    at.repo.stage("more", "text\n");
    assert_eq!(at.limited("trap '' XFSZ; ulimit -f 0", &scan).refuses("report.json").code, 2);
    assert_eq!(at.limited("ulimit -f 0", &scan).code, -1);
    assert_eq!(fs::read(&report).unwrap(), old);
    assert_eq!(at.run(at.command(DTGUARD, &scan)).code, 1);
    assert_ne!(fs::read(&report).unwrap(), old);
    assert_eq!(fs::metadata(&report).unwrap().mode() & 0o777, 0o640);
    // Through a link, into a pipe, beside nothing else.
    let link = out.join("link");
    std::os::unix::fs::symlink(&report, &link).unwrap();
    fs::write(&report, "old").unwrap();
    for to in [link.to_str().unwrap(), "/dev/stdout"] {
        let ran = at.run(at.command(DTGUARD, &["scan", "--format", "json", "--output", to]));
        assert_eq!(ran.code, 1, "{to}: {}", ran.stderr);
        assert!(to != "/dev/stdout" || ran.stdout.contains("\"verdict\""), "{}", ran.stdout);
    }
    assert!(link.is_symlink() && fs::read(&report).unwrap().len() > 100);
}

#[test]
fn looking_for_a_token_writes_no_file_in_which_one_could_stay() {
    let at = At::new();
    let token = at.repo.token("dt0c01", 1).text;
    at.repo.stage("plain", format!("x={token}\n"));
    at.repo.stage("packed.gz", crate::support::packers::gzip(format!("x={token}\n").as_bytes()));
    at.repo.stage("packed.zip", crate::support::packers::zip_with(&[("a", token.as_bytes())], 6, 0));
    at.repo.stage("huge", format!("{}{token}\n", "text and more of it\n".repeat(5000)));
    at.repo.commit_unseen();
    at.repo.stage("more", format!("y={token}\n"));
    at.repo.write(".git/MESSAGE", &token);
    for arguments in [
        &["scan"][..],
        &["scan", "plain", "packed.zip"],
        &["scan", "--staged"],
        &["scan", "--history"],
        &["scan", "--rev", "HEAD"],
        &["scan", "--range", "HEAD", "--format", "sarif"],
        &["hook", "pre-commit"],
        &["hook", "commit-msg", ".git/MESSAGE"],
        &["hook", "post-commit"],
        &["hook", "prepare-commit-msg", ".git/MESSAGE", "commit", "HEAD"],
        &["mask", "plain"],
        &["policy", "show"],
        &["policy", "test", "plain"],
    ] {
        let usual = at.run(at.command(DTGUARD, arguments));
        // The system kills what writes to a file.
        let limited = at.limited("ulimit -f 0", arguments);
        assert_eq!((limited.code, limited.stderr), (usual.code, usual.stderr), "{arguments:?}");
        assert!(usual.code >= 0, "{arguments:?}");
    }
}
