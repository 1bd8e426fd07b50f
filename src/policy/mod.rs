//! Policies: reading their layers, judging findings, and adding entries.

mod allow_table;
mod audit;
mod baseline;
mod compile;
mod date;
mod document;
mod edit;
mod entry;
mod error;
mod file;
mod forbid;
mod grant;
mod held;
mod judge;
mod layer;
mod layers;
mod locate;
mod reason;
mod settings;
mod stage;
mod trial;

pub use audit::{Audit, Target};
pub use baseline::{Draft, entries_for};
pub use date::{Date, now};
pub use edit::{Allowance, Change, Changed, Edited, Extended, NewRule, add_entry, add_missing, add_rules};
pub use entry::Entry;
pub use error::{Demand, PolicyError, Wants};
pub use forbid::Forbidden;
pub use grant::{Grant, Limit};
pub use held::Held;
pub use judge::{Judged, Policy, Ruling};
pub use layer::{Layer, Level};
pub use locate::{Places, read_named};
pub use reason::Unwritten;
pub use settings::{Action, Effective, Setting, Value};
pub use stage::{EnforcedStage, StageDay};
pub use trial::{Answer, Question};

/// The policy file's name, at the top of a repository.
pub const FILE_NAME: &str = ".dtguard.toml";
