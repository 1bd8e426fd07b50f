//! `dtguard doctor` says what guards, what does not and why, and never that all is
//! well where a token would pass.

use std::fs;

use dtguard::install::Stage;
use serde_json::Value;

use crate::support::{DTGUARD, Ran, Repo, effort, make_executable};

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
        .says("GUARDED: ")
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
    assert_eq!(found["problems"], Value::Array(Vec::new()));
    let stage = &found["stages"][0];
    assert_eq!((&stage["stage"], &stage["covered"]), (&"pre-commit".into(), &true.into()));
    assert_eq!(stage["program"], DTGUARD);
    assert_eq!(stage["program_is_this"], true);
    assert!(found["git"][0]["version"].as_str().unwrap().contains('.'));
    repo.dtguard(&["uninstall"]).succeeds();
    let found = json(&repo, 2);
    assert_eq!((&found["status"], &found["proof"]["verdict"]), (&"not".into(), &"failed".into()));
    assert!(found["summary"].as_str().unwrap().starts_with("NOT GUARDED"));
    assert_eq!(found["problems"][0]["open"], true);
    assert_eq!(found["problems"][0]["fix"], "dtguard install");
}

#[test]
fn each_stage_that_is_the_only_stop_for_something_is_missed() {
    let repo = installed();
    let hooks = repo.path.join(".git/hooks");
    for stage in Stage::CLIENT.into_iter().filter(|stage| *stage != Stage::PreCommit) {
        fs::remove_file(hooks.join(stage.name())).unwrap();
        let wanted = if stage.stops() { 1 } else { 0 };
        let ran = code(repo.dtguard(&["doctor"]), wanted);
        let first = if stage.stops() { "PARTLY GUARDED" } else { "GUARDED" };
        assert!(ran.stderr.starts_with(first), "{stage}: {}", ran.stderr);
        ran.says(&format!("{stage}: the hook is missing")).says(&format!("dtguard install --stage {stage}"));
        let found = json(&repo, wanted);
        assert_eq!(found["status"], if stage.stops() { "partly" } else { "guarded" });
        assert_eq!(found["problems"][0]["open"], stage.stops());
        repo.dtguard(&["install", "--stage", stage.name()]).succeeds();
        code(repo.dtguard(&["doctor"]), 0).says_not("open: ").says_not("note: ");
    }
    fs::remove_file(hooks.join("pre-commit")).unwrap();
    code(repo.dtguard(&["doctor"]), 2).says("NOT GUARDED: a token passes here");
}

#[test]
#[cfg(unix)]
fn a_hook_that_git_passes_over_is_open() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = installed();
    let hook = repo.path.join(".git/hooks/pre-commit");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o644)).unwrap();
    code(repo.dtguard(&["doctor"]), 2).says("is not executable").says("chmod +x").says("NOT GUARDED");
}

#[test]
fn somebodys_hook_is_open_until_it_calls_dtguard() {
    let repo = installed();
    let hook = repo.path.join(".git/hooks/pre-commit");
    fs::write(&hook, "#!/bin/sh\n# dtguard\nexit 0\n").unwrap();
    make_executable(&hook);
    code(repo.dtguard(&["doctor"]), 2).says("pre-commit does not call dtguard");
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
    code(repo.dtguard(&["doctor"]), 1)
        .says("commit-msg does not call dtguard")
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
    // It was dtguard that refused, and it says why, where, and what mends it.
    let ran = code(repo.dtguard(&["doctor"]), 2);
    assert!(ran.stderr.starts_with("NOT PROVEN: the policy does not load"), "{}", ran.stderr);
    ran.says(".dtguard.toml:2:1").says("nonsense").says("dtguard refused it").says_not("not by dtguard");
    let help = json(&repo, 2)["policy_fix"].as_str().unwrap().to_owned();
    assert!(!help.is_empty());
    assert!(json(&repo, 2)["policy_error"].as_str().unwrap().contains("nonsense"));
    repo.write(
        ".dtguard.toml",
        "version = 1\n[[allow]]\npath = \"**\"\nkinds = [\"dt0c01\"]\nreason = \"all\"\n",
    );
    code(repo.dtguard(&["doctor"]), 2).says("NOT GUARDED");
}

