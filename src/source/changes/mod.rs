//! What commits, pushes and whole histories change.

mod commits;
mod history;
mod lineages;
mod pushed;
mod searched;
mod shallow;
mod trees;

pub use commits::{CommitAdditions, Since, commits, commits_in, last_commit};
pub use history::{Commit, History, Ref};
pub use pushed::{Pushed, Receiver, RefUpdate, Tag, Tip, pushed};
