//! Searches plain text, its encodings, and its containers, each like the text around it.

use std::collections::HashMap;
use std::io::Read;

use super::container::{self, Allowance, Container, Unread};
use super::context::{self, Names};
use super::decode::{self, Decoded, Marks};
use super::encoding::Encoding;
use super::locate::Locator;
use super::matched::{Match, MemberPlace};
use super::outline::{Outline, describe, describe_layers};
use super::outward::{merge, outward};
use super::prefilter::Hint;
use super::rule::Rules;
use super::window::{self, Window, Windows};
use super::{format, jwt};

#[cfg(test)]
mod tests;

/// How many encodings may be nested.
const DEPTH: usize = 5;
/// How many containers may be nested.
const NESTED: usize = 8;
/// The longest name of a member in a report, in bytes.
const LONGEST_NAME: usize = 512;
/// The longest text that is decoded at once, in bytes. Decoding needs some times as much
/// memory. The limit does not change what is found.
pub(super) const LARGEST: usize = 8 << 20;
/// How many bytes may be decoded for each searched byte. Ordinary content needs less than one,
/// three nested encodings two.
const DECODED: usize = 6;

/// How much a container holds at least that begins as one by no chance, in bytes:
/// less could not hold a token.
const SHORTEST: u64 = 27;

/// The result of a search.
#[derive(Debug, Default)]
pub struct Found {
    /// The tokens, in the order in which they begin.
    pub matches: Vec<Match>,
    /// What could not be searched.
    pub missed: Vec<Missed>,
}

/// A part of a content that could not be searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// The member of a container that it is, with those in which it lies; empty
    /// for the content itself.
    pub member: Vec<u8>,
    /// Why.
    pub why: Unread,
}

/// All tokens in `content`, in the order in which they begin.
///
/// This includes everything that the documented expression
/// `dt0[a-zA-Z]{1}[0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}` matches.
pub fn find(content: &[u8]) -> Vec<Match> {
    search(content).matches
}

/// All tokens in `content`, and the parts of it that could not be searched.
pub fn search(content: &[u8]) -> Found {
    search_as(content, Container::of_all(content))
}

/// As [`search`], of what is that `container`, or a part of something that is none.
pub(super) fn search_as(content: &[u8], container: Option<Container>) -> Found {
    let mut search = Search::new(content.len(), Allowance::for_packed(content.len()));
    let matches = search.search(content, container, DEPTH);
    search.found(matches)
}

/// All tokens that begin in the own part of a stream's `window`, and what could not be
/// searched.
pub fn search_window(window: &Window) -> Found {
    let length = window.bytes.len();
    let mut search = Search::new(length, Allowance::for_packed(length));
    let matches = search.search_window(window, DEPTH);
    search.found(matches)
}

/// The limits of a search, and what it skipped.
struct Search {
    /// How many bytes may still be decoded.
    work: usize,
    /// How much may still be unpacked.
    allowance: Allowance,
    /// The rules of the policy.
    rules: Rules,
    /// Whether the text that is searched next goes on in an XML part of an office document.
    document: bool,
    /// In how many containers it is.
    nested: usize,
    /// Each with where it begins in the text that is searched.
    missed: Vec<(usize, Missed)>,
}

impl Search {
    fn new(length: usize, allowance: Allowance) -> Self {
        let work = length.saturating_mul(DECODED).saturating_add(1 << 20);
        let rules = Rules::in_force();
        Self { work, allowance, rules, document: false, nested: 0, missed: Vec::new() }
    }

    fn found(self, matches: Vec<Match>) -> Found {
        Found { matches, missed: self.missed.into_iter().map(|(_, missed)| missed).collect() }
    }

    /// All tokens in `text`, those in up to `depth` encodings too, and in the
    /// `container` that it is.
    fn search(&mut self, text: &[u8], container: Option<Container>, depth: usize) -> Vec<Match> {
        let known = self.missed.len();
        let mut found = self.search_all(text, container, depth);
        self.describe(|| Outline::of(text), (text, 0), &mut found, known);
        found
    }

