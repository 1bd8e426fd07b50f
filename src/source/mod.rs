//! Where bytes come from: the staged change, the commits of a range, files.
//!
//! libgit2 reads the repository; what it cannot read, or would read slower than
//! git itself, the `git` executable's plumbing reads behind the same interface.
//! Nothing here knows what a token is.

mod added;
mod change;
mod commits;
mod content;
mod database;
mod environment;
mod error;
mod files;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod history;
mod index;
mod libgit2;
mod loose;
mod message;
mod object_id;
mod objects;
mod pack;
mod pack_index;
mod plumbing;
mod push_option;
mod pushed;
mod quoted;
mod repository;
mod settings;
mod shallow;
mod task;
mod tracked;
mod trees;

pub use added::{Multiset, count_added_lines, is_binary, line_around, line_number, lines};
pub use change::{Addition, Change, Entry, additions, new_paths};
pub use commits::{CommitAdditions, Since, commits, commits_in, last_commit};
pub use content::{Blob, Content, LARGEST_WHOLE};
pub use database::{Database, Stored, Watch};
pub use environment::{Environment, home_folder};
pub use error::SourceError;
pub use files::{open_path, read_path, top_of_work_tree};
pub use history::{Commit, History, Ref};
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub use index::read_index;
pub use loose::Kind as ObjectKind;
pub use message::Cleanup;
pub use object_id::ObjectId;

pub use plumbing::{git_says, git_settings};
pub use push_option::push_option;
pub use pushed::{Pushed, Receiver, RefUpdate, Tag, Tip, pushed};
pub use quoted::unquoted;
pub use repository::{BlobReader, Preference, Repository};
pub use task::{Asked, Task};
pub use tracked::{Listed, Listing, Others, list_folder};
