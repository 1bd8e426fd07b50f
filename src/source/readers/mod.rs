//! The readers of a repository: our own index reader, libgit2 and git.

mod ahead;
mod blobs;
mod cat_file;
mod git;
mod index;
mod lfs;
mod libgit2;
mod preference;
mod staged;

pub use blobs::BlobReader;
pub use git::{Plumbing, git_says, git_settings, index_entries};
pub use index::index_damage;
pub use lfs::{Lfs, Pointer};
pub use libgit2::{Libgit2, Refusal, message};
pub use preference::Preference;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub use staged::read_index;
pub use staged::staged;
