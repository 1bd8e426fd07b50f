//! Adds allow entries to a policy file and keeps the rest of it.

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use super::{Date, Layer, Level, Policy, PolicyError};
use crate::token::Fingerprint;

/// The entry that `dtguard allow` writes.
#[derive(Debug)]
pub struct Allowance<'a> {
    /// The token's identifier or fingerprint.
    pub token: &'a str,
    /// Why it is no secret.
    pub reason: &'a str,
    /// Who is responsible for it.
    pub owner: Option<&'a str>,
    /// The last day on which the entry is valid.
    pub expires: Option<Date>,
}

/// A policy file with the entry in it.
#[derive(Debug, PartialEq, Eq)]
pub struct Edited {
    /// The new text of the file.
    pub text: String,
    /// What changed.
    pub change: Change,
}

/// What changed in the entry.
#[derive(Debug, PartialEq, Eq)]
pub enum Change {
    /// A new entry was added.
    Added,
    /// An existing entry was changed; these are all its values now.
    Changed(Vec<Changed>),
}

/// A value of an existing entry.
#[derive(Debug, PartialEq, Eq)]
pub struct Changed {
    /// Its key.
    pub key: &'static str,
    /// Its value before; none if the entry did not have it.
    pub before: Option<String>,
    /// Its value now.
    pub now: String,
}

impl Change {
    /// Whether nothing changed.
    pub fn is_none(&self) -> bool {
        let stays = |value: &Changed| value.before.as_ref() == Some(&value.now);
        matches!(self, Self::Changed(values) if values.iter().all(stays))
    }
}

/// A policy file with further entries.
#[derive(Debug, PartialEq, Eq)]
pub struct Extended {
    /// The new text of the file.
    pub text: String,
    /// The tokens that got an entry, or the ids of the rules that were added, in their order.
    pub added: Vec<String>,
}

/// `text`, read from `file`, with an entry for the token; empty for a file that does not exist
/// yet. A new entry is added at the end; an existing one gets the values that `allowance`
/// names. Comments and layout stay. Fails if the file is no valid policy, before or after.
pub fn add_entry(file: &str, text: &str, allowance: &Allowance<'_>) -> Result<Edited, PolicyError> {
    let mut open = Open::new(file, text)?;
    let change = match open.entry_of(allowance.token)? {
        Some(entry) => Change::Changed(fill(entry, allowance)),
        None => {
            open.push(allowance)?;
            Change::Added
        }
    };
    let text = if change.is_none() { text.to_owned() } else { open.into_text() };
    check(file, text.trim_start_matches('\u{feff}'))?;
    Ok(Edited { text, change })
}

/// Like [`add_entry`], with an entry for each token that has none; existing entries stay. Does
/// not check the new entries. Fails if the file is no valid policy before.
pub fn add_missing(file: &str, text: &str, allowances: &[Allowance<'_>]) -> Result<Extended, PolicyError> {
    let mut open = Open::new(file, text)?;
    let mut added = Vec::new();
    for allowance in allowances {
        if open.entry_of(allowance.token)?.is_none() {
            open.push(allowance)?;
            added.push(allowance.token.to_owned());
        }
    }
    let text = if added.is_empty() { text.to_owned() } else { open.into_text() };
    Ok(Extended { text, added })
}

/// A rule to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRule {
    /// Its id, if no other rule has it.
    pub id: String,
    /// Its pattern.
    pub pattern: String,
    /// What it is, in one line.
    pub description: String,
}

