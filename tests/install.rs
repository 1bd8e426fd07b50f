//! Hooks go in beside what is there, guard, and come out without a trace.

use std::fs;
use std::path::Path;

use dtguard::install::Stage;

use crate::support::{DTGUARD, Repo, hermetic, make_executable};

/// A repository without hooks.
fn bare_of_hooks() -> Repo {
    let repo = Repo::new();
    fs::remove_dir_all(repo.path.join(".git/hooks")).unwrap();
    repo
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn installed_hooks_guard_and_prove_it() {
    let repo = bare_of_hooks();
    let ran = repo.dtguard(&["install"]).succeeds();
    ran.says("was blocked").says("a commit without one passed").says("hooks/pre-commit");
    for stage in Stage::CLIENT {
        assert!(repo.path.join(".git/hooks").join(stage.name()).is_file(), "{stage}");
    }
    let token = repo.token("dt0c01", 1).text;
    repo.stage("a", token);
    repo.commit().blocks();
    repo.stage("a", "clean\n");
    repo.commit().succeeds().says("no Dynatrace token in 1 staged file");
}

#[test]
fn installing_twice_changes_nothing() {
    let repo = bare_of_hooks();
    repo.dtguard(&["install"]).succeeds();
    let before = files(&repo.path.join(".git/hooks"));
    repo.dtguard(&["install"]).succeeds().says("Already there");
    assert_eq!(files(&repo.path.join(".git/hooks")), before);
}

#[test]
fn a_hook_that_was_there_runs_first_and_comes_back_byte_for_byte() {
    let repo = bare_of_hooks();
    let hooks = repo.path.join(".git/hooks");
    fs::create_dir(&hooks).unwrap();
    let theirs = "#!/bin/sh\necho \"theirs: $0 $#\" >&2\ntest ! -e refuse\n";
    fs::write(hooks.join("pre-commit"), theirs).unwrap();
    make_executable(&hooks.join("pre-commit"));
    fs::write(hooks.join("pre-applypatch"), "not executable\n").unwrap();
    let before = files(&hooks);

    repo.dtguard(&["install"]).succeeds().says("runs first");
    repo.dtguard(&["install"]).succeeds().says("Already there");
    let token = repo.token("dt0c01", 1).text;
    repo.stage("a", token);
    let ran = repo.commit().blocks();
    assert!(ran.stderr.find("theirs: ").unwrap() < ran.stderr.find("dtguard: ").unwrap());
    repo.stage("a", "clean\n");
    repo.write("refuse", "");
    let ran = repo.commit().says("theirs: ").says_not("dtguard: ");
    assert_ne!(ran.code, 0, "a hook that refuses still refuses");
    fs::remove_file(repo.path.join("refuse")).unwrap();
    repo.commit().succeeds().says("theirs: ");

    repo.dtguard(&["uninstall"]).succeeds().says("is restored");
    assert_eq!(files(&hooks), before);
    repo.dtguard(&["uninstall"]).succeeds().says("left alone");
    assert_eq!(files(&hooks), before);
}

#[test]
fn uninstalling_leaves_an_empty_folder_as_empty_as_it_was() {
    let repo = bare_of_hooks();
    repo.dtguard(&["install"]).succeeds();
    repo.dtguard(&["uninstall"]).succeeds();
    assert_eq!(files(&repo.path.join(".git/hooks")), []);
}

#[test]
fn nothing_of_others_is_overwritten_when_two_hooks_compete() {
    let repo = bare_of_hooks();
    let hooks = repo.path.join(".git/hooks");
    fs::create_dir(&hooks).unwrap();
    for name in ["pre-commit", "pre-commit.before-dtguard"] {
        fs::write(hooks.join(name), "#!/bin/sh\n").unwrap();
    }
    let before = files(&hooks);
    assert_eq!(repo.dtguard(&["install"]).refuses("neither is dtguard's").code, 2);
    repo.dtguard(&["uninstall"]).succeeds();
    assert_eq!(files(&hooks), before);
}

#[test]
fn hooks_go_where_core_hooks_path_leads() {
    let repo = bare_of_hooks();
    repo.git(&["config", "core.hooksPath", "tools/hooks"]).succeeds();
    let below = repo.path.join("deep/er");
    fs::create_dir_all(&below).unwrap();
    repo.dtguard_in(&below, &[], &["install"]).succeeds().says("core.hooksPath leads to that folder");
    assert!(repo.path.join("tools/hooks/pre-commit").is_file());
    assert!(!repo.path.join(".git/hooks").exists());
    let token = repo.token("dt0c01", 1).text;
    repo.stage("a", token);
    repo.commit().blocks();
}

#[test]
fn hooks_of_a_linked_worktree_go_to_its_repository() {
    let repo = bare_of_hooks();
    let linked = repo.outside().join("linked");
    repo.git(&["worktree", "add", "--quiet", linked.to_str().unwrap(), "-b", "w"]).succeeds();
    repo.dtguard_in(repo.outside(), &[], &["install", "--repo", linked.to_str().unwrap()])
        .succeeds()
        .says_not("core.hooksPath");
    assert!(repo.path.join(".git/hooks/pre-commit").is_file());
    let token = repo.token("dt0c01", 1).text;
    fs::write(linked.join("a"), token).unwrap();
    repo.git_in(&linked, &[], &["add", "a"]).succeeds();
    repo.git_in(&linked, &[], &["commit", "-m", "m"]).blocks();
}

#[test]
fn single_stages_are_installed_and_taken_out() {
    let repo = bare_of_hooks();
    repo.dtguard(&["install", "--stage", "pre-merge-commit"]).succeeds();
    assert_eq!(files(&repo.path.join(".git/hooks")).len(), 1);
    repo.dtguard(&["uninstall", "--stage", "pre-commit"]).succeeds().says("Not there").says_not("pre-push");
    repo.dtguard(&["uninstall", "--quiet", "--stage", "pre-commit"]).succeeds().says_nothing();
    assert_eq!(files(&repo.path.join(".git/hooks")).len(), 1);
}

/// Runs `PROGRAM install`, where the program was copied just now.
fn install_with(program: &Path, repo: &Repo) -> std::process::Output {
    // Another test that starts a program now may hold the new file open for writing for a
    // moment.
    loop {
        match hermetic(program, &repo.path).arg("install").output() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {}
            ran => return ran.unwrap(),
        }
    }
}

