//! What `dtguard scan` scans, and that it says so.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use crate::support::{DTGUARD, Ran, Repo, hermetic};

/// Runs dtguard in `folder` with `input` on its standard input.
fn pipe(repo: &Repo, folder: &Path, arguments: &[&str], input: &[u8]) -> Ran {
    let mut child = hermetic(DTGUARD, folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end before it has read all of it.
    let _closed = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    repo.check(Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

#[test]
fn tracked_files_are_scanned_as_they_lie_there_wherever_one_stands() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("d/tracked", "nothing\n");
    repo.commit_unseen();
    repo.write(".gitignore", "ignored\n");
    repo.write("d/untracked", format!("a={token}\n"));
    repo.write("d/ignored", format!("b={token}\n"));
    for folder in ["", "d"] {
        let folder = repo.path.join(folder);
        let code = |arguments: &[&str]| {
            let ran = repo.dtguard_in(&folder, &[], &[&["scan"], arguments].concat());
            (ran.code, ran.stderr.contains("d/untracked:1:3"), ran.stderr.contains("d/ignored:1:3"))
        };
        assert_eq!(code(&[]), (0, false, false));
        assert_eq!(code(&["--untracked"]), (1, true, false));
        assert_eq!(code(&["--ignored"]), (1, false, true));
        assert_eq!(code(&["--untracked", "--ignored"]), (1, true, true));
    }
    // What was changed since counts, and no hook saw it.
    repo.write("d/tracked", format!("c={token}\n"));
    assert_eq!(repo.dtguard(&["scan"]).blocks().says("d/tracked:1:3").code, 1);
    assert_eq!(repo.dtguard(&["scan", "d"]).blocks().says("d/tracked:1:3").code, 1);
    assert_eq!(repo.dtguard(&["scan", "d/ignored", "README"]).blocks().says("d/ignored:1:3").code, 1);
    repo.dtguard(&["scan", "README"]).succeeds().says("1 file with 1 line");
    assert_eq!(
        repo.dtguard(&["scan", "no-such-file"]).says("cannot read this").says("  no-such-file (").code,
        2
    );
}

#[test]
fn a_tracked_file_that_is_not_checked_out_is_scanned_too() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("far/away", format!("{token}\n"));
    repo.stage("gone", format!("{token}\n"));
    repo.stage("replaced", format!("{token}\n"));
    repo.stage("near/by", "nothing\n");
    repo.commit_unseen();
    std::fs::remove_file(repo.path.join("gone")).unwrap();
    std::fs::remove_file(repo.path.join("replaced")).unwrap();
    repo.write("replaced/by/folder", "nothing\n");
    let ran = repo.dtguard(&["scan"]).blocks();
    for place in ["far/away:1:1", "gone:1:1", "replaced:1:1"] {
        assert!(ran.stderr.contains(place), "{}", ran.stderr);
    }
    repo.git(&["checkout", "--quiet", "--force"]).succeeds();
    for mode in ["--no-sparse-index", "--sparse-index"] {
        repo.git(&["sparse-checkout", "set", "--cone", mode, "near"]).succeeds();
        assert!(!repo.path.join("far").exists());
        repo.dtguard(&["scan"]).blocks().says("far/away:1:1");
    }
}

#[test]
fn folders_outside_of_any_repository_are_scanned_whole() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let outside = repo.outside().join("plain");
    std::fs::create_dir_all(outside.join("a/.git")).unwrap();
    std::fs::write(outside.join("a/f"), format!("{token}\n")).unwrap();
    let ran = repo.dtguard_in(&outside, &[], &["scan", "."]).blocks();
    assert_eq!(ran.code, 1);
    assert_eq!(repo.dtguard_in(&outside, &[], &["scan"]).says("not in the work tree").code, 2);
    assert_eq!(repo.dtguard(&["scan", outside.to_str().unwrap()]).blocks().code, 1);
    let empty = outside.join("empty");
    std::fs::create_dir(&empty).unwrap();
    repo.dtguard_in(&outside, &[], &["scan", "empty"]).succeeds().says("there are no tracked files to scan");
}

