//! Reads repositories and files: the staged change, commits, histories.
//!
//! libgit2 reads the repository. What it cannot read, or reads slower than git, the `git`
//! executable's plumbing reads behind the same interface. This room does not know what a token
//! is.

mod change;
mod changes;
mod content;
mod environment;
mod error;
mod files;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod invocation;
mod name;
mod object_id;
mod paths;
mod program;
mod push_option;
mod readers;
mod record;
mod repository;
mod store;
#[cfg(test)]
mod testing;
mod watch;

pub use change::{Addition, Base, Block, Change, Lineage, TreeEntry, additions, new_paths};
pub use changes::{
    Brought, Commit, CommitAdditions, Cut, History, Pushed, Receiver, Ref, RefUpdate, Since, Staged, Tag,
    Tip, Unread, commits, commits_in, heads_of_merge, last_commit, pushed,
};
pub use content::{Blob, Content, LARGEST_WHOLE};
pub use environment::{Environment, home_folder, people, who};
pub use error::{SourceError, without_base};
pub use files::{
    Beginning, Cleanup, Listed, Listing, Others, Replacement, list_folder, list_submodule, open_path,
    private_file, read_path, read_plain, read_plain_text, top_of_work_tree,
};
pub use invocation::{HookScope, Invocation};
pub use name::repository_name;
pub use object_id::ObjectId;
pub use paths::{path_from_bytes, unquoted};
pub use program::{is_safe, no_git, program};
pub use push_option::push_option;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub use readers::read_index;
pub use readers::{BlobReader, Lfs, Pointer, Preference, git_says, git_settings};
pub use record::Record;
pub use repository::Repository;
pub use store::{Database, Kind as ObjectKind, Stored, Sweep};
pub use watch::Watch;