#[test]
fn a_program_that_is_gone_stops_the_commit_and_says_how_to_mend_it() {
    let repo = bare_of_hooks();
    let program = repo.outside().join("it's dtguard");
    fs::copy(DTGUARD, &program).unwrap();
    let ran = install_with(&program, &repo);
    assert!(ran.status.success());
    repo.stage("a", "clean\n");
    repo.commit().succeeds();
    fs::remove_file(&program).unwrap();
    repo.stage("b", "clean\n");
    // Only git and the shell's own programs are on PATH here.
    let path: Vec<_> = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .filter(|folder| !folder.join("dtguard").exists())
        .collect();
    let path = std::env::join_paths(path).unwrap().into_string().unwrap();
    let ran = repo.git_in(&repo.path, &[("PATH", &path)], &["commit", "-m", "m"]);
    assert_ne!(ran.code, 0);
    ran.says("nothing was scanned").says("./install.sh").says("pip install dtguard && dtguard install");
    // The same program elsewhere on PATH is found.
    fs::copy(DTGUARD, repo.outside().join("dtguard")).unwrap();
    let path = format!("{}:{path}", repo.outside().display());
    repo.git_in(&repo.path, &[("PATH", &path)], &["commit", "-m", "m"]).succeeds();
}

#[test]
fn a_program_in_a_cache_guards_with_a_word_on_how_long() {
    let repo = bare_of_hooks();
    for (folder, warns) in [(".cache/uv/archive/bin", true), (".npm/_npx/1/bin", true), ("cached/bin", false)]
    {
        let program = repo.outside().join(folder).join("dtguard");
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        fs::copy(DTGUARD, &program).unwrap();
        let output = install_with(&program, &repo);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        // Where its lines break depends on the length of the path.
        let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            output.status.success() && words.contains("which is in a cache") == warns,
            "{folder}: {said}"
        );
    }
}

#[test]
fn no_hook_only_proves() {
    let repo = bare_of_hooks();
    repo.dtguard(&["install", "--no-hook"]).succeeds().says("was blocked");
    assert!(!repo.path.join(".git/hooks").exists());
}