#[test]
fn a_core_hooks_path_that_leads_nowhere_is_open() {
    let repo = installed();
    repo.git(&["config", "core.hooksPath", "tools/hooks"]).succeeds();
    code(repo.dtguard(&["doctor"]), 2)
        .says("core.hooksPath, local")
        .says("does not exist: no hook runs here")
        .says_not("missing");
    // The right cure, and the only one: to make the folder would leave out what the
    // repository's own hooks do.
    let found = json(&repo, 2);
    assert_eq!(found["problems"][0]["fix"], "git config --local --unset-all core.hooksPath");
    assert_eq!(found["problems"].as_array().unwrap().len(), 1);
    repo.git(&["config", "--local", "--unset-all", "core.hooksPath"]).succeeds();
    code(repo.dtguard(&["doctor"]), 0);
    // Without hooks of its own it needs them too.
    repo.dtguard(&["uninstall"]).succeeds();
    repo.git(&["config", "core.hooksPath", "tools/hooks"]).succeeds();
    let fix = json(&repo, 2)["problems"][0]["fix"].as_str().unwrap().to_owned();
    assert_eq!(fix, "git config --local --unset-all core.hooksPath\ndtguard install");
    // An installation there says what that means.
    repo.dtguard(&["install"]).succeeds().says("The folder did not exist").says("--unset-all core.hooksPath");
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
    code(repo.dtguard_in(repo.outside(), &[], &["doctor"]), 2)
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
    let ran = code(repo.dtguard(&["doctor"]), 2);
    assert!(!ran.stderr.contains('\u{1b}') && ran.stderr.contains("\\u{1b}"));
}

#[test]
fn a_bare_repository_is_proven_by_a_push() {
    let repo = Repo::new();
    let bare = repo.outside().join("bare");
    let path = bare.to_str().unwrap();
    repo.git(&["init", "--quiet", "--bare", path]).succeeds();
    code(repo.dtguard(&["doctor", "--repo", path]), 2).says("open: pre-receive").says("NOT GUARDED");
    repo.dtguard(&["install", "--repo", path]).succeeds();
    code(repo.dtguard(&["doctor", "--repo", path]), 0).says("pre-receive").says("was blocked by dtguard");
    fs::write(bare.join("hooks/update"), "#!/bin/sh\nexit 1\n").unwrap();
    make_executable(&bare.join("hooks/update"));
    code(repo.dtguard(&["doctor", "--repo", path]), 0).says("Another hook refused");
    // Either of the two is stop enough.
    fs::remove_file(bare.join("hooks/update")).unwrap();
    repo.dtguard(&["uninstall", "--repo", path]).succeeds();
    repo.dtguard(&["install", "--repo", path, "--stage", "update"]).succeeds();
    code(repo.dtguard(&["doctor", "--repo", path]), 0).says("hooks/update").says_not("pre-receive");
}

#[test]
#[cfg(unix)]
fn what_other_programs_say_is_shown_without_what_a_terminal_obeys() {
    let repo = installed();
    let hook = repo.path.join(".git/hooks/commit-msg");
    let text = "#!/bin/sh\nprintf '\\033[38;5;1mred\\033[0m \\033]0;title\\007end\\n10%%\\r100%%\\r\\n' >&2; exit 1\n";
    fs::write(&hook, text).unwrap();
    make_executable(&hook);
    for arguments in [&["doctor"][..], &["doctor", "--json"]] {
        let ran = repo.dtguard(arguments);
        let said = ran.stdout + &ran.stderr;
        assert!(said.contains("red end") && said.contains("100%"), "{said}");
        assert!(!said.contains("u{1b}") && !said.contains("u001b") && !said.contains("38;5"), "{said}");
        assert!(!said.contains("\\r") && !said.contains(" 10%"), "{said}");
    }
}

#[test]
fn a_program_that_is_gone_is_dtguards_own_refusal() {
    let repo = installed();
    for hook in fs::read_dir(repo.path.join(".git/hooks")).unwrap().map(|hook| hook.unwrap().path()) {
        let text = fs::read_to_string(&hook).unwrap().replace(DTGUARD, "/nonexistent/dtguard");
        fs::write(&hook, text).unwrap();
    }
    let path: Vec<_> = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .filter(|folder| !folder.join("dtguard").exists())
        .collect();
    let path = std::env::join_paths(path).unwrap().into_string().unwrap();
    let ran = code(repo.dtguard_in(&repo.path, &[("PATH", &path)], &["doctor"]), 2);
    ran.says("NOT PROVEN").says("dtguard refused it").says("which does not run").says_not("not by dtguard");
}

