//! Hooks for every repository of a user, of a machine and of a template: they
//! guard, each repository's own hooks still run, and nothing stays behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{DTGUARD, Ran, Repo, git_version, hermetic, make_executable};

/// A user with a home folder of their own, on a machine of their own.
struct Home {
    repo: Repo,
    path: PathBuf,
    system: PathBuf,
}

impl Home {
    fn new() -> Self {
        let repo = Repo::new();
        fs::remove_dir_all(repo.path.join(".git/hooks")).unwrap();
        let (path, system) = (repo.outside().join("home"), repo.outside().join("etc"));
        fs::create_dir(&path).unwrap();
        fs::create_dir(&system).unwrap();
        Self { repo, path, system }
    }

    fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = hermetic(program, folder);
        command
            .env("HOME", &self.path)
            .env_remove("GIT_CONFIG_GLOBAL")
            .env_remove("GIT_CONFIG_NOSYSTEM")
            .env("GIT_CONFIG_SYSTEM", self.system.join("gitconfig"))
            .env("GIT_AUTHOR_NAME", "Test")
            .env("GIT_AUTHOR_EMAIL", "test@localhost")
            .env("GIT_COMMITTER_NAME", "Test")
            .env("GIT_COMMITTER_EMAIL", "test@localhost");
        command
    }

    fn run(&self, mut command: Command) -> Ran {
        self.repo.check(Ran::of(command.output().unwrap()))
    }

    fn dtguard(&self, arguments: &[&str]) -> Ran {
        let mut dtguard = self.command(DTGUARD, &self.repo.path);
        dtguard.args(arguments);
        self.run(dtguard)
    }

    fn git_in(&self, folder: &Path, arguments: &[&str]) -> Ran {
        let mut git = self.command("git", folder);
        git.args(arguments);
        self.run(git)
    }

    fn git(&self, arguments: &[&str]) -> Ran {
        self.git_in(&self.repo.path, arguments)
    }

    /// Whether a commit that adds a token is blocked in the repository `folder`.
    fn guards(&self, folder: &Path) -> bool {
        // Another one each time: what was committed once is not added again.
        let commits = self.git_in(folder, &["rev-list", "--count", "--all"]).stdout;
        let token = self.repo.token("dt0c01", commits.trim().parse().unwrap()).text;
        fs::write(folder.join("leak"), token).unwrap();
        self.git_in(folder, &["add", "leak"]).succeeds();
        let ran = self.git_in(folder, &["commit", "--quiet", "-m", "leak"]);
        self.git_in(folder, &["rm", "--quiet", "--force", "--cached", "leak"]).succeeds();
        ran.code != 0 && ran.stderr.contains("dtguard: commit blocked")
    }

    fn new_repository(&self, name: &str) -> PathBuf {
        self.git_in(self.repo.outside(), &["init", "--quiet", name]).succeeds();
        self.repo.outside().join(name)
    }

    /// A hook of the repository's own.
    fn own_hook(&self, name: &str, lines: &str) {
        self.repo.write(&format!(".git/hooks/{name}"), format!("#!/bin/sh\n{lines}\n"));
        make_executable(&self.repo.path.join(".git/hooks").join(name));
    }

    /// Every file and folder below the home folder and the system's.
    fn everything(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.path.clone(), self.system.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path.clone());
                }
                found.insert(path.clone(), fs::read(path).ok());
            }
        }
        found
    }

    fn hooks(&self) -> PathBuf {
        self.path.join(".config/dtguard/hooks")
    }
}

/// For the user and for the machine.
const SCOPES: [(&str, &str); 2] = [("--user", "home/.gitconfig"), ("--system", "etc/gitconfig")];

#[test]
fn every_repository_is_guarded_old_new_and_linked() {
    for (scope, _) in SCOPES {
        let home = Home::new();
        assert!(!home.guards(&home.repo.path));
        home.dtguard(&["install", scope]).succeeds().says("Installed").says("was blocked");
        assert!(home.guards(&home.repo.path), "{scope}");
        assert!(home.guards(&home.new_repository("new")), "{scope}");
        let linked = home.repo.outside().join("linked");
        home.git(&["worktree", "add", "--quiet", linked.to_str().unwrap(), "-b", "w"]).succeeds();
        assert!(home.guards(&linked), "{scope}");
        home.repo.write("clean", "clean\n");
        home.git(&["add", "clean"]).succeeds();
        home.git(&["commit", "-m", "clean"]).succeeds().says("no Dynatrace token");
        home.dtguard(&["uninstall", scope]).succeeds();
        assert!(!home.guards(&home.repo.path), "{scope}");
    }
}

