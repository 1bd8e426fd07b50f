//! `dtguard mask`: what a pipe or a file loses on its way, and what not.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

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
    assert_eq!((output.status.code(), output.stdout, output.stderr), (Some(0), wanted, vec![]));
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
fn whoever_closes_the_pipe_has_seen_enough() {
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
    repo.dtguard(&["mask", "folder"]).refuses("folder");
    assert_eq!(repo.dtguard(&["mask", "folder"]).code, 2);
}

/// `head` and `yes` make the line, `ulimit` sets how much memory there is.
#[cfg(target_os = "linux")]
#[test]
fn a_line_that_is_longer_than_memory_is_masked() {
    let repo = Repo::unborn();
    let token = token("dt0c01", 3);
    repo.write("token", &token.text);
    let script = format!(
        "ulimit -v 65000; (yes ' some words' | tr -d '\\n' | head -c 48000000; cat token; printf ' end') | '{DTGUARD}' mask | tail -c 50"
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
