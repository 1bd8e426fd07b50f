//! The changes in commits, pushes and whole histories.

mod commits;
mod history;
mod indexed;
mod lineages;
mod merged;
mod pushed;
mod searched;
mod shallow;
mod staged;
mod trees;
mod walk;

pub use commits::{Brought, CommitAdditions, Since, commits, commits_in, last_commit};
pub use history::{Commit, Cut, History, Ref};
pub use merged::heads_of_merge;
pub use pushed::{Pushed, Receiver, RefUpdate, Tag, Tip, pushed};
pub use staged::Staged;
pub use trees::Unread;