#[test]
fn nothing_stays_behind_byte_for_byte_whatever_the_configuration_was() {
    for (scope, file) in SCOPES {
        for before in
            [None, Some(""), Some("[user]\n\tname = a\n"), Some("[user]\r\n\tname = a"), Some("# \u{e9}\n\n")]
        {
            let home = Home::new();
            if let Some(before) = before {
                fs::write(home.repo.outside().join(file), before).unwrap();
            }
            let untouched = home.everything();
            home.dtguard(&["install", scope]).succeeds();
            let installed = home.everything();
            assert_ne!(installed, untouched);
            home.dtguard(&["install", scope]).succeeds().says("Already there");
            assert_eq!(home.everything(), installed, "{scope} {before:?}");
            home.dtguard(&["uninstall", scope]).succeeds().says("Removed");
            assert_eq!(home.everything(), untouched, "{scope} {before:?}");
            home.dtguard(&["uninstall", scope]).succeeds().says("Not there");
            assert_eq!(home.everything(), untouched);
        }
    }
}

#[test]
fn what_was_configured_since_stays() {
    let home = Home::new();
    home.dtguard(&["install", "--user", "--hooks-path"]).succeeds();
    home.git(&["config", "--global", "core.editor", "vi"]).succeeds();
    home.git(&["config", "--global", "user.name", "a"]).succeeds();
    home.dtguard(&["uninstall", "--user"]).succeeds();
    let left = home.git(&["config", "--global", "--list"]).succeeds().stdout;
    assert_eq!(left, "core.editor=vi\nuser.name=a\n");
}

#[test]
fn the_configuration_that_git_uses_is_the_one_that_is_written() {
    let home = Home::new();
    fs::create_dir_all(home.path.join(".config/git")).unwrap();
    fs::write(home.path.join(".config/git/config"), "[user]\n").unwrap();
    home.dtguard(&["install", "--user"]).succeeds().says(".config/git/config");
    assert!(!home.path.join(".gitconfig").exists());
    assert!(home.guards(&home.repo.path));
}

#[test]
fn the_own_hooks_of_a_repository_run_too() {
    let home = Home::new();
    home.dtguard(&["install", "--user", "--hooks-path"]).succeeds();
    for name in ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "reference-transaction"] {
        home.own_hook(name, &format!("echo \"own {name} $#\" >&2; test ! -e refuse-{name}"));
    }
    home.repo.write("a", "clean\n");
    home.git(&["add", "a"]).succeeds();
    home.git(&["commit", "-m", "m"])
        .succeeds()
        .says("own pre-commit 0\n")
        .says("no Dynatrace token")
        .says("own prepare-commit-msg 2\n")
        .says("own commit-msg 1\n")
        .says("own post-commit 0\n")
        .says("own reference-transaction 1\n");
    for name in ["pre-commit", "commit-msg"] {
        home.repo.write(&format!("refuse-{name}"), "");
        let ran = home.git(&["commit", "--allow-empty", "-m", "m"]).says(&format!("own {name}"));
        assert_ne!(ran.code, 0, "{name}");
        fs::remove_file(home.repo.path.join(format!("refuse-{name}"))).unwrap();
    }
    // In a linked work tree git finds the same ones.
    let linked = home.repo.outside().join("linked");
    home.git(&["worktree", "add", "--quiet", linked.to_str().unwrap(), "-b", "w"]).succeeds();
    home.git_in(&linked, &["commit", "--allow-empty", "-m", "m"]).succeeds().says("own pre-commit 0\n");
}

#[test]
fn every_hook_of_git_reaches_the_repositorys_own_with_arguments_input_and_exit_status() {
    let home = Home::new();
    home.dtguard(&["install", "--user", "--hooks-path"]).succeeds();
    let names: Vec<String> = fs::read_dir(home.hooks())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README" && !name.contains('.'))
        .collect();
    let manual =
        ["pre-rebase", "pre-push", "pre-receive", "proc-receive", "p4-pre-submit", "post-index-change"];
    assert!(names.len() == 28 && manual.iter().all(|name| names.iter().any(|known| known == name)));
    for name in &names {
        home.own_hook(name, "echo \"$# $2\"; cat; exit 7");
        let hook = home.hooks().join(name);
        let script = format!("echo input | '{}' one 'two three'", hook.display());
        let mut sh = home.command("sh", &home.repo.path);
        sh.args(["-c", &script]);
        let ran = home.run(sh);
        assert_eq!((ran.code, &*ran.stdout), (7, "2 two three\ninput\n"), "{name}: {}", ran.stderr);
    }
}

