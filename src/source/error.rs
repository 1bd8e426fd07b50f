//! Errors of reading a repository or a file.

use std::borrow::Cow;
use std::path::Path;

use super::ObjectId;

/// Why something could not be read. Each of these ends a run with exit code 2, because it was
/// not scanned.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Neither reader can open or list the repository.
    #[error("cannot read this repository\n  libgit2: {libgit2}\n  git: {git}")]
    Unreadable {
        /// libgit2's message.
        libgit2: String,
        /// git's message.
        git: String,
    },
    /// Neither reader has the object.
    #[error("cannot read object {id}{}\n  libgit2: {libgit2}\n  git: {git}", of_path(path))]
    Object {
        /// The object.
        id: ObjectId,
        /// The path at which it is staged or committed, if known.
        path: Option<String>,
        /// libgit2's message.
        libgit2: String,
        /// git's message.
        git: String,
        /// Whether a remote has it, and git would fetch it when needed.
        promised: bool,
    },
    /// A pack or its index is damaged, or too new.
    #[error("cannot read the pack `{path}`: {error}")]
    Pack {
        /// The file.
        path: String,
        /// The reason.
        error: std::io::Error,
    },
    /// A history names a missing object.
    #[error("object {id}{} is not here, so the history cannot be scanned in full", of_path(path))]
    Missing {
        /// The object.
        id: ObjectId,
        /// Its name in its folder, if it has one.
        path: Option<String>,
        /// Whether a remote has it, and git would fetch it when needed.
        promised: bool,
    },
    /// The index is damaged.
    #[error("cannot read the index: {0}, so it is damaged")]
    Damaged(Cow<'static, str>),
    /// The `git` executable failed.
    #[error("`git {command}` failed: {message}")]
    Git {
        /// Its first arguments.
        command: String,
        /// Its output, or why it did not start.
        message: String,
        /// Whether it started and exited by itself.
        exited: bool,
    },
    /// A file could not be read.
    #[error("cannot read `{path}`: {error}")]
    File {
        /// Its path as given.
        path: String,
        /// The reason.
        error: std::io::Error,
    },
    /// Any other error. No caller distinguishes these.
    #[error("{what}")]
    Other {
        /// The problem.
        what: String,
        /// How to fix it: a command or an action.
        way_out: String,
    },
}

fn is_zero(revision: &str) -> bool {
    revision.len() >= 40 && revision.bytes().all(|digit| digit == b'0')
}

fn of_path(path: &Option<String>) -> String {
    path.as_ref().map(|path| format!(" (`{path}`)")).unwrap_or_default()
}

impl SourceError {
    fn other(what: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self::Other { what: what.into(), way_out: way_out.into() }
    }

    /// The repository has no work tree.
    pub fn bare() -> Self {
        let way_out = "dtguard scan --history\n(or the files of one commit: dtguard scan --rev HEAD)";
        Self::other("this repository has no work tree", way_out)
    }

    /// The clone is shallow, so its history is incomplete.
    pub fn shallow() -> Self {
        let what = "this clone is shallow: its older commits are not here, so they cannot be scanned";
        Self::other(what, "git fetch --unshallow")
    }

    /// A unified diff is cut off or was changed. `line` is the first of the hunk.
    pub fn diff(line: usize, why: &str) -> Self {
        let way_out = "git diff A...B | dtguard scan --diff\n(all of it; without --word-diff)";
        Self::other(format!("the diff makes no sense at line {line}: {why}"), way_out)
    }

    /// The index has a conflict at `path`; git itself refuses to commit it.
    pub(super) fn unmerged(path: &[u8]) -> Self {
        let path = String::from_utf8_lossy(path);
        let what = format!("`{path}` is unmerged, so nothing can be committed yet");
        Self::other(what, "git status\n(resolve the conflicts, then: git add)")
    }

