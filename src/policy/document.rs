//! A policy file during compilation: it finds the lines of entries and mistakes.

use toml::Spanned;
use toml::value::Datetime;

use super::{Date, Layer, Level, PolicyError};
use crate::token::{by_name, known_prefixes};

/// The longest time that a policy may name, in days: a century.
const LONGEST: i64 = 36_525;

/// A policy file that can locate each of its values.
pub(super) struct Document<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
    /// The offsets of its line feeds.
    feeds: Vec<usize>,
    pub(super) level: Level,
    pub(super) today: Date,
    /// The ids of the rules that it and the layers above have.
    pub(super) rules: Vec<String>,
}

impl<'a> Document<'a> {
    pub(super) fn new(layer: &'a Layer, today: Date) -> Self {
        let text = layer.text.as_str();
        let feeds = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
        Self { file: &layer.file, text, feeds, level: layer.level, today, rules: Vec::new() }
    }

    pub(super) fn error<T>(&self, at: &Spanned<T>, message: &str, help: &str) -> PolicyError {
        PolicyError::new(self.file, self.text, Some(at.span()), message, help)
    }

    /// The line on which `at` begins, counted from 1.
    pub(super) fn line<T>(&self, at: &Spanned<T>) -> usize {
        1 + self.feeds.partition_point(|feed| *feed < at.span().start)
    }

    /// The file, and the line on which `at` begins.
    pub(super) fn stated_at<T>(&self, at: &Spanned<T>) -> String {
        format!("{}:{}", self.file, self.line(at))
    }

    pub(super) fn days(&self, days: &Spanned<i64>) -> Result<u16, PolicyError> {
        let number = Some(*days.get_ref()).filter(|days| (0..=LONGEST).contains(days));
        number.and_then(|days| u16::try_from(days).ok()).ok_or_else(|| {
            self.error(days, "this is no number of days", &format!("write a number from 0 to {LONGEST}"))
        })
    }

    /// The day in `date`, the value of `key`.
    pub(super) fn date(&self, key: &str, date: &Spanned<Datetime>) -> Result<Date, PolicyError> {
        let datetime = date.get_ref();
        let day = datetime.date.filter(|_| datetime.time.is_none());
        day.and_then(|day| Date::new(day.year, day.month, day.day)).ok_or_else(|| {
            let message = format!("`{key}` is a date without a time");
            self.error(date, &message, &format!("write: {key} = 2027-06-30"))
        })
    }

    fn knows(&self, kind: &str) -> bool {
        by_name(kind).is_some() || self.rules.iter().any(|rule| rule == kind)
    }

    /// Checks `kinds`: at least one, and all known.
    pub(super) fn kind_names(
        &self,
        kinds: &Spanned<Vec<Spanned<String>>>,
    ) -> Result<Vec<String>, PolicyError> {
        if kinds.get_ref().is_empty() {
            return Err(self.error(kinds, "`kinds` is empty", "name kinds, or leave it out"));
        }
        if let Some(kind) = kinds.get_ref().iter().find(|kind| !self.knows(kind.get_ref())) {
            return Err(self.error(
                kind,
                "there is no such kind",
                &format!(
                    "write the id of a kind (see `dtguard explain`) or of a [[forbid]] rule, or one of: {}",
                    known_prefixes()
                ),
            ));
        }
        Ok(kinds.get_ref().iter().map(|kind| kind.get_ref().clone()).collect())
    }
}