#[test]
fn a_push_into_a_checked_out_branch_still_updates_its_files() {
    let home = Home::new();
    home.dtguard(&["install", "--user", "--hooks-path"]).succeeds();
    home.git(&["config", "receive.denyCurrentBranch", "updateInstead"]).succeeds();
    let clone = home.repo.outside().join("clone");
    home.git_in(home.repo.outside(), &["clone", "--quiet", "repo", "clone"]).succeeds();
    fs::write(clone.join("pushed"), "1\n").unwrap();
    home.git_in(&clone, &["add", "pushed"]).succeeds();
    home.git_in(&clone, &["commit", "--quiet", "-m", "pushed"]).succeeds();
    home.git_in(&clone, &["push", "--quiet", "origin", "main"]).succeeds();
    assert_eq!(fs::read_to_string(home.repo.path.join("pushed")).unwrap(), "1\n");
    home.repo.write("pushed", "changed here\n");
    home.git_in(&clone, &["commit", "--quiet", "--amend", "-m", "again"]).succeeds();
    let ran = home.git_in(&clone, &["push", "--force", "origin", "main"]).says("not committed");
    assert_ne!(ran.code, 0);
    assert_eq!(fs::read_to_string(home.repo.path.join("pushed")).unwrap(), "changed here\n");
}

#[test]
fn files_of_git_lfs_are_pushed_though_its_hooks_find_no_place() {
    let home = Home::new();
    home.dtguard(&["install", "--user", "--hooks-path"]).succeeds();
    home.git_in(home.repo.outside(), &["init", "--quiet", "--bare", "remote"]).succeeds();
    let push = |path: &str| {
        let mut git = home.command("git", &home.repo.path);
        git.env("PATH", path).args(["push", "--force", "../remote", "HEAD:refs/heads/main"]);
        home.run(git)
    };
    let programs = home.repo.outside().join("bin");
    fs::create_dir(&programs).unwrap();
    let path = std::env::var("PATH").unwrap();
    let with_lfs = format!("{}:{path}", programs.display());
    push(&path).succeeds();
    fs::create_dir(home.repo.path.join(".git/lfs")).unwrap();
    home.git(&["commit", "--quiet", "--allow-empty", "-m", "more"]).succeeds();
    let lfs = "#!/bin/sh\necho \"lfs $*\" >&2; cat >&2\n";
    fs::write(programs.join("git-lfs"), lfs).unwrap();
    make_executable(&programs.join("git-lfs"));
    push(&with_lfs).succeeds().says("lfs pre-push ../remote ../remote\n").says("refs/heads/main");
    fs::remove_file(programs.join("git-lfs")).unwrap();
    let installed = std::env::split_paths(&path).any(|folder| folder.join("git-lfs").exists());
    if !installed {
        home.git(&["commit", "--quiet", "--allow-empty", "-m", "more"]).succeeds();
        assert_ne!(push(&path).says("would not be pushed").code, 0);
    }
}

#[test]
fn hooks_that_somebody_has_set_for_all_repositories_are_not_switched_off() {
    for (scope, _) in SCOPES {
        let home = Home::new();
        let theirs = home.repo.outside().join("theirs");
        fs::create_dir(&theirs).unwrap();
        fs::write(theirs.join("pre-commit"), "#!/bin/sh\necho theirs >&2\n").unwrap();
        make_executable(&theirs.join("pre-commit"));
        let git_scope = if scope == "--user" { "--global" } else { "--system" };
        home.git(&["config", git_scope, "core.hooksPath", theirs.to_str().unwrap()]).succeeds();
        let before = (home.everything(), fs::read_dir(&theirs).unwrap().count());
        let ran = home.dtguard(&["install", scope]).refuses("is not dtguard's").says("--beside");
        assert_eq!(
            (ran.code, (home.everything(), fs::read_dir(&theirs).unwrap().count())),
            (2, before.clone())
        );
        home.dtguard(&["install", scope, "--beside"]).succeeds();
        assert!(home.guards(&home.repo.path));
        home.git(&["commit", "--allow-empty", "-m", "m"]).succeeds().says("theirs\n");
        home.dtguard(&["uninstall", scope]).succeeds();
        assert_eq!((home.everything(), fs::read_dir(&theirs).unwrap().count()), before);
    }
}

