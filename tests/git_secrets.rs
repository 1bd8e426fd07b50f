//! What a team is used to from git-secrets: each behaviour that its own tests check,
//! with our commands, and what its users asked for in vain. At the end both tools run
//! on the same changes.

use std::fs;
use std::path::Path;
use std::process::Command;

use dtguard::token::{KINDS, Specimen};

use crate::support::{DTGUARD, Repo, git_version, hermetic};

fn id(token: &Specimen) -> &str {
    token.identifier().unwrap()
}

/// An allow entry in the policy, staged.
fn allow(repo: &Repo, name: &str) {
    repo.dtguard(&["allow", name, "--reason", "a sample"]).succeeds();
    repo.git(&["add", ".dtguard.toml"]).succeeds();
}

// The command line.

#[test]
fn without_a_command_it_says_how_it_is_used() {
    let repo = Repo::unborn();
    let ran = repo.dtguard(&[]);
    assert_eq!(ran.code, 2);
    ran.says("Usage: dtguard");
    let help = repo.dtguard(&["-h"]).succeeds();
    assert!(help.stdout.contains("Usage: dtguard") && help.stderr.is_empty());
}

#[test]
fn an_option_of_another_command_or_none_at_all_is_a_mistake() {
    let repo = Repo::unborn();
    for line in [
        "install --reason x",
        "allow --stage pre-commit",
        "explain --dry-run",
        "--recursive",
        "hook",
        "nothing",
        // What git-secrets refuses, and `-r`, which is not needed.
        "scan -r",
        "scan -r --staged",
        "scan -r --untracked",
        "explain -r",
        "scan -f",
        "scan -a",
        "scan -l",
        "explain --staged",
        "explain --untracked",
        "scan --no-index",
    ] {
        let ran = repo.dtguard(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(ran.code, 2, "{line}: {}", ran.stderr);
    }
}

#[test]
fn a_file_that_is_not_there_is_an_error_and_no_pass() {
    let repo = Repo::new();
    let ran = repo.dtguard(&["hook", "pre-commit", "none"]).refuses("none");
    assert_eq!(ran.code, 2);
}

#[test]
fn what_is_guarded_against_can_be_listed() {
    let repo = Repo::unborn();
    let list = repo.dtguard(&["explain"]).succeeds().stdout;
    assert!(KINDS.iter().all(|kind| list.contains(&kind.label())));
}

// What blocks.

#[test]
fn it_guards_without_a_given_pattern() {
    let repo = Repo::new();
    repo.stage("a", repo.token("dt0c01", 1).text);
    repo.commit().blocks();
    repo.stage("a", "nothing to see\n");
    repo.commit().succeeds();
}

#[test]
fn each_place_is_reported_with_file_and_line_and_the_exit_code_is_1() {
    let repo = Repo::new();
    let (one, two) = (repo.token("dt0c01", 1), repo.token("dt0c01", 2));
    repo.stage("a", format!("ok\n{}\n", one.text));
    repo.stage("b c", format!("{}\n", two.text));
    let ran = repo.dtguard(&["hook", "pre-commit"]).says("a:2:1").says("b c:1:1");
    assert_eq!(ran.code, 1);
}

#[test]
fn a_token_needs_no_boundary_around_it() {
    let repo = Repo::new();
    for (number, text) in ["x{}", "Api-Token%20{}", "_{}_", "{}abc"].iter().enumerate() {
        repo.stage("a", text.replace("{}", &repo.token("dt0c01", number as u64).text));
        repo.commit().blocks();
    }
}

#[test]
fn files_whose_names_have_blanks_quotes_or_line_feeds_are_scanned() {
    let repo = Repo::new();
    let names: &[&str] =
        if cfg!(windows) { &["a b", "a'b"] } else { &["a b", "a'b", "a\"b", "a\nb", "-a", "a\\b", "*"] };
    for name in names {
        repo.stage(name, repo.token("dt0c01", 1).text);
        repo.commit().blocks();
        repo.git(&["rm", "--quiet", "--cached", "--force", "--", name]).succeeds();
    }
}

#[test]
fn every_file_of_a_large_change_is_scanned() {
    let repo = Repo::new();
    for number in 0..1500 {
        repo.write(&format!("deep/{}/a-file-with-a-rather-long-name-{number}", number % 7), "clean\n");
    }
    repo.write("zzz/last", repo.token("dt0c01", 1).text);
    repo.git(&["add", "--all"]).succeeds();
    repo.commit().blocks().says("zzz/last:1:1");
}

#[test]
fn what_counts_is_staged_whatever_the_work_tree_says() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    repo.stage("a", &token.text);
    repo.write("a", "mended\n");
    repo.commit().blocks();
    repo.stage("a", "mended\n");
    repo.write("a", &token.text);
    repo.commit().succeeds();
}

