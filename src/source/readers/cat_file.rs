//! `git cat-file --batch`: reads every object that git has, whole or as a stream.
//!
//! git inflates a blob while printing it, so both processes need little memory for a blob of
//! any size. For 2 GiB of text, staged by `git add` (in a pack, like everything above
//! `core.bigFileThreshold`, 512 MiB by default), git needs 70 MB. For 500 MB in a loose file it
//! needs 177 MB: it maps the whole compressed file, whose pages the system may drop. The
//! exception is a blob that a pack stores as a delta: git holds both in memory, 228 MB for one
//! of 100 MB. It makes no deltas above 512 MiB.

use std::io::{self, BufRead as _, BufReader, Error, ErrorKind, Read, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::ahead::Ahead;
use crate::source::SourceError;
use crate::source::store::Kind;

/// Options that make git inflate packed blobs from a megabyte on while printing (by default
/// only from 512 MiB), and map only the needed part of a pack (by default all of it).
pub const STREAMING: [&str; 6] =
    ["-c", "core.bigFileThreshold=1m", "-c", "core.packedGitWindowSize=16m", "-c", "core.packedGitLimit=64m"];

fn cat_file(message: &str) -> SourceError {
    SourceError::Git { command: "cat-file --batch".to_owned(), message: message.to_owned(), exited: true }
}

fn failed(error: Error) -> SourceError {
    cat_file(&error.to_string())
}

/// A process that answers one question after another.
pub struct CatFile {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl CatFile {
    /// Starts `command`, which must behave like `git cat-file --batch`.
    pub fn start(mut command: Command) -> Result<Self, SourceError> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(cat_file("no pipe"));
        };
        Ok(Self { child, stdin: Some(stdin), stdout: BufReader::new(stdout) })
    }

    /// The size of the blob `name`; its content follows and must be read before the next
    /// question. None if there is no such object. `name` must not contain a line feed.
    pub fn ask(&mut self, name: &str) -> Result<Option<u64>, SourceError> {
        match self.ask_any(name)? {
            Some((Kind::Blob, size)) => Ok(Some(size)),
            Some(_) => Err(cat_file(&format!("`{name}` is no file"))),
            None => Ok(None),
        }
    }

    /// Like [`CatFile::ask`], for an object of any kind.
    pub fn ask_any(&mut self, name: &str) -> Result<Option<(Kind, u64)>, SourceError> {
        let stdin = self.stdin.as_mut().ok_or_else(|| cat_file("no pipe"))?;
        stdin.write_all(format!("{name}\n").as_bytes()).and_then(|()| stdin.flush()).map_err(failed)?;
        let mut answer = Vec::new();
        if self.stdout.read_until(b'\n', &mut answer).map_err(failed)? == 0 {
            return Err(cat_file("it ended without an answer"));
        }
        let answer = String::from_utf8_lossy(&answer);
        if answer.trim_end().ends_with(" missing") {
            return Ok(None);
        }
        let mut fields = answer.split_whitespace().skip(1);
        let kind = fields.next().and_then(|kind| Kind::called(kind.as_bytes()));
        let size = fields.next().and_then(|size| size.parse().ok());
        kind.zip(size).map(Some).ok_or_else(|| cat_file("an answer that is no object"))
    }

    /// The requested content of `size` bytes.
    pub fn whole(&mut self, size: u64) -> Result<Vec<u8>, SourceError> {
        let mut content = Vec::new();
        let read = (&mut self.stdout).take(size).read_to_end(&mut content).map_err(failed)?;
        let mut line_feed = [0];
        self.stdout.read_exact(&mut line_feed).map_err(failed)?;
        if read as u64 != size {
            return Err(cat_file("an answer that was cut short"));
        }
        Ok(content)
    }

    /// The requested content of `size` bytes as a stream; no more questions can follow.
    pub fn into_stream(mut self, size: u64) -> Ahead {
        // Without further input git ends after a blob that is too short, and does not wait.
        self.stdin = None;
        Ahead::of(ObjectStream { objects: self, left: size, ended: false })
    }
}

impl Drop for CatFile {
    fn drop(&mut self) {
        // It only reads, and may be stuck in the middle of a content that nobody needs.
        let _already_gone = self.child.kill();
        let _already_gone = self.child.wait();
    }
}

/// The content of one blob. It ends well only if all its bytes came and git ended well after
/// them.
struct ObjectStream {
    objects: CatFile,
    left: u64,
    ended: bool,
}

