//! The old formats, which have no prefix: a bare run of letters and digits is a
//! token where a name before it says so.
//!
//! A name of Dynatrace's own (`DT_API_TOKEN`, the realm `Api-Token`) is enough.
//! A name that other products use too (`apiToken`, `tenantToken`) needs a
//! word of Dynatrace's own near it. The value must have the exact length and
//! both letter cases, which no documented placeholder has and all but 3.5 in
//! 100,000 tokens of 21 characters (33 of 16) do, and must not read as a name.

mod license;
mod name;
#[cfg(test)]
mod tests;
mod value;

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use self::name::{LONGEST_NAME, classify, name_around, without_escape};
use self::value::{decoded, encoded_after, is_value_of, regex, rows, value_after};
use super::encoding::Encoding;
use super::matched::{Certainty, Match};
use crate::token::{Fingerprint, by_name};

pub(super) use license::read_licenses;
pub(super) use value::is_random;

/// How far after a name its value may end.
const REACH: usize = 160;
/// How far from a shared name a word of Dynatrace's own counts, in bytes.
const NEAR: usize = 1024;
/// How far from an old token the text can be by which it is recognised.
pub(super) const FARTHEST: usize = NEAR + LONGEST_NAME + REACH;

/// The token whose name holds the byte before `within`.
pub(super) fn read(haystack: &[u8], within: usize) -> Option<Match> {
    let (start, end) = name_around(haystack, within)?;
    let (before, name) = (haystack.get(..start)?, haystack.get(start..end)?);
    let name = without_escape(before, name);
    let after = haystack.get(end..haystack.len().min(end + REACH))?;
    // Most names have no value of any length behind them, and need not be understood.
    rows(after).next()?;
    let named = classify(name, after)?;
    let kind = by_name(named.kind)?;
    // Where the text goes on behind what is looked at, a value that ends there
    // may only be the start of a longer one.
    let cut = haystack.len() > end + REACH;
    let whole = |value: &Range<usize>| !cut || value.end + 1 < after.len();
    let value = value_after(kind, after).filter(whole);
    let encoded = if value.is_none() { encoded_after(kind, after).filter(whole) } else { None };
    let value = value.or_else(|| encoded.clone())?;
    let span = end + value.start..end + value.end;
    let written = haystack.get(span.clone())?;
    let decoded = encoded.map(|_| decoded(written));
    let text = decoded.as_deref().unwrap_or(written);
    if !is_value_of(kind, text) || !is_random(text) || named.shared && !near_dynatrace(haystack, start) {
        return None;
    }
    let found = Match::new(haystack, kind, Certainty::Context, span.clone(), span)?;
    Some(match &decoded {
        Some(text) => found.encoded(Fingerprint::of(text), Encoding::Base64),
        None => found,
    })
}

/// Whether something within [`NEAR`] bytes of `at` is Dynatrace's own.
fn near_dynatrace(haystack: &[u8], at: usize) -> bool {
    static SIGNS: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i-u)dynatrace|dynakube|oneagent|activegate|ruxit|tenantuuid|communicationendpoints|serveraddress|\bdt_|/e/[0-9a-f]{8}-[0-9a-f-]{27}/api/",
        )
    });
    let window = at.saturating_sub(NEAR)..haystack.len().min(at + NEAR);
    haystack.get(window).is_some_and(|text| SIGNS.is_match(text))
}
