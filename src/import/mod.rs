//! What other tools let pass, turned into allow entries.
//!
//! The others allow places and expressions; an entry here allows one token. So only
//! what names a token, or stands where one still stands, becomes an entry. The rest is
//! handed back with its line and the reason, for people to check.

mod apply;
mod error;
mod expression;
mod format;
mod gather;
mod gitleaks;
mod item;
mod lines;
mod secrets_baseline;
mod talisman;

pub use apply::{Applied, Rest, apply};
pub use error::ImportError;
pub use format::known_files;
pub use gather::{Placed, known, named};
pub use item::{Item, Meaning};