#[test]
fn single_stages_come_and_go() {
    let home = Home::new();
    let untouched = home.everything();
    for stage in ["pre-merge-commit", "pre-commit"] {
        home.dtguard(&["install", "--user", "--stage", "pre-commit", "--stage", stage]).succeeds();
    }
    home.dtguard(&["uninstall", "--user", "--stage", "pre-commit"]).succeeds().says("(pre-commit)");
    assert!(!home.guards(&home.repo.path));
    home.dtguard(&["uninstall", "--user", "--stage", "pre-commit"]).succeeds().says("Not there");
    home.dtguard(&["uninstall", "--user"]).succeeds().says("(pre-merge-commit)");
    assert_eq!(home.everything(), untouched);
}

#[test]
fn a_core_hooks_path_that_was_set_since_stays_and_nothing_of_ours_does() {
    let home = Home::new();
    let config = home.path.join(".gitconfig");
    fs::write(&config, "[user]\n\tname = a").unwrap();
    home.dtguard(&["install", "--user"]).succeeds();
    let mine = home.path.join("mine");
    fs::create_dir(&mine).unwrap();
    home.git(&["config", "--global", "core.hooksPath", mine.to_str().unwrap()]).succeeds();
    home.dtguard(&["uninstall", "--user"]).succeeds().says("Removed");
    let left = fs::read_to_string(&config).unwrap();
    assert!(left.contains("mine") && !left.contains("dtguard"), "{left}");
    assert!(!home.path.join(".config").exists());
}

#[test]
fn lines_that_somebody_added_to_our_scripts_are_not_lost() {
    let home = Home::new();
    home.dtguard(&["install", "--user"]).succeeds();
    let hook = home.path.join(".config/dtguard/hooks/pre-commit");
    let edited = fs::read_to_string(&hook).unwrap() + "echo mine\n";
    fs::write(&hook, &edited).unwrap();
    let before = fs::read(home.path.join(".gitconfig")).unwrap();
    home.dtguard(&["uninstall", "--user"]).refuses("pre-commit");
    assert_eq!(fs::read_to_string(&hook).unwrap(), edited);
    assert_eq!(fs::read(home.path.join(".gitconfig")).unwrap(), before);
}

