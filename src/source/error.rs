//! What can go wrong while reading a repository or a file.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::ObjectId;

/// Why something could not be read. Each ends a run with exit code 2: what was
/// not read was not scanned.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Neither reader can open or list the repository.
    #[error("cannot read this repository\n  libgit2: {libgit2}\n  git: {git}")]
    Unreadable {
        /// What libgit2 said.
        libgit2: String,
        /// What the `git` executable said.
        git: String,
    },
    /// Neither reader has the object.
    #[error("cannot read object {id}{}\n  libgit2: {libgit2}\n  git: {git}", of_path(path))]
    Object {
        /// The object.
        id: ObjectId,
        /// The path at which it is staged or committed, where known.
        path: Option<String>,
        /// What libgit2 said.
        libgit2: String,
        /// What the `git` executable said.
        git: String,
        /// Whether a remote has it and git would fetch it when needed.
        promised: bool,
    },
    /// A pack or its index is damaged, or of a version to come.
    #[error("cannot read the pack `{path}`: {error}")]
    Pack {
        /// The file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// The repository has no work tree.
    #[error("this repository has no work tree")]
    Bare,
    /// The clone is shallow, so that the history is not here.
    #[error("this clone is shallow: its older commits are not here, so they cannot be looked at")]
    Shallow,
    /// A unified diff is cut off or was changed.
    #[error("the diff makes no sense at line {line}: {why}")]
    Diff {
        /// The line at which the hunk begins.
        line: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A history names an object that is not here.
    #[error("object {id}{} is not here, so the history cannot be looked at as a whole", of_path(path))]
    Missing {
        /// The object.
        id: ObjectId,
        /// Its name in its folder, where it has one.
        path: Option<String>,
        /// Whether a remote has it and git would fetch it when needed.
        promised: bool,
    },
    /// The index holds conflict stages: git itself refuses to commit it.
    #[error("`{0}` is unmerged, so nothing can be committed yet")]
    Unmerged(String),
    /// The index makes no sense.
    #[error("cannot read the index: {0}, so it is damaged")]
    Damaged(Cow<'static, str>),
    /// `GIT_INDEX_FILE` names a file that does not exist.
    #[error("the index file `{}` does not exist (GIT_INDEX_FILE={given})", path.display())]
    NoIndex {
        /// Where it should be.
        path: PathBuf,
        /// What the variable says.
        given: String,
    },
    /// The current folder is in no work tree.
    #[error("this is not in the work tree of a git repository: {}", .0.display())]
    NoWorkTree(PathBuf),
    /// The `git` executable failed.
    #[error("`git {command}` failed: {message}")]
    Git {
        /// Its first arguments.
        command: String,
        /// What it printed, or why it did not start.
        message: String,
        /// Whether it started and ended by itself.
        exited: bool,
    },
    /// A revision is not in the repository.
    #[error("`{revision}` is not in this repository, so it cannot be scanned")]
    NoRevision {
        /// As it was typed.
        revision: String,
        /// Whether the clone is shallow, and the revision perhaps behind its edge.
        shallow: bool,
        /// A branch of a remote to compare with, where there is one.
        base: Option<String>,
    },
    /// git printed something that this version does not understand.
    #[error("`git {command}` printed something unexpected")]
    Format {
        /// Its first arguments.
        command: String,
    },
    /// A hook was not given what git gives it.
    #[error("expected {wanted} from git, got: {got}")]
    HookInput {
        /// What git gives it.
        wanted: &'static str,
        /// What came.
        got: String,
    },
    /// A policy that is a link, a submodule or a folder.
    #[error("`{0}` is no file: a link, a submodule or a folder says nothing that counts")]
    NoFile(String),
    /// A file could not be read.
    #[error("cannot read `{path}`: {error}")]
    File {
        /// As it was given.
        path: String,
        /// Why.
        error: std::io::Error,
    },
}

fn is_zero(revision: &str) -> bool {
    revision.len() >= 40 && revision.bytes().all(|digit| digit == b'0')
}

fn of_path(path: &Option<String>) -> String {
    path.as_ref().map(|path| format!(" (`{path}`)")).unwrap_or_default()
}

impl SourceError {
    /// The blob `id` at `path` gave `error` while it was read as a stream.
    pub fn broke_off(id: ObjectId, path: &[u8], error: &std::io::Error) -> Self {
        Self::Object {
            id,
            path: Some(String::from_utf8_lossy(path).into_owned()),
            libgit2: "not asked: it is too big to be read as a whole".to_owned(),
            git: error.to_string(),
            promised: false,
        }
    }

    /// git said `message` when it was asked for what is in the index.
    pub(super) fn of_index(message: &str) -> Self {
        if TOO_NEW.iter().any(|why| message.contains(why)) {
            return Self::Unreadable { libgit2: "not asked".to_owned(), git: message.to_owned() };
        }
        Self::Damaged(message.trim_start_matches("error: ").trim_start_matches("fatal: ").to_owned().into())
    }

    /// Whether it says that an object is not here at all.
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

    /// The file at `path` cannot be read, or gave `error` while it was read as a
    /// stream.
    pub fn of_file(path: &Path, error: std::io::Error) -> Self {
        Self::File { path: path.display().to_string(), error }
    }

    /// A command or an action that mends it.
    pub fn hint(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Unreadable { git, .. } => return unreadable(git),
            // One that is staged is not always the only one: the second command
            // fetches all that are, in one go.
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
            Self::Diff { .. } => "git diff A...B | dtguard scan --diff\n(all of it; without --word-diff)",
            Self::Bare => "dtguard scan --history\n(or the files of one commit: dtguard scan --rev HEAD)",
            Self::Shallow => "git fetch --unshallow",
            Self::Missing { promised: true, .. } => {
                "git fetch --refetch --no-filter\n(this is a partial clone; or look at the files of one commit: dtguard scan --rev HEAD)"
            }
            Self::Missing { .. } => "git fsck --full\n(it lists what is missing)",
            Self::Unmerged(_) => "git status\n(settle the conflicts, then: git add)",
            Self::Damaged(_) => {
                "rm \"$(git rev-parse --git-path index)\" && git reset\n(this makes the index anew from HEAD; what was staged has to be staged again)"
            }
            Self::NoIndex { .. } => {
                "unset GIT_INDEX_FILE\n(git itself would take a missing index for an empty one and scan nothing)"
            }
            Self::NoWorkTree(_) => "cd into the repository, or: git init",
            Self::NoRevision { revision, base, .. } if is_zero(revision) => {
                return without_base(base.as_deref(), "all zeros: a new branch has no base yet").into();
            }
            Self::NoRevision { shallow: true, .. } => {
                "git fetch --unshallow\n(this clone is shallow; or check the name)"
            }
            Self::NoRevision { .. } => {
                "git log --oneline --all\n(it lists what is here; check the name, or fetch it: git fetch)"
            }
            Self::Git { .. } | Self::Format { .. } => "git status\n(dtguard needs git 2.31 or later on PATH)",
            Self::HookInput { .. } => {
                "git hook run --help\n(git runs this hook by itself; to look at a range by hand, set PRE_COMMIT_FROM_REF and PRE_COMMIT_TO_REF and run: dtguard hook pre-commit)"
            }
            Self::NoFile(_) => "put a file in its place: git rm --cached PATH; rm PATH; git add PATH",
            Self::File { .. } => "check that the file exists and can be read",
        })
    }
}

/// Which range to scan instead of one `why` of which the base is not known; `base` is a branch
/// of a remote.
pub fn without_base(base: Option<&str>, why: &str) -> String {
    let range = base.map_or("HEAD".to_owned(), |base| format!("{base}..HEAD"));
    let more = match base {
        Some(_) => "or all that HEAD reaches: dtguard scan --range HEAD",
        None => "this is all that HEAD reaches",
    };
    format!("dtguard scan --range {range}\n({why}; {more})")
}

/// What git says of what a later one made.
const TOO_NEW: [&str; 4] = [
    "unknown repository extension",
    "Expected git repo version",
    "unknown index entry format",
    "bad index version",
];

/// What mends a repository that git refuses for the reason that it gives.
fn unreadable(git: &str) -> Cow<'static, str> {
    // git names the command itself, with the folder that it means.
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