    /// Says of all that was `found`, and missed since so many were `known`, in which part of
    /// the text it is. That begins at an offset of the content.
    fn describe(
        &mut self,
        outline: impl FnOnce() -> Option<Outline>,
        (text, first): (&[u8], usize),
        found: &mut [Match],
        known: usize,
    ) {
        let missed = self.missed.get_mut(known..).unwrap_or_default();
        if found.is_empty() && missed.is_empty() {
            return;
        }
        let Some(outline) = outline() else { return };
        missed.sort_by_key(|(at, _)| *at);
        let mut parts = outline.clone();
        for (at, missed) in missed {
            let part = parts.part(text, first, *at).unwrap_or_default();
            missed.member = MemberPlace::nested(part.as_bytes(), &missed.member);
        }
        describe(outline, text, first, found);
    }

    /// As [`Search::search`], without the parts of formats.
    fn search_all(&mut self, text: &[u8], container: Option<Container>, depth: usize) -> Vec<Match> {
        let known = self.missed.len();
        let mut found = self.search_text(text, depth, false);
        let Some(container) = container else { return found };
        let mut later = self.missed.split_off(known);
        later.retain(|(at, missed)| missed.why != Unread::Damaged || !container.may_cut_at(text, *at));
        self.missed.append(&mut later);
        if self.nested == NESTED {
            self.missed.push((0, Missed { member: Vec::new(), why: Unread::TooDeep }));
            return found;
        }
        self.nested += 1;
        let unpacked = self.search_members(container, text, depth);
        self.nested -= 1;
        // What is not compressed shows in the container's own bytes too, as often.
        if container.shows_members() {
            drop_known(&mut found, &unpacked);
        }
        found.extend(unpacked);
        found.sort_by_key(|found| (found.span.start, found.span.end));
        found
    }

    /// As [`Search::search`], of what was written in an encoding: a few bytes there may
    /// begin like a container by chance.
    fn search_decoded(&mut self, decoded: &Decoded, depth: usize) -> Vec<Match> {
        let (known, before) = (self.missed.len(), self.allowance);
        let container = Container::of(&decoded.bytes);
        // Two right bytes and a few that unpack are no damaged container.
        let vague = matches!(container, Some(Container::Zlib | Container::Deflate));
        let found = self.search(&decoded.bytes, container, depth);
        if vague || decoded.part || self.allowance.spent_since(&before) < SHORTEST {
            let mut later = self.missed.split_off(known);
            later.retain(|(_, missed)| missed.why != Unread::Damaged);
            self.missed.append(&mut later);
        }
        found
    }

    /// The tokens in `text`, without its members if it is a container. `parted` as in
    /// [`decode::each`].
    fn search_text(&mut self, text: &[u8], depth: usize, parted: bool) -> Vec<Match> {
        if text.len() > LARGEST {
            return self.search_windows(text, depth, parted);
        }
        let mut marks = Marks::of(text, !self.rules.is_empty());
        marks.document |= std::mem::take(&mut self.document);
        let Plain { matches: plain, begun, all } = plain(text, &marks, &self.rules);
        if !all {
            self.exhausted();
        }
        let Some(deeper) = depth.checked_sub(1) else { return plain };
        let here = self.missed.len();
        let mut inside = Vec::new();
        let all = decode::each(text, &marks, parted, &begun, &mut |decoded| {
            // What is in one encoding is always searched, whatever is beside it: only what
            // lies deeper can become too much.
            let direct = depth == DEPTH && !parted;
            let Some(left) = self.work.checked_sub(if direct { 0 } else { decoded.bytes.len() }) else {
                self.exhausted();
                return;
            };
            self.work = left;
            let known = self.missed.len();
            let found = match decoded.encoding {
                Encoding::Glued(_) => format::read(&decoded.bytes, 0).into_iter().collect(),
                encoding if encoding.parts() => self.search_text(&decoded.bytes, depth, true),
                // What begins like a container and is written as it is can be a member of
                // a larger one, in which something looks like an escape.
                encoding if encoding.keeps_most() && decoded.begins_as_written() => {
                    self.search_text(&decoded.bytes, deeper, false)
                }
                _ => self.search_decoded(&decoded, deeper),
            };
            let mut later = self.missed.split_off(known);
            later.iter_mut().for_each(|(at, _)| *at = decoded.map.written_at(&(*at..*at + 1)).start);
            // What begins like a container and like text is decoded as either.
            later.retain(|missed| !self.missed.iter().skip(here).any(|known| known == missed));
            self.missed.append(&mut later);
            inside.extend(found.into_iter().filter_map(|found| outward(found, &decoded, text)));
        });
        marks.keep();
        if !all {
            self.exhausted();
        }
        if inside.is_empty() { plain } else { merge(text, plain, inside) }
    }