/// A repository with a submodule `lib`, which has one itself.
fn with_submodules() -> Repo {
    let repo = installed();
    for (outer, inner) in [("lib", "deep"), ("repo", "lib")] {
        let path = repo.outside().join(outer);
        for name in [outer, inner] {
            let path = repo.outside().join(name);
            if !path.exists() {
                repo.git_in(repo.outside(), &[], &["init", "--quiet", name]).succeeds();
                repo.git_in(&path, &[], &["commit", "--quiet", "--allow-empty", "-m", "m"]).succeeds();
            }
        }
        let url = repo.outside().join(inner).display().to_string();
        repo.git_in(&path, &[], &["submodule", "--quiet", "add", &url, inner]).succeeds();
        repo.git_in(&path, &[], &["commit", "--quiet", "--no-verify", "-m", "submodule"]).succeeds();
    }
    repo.git(&["submodule", "--quiet", "update", "--init", "--recursive"]).succeeds();
    repo
}

#[test]
fn submodules_that_no_hook_guards_are_named_and_guarded_on_request() {
    let repo = with_submodules();
    let said = |ran: Ran| ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    let install = said(repo.dtguard(&["install"]).succeeds());
    assert!(install.contains("not guarded: lib, lib/deep dtguard install --recurse-submodules"), "{install}");
    code(repo.dtguard(&["doctor"]), 1)
        .says("open: 2 submodules are not guarded: lib, lib/deep")
        .says("dtguard install --recurse-submodules");
    let install = said(repo.dtguard(&["install", "--recurse-submodules"]).succeeds());
    assert!(!install.contains("not guarded"), "{install}");
    code(repo.dtguard(&["doctor"]), 0).says_not("submodule");
    for name in ["lib", "lib/deep"] {
        let token = repo.token("dt0c01", 1).text;
        repo.write(&format!("{name}/leak"), token);
        let inner = repo.path.join(name);
        repo.git_in(&inner, &[], &["add", "leak"]).succeeds();
        repo.git_in(&inner, &[], &["commit", "-m", "leak"]).blocks();
    }
    repo.dtguard(&["uninstall", "--recurse-submodules"]).succeeds();
    code(repo.dtguard(&["doctor"]), 2).says("open: 2 submodules are not guarded");
    // One that is not checked out has nothing to guard.
    repo.git(&["submodule", "deinit", "--quiet", "--force", "--all"]).succeeds();
    code(repo.dtguard(&["doctor"]), 2).says_not("submodule");
}

#[test]
#[cfg(unix)]
fn a_link_from_a_submodule_back_to_its_superproject_ends_the_search() {
    let repo = with_submodules();
    repo.git(&["rm", "--quiet", "--cached", "lib"]).succeeds();
    fs::remove_dir_all(repo.path.join("lib")).unwrap();
    std::os::unix::fs::symlink(".", repo.path.join("lib")).unwrap();
    let head = repo.git(&["rev-parse", "HEAD"]).stdout;
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{},lib", head.trim())]).succeeds();
    repo.dtguard(&["install", "--recurse-submodules"]).succeeds();
    code(repo.dtguard(&["doctor"]), 0);
}

#[test]
fn a_relative_core_hooks_path_is_followed_as_git_follows_it() {
    let repo = installed();
    repo.git(&["config", "core.hooksPath", "tools/hooks"]).succeeds();
    repo.dtguard(&["install"]).succeeds();
    let below = repo.path.join("deep/er");
    fs::create_dir_all(&below).unwrap();
    for folder in [&repo.path, &below] {
        let ran = code(repo.dtguard_in(folder, &[], &["doctor"]), 0);
        ran.says("tools/hooks (core.hooksPath").says("pre-push installed");
    }
}

#[test]
fn a_hook_that_only_speaks_of_dtguard_or_runs_another_stage_stops_nothing() {
    let repo = installed();
    let hook = repo.path.join(".git/hooks/pre-push");
    // The program is not on PATH where the tests run.
    let dtguard = |arguments: &str| format!("exec '{DTGUARD}' {arguments}");
    for (line, wanted) in [
        ("echo 'no dtguard here'".to_owned(), 1),
        (dtguard("hook pre-commit -- \"$@\""), 1),
        (dtguard("scan"), 1),
        (dtguard("hook pre-push-not"), 1),
        ("# ".to_owned() + &dtguard("hook pre-push"), 1),
        (dtguard("hook pre-push -- \"$@\""), 0),
        (dtguard("-q hook --reader git pre-push"), 0),
        (dtguard("hook \"$(basename \"$0\")\" \"$@\""), 0),
        (dtguard("hook ${0##*/}"), 0),
    ] {
        fs::write(&hook, format!("#!/bin/sh\n{line}\n")).unwrap();
        make_executable(&hook);
        let ran = repo.dtguard(&["doctor"]);
        assert_eq!(ran.code, wanted, "{line}: {}", ran.stderr);
    }
}