#[test]
fn the_proof_does_not_depend_on_who_installs() {
    let repo = bare_of_hooks();
    repo.git(&["config", "commit.gpgSign", "true"]).succeeds();
    let home = repo.outside().join("home");
    fs::create_dir(&home).unwrap();
    fs::write(home.join("config"), "[core]\n\thooksPath = /nonexistent\n[commit]\n\tgpgSign = true\n[init]\n\ttemplateDir = /nonexistent\n").unwrap();
    let config = home.join("config");
    let environment = [("GIT_CONFIG_GLOBAL", config.to_str().unwrap()), ("GIT_DIR", "/nonexistent")];
    repo.dtguard_in(&repo.path, &environment, &["install", "--no-hook"]).succeeds().says("was blocked");
}

#[test]
fn outside_of_a_repository_nothing_is_installed() {
    let repo = bare_of_hooks();
    let ran = repo.dtguard_in(repo.outside(), &[], &["install"]).refuses("not in a git repository");
    assert_eq!(ran.code, 2);
}

#[test]
#[cfg(unix)]
fn a_hook_that_git_would_not_run_is_mended() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = bare_of_hooks();
    repo.dtguard(&["install"]).succeeds();
    let hook = repo.path.join(".git/hooks/pre-commit");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o644)).unwrap();
    repo.dtguard(&["install"]).succeeds().says("Updated");
    let token = repo.token("dt0c01", 1).text;
    repo.stage("a", token);
    repo.commit().blocks();
}

#[test]
#[cfg(unix)]
fn a_hook_that_goes_by_its_own_name_keeps_it() {
    let repo = bare_of_hooks();
    let hooks = repo.path.join(".git/hooks");
    fs::create_dir(&hooks).unwrap();
    // One script for all hooks, as dispatchers have it, with helpers beside it.
    let dispatch = "#!/usr/bin/env bash\nset -e\n. \"$(dirname \"$0\")/helper\"\n";
    fs::write(hooks.join("dispatch"), dispatch).unwrap();
    fs::write(hooks.join("helper"), "echo \"I am $(basename \"$0\")\" >&2\ntest ! -e refuse\n").unwrap();
    make_executable(&hooks.join("dispatch"));
    std::os::unix::fs::symlink("dispatch", hooks.join("pre-commit")).unwrap();
    repo.dtguard(&["install"]).succeeds();
    repo.dtguard(&["install"]).succeeds().says("Already there");
    repo.stage("a", "clean\n");
    repo.commit().succeeds().says("I am pre-commit\n").says("dtguard: no Dynatrace token");
    repo.stage("b", "clean\n");
    repo.write("refuse", "");
    assert_ne!(repo.commit().says("I am pre-commit\n").code, 0);
    fs::remove_file(repo.path.join("refuse")).unwrap();
    // Moved by somebody who chains, ours still finds what it keeps.
    fs::rename(hooks.join("pre-commit"), hooks.join("pre-commit.legacy")).unwrap();
    fs::write(hooks.join("pre-commit"), "#!/bin/sh\nexec \"$0.legacy\"\n").unwrap();
    make_executable(&hooks.join("pre-commit"));
    repo.commit().succeeds().says("I am pre-commit\n").says("dtguard: no Dynatrace token");
}

#[test]
fn a_hook_that_could_not_be_kept_is_left_alone_with_a_word_on_what_to_do() {
    let repo = bare_of_hooks();
    let hooks = repo.path.join(".git/hooks");
    fs::create_dir(&hooks).unwrap();
    fs::write(hooks.join("pre-commit"), "#!/usr/bin/env ruby\nputs File.basename($0)\n").unwrap();
    let before = files(&hooks);
    let ran = repo.dtguard(&["install"]).refuses("asks for its own name").says("dtguard hook pre-commit");
    assert!(hooks.join("pre-merge-commit").is_file(), "the others still guard");
    repo.dtguard(&["uninstall"]).succeeds();
    assert_eq!((ran.code, files(&hooks)), (2, before));
    repo.write(".husky/_/pre-commit", "#!/bin/sh\n");
    repo.git(&["config", "core.hooksPath", ".husky/_"]).succeeds();
    let ran = repo.dtguard(&["install"]).refuses("husky writes the hooks").says("dtguard install --write");
    assert_eq!((ran.code, files(&repo.path.join(".husky/_")).len()), (2, 1));
}