    /// `GIT_INDEX_FILE` is `given`, and its `path` does not exist.
    pub(super) fn no_index(path: &Path, given: &str) -> Self {
        let path = path.display();
        let way_out =
            "unset GIT_INDEX_FILE\n(git itself would take a missing index for an empty one and scan nothing)";
        Self::other(format!("the index file `{path}` does not exist (GIT_INDEX_FILE={given})"), way_out)
    }

    /// The folder `here` is in no work tree.
    pub(super) fn no_work_tree(here: &Path) -> Self {
        let what = format!("this is not in the work tree of a git repository: {}", here.display());
        Self::other(what, "cd into the repository, or: git init")
    }

    /// `revision` is not in the repository. If `is_shallow`, it may be behind the edge of the
    /// clone. `base` is a branch of a remote to compare with.
    pub(super) fn no_revision(revision: &str, is_shallow: bool, base: Option<&str>) -> Self {
        let way_out = if is_zero(revision) {
            without_base(base, "all zeros: a new branch has no base yet")
        } else if is_shallow {
            "git fetch --unshallow\n(this clone is shallow; or check the name)".to_owned()
        } else {
            "git log --oneline --all\n(it lists what is here; check the name, or fetch it: git fetch)"
                .to_owned()
        };
        Self::other(format!("`{revision}` is not in this repository, so it cannot be scanned"), way_out)
    }

    /// `git command` printed something unknown.
    pub(super) fn unexpected(command: &str) -> Self {
        Self::other(format!("`git {command}` printed something unexpected"), OLD_GIT)
    }

    /// A hook was given `got` instead of git's input.
    pub fn hook_input(wanted: &str, got: &str) -> Self {
        let way_out = "git hook run --help\n(git runs this hook by itself; to scan a range by hand, set PRE_COMMIT_FROM_REF and PRE_COMMIT_TO_REF and run: dtguard hook pre-commit)";
        Self::other(format!("expected {wanted} from git, got: {got}"), way_out)
    }

    /// The policy at `path` is a link, a submodule or a folder.
    pub fn no_file(path: &str) -> Self {
        let what = format!("`{path}` is no file: a link, a submodule or a folder is no policy");
        Self::other(what, "put a file in its place: git rm --cached PATH; rm PATH; git add PATH")
    }

    /// The file at `path` cannot be rewritten, since it is a symbolic link.
    pub(super) fn link(path: &Path) -> Self {
        let what = format!("`{}` is a symbolic link and was left as it is", path.display());
        Self::other(what, "name the file to which it leads: readlink -f PATH")
    }

    /// The file at `path` cannot be rewritten, since its content has another name too.
    pub(super) fn linked(path: &Path) -> Self {
        let what = format!(
            "`{}` was left as it is: it has another name (a hard link), which would keep the old content",
            path.display()
        );
        Self::other(what, "find the other name: find / -xdev -samefile PATH")
    }

    /// Somebody changed the file at `path` while it was being rewritten.
    pub(super) fn changed(path: &Path) -> Self {
        let what = format!("`{}` was left as it is: it changed in the meantime", path.display());
        Self::other(what, "stop what writes to the file, then run the command again")
    }

    /// Secret parts cannot be written to `path`.
    pub(super) fn not_private(path: &Path, why: &str) -> Self {
        let what = format!("secret parts are not written to `{}`: {why}", path.display());
        Self::other(what, "name a new file outside of every repository: --output ../expressions.txt")
    }

    /// The blob `id` at `path` returned `error` while it was read as a stream.
    pub fn broke_off(id: ObjectId, path: &[u8], error: &std::io::Error) -> Self {
        Self::Object {
            id,
            path: Some(String::from_utf8_lossy(path).into_owned()),
            libgit2: "not asked: it is too big to be read as a whole".to_owned(),
            git: error.to_string(),
            promised: false,
        }
    }

    /// git's `message` for a question about the index.
    pub(super) fn of_index(message: &str) -> Self {
        if TOO_NEW.iter().any(|why| message.contains(why)) {
            return Self::Unreadable { libgit2: "not asked".to_owned(), git: message.to_owned() };
        }
        Self::Damaged(message.trim_start_matches("error: ").trim_start_matches("fatal: ").to_owned().into())
    }

