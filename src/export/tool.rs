//! A tool that takes the catalogue as rules of its own.

use std::fmt::Write as _;
use std::sync::Arc;

use super::own::Own;
use crate::find::Rule;

named! {
    /// What a tool does with the rules.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Family {
        /// It reports tokens in files.
        Scanner = "scanner",
        /// It writes or ships logs, and masks the secret parts in them.
        Masking = "log masking",
    }
}

/// A tool that can take the catalogue as rules of its own.
#[derive(Debug)]
pub struct Tool {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it does with the rules.
    pub family: Family,
    /// What is printed for it.
    pub what: &'static str,
    /// Where that goes.
    pub place: &'static str,
    /// How its user checks that it works.
    pub check: &'static str,
    /// Why the tests cannot run it; empty where they do.
    pub not_run: &'static str,
    /// Where it does something else than dtguard, and why; empty where it does nowhere.
    pub differs: &'static str,
    /// What begins and ends a line that the tool does not read; none where it reads each.
    pub(super) comment: Option<(&'static str, &'static str)>,
    pub(super) body: fn() -> String,
    /// Writes a rule of the policy for it, to stand behind `body`; none if it takes no such rules.
    pub(super) own: Option<Own>,
}

impl Tool {
    /// The text with the rules for it, also those of the policy, `own`, and the ids of those that
    /// it cannot express. Where the tool knows comments, the text begins with some for its user.
    pub fn rules(&self, own: &[Arc<Rule>]) -> (String, Vec<&'static str>) {
        let (mut body, mut lacking) = ((self.body)(), Vec::new());
        for rule in own {
            match self.own.and_then(|write| write(rule)) {
                Some(rule) => body += &rule,
                None => lacking.push(rule.kind().id),
            }
        }
        let Some((open, close)) = self.comment else { return (body, lacking) };
        let mut head = self.head();
        if !lacking.is_empty() {
            head.push(format!("Left out: the rules {} of the policy", lacking.join(", ")));
        }
        let mut text = String::new();
        for line in head {
            let _infallible = writeln!(text, "{open}{line}{close}");
        }
        (text + &body, lacking)
    }

    /// What a reader of the rules has to know.
    fn head(&self) -> Vec<String> {
        let mut lines = vec![
            // Without the option's name: a comment of XML must not hold two dashes.
            format!("Dynatrace tokens for {}, printed by dtguard patterns", self.name),
            format!("Place: {}", self.place),
            format!("Check: {}", self.check),
        ];
        if !self.not_run.is_empty() {
            lines.push(format!("Not run by dtguard's tests: {}", self.not_run));
        }
        if !self.differs.is_empty() {
            lines.push(format!("Differs: {}", self.differs));
        }
        lines.push(
            "Left out: tokens without a prefix, and encodings; dtguard finds and masks these, too".to_owned(),
        );
        lines
    }
}
