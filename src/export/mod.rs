//! The catalogue, written for others to read.

mod markdown;

pub use markdown::catalogue as markdown;