#[test]
fn what_comes_through_a_pipe_is_scanned_to_its_end() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let text = format!("{}{token}\n", "line\n".repeat(100_000));
    let ran = pipe(&repo, &repo.path, &["scan", "-"], text.as_bytes());
    assert_eq!(ran.blocks().says("<stdin>:100001:1").code, 1);
    assert_eq!(pipe(&repo, &repo.path, &["scan", "-"], b"nothing\n").code, 0);
}

#[test]
fn each_commit_the_index_and_a_range_can_be_asked_for() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("f", format!("{token}\n"));
    assert_eq!(repo.dtguard(&["scan", "--staged"]).blocks().says("f:1:1").code, 1);
    repo.commit_unseen();
    repo.git(&["rm", "--quiet", "f"]).succeeds();
    repo.commit_unseen();
    assert_eq!(repo.dtguard(&["scan", "--rev", "HEAD"]).code, 0);
    assert_eq!(repo.dtguard(&["scan", "--rev", "HEAD~1"]).blocks().says("f:1:1").code, 1);
    assert_eq!(repo.dtguard(&["scan", "--rev", "HEAD~2"]).code, 0);
    assert_eq!(repo.dtguard(&["scan", "--rev", "nowhere"]).says("`nowhere` is not").code, 2);
    assert_eq!(repo.dtguard(&["scan", "--range", "HEAD~2..HEAD"]).blocks().says(" f:1:1").code, 1);
    for (range, code) in [
        ("HEAD~1..HEAD", 0),
        ("HEAD..HEAD", 0),
        ("HEAD", 1),
        ("HEAD~2...HEAD~1", 1),
        ("^HEAD", 2),
        ("--all", 2),
    ] {
        assert_eq!(repo.dtguard(&["scan", &format!("--range={range}")]).code, code, "{range}");
    }
    assert_eq!(repo.dtguard(&["scan", "--range", "nowhere..HEAD"]).code, 2);
}

