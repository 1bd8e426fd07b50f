//! Adds lines to git's configuration files and removes them, and keeps every other byte.
//!
//! `git config` would leave empty sections and could not distinguish dtguard's settings from
//! the user's. dtguard's lines stand between two comments at the end of the file; the first
//! comment describes the file before the change.

use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::InstallError;
use super::error::remove;
use super::files::{keep_mode, new_beside, put_at};

const BEGIN: &str = ": begin, see dtguard uninstall --help";
const NEW_FILE: &str = " (in a new file)";
/// How long to wait for another git that is changing the file.
const PATIENCE: Duration = Duration::from_secs(3);
const OPEN_LINE: &str = " (behind a last line without an end)";

/// A block of lines in a configuration file.
#[derive(Debug)]
pub(super) struct Block {
    /// Its purpose: one word in its first and last line.
    pub(super) purpose: &'static str,
    /// Its sections and settings, one per line.
    pub(super) lines: Vec<String>,
}

impl Block {
    fn begin(&self) -> String {
        format!("# dtguard {}{BEGIN}", self.purpose)
    }

    fn end(&self) -> String {
        format!("# dtguard {}: end", self.purpose)
    }

    /// `old` with this block at its end; `None` stands for no file.
    fn added_to(&self, old: Option<&[u8]>) -> Vec<u8> {
        let state = match old {
            None => NEW_FILE,
            Some(old) if old.last().is_some_and(|byte| *byte != b'\n') => OPEN_LINE,
            Some(_) => "",
        };
        let mut new = old.unwrap_or_default().to_vec();
        if state == OPEN_LINE {
            new.push(b'\n');
        }
        let lines = self.lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        new.extend_from_slice(format!("{}{state}\n{lines}{}\n", self.begin(), self.end()).as_bytes());
        new
    }

    /// `old` without a block of this purpose; none if there was no file before.
    ///
    /// Removes only the block's own lines between the two comments. A section's head stays if
    /// somebody else's setting follows it.
    fn removed_from(&self, old: &[u8]) -> Option<Vec<u8>> {
        let lines: Vec<&[u8]> = old.split_inclusive(|byte| *byte == b'\n').collect();
        let (begin, end) = (self.begin(), self.end());
        let (mut inside, mut is_new, mut open_line, mut stood) = (false, false, None, None);
        let mut keep = vec![true; lines.len()];
        for (number, (line, keep)) in lines.iter().zip(&mut keep).enumerate() {
            let text = String::from_utf8_lossy(line);
            let text = text.trim_end_matches(['\r', '\n']);
            if let Some(state) = text.strip_prefix(&*begin) {
                (inside, *keep, is_new) = (true, false, state == NEW_FILE);
                open_line = if state == OPEN_LINE { number.checked_sub(1) } else { None };
                stood = [NEW_FILE, OPEN_LINE].into_iter().find(|one| *one == state).map(|one| (number, one));
            } else if inside && text == end {
                (inside, *keep) = (false, false);
            } else if inside {
                *keep = !self.lines.iter().any(|own| own == text);
            }
        }
        let mut setting_follows = false;
        for (line, keep) in lines.iter().zip(&mut keep).rev() {
            let is_head = line.trim_ascii_start().starts_with(b"[");
            *keep |= is_head && setting_follows;
            setting_follows = !is_head && (setting_follows || *keep && is_setting(line));
        }
        let last = keep.iter().rposition(|keep| *keep);
        let mut new = Vec::with_capacity(old.len());
        for (number, (line, _)) in lines.iter().zip(&keep).enumerate().filter(|(_, (_, keep))| **keep) {
            let heir = stood.take_if(|(begin, _)| *begin < number).filter(|_| is_begin(line));
            new.extend_from_slice(line);
            // A newer block in the same place.
            if let Some((_, state)) = heir {
                new.pop();
                new.extend_from_slice(format!("{state}\n").as_bytes());
            }
        }
        if last.is_some() && last == open_line {
            new.pop();
        }
        (!new.is_empty() || !is_new).then_some(new)
    }