    /// As [`Search::search_text`], of a text that is too large to be decoded at once.
    fn search_windows(&mut self, text: &[u8], depth: usize, parted: bool) -> Vec<Match> {
        let mut all = Vec::new();
        let mut rest = text;
        // Memory can be read.
        for window in Windows::with_largest(&mut rest, 0).flatten() {
            let known = self.missed.len();
            self.document = window.is_in_document();
            let found = self.search_text(&window.bytes, depth, parted).into_iter();
            self.missed.iter_mut().skip(known).for_each(|(at, _)| *at += window.offset);
            all.extend(found.filter(|found| window.own.contains(&found.span.start)).map(|mut found| {
                for range in [&mut found.span, &mut found.secret].into_iter().chain(&mut found.parts) {
                    *range = range.start + window.offset..range.end + window.offset;
                }
                found
            }));
        }
        all
    }

    /// Records that the content is too large to be searched as a whole.
    fn exhausted(&mut self) {
        let missed = Missed { member: Vec::new(), why: Unread::TooLarge };
        if !self.missed.iter().any(|(_, known)| *known == missed) {
            self.missed.push((0, missed));
        }
    }

    /// All tokens in the members of the `container` that `bytes` are.
    fn search_members(&mut self, container: Container, bytes: &[u8], depth: usize) -> Vec<Match> {
        let mut found = Vec::new();
        let mut missed = Vec::new();
        // What lies deeper spends from the same allowance, after this level.
        let all = self.allowance;
        let mut left = all;
        let mut last = (Vec::new(), 0..0);
        let mut each = |name: Option<&[u8]>, read: &mut dyn Read| {
            let name = name.unwrap_or_default();
            let mut new = self.search_member(container, name, read, depth);
            // A page of a PDF file comes as it is, then its text.
            let known = if container == Container::Pdf && last.0 == name { last.1.clone() } else { 0..0 };
            drop_known(&mut new, found.get(known).unwrap_or_default());
            last = (name.to_vec(), found.len()..found.len() + new.len());
            found.extend(new);
        };
        container::open(container, bytes, &mut left, &mut each, &mut |name, why| {
            let name = name.unwrap_or_default();
            let member = name.get(..LONGEST_NAME).unwrap_or(name).to_vec();
            missed.push((0, Missed { member, why }));
        });
        self.allowance.spend(&all, &left);
        self.missed.extend(missed);
        for found in &mut found {
            (found.span, found.secret) = (0..bytes.len(), 0..bytes.len());
            found.parts.clear();
        }
        if container == Container::Tar && !found.is_empty() {
            describe_layers(bytes, &mut found);
        }
        found
    }