#[test]
fn a_diff_blocks_for_what_it_adds_and_for_nothing_that_it_shows_or_takes_out() {
    let repo = Repo::new();
    let [old, moved, new] = [1, 2, 3].map(|seed| repo.token("dt0c01", seed).text);
    repo.stage("d/a b", format!("1\n2\n3\n4\n{old}\n6\n7\n8\n9\n{moved}\n"));
    repo.commit_unseen();
    repo.stage("d/a b", format!("1\n2\n3\n{moved}\n4\n6\n7\n8\n9\n"));
    // What git prints holds the secret part, of course.
    let git = |arguments: &[&str]| {
        let output = hermetic("git", &repo.path).args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let diff = |arguments: &[&str]| {
        let text = git(&[&["diff", "--cached"], arguments].concat());
        pipe(&repo, &repo.path, &["scan", "--diff"], text.as_bytes())
    };
    // A line that moved within a hunk is not new.
    assert_eq!(diff(&["-U20"]).code, 0);
    repo.stage("d/a b", format!("1\n2\n3\n4\n5\n6\n7\n8\n9\n{moved}\n11\n12\n13\nx={new}\n"));
    for options in [&[][..], &["-U0"], &["-U30"], &["--no-prefix"]] {
        assert_eq!(diff(options).blocks().says("d/a b:14:3").code, 1, "{options:?}");
    }
    repo.commit_unseen();
    let log = git(&["log", "-p"]);
    pipe(&repo, &repo.path, &["scan", "--diff"], log.as_bytes()).blocks().says("3 Dynatrace tokens");
    // A message counts, wherever a mail or a log writes it.
    let message = log.replace("    unseen", &format!("    see {new}"));
    pipe(&repo, &repo.path, &["scan", "--diff"], message.as_bytes()).blocks().says("<diff>:5:9");
    let cut = &log.as_bytes()[..log.len() - 12];
    // What is whole is searched, and so is what stands in the hunk that is not.
    let ran = pipe(&repo, &repo.path, &["scan", "--diff"], cut).blocks();
    assert_eq!(ran.says("the diff makes no sense at line").says("3 Dynatrace tokens").code, 1);
    let clean = b"--- a/f\n+++ b/f\n@@ -0,0 +1,3 @@\n+one\n+two\n";
    let ran = pipe(&repo, &repo.path, &["scan", "--diff"], clean);
    assert_eq!(ran.says("the diff makes no sense at line").says("git diff A...B").code, 2);
    assert_eq!(pipe(&repo, &repo.path, &["scan", "--diff"], b"").says("there is no diff").code, 0);
    repo.stage("binary", b"\0\x01\x02");
    repo.commit_unseen();
    let log = git(&["log", "-p", "-1"]);
    pipe(&repo, &repo.path, &["scan", "--diff"], log.as_bytes())
        .succeeds()
        .says("1 part could not be scanned");
}

#[test]
fn the_exit_code_is_the_same_in_every_format_and_no_format_shows_a_secret() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("f", format!("{token}\n"));
    for format in ["human", "json", "sarif", "github", "gitlab", "junit"] {
        let ran = repo.dtguard(&["scan", "--format", format]);
        assert_eq!(ran.code, 1, "{format}: {ran:?}");
        assert_eq!(ran.stdout.is_empty(), format == "human", "{format}");
        let file = repo.outside().join(format);
        let ran = repo.dtguard(&["scan", "--format", format, "--output", file.to_str().unwrap()]).blocks();
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{format}");
        let written = std::fs::read_to_string(file).unwrap();
        assert!(written.contains("dt0c01.") || format == "human", "{format}: {written}");
        assert!(!written.contains(&token));
        assert_eq!(repo.dtguard(&["scan", "--format", format, "README"]).code, 0, "{format}");
    }
    let nowhere = repo.path.join("no/such/folder");
    assert_eq!(repo.dtguard(&["scan", "--output", nowhere.to_str().unwrap()]).says("cannot write").code, 2);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_scan_with_130_and_says_that_it_is_not_clean() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let mut text = format!("{token}\n");
    for number in 0..40_000 {
        text.push_str(&format!("line {number} of some text that takes a while\n"));
    }
    for number in 0..400 {
        repo.write(&format!("d/{number}"), &text);
    }
    repo.git(&["add", "."]).succeeds();
    let child = hermetic(DTGUARD, &repo.path).arg("scan").stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    let killed = hermetic("kill", &repo.path).args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("interrupted: only part"), "{said}");
}

#[test]
fn how_the_environment_reads_paths_leaves_nothing_out() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("d/f", format!("{token}\n"));
    for name in ["LITERAL", "GLOB", "NOGLOB", "ICASE"] {
        let environment = [(&*format!("GIT_{name}_PATHSPECS"), "1")];
        for arguments in [&["scan"][..], &["scan", "d"]] {
            repo.dtguard_in(&repo.path, &environment, arguments).blocks();
        }
    }
}

#[test]
fn a_revision_with_a_submodule_is_scanned() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let entry = format!("160000,{},module", "1".repeat(40));
    repo.git(&["update-index", "--add", "--cacheinfo", &entry]).succeeds();
    repo.commit_unseen();
    repo.dtguard(&["scan", "--rev", "HEAD"]).succeeds();
    repo.stage("f", format!("{token}\n"));
    repo.commit_unseen();
    repo.dtguard(&["scan", "--rev", "HEAD"]).blocks();
}

#[cfg(unix)]
#[test]
fn a_link_that_is_named_is_followed_and_a_link_in_a_folder_is_not() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let outside = repo.outside();
    std::fs::create_dir(outside.join("folder")).unwrap();
    std::fs::write(outside.join("folder/f"), format!("{token}\n")).unwrap();
    for (link, target) in [("to-file", "folder/f"), ("to-folder", "folder"), ("to-nothing", "none")] {
        std::os::unix::fs::symlink(target, outside.join(link)).unwrap();
    }
    repo.dtguard_in(outside, &[], &["scan", "to-file"]).blocks().says("folder/f:1:1");
    repo.dtguard_in(outside, &[], &["scan", "to-folder"]).blocks().says("folder/f:1:1");
    repo.dtguard_in(outside, &[], &["scan", "to-nothing"]).succeeds();
    let input = format!("{token}\n");
    if Path::new("/dev/stdin").exists() {
        pipe(&repo, outside, &["scan", "/dev/stdin"], input.as_bytes()).blocks();
    }
}