#[test]
fn what_others_put_into_our_folder_is_neither_overwritten_nor_removed() {
    let home = Home::new();
    home.dtguard(&["install", "--user", "--hooks-path"]).succeeds();
    let hook = home.hooks().join("post-checkout");
    fs::write(&hook, "#!/bin/sh\n# theirs\n").unwrap();
    let ran = home.dtguard(&["install", "--user", "--hooks-path"]).refuses("is not dtguard's");
    assert_eq!(ran.code, 2);
    home.dtguard(&["uninstall", "--user"]).succeeds();
    let left: Vec<_> = fs::read_dir(home.hooks()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!((left, fs::read_to_string(&hook).unwrap()), (vec![hook], "#!/bin/sh\n# theirs\n".to_owned()));
}

#[test]
fn a_repository_keeps_hooks_of_its_own_when_the_users_are_taken_out() {
    let home = Home::new();
    home.dtguard(&["install", "--user", "--hooks-path"]).succeeds();
    home.dtguard(&["install"]).succeeds().says_not("core.hooksPath leads");
    assert!(home.repo.path.join(".git/hooks/pre-commit").is_file());
    assert!(home.guards(&home.repo.path));
    home.dtguard(&["uninstall", "--user"]).succeeds();
    assert!(home.guards(&home.repo.path));
    home.dtguard(&["install", "--user", "--hooks-path"]).succeeds();
    home.dtguard(&["uninstall"]).succeeds();
    assert!(!home.repo.path.join(".git/hooks/pre-commit").exists());
    assert!(home.guards(&home.repo.path), "taking a repository's hooks out leaves the user's");
}

#[test]
fn a_template_guards_each_new_repository_and_keeps_what_was_in_it() {
    let home = Home::new();
    let template = home.path.join("template");
    fs::create_dir_all(template.join("hooks")).unwrap();
    fs::write(template.join("hooks/pre-commit"), "#!/bin/sh\necho theirs >&2\n").unwrap();
    make_executable(&template.join("hooks/pre-commit"));
    let untouched = home.everything();
    let path = template.to_str().unwrap();
    home.dtguard(&["install", "--template", path]).succeeds().says("init.templateDir").says("was blocked");
    assert!(!home.path.join(".gitconfig").exists(), "only with --user it becomes the user's");
    home.dtguard(&["install", "--template", path, "--user"]).succeeds().says("Set init.templateDir");
    let installed = home.everything();
    home.dtguard(&["install", "--template", path, "--user"])
        .succeeds()
        .says("Already there: init.templateDir");
    assert_eq!(home.everything(), installed);
    let new = home.new_repository("new");
    assert!(home.guards(&new));
    home.git_in(&new, &["commit", "--allow-empty", "-m", "m"]).succeeds().says("theirs\n");
    let other = home.path.join("other");
    let ran = home.dtguard(&["install", "--template", other.to_str().unwrap(), "--user"]);
    assert_eq!(ran.refuses("init.templateDir").says(path).code, 2);
    fs::remove_dir_all(&other).unwrap();
    home.dtguard(&["uninstall", "--template", path, "--user"]).succeeds();
    assert_eq!(home.everything(), untouched);
}

#[test]
fn a_folder_that_somebody_removed_is_missed_and_made_again() {
    let home = Home::new();
    home.dtguard(&["install", "--user", "--hooks-path"]).succeeds();
    let installed = home.everything();
    fs::remove_dir_all(home.hooks()).unwrap();
    assert!(!home.guards(&home.repo.path));
    let ran = home.dtguard(&["doctor"]).says("does not exist").says("    dtguard install --user\n");
    assert_eq!(ran.code, 2);
    home.dtguard(&["install", "--user", "--hooks-path"]).succeeds();
    assert!(home.guards(&home.repo.path));
    let files = |all: BTreeMap<PathBuf, Option<Vec<u8>>>| all.into_keys().collect::<Vec<_>>();
    assert_eq!(files(home.everything()), files(installed));
}

#[test]
#[cfg(unix)]
fn configured_hooks_are_used_only_where_every_git_has_them() {
    let home = Home::new();
    home.dtguard(&["install", "--user"]).succeeds();
    let config = fs::read_to_string(home.path.join(".gitconfig")).unwrap();
    let configured = config.contains("[hook \"dtguard-pre-commit\"]");
    assert_ne!(configured, config.contains("hooksPath"));
    if git_version() < (2, 54) {
        assert!(!configured);
    }
    home.dtguard(&["uninstall", "--user"]).succeeds();
    // One that claims to have them and has not: the proof finds out.
    let programs = home.repo.outside().join("bin");
    fs::create_dir(&programs).unwrap();
    let git = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|folder| folder.join("git"))
        .find(|git| git.is_file())
        .unwrap();
    link_tools(&programs);
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = --version ]; then echo git version 9.9; else exec '{}' -c hook.pre-commit.enabled=false \"$@\"; fi\n",
        git.display()
    );
    fs::write(programs.join("git"), script).unwrap();
    make_executable(&programs.join("git"));
    let run = |arguments: &[&str]| {
        let mut dtguard = home.command(DTGUARD, &home.repo.path);
        dtguard.env("PATH", &programs).args(arguments);
        home.run(dtguard)
    };
    assert_eq!(run(&["install", "--user"]).refuses("the proof failed").code, 2);
    let config = fs::read_to_string(home.path.join(".gitconfig")).unwrap();
    assert!(config.contains("[hook \"dtguard-pre-commit\"]") && !config.contains("hooksPath"), "{config}");
    run(&["uninstall", "--user"]).succeeds();
    assert!(!home.path.join(".gitconfig").exists());
}

/// Puts what hooks call into `folder`, which is to be alone on PATH.
#[cfg(unix)]
fn link_tools(folder: &Path) {
    for tool in ["sh", "cat"] {
        let found = std::env::split_paths(&std::env::var_os("PATH").unwrap())
            .map(|folder| folder.join(tool))
            .find(|tool| tool.is_file())
            .unwrap();
        std::os::unix::fs::symlink(found, folder.join(tool)).unwrap();
    }
}