/// Like [`add_missing`], with a rule for each pattern that has none. Returns the new ids: one that
/// another rule has gets a number.
pub fn add_rules(file: &str, text: &str, rules: &[&NewRule]) -> Result<Extended, PolicyError> {
    let mut open = Open::new(file, text)?;
    let mut added = Vec::new();
    for rule in rules {
        let here = open.tables("forbid")?;
        if here.iter().any(|table| said(table, "pattern") == Some(&rule.pattern)) {
            continue;
        }
        let is_free = |id: &String| !here.iter().any(|table| said(table, "id") == Some(id));
        let numbered = (2..).map(|number| format!("{}-{number}", rule.id));
        let Some(id) = std::iter::once(rule.id.clone()).chain(numbered).find(is_free) else { continue };
        let mut table = Table::new();
        let fields = [("id", &id), ("pattern", &rule.pattern), ("description", &rule.description)];
        fields.into_iter().for_each(|(key, text)| drop(table.insert(key, value(text.as_str()))));
        open.push_table("forbid", table)?;
        added.push(id);
    }
    let text = if added.is_empty() { text.to_owned() } else { open.into_text() };
    Ok(Extended { text, added })
}

/// Parses `text` as a policy of any layer, without checking grants.
fn check(file: &str, text: &str) -> Result<Policy, PolicyError> {
    Policy::layered(vec![Layer::new(Level::CommandLine, file, text.as_bytes())?], Date::today())
}

/// A policy file during a change.
struct Open<'a> {
    file: &'a str,
    text: &'a str,
    document: DocumentMut,
    /// The byte order mark, if there is one.
    mark: &'static str,
    /// Whether all its lines end as on Windows.
    windows: bool,
}

impl<'a> Open<'a> {
    fn new(file: &'a str, text: &'a str) -> Result<Self, PolicyError> {
        let windows = text.contains("\r\n") && text.matches('\n').count() == text.matches("\r\n").count();
        let (mark, text) = text.strip_prefix('\u{feff}').map_or(("", text), |rest| ("\u{feff}", rest));
        let mut start = text.to_owned();
        if text.trim().is_empty() {
            start.push_str("version = 1\n");
        }
        check(file, &start)?;
        let unreadable =
            |error: toml_edit::TomlError| PolicyError::new(file, text, error.span(), error.message(), "");
        Ok(Self { file, text, document: start.parse().map_err(unreadable)?, mark, windows })
    }

    fn entries(&mut self) -> Result<&mut ArrayOfTables, PolicyError> {
        self.tables("allow")
    }

    /// The tables `[[name]]`.
    fn tables(&mut self, name: &str) -> Result<&mut ArrayOfTables, PolicyError> {
        let entries = self.document.entry(name).or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        entries.as_array_of_tables_mut().ok_or_else(|| {
            let message = format!("`{name}` is an inline array here");
            let help = format!("write its entries as [[{name}]] tables");
            PolicyError::new(self.file, self.text, None, &message, &help)
        })
    }

    /// The entry for `token`.
    fn entry_of(&mut self, token: &str) -> Result<Option<&mut Table>, PolicyError> {
        let fingerprint = token.parse::<Fingerprint>().ok();
        let names = |entry: &&mut Table| match fingerprint {
            Some(fingerprint) => {
                said(entry, "fingerprint").and_then(|said| said.parse().ok()) == Some(fingerprint)
            }
            None => said(entry, "id") == Some(token),
        };
        Ok(self.entries()?.iter_mut().find(names))
    }

    fn push(&mut self, allowance: &Allowance<'_>) -> Result<(), PolicyError> {
        let mut entry = Table::new();
        let key = if allowance.token.parse::<Fingerprint>().is_ok() { "fingerprint" } else { "id" };
        entry.insert(key, value(allowance.token));
        fill(&mut entry, allowance);
        self.push_table("allow", entry)
    }

    fn push_table(&mut self, name: &str, mut table: Table) -> Result<(), PolicyError> {
        // Text after the last table stays before the new one.
        let trailing = self.document.trailing().as_str().unwrap_or_default().to_owned();
        table.decor_mut().set_prefix(format!("{trailing}\n"));
        self.tables(name)?.push(table);
        self.document.set_trailing("");
        Ok(())
    }

    fn into_text(self) -> String {
        let mut text = self.document.to_string();
        if self.windows {
            text = text.replace("\r\n", "\n").replace('\n', "\r\n");
        }
        format!("{}{text}", self.mark)
    }
}

