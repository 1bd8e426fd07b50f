//! Putting hooks in place beside other people's, and proving that they work.
//!
//! A hook that was there is kept, runs first and comes back on uninstall, byte
//! for byte. No file that dtguard did not write is overwritten.

mod error;
mod place;
mod proof;
mod scripts;

pub use error::InstallError;
pub use place::{Hooks, Installed, Removed};
pub use proof::{Proof, prove};
pub use scripts::Stage;
