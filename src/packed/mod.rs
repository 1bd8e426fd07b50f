//! How a pack of git writes its objects: headers, and differences to other objects.

mod delta;
mod header;

pub use delta::{Made, apply};
pub use header::{distance, object_header};
