//! The real husky, lefthook, pre-commit, prek and git-lfs beside dtguard's hooks,
//! in both orders of installation. All must be on PATH: `.ci/run` installs them
//! and runs these tests, and fails where one is missing.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{DTGUARD, Ran, Repo, hermetic};

/// A repository in which another program has a hook that says `theirs`.
struct At {
    repo: Repo,
    environment: Vec<(String, String)>,
}

impl At {
    fn new() -> Self {
        let repo = Repo::new();
        fs::remove_dir_all(repo.path.join(".git/hooks")).unwrap();
        let home = repo.outside().join("home");
        fs::create_dir(&home).unwrap();
        let programs = Path::new(DTGUARD).parent().unwrap().display().to_string();
        let environment = vec![
            ("HOME".to_owned(), home.display().to_string()),
            ("PRE_COMMIT_HOME".to_owned(), home.join("pre-commit").display().to_string()),
            ("PREK_HOME".to_owned(), home.join("prek").display().to_string()),
            ("PATH".to_owned(), format!("{programs}:{}", std::env::var("PATH").unwrap())),
        ];
        Self { repo, environment }
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Ran {
        let mut command = hermetic(program, &self.repo.path);
        command.args(arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        let output = command.output().unwrap_or_else(|error| panic!("{program}: {error}"));
        let text = [output.stdout, output.stderr].concat();
        let stderr = String::from_utf8_lossy(&text).into_owned();
        self.repo.check(Ran { code: output.status.code().unwrap_or(-1), stdout: String::new(), stderr })
    }

    fn dtguard(&self, arguments: &[&str]) -> Ran {
        self.run(DTGUARD, arguments)
    }

    fn commit(&self) -> Ran {
        self.commit_with(&[])
    }

    fn commit_with(&self, options: &[&str]) -> Ran {
        let identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost"];
        self.run("git", &[&identity[..], &["commit", "-m", "message"], options].concat())
    }

    fn hook(&self, name: &str) -> PathBuf {
        self.repo.path.join(".git/hooks").join(name)
    }

    /// Both run in a commit, and each can refuse it.
    #[track_caller]
    fn both_run(&self) {
        self.theirs_run().says("no Dynatrace token");
        let token = self.repo.token("dt0s16", 1).text;
        self.repo.stage("file", token);
        self.commit().blocks();
        self.repo.stage("file", "clean again\n");
        self.repo.write("refuse", "");
        assert_ne!(self.commit().says("theirs").code, 0);
        fs::remove_file(self.repo.path.join("refuse")).unwrap();
        self.commit().succeeds();
    }

    #[track_caller]
    fn theirs_run(&self) -> Ran {
        let commits = self.repo.commits();
        self.repo.stage("file", format!("clean {commits}\n"));
        self.commit().succeeds().says("theirs")
    }

    #[track_caller]
    fn only_theirs_run(&self) {
        self.theirs_run().says_not("no Dynatrace token");
        let token = self.repo.token("dt0s16", 1).text;
        self.repo.stage("file", token);
        self.commit().succeeds();
    }

    /// Hooks beside git's samples, with their content.
    fn hooks(&self) -> Vec<(String, Vec<u8>)> {
        let mut hooks: Vec<_> = fs::read_dir(self.repo.path.join(".git/hooks"))
            .into_iter()
            .flatten()
            .flatten()
            .map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap()))
            .filter(|(name, _)| !name.ends_with(".sample"))
            .collect();
        hooks.sort();
        hooks
    }
}

const THEIRS: &str = "echo theirs; test ! -e refuse";

fn configured_for_pre_commit() -> At {
    let at = At::new();
    let config = format!(
        "repos:\n- repo: local\n  hooks:\n  - id: theirs\n    name: theirs\n    language: system\n    \
         entry: sh -c \"{THEIRS}\"\n    pass_filenames: false\n    always_run: true\n"
    );
    at.repo.stage(".pre-commit-config.yaml", config);
    at.repo.commit_unseen();
    at
}

#[test]
#[ignore = "needs pre-commit and prek; .ci/run runs it"]
fn pre_commit_or_prek_first_keeps_its_file_untouched_and_may_be_installed_again() {
    for framework in ["pre-commit", "prek"] {
        let at = configured_for_pre_commit();
        at.run(framework, &["install"]).succeeds();
        let before = at.hooks();
        at.dtguard(&["install"]).succeeds().says("before its own hooks");
        assert_eq!(fs::read(at.hook("pre-commit")).unwrap(), before[0].1, "{framework}");
        at.both_run();
        at.run(framework, &["install"]).succeeds();
        at.both_run();
        at.dtguard(&["install"]).succeeds().says("Already there");
        at.dtguard(&["doctor"]).succeeds().says("run by");
        at.dtguard(&["uninstall"]).succeeds();
        at.only_theirs_run();
        assert_eq!(at.hooks(), before, "{framework}");
    }
}