#[test]
fn taking_a_token_or_a_file_out_is_no_leak() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    repo.stage("a", format!("one\n{}\ntwo\n", token.text));
    repo.stage("b", &token.text);
    repo.stage("other", &token.text);
    repo.commit_unseen();
    repo.stage("a", "one\ntwo\n");
    repo.git(&["rm", "--quiet", "b"]).succeeds();
    // The token in `other` is as old as before.
    repo.commit().succeeds();
}

#[test]
fn a_line_beside_an_old_token_a_rename_and_a_mode_are_no_leaks() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    repo.stage("a", format!("one\n{}\n", token.text));
    repo.commit_unseen();
    repo.stage("a", format!("two\n{}\n", token.text));
    repo.commit().succeeds();
    repo.git(&["mv", "a", "b"]).succeeds();
    repo.commit().succeeds();
    repo.git(&["update-index", "--chmod=+x", "b"]).succeeds();
    repo.commit().succeeds();
}

#[test]
fn binary_files_and_those_that_an_attribute_calls_so_are_scanned() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage(".gitattributes", "*.x -diff\n*.y binary\n");
    repo.commit().succeeds();
    let wide: Vec<u8> = token.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, content) in [("a.x", token.as_bytes()), ("a.y", token.as_bytes()), ("a.bin", &wide)] {
        repo.stage(name, [b"\0", content].concat());
        repo.commit().blocks();
        repo.git(&["rm", "--quiet", "--cached", name]).succeeds();
    }
}

#[test]
fn the_secret_part_is_never_shown() {
    let repo = Repo::new();
    // Each output is compared with it.
    let token = repo.token("dt0c01", 1);
    repo.stage("a", format!("x = {}\n", token.text));
    repo.commit().blocks().says(&format!("{}.********", id(&token)));
}

// Scanning.

#[test]
fn dtguard_scan_reads_all_tracked_files_and_reports_each_place() {
    let repo = Repo::new();
    let (one, two) = (repo.token("dt0c01", 1), repo.token("dt0c01", 2));
    let clean = repo.dtguard(&["scan"]);
    assert_eq!(clean.code, 0, "{}", clean.stderr);
    repo.stage("a", format!("ok\n{}\n", one.text));
    repo.stage("deep/er/b", format!("{}\n", two.text));
    repo.write("untracked", repo.token("dt0c01", 3).text);
    let ran = repo.dtguard(&["scan"]).says("a:2:1").says("deep/er/b:1:1").says_not("untracked");
    assert_eq!(ran.code, 1);
    let ran = repo.dtguard(&["scan", "--untracked"]).says("untracked:1:1");
    assert_eq!(ran.code, 1);
}

