//! A token in a file of a common format is found, and its place named in the words of the
//! format: the message of a mailbox, the cell of a notebook.
//!
//! The files are made by programs that make such files; what none here makes is written as
//! its makers write it.

use crate::support::{Ran, Repo, hermetic, python};

mod json;
mod mail;
mod office;
mod pdf;

/// A repository in which the python `script` was run with these `arguments`.
fn made_by_python(script: &str, arguments: &[&str]) -> Repo {
    let repo = Repo::unborn();
    repo.write("make.py", script);
    let output = hermetic(python(), &repo.path).arg("make.py").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    repo
}

/// What a scan of the file reports.
#[track_caller]
fn scan(repo: &Repo, file: &str) -> Ran {
    repo.dtguard(&["-v", "scan", file])
}