#[test]
#[ignore = "needs pre-commit and prek; .ci/run runs it"]
fn pre_commit_or_prek_second_runs_ours_and_each_can_go_first() {
    for framework in ["pre-commit", "prek"] {
        let at = configured_for_pre_commit();
        at.dtguard(&["install"]).succeeds();
        let ours = at.hooks();
        at.run(framework, &["install"]).succeeds();
        at.both_run();
        at.dtguard(&["doctor"]).succeeds();
        at.run(framework, &["uninstall"]).succeeds();
        assert_eq!(at.hooks(), ours, "{framework}");
        at.run(framework, &["install"]).succeeds();
        at.dtguard(&["uninstall"]).succeeds();
        at.only_theirs_run();
        at.run(framework, &["uninstall"]).succeeds();
        assert_eq!(at.hooks(), [], "{framework}");
        // Its --force throws ours away, and doctor sees that.
        at.dtguard(&["install"]).succeeds();
        at.run(framework, &["install", "--overwrite"]).succeeds();
        assert_eq!(at.dtguard(&["doctor"]).says("open: pre-commit").says("dtguard install").code, 2);
        at.dtguard(&["install"]).succeeds();
        at.both_run();
    }
}

fn configured_for_lefthook() -> At {
    let at = At::new();
    let config = format!(
        "pre-commit:\n  jobs:\n    - name: theirs\n      run: {THEIRS}\n\
         pre-push:\n  commands:\n    theirs:\n      run: {THEIRS}\n"
    );
    at.repo.write("lefthook.yml", config);
    at
}

/// Does by hand what `dtguard install` says, as it says it.
fn do_what_it_says(at: &At, said: &str) {
    let said: Vec<&str> = said.lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
    let commands: Vec<_> = said.iter().filter(|line| line.starts_with("for stage in ")).collect();
    commands.iter().for_each(|command| drop(at.run("sh", &["-c", command]).succeeds()));
    if !commands.is_empty() {
        return;
    }
    let said = said.join("\n");
    let (jobs, extends) =
        said.split_once("# lefthook-dtguard.yml:\n").unwrap().1.split_once("# lefthook.yml:\n").unwrap();
    at.repo.write("lefthook-dtguard.yml", jobs);
    let config = fs::read_to_string(at.repo.path.join("lefthook.yml")).unwrap();
    at.repo.write("lefthook.yml", format!("{extends}\n{config}"));
}

/// A push of a token that a commit brought in unseen is stopped.
#[track_caller]
fn push_is_blocked(at: &At) {
    let remote = at.repo.outside().join("remote");
    if !remote.exists() {
        at.run("git", &["init", "--quiet", "--bare", remote.to_str().unwrap()]).succeeds();
    }
    let token = at.repo.token("dt0s16", 2).text;
    at.repo.stage("pushed", token);
    at.commit_with(&["--no-verify"]).succeeds();
    let ran = at.run("git", &["push", remote.to_str().unwrap(), "HEAD:refs/heads/main"]);
    ran.says("dtguard: push blocked").blocks();
    at.repo.git(&["reset", "--quiet", "--hard", "HEAD~1"]).succeeds();
    at.run("git", &["push", remote.to_str().unwrap(), "HEAD:refs/heads/main"]).succeeds().says("theirs");
}

