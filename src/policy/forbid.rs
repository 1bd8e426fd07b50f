//! A team's own rules: `[[forbid]]`. A layer can add rules and take none out.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use globset::GlobMatcher;
use toml::Spanned;

use super::document::Document;
use super::entry::as_path;
use super::file::ForbidTable;
use super::{FILE_NAME, Level, PolicyError};
use crate::find::{Expression, Rule, Rules, find};
use crate::finding::{Finding, Part};
use crate::token::{Evidence, Fingerprint, Kind, Revocation, Severity, Shape};

/// The most rules of a policy, and the most states of all of them and of those without a needle,
/// which are read at each byte.
const MOST: usize = 1000;
const STATES: usize = 100_000;
const STATES_AT_EACH_BYTE: usize = 2_000;
/// How the names of dtguard's own kinds begin, the later ones too.
const RESERVED: [&str; 2] = ["dt0", "dynatrace-"];
/// The longest id, in bytes.
const LONGEST_ID: usize = 64;
/// The longest description and the longest advice, in bytes.
const LONGEST_TEXT: usize = 1000;

/// A rule of a policy.
#[derive(Debug)]
pub struct Forbidden {
    rule: Arc<Rule>,
    /// The layer of its file.
    pub level: Level,
    /// Its pattern, as the file says it.
    pub pattern: String,
    /// Where it holds; `None` for everywhere.
    paths: Option<Vec<GlobMatcher>>,
    /// Its file and line.
    pub stated_at: String,
    /// What it finds in its own pattern; computed when it is first needed.
    in_itself: OnceLock<HashSet<Fingerprint>>,
}

impl Forbidden {
    /// Its id.
    pub fn id(&self) -> &'static str {
        self.rule.kind().id
    }

    /// What it finds.
    pub fn kind(&self) -> &'static Kind {
        self.rule.kind()
    }

    pub(super) fn rule(&self) -> &Arc<Rule> {
        &self.rule
    }

    /// The globs of the paths in which it holds; `None` for everywhere.
    pub fn paths(&self) -> Option<Vec<String>> {
        let globs = |globs: &Vec<GlobMatcher>| globs.iter().map(|glob| glob.glob().to_string()).collect();
        self.paths.as_ref().map(globs)
    }

    /// Whether it forbids `finding`: its own, in its paths, and not where the repository's policy
    /// states it. `rules` are all of the policy.
    pub(super) fn forbids(&self, finding: &Finding, rules: &Rules) -> bool {
        let path = &finding.place.path;
        finding.kind.id == self.id()
            && self.paths.as_ref().is_none_or(|globs| globs.iter().any(|glob| glob.is_match(as_path(path))))
            && !self.states(finding, rules)
    }

    /// Whether `finding` is the pattern itself, in the policy that states it.
    fn states(&self, finding: &Finding, rules: &Rules) -> bool {
        let place = &finding.place;
        self.level >= Level::Repository
            && place.path == FILE_NAME.as_bytes()
            && place.part == Part::Content
            && self.in_itself(rules).contains(&finding.fingerprint)
    }

    fn in_itself(&self, rules: &Rules) -> &HashSet<Fingerprint> {
        self.in_itself.get_or_init(|| {
            let found = rules.clone().during(|| find(self.pattern.as_bytes()));
            found.iter().filter(|found| found.kind.is_rule()).map(|found| found.fingerprint).collect()
        })
    }
}

