//! `dtguard mask`: what a pipe or a file loses on its way, and what not.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use dtguard::find::{MaskKey, Masker, Style, find};

use crate::support::encoders::{ENCODERS, Random};
use crate::support::glued::GLUED;
use crate::support::{DTGUARD, Repo, hermetic, packers, token};

fn mask(folder: &Path) -> Command {
    let mut command = hermetic(DTGUARD, folder);
    command.arg("mask").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn files_and_standard_input_are_copied_in_their_order_without_secrets() {
    let repo = Repo::unborn();
    let token = repo.token("dt0c01", 1);
    repo.write("a", format!("a={}\r\n\0", token.text));
    repo.write("b", "\u{e9} no newline");
    let mut child = mask(&repo.path).args(["a", "-", "b"]).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"between\xff\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let mut wanted = format!("a={}.********\r\n\0between", token.identifier().unwrap()).into_bytes();
    wanted.extend(b"\xff\n\xc3\xa9 no newline");
    let counted = b"dtguard: masked 1 token in 1 of 3 files\n".to_vec();
    assert_eq!((output.status.code(), output.stdout, output.stderr), (Some(0), wanted, counted));
}

#[test]
fn a_line_of_a_slow_log_comes_out_while_the_log_goes_on() {
    let repo = Repo::unborn();
    let token = repo.token("dt0s16", 1);
    let mut child = mask(&repo.path).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for number in 0..3 {
        let line = format!("{number} Authorization: Api-Token {}\n", token.text);
        // In pieces, so that the token is torn.
        for piece in line.as_bytes().chunks(40) {
            input.write_all(piece).unwrap();
            input.flush().unwrap();
            std::thread::sleep(Duration::from_millis(5));
        }
        let mut masked = String::new();
        output.read_line(&mut masked).unwrap();
        assert_eq!(
            masked,
            format!("{number} Authorization: Api-Token {}.********\n", token.identifier().unwrap())
        );
    }
    input.write_all(b"the rest").unwrap();
    drop(input);
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!((rest.as_str(), child.wait().unwrap().code()), ("the rest", Some(0)));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let repo = Repo::unborn();
    repo.write("big", "a line of a log\n".repeat(200_000));
    let mut child = mask(&repo.path).arg("big").spawn().unwrap();
    let mut some = [0; 100];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), vec![]));
}

#[test]
fn a_container_with_a_token_is_not_copied_and_one_without_is() {
    let repo = Repo::unborn();
    let token = repo.token("dt0c01", 2);
    let packed = packers::gzip(format!("x={}\n", token.text).as_bytes());
    repo.write("token.gz", &packed);
    let innocent = packers::gzip(b"nothing\n");
    repo.write("innocent.gz", &innocent);
    let output = mask(&repo.path).args(["token.gz", "innocent.gz"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), output.stdout), (Some(2), innocent), "{said}");
    assert!(said.contains("token.gz was not copied: it is gzip and holds a token"), "{said}");
    repo.write("broken.gz", &packed[..packed.len() - 9]);
    let output = mask(&repo.path).arg("broken.gz").output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
}

#[test]
fn what_cannot_be_read_is_named() {
    let repo = Repo::unborn();
    repo.dtguard(&["mask", "none"]).refuses("none");
    fs::create_dir(repo.path.join("folder")).unwrap();
    repo.dtguard(&["mask", "folder"]).refuses("folder").says_not("masked");
    repo.write("file", "words\n");
    repo.dtguard(&["mask", "folder", "file"]).refuses("folder").says("masked no token in 1 file\n");
    assert_eq!(repo.dtguard(&["mask", "folder"]).code, 2);
}

/// `head` and `yes` make the line, `ulimit` sets how much memory there is: the line and a masked
/// copy of it would need more. How the heap is parted depends on when the pipe is read.
#[cfg(target_os = "linux")]
#[test]
fn a_line_that_is_longer_than_memory_is_masked() {
    let repo = Repo::unborn();
    let token = token("dt0c01", 3);
    repo.write("token", &token.text);
    let script = format!(
        "ulimit -v 75000; (yes ' some words' | tr -d '\\n' | head -c 48000000; cat token; printf ' end') | '{DTGUARD}' mask | tail -c 50"
    );
    let output = hermetic("sh", &repo.path).args(["-c", &script]).output().unwrap();
    let end = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        end.ends_with(&format!("{}.******** end", token.identifier().unwrap())),
        "{} {:?}",
        end.len(),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn what_was_masked_is_counted_and_fails_the_run_where_that_is_asked_for() {
    let repo = Repo::unborn();
    let token = repo.token("dt0c01", 1).text;
    repo.write("one", format!("{token} {token}\n"));
    repo.write("two", format!("{token}\n"));
    repo.write("none", "nothing\n");
    for (arguments, code, said) in [
        (&["mask", "one"][..], 0, "dtguard: masked 2 tokens in 1 file\n"),
        (&["mask", "--fail", "one", "two", "none"], 1, "dtguard: masked 3 tokens in 2 of 3 files\n"),
        (&["mask", "--fail", "none"], 0, "dtguard: masked no token in 1 file\n"),
        (&["mask", "--fail", "-q", "two"], 1, ""),
    ] {
        let run = repo.dtguard(arguments);
        assert_eq!((run.code, &*run.stderr), (code, said), "{arguments:?}");
    }
    // What was left unmasked is the worse news.
    repo.write("packed.gz", packers::gzip(token.as_bytes()));
    assert_eq!(repo.dtguard(&["mask", "--fail", "one", "packed.gz"]).code, 2);
    let run = repo.dtguard(&["mask", "absent", "one"]);
    assert!(run.code == 2 && run.stdout.contains("********"), "the others are copied: {run:?}");
}

#[test]
fn in_place_only_the_secret_parts_of_files_that_hold_one_change() {
    let repo = Repo::unborn();
    let token = repo.token("dt0c01", 1);
    repo.write("log", format!("a={}\r\nb\n", token.text));
    repo.write("clean", "nothing\n");
    let packed = packers::gzip(token.text.as_bytes());
    repo.write("packed.gz", &packed);
    let clean = repo.path.join("clean").metadata().unwrap();
    let run = repo.dtguard(&["mask", "--in-place", "--keep-length", "log", "clean", "packed.gz"]);
    assert_eq!((run.code, &*run.stdout), (2, ""));
    assert!(run.stderr.contains("packed.gz was not masked: it is gzip and holds a token"), "{}", run.stderr);
    let wanted = format!("a={}.{}\r\nb\n", token.identifier().unwrap(), "*".repeat(64));
    assert_eq!(fs::read_to_string(repo.path.join("log")).unwrap(), wanted);
    assert_eq!(fs::read(repo.path.join("packed.gz")).unwrap(), packed);
    let now = repo.path.join("clean").metadata().unwrap();
    assert_eq!(now.modified().unwrap(), clean.modified().unwrap());
    let names = fs::read_dir(&repo.path).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.filter(|name| name != ".git").count(), 3, "nothing is left beside them");
    assert_eq!(repo.dtguard(&["mask", "--in-place"]).code, 2, "no file is named");
    repo.dtguard(&["mask", "--in-place", "-"]).refuses("`-`");
}

