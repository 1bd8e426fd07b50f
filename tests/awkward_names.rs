//! File names are bytes: none of them hides a token or breaks the message.

use crate::support::Repo;

#[test]
fn a_token_is_found_in_files_of_any_name() {
    let repo = Repo::new();
    let token = repo.token("dt0g02", 1).text;
    let names = [
        "with space",
        " leading",
        "trailing ",
        "-n",
        "--all",
        "quote'\"",
        "dollar$(echo)",
        "star*?[x]",
        "\u{fc}ml\u{e4}ut",
        "\u{4e16}\u{754c}",
        "a\\b",
        "semi;colon&",
        "new\nline",
        "tab\there",
        "esc\u{1b}[31m",
        "bidi\u{202e}txt",
    ];
    for name in names {
        repo.stage(name, &token);
    }
    repo.commit().blocks().says("and 11 more places");
    let all = repo.dtguard(&["-v", "hook", "pre-commit"]).blocks();
    let all = all.says("new\\nline:1:1").says("esc\\u{1b}[31m:1:1").says("bidi\\u{202e}txt");
    assert!(!all.stderr.contains('\u{1b}') && !all.stderr.contains('\u{202e}'));
    assert_eq!(all.stderr.matches(":1:1").count(), names.len(), "{}", all.stderr);
}

#[test]
#[cfg(target_os = "linux")]
fn a_token_is_found_in_a_file_whose_name_is_no_utf8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let repo = Repo::new();
    let token = repo.token("dt0g02", 1).text;
    let name = OsStr::from_bytes(b"caf\xe9.env");
    std::fs::write(repo.path.join(name), token).unwrap();
    repo.git(&[OsStr::new("add"), name]).succeeds();
    repo.commit().blocks().says("caf\\xe9.env:1:1");
}

#[test]
fn a_very_long_path_is_no_hiding_place() {
    let repo = Repo::new();
    let token = repo.token("dt0g02", 1).text;
    let id = {
        let file = repo.outside().join("t");
        std::fs::write(&file, token).unwrap();
        repo.git(&["hash-object", "-w", file.to_str().unwrap()]).succeeds().stdout
    };
    let path = "folder/".repeat(585) + "file";
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{},{path}", id.trim())]).succeeds();
    repo.commit().blocks().says("folder/file:1:1");
}

#[test]
fn a_file_named_after_a_token_is_blocked_and_its_name_not_shown_whole() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let id = token.identifier().unwrap();
    repo.stage(&format!("{}.txt", token.text), "clean\n");
    repo.commit().blocks().says(&format!("{id}.********.txt (its name)")).says("1 token blocked");
    repo.commit_unseen();
    repo.stage("other", "clean\n");
    repo.commit().succeeds();
    let range = [("PRE_COMMIT_FROM_REF", "HEAD~2"), ("PRE_COMMIT_TO_REF", "HEAD")];
    repo.dtguard_in(&repo.path, &range, &["hook", "pre-commit"]).blocks().says("(its name)");
    repo.git(&["mv", "other", &format!("d-{}", token.text)]).succeeds();
    repo.commit().blocks().says("(its name)");
}

#[test]
#[cfg(unix)]
fn an_error_about_a_file_shows_neither_a_secret_nor_an_escape_in_its_name() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let name = format!("\u{1b}[31m{token}");
    repo.stage(&name, "some content\n");
    let id = repo.git(&["rev-parse", &format!(":{name}")]).stdout;
    let (folder, file) = id.trim().split_at(2);
    std::fs::remove_file(repo.path.join(".git/objects").join(folder).join(file)).unwrap();
    let ran = repo.dtguard(&["hook", "pre-commit"]).refuses("cannot read this");
    assert!(!ran.stderr.contains('\u{1b}'));
    let ran = repo.dtguard(&["hook", "pre-commit", "--", &format!("{name}.missing")]).refuses("cannot read");
    assert!(!ran.stderr.contains('\u{1b}'));
}

/// Of an encoded token nothing is shown, so that the name may be all mask.
#[test]
fn a_file_named_by_an_encoded_token_can_be_found_by_the_length_of_its_name() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let hex: String = token.bytes().map(|byte| format!("{byte:02x}")).collect();
    repo.stage(&format!("{hex}.txt"), "clean\n");
    let length = hex.len() + 4;
    repo.commit().blocks().says(&format!("********.txt (its name of {length} bytes, in hex)"));
}