impl Document<'_> {
    /// The rules in `tables`, which are added to those `above`.
    pub(super) fn forbidden(
        &self,
        tables: &[Spanned<ForbidTable>],
        above: &[Forbidden],
    ) -> Result<Vec<Forbidden>, PolicyError> {
        let mut rules: Vec<Forbidden> = Vec::new();
        let states = |rule: &Forbidden| rule.rule.expression().states();
        let slow = |rule: &Forbidden| if rule.rule.expression().has_needle() { 0 } else { states(rule) };
        let mut states_of_all: usize = above.iter().map(states).sum();
        let mut states_of_slow: usize = above.iter().map(slow).sum();
        for table in tables {
            let rule = self.rule(table)?;
            if let Some(other) = rules.iter().find(|other| other.id() == rule.id()) {
                let message = format!("{} has a rule of this id already", other.stated_at);
                return Err(self.error(&table.get_ref().id, &message, "give each rule an id of its own"));
            }
            states_of_all += states(&rule);
            states_of_slow += slow(&rule);
            rules.push(rule);
            let fewer = "write fewer rules: one pattern can name several texts, as in `one|two`";
            if above.len() + rules.len() > MOST || states_of_all > STATES {
                let message = format!("a policy has at most {MOST} rules, with {STATES} states together");
                return Err(self.error(table, &message, fewer));
            }
            if states_of_slow > STATES_AT_EACH_BYTE {
                let message = format!(
                    "the rules without a literal of three characters need more than {STATES_AT_EACH_BYTE} states together"
                );
                return Err(self.error(&table.get_ref().pattern, &message, fewer));
            }
        }
        Ok(rules)
    }

    fn rule(&self, table: &Spanned<ForbidTable>) -> Result<Forbidden, PolicyError> {
        let ForbidTable { id, pattern, description, advice, severity, paths } = table.get_ref();
        self.check_id(id)?;
        let expression = self.expression(pattern)?;
        let severity = severity.as_ref().map_or(Ok(Severity::High), |severity| self.severity(severity))?;
        let description = self.text(description.as_ref())?;
        let advice = self.text(advice.as_ref())?;
        let (id, stated_at) = (id.get_ref().as_str(), self.stated_at(table));
        let kind = Kind {
            id: leaked(id),
            prefixes: &[],
            name: leaked(&description.unwrap_or_else(|| format!("Text that the rule {id} forbids"))),
            opens: leaked(&format!("The rule {id} at {stated_at} forbids it.")),
            shape: Shape::Rule,
            severity,
            evidence: Evidence::Verified,
            note: "",
            revoke: match advice {
                Some(advice) => Box::leak(Box::new([Revocation::Step(leaked(&advice))])),
                None => &[Revocation::Step(
                    "take it out; if it is a secret, replace it by a new one where it is used",
                )],
            },
            sources: &[],
        };
        let paths = paths.as_ref().map(|paths| self.globs(paths)).transpose()?;
        Ok(Forbidden {
            rule: Arc::new(Rule::new(Box::leak(Box::new(kind)), expression)),
            level: self.level,
            pattern: pattern.get_ref().clone(),
            paths,
            stated_at,
            in_itself: OnceLock::new(),
        })
    }

    fn check_id(&self, id: &Spanned<String>) -> Result<(), PolicyError> {
        let is_word = |id: &str| {
            let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            id.len() <= LONGEST_ID && id.starts_with(|c: char| c.is_ascii_lowercase()) && id.bytes().all(fits)
        };
        if !is_word(id.get_ref()) {
            let message = format!("an id is a word of at most {LONGEST_ID} small letters, digits and `-`");
            return Err(self.error(id, &message, "write: id = \"internal-host\""));
        }
        if RESERVED.iter().any(|start| id.get_ref().starts_with(start)) {
            return Err(self.error(
                id,
                "ids that begin with `dt0` or `dynatrace-` are those of dtguard's own kinds",
                "choose another id",
            ));
        }
        Ok(())
    }

    fn expression(&self, pattern: &Spanned<String>) -> Result<Expression, PolicyError> {
        Expression::parse(pattern.get_ref()).map_err(|refusal| {
            // Inside a string without escapes the very place can be marked.
            let whole = pattern.span();
            let written = self.text.get(whole.start + 1..whole.end.saturating_sub(1));
            let at = refusal.at.filter(|_| written == Some(pattern.get_ref().as_str()));
            let span = at.map_or(whole.clone(), |at| whole.start + 1 + at.start..whole.start + 1 + at.end);
            PolicyError::new(self.file, self.text, Some(span), &refusal.message, &refusal.help)
        })
    }

    fn severity(&self, severity: &Spanned<String>) -> Result<Severity, PolicyError> {
        let known = Severity::ALL.into_iter().find(|known| known.name() == severity.get_ref());
        known.ok_or_else(|| {
            let names = Severity::ALL.map(Severity::name).join(", ");
            self.error(severity, "there is no such severity", &format!("write one of: {names}"))
        })
    }

    /// A text for people: one line.
    fn text(&self, text: Option<&Spanned<String>>) -> Result<Option<String>, PolicyError> {
        let Some(text) = text else { return Ok(None) };
        let trimmed = text.get_ref().trim();
        if trimmed.is_empty() || trimmed.len() > LONGEST_TEXT || trimmed.contains(char::is_control) {
            let message = format!("this text is empty, has several lines, or more than {LONGEST_TEXT} bytes");
            return Err(self.error(text, &message, "write one line, or leave it out"));
        }
        Ok(Some(trimmed.to_owned()))
    }

    fn globs(&self, paths: &Spanned<Vec<Spanned<String>>>) -> Result<Vec<GlobMatcher>, PolicyError> {
        if paths.get_ref().is_empty() {
            return Err(self.error(
                paths,
                "`paths` is empty",
                "name paths, or leave it out: then the rule holds everywhere",
            ));
        }
        paths.get_ref().iter().map(|path| self.glob(path)).collect()
    }
}

/// `text` for the rest of the process: a policy is read once, and its kinds are used everywhere.
fn leaked(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}
