//! `dtguard doctor` says what guards, what does not and why, and never that all is
//! well where a token would pass.

use std::fs;

use serde_json::Value;

use crate::support::{DTGUARD, Ran, Repo, make_executable};

/// A repository with dtguard's own hooks, as a user has them.
fn installed() -> Repo {
    let repo = Repo::new();
    fs::remove_dir_all(repo.path.join(".git/hooks")).unwrap();
    repo.dtguard(&["install"]).succeeds();
    repo
}

#[track_caller]
fn code(ran: Ran, code: i32) -> Ran {
    assert_eq!(ran.code, code, "{}{}", ran.stdout, ran.stderr);
    // Wherever its lines are broken.
    Ran { stderr: ran.stderr.split_whitespace().collect::<Vec<_>>().join(" "), ..ran }
}

fn json(repo: &Repo, wanted: i32) -> Value {
    let ran = code(repo.dtguard(&["doctor", "--json"]), wanted);
    assert_eq!(ran.stderr, "");
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn a_guarded_repository_is_proven_to_be_one_and_is_left_as_it_was() {
    let repo = installed();
    let commits = repo.commits();
    let status = repo.git(&["status", "--porcelain"]).stdout;
    code(repo.dtguard(&["doctor"]), 0)
        .says("git /")
        .says("policy loads")
        .says(".git/hooks/pre-commit")
        .says("was blocked by dtguard, one without was not")
        .says_not("open: ");
    assert_eq!((repo.commits(), repo.git(&["status", "--porcelain"]).stdout), (commits, status));
}

#[test]
fn a_fleet_reads_the_same_as_json() {
    let repo = installed();
    let found = json(&repo, 0);
    assert_eq!(found["version"], 1);
    assert_eq!(found["status"], "guarded");
    assert_eq!(found["proof"]["verdict"], "held");
    assert!(found["proof"]["identifier"].as_str().unwrap().starts_with("dt0c01."));
    assert_eq!(found["doors"], Value::Array(Vec::new()));
    let stage = &found["stages"][0];
    assert_eq!((&stage["stage"], &stage["covered"]), (&"pre-commit".into(), &true.into()));
    assert_eq!(stage["program"], DTGUARD);
    assert_eq!(stage["program_is_this"], true);
    assert!(found["git"][0]["version"].as_str().unwrap().contains('.'));
    repo.dtguard(&["uninstall"]).succeeds();
    let found = json(&repo, 1);
    assert_eq!((&found["status"], &found["proof"]["verdict"]), (&"open".into(), &"failed".into()));
    assert_eq!(found["doors"][0]["open"], true);
    assert_eq!(found["doors"][0]["shut"], "dtguard install");
}

#[test]
fn a_stage_that_is_open_is_named_with_the_command_that_shuts_it() {
    let repo = installed();
    repo.dtguard(&["uninstall", "--stage", "pre-merge-commit"]).succeeds();
    code(repo.dtguard(&["doctor"]), 0)
        .says("pre-merge-commit: there is no hook")
        .says("dtguard install --stage pre-merge-commit");
    repo.dtguard(&["install", "--stage", "pre-merge-commit"]).succeeds();
    code(repo.dtguard(&["doctor"]), 0).says_not("open: ");
}

#[test]
#[cfg(unix)]
fn a_hook_that_git_passes_over_is_open() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = installed();
    let hook = repo.path.join(".git/hooks/pre-commit");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o644)).unwrap();
    code(repo.dtguard(&["doctor"]), 1).says("cannot be executed").says("chmod +x").says("NOT GUARDED");
}

#[test]
fn somebodys_hook_is_open_until_it_calls_dtguard() {
    let repo = Repo::new();
    let hook = repo.path.join(".git/hooks/pre-commit");
    fs::write(&hook, "#!/bin/sh\n# dtguard\nexit 0\n").unwrap();
    make_executable(&hook);
    code(repo.dtguard(&["doctor"]), 1).says("pre-commit does not call dtguard");
    fs::write(&hook, format!("#!/bin/sh\nexec '{DTGUARD}' hook pre-commit\n")).unwrap();
    code(repo.dtguard(&["doctor"]), 0).says("was blocked by dtguard");
}

#[test]
fn a_hook_that_fails_for_reasons_of_its_own_is_neither_a_proof_nor_a_refutation() {
    let repo = installed();
    let hooks = repo.path.join(".git/hooks");
    let write = |text: &str| {
        fs::write(hooks.join("pre-commit.before-dtguard"), text).unwrap();
        make_executable(&hooks.join("pre-commit.before-dtguard"));
    };
    write("#!/bin/sh\necho no package.json here >&2; exit 1\n");
    code(repo.dtguard(&["doctor"]), 2).says("NOT PROVEN").says("no package.json here");
    fs::remove_file(hooks.join("pre-commit.before-dtguard")).unwrap();
    fs::write(hooks.join("commit-msg"), "#!/bin/sh\necho no ticket >&2; exit 1\n").unwrap();
    make_executable(&hooks.join("commit-msg"));
    code(repo.dtguard(&["doctor"]), 0)
        .says("was blocked by dtguard")
        .says("Another hook refused")
        .says("no ticket");
}

