//! Dynatrace tokens: the catalogue of kinds, their shapes, published samples, and generated
//! specimens.
//!
//! This room is below all others and uses none of them.

mod catalogue;
mod fingerprint;
mod host;
mod identifier;
mod sample;
mod shape;
mod source;
mod specimen;

pub use catalogue::{Evidence, KINDS, Kind, Revocation, Severity, UNKNOWN, by_name};
pub use fingerprint::Fingerprint;
pub use host::{Host, hosts};
pub use identifier::{
    Identifier, LONGEST_PUBLIC, PREFIX, SECRET, WHOLE, is_public, kind_of_prefix, known_prefixes,
};
pub use sample::is_sample;
pub use shape::{Public, Shape, is_filler};
pub use source::Source;
pub use specimen::{Specimen, specimen};
