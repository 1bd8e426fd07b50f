//! A team's own rules: what its policy forbids besides Dynatrace's tokens.
//!
//! A rule is an expression over bytes. One pass over a text finds where the needles of all rules
//! stand ([`needle`]), and a rule's expression reads only what is around its own. The rules
//! without a needle are read together, by one automaton.
//!
//! The rules in force belong to a thread, because whatever searches or masks anything needs
//! them: each message that the program writes is masked by them too. Threads that search begin
//! with [`Rules::hold`]; a test knows the files that start threads.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input, PatternID, PatternSet};
use regex_syntax::hir::Hir;

use super::matched::Match;
use crate::threads::side_by_side;
use crate::token::Kind;

mod expression;
mod gram;
mod needle;
mod portable;
#[cfg(test)]
mod tests;

pub use expression::{Expression, Refusal, SECRET_GROUP};
pub use needle::LONGEST_MATCH;
use needle::{Needle, Needles};

thread_local! {
    static IN_FORCE: RefCell<Rules> = const { RefCell::new(Rules(None)) };
}

/// A rule: what is reported, and the expression that finds it.
#[derive(Debug)]
pub struct Rule {
    kind: &'static Kind,
    expression: Expression,
    compiled: OnceLock<Option<Regex>>,
}

impl Rule {
    /// The rule that finds `kind` by `expression`.
    pub fn new(kind: &'static Kind, expression: Expression) -> Self {
        Self { kind, expression, compiled: OnceLock::new() }
    }

    /// What it finds.
    pub fn kind(&self) -> &'static Kind {
        self.kind
    }

    /// Its expression.
    pub fn expression(&self) -> &Expression {
        &self.expression
    }

    /// Its automaton, made when the first text needs it; `None` only without the memory for it.
    fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| expression::compile(&[self.expression.hir()])).as_ref()
    }

    /// Adds its matches within `window` to `found`.
    fn read(&self, text: &[u8], window: Range<usize>, found: &mut Vec<Match>) {
        let Some(regex) = self.regex() else {
            // Then all of the window is forbidden: nothing may pass unread.
            found.extend(Match::of_rule(text, self.kind, window.clone(), window));
            return;
        };
        let Range { start: mut at, end } = window;
        while let Some(span) = next(regex, text, at..end) {
            at = span.end;
            let secret = self.secret(regex, text, &span).unwrap_or_else(|| span.clone());
            found.extend(Match::of_rule(text, self.kind, span, secret));
        }
    }

    /// The group that is masked, if the match at `span` has one that is not empty.
    fn secret(&self, regex: &Regex, text: &[u8], span: &Range<usize>) -> Option<Range<usize>> {
        let group = self.expression.secret_group()?;
        let mut captures = regex.create_captures();
        regex.captures(Input::new(text).range(span.clone()).anchored(Anchored::Yes), &mut captures);
        captures.get_group(group).map(|group| group.range()).filter(|group| !group.is_empty())
    }
}

/// The rules of a policy.
#[derive(Debug, Clone, Default)]
pub struct Rules(Option<Arc<All>>);

#[derive(Debug)]
struct All {
    rules: Vec<Arc<Rule>>,
    needles: Needles,
    /// The numbers of the rules without a needle, and the automaton of them all.
    others: Vec<usize>,
    together: OnceLock<Option<Regex>>,
}

impl Rules {
    /// These rules.
    pub fn new(rules: Vec<Arc<Rule>>) -> Self {
        if rules.is_empty() {
            return Self(None);
        }
        let needles = Needles::of(rules.iter().map(|rule| rule.expression.needles()));
        let others = (0..rules.len())
            .filter(|number| rules.get(*number).is_some_and(|rule| rule.expression.needles().is_empty()));
        let others = others.collect();
        Self(Some(Arc::new(All { rules, needles, others, together: OnceLock::new() })))
    }

    /// Those that hold for this thread.
    pub fn in_force() -> Self {
        IN_FORCE.with_borrow(Self::clone)
    }

    /// Makes them hold for this thread from now on.
    pub fn hold(self) {
        IN_FORCE.set(self);
    }

    /// Lets `work` run under them.
    pub fn during<T>(self, work: impl FnOnce() -> T) -> T {
        let before = IN_FORCE.replace(self);
        let result = work();
        IN_FORCE.set(before);
        result
    }

    /// Runs `work` for each of `items` in parallel, under the rules of this thread. Returns the
    /// results in order.
    pub fn side_by_side<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        let rules = Self::in_force();
        side_by_side(items, |item| rules.clone().during(|| work(item)))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// All of them.
    pub fn all(&self) -> &[Arc<Rule>] {
        self.0.as_ref().map_or(&[], |all| &all.rules)
    }