    /// Whether it means that an object is missing.
    pub(super) fn is_of_missing(&self) -> bool {
        let nothing = |libgit2: &str| {
            let says = |what: &str| libgit2.contains(what);
            says("not found") || says("NotFound") || libgit2.starts_with("not asked") && !says("damaged")
        };
        matches!(self, Self::Object { libgit2, git, .. } if git == "missing" && nothing(libgit2))
    }

    /// Whether a remote has it, and git would fetch it when needed.
    pub(super) fn is_promised(&self) -> bool {
        matches!(self, Self::Object { promised: true, .. } | Self::Missing { promised: true, .. })
    }

    /// The file at `path` cannot be read, or returned `error` while it was read as a stream.
    pub fn of_file(path: impl AsRef<Path>, error: std::io::Error) -> Self {
        Self::File { path: path.as_ref().display().to_string(), error }
    }

    /// How to fix it: a command or an action.
    pub fn hint(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            Self::Unreadable { git, .. } => return unreadable(git),
            // One staged object may not be the only missing one: the second command fetches all
            // at once.
            Self::Object { id, promised: true, .. } => {
                return format!(
                    "git cat-file -e {id} && git diff --cached --shortstat\n(this is a partial clone, and a hook fetches nothing: these fetch from the remote what is missing)"
                )
                .into();
            }
            Self::Object { .. } => {
                "git fsck --full\n(it lists what is missing; where the file still is in the work tree: git rm --cached FILE && git add FILE)"
            }
            Self::Pack { .. } => "git fsck --full\n(it lists what is damaged)",
            Self::Missing { promised: true, .. } => {
                "git fetch --refetch --no-filter\n(this is a partial clone; or scan the files of one commit: dtguard scan --rev HEAD)"
            }
            Self::Missing { .. } => "git fsck --full\n(it lists what is missing)",
            Self::Damaged(_) => {
                "rm \"$(git rev-parse --git-path index)\" && git reset\n(this recreates the index from HEAD; stage your changes again)"
            }
            Self::Git { .. } => OLD_GIT,
            Self::File { .. } => "check that the file exists and can be read",
            Self::Other { way_out, .. } => way_out,
        })
    }
}

/// Which range to scan if the base is unknown, and `why`. `base` is a branch of a remote.
pub fn without_base(base: Option<&str>, why: &str) -> String {
    let range = base.map_or("HEAD".to_owned(), |base| format!("{base}..HEAD"));
    let more = match base {
        Some(_) => "or all that HEAD reaches: dtguard scan --range HEAD",
        None => "this is all that HEAD reaches",
    };
    format!("dtguard scan --range {range}\n({why}; {more})")
}

const OLD_GIT: &str = "git status\n(dtguard needs git 2.31 or later on PATH)";

/// git's messages for repositories of a later version.
const TOO_NEW: [&str; 4] = [
    "unknown repository extension",
    "Expected git repo version",
    "unknown index entry format",
    "bad index version",
];

/// How to fix a repository that git refuses with this message.
fn unreadable(git: &str) -> Cow<'static, str> {
    // git names the command itself, with its folder.
    let trust = git.lines().map(str::trim).find(|line| line.starts_with("git config --global --add safe."));
    if let Some(trust) = trust {
        return format!("{trust}\n(another user owns it: do this only if you trust them)").into();
    }
    let says = |reasons: &[&str]| reasons.iter().any(|reason| git.contains(reason));
    Cow::Borrowed(if says(&TOO_NEW) {
        "git --version\n(a later git made this repository: install one that can read it)"
    } else if says(&["bad tree object", "bad object", "unable to read tree"]) {
        "git diff --cached --shortstat\n(in a partial clone this fetches what is missing; elsewhere `git fsck --full` lists it)"
    } else {
        "git fsck\n(or run it inside a git repository; `git status` says whether git can read it)"
    })
}