#[test]
fn dtguard_scan_reads_the_files_and_folders_that_are_named_tracked_or_not() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    repo.stage("folder/in/a file", &token.text);
    repo.write("new/untracked", &token.text);
    repo.write("clean", "clean\n");
    // A folder is never passed over in silence: there is no -r to forget.
    for (paths, code) in [
        (&["clean"][..], 0),
        (&["folder"], 1),
        (&["new/untracked"], 1),
        (&["--untracked", "new"], 1),
        (&["clean", "folder/in/a file"], 1),
        (&["folder/in/a file", "clean"], 1),
        (&["none"], 2),
        (&["clean", "none"], 2),
    ] {
        let ran = repo.dtguard(&[&["scan"], paths].concat());
        assert_eq!(ran.code, code, "{paths:?}: {}", ran.stderr);
        if code == 2 {
            ran.says("none");
        }
    }
}

#[test]
fn a_scan_reads_what_is_piped_into_it() {
    let repo = Repo::new();
    repo.write("token", repo.token("dt0c01", 1).text);
    for (file, code) in [("token", 1), ("README", 0)] {
        let input = fs::File::open(repo.path.join(file)).unwrap();
        let output = hermetic(DTGUARD, &repo.path).args(["scan", "-"]).stdin(input).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_token_of_the_past_or_of_another_branch_is_found_in_the_history_only() {
    let repo = Repo::new();
    let (one, two) = (repo.token("dt0c01", 1), repo.token("dt0c01", 2));
    repo.stage("a", &one.text);
    repo.commit_unseen();
    repo.stage("a", "mended\n");
    repo.commit().succeeds();
    repo.git(&["checkout", "--quiet", "-b", "side"]).succeeds();
    repo.stage("b", &two.text);
    repo.commit_unseen();
    repo.git(&["checkout", "--quiet", "main"]).succeeds();
    let now = repo.dtguard(&["scan"]);
    assert_eq!(now.code, 0, "{}", now.stderr);
    let ever = repo.dtguard(&["scan", "--history"]).says(id(&one)).says(id(&two));
    assert_eq!(ever.code, 1);
}

#[test]
fn a_scan_of_what_is_staged_is_what_the_hook_says() {
    let repo = Repo::new();
    repo.stage("a", repo.token("dt0c01", 1).text);
    repo.write("a", "mended\n");
    assert_eq!(repo.dtguard(&["scan", "--staged"]).says("a:1:1").code, 1);
    assert_eq!(repo.dtguard(&["scan", "--staged", "a"]).code, 2, "either, not both");
    let mixed = repo.dtguard(&["scan", "--staged", "--untracked"]);
    assert_eq!(mixed.code, 2, "{}", mixed.stderr);
}

#[test]
fn what_is_allowed_passes_in_a_scan_too() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    allow(&repo, id(&token));
    repo.stage("a", &token.text);
    let ran = repo.dtguard(&["scan"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

// What is allowed.

#[test]
fn what_is_allowed_passes_and_a_near_miss_does_not() {
    let repo = Repo::new();
    let (one, two) = (repo.token("dt0c01", 1), repo.token("dt0c01", 2));
    allow(&repo, id(&one));
    repo.stage("a", format!("{}\n", one.text));
    repo.commit().succeeds().says("1 token allowed");
    repo.stage("a", format!("{}\n", two.text));
    repo.commit().blocks();
    // The identifier is no expression: its dot is a dot, and its letters are these.
    let near = one.text.replacen("dt0c01.", "dt0c02.", 1);
    repo.stage("a", near);
    repo.commit().blocks();
}

#[test]
fn an_allowed_token_hides_no_other_on_its_line() {
    let repo = Repo::new();
    let (one, two) = (repo.token("dt0c01", 1), repo.token("dt0c01", 2));
    allow(&repo, id(&one));
    repo.stage("a", format!("{} {}\n", one.text, two.text));
    let ran = repo.commit().blocks().says("1 token blocked");
    assert!(!ran.stderr.contains(&format!("{}.***", id(&one))) || ran.stderr.contains(id(&two)));
}

#[test]
fn allowing_a_token_twice_leaves_one_entry_and_a_part_of_one_is_refused() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    allow(&repo, id(&token));
    allow(&repo, id(&token));
    let policy = fs::read_to_string(repo.path.join(".dtguard.toml")).unwrap();
    assert_eq!(policy.matches("[[allow]]").count(), 1);
    for part in [&id(&token)[..20], "dt0c01", ".*", ""] {
        assert_eq!(repo.dtguard(&["allow", part, "--reason", "r"]).code, 2, "{part}");
    }
}

#[test]
fn the_file_that_allows_is_no_leak_itself() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    allow(&repo, id(&token));
    repo.commit().succeeds();
}

#[test]
fn empty_lines_and_comments_of_gitallowed_allow_nothing() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    repo.stage("a", &token.text);
    for (gitallowed, passes) in [
        ("\n\n\n".to_owned(), false),
        (format!("# {}\n  # {}\n", token.text, token.text), false),
        ("another-thing-altogether\n".to_owned(), false),
        (format!("\n# ours\n{}\n", token.text), true),
    ] {
        repo.write(".gitallowed", gitallowed);
        repo.dtguard(&["import", "--reason", "r"]).succeeds();
        let policy = repo.path.join(".dtguard.toml");
        if policy.exists() {
            repo.git(&["add", ".dtguard.toml"]).succeeds();
        }
        let ran = repo.dtguard(&["hook", "pre-commit"]);
        assert_eq!(ran.code == 0, passes, "{}", ran.stderr);
    }
}

#[test]
fn what_the_settings_of_git_allow_can_be_taken_over() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    repo.git(&["config", "--add", "secrets.allowed", "AKIAIOSFODNN7QUARTZX"]).succeeds();
    repo.git(&["config", "--add", "secrets.allowed", &id(&token).replace('.', "\\.")]).succeeds();
    repo.dtguard(&["import", "--reason", "r"]).succeeds().says("added 1 entry");
    repo.stage("a", &token.text);
    repo.git(&["add", ".dtguard.toml"]).succeeds();
    repo.commit().succeeds();
}

