//! A token in a file of a common format is found, and its place named in the words of the
//! format: the message of a mailbox, the cell of a notebook.
//!
//! The files are made by programs that make such files; what none here makes is written as
//! its makers write it.

use dtguard::find::{Windows, search_window};

use crate::support::{Ran, Repo, hermetic, python};

mod git;
mod image;
mod json;
mod mail;
mod office;
mod pdf;
mod sqlite;

/// A repository in which the python `script` was run with these `arguments`.
fn made_by_python(script: &str, arguments: &[&str]) -> Repo {
    let repo = Repo::unborn();
    repo.write("make.py", script);
    let output = hermetic(python(), &repo.path).arg("make.py").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    repo
}

/// The parts of `text` in which tokens are, if it is read window by window.
fn parts_of_stream(mut text: &[u8]) -> Vec<String> {
    let windows = Windows::new(&mut text).flat_map(|window| search_window(&window.unwrap()).matches);
    windows.map(|found| found.inside).collect()
}

/// What a scan of the file reports.
#[track_caller]
fn scan(repo: &Repo, file: &str) -> Ran {
    repo.dtguard(&["-v", "scan", file])
}
