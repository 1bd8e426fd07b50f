//! Files of the work tree, the index and commits, and those that git writes for hooks.

mod beside;
mod committed;
mod flag;
mod message;
mod named;
mod private;
mod replacement;
mod settings;
mod tracked;

pub use beside::Beginning;
pub use message::Cleanup;
pub use named::{open_path, read_path, read_plain, read_plain_text, top_of_work_tree};
pub use private::private_file;
pub use replacement::Replacement;
pub use tracked::{Listed, Listing, Others, list_folder, list_submodule};