    /// Whether `old` holds exactly this block.
    fn stands_in(&self, old: &[u8]) -> bool {
        let bare = self.removed_from(old);
        bare.as_deref() != Some(old) && self.added_to(bare.as_deref()) == old
    }
}

/// Whether a line begins a block of any purpose. The description of the file is ignored.
fn is_begin(line: &[u8]) -> bool {
    line.starts_with(b"# dtguard ") && line.ends_with(format!("{BEGIN}\n").as_bytes())
}

/// Whether a line is more than a comment.
fn is_setting(line: &[u8]) -> bool {
    !matches!(line.trim_ascii_start().first(), None | Some(b'#' | b';'))
}

/// `text` quoted as a value for git's configuration.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n"))
}

/// Writes `block` into the file at `path` and removes the blocks `before`. Returns whether the
/// file changed.
pub(super) fn put(path: &Path, before: &[Block], block: &Block) -> Result<bool, InstallError> {
    edit(path, |old| {
        if old.is_some_and(|old| block.stands_in(old)) {
            return old.map(<[u8]>::to_vec);
        }
        let bare = before.iter().fold(old.map(<[u8]>::to_vec), |content, block| {
            content.and_then(|content| block.removed_from(&content))
        });
        Some(block.added_to(bare.as_deref()))
    })
}

/// Removes each of `blocks` from the file at `path`. Returns whether one was there.
pub(super) fn take_out(path: &Path, blocks: &[Block]) -> Result<bool, InstallError> {
    edit(path, |old| {
        blocks.iter().fold(old.map(<[u8]>::to_vec), |content, block| {
            content.and_then(|content| block.removed_from(&content))
        })
    })
}

/// Applies `change` to the file at `path` under git's own lock, so that no other change is
/// lost. Returns whether anything changed.
fn edit(path: &Path, change: impl Fn(Option<&[u8]>) -> Option<Vec<u8>>) -> Result<bool, InstallError> {
    // The target of a link, not the link.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    // root could replace a device such as /dev/null.
    if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        return Err(InstallError::file("write", &path)(std::io::Error::other("it is no file")));
    }
    let start = Instant::now();
    loop {
        let old = read(&path)?;
        let new = change(old.as_deref());
        if new == old {
            return Ok(false);
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(InstallError::file("create", folder))?;
        }
        // Write the new file before taking the lock: a killed process must not leave a lock,
        // which would stop every git.
        let new = new.map(|new| new_beside(&path, &new)).transpose()?;
        if let Some(new) = &new {
            keep_mode(&path, new.path()).map_err(InstallError::file("write", &path))?;
        }
        match Lock::take(&path)? {
            // It changed since it was read: retry.
            Some(_lock) if read(&path)? != old => {}
            Some(_lock) => {
                match new {
                    Some(new) => put_at(new, &path)?,
                    None => fs::remove_file(&path).map_err(InstallError::file("remove", &path))?,
                }
                return Ok(true);
            }
            None if start.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(10)),
            None => return Err(Lock::of_others(&path)),
        }
    }
}

/// git's lock of a file; released when dropped.
struct Lock(PathBuf);

impl Lock {
    /// None if another git holds it.
    fn take(path: &Path) -> Result<Option<Self>, InstallError> {
        let lock = Self::path(path);
        match OpenOptions::new().write(true).create_new(true).open(&lock) {
            Ok(_) => Ok(Some(Self(lock))),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(None),
            Err(error) => Err(InstallError::file("lock", path)(error)),
        }
    }

    fn path(path: &Path) -> PathBuf {
        let mut lock = path.as_os_str().to_owned();
        lock.push(".lock");
        lock.into()
    }