#[test]
#[ignore = "needs lefthook; .ci/run runs it"]
fn lefthook_in_either_order_runs_ours_and_doctor_sees_until_then_that_it_is_open() {
    for (lefthook_first, write) in [(true, true), (false, true), (true, false)] {
        let at = configured_for_lefthook();
        let install = || at.run("lefthook", &["install"]).succeeds();
        if lefthook_first {
            install();
        } else {
            at.dtguard(&["install"]).succeeds();
            install();
        }
        let theirs = fs::read(at.hook("pre-commit")).unwrap();
        let config = fs::read_to_string(at.repo.path.join("lefthook.yml")).unwrap();
        assert_ne!(at.dtguard(&["doctor"]).says("open: pre-commit").code, 0);
        // All that is missing, at once.
        let refused = at.dtguard(&["install"]).refuses("lefthook writes the hooks");
        assert!(refused.stderr.contains(": pre-commit, pre-push\n"), "{}", refused.stderr);
        assert_eq!(fs::read(at.hook("pre-commit")).unwrap(), theirs);
        if write {
            at.dtguard(&["install", "--write"]).succeeds().says("Wrote").says("dtguard.yml calls dtguard");
        } else {
            do_what_it_says(&at, &refused.stderr);
        }
        at.repo.git(&["add", "lefthook.yml", "lefthook-dtguard.yml"]).succeeds();
        at.dtguard(&["install"]).succeeds().says("lefthook-dtguard.yml calls dtguard");
        at.both_run();
        push_is_blocked(&at);
        at.dtguard(&["doctor"]).succeeds().says("run by lefthook");
        // Where it takes over every stage that its files name, nothing is lost or said twice.
        install();
        at.both_run();
        push_is_blocked(&at);
        at.dtguard(&["install"]).succeeds();
        at.dtguard(&["doctor"]).succeeds();
        at.dtguard(&["uninstall"]).succeeds().says("uninstall --write");
        at.dtguard(&["uninstall", "--write"]).succeeds();
        if write {
            assert_eq!(fs::read_to_string(at.repo.path.join("lefthook.yml")).unwrap(), config);
            assert!(!at.repo.path.join("lefthook-dtguard.yml").exists());
            at.repo.git(&["add", "--all"]).succeeds();
            install();
            at.only_theirs_run();
        }
    }
}

#[test]
#[ignore = "needs lefthook; .ci/run runs it"]
fn lefthook_configured_in_toml_or_json_runs_ours_for_all_stages() {
    let toml = format!(
        "[pre-commit.commands.theirs]\nrun = \"{THEIRS}\"\n\n[pre-push.commands.theirs]\nrun = \"{THEIRS}\"\n"
    );
    let job = format!("{{\"commands\": {{\"theirs\": {{\"run\": \"{THEIRS}\"}}}}}}");
    let json = format!("{{\n  \"pre-commit\": {job},\n  \"pre-push\": {job}\n}}\n");
    for (name, config) in [("lefthook.toml", toml), ("lefthook.json", json)] {
        for write in [true, false] {
            let at = At::new();
            at.repo.write(name, &config);
            at.run("lefthook", &["install"]).succeeds();
            let refused = at.dtguard(&["install"]).refuses(&format!("# {name}:"));
            if write {
                at.dtguard(&["install", "--write"]).succeeds().says("lefthook-dtguard.yml calls dtguard");
            } else {
                let said = refused.stderr.replace("\n    ", "\n");
                let (jobs, line) = said
                    .split_once("# lefthook-dtguard.yml:\n")
                    .unwrap()
                    .1
                    .split_once(&format!("# {name}:\n"))
                    .unwrap();
                at.repo.write("lefthook-dtguard.yml", jobs);
                let line = line.lines().next().unwrap();
                let new = match config.split_once('{').filter(|_| name.ends_with("json")) {
                    Some((_, rest)) => format!("{{{line}{rest}"),
                    None => format!("{line}\n{config}"),
                };
                at.repo.write(name, new);
            }
            at.repo.git(&["add", name, "lefthook-dtguard.yml"]).succeeds();
            at.both_run();
            push_is_blocked(&at);
            at.dtguard(&["doctor"]).succeeds().says("run by lefthook");
            at.dtguard(&["uninstall", "--write"]).succeeds();
            if write {
                assert_eq!(fs::read_to_string(at.repo.path.join(name)).unwrap(), config);
            }
        }
    }
}