    /// All tokens in the member of this `name`, each with its place there.
    fn search_member(
        &mut self,
        container: Container,
        name: &[u8],
        read: &mut dyn Read,
        depth: usize,
    ) -> Vec<Match> {
        let mut all = Vec::new();
        let known = self.missed.len();
        let name = name.get(..LONGEST_NAME).unwrap_or(name);
        // All the containers around this one are in memory as well: only that bounds it.
        let largest = window::LARGEST_CONTAINER / 4 / self.nested.max(1);
        for window in Windows::with_largest(read, largest) {
            // The readers of members report their own damage.
            let Ok(window) = window else {
                self.missed.push((0, Missed { member: name.to_vec(), why: Unread::Damaged }));
                break;
            };
            // Each byte that is unpacked may be decoded as if it stood in the open.
            self.work = self.work.saturating_add(window.own.len().saturating_mul(DECODED));
            let mut locator = Locator::new(&window.bytes, window.start);
            for mut found in self.search_window(&window, depth) {
                let (line, column) = locator.locate(found.span.start, found.encodings.width());
                let here = MemberPlace { path: name.to_vec(), line, column };
                found.member = Some(match found.member.take() {
                    Some(member) if found.encodings.is_packed() => member.within(name),
                    _ => here,
                });
                found.encodings = found.encodings.within(Encoding::Packed(container));
                all.push(found);
            }
        }
        for (at, missed) in self.missed.iter_mut().skip(known) {
            (*at, missed.member) = (0, MemberPlace::nested(name, &missed.member));
        }
        all
    }

    /// The tokens that begin in a window's own part.
    fn search_window(&mut self, window: &Window, depth: usize) -> Vec<Match> {
        let all = Container::of_all(&window.bytes);
        let container = match window.own.start {
            _ if window.whole => all,
            0 => Container::of(&window.bytes),
            _ => None,
        };
        // What is not here whole is too large, also a zip that only its end shows to be one;
        // what begins as a container is opened as far as it is here.
        let last = window.own.end == window.bytes.len();
        if !window.whole && (container.is_some() || last && all == Some(Container::Zip)) {
            self.exhausted();
        }
        if window.whole {
            return self.search(&window.bytes, container, depth);
        }
        let known = self.missed.len();
        self.document = window.is_in_document();
        let mut found = self.search_all(&window.bytes, container, depth);
        found.retain(|found| window.own.contains(&found.span.start));
        let outline = || window.outline.clone();
        self.describe(outline, (&window.bytes, window.offset), &mut found, known);
        found
    }
}

/// Takes from `found` what is `known`, each as often as it is.
fn drop_known(found: &mut Vec<Match>, known: &[Match]) {
    let mut left: HashMap<_, usize> = HashMap::new();
    known.iter().for_each(|found| *left.entry(found.key()).or_default() += 1);
    found.retain(|found| match left.get_mut(&found.key()) {
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        _ => true,
    });
}

/// Where the first secret part in `text` begins that may go on after its end.
pub(super) fn unfinished(text: &[u8]) -> Option<usize> {
    let marks = Marks::of(text, false);
    let first = decode::unfinished(text, &marks, &plain(text, &marks, &Rules::default()).begun);
    marks.keep();
    first
}

/// What is found in plain text.
struct Plain {
    matches: Vec<Match>,
    /// The offsets of prefixes without a token.
    begun: Vec<usize>,
    /// Whether all names were read.
    all: bool,
}

fn plain(text: &[u8], marks: &Marks, rules: &Rules) -> Plain {
    let (mut matches, mut begun): (Vec<Match>, _) = (Vec::new(), Vec::new());
    let mut names = Names::of(text);
    for (hint, at) in marks.hits.iter().copied() {
        match hint {
            Hint::Family => match format::read(text, at) {
                Some(found) => matches.push(found),
                None => begun.push(at),
            },
            Hint::Name => matches.extend(names.read(at)),
            Hint::LicenseHost => matches.extend(context::read_licenses(text, at)),
            Hint::Jwt => matches.extend(jwt::read(text, at)),
        }
    }
    rules.read(text, &mut matches);
    matches.sort_by_key(|found| (found.span.start, found.span.end));
    // What a policy forbids may be a token, too: each is judged.
    matches.dedup_by(|later, earlier| later.secret == earlier.secret && later.rule() == earlier.rule());
    Plain { matches, begun, all: names.all() }
}