// Merges.

#[test]
fn a_merge_that_brings_a_token_is_blocked_and_one_that_takes_it_out_is_not() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    repo.git(&["checkout", "--quiet", "-b", "side"]).succeeds();
    repo.stage("b", &token.text);
    repo.commit_unseen();
    repo.git(&["checkout", "--quiet", "main"]).succeeds();
    repo.git(&["merge", "--no-ff", "-m", "m", "side"]).blocks();
    repo.git(&["merge", "--abort"]).succeeds();
    // The token on this branch, and another that takes it out.
    repo.git(&["reset", "--quiet", "--hard", "side"]).succeeds();
    repo.git(&["checkout", "--quiet", "-b", "mend"]).succeeds();
    repo.stage("b", "mended\n");
    repo.commit().succeeds();
    repo.git(&["checkout", "--quiet", "main"]).succeeds();
    repo.git(&["merge", "--no-ff", "-m", "m", "mend"]).succeeds();
}

#[test]
fn a_clean_merge_passes() {
    let repo = Repo::new();
    repo.git(&["checkout", "--quiet", "-b", "side"]).succeeds();
    repo.stage("b", "clean\n");
    repo.commit().succeeds();
    repo.git(&["checkout", "--quiet", "main"]).succeeds();
    repo.git(&["merge", "--no-ff", "-m", "m", "side"]).succeeds();
}

// Installing.

/// A repository without hooks.
fn without_hooks() -> Repo {
    let repo = Repo::new();
    fs::remove_dir_all(repo.path.join(".git/hooks")).unwrap();
    repo
}

#[test]
fn installed_hooks_guard_and_installing_again_changes_nothing() {
    let repo = without_hooks();
    repo.dtguard(&["install"]).succeeds();
    repo.dtguard(&["install"]).succeeds().says("Already there");
    repo.stage("a", repo.token("dt0c01", 1).text);
    repo.commit().blocks();
}

