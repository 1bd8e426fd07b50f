//! A clone that nobody trusts: its configuration, attributes and files name programs
//! for git to run. None of them may run because somebody scans the clone.

#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};

use dtguard::install::Stage;

use crate::support::{DTGUARD, Ran, Repo, hermetic, make_executable};

/// A repository that would like to run a program.
struct Hostile {
    repo: Repo,
    marks: PathBuf,
}

impl Hostile {
    fn new() -> Self {
        let repo = Repo::new();
        fs::remove_dir_all(repo.path.join(".git/hooks")).unwrap();
        let marks = repo.outside().join("marks");
        fs::create_dir(&marks).unwrap();
        let hostile = Self { repo, marks };
        let (repo, program) = (&hostile.repo, hostile.program("attribute"));
        repo.stage(".gitattributes", "* filter=evil diff=evil merge=evil\n");
        repo.stage("a", "one\n");
        repo.commit_unseen();
        repo.stage("a", "two\n");
        repo.commit_unseen();
        repo.stage("a", "three\n");
        for (key, value) in settings(&program) {
            repo.git(&["config", "--add", &key, &value]).succeeds();
        }
        for name in ["git", "sh", "dtguard", "cat", "env"] {
            fs::copy(hostile.program(name), repo.path.join(name)).unwrap();
            make_executable(&repo.path.join(name));
        }
        repo.write(".git/evil.config", format!("[core]\n\tfsmonitor = {program}\n\tpager = {program}\n"));
        repo.write(".git/objects/info/alternates", format!("{}\n", repo.path.join(".git/objects").display()));
        // Newer than the index, so that git would ask the filter what is in it.
        repo.write("a", "four\n");
        hostile
    }

    /// A program that leaves a mark.
    fn program(&self, name: &str) -> String {
        let path = self.marks.with_file_name(format!("leaves-{name}"));
        let mark = self.marks.join(name);
        fs::write(&path, format!("#!/bin/sh\necho \"$0 $*\" >>'{}'\nexit 0\n", mark.display())).unwrap();
        make_executable(&path);
        path.display().to_string()
    }

    /// Runs dtguard as somebody would who has `.` on PATH, in front of all.
    fn dtguard(&self, folder: &Path, arguments: &[&str]) -> Ran {
        let mut dtguard = hermetic(DTGUARD, folder);
        dtguard.env("PATH", format!(".::{}", std::env::var("PATH").unwrap())).args(arguments);
        self.repo.check(Ran::of(dtguard.output().unwrap()))
    }

    #[track_caller]
    fn nothing_ran(&self, after: &[&str]) {
        let marks: Vec<String> = fs::read_dir(&self.marks)
            .unwrap()
            .map(|mark| fs::read_to_string(mark.unwrap().path()).unwrap())
            .collect();
        assert!(marks.is_empty(), "dtguard {after:?} ran {marks:?}");
    }
}

/// Every setting of git's that names a program and that a repository can bring.
fn settings(program: &str) -> Vec<(String, String)> {
    let aliases = ["rev-parse", "config", "ls-files", "cat-file", "diff-index", "log", "status", "init"];
    let mut settings: Vec<(String, String)> =
        aliases.iter().map(|name| (format!("alias.{name}"), format!("!{program}"))).collect();
    let keys = [
        "core.fsmonitor",
        "core.sshCommand",
        "core.gitProxy",
        "core.pager",
        "core.editor",
        "core.askPass",
        "core.alternateRefsCommand",
        "diff.external",
        "diff.evil.textconv",
        "diff.evil.command",
        "merge.evil.driver",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "gpg.program",
        "gpg.ssh.program",
        "gpg.ssh.defaultKeyCommand",
        "gpg.x509.program",
        "credential.helper",
        "uploadpack.packObjectsHook",
        "sequence.editor",
        "interactive.diffFilter",
        "trailer.evil.command",
        "pager.config",
        "pager.log",
        "pager.rev-parse",
        "remote.evil.uploadpack",
        "receive.procReceiveRefs",
    ];
    settings.extend(keys.iter().map(|key| ((*key).to_owned(), program.to_owned())));
    for (key, value) in [
        ("protocol.ext.allow", "always".to_owned()),
        ("remote.evil.url", format!("ext::{program}")),
        ("remote.evil.promisor", "true".to_owned()),
        ("extensions.partialClone", "evil".to_owned()),
        ("include.path", "evil.config".to_owned()),
        ("includeIf.gitdir:**.path", "evil.config".to_owned()),
        ("log.showSignature", "true".to_owned()),
        ("commit.gpgSign", "true".to_owned()),
        ("core.attributesFile", ".gitattributes".to_owned()),
    ] {
        settings.push((key.to_owned(), value));
    }
    settings
}