impl ObjectStream {
    fn end(&mut self) -> io::Result<()> {
        let mut rest = Vec::new();
        (&mut self.objects.stdout).take(2).read_to_end(&mut rest)?;
        let good = rest == b"\n" && self.objects.child.wait()?.success();
        if !good {
            return Err(Error::new(ErrorKind::InvalidData, "git failed at the end of its content"));
        }
        self.ended = true;
        Ok(())
    }
}

impl Read for ObjectStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return if self.ended { Ok(0) } else { self.end().map(|()| 0) };
        }
        let most = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let buffer = buffer.get_mut(..most).unwrap_or_default();
        if buffer.is_empty() {
            return Ok(0);
        }
        let count = self.objects.stdout.read(buffer)?;
        if count == 0 {
            let message = format!("git ended {} bytes before the end of its content", self.left);
            return Err(Error::new(ErrorKind::UnexpectedEof, message));
        }
        self.left -= count as u64;
        Ok(count)
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    /// The output of a stream of six bytes from a git that runs `script`.
    fn stream(script: &str) -> io::Result<Vec<u8>> {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("read -r id; {script}")]);
        let mut objects = CatFile::start(command).unwrap();
        let size = objects.ask("id").unwrap().unwrap();
        assert_eq!(size, 6);
        let mut stream = objects.into_stream(size);
        let mut content = Vec::new();
        match stream.read_to_end(&mut content) {
            Ok(_) => Ok(content),
            Err(error) => {
                assert!(stream.read(&mut [0; 8]).is_err(), "it stays an error");
                Err(error)
            }
        }
    }

    #[test]
    fn a_git_that_dies_in_the_middle_of_a_huge_file_passes_for_no_end_of_it() {
        assert_eq!(stream(r"printf 'id blob 6\nabcdef\n'").unwrap(), b"abcdef");
        for script in [
            r"printf 'id blob 6\n'",
            r"printf 'id blob 6\nabc'",
            r"printf 'id blob 6\nabc\n'",
            r"printf 'id blob 6\nabc'; kill -9 $$",
            r"printf 'id blob 6\nabcdef'",
            r"printf 'id blob 6\nabcdefg\n'",
            r"printf 'id blob 6\nabcdef\nid blob 1\nx\n'",
            r"printf 'id blob 6\nabcdef\n'; exit 128",
        ] {
            assert!(stream(script).is_err(), "{script}");
        }
    }

    #[test]
    fn what_nobody_reads_to_its_end_holds_nobody_up() {
        let mut command = Command::new("sh");
        command.args(["-c", "read -r id; echo id blob 1000000000; exec yes"]);
        let mut objects = CatFile::start(command).unwrap();
        let size = objects.ask("id").unwrap().unwrap();
        let mut some = [0; 8];
        objects.into_stream(size).read_exact(&mut some).unwrap();

        let mut command = Command::new("sh");
        command.args(["-c", "read -r id; echo id tree 1000000000; exec yes"]);
        assert!(CatFile::start(command).unwrap().ask("id").is_err());
    }

    #[test]
    fn a_git_that_is_asked_no_more_does_not_stay_behind() {
        let mut command = Command::new("sh");
        command.args(["-c", "exec sleep 60"]);
        let objects = CatFile::start(command).unwrap();
        let id = objects.child.id().to_string();
        let runs =
            || Command::new("kill").args(["-0", &id]).stderr(Stdio::null()).status().unwrap().success();
        assert!(runs());
        drop(objects);
        assert!(!runs());
    }

    #[test]
    fn each_kind_of_object_is_known_by_the_name_that_git_gives_it() {
        for (name, kind) in
            [("blob", Kind::Blob), ("tree", Kind::Tree), ("commit", Kind::Commit), ("tag", Kind::Tag)]
        {
            let mut command = Command::new("sh");
            command.args(["-c", &format!("read -r id; echo id {name} 1; printf 'x\n'")]);
            let mut objects = CatFile::start(command).unwrap();
            assert_eq!(objects.ask_any("id").unwrap(), Some((kind, 1)), "{name}");
            assert_eq!(objects.whole(1).unwrap(), b"x");
        }
    }

    #[test]
    fn a_small_file_comes_whole_and_one_that_is_missing_does_not() {
        let mut command = Command::new("sh");
        let script = r"read -r id; printf 'id blob 3\nabc\n'; read -r id; echo id missing";
        command.args(["-c", script]);
        let mut objects = CatFile::start(command).unwrap();
        let size = objects.ask("id").unwrap().unwrap();
        assert_eq!(objects.whole(size).unwrap(), b"abc");
        assert_eq!(objects.ask("id").unwrap(), None);
    }
}
