//! What holds of the parts of dtguard whatever their input is: a function for each
//! target of `cargo fuzz`, which panics where it does not.
//!
//! dtguard's own tests include this file and run all inputs that are kept in
//! `regressions/`.

mod added;
mod archive;
mod decoders;
mod delta;
mod diff;
mod dumped;
#[path = "../../tests/support/dumped.rs"]
mod dumps;
#[path = "../../tests/support/encoders.rs"]
mod encoders;
mod finder;
mod formats;
#[path = "../../tests/support/glued.rs"]
mod glued;
mod index;
mod input;
mod mask;
mod message;
mod pack;
#[path = "../../tests/support/packers.rs"]
pub mod packers;
mod policy;
mod still_clean;
mod trees;

pub use added::added;
pub use archive::archive;
pub use decoders::{base64, escape, hex, joined, utf16_32};
pub use diff::diff;
pub use dumped::{dumped, glued};
pub use finder::finder;
pub use index::index;
pub use mask::mask;
pub use message::message;
pub use pack::pack;
pub use policy::policy;
pub use still_clean::still_clean;
pub use trees::trees;

#[cfg(test)]
mod tests;