#[test]
fn the_hooks_of_git_secrets_stay_and_run_first() {
    let repo = without_hooks();
    let hooks = repo.path.join(".git/hooks");
    fs::create_dir(&hooks).unwrap();
    for hook in ["pre-commit", "commit-msg", "prepare-commit-msg"] {
        fs::write(hooks.join(hook), "#!/bin/sh\necho theirs >&2\n").unwrap();
        crate::support::make_executable(&hooks.join(hook));
    }
    repo.dtguard(&["install"]).succeeds().says("runs first");
    repo.stage("a", repo.token("dt0c01", 1).text);
    repo.commit().blocks().says("theirs");
}

#[test]
fn a_hook_that_runs_a_folder_of_hooks_stays_and_runs_first() {
    let repo = without_hooks();
    let hooks = repo.path.join(".git/hooks");
    fs::create_dir_all(hooks.join("pre-commit.d")).unwrap();
    let all = "#!/bin/sh\nfor hook in \"${0%/*}\"/pre-commit.d/*; do \"$hook\" || exit; done\n";
    for (name, text) in [("pre-commit", all), ("pre-commit.d/theirs", "#!/bin/sh\necho theirs >&2\n")] {
        fs::write(hooks.join(name), text).unwrap();
        crate::support::make_executable(&hooks.join(name));
    }
    repo.dtguard(&["install"]).succeeds();
    repo.stage("a", repo.token("dt0c01", 1).text);
    repo.commit().blocks().says("theirs");
    repo.dtguard(&["uninstall"]).succeeds();
    assert_eq!(fs::read_to_string(hooks.join("pre-commit")).unwrap(), all);
}

#[test]
fn a_commit_message_with_a_token_is_refused_and_a_clean_one_is_not() {
    let repo = Repo::new();
    fs::remove_dir_all(repo.path.join(".git/hooks")).unwrap();
    repo.dtguard(&["install"]).succeeds();
    repo.stage("a", "clean\n");
    let token = repo.token("dt0c01", 1);
    let ran = repo.git(&["commit", "-m", &format!("Use {}", token.text)]);
    assert_ne!(ran.code, 0, "{}", ran.stderr);
    repo.git(&["commit", "-m", "Use nothing"]).succeeds();
}

#[test]
fn a_template_guards_what_is_made_from_it() {
    let repo = Repo::new();
    let template = repo.outside().join("template");
    repo.dtguard(&["install", "--template", template.to_str().unwrap()]).succeeds();
    let made = repo.outside().join("made");
    let option = format!("--template={}", template.display());
    repo.git_in(repo.outside(), &[], &["init", "--quiet", &option, "made"]).succeeds();
    fs::write(made.join("a"), repo.token("dt0c01", 1).text).unwrap();
    repo.git_in(&made, &[], &["add", "a"]).succeeds();
    repo.git_in(&made, &[], &["commit", "-m", "m"]).blocks();
}

#[test]
fn what_is_installed_for_a_user_guards_each_of_their_repositories() {
    let repo = Repo::new();
    fs::remove_dir_all(repo.path.join(".git/hooks")).unwrap();
    let home = repo.outside().join("home");
    fs::create_dir(&home).unwrap();
    let home_text = home.to_str().unwrap().to_owned();
    let config = home.join(".gitconfig");
    fs::write(&config, "").unwrap();
    let environment = [("HOME", home_text.as_str()), ("GIT_CONFIG_GLOBAL", config.to_str().unwrap())];
    repo.dtguard_in(&repo.path, &environment, &["install", "--user"]).succeeds();
    repo.stage("a", repo.token("dt0c01", 1).text);
    repo.git_in(&repo.path, &environment, &["commit", "-m", "m"]).blocks();
}

#[test]
fn what_is_allowed_can_be_listed() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    repo.dtguard(&["allow", token.identifier().unwrap(), "--reason", "a sample"]).succeeds();
    let output = hermetic(DTGUARD, &repo.path).args(["policy", "show"]).output().unwrap();
    let shown = [output.stdout, output.stderr].concat();
    let shown = String::from_utf8_lossy(&shown).into_owned();
    assert!(
        output.status.success() && shown.contains(token.identifier().unwrap()) && shown.contains("a sample"),
        "{shown}"
    );
}