    /// Another git is changing the file at `path`, or was killed while changing it.
    fn of_others(path: &Path) -> InstallError {
        let (file, lock) = (path.display(), Self::path(path));
        let why = format!("`{}` is there, so another git is changing it, or was killed", lock.display());
        InstallError::new(
            format!("cannot change `{file}`: {why}"),
            format!("{}\n(if no git is running)", remove(&lock)),
        )
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _gone_already = fs::remove_file(&self.0);
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, InstallError> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(InstallError::file("read", path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block() -> Block {
        Block { purpose: "hooks", lines: vec!["[core]".to_owned(), "\thooksPath = \"/d\"".to_owned()] }
    }

    #[test]
    fn what_is_put_in_comes_out_byte_for_byte() {
        for old in [
            None,
            Some(""),
            Some("\n"),
            Some("[user]\n\tname = a\n"),
            Some("[user]\n\tname = a"),
            Some("[core]\r\n\teditor = vi\r\n"),
            Some("[core]"),
            Some("# note \u{e9}"),
        ] {
            let old = old.map(str::as_bytes);
            let new = block().added_to(old);
            assert!(block().stands_in(&new), "{old:?}");
            assert_eq!(block().removed_from(&new).as_deref(), old);
        }
        assert_eq!(block().removed_from(b"[user]\n").as_deref(), Some(&b"[user]\n"[..]));
    }

    #[test]
    fn blocks_of_two_purposes_come_out_byte_for_byte_in_any_order() {
        let lines = vec!["[init]".to_owned(), "\ttemplateDir = \"/t\"".to_owned()];
        let template = Block { purpose: "template", lines };
        for old in [None, Some(""), Some("[user]\n\tname = a"), Some("[user]\n")] {
            let old = old.map(str::as_bytes);
            for (first, second) in [(&block(), &template), (&template, &block())] {
                let new = second.added_to(Some(&first.added_to(old)));
                let one = second.removed_from(&new).unwrap();
                assert_eq!(first.removed_from(&one).as_deref(), old);
                let other = first.removed_from(&new).unwrap();
                assert!(second.stands_in(&other), "{}", String::from_utf8_lossy(&other));
                assert_eq!(second.removed_from(&other).as_deref(), old);
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_replaced_by_one() {
        use std::os::unix::fs::FileTypeExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let _open = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let error = put(&path, &[], &block()).unwrap_err().to_string();
        assert!(error.contains("it is no file"), "{error}");
        assert!(path.metadata().unwrap().file_type().is_socket());
    }

    #[test]
    fn what_others_wrote_among_our_lines_stays_in_its_section() {
        let text = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        let new = text(&block().added_to(Some(b"[a]\n\tb = c")));
        let end = "# dtguard hooks: end\n";
        for (changed, left) in [
            (
                new.replace(end, "\teditor = vi\n# dtguard hooks: end\n"),
                "[a]\n\tb = c\n[core]\n\teditor = vi\n",
            ),
            (format!("{new}\teditor = vi\n"), "[a]\n\tb = c\n[core]\n\teditor = vi\n"),
            (format!("{new}[x]\n\ty = z\n"), "[a]\n\tb = c\n[x]\n\ty = z\n"),
            (new.replace("\"/d\"", "/mine"), "[a]\n\tb = c\n[core]\n\thooksPath = /mine\n"),
            (new.replace("\thooksPath = \"/d\"\n", ""), "[a]\n\tb = c"),
            (new.replace(end, ""), "[a]\n\tb = c"),
        ] {
            assert_eq!(text(&block().removed_from(changed.as_bytes()).unwrap()), left, "{changed}");
        }
    }

    #[test]
    fn a_locked_file_is_left_alone_and_a_linked_one_stays_linked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        fs::write(&path, "[a]\n").unwrap();
        fs::write(folder.path().join("config.lock"), "").unwrap();
        assert!(put(&path, &[], &block()).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"[a]\n");
        fs::remove_file(folder.path().join("config.lock")).unwrap();
        assert!(put(&path, &[block()], &block()).unwrap());
        assert!(!put(&path, &[block()], &block()).unwrap());
        assert!(take_out(&path, &[block()]).unwrap());
        assert!(!take_out(&path, &[block()]).unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"[a]\n");
        #[cfg(unix)]
        {
            let link = folder.path().join("link");
            std::os::unix::fs::symlink("config", &link).unwrap();
            assert!(put(&link, &[], &block()).unwrap());
            assert!(link.symlink_metadata().unwrap().file_type().is_symlink());
            assert!(fs::read(&path).unwrap().len() > 4);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), if cfg!(unix) { 2 } else { 1 });
    }
}
