//! Reads through the `git` executable's plumbing: it reads everything that git reads, and big
//! indexes faster than libgit2.
//!
//! `diff-index --raw` and `cat-file` use no external diff, textconv, pager or colour.
//! Everything else that could change their output is disabled here.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::cat_file::{CatFile, STREAMING};
use crate::source::paths::path_from_bytes;
use crate::source::program::{not_started, program};
use crate::source::{Base, Block, Change, Environment, Lineage, ObjectId, SourceError, TreeEntry};

/// Every change of every file by ids and modes, without rename detection.
const RAW: [&str; 6] = ["--raw", "-r", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=none"];

/// Starts `git` in a neutral environment.
#[derive(Debug, Clone)]
pub struct Plumbing {
    environment: Environment,
    /// The repository; none for the one of the environment.
    git_dir: Option<PathBuf>,
}

impl Plumbing {
    pub fn new(environment: Environment) -> Self {
        Self { environment, git_dir: None }
    }

    /// For the repository in `git_dir`, whatever the environment names.
    pub fn of(environment: Environment, git_dir: PathBuf) -> Self {
        Self { environment, git_dir: Some(git_dir) }
    }

    /// A `git` that never prompts, fetches or locks, follows no replace reference or graft, and
    /// runs no file system monitor.
    fn git(&self) -> Command {
        let mut git = program("git");
        // git's advice about grafts would stand before what failed.
        git.args(["--no-pager", "-c", "core.fsmonitor=false", "-c", "advice.graftFileDeprecated=false"])
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            // Grafts hide commits, as replace references do. git accepts this name on Windows
            // too.
            .env("GIT_GRAFT_FILE", "/dev/null")
            // Older gits obey only the second option.
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_ALLOW_PROTOCOL", "none")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            let misleads = [
                "GIT_NAMESPACE",
                "GIT_EXTERNAL_DIFF",
                "GIT_DIFF_OPTS",
                "GIT_REDIRECT_STDOUT",
                "GIT_REDIRECT_STDERR",
                "GIT_LITERAL_PATHSPECS",
                "GIT_GLOB_PATHSPECS",
                "GIT_NOGLOB_PATHSPECS",
                "GIT_ICASE_PATHSPECS",
            ];
            if misleads.contains(&text.as_ref()) || text.starts_with("GIT_TRACE") {
                git.env_remove(&name);
            }
        }
        if let Some(git_dir) = &self.git_dir {
            git.arg("--git-dir").arg(git_dir);
        }
        if let Some(index_file) = &self.environment.index_file {
            git.env("GIT_INDEX_FILE", index_file);
        }
        git
    }

    /// Runs `git ARGS` to its end and returns its output.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Vec<u8>, SourceError> {
        let output = self.git().args(arguments).output();
        finish(&named(arguments), output)
    }

    /// Like [`Plumbing::run`], in a `folder` of the work tree with this top and git folder.
    pub fn run_within(
        &self,
        folder: &Path,
        git_dir: &Path,
        top: &Path,
        arguments: &[&str],
    ) -> Result<Vec<u8>, SourceError> {
        let mut git = self.git();
        git.current_dir(folder).env("GIT_DIR", git_dir).env("GIT_WORK_TREE", top);
        finish(&named(arguments), git.args(arguments).output())
    }

    /// Like [`Plumbing::run`], with `input` on standard input.
    pub fn run_with<A: AsRef<OsStr>>(&self, arguments: &[A], input: Vec<u8>) -> Result<Vec<u8>, SourceError> {
        let command = named(arguments);
        let failed = |error: std::io::Error| SourceError::Git {
            command: command.clone(),
            message: not_started(&error),
            exited: false,
        };
        let mut child = self
            .git()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let stdin = child.stdin.take();
        // In its own thread: git may fill its output before it has read all its input.
        let writer = std::thread::spawn(move || stdin.map_or(Ok(()), |mut stdin| stdin.write_all(&input)));
        let output = child.wait_with_output();
        let output = finish(&command, output)?;
        match writer.join() {
            Ok(Ok(())) => Ok(output),
            _ => Err(SourceError::Git {
                command,
                message: "it did not read its input".to_owned(),
                exited: true,
            }),
        }
    }

    /// Whether this is a partial clone, so that a remote has the missing objects.
    pub fn has_promisor(&self) -> bool {
        !self.promisors().is_empty()
    }

    /// The settings that make this a partial clone, in git's bytes: the remotes that have the
    /// missing objects.
    pub fn promisors(&self) -> Vec<Vec<u8>> {
        const SETTINGS: &str = r"^(remote\..*\.promisor|extensions\.partialclone)$";
        // git fails if there is no such setting.
        let settings = self.run(&["config", "--null", "--get-regexp", SETTINGS]).unwrap_or_default();
        settings.split(|byte| *byte == 0).filter(|one| !one.is_empty()).map(<[u8]>::to_vec).collect()
    }

    /// The boolean setting `key`; none if it is not set.
    pub fn flag(&self, key: &str) -> Result<Option<bool>, SourceError> {
        const COMMAND: &str = "config";
        let output = self.git().args([COMMAND, "--type=bool", "--get", key]).output();
        if is_unset(&output) {
            return Ok(None);
        }
        let answer = finish(&named(&[COMMAND, "--get", key]), output)?;
        Ok(Some(answer.trim_ascii() == b"true"))
    }

    /// The values of the setting `key`, a path, in system and global scope; in this environment
    /// without the variables `without`.
    pub fn settings(&self, key: &str, without: &[&str]) -> Result<Vec<Vec<u8>>, SourceError> {
        const COMMAND: &str = "config";
        let arguments = [COMMAND, "--show-scope", "-z", "--type=path", "--get-all", key];
        let mut git = self.git();
        without.iter().for_each(|name| {
            git.env_remove(name);
        });
        let output = git.args(arguments).output();
        if is_unset(&output) {
            return Ok(Vec::new());
        }
        let answer = finish(&named(&[COMMAND, "--get-all", key]), output)?;
        let mut fields = answer.split(|byte| *byte == 0).map(<[u8]>::to_vec);
        let mut values = Vec::new();
        while let Some(scope) = fields.next().filter(|scope| !scope.is_empty()) {
            let unexpected = || SourceError::unexpected(COMMAND);
            let value = fields.next().ok_or_else(unexpected)?;
            if matches!(scope.as_slice(), b"system" | b"global") {
                values.push(value);
            }
        }
        Ok(values)
    }

    /// The empty tree, the base of an unborn branch.
    fn empty_tree(&self) -> Result<String, SourceError> {
        let empty = self.run(&["hash-object", "-t", "tree", "--stdin"])?;
        Ok(String::from_utf8_lossy(&empty).trim().to_owned())
    }

    /// The differences between `base` and the index.
    pub fn staged(&self, base: Base) -> Result<Vec<Change>, SourceError> {
        const COMMAND: &str = "diff-index";
        // A file that is only intended (`git add -N`) will not be in the commit.
        let options = ["--cached", "--ita-invisible-in-index"];
        let diff = |tree: &str| {
            let arguments: Vec<&str> =
                [COMMAND].into_iter().chain(options).chain(RAW).chain([tree, "--"]).collect();
            self.run(&arguments)
        };
        let output = match base {
            Base::Commit(commit) => diff(&commit.to_string())?,
            Base::Nothing => diff(&self.empty_tree()?)?,
            // One process instead of two, if HEAD has a commit.
            Base::Head => match diff("HEAD") {
                Ok(output) => output,
                // Where HEAD has a commit, not everything in the index is new.
                Err(failed) if self.run(&["rev-parse", "--quiet", "--verify", "HEAD"]).is_ok() => {
                    return Err(failed);
                }
                Err(_) => diff(&self.empty_tree()?)?,
            },
        };
        let mut fields = output.split(|byte| *byte == 0);
        let mut changes = Vec::new();
        while let Some(meta) = fields.next().filter(|meta| !meta.is_empty()) {
            let change = fields.next().and_then(|path| raw_change(meta, path));
            let change = change.ok_or_else(|| SourceError::unexpected(COMMAND))?;
            if meta.ends_with(b"U") {
                return Err(SourceError::unmerged(&change.path));
            }
            changes.push(change);
        }
        Ok(changes)
    }

    /// The index's content, each entry as a new file.
    pub fn index(&self) -> Result<Vec<Change>, SourceError> {
        let output = self.run(&["ls-files", "--stage", "-z", "--full-name", ":/"])?;
        let entry = |(is_merged, entry): (bool, Change)| match is_merged {
            true => Ok(entry),
            false => Err(SourceError::unmerged(&entry.path)),
        };
        index_entries(&output)?.into_iter().map(entry).collect()
    }

    /// The differences of each of `commits` to each of its parents; without parents, all its
    /// content.
    pub fn compare(&self, commits: &[Lineage]) -> Result<Vec<Block>, SourceError> {
        const COMMAND: &str = "diff-tree";
        let mut pairs = String::new();
        for (commit, parents) in commits {
            for parent in parents {
                pairs.push_str(&format!("{commit} {parent}\n"));
            }
            if parents.is_empty() {
                pairs.push_str(&format!("{commit}\n"));
            }
        }
        let arguments: Vec<&str> = [COMMAND, "--stdin", "-m", "--root"].into_iter().chain(RAW).collect();
        let output = self.run_with(&arguments, pairs.into_bytes())?;
        let unexpected = || SourceError::unexpected(COMMAND);
        let mut blocks: Vec<Block> = Vec::new();
        let mut fields = output.split(|byte| *byte == 0).filter(|field| !field.is_empty());
        while let Some(field) = fields.next() {
            if let Some(commit) = ObjectId::from_hex(field) {
                blocks.push((commit, Vec::new()));
            } else {
                let change = fields.next().and_then(|path| raw_change(field, path)).ok_or_else(unexpected)?;
                blocks.last_mut().ok_or_else(unexpected)?.1.push(change);
            }
        }
        Ok(blocks)
    }

    /// The index of the work tree with the git folder `git_dir`: each entry as a new file, and
    /// each side of a conflict.
    pub fn index_of(&self, git_dir: &Path) -> Result<Vec<Change>, SourceError> {
        let arguments = ["ls-files", "--stage", "-z"];
        let mut git = self.git();
        // From there git lists everything, wherever the work tree is.
        git.current_dir(git_dir).env("GIT_DIR", ".").env("GIT_WORK_TREE", ".").env_remove("GIT_INDEX_FILE");
        let output = finish(&named(&arguments), git.args(arguments).output())?;
        Ok(index_entries(&output)?.into_iter().map(|(_, entry)| entry).collect())
    }

    /// The entry at `path` in the commit `revision`; none if there is none.
    pub fn entry(&self, revision: &str, path: &str) -> Result<Option<TreeEntry>, SourceError> {
        const COMMAND: &str = "ls-tree";
        let output = self.run(&[COMMAND, "-z", "--full-tree", "--end-of-options", revision, path])?;
        let unexpected = || SourceError::unexpected(COMMAND);
        let entry = output.split(|byte| *byte == 0).find(|entry| !entry.is_empty());
        let entry = entry.map(|entry| new_entry(entry).ok_or_else(unexpected)).transpose()?;
        Ok(entry.and_then(|(_, entry)| entry.new))
    }

    /// Starts a process that reads objects.
    pub fn objects(&self) -> Result<CatFile, SourceError> {
        let mut git = self.git();
        git.args(STREAMING).args(["cat-file", "--batch"]);
        CatFile::start(git)
    }
}

