//! Imports what other tools allow as allow entries, and what they forbid as rules.
//!
//! Other tools allow places and expressions; an entry here allows one token. So only an item
//! that names a token, or a place that still holds one, becomes an entry. The rest is returned
//! with its line and the reason, for people to check. Their own rules become rules of the policy,
//! where they can be written so.

mod apply;
mod ere;
mod error;
mod expression;
mod format;
mod gather;
mod gitleaks;
mod item;
mod lines;
mod rules;
mod secrets_baseline;
mod talisman;

pub use apply::{Applied, Rest, apply};
pub use error::ImportError;
pub use format::known_files;
pub use gather::{Placed, known, named};
pub use item::{Item, Meaning};