#[test]
fn a_hunk_with_impossible_numbers_is_no_internal_error() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let most = usize::MAX;
    let diff = format!("+++ b/f\n@@@ -1,{most} -1,{most} +1 @@@\n+ {token}\n");
    pipe(&repo, &repo.path, &["scan", "--diff"], diff.as_bytes()).blocks();
}

/// root reads whatever it likes.
#[cfg(unix)]
#[test]
fn a_file_and_a_folder_that_cannot_be_opened_are_named_and_the_others_are_searched() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let folder = repo.outside().join("plain");
    for name in ["a", "closed/b", "d"] {
        std::fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        std::fs::write(folder.join(name), "text\n").unwrap();
    }
    std::fs::write(folder.join("z"), format!("x={token}\n")).unwrap();
    let closed = |closed: bool| {
        for (name, open) in [("closed", 0o755), ("d", 0o644)] {
            let mode = if closed { 0 } else { open };
            std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    closed(true);
    if std::fs::read(folder.join("d")).is_ok() {
        return;
    }
    let ran = repo.dtguard(&["scan", folder.to_str().unwrap()]).blocks().says("/plain/z:1:3");
    let ran = ran.says("cannot read these 2").says("/plain/d (").says("/plain/closed (");
    assert_eq!(ran.code, 1);
    std::fs::remove_file(folder.join("z")).unwrap();
    let ran = repo.dtguard(&["scan", folder.to_str().unwrap()]).refuses("cannot read these 2");
    assert_eq!(ran.says("no Dynatrace token in what could be read").code, 2);
    closed(false);
}

#[test]
fn a_range_with_an_empty_side_is_exit_2_and_not_one_without_commits() {
    let repo = Repo::new();
    repo.stage("f", format!("x={}\n", repo.token("dt0c01", 1).text));
    repo.commit_unseen();
    for range in ["..HEAD", "HEAD..", "...HEAD", "..", ""] {
        let ran = repo.dtguard(&["scan", &format!("--range={range}")]);
        assert_eq!(ran.says("dtguard: ").code, 2, "{range}");
    }
    let ran = repo.dtguard(&["scan", "--range", "..HEAD"]).says("one side of the range");
    ran.says("    dtguard scan --range HEAD\n").says_not("origin");
    repo.git(&["update-ref", "refs/remotes/team/release", "HEAD"]).succeeds();
    let zeros = format!("{}..HEAD", "0".repeat(40));
    for (branch, range) in [("team/release", "..HEAD"), ("origin/main", "..HEAD"), ("origin/main", &zeros)] {
        repo.git(&["update-ref", &format!("refs/remotes/{branch}"), "HEAD"]).succeeds();
        let ran = repo.dtguard(&["scan", "--range", range]);
        assert_eq!(ran.says(&format!("    dtguard scan --range {branch}..HEAD\n")).code, 2, "{range}");
    }
    for branch in ["origin/main", "team/release"] {
        repo.git(&["update-ref", "-d", &format!("refs/remotes/{branch}")]).succeeds();
    }
    let ran = repo.dtguard(&["scan", "--range", &zeros]);
    assert_eq!(ran.says("    dtguard scan --range HEAD\n").says_not("origin").code, 2);
    repo.dtguard(&["scan", "--range", "HEAD..HEAD"]).succeeds().says("no commits in this range");
}

#[test]
fn a_diff_in_colour_or_behind_a_prefix_is_read_as_the_plain_one_is() {
    let repo = Repo::new();
    let [old, new] = [1, 2].map(|seed| repo.token("dt0c01", seed).text);
    repo.stage("d/f", format!("1\nx={old}\n3\n"));
    repo.commit_unseen();
    repo.stage("d/f", "1\n3\n");
    let diff = |arguments: &[&str]| {
        let command = [&["diff", "--cached"], arguments].concat();
        let output = hermetic("git", &repo.path).args(command).output().unwrap();
        pipe(&repo, &repo.path, &["scan", "--diff"], &output.stdout)
    };
    let ways = [&["--color=always"][..], &["--line-prefix=| "], &["--color=always", "--line-prefix=> "]];
    for options in ways {
        // What it takes out does not block.
        assert_eq!(diff(options).code, 0, "{options:?}");
    }
    repo.stage("d/f", format!("1\n3\n4\ny={new}\n"));
    for options in ways {
        assert_eq!(
            diff(options).blocks().says(" d/f:4:3\n").says("adds 1 Dynatrace token").code,
            1,
            "{options:?}"
        );
    }
    repo.commit_unseen();
    let output = hermetic("git", &repo.path).args(["log", "--graph", "-p"]).output().unwrap();
    let ran = pipe(&repo, &repo.path, &["scan", "--diff"], &output.stdout);
    assert_eq!(ran.refuses("it is not a plain diff").says("git diff A...B").code, 1);
}

#[test]
fn a_submodule_that_is_named_is_scanned_and_a_scan_says_what_it_left_out() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let module = repo.outside().join("module");
    repo.git(&["clone", "--quiet", ".", module.to_str().unwrap()]).succeeds();
    std::fs::create_dir(module.join("sub")).unwrap();
    std::fs::write(module.join("sub/f"), format!("x={token}\n")).unwrap();
    repo.git_in(&module, &[], &["add", "."]).succeeds();
    repo.git_in(&module, &[], &["commit", "--quiet", "--no-verify", "-m", "m"]).succeeds();
    repo.git(&["submodule", "--quiet", "add", module.to_str().unwrap(), "lib"]).succeeds();
    repo.write("lib/untracked", format!("x={token}\n"));
    repo.dtguard(&["scan"]).succeeds().says(", without 1 submodule\n(--recurse-submodules)");
    for arguments in [&["lib"][..], &["lib/sub"], &["--recurse-submodules"]] {
        let ran = repo.dtguard(&[&["scan"], arguments].concat()).blocks();
        assert_eq!(ran.says("  lib/sub/f:1:3\n").says_not("untracked").code, 1, "{arguments:?}");
    }
    repo.git(&["submodule", "--quiet", "deinit", "--force", "lib"]).succeeds();
    let ran = repo.dtguard(&["scan", "lib"]).refuses("is a submodule that is not checked out");
    assert_eq!(ran.says("git submodule update --init lib").code, 2);
}