#[test]
fn hooks_that_only_have_effects_are_not_set_off() {
    let repo = installed();
    let ran = repo.outside().join("ran");
    for name in ["post-commit", "post-checkout", "reference-transaction"] {
        let hook = repo.path.join(".git/hooks").join(name);
        fs::write(&hook, format!("#!/bin/sh\ntouch '{}'\n", ran.display())).unwrap();
        make_executable(&hook);
    }
    code(repo.dtguard(&["doctor"]), 0);
    assert!(!ran.exists());
}

#[test]
fn a_policy_that_does_not_load_or_lets_all_pass_is_no_guard() {
    let repo = installed();
    repo.write(".dtguard.toml", "version = 1\nnonsense = 1\n");
    code(repo.dtguard(&["doctor"]), 2).says("does not load").says("nonsense");
    assert!(json(&repo, 2)["policy_error"].as_str().unwrap().contains("nonsense"));
    repo.write(
        ".dtguard.toml",
        "version = 1\n[[allow]]\npath = \"**\"\nkinds = [\"dt0c01\"]\nreason = \"all\"\n",
    );
    code(repo.dtguard(&["doctor"]), 1).says("NOT GUARDED");
}

#[test]
fn a_core_hooks_path_that_leads_nowhere_is_open() {
    let repo = installed();
    repo.git(&["config", "core.hooksPath", "tools/hooks"]).succeeds();
    code(repo.dtguard(&["doctor"]), 1)
        .says("core.hooksPath, local")
        .says("does not exist: no hook runs here")
        .says("git config --local --unset core.hooksPath");
}

#[test]
fn variables_that_switch_hooks_off_are_named() {
    let repo = installed();
    let environment = [("HUSKY", "0"), ("SKIP", "a, dtguard")];
    let ran = repo.dtguard_in(&repo.path, &environment, &["doctor"]);
    code(ran, 0).says("HUSKY=0 is set").says("unset HUSKY").says("SKIP=a, dtguard is set");
    code(repo.dtguard(&["doctor"]), 0).says_not("is set");
}

#[test]
fn outside_of_a_repository_it_says_what_a_new_one_would_get() {
    let repo = installed();
    code(repo.dtguard_in(repo.outside(), &[], &["doctor"]), 1)
        .says("what a new one would get")
        .says("dtguard install --user");
    let path = repo.path.to_str().unwrap();
    code(repo.dtguard_in(repo.outside(), &[], &["doctor", "--repo", path]), 0);
    let outside = repo.outside().to_str().unwrap();
    code(repo.dtguard(&["doctor", "--repo", outside]), 2).says("not in a git repository");
}

#[test]
#[cfg(unix)]
fn a_hook_of_another_version_is_noted() {
    let repo = installed();
    let other = repo.outside().join("dtguard");
    let script =
        format!("#!/bin/sh\n[ \"$1\" = --version ] && echo dtguard 0.0.9 && exit\nexec '{DTGUARD}' \"$@\"\n");
    fs::write(&other, script).unwrap();
    make_executable(&other);
    let hook = repo.path.join(".git/hooks/pre-commit");
    let text = fs::read_to_string(&hook).unwrap();
    fs::write(&hook, text.replace(DTGUARD, other.to_str().unwrap())).unwrap();
    code(repo.dtguard(&["doctor"]), 0).says("version 0.0.9, which is not this program");
    assert_eq!(json(&repo, 0)["stages"][0]["program_version"], "0.0.9");
}

#[test]
fn names_of_others_cannot_play_with_the_terminal() {
    let repo = installed();
    repo.git(&["config", "core.hooksPath", "a\u{1b}[31mb"]).succeeds();
    let ran = code(repo.dtguard(&["doctor"]), 1);
    assert!(!ran.stderr.contains('\u{1b}') && ran.stderr.contains("\\u{1b}"));
}

#[test]
fn a_bare_repository_is_proven_by_a_push() {
    let repo = Repo::new();
    let bare = repo.outside().join("bare");
    let path = bare.to_str().unwrap();
    repo.git(&["init", "--quiet", "--bare", path]).succeeds();
    code(repo.dtguard(&["doctor", "--repo", path]), 1).says("open: pre-receive").says("NOT GUARDED");
    repo.dtguard(&["install", "--repo", path]).succeeds();
    code(repo.dtguard(&["doctor", "--repo", path]), 0).says("pre-receive").says("was blocked by dtguard");
    fs::write(bare.join("hooks/update"), "#!/bin/sh\nexit 1\n").unwrap();
    make_executable(&bare.join("hooks/update"));
    code(repo.dtguard(&["doctor", "--repo", path]), 0).says("Another hook refused");
}