/// Folders with a `git` each that reads the system file `NAME/gitconfig` and says that
/// it is `version`.
#[cfg(unix)]
fn gits(home: &Home, names: &[(&str, &str)]) -> Vec<PathBuf> {
    let real = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|folder| folder.join("git"))
        .find(|git| git.is_file())
        .unwrap();
    let folders = names.iter().map(|(name, version)| {
        let folder = home.repo.outside().join(name);
        fs::create_dir_all(&folder).unwrap();
        let script = format!(
            "#!/bin/sh\n[ \"$*\" = --version ] && echo git version {version} && exit\n\
             GIT_CONFIG_SYSTEM='{}/gitconfig' exec '{}' \"$@\"\n",
            folder.display(),
            real.display()
        );
        fs::write(folder.join("git"), script).unwrap();
        make_executable(&folder.join("git"));
        folder
    });
    folders.collect()
}

#[test]
#[cfg(unix)]
fn a_second_git_that_reads_another_system_file_is_named_until_it_is_guarded_too() {
    let home = Home::new();
    let gits = gits(&home, &[("one", "2.47.0"), ("two", "2.48.0")]);
    link_tools(&gits[0]);
    link_tools(&gits[1]);
    let path = |gits: &[PathBuf]| std::env::join_paths(gits).unwrap().into_string().unwrap();
    let run = |path: &str, folder: &Path, arguments: &[&str]| {
        let mut dtguard = home.command(DTGUARD, folder);
        dtguard.env_remove("GIT_CONFIG_SYSTEM").env("PATH", path).args(arguments);
        let ran = home.run(dtguard);
        Ran { stderr: ran.stderr.split_whitespace().collect::<Vec<_>>().join(" "), ..ran }
    };
    let (both, second_first) = (path(&gits), path(&[gits[1].clone(), gits[0].clone()]));
    let named = format!("{}/git (git 2.48.0) runs no dtguard for pre-commit", gits[1].display());
    let fix = format!("PATH='{}':\"$PATH\" dtguard install --system", gits[1].display());
    let installed = run(&both, &home.repo.path, &["install", "--system"]).succeeds().says(&named).says(&fix);
    // The other one's file is named, so that one knows which machine it is about.
    installed.says(&format!("{}/gitconfig, not {}/gitconfig", gits[1].display(), gits[0].display()));
    for folder in [home.repo.outside(), home.repo.path.as_path()] {
        let ran = run(&both, folder, &["doctor"]).says(&named).says(&fix);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
    }
    run(&second_first, &home.repo.path, &["install", "--system"]).succeeds().says_not("runs no dtguard");
    for folder in [home.repo.outside(), home.repo.path.as_path()] {
        run(&both, folder, &["doctor"]).succeeds().says_not("runs no dtguard");
    }
}

#[test]
#[cfg(unix)]
fn the_page_on_rolling_out_can_be_followed_word_by_word() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rollout.md")).unwrap();
    let home = Home::new();
    let programs = home.repo.outside().join("bin");
    fs::create_dir(&programs).unwrap();
    std::os::unix::fs::symlink(DTGUARD, programs.join("dtguard")).unwrap();
    fs::write(programs.join("sudo"), "#!/bin/sh\nexec \"$@\"\n").unwrap();
    make_executable(&programs.join("sudo"));
    let untouched = home.everything();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut guarded = 0;
    let blocks: Vec<&str> =
        page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(blocks.len() > 10);
    for block in blocks {
        let mut sh = home.command("sh", &home.repo.path);
        sh.env("PATH", &path).args(["-euc", block]);
        let ran = home.run(sh);
        assert_eq!(ran.code, 0, "{block}{}", ran.stderr);
        if block.contains("uninstall") {
            let mut left = home.everything();
            // A template's own folders stay.
            left.retain(|path, content| {
                content.is_some() || !path.starts_with(home.path.join(".git-template"))
            });
            assert_eq!(left, untouched, "{block}");
        } else if block.contains("doctor") {
            assert!(home.guards(&home.new_repository(&format!("new{guarded}"))), "{block}");
            guarded += 1;
        }
    }
    assert_eq!(guarded, 4);
    let json: serde_json::Value = {
        let doctor = home.dtguard(&["doctor", "--json"]);
        serde_json::from_str(&doctor.stdout).unwrap()
    };
    for field in json.as_object().unwrap().keys() {
        assert!(page.contains(&format!("| `{field}` |")), "the page names {field}");
    }
}