fn named<A: AsRef<OsStr>>(arguments: &[A]) -> String {
    arguments.iter().take(2).map(|argument| argument.as_ref().to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Whether `git config` reports that the setting does not exist: exit code 1 and no message.
fn is_unset(output: &std::io::Result<Output>) -> bool {
    let is = |output: &Output| output.status.code() == Some(1) && output.stderr.trim_ascii().is_empty();
    output.as_ref().is_ok_and(is)
}

fn finish(command: &str, output: std::io::Result<Output>) -> Result<Vec<u8>, SourceError> {
    let failed =
        |message: String, exited: bool| SourceError::Git { command: command.to_owned(), message, exited };
    let output = output.map_err(|error| failed(not_started(&error), false))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim();
    let message = if said.is_empty() { output.status.to_string() } else { said.to_owned() };
    Err(failed(message, output.status.code().is_some()))
}

/// Parses `:100644 100755 OLD NEW M`.
fn raw_change(meta: &[u8], path: &[u8]) -> Option<Change> {
    let mut fields = meta.strip_prefix(b":")?.split(|byte| *byte == b' ');
    let mut mode = || u32::from_str_radix(std::str::from_utf8(fields.next()?).ok()?, 8).ok();
    let (old_mode, new_mode) = (mode()?, mode()?);
    let (old, new) = (ObjectId::from_hex(fields.next()?)?, ObjectId::from_hex(fields.next()?)?);
    let side = |mode: u32, id: ObjectId| (mode != 0).then_some(TreeEntry { id, mode });
    let (old, new) = (side(old_mode, old), side(new_mode, new));
    Some(Change { path: path.to_vec(), old, new, size: None })
}

/// Parses `100644 ID STAGE<tab>PATH`, or `100644 blob ID<tab>PATH`: a new entry, and the field
/// that is not its id.
fn new_entry(entry: &[u8]) -> Option<(&[u8], Change)> {
    let (meta, path) = entry.split_at_checked(memchr::memchr(b'\t', entry)?)?;
    let mut fields = meta.split(|byte| *byte == b' ');
    let mode = u32::from_str_radix(std::str::from_utf8(fields.next()?).ok()?, 8).ok()?;
    let (first, second) = (fields.next()?, fields.next()?);
    let id = ObjectId::from_hex(first).map(|id| (id, second));
    let (id, other) = id.or_else(|| Some((ObjectId::from_hex(second)?, first)))?;
    let new = Some(TreeEntry { id, mode });
    Some((other, Change { path: path.get(1..)?.to_vec(), old: None, new, size: None }))
}

/// Parses the output of `git ls-files --stage -z`: each entry, and whether it is without
/// conflict.
pub fn index_entries(output: &[u8]) -> Result<Vec<(bool, Change)>, SourceError> {
    let unexpected = || SourceError::unexpected("ls-files --stage");
    let entries = output.split(|byte| *byte == 0).filter(|entry| !entry.is_empty());
    let read = |entry| new_entry(entry).map(|(stage, entry)| (stage == b"0", entry));
    entries.map(|entry| read(entry).ok_or_else(unexpected)).collect()
}

/// The output of `git ARGS` without the last line feed. With a `folder`, git runs there and
/// ignores the repository of the environment. Fails with [`SourceError::Git`] if git fails or
/// does not start.
pub fn git_says(folder: Option<&Path>, arguments: &[&str]) -> Result<PathBuf, SourceError> {
    let mut git = program("git");
    if let Some(folder) = folder {
        git.current_dir(folder);
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX"] {
            git.env_remove(name);
        }
    }
    let output = git.args(arguments).stdin(Stdio::null()).output();
    let mut answer = finish(&named(arguments), output)?;
    while answer.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        answer.pop();
    }
    path_from_bytes(answer).ok_or_else(|| SourceError::unexpected(&named(arguments)))
}

/// All values of git's setting `name` (in lower case), each with its file.
pub fn git_settings(name: &str) -> Result<Vec<(String, String)>, SourceError> {
    let arguments = ["config", "--null", "--list", "--show-origin"];
    let answer = finish(&named(&arguments), program("git").args(arguments).stdin(Stdio::null()).output())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut fields = answer.split(|byte| *byte == 0);
    let mut settings = Vec::new();
    while let (Some(place), Some(setting)) = (fields.next(), fields.next()) {
        let value =
            text(setting).split_once('\n').filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned());
        settings.extend(value.map(|value| (text(place), value)));
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_fails_is_named_without_all_of_its_arguments() {
        let git = Plumbing::new(Environment { index_file: None, libgit2_agrees: true });
        let failed = git.run(&["no-such-command", "one", "two"]).unwrap_err();
        match failed {
            SourceError::Git { command, .. } => assert_eq!(command, "no-such-command one"),
            other => panic!("{other:?}"),
        }
    }
}