#[test]
#[ignore = "needs husky; .ci/run runs it"]
fn husky_in_either_order_runs_ours_and_doctor_sees_until_then_that_it_is_open() {
    for (husky_first, write) in [(true, true), (false, true), (true, false)] {
        let at = At::new();
        at.repo.write("package.json", "{\"name\": \"x\"}\n");
        if !husky_first {
            at.dtguard(&["install"]).succeeds();
        }
        at.run("husky", &[]).succeeds();
        at.repo.write(".husky/pre-commit", format!("{THEIRS}\n"));
        // It leaves before its end, and wants what git says.
        at.repo.write(".husky/pre-push", "echo theirs; grep -q . && exit 0; exit 1\n");
        let theirs = fs::read(at.repo.path.join(".husky/pre-push")).unwrap();
        at.theirs_run().says_not("dtguard: ");
        assert_ne!(at.dtguard(&["doctor"]).says("open: pre-commit").says("dtguard install --write").code, 0);
        let refused = at
            .dtguard(&["install"])
            .refuses("husky writes the hooks")
            .says("post-commit, post-merge, pre-push");
        if write {
            at.dtguard(&["install", "--write"]).succeeds().says(".husky/pre-commit calls dtguard");
        } else {
            do_what_it_says(&at, &refused.stderr);
        }
        push_is_blocked(&at);
        at.dtguard(&["install"]).succeeds().says(".husky/pre-commit calls dtguard");
        at.both_run();
        at.dtguard(&["doctor"]).succeeds().says("run by husky");
        at.run("husky", &[]).succeeds();
        at.both_run();
        // Where its generated folder is missing no hook runs, and git says nothing.
        let linked = at.repo.outside().join("linked");
        at.repo.git(&["worktree", "add", "--quiet", linked.to_str().unwrap(), "-b", "w"]).succeeds();
        at.dtguard(&["doctor"]).says("no hook runs there").says("npm install");
        let ran = at.dtguard(&["doctor", "--repo", linked.to_str().unwrap()]);
        assert_ne!(ran.says("does not exist: no hook runs here").code, 0);
        at.dtguard(&["uninstall", "--write"]).succeeds();
        assert_eq!(at.hooks(), []);
        assert!(at.repo.path.join(".husky/_/pre-commit").is_file());
        if write {
            let left: Vec<_> = fs::read_dir(at.repo.path.join(".husky")).unwrap().flatten().collect();
            assert_eq!((left.len(), fs::read(at.repo.path.join(".husky/pre-push")).unwrap()), (3, theirs));
            at.only_theirs_run();
        }
    }
}

#[test]
#[ignore = "needs git-lfs; .ci/run runs it"]
fn git_lfs_in_either_order_still_uploads_its_files() {
    for lfs_first in [true, false] {
        let at = At::new();
        let lfs = || at.run("git", &["lfs", "install", "--local"]);
        if lfs_first {
            lfs().succeeds();
            let before = at.hooks();
            at.dtguard(&["install"]).succeeds();
            at.dtguard(&["uninstall"]).succeeds();
            assert_eq!(at.hooks(), before);
            at.dtguard(&["install"]).succeeds();
        } else {
            at.dtguard(&["install"]).succeeds();
            // It never puts a hook where another one is; ours runs it.
            assert_ne!(lfs().says("Hook already exists: pre-push").code, 0);
        }
        at.run("git", &["lfs", "track", "*.bin"]).succeeds();
        at.repo.stage("big.bin", "content that git-lfs keeps\n");
        at.repo.stage(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
        at.commit().succeeds().says("no Dynatrace token");
        let token = at.repo.token("dt0s16", 1).text;
        at.repo.stage("file", token);
        at.commit().blocks();
        at.repo.git(&["rm", "--quiet", "--force", "file"]).succeeds();
        let remote = at.repo.outside().join("remote");
        at.run("git", &["init", "--quiet", "--bare", remote.to_str().unwrap()]).succeeds();
        at.repo.git(&["remote", "add", "origin", &format!("file://{}", remote.display())]).succeeds();
        at.run("git", &["push", "origin", "HEAD:main"]).succeeds();
        assert!(remote.join("lfs/objects").is_dir(), "the content was uploaded");
        at.dtguard(&["uninstall"]).succeeds();
        let ours =
            at.hooks().into_iter().find(|(_, content)| content.windows(9).any(|word| word == b"# dtguard"));
        assert_eq!(ours, None);
    }
}

#[test]
#[ignore = "needs lefthook, pre-commit and prek; .ci/run runs it"]
fn what_a_manager_installs_beside_hooks_for_every_repository_runs_too() {
    for (manager, at) in [
        ("pre-commit", configured_for_pre_commit()),
        ("prek", configured_for_pre_commit()),
        ("lefthook", configured_for_lefthook()),
    ] {
        let mut at = at;
        let config = at.repo.outside().join("home/.gitconfig").display().to_string();
        at.environment.push(("GIT_CONFIG_GLOBAL".to_owned(), config));
        at.dtguard(&["install", "--user", "--hooks-path"]).succeeds();
        // As docs/rollout.md says.
        let install = format!("GIT_CONFIG_GLOBAL=/dev/null {manager} install");
        at.run("sh", &["-c", &install]).succeeds();
        at.both_run();
        at.dtguard(&["doctor"]).succeeds();
        at.dtguard(&["uninstall", "--user"]).succeeds();
        at.only_theirs_run();
    }
}