#[test]
fn a_folder_outside_of_a_sparse_checkout_is_scanned_when_it_is_named() {
    let repo = Repo::new();
    repo.stage("a/f", "text\n");
    repo.stage("b/c/f", format!("x={}\n", repo.token("dt0c01", 1).text));
    repo.commit_unseen();
    repo.git(&["sparse-checkout", "set", "a"]).succeeds();
    assert!(!repo.path.join("b").exists());
    for path in ["b", "b/c", "b/c/f"] {
        assert_eq!(repo.dtguard(&["scan", path]).blocks().says("  b/c/f:1:3\n").code, 1, "{path}");
    }
    assert_eq!(repo.dtguard(&["scan", "b/nothing"]).refuses("b/nothing (").code, 2);
}

#[test]
fn what_passes_is_listed_with_its_place_and_the_entry_that_allows_it_where_all_is_asked_for() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let entry =
        format!("[[allow]]\nid = \"{}\"\nreason = \"from the manual\"\n", token.identifier().unwrap());
    repo.stage(".dtguard.toml", format!("version = 1\n{entry}"));
    repo.stage("f", format!("x={}\n", token.text));
    let filler = format!("dt0c01.{}.{}", "X".repeat(24), "X".repeat(64));
    repo.stage("g", format!("1\ny={filler}\n"));
    repo.dtguard(&["scan"]).succeeds().says("1 token allowed by policy, 1 filler").says_not("f:1:3");
    let ran = repo.dtguard(&["-v", "scan"]).succeeds().says("2 tokens let through");
    let ran = ran.says("  f:1:3 dt0c01.").says("allowed at .dtguard.toml:2: from the manual");
    ran.says("  g:2:3 dt0c01.").says("its secret part was typed");
}