#[test]
fn a_repository_that_git_does_not_trust_is_named_as_that() {
    let repo = installed();
    let environment = [("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")];
    for arguments in [&["doctor"][..], &["install"], &["uninstall"]] {
        let ran = repo.dtguard_in(&repo.path, &environment, arguments);
        let ran = ran.refuses("git does not trust the repository").says_not("not in a git repository");
        assert_eq!(ran.says("    git config --global --add safe.directory").code, 2, "{arguments:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs unshare with user namespaces; .ci/run runs it"]
fn a_temporary_folder_in_which_no_program_runs_is_not_taken_for_an_open_repository() {
    let repo = installed();
    let tmp = repo.outside().join("tmp");
    fs::create_dir(&tmp).unwrap();
    for (arguments, wanted) in [("doctor", "NOT PROVEN"), ("install", "the proof failed")] {
        let script = format!(
            "mount -t tmpfs -o noexec tmpfs '{0}'; TMPDIR='{0}' exec '{DTGUARD}' {arguments}",
            tmp.display()
        );
        let mut unshare = crate::support::hermetic("unshare", &repo.path);
        unshare.args(["--user", "--map-root-user", "--mount", "sh", "-ec", &script]);
        let ran = code(Ran::of(unshare.output().unwrap()), 2);
        ran.says(wanted).says("no program can be run in").says("TMPDIR").says_not("NOT GUARDED");
    }
}

/// The stages whose hooks only a trial of their own runs or brings a token to.
fn other_stops() -> impl Iterator<Item = Stage> {
    Stage::CLIENT.into_iter().filter(|stage| stage.stops() && *stage != Stage::PreCommit)
}

#[test]
fn a_hook_that_somebody_changed_so_that_it_stops_nothing_is_open() {
    let repo = installed();
    for (number, stage) in other_stops().enumerate() {
        let hook = repo.path.join(".git/hooks").join(stage.name());
        let written = fs::read_to_string(&hook).unwrap();
        let exec = format!("exec '{DTGUARD}' hook {stage} -- \"$@\"");
        let changes = [
            written.replacen('\n', "\nexit 0\n", 1),
            written.replace("\nfolder=", "\nexit 0\nfolder="),
            written.replace("\nshell=", "\nexit 0\nshell="),
            written.replace("# dtguard-hook ", "# dtguard-hook 1").replace("\nfolder=", "\nexit 0\nfolder="),
            format!("#!/bin/sh\n'{DTGUARD}' hook {stage} -- \"$@\" || true\n"),
            format!("#!/bin/sh\nif false; then {exec}; fi\n"),
        ];
        // The next stage tries the next one, where not all are wanted.
        let few = effort::cases(1, 6) as usize;
        for changed in changes.iter().cycle().skip(number * few).take(few) {
            assert_ne!(*changed, written);
            fs::write(&hook, changed).unwrap();
            let ran = code(repo.dtguard(&["doctor"]), 1);
            assert!(ran.stderr.starts_with("PARTLY GUARDED"), "{stage}: {}", ran.stderr);
            ran.says(&format!("open: {stage}: ")).says("a token passed it").says("dtguard install --stage");
        }
        let stages = json(&repo, 1)["stages"].as_array().unwrap().clone();
        let of_it = stages.iter().find(|one| one["stage"] == stage.name()).unwrap();
        assert_eq!(of_it["covered"], false, "{stage}");
        // One that stops a token counts, also one that somebody else wrote.
        for stops in [format!("#!/bin/sh\n{exec}\n"), written.replace("\nfolder=", "\necho mine\nfolder=")] {
            fs::write(&hook, stops).unwrap();
            code(repo.dtguard(&["doctor"]), 0).says("GUARDED").says_not("open: ");
        }
        fs::write(&hook, written).unwrap();
    }
}

#[test]
fn a_hook_that_something_else_ends_before_dtguard_is_not_proven() {
    let repo = installed();
    let hook = repo.path.join(".git/hooks/pre-push");
    fs::write(&hook, format!("#!/bin/sh\necho no npm here >&2\nfalse && exec '{DTGUARD}' hook pre-push\n"))
        .unwrap();
    code(repo.dtguard(&["doctor"]), 1).says("open: pre-push: ").says("not proven").says("no npm here");
}

#[test]
fn a_policy_that_the_hooks_cannot_read_is_no_guard() {
    let repo = installed();
    repo.write(".dtguard.toml", "version = 1\n");
    repo.git(&["add", ".dtguard.toml"]).succeeds();
    repo.git(&["commit", "--quiet", "-m", "policy"]).succeeds();
    code(repo.dtguard(&["doctor"]), 0);
    let blob = repo.git(&["rev-parse", "HEAD:.dtguard.toml"]).stdout;
    let (folder, name) = blob.trim().split_at(2);
    fs::remove_file(repo.path.join(".git/objects").join(folder).join(name)).unwrap();
    repo.write("a", "text\n");
    repo.git(&["add", "a"]).succeeds();
    assert_ne!(repo.git(&["commit", "-m", "a"]).code, 0);
    let path = repo.path.to_str().unwrap();
    code(repo.dtguard(&["doctor"]), 2)
        .says("NOT PROVEN: the policy does not load")
        .says("git hash-object -w");
    code(repo.dtguard_in(repo.outside(), &[], &["doctor", "--repo", path]), 2).says("does not load");
    // What it says to do mends it.
    repo.git(&["hash-object", "-w", ".dtguard.toml"]).succeeds();
    code(repo.dtguard(&["doctor"]), 0).says("policy loads");
    // A staged mistake counts as well, whatever the work tree says by now.
    repo.write(".dtguard.toml", "nonsense = 1\n");
    repo.git(&["add", ".dtguard.toml"]).succeeds();
    repo.write(".dtguard.toml", "version = 1\n");
    code(repo.dtguard(&["doctor"]), 2).says("nonsense").says("git add .dtguard.toml");
}

#[test]
fn quiet_prints_only_what_is_open() {
    let repo = installed();
    assert_eq!(code(repo.dtguard(&["-q", "doctor"]), 0).stderr, "");
    fs::remove_file(repo.path.join(".git/hooks/pre-push")).unwrap();
    code(repo.dtguard(&["-q", "doctor"]), 1).says("open: pre-push");
    let token = repo.token("dt0c01", 1);
    let allow = ["-q", "allow", token.identifier().unwrap(), "--reason", "an example"];
    for _ in 0..2 {
        assert_eq!(code(repo.dtguard(&allow), 0).stderr, "");
    }
}

#[test]
#[cfg(unix)]
fn what_a_killed_proof_left_is_removed_by_a_later_one() {
    let repo = installed();
    let tmp = repo.outside().join("tmp");
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 60 * 60);
    for (name, is_old) in [("dtguard-proof-old", true), ("dtguard-proof-now", false), ("others", true)] {
        fs::create_dir_all(tmp.join(name)).unwrap();
        fs::write(tmp.join(name).join("a"), "").unwrap();
        if is_old {
            fs::File::open(tmp.join(name)).unwrap().set_modified(old).unwrap();
        }
    }
    std::os::unix::fs::symlink(tmp.join("others"), tmp.join("dtguard-proof-link")).unwrap();
    let ran = repo.dtguard_in(&repo.path, &[("TMPDIR", tmp.to_str().unwrap())], &["doctor"]);
    code(ran, 0);
    let mut left: Vec<_> = fs::read_dir(&tmp).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["dtguard-proof-link", "dtguard-proof-now", "others"]);
    assert!(tmp.join("others/a").exists());
}

/// Both stop a token: the second report is only a nuisance.
#[cfg(unix)]
#[test]
fn a_framework_that_calls_dtguard_beside_its_own_hook_is_noted() {
    let repo = installed();
    let hooks = repo.path.join(".git/hooks");
    let twice = "reported twice";
    let config = |id: &str| format!("repos:\n- repo: local\n  hooks:\n  - id: {id}\n");
    repo.write(".pre-commit-config.yaml", config("dtguard"));
    code(repo.dtguard(&["doctor"]), 0).says_not(twice);
    // As `pre-commit install` leaves it.
    fs::rename(hooks.join("pre-commit"), hooks.join("pre-commit.legacy")).unwrap();
    let theirs =
        "#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\nexec \"$0.legacy\" \"$@\"\n";
    fs::write(hooks.join("pre-commit"), theirs).unwrap();
    make_executable(&hooks.join("pre-commit"));
    let ran = code(repo.dtguard(&["doctor"]), 0).says(twice).says(".pre-commit-config.yaml");
    ran.says("note: pre-commit: ").says("dtguard uninstall --stage pre-commit");
    repo.write(".pre-commit-config.yaml", config("eslint"));
    code(repo.dtguard(&["doctor"]), 0).says_not(twice);
}
