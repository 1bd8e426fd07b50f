//! The reports of many repositories as one: a document, a page or a summary.
//!
//! Each report is read once and then forgotten; what it says of its findings is put aside in a
//! file, and only numbers stay in memory.

mod fields;
mod gather;
mod html;
mod item;
mod merged;
mod problem;
mod read;
mod summary;
mod tables;
mod timeline;
mod totals;

pub use gather::Gathered;
pub use merged::Merged;
pub use problem::{Problem, Trouble};
