//! The merged report as one page for a browser. It loads nothing; without scripts it still shows
//! the numbers and the worst repositories.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::Merged;
use super::merged::parts;
use super::timeline::timeline;
use super::totals::Places;
use crate::report::count;
use crate::report::text::grouped;
use crate::verdict::Outcome;

const PAGE: &str = include_str!("../html/page.html");
const STYLE: &str = include_str!("../html/page.css");
const SCRIPT: &str = include_str!("../html/page.js");

impl Merged {
    /// Writes it as a page.
    pub fn write_html(&self, out: &mut dyn Write) -> io::Result<()> {
        // A parser reads CR LF as LF, and so a browser hashes it.
        let (style, script) = (STYLE.replace("\r\n", "\n"), SCRIPT.replace("\r\n", "\n"));
        // Each part of the page before a name, and the name; behind the last one only a part.
        for part in PAGE.split("{{") {
            let (name, rest) = part.split_once("}}").unwrap_or(("", part));
            match name {
                "policy" => write!(
                    out,
                    "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
                    hash(&style),
                    hash(&script)
                )?,
                "style" => out.write_all(style.as_bytes())?,
                "script" => out.write_all(script.as_bytes())?,
                "data" => self.write_json(out)?,
                name => out.write_all(self.part(name).as_bytes())?,
            }
            out.write_all(rest.as_bytes())?;
        }
        Ok(())
    }

    /// What stands in the page for `name`.
    fn part(&self, name: &'static str) -> String {
        match name {
            "headline" => self.headline(),
            "lead" => self.lead(),
            "date" => self.today().to_string(),
            "version" => env!("CARGO_PKG_VERSION").to_owned(),
            "cards" => self.cards(),
            "missing-hidden" if self.problems.is_empty() => " hidden".to_owned(),
            "timeline" => timeline(&self.totals.months),
            name => self.table(name),
        }
    }

    fn headline(&self) -> String {
        match (self.totals.blocking.all, self.outcome) {
            (0, Outcome::Passes) => "No Dynatrace token blocks".to_owned(),
            (0, _) => "The result is incomplete".to_owned(),
            _ => {
                let tokens = match self.totals.tokens.len() {
                    1 => "1 Dynatrace token".to_owned(),
                    tokens => format!("{} Dynatrace tokens", grouped(tokens as u64)),
                };
                format!("{tokens} in {}", count(self.with_blocking(), "repository"))
            }
        }
    }

    fn lead(&self) -> String {
        let repositories = count(self.totals.repositories.len(), "repository");
        let scanned = format!("{repositories} scanned.");
        let found = match self.totals.blocking {
            Places { all: 0, .. } => String::new(),
            Places { all, stand } => format!(
                " Blocking findings: {}, {} of them still in a branch or tag. A token in the history counts too: revoke it.",
                grouped(all as u64),
                grouped(stand as u64)
            ),
        };
        let gaps = match self.incomplete() {
            0 => String::new(),
            1 => " <strong class=\"alarm\">1 repository or report is missing or incomplete.</strong>"
                .to_owned(),
            number => format!(
                " <strong class=\"alarm\">{number} repositories or reports are missing or incomplete.</strong>"
            ),
        };
        scanned + &found + &gaps
    }

    fn cards(&self) -> String {
        let totals = &self.totals;
        let ends =
            |wanted: &str| totals.exceptions.keys().filter(|key| self.state(parts(key)[0]) == wanted).count();
        let cards = [
            ("alarm", "Blocking findings", totals.blocking.all),
            ("alarm", "of them in a branch or tag", totals.blocking.stand),
            ("", "of them in the history only", totals.blocking.past()),
            ("", "Repositories scanned", totals.repositories.len()),
            ("alarm", "Missing or incomplete", self.incomplete()),
            ("warn", "Exceptions that expire soon", ends("soon")),
            ("alarm", "Exceptions that expired", ends("expired")),
        ];
        let card = |(class, name, number): (&str, &str, usize)| {
            let class = if number == 0 { "" } else { class };
            format!("<div><dt>{name}</dt><dd class=\"{class}\">{}</dd></div>", grouped(number as u64))
        };
        cards.into_iter().map(card).collect()
    }
}

/// A source of the policy: the hash of an element's text.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}
