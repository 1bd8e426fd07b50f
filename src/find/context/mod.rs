//! Finds tokens of the old formats, which have no prefix: letters and digits after a name that
//! announces a token.
//!
//! A name of Dynatrace's own (`DT_API_TOKEN`, the realm `Api-Token`) is enough. A name that
//! other products use too (`apiToken`, `tenantToken`) needs one of Dynatrace's words near it.
//! The value must have the exact length and both letter cases, and must not read as a name. No
//! documented placeholder has both cases, and all but 3.5 in 100,000 tokens of 21 characters
//! (33 of 16) do.

mod license;
mod name;
#[cfg(test)]
mod tests;
mod value;

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use self::name::{LONGEST_NAME, classify, name_around, without_escape};
use self::value::{Behind, SHORTEST_ROW, decoded, is_value_of, regex};
use super::encoding::Encoding;
use super::matched::{Certainty, Match};
use crate::token::{Fingerprint, by_name};

pub(super) use license::read_licenses;
pub(super) use value::is_random;

/// How far after a name its value may end.
const REACH: usize = 160;
/// How far from a shared name a word of Dynatrace's own counts, in bytes.
const NEAR: usize = 1024;
/// The longest of these words, in bytes.
const LONGEST_SIGN: usize = 64;
/// How far from an old token its name and Dynatrace's word can be.
pub(super) const FARTHEST: usize = NEAR + LONGEST_NAME + REACH;

/// How many bytes a text has at least for each name with something like a value behind it:
/// text that was not made to cost much has more.
const BYTES_A_NAME: usize = 24;

/// The names of a text, in order.
pub(super) struct Names<'a> {
    text: &'a [u8],
    /// How many with something like a value behind them may still be read.
    left: usize,
    /// Where the last word of Dynatrace's own stands that was found.
    own: Option<usize>,
    /// Where none stands.
    clear: Range<usize>,
    /// Where no row of bytes is that is long enough for a value.
    empty: Range<usize>,
}

impl<'a> Names<'a> {
    pub(super) fn of(text: &'a [u8]) -> Self {
        Self { text, left: text.len() / BYTES_A_NAME + 1024, own: None, clear: 0..0, empty: 0..0 }
    }

    /// Whether all were read.
    pub(super) fn all(&self) -> bool {
        self.left > 0
    }

    /// The token whose name holds the byte before `within`.
    pub(super) fn read(&mut self, within: usize) -> Option<Match> {
        let haystack = self.text;
        let (start, end) = name_around(haystack, within)?;
        let (before, name) = (haystack.get(..start)?, haystack.get(start..end)?);
        let name = without_escape(before, name);
        let after = haystack.get(end..haystack.len().min(end + REACH))?;
        // Most names have no value of any length behind them, and need not be understood.
        let behind = self
            .may_hold_value(end..end + after.len())
            .then(|| Behind::name(after))?
            .filter(|_| self.all())?;
        self.left -= 1;
        let named = classify(name, after)?;
        let kind = by_name(named.kind)?;
        // Where the text goes on behind what is searched, a value that ends there
        // may only be the start of a longer one.
        let cut = haystack.len() > end + REACH;
        let whole = |value: &Range<usize>| !cut || value.end + 1 < after.len();
        let value = behind.value(kind).filter(whole);
        let encoded = if value.is_none() { behind.encoded(kind).filter(whole) } else { None };
        let value = value.or_else(|| encoded.clone())?;
        let span = end + value.start..end + value.end;
        let written = haystack.get(span.clone())?;
        let decoded = encoded.map(|_| decoded(written));
        let text = decoded.as_deref().unwrap_or(written);
        if !is_value_of(kind, text) || !is_random(text) || named.shared && !self.near_dynatrace(start) {
            return None;
        }
        let found = Match::new(haystack, kind, Certainty::Context, span.clone(), span)?;
        Some(match &decoded {
            Some(text) => found.encoded(Fingerprint::of(text), Encoding::Base64),
            None => found,
        })
    }

    /// Whether a row of bytes within `range` is long enough for a value. What was read behind
    /// an earlier name is not read again.
    fn may_hold_value(&mut self, range: Range<usize>) -> bool {
        let known = self.empty.contains(&range.start);
        let from = if known {
            self.empty.end.saturating_sub(SHORTEST_ROW - 1).max(range.start)
        } else {
            range.start
        };
        if value::rows(self.text.get(from..range.end).unwrap_or_default()).next().is_some() {
            return true;
        }
        match known {
            true => self.empty.end = self.empty.end.max(range.end),
            false => self.empty = range,
        }
        false
    }

    /// Whether something within [`NEAR`] bytes of `at` is Dynatrace's own. What an earlier
    /// name showed is not searched again.
    fn near_dynatrace(&mut self, at: usize) -> bool {
        static SIGNS: LazyLock<Regex> = LazyLock::new(|| {
            regex(
                r"(?i-u)dynatrace|dynakube|oneagent|activegate|ruxit|tenantuuid|communicationendpoints|serveraddress|\bdt_|/e/[0-9a-f]{8}-[0-9a-f-]{27}/api/",
            )
        });
        let window = at.saturating_sub(NEAR)..self.text.len().min(at + NEAR);
        if self.own.is_some_and(|own| window.contains(&own) && own + LONGEST_SIGN <= window.end) {
            return true;
        }
        let known = self.clear.contains(&window.start);
        let from =
            if known { self.clear.end.saturating_sub(LONGEST_SIGN).max(window.start) } else { window.start };
        self.own =
            self.text.get(..window.end).and_then(|text| SIGNS.find_at(text, from)).map(|sign| sign.start());
        if self.own.is_none() {
            self.clear = if known { self.clear.start } else { window.start }..window.end;
        }
        self.own.is_some()
    }
}