#[test]
fn lines_that_somebody_added_to_our_hook_are_not_lost() {
    let repo = bare_of_hooks();
    repo.dtguard(&["install"]).succeeds();
    let hook = repo.path.join(".git/hooks/pre-commit");
    let edited = fs::read_to_string(&hook).unwrap().replace("kept=", "echo mine\nkept=");
    fs::write(&hook, &edited).unwrap();
    for command in ["install", "uninstall"] {
        assert_eq!(repo.dtguard(&[command]).refuses("somebody has changed it").code, 2);
        assert_eq!(fs::read_to_string(&hook).unwrap(), edited);
    }
}

#[test]
fn the_repository_that_is_named_gets_the_hooks_whatever_the_environment_says() {
    let (repo, other) = (bare_of_hooks(), bare_of_hooks());
    let git_dir = other.path.join(".git");
    let environment = [("GIT_DIR", git_dir.to_str().unwrap())];
    repo.dtguard_in(repo.outside(), &environment, &["install", "--repo", repo.path.to_str().unwrap()])
        .succeeds();
    assert!(repo.path.join(".git/hooks/pre-commit").is_file() && !other.path.join(".git/hooks").exists());
}

#[test]
fn every_hook_that_could_not_be_installed_is_named_at_once() {
    let repo = bare_of_hooks();
    let hooks = repo.path.join(".git/hooks");
    fs::create_dir(&hooks).unwrap();
    for name in ["pre-commit", "commit-msg", "pre-push"] {
        fs::write(hooks.join(name), "#!/usr/bin/env ruby\nputs File.basename($0)\n").unwrap();
    }
    let ran = repo.dtguard(&["install"]).refuses("asks for its own name");
    for name in ["pre-commit", "commit-msg", "pre-push"] {
        assert!(ran.stderr.contains(&format!("    dtguard hook {name}\n")), "{}", ran.stderr);
    }
    // Nor does one that cannot be taken out keep the others in.
    let hook = hooks.join("applypatch-msg");
    let edited = fs::read_to_string(&hook).unwrap().replace("kept=", "echo mine\nkept=");
    fs::write(&hook, edited).unwrap();
    assert_eq!(repo.dtguard(&["uninstall"]).refuses("somebody has changed it").code, 2);
    assert!(!hooks.join("post-commit").exists() && hook.exists());
}

#[test]
fn what_is_put_in_for_git_lfs_is_said_and_says_what_it_is() {
    let repo = bare_of_hooks();
    let kept = repo.path.join(".git/hooks/pre-push.before-dtguard");
    let programs = repo.outside().join("programs");
    fs::create_dir(&programs).unwrap();
    fs::write(programs.join("git-lfs"), "").unwrap();
    fs::write(programs.join("git-lfs.exe"), "").unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths([programs].into_iter().chain(std::env::split_paths(&path))).unwrap();
    let ran = repo.dtguard_in(&repo.path, &[("PATH", path.to_str().unwrap())], &["install"]);
    ran.succeeds().says("(Git LFS, where the repository uses it").says("pre-push.before-dtguard");
    let text = fs::read_to_string(&kept).unwrap();
    let comment: String = text.lines().skip(2).take_while(|line| line.starts_with('#')).collect();
    // Nothing is led here by core.hooksPath, and the comment does not say so.
    assert!(comment.contains("git-lfs") && comment.contains("where core.hooksPath leads"), "{comment}");
    repo.dtguard(&["install"]).succeeds().says("Already there").says_not("LFS");
    // One of an older version is brought up to date.
    fs::write(&kept, text.replace("dtguard-chain 2", "dtguard-chain 1")).unwrap();
    repo.dtguard(&["install"]).succeeds().says("Updated");
    assert_eq!(fs::read_to_string(&kept).unwrap(), text);
}

