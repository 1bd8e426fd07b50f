//! git's object storage: loose files and packs.

mod database;
mod loose;
mod pack;
mod pack_headers;
mod pack_index;
mod packs;
mod read_at;
mod sweep;
mod tree;

pub use database::Database;
pub use loose::{Kind, Loose, Object, folders_of};
#[cfg(any(test, fuzzing))]
pub use pack::{Answer, Pack, Packed};
pub use packs::{InPack, Packs};
pub use sweep::{Stored, Sweep};
pub use tree::{Item, items, order, tree_of};
