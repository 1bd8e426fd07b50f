//! The settings of a policy: their built-in values, and which of two values is looser.

use std::fmt;

use serde::Deserialize;

use super::Date;
use crate::find::Certainty;

/// The action for findings of a certainty, or for parts that could not be scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It blocks.
    Block,
    /// It passes.
    Pass,
}

named! {
    /// A setting that a lower layer may loosen where a higher one grants it.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
    pub enum Setting {
        /// `[certainty] issued`; no layer may loosen it.
        #[serde(skip)]
        Issued = "certainty.issued",
        /// `[certainty] format`
        #[serde(rename = "certainty.format")]
        Format = "certainty.format",
        /// `[certainty] context`
        #[serde(rename = "certainty.context")]
        Context = "certainty.context",
        /// `[certainty] sample`
        #[serde(rename = "certainty.sample")]
        Sample = "certainty.sample",
        /// `[certainty] filler`
        #[serde(rename = "certainty.filler")]
        Filler = "certainty.filler",
        /// `[coverage] unread`
        #[serde(rename = "coverage.unread")]
        Unread = "coverage.unread",
        /// `[server] break_glass`
        #[serde(rename = "server.break_glass")]
        BreakGlass = "server.break_glass",
        /// `[expiry] warn_days`
        #[serde(rename = "expiry.warn_days")]
        WarnDays = "expiry.warn_days",
        /// `[enforce] from`
        #[serde(rename = "enforce.from")]
        EnforceFrom = "enforce.from",
    }
}

impl Setting {
    /// The setting for findings of a certainty; what a rule forbids has none.
    pub fn of(certainty: Certainty) -> Option<Self> {
        match certainty {
            Certainty::Issued => Some(Self::Issued),
            Certainty::Format => Some(Self::Format),
            Certainty::Context => Some(Self::Context),
            Certainty::Rule => None,
            Certainty::Sample => Some(Self::Sample),
            Certainty::Filler => Some(Self::Filler),
        }
    }

    /// Its value if no layer sets it.
    pub fn built_in(self) -> Value {
        match self {
            Self::Issued | Self::Format | Self::Context | Self::Sample => Value::Action(Action::Block),
            Self::Filler | Self::Unread => Value::Action(Action::Pass),
            Self::BreakGlass => Value::Granted(false),
            Self::WarnDays => Value::Days(21),
            Self::EnforceFrom => Value::From(Date::of_second(0)),
        }
    }
}

/// The value of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// Blocks or passes.
    Action(Action),
    /// Whether it is granted.
    Granted(bool),
    /// A number of days.
    Days(u16),
    /// A first day.
    From(Date),
}

impl Value {
    /// Whether it lets more pass, or reports less, than `other`.
    pub(super) fn is_looser_than(self, other: Self) -> bool {
        match (self, other) {
            (Self::Action(Action::Pass), Self::Action(Action::Block)) => true,
            (Self::Granted(granted), Self::Granted(other)) => granted && !other,
            (Self::Days(days), Self::Days(other)) => days < other,
            (Self::From(day), Self::From(other)) => day > other,
            _ => false,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Action(Action::Block) => f.write_str("block"),
            Self::Action(Action::Pass) => f.write_str("pass"),
            Self::Granted(granted) => write!(f, "{granted}"),
            Self::Days(days) => write!(f, "{days}"),
            Self::From(day) => write!(f, "{day}"),
        }
    }
}

/// The effective value of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// Which one.
    pub setting: Setting,
    /// Its value.
    pub value: Value,
    /// The file and line that set it; none if it is built in.
    pub stated_at: Option<String>,
}

impl Effective {
    /// All settings with their built-in values.
    pub(super) fn built_in() -> Vec<Self> {
        let effective = |setting: Setting| Self { setting, value: setting.built_in(), stated_at: None };
        Setting::ALL.into_iter().map(effective).collect()
    }
}
