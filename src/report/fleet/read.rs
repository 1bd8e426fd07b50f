//! Reads one JSON report, finding by finding: a history may have a hundred thousand.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::fields::{Fields, Wrong};
use super::item::Item;
use super::problem::Trouble;

/// The version of the format that is read here.
const VERSION: u64 = 1;
/// The fields beside the findings that are used.
const FIELDS: [&str; 9] =
    ["version", "tool", "ended", "repository", "scope", "verdict", "enforced_from", "counts", "coverage"];

/// A report.
#[derive(Default)]
pub(super) struct Single {
    /// Its own fields.
    pub(super) head: Map<String, Value>,
    /// Its findings.
    pub(super) items: Vec<Item>,
    lists: usize,
    wrong: Option<Wrong>,
}

/// Reads the report in `content`.
pub(super) fn read(content: &[u8]) -> Result<Single, (Trouble, String)> {
    let damaged = |reason: String| Err((Trouble::Damaged, reason));
    if content.iter().all(u8::is_ascii_whitespace) {
        return Err((Trouble::Empty, "it is empty: its scan did not end".to_owned()));
    }
    let mut single = Single::default();
    let mut json = serde_json::Deserializer::from_slice(content);
    // The message of the error may quote what was read, and is not shown.
    if let Err(error) = Top(&mut single).deserialize(&mut json).and_then(|()| json.end()) {
        let (line, column) = (error.line(), error.column());
        return damaged(match single.wrong {
            _ if error.is_eof() => format!("it is cut off at line {line}"),
            Some(Wrong(field)) => format!("a finding has no valid `{field}`, above line {line}"),
            None => format!("it is no JSON report, see line {line}, column {column}"),
        });
    }
    let fields = Fields(&single.head);
    match fields.number("version") {
        Ok(VERSION) => {}
        Ok(other) => {
            let reason = format!("it has version {other} of the format, and this dtguard reads {VERSION}");
            return Err((Trouble::Version, reason));
        }
        Err(_) => return damaged("it is no report of dtguard: it has no version".to_owned()),
    }
    let blocking = single.items.iter().filter(|item| item.blocking).count();
    let counted = fields.object("counts").and_then(|counts| counts.number("blocking"));
    if single.lists != 2 || !counted.is_ok_and(|counted| counted == blocking as u64) {
        return damaged("it does not hold as many findings as it counts".to_owned());
    }
    Ok(single)
}

/// The whole report.
struct Top<'r>(&'r mut Single);

impl<'de> DeserializeSeed<'de> for Top<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Top<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a report")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            match &*name {
                "findings" => map.next_value_seed(List(&mut *self.0, true))?,
                "passing" => map.next_value_seed(List(&mut *self.0, false))?,
                known if FIELDS.contains(&known) => drop(self.0.head.insert(name, map.next_value()?)),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// One of its lists of findings, and whether they block.
struct List<'r>(&'r mut Single, bool);

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("findings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self(single, blocking) = self;
        single.lists += 1;
        while let Some(finding) = list.next_element::<Value>()? {
            let item = finding.as_object().ok_or(Wrong("kind"));
            match item.and_then(|fields| Item::read(&Fields(fields), blocking)) {
                Ok(item) => single.items.push(item),
                Err(wrong) => {
                    single.wrong = Some(wrong);
                    return Err(A::Error::custom("a field"));
                }
            }
        }
        Ok(())
    }
}