fn said<'t>(entry: &'t Table, key: &str) -> Option<&'t str> {
    entry.get(key).and_then(Item::as_str)
}

/// Writes the values that `allowance` names and keeps the others. Returns all values.
fn fill(entry: &mut Table, allowance: &Allowance<'_>) -> Vec<Changed> {
    let date = |date: Date| date.to_string().parse::<toml_edit::Datetime>().ok();
    let named: [(&str, Option<toml_edit::Value>); 3] = [
        ("reason", Some(allowance.reason.into())),
        ("owner", allowance.owner.map(Into::into)),
        ("expires", allowance.expires.and_then(date).map(Into::into)),
    ];
    let mut values = Vec::new();
    for (key, new) in named {
        let before = entry.get(key).and_then(Item::as_value).map(plain);
        let now = new.as_ref().map(plain).or_else(|| before.clone());
        if let Some(new) = new.filter(|_| now != before) {
            set(entry, key, new);
        }
        values.extend(now.map(|now| Changed { key, before, now }));
    }
    values
}

/// `value` as plain text, without its quotes.
fn plain(value: &toml_edit::Value) -> String {
    value.as_str().map_or_else(|| value.to_string().trim().to_owned(), |text| format!("\"{text}\""))
}

fn set(entry: &mut Table, key: &str, new: toml_edit::Value) {
    match entry.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            let decor = old.decor().clone();
            *old = new;
            *old.decor_mut() = decor;
        }
        None => drop(entry.insert(key, value(new))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX";

    fn allowance(token: &str) -> Allowance<'_> {
        Allowance { token, reason: "no \"secret\"", owner: None, expires: None }
    }

    fn add(text: &str, allowance: &Allowance<'_>) -> Edited {
        add_entry("p.toml", text, allowance).unwrap()
    }

    #[test]
    fn a_new_file_gets_its_version_and_the_entry() {
        let edited =
            add("", &Allowance { owner: Some("docs"), expires: "2027-06-30".parse().ok(), ..allowance(ID) });
        assert_eq!(
            edited.text,
            format!(
                "version = 1\n\n[[allow]]\nid = \"{ID}\"\nreason = 'no \"secret\"'\nowner = \"docs\"\nexpires = 2027-06-30\n"
            )
        );
    }

    #[test]
    fn comments_layout_and_line_endings_survive() {
        for text in [
            "# ours\nversion   = 1 # one\n\n[certainty]\nsample = 'pass'   # all\n# end\n",
            "version = 1\r\n# x\r\n[[allow]]\r\nid   = \"dt0c01.XBCDEFGHIJKLMNOPQRSTUVWX\" # keep\r\nreason=\"r\"\r\n",
        ] {
            let edited = add(text, &allowance(ID));
            assert!(edited.text.starts_with(text), "{}", edited.text);
            let mixed = text.contains('\r') && edited.text.replace("\r\n", "").contains('\n');
            assert!(!mixed, "{:?}", edited.text);
        }
    }

    #[test]
    fn an_entry_that_is_there_is_changed_in_its_place() {
        let text = format!(
            "version = 1\n# first\n[[allow]]\nid = \"{ID}\" # this one\nreason = \"old\"\nexpires = 2020-01-01\n\n[[allow]]\nid = \"dt0c01.XBCDEFGHIJKLMNOPQRSTUVWX\"\nreason = \"r\"\n"
        );
        let edited = add(&text, &allowance(ID));
        assert!(matches!(&edited.change, Change::Changed(values) if values.len() == 2), "{edited:?}");
        assert_eq!(edited.text, text.replace("\"old\"", "'no \"secret\"'"));
        let again = add(&edited.text, &allowance(ID));
        assert!(again.change.is_none() && again.text == edited.text);
    }

    #[test]
    fn a_file_with_a_mistake_is_not_touched() {
        assert!(add_entry("p.toml", "version = 1\nalow = 1\n", &allowance(ID)).is_err());
        assert!(add_entry("p.toml", "version = 1\n", &allowance("dt0a01.abc12345")).is_err());
    }
}