#[test]
fn the_programs_of_a_clone_run_when_git_is_asked_to_so_that_this_test_can_fail() {
    let hostile = Hostile::new();
    hostile.repo.git(&["status"]);
    hostile.repo.git(&["diff"]);
    assert!(hostile.marks.join("attribute").exists());
    let mut git = hermetic("git", &hostile.repo.path);
    git.env("PATH", ".").output().unwrap();
    assert!(hostile.marks.join("git").exists());
}

#[test]
fn scanning_a_clone_runs_none_of_its_programs() {
    let hostile = Hostile::new();
    let folder = &hostile.repo.path;
    for arguments in [
        &["scan"][..],
        &["scan", "--untracked", "--ignored"],
        &["scan", "a", "."],
        &["scan", "--history"],
        &["scan", "--history", "--unreachable"],
        &["scan", "--rev", "HEAD"],
        &["scan", "--range", "HEAD~1..HEAD"],
        &["scan", "--staged"],
        &["hook", "--reader", "git", "pre-commit"],
        &["hook", "--reader", "libgit2", "pre-commit"],
        &["hook", "post-commit"],
        &["policy", "show"],
        &["policy", "check"],
        &["policy", "unused"],
    ] {
        let ran = hostile.dtguard(folder, arguments);
        assert!(ran.code != 2, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        hostile.nothing_ran(arguments);
    }
}

#[test]
fn scanning_a_clone_with_missing_objects_fetches_none() {
    let hostile = Hostile::new();
    let id = hostile.repo.git(&["rev-parse", "HEAD~1:a"]).stdout;
    let (folder, name) = id.trim().split_at(2);
    fs::remove_file(hostile.repo.path.join(".git/objects").join(folder).join(name)).unwrap();
    fs::remove_dir_all(&hostile.marks).unwrap();
    fs::create_dir(&hostile.marks).unwrap();
    for arguments in [
        &["scan", "--history"][..],
        &["scan", "--rev", "HEAD~1"],
        &["scan", "--range", "HEAD~2..HEAD"],
        &["hook", "--reader", "git", "pre-commit"],
        &["scan"],
    ] {
        hostile.dtguard(&hostile.repo.path, arguments);
        hostile.nothing_ran(arguments);
    }
}

#[test]
fn installing_into_a_clone_and_taking_out_runs_none_of_its_programs() {
    let hostile = Hostile::new();
    let folder = &hostile.repo.path;
    for arguments in [
        &["install"][..],
        &["install"],
        &["doctor"],
        &["doctor", "--json"],
        &["uninstall"],
        &["install", "--no-hook"],
        &["install", "--template", "template"],
    ] {
        let ran = hostile.dtguard(folder, arguments);
        assert!(ran.code != 2, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        hostile.nothing_ran(arguments);
    }
}

#[test]
fn a_hook_whose_program_is_gone_does_not_start_one_that_lies_in_the_work_tree() {
    let hostile = Hostile::new();
    hostile.dtguard(&hostile.repo.path, &["install"]).succeeds();
    let hooks = hostile.repo.path.join(".git/hooks");
    for hook in fs::read_dir(&hooks).unwrap().map(|hook| hook.unwrap().path()) {
        let text = fs::read_to_string(&hook).unwrap().replace(DTGUARD, "/nonexistent/dtguard");
        fs::write(&hook, text).unwrap();
        let path: Vec<_> = std::env::split_paths(&std::env::var_os("PATH").unwrap())
            .filter(|folder| !folder.join("dtguard").exists())
            .collect();
        let path = std::env::join_paths(path).unwrap().into_string().unwrap();
        let mut sh = hermetic(&hook, &hostile.repo.path);
        // Behind the system's own: the shell's other programs are not what is tried.
        let ran =
            Ran::of(sh.env("PATH", format!("{path}:.")).args(["a", "commit", "HEAD"]).output().unwrap());
        let name = hook.file_name().unwrap().to_str().unwrap().to_owned();
        let silent = Stage::CLIENT.iter().all(|stage| stage.name() != name || !stage.stops());
        assert_eq!(ran.code, if silent { 0 } else { 2 }, "{name}: {}", ran.stderr);
        hostile.nothing_ran(&[&name]);
    }
}

#[test]
fn a_folder_that_only_looks_like_dtguards_own_does_not_lead_the_hooks_away() {
    let repo = Repo::new();
    repo.git(&["config", "core.hooksPath", "dtguard/hooks"]).succeeds();
    repo.write("dtguard/hooks/README", "Put there by dtguard install --user\n");
    repo.dtguard(&["install"]).succeeds();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("a", token);
    repo.commit().blocks();
}

#[test]
fn doctor_says_which_of_the_clones_own_hooks_it_runs() {
    let hostile = Hostile::new();
    let (repo, evil) = (&hostile.repo, hostile.program("hook"));
    repo.git(&["config", "core.hooksPath", "evil-hooks"]).succeeds();
    repo.write("evil-hooks/commit-msg", format!("#!/bin/sh\nexec {evil} \"$@\"\n"));
    make_executable(&repo.path.join("evil-hooks/commit-msg"));
    repo.git(&["config", "hook.evil.event", "pre-commit"]).succeeds();
    repo.git(&["config", "hook.evil.command", &evil]).succeeds();
    repo.write("evil-hooks/post-checkout", format!("#!/bin/sh\nexec {evil} \"$@\"\n"));
    make_executable(&repo.path.join("evil-hooks/post-checkout"));
    let said = hostile.dtguard(&repo.path, &["doctor"]).stderr;
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let list = said.split("The proof ran these hooks of the repository:").nth(1).unwrap();
    assert!(list.contains("evil-hooks/commit-msg") && !list.contains("post-checkout"), "{said}");
    let json: serde_json::Value =
        serde_json::from_str(&hostile.dtguard(&repo.path, &["doctor", "--json"]).stdout).unwrap();
    let ran = json["proof"]["ran"].as_array().unwrap();
    assert!(ran[0].as_str().unwrap().ends_with("evil-hooks/commit-msg"), "{ran:?}");
}

#[test]
fn a_program_that_lies_in_the_clone_is_not_run_for_its_version() {
    let hostile = Hostile::new();
    hostile.dtguard(&hostile.repo.path, &["install"]).succeeds();
    for inside in [hostile.repo.path.join("dtguard"), hostile.repo.path.join(".git/dtguard")] {
        fs::copy(hostile.program("version"), &inside).unwrap();
        make_executable(&inside);
        let hook = hostile.repo.path.join(".git/hooks/post-commit");
        let text = fs::read_to_string(&hook).unwrap().replace(DTGUARD, inside.to_str().unwrap());
        fs::write(&hook, text).unwrap();
        let ran = hostile.dtguard(&hostile.repo.path, &["doctor"]);
        hostile.nothing_ran(&["doctor"]);
        let said = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("/dtguard, which lies in this repository"), "{said}");
        hostile.dtguard(&hostile.repo.path, &["install"]).succeeds();
    }
}

#[test]
fn a_link_that_a_clone_brings_does_not_lead_what_is_written_out_of_it() {
    let repo = Repo::new();
    let precious = repo.outside().join("precious");
    let real = repo.outside().join("elsewhere");
    fs::create_dir(&real).unwrap();
    let link = |name: &str, to: &Path| std::os::unix::fs::symlink(to, repo.path.join(name)).unwrap();
    // husky's file, and its folder.
    repo.git(&["config", "core.hooksPath", ".husky/_"]).succeeds();
    for folder in [true, false] {
        fs::write(&precious, "precious\n").unwrap();
        fs::write(real.join("pre-commit"), "precious\n").unwrap();
        let husky = repo.path.join(".husky");
        if folder {
            fs::create_dir_all(real.join("_")).unwrap();
            link(".husky", &real);
        } else {
            fs::remove_file(&husky).unwrap();
            fs::create_dir_all(husky.join("_")).unwrap();
            link(".husky/pre-commit", &precious);
        }
        fs::write(husky.join("_/pre-commit"), "#!/bin/sh\n").unwrap();
        let ran = repo.dtguard(&["install", "--write", "--stage", "pre-commit"]);
        assert_eq!(ran.refuses("leads out of this work tree").code, 2);
        assert_eq!(fs::read_to_string(&precious).unwrap(), "precious\n");
        assert_eq!(fs::read_to_string(real.join("pre-commit")).unwrap(), "precious\n");
    }
    // lefthook's.
    repo.git(&["config", "--unset", "core.hooksPath"]).succeeds();
    repo.write(".git/hooks/pre-commit", "#!/bin/sh\ncall_lefthook\n");
    make_executable(&repo.path.join(".git/hooks/pre-commit"));
    for name in ["lefthook.yml", "lefthook-dtguard.yml"] {
        fs::write(&precious, "a: b\n").unwrap();
        link(name, &precious);
        let ran = repo.dtguard(&["install", "--write", "--stage", "pre-commit"]);
        assert_eq!(ran.refuses(name).code, 2);
        assert_eq!(fs::read_to_string(&precious).unwrap(), "a: b\n");
        for name in ["lefthook.yml", "lefthook-dtguard.yml"] {
            let _absent = fs::remove_file(repo.path.join(name));
        }
    }
}

#[test]
fn a_folder_of_hooks_that_leads_out_of_the_repository_is_named() {
    let repo = Repo::new();
    let hooks = repo.path.join(".git/hooks");
    let elsewhere = repo.outside().join("elsewhere");
    fs::rename(&hooks, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &hooks).unwrap();
    let said = repo.dtguard(&["install", "--stage", "commit-msg"]).succeeds().stderr;
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let wanted = format!("That folder is {}, outside of this repository", elsewhere.display());
    assert!(said.contains(&wanted), "{said}");
    repo.dtguard(&["uninstall"]).succeeds();
    assert!(!elsewhere.join("commit-msg").exists());
}