    /// Where in `text`, some whole lines, a match may begin that goes on after it.
    pub(super) fn unfinished(&self, text: &[u8]) -> Option<usize> {
        let all = self.0.as_ref()?;
        let tail = text.len().saturating_sub(LONGEST_MATCH);
        let mut first: Option<usize> = None;
        let mut open = |at: usize| first = Some(first.map_or(at, |known| known.min(at)));
        for rule in all.rules.iter().filter(|rule| !rule.expression.is_of_lines()) {
            // Only a needle with which each match begins says where none does.
            if rule.expression.needles().is_empty()
                || rule.expression.needles().iter().any(|one| one.before > 0)
            {
                open(tail);
            }
        }
        all.needles.each(text.get(tail..).unwrap_or_default(), &mut |number, needle, at| {
            let is_of_lines = all.rules.get(number).is_none_or(|rule| rule.expression.is_of_lines());
            if !is_of_lines && tail + at + needle.after > text.len() {
                open(tail + at);
            }
        });
        first
    }

    /// Adds what they find in `text` to `found`, in any order.
    pub(super) fn read(&self, text: &[u8], found: &mut Vec<Match>) {
        let Some(all) = &self.0 else { return };
        all.near_needles(text, found);
        all.without_needles(text, found);
    }
}

impl All {
    fn near_needles(&self, text: &[u8], found: &mut Vec<Match>) {
        // For each rule the window that is still growing.
        let mut open: Vec<Option<Range<usize>>> = Vec::new();
        let mut read = |number: usize, window: Range<usize>| {
            if let Some(rule) = self.rules.get(number) {
                rule.read(text, window, found);
            }
        };
        self.needles.each(text, &mut |number, needle, at| {
            open.resize(self.rules.len(), None);
            let Some((rule, slot)) = self.rules.get(number).zip(open.get_mut(number)) else { return };
            let window = window(text, at, needle, rule.expression.is_of_lines());
            match slot {
                Some(open) if window.start <= open.end => open.end = open.end.max(window.end),
                slot => {
                    if let Some(done) = slot.replace(window) {
                        read(number, done);
                    }
                }
            }
        });
        for (number, window) in open.into_iter().enumerate() {
            if let Some(window) = window {
                read(number, window);
            }
        }
    }

    fn without_needles(&self, text: &[u8], found: &mut Vec<Match>) {
        if self.others.is_empty() {
            return;
        }
        let together = self.together.get_or_init(|| {
            let rules = self.others.iter().filter_map(|number| self.rules.get(*number));
            expression::compile(&rules.map(|rule| rule.expression.hir()).collect::<Vec<&Hir>>())
        });
        let mut here = PatternSet::new(self.others.len());
        match together {
            // Which of them match is asked rarely: that takes several times as long.
            Some(regex) if !regex.is_match(text) => return,
            Some(regex) => regex.which_overlapping_matches(&Input::new(text), &mut here),
            None => (0..self.others.len()).filter_map(|number| PatternID::new(number).ok()).for_each(|one| {
                here.insert(one);
            }),
        }
        for rule in here.iter().filter_map(|one| self.rules.get(*self.others.get(one.as_usize())?)) {
            rule.read(text, 0..text.len(), found);
        }
    }
}

/// The next match in `window`. It is cut to the longest that is found: to read on to the end
/// of the window for each of many matches would take the square of its length.
fn next(regex: &Regex, text: &[u8], window: Range<usize>) -> Option<Range<usize>> {
    let Range { start: mut at, end } = window;
    loop {
        let reach = end.min(at + 2 * LONGEST_MATCH);
        match regex.find(Input::new(text).range(at..reach)) {
            // Its end may be beyond what was read.
            Some(found) if found.start() > at + LONGEST_MATCH && reach < end => at = found.start(),
            Some(found) => return Some(found.start()..found.end().min(found.start() + LONGEST_MATCH)),
            None if reach == end => return None,
            None => at = reach - LONGEST_MATCH,
        }
    }
}

/// What a rule reads around its `needle` at `at`.
fn window(text: &[u8], at: usize, needle: &Needle, is_of_lines: bool) -> Range<usize> {
    let start = at.saturating_sub(needle.before);
    let end = text.len().min(at.saturating_add(needle.after));
    if !is_of_lines {
        return start..end;
    }
    let before = text.get(start..at).unwrap_or_default();
    let behind = text.get(at..end).unwrap_or_default();
    memchr::memrchr(b'\n', before).map_or(start, |feed| start + feed + 1)
        ..memchr::memchr(b'\n', behind).map_or(end, |feed| at + feed)
}