#[cfg(unix)]
#[test]
fn in_place_a_file_keeps_its_mode_and_a_link_leads_to_no_other_file() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
    let repo = Repo::unborn();
    let token = repo.token("dt0c01", 1).text;
    repo.write("log", &token);
    let path = repo.path.join("log");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let before = path.metadata().unwrap();
    symlink("log", repo.path.join("link")).unwrap();
    repo.dtguard(&["mask", "--in-place", "link"]).refuses("symbolic link");
    fs::hard_link(&path, repo.path.join("other")).unwrap();
    repo.dtguard(&["mask", "--in-place", "log"]).refuses("another name");
    assert_eq!(fs::read_to_string(&path).unwrap(), token);
    fs::remove_file(repo.path.join("other")).unwrap();
    repo.dtguard(&["mask", "--in-place", "log"]).succeeds();
    let now = path.metadata().unwrap();
    assert_eq!((now.mode(), now.uid(), now.gid()), (before.mode(), before.uid(), before.gid()));
    assert!(now.ino() != before.ino() && fs::read_to_string(&path).unwrap().ends_with("********"));
}

#[test]
fn a_hash_needs_a_key_that_no_list_of_processes_shows() {
    let repo = Repo::unborn();
    let token = repo.token("dt0c01", 1).text;
    repo.write("log", format!("{token}\n"));
    repo.dtguard(&["mask", "--hash", "log"]).refuses("--key-file");
    repo.write("short", "secret\n");
    repo.dtguard(&["mask", "--hash", "--key-file", "short", "log"]).refuses("16 bytes");
    repo.write("key", "0123456789abcdef\n");
    let by_file = repo.dtguard(&["mask", "--hash", "--key-file", "key", "log"]).succeeds().stdout;
    let mut by_variable = mask(&repo.path);
    by_variable.args(["--hash", "log"]).env("DTGUARD_MASK_KEY", "0123456789abcdef");
    assert_eq!(by_variable.output().unwrap().stdout, by_file.as_bytes());
    assert!(by_file.contains(".****") && !by_file.contains("0123456789abcdef"), "{by_file}");
    assert_eq!(repo.dtguard(&["mask", "--hash", "--keep-length", "log"]).code, 2);
}

#[test]
fn in_each_encoding_and_each_form_of_glue_each_style_masks_all_and_a_kept_length_is_kept() {
    let mut texts: Vec<Vec<u8>> = Vec::new();
    for (number, encoder) in ENCODERS.iter().enumerate() {
        let text = format!("first line\nDT_API_TOKEN={}\nlast line\n", token("dt0c01", number as u64).text);
        texts.push((encoder.write)(text.as_bytes(), &mut Random(number as u64)).bytes);
    }
    for (number, glued) in GLUED.iter().enumerate() {
        let token = token("dt0c01", 500 + number as u64).text;
        let pieces: Vec<_> =
            token.as_bytes().chunks(19).map(|piece| str::from_utf8(piece).unwrap()).collect();
        texts.push(format!("these words\n{} ;\nthese words\n", (glued.write)(&pieces)).into_bytes());
    }
    let ends = |text: &[u8]| text.iter().map(|byte| *byte == b'\n').collect::<Vec<_>>();
    let mut masked = 0;
    for text in &texts {
        for style in [Style::Fixed, Style::KeepLength, Style::Hash(Box::new(MaskKey::new(&[7; 16]).unwrap()))]
        {
            let mut out = Vec::new();
            let mut masker = Masker::with(style.clone(), &mut out);
            masker.push(text).unwrap();
            let masking = masker.finish().unwrap();
            let shown = out.escape_ascii();
            assert!(masking.refused.is_some() || find(&out).is_empty(), "{style:?}: {shown}");
            if matches!(style, Style::KeepLength) && masking.refused.is_none() {
                assert!(ends(&out) == ends(text), "{shown} is not as long as {}", text.escape_ascii());
            }
            masked += masking.tokens;
        }
    }
    assert!(masked > 3 * texts.len() * 3 / 4, "{masked} in {} texts", texts.len());
}