/// Without git-lfs, the hook starts no script of ours for it.
#[test]
#[cfg(unix)]
fn a_push_runs_git_lfs_from_its_first_use_in_the_repository_on_and_always_the_hook_that_was_here() {
    let repo = bare_of_hooks();
    let (programs, heard) = (repo.outside().join("programs"), repo.outside().join("heard"));
    fs::create_dir(&programs).unwrap();
    let lfs = programs.join("git-lfs");
    fs::write(&lfs, format!("#!/bin/sh\n{{ echo \"$*\"; cat; }} >>'{}'\n", heard.display())).unwrap();
    make_executable(&lfs);
    let path = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths([programs].into_iter().chain(std::env::split_paths(&path))).unwrap();
    let environment = [("PATH", path.to_str().unwrap())];
    let remote = repo.outside().join("remote.git");
    repo.git(&["init", "--quiet", "--bare", remote.to_str().unwrap()]).succeeds();
    repo.dtguard_in(&repo.path, &environment, &["install"]).succeeds();
    let push = |to: &str| {
        let to = format!("HEAD:refs/heads/{to}");
        repo.git_in(&repo.path, &environment, &["push", remote.to_str().unwrap(), &to]);
        fs::read_to_string(&heard).unwrap_or_default()
    };
    repo.stage("a", "text\n");
    repo.commit().succeeds();
    assert_eq!(push("one"), "");
    fs::create_dir(repo.path.join(".git/lfs")).unwrap();
    let said = push("two");
    assert!(said.starts_with("pre-push ") && said.contains(" refs/heads/two "), "{said}");
    // It may be used only in the repository of which this is another work tree.
    let linked = repo.outside().join("linked");
    repo.git(&["worktree", "add", "--quiet", linked.to_str().unwrap()]).succeeds();
    repo.git_in(&linked, &environment, &["push", remote.to_str().unwrap(), "HEAD:refs/heads/three"]);
    assert!(fs::read_to_string(&heard).unwrap().contains(" refs/heads/three "));
    fs::remove_dir(repo.path.join(".git/lfs")).unwrap();

    let theirs = format!("#!/bin/sh\n# dtguard\ncat >>'{}'\n", heard.display());
    fs::write(repo.path.join(".git/hooks/pre-push.before-dtguard"), theirs).unwrap();
    assert!(push("four").contains(" refs/heads/four "));
}

#[test]
fn taking_out_names_only_what_was_there_and_is_quiet_when_asked() {
    let repo = bare_of_hooks();
    repo.dtguard(&["install", "--stage", "pre-commit"]).succeeds();
    let ran = repo.dtguard(&["uninstall"]).succeeds().says("pre-commit");
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    let ran = repo.dtguard(&["uninstall"]).succeeds().says("Not there");
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    for arguments in [&["uninstall", "-q"][..], &["install", "-q"], &["uninstall", "-q"]] {
        repo.dtguard(arguments).succeeds().says_nothing();
    }
}

#[test]
fn what_was_kept_comes_back_though_somebody_has_removed_the_hook() {
    let repo = bare_of_hooks();
    let hooks = repo.path.join(".git/hooks");
    fs::create_dir(&hooks).unwrap();
    fs::write(hooks.join("pre-commit"), "#!/bin/sh\n").unwrap();
    make_executable(&hooks.join("pre-commit"));
    let before = files(&hooks);
    repo.dtguard(&["install"]).succeeds();
    fs::remove_file(hooks.join("pre-commit")).unwrap();
    fs::remove_file(hooks.join("pre-push")).unwrap();
    repo.dtguard(&["uninstall"]).succeeds().says("is restored");
    assert_eq!(files(&hooks), before);
}

#[test]
fn the_readme_names_each_hook_that_install_puts_in() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let table = readme.split("## The hooks").nth(1).unwrap().split("\n## ").next().unwrap();
    for stage in Stage::ALL {
        assert!(table.contains(&format!("`{stage}`")), "{stage}");
    }
}

#[test]
#[cfg(unix)]
fn who_has_no_git_lfs_reads_nothing_of_it() {
    let repo = bare_of_hooks();
    let programs = repo.outside().join("programs");
    fs::create_dir(&programs).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let git = std::env::split_paths(&path).map(|folder| folder.join("git")).find(|git| git.is_file());
    std::os::unix::fs::symlink(git.unwrap(), programs.join("git")).unwrap();
    let ran = repo.dtguard_in(&repo.path, &[("PATH", programs.to_str().unwrap())], &["install"]);
    ran.succeeds().says("hooks/pre-push").says_not("LFS").says_not("git-lfs");
    // It may be installed later.
    assert!(repo.path.join(".git/hooks/pre-push.before-dtguard").is_file());
}