#[test]
fn hooks_guard_in_a_worktree_and_where_the_folder_of_hooks_is_another() {
    let repo = without_hooks();
    repo.git(&["config", "core.hooksPath", "elsewhere"]).succeeds();
    repo.dtguard(&["install"]).succeeds().says("elsewhere");
    repo.stage("a", repo.token("dt0c01", 1).text);
    repo.commit().blocks();
    let repo = without_hooks();
    repo.git(&["worktree", "add", "--quiet", "../tree"]).succeeds();
    let tree = repo.outside().join("tree");
    repo.dtguard_in(&tree, &[], &["install"]).succeeds();
    fs::write(tree.join("a"), repo.token("dt0c01", 1).text).unwrap();
    repo.git_in(&tree, &[], &["add", "a"]).succeeds();
    repo.git_in(&tree, &[], &["commit", "-m", "m"]).blocks();
}

// Beside the real one.

/// Whether both say the same of a change.
enum Wanted {
    BothBlock,
    BothPass,
    /// Only we block, because of this.
    OnlyWe(&'static str),
    /// Only git-secrets blocks, and we do not because of this.
    OnlyThey(&'static str),
}

/// A change, how it is made of a token and another, and what both say of it.
type Case = (&'static str, fn(&Repo, &str, &str), Wanted);

const CASES: &[Case] = &[
    ("clear text", |repo, token, _| repo.stage("a", token), Wanted::BothBlock),
    ("a clean file", |repo, _, _| repo.stage("a", "clean\n"), Wanted::BothPass),
    ("an identifier alone", |repo, token, _| repo.stage("a", &token[..31]), Wanted::BothPass),
    ("a name with a blank", |repo, token, _| repo.stage("a b", token), Wanted::BothBlock),
    ("Windows line ends", |repo, token, _| repo.stage("a", format!("x={token}\r\ny\r\n")), Wanted::BothBlock),
    (
        "glued to a URL's escape",
        |repo, token, _| repo.stage("a", format!("Api-Token%20{token}")),
        Wanted::BothBlock,
    ),
    (
        "glued to other text",
        |repo, token, _| repo.stage("a", format!("TOKEN_{token}_abc")),
        Wanted::BothBlock,
    ),
    (
        "an unknown prefix",
        |repo, token, _| repo.stage("a", token.replace("dt0c01", "dt0q42")),
        Wanted::BothBlock,
    ),
    (
        "mended in the work tree only",
        |repo, token, _| {
            repo.stage("a", token);
            repo.write("a", "mended")
        },
        Wanted::BothBlock,
    ),
    (
        "leaked in the work tree only",
        |repo, token, _| {
            repo.stage("a", "clean");
            repo.write("a", token)
        },
        Wanted::BothPass,
    ),
    ("in a lock file", |repo, token, _| repo.stage("package-lock.json", token), Wanted::BothBlock),
    (
        "allowed by both",
        |repo, token, _| {
            let id = &token[..31];
            repo.stage("a", token);
            repo.write(".gitallowed", format!("{}\\.\n", id.replace('.', "\\.")));
            repo.dtguard(&["import", "--reason", "r"]).succeeds();
            repo.git(&["add", ".dtguard.toml"]).succeeds();
        },
        Wanted::BothPass,
    ),
    (
        "beside an allowed one",
        |repo, token, other| {
            repo.stage("a", format!("{token} {other}\n"));
            repo.write(".gitallowed", format!("{}\n", token.replace('.', "\\.")));
            repo.dtguard(&["import", "--reason", "r"]).succeeds();
            repo.git(&["add", ".dtguard.toml"]).succeeds();
        },
        Wanted::OnlyWe("an allowed token excuses no other on its line"),
    ),
    (
        "a binary file",
        |repo, token, _| repo.stage("a", format!("\0{token}")),
        Wanted::OnlyWe("binary files are scanned"),
    ),
    (
        "UTF-16",
        |repo, token, _| {
            let wide: Vec<u8> = token.encode_utf16().flat_map(u16::to_le_bytes).collect();
            repo.stage("a", [b"\xff\xfe".to_vec(), wide].concat());
        },
        Wanted::OnlyWe("text of any encoding is scanned"),
    ),
    (
        "base64",
        |repo, token, _| {
            use base64::Engine as _;
            repo.stage("a", base64::engine::general_purpose::STANDARD.encode(token));
        },
        Wanted::OnlyWe("what is encoded is scanned"),
    ),
    (
        "called binary by an attribute",
        |repo, token, _| {
            repo.stage(".gitattributes", "a -diff\n");
            repo.stage("a", token);
        },
        Wanted::OnlyWe("no attribute hides a file"),
    ),
    (
        "a name with a quote",
        |repo, token, _| repo.stage("a\"b", token),
        Wanted::OnlyWe("no name hides a file"),
    ),
    (
        "a name that is a token",
        |repo, token, _| repo.stage(token, "clean"),
        Wanted::OnlyWe("names are scanned"),
    ),
    (
        "beside an old one",
        |repo, token, _| {
            repo.stage("a", format!("one\n{token}\n"));
            repo.commit_unseen();
            repo.stage("a", format!("two\n{token}\n"));
        },
        Wanted::OnlyThey("only what the change adds can block it"),
    ),
    (
        "a rename of an old one",
        |repo, token, _| {
            repo.stage("a", token);
            repo.commit_unseen();
            repo.git(&["mv", "a", "b"]).succeeds();
        },
        Wanted::OnlyThey("a rename adds nothing"),
    ),
    (
        "a deletion where another file has one",
        |repo, token, _| {
            repo.stage("a", "clean");
            repo.stage("b", token);
            repo.commit_unseen();
            repo.git(&["rm", "--quiet", "a"]).succeeds();
        },
        Wanted::OnlyThey("a deletion adds nothing"),
    ),
    (
        "a placeholder",
        |repo, token, _| repo.stage("a", format!("{}{}", &token[..32], "X".repeat(64))),
        Wanted::OnlyThey("what was typed and not drawn is no secret"),
    ),
];

/// PATH with the program under test, for git-secrets to call.
fn path() -> String {
    format!("{}:{}", Path::new(DTGUARD).parent().unwrap().display(), std::env::var("PATH").unwrap())
}

/// Makes our patterns those of git-secrets.
fn register(repo: &Repo) {
    let line = ["secrets", "--add-provider", "--", "dtguard", "patterns", "--for", "git-secrets"];
    repo.git(&line).succeeds();
}

/// The exit code of what git-secrets runs as the hook. It shows secrets: what it
/// prints is not scanned.
fn git_secrets(repo: &Repo) -> Option<i32> {
    let mut git = hermetic("git", &repo.path);
    let output = git.args(["secrets", "--pre_commit_hook"]).env("PATH", path()).output().unwrap();
    output.status.code()
}

#[test]
#[ignore = "runs git-secrets, which has to be on PATH"]
fn both_say_the_same_of_a_change_but_where_we_mean_to_differ() {
    let there = Command::new("git-secrets").arg("--list").output();
    assert!(there.is_ok(), "git-secrets is not on PATH: {there:?}");
    let mut differ = Vec::new();
    for (name, make, wanted) in CASES {
        let repo = Repo::new();
        let (token, other) =
            (crate::support::token("dt0c01", 1).text, crate::support::token("dt0c01", 2).text);
        make(&repo, &token, &other);
        register(&repo);
        let (ours, theirs) = (repo.dtguard(&["hook", "pre-commit"]), git_secrets(&repo));
        let (both, why) = match wanted {
            Wanted::BothBlock => ((1, Some(1)), ""),
            Wanted::BothPass => ((0, Some(0)), ""),
            Wanted::OnlyWe(why) => ((1, Some(0)), *why),
            Wanted::OnlyThey(why) => ((0, Some(1)), *why),
        };
        assert_eq!((ours.code, theirs), both, "{name}: {}", ours.stderr);
        if !why.is_empty() {
            differ.push(format!("{name}: {why}"));
        }
    }
    println!("git {:?}. Where both differ, on purpose:\n{}", git_version(), differ.join("\n"));
}

#[test]
#[ignore = "runs git-secrets, which has to be on PATH"]
fn our_provider_makes_git_secrets_block_every_kind_with_a_prefix() {
    for kind in KINDS.iter().filter(|kind| !kind.prefixes.is_empty()) {
        let repo = Repo::new();
        register(&repo);
        for seed in 0..3 {
            repo.stage("a", format!("x='{}'\n", crate::support::token(kind.id, seed).text));
            assert_eq!(git_secrets(&repo), Some(1), "{} {seed}", kind.id);
        }
    }
}

#[test]
fn patterns_of_git_secrets_become_rules_once_each_and_block() {
    let repo = Repo::new();
    let aws = "(A3T[A-Z0-9]|AKIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ASIA)[A-Z0-9]{16}";
    let key = "(\"|')?(AWS|aws|Aws)?_?(SECRET|secret|Secret)?_?(ACCESS|access|Access)?_?(KEY|key|Key)(\"|')?\\s*(:|=>|=)\\s*(\"|')?[A-Za-z0-9/\\+=]{40}(\"|')?";
    for pattern in ["zebra", aws, key, "zebra", "(a)\\1", ".*", "dt0c01\\.[A-Z0-9]{24}\\.[A-Z0-9]{64}"] {
        repo.git(&["config", "--add", "secrets.patterns", pattern]).succeeds();
    }
    let ran =
        repo.dtguard(&["import"]).says("added 3 rules").says("back-reference").says("matches the empty text");
    assert_eq!(ran.says("Not needed, because dtguard finds these by itself: 1.").code, 2);
    let policy = std::fs::read_to_string(repo.path.join(".dtguard.toml")).unwrap();
    assert_eq!(policy.matches("[[forbid]]").count(), 3);
    // A second run changes nothing.
    repo.dtguard(&["import"]).says("nothing to add to .dtguard.toml; 3 were there already");
    assert_eq!(std::fs::read_to_string(repo.path.join(".dtguard.toml")).unwrap(), policy);
    repo.git(&["add", ".dtguard.toml"]).succeeds();
    repo.commit().succeeds();
    // As with `grep -w`, a word is one.
    repo.stage("a", "zebras and AKIA0123456789ABCDEFG\n");
    repo.commit().succeeds();
    for text in [
        "a zebra",
        "id AKIA0123456789ABCDEF",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ] {
        repo.stage("b", format!("{text}\n"));
        repo.commit().blocks().says("b:1:");
    }
}

#[test]
fn a_provider_is_read_if_it_is_a_file_and_never_run() {
    let repo = Repo::new();
    repo.write("patterns.txt", "zebra-[0-9]{3}\n\nlion\n.*\n");
    repo.write("empty.txt", "");
    for command in [
        "cat patterns.txt",
        "cat empty.txt",
        "touch made",
        "cat $HOME/x",
        "dtguard patterns --for git-secrets",
    ] {
        repo.git(&["config", "--add", "secrets.providers", command]).succeeds();
    }
    let ran = repo.dtguard(&["import"]).says("added 2 rules").says("touch made").says("none is run");
    // A pattern that is refused is named with the file that has it.
    let ran = ran.says("\n  patterns.txt:4  .*\n").says("\n  secrets.providers in .git/config  touch made\n");
    assert_eq!(ran.code, 2);
    assert!(!repo.path.join("made").exists());
    repo.git(&["add", ".dtguard.toml"]).succeeds();
    repo.commit().succeeds();
    repo.stage("a", "see zebra-123\n");
    repo.commit().blocks().says("a:1:5");
}
