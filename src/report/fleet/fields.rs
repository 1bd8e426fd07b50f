//! The fields of an object in a report, with the types that they must have.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::policy::Date;
use crate::report::sanitize;

/// The most characters of a text that are kept.
const LONGEST: usize = 1_000;

/// A field that is missing or has a value of another type: its name.
pub(super) struct Wrong(pub(super) &'static str);

/// The fields of an object in a report.
pub(super) struct Fields<'v>(pub(super) &'v Map<String, Value>);

impl<'v> Fields<'v> {
    fn value(&self, name: &str) -> Option<&'v Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text that can be shown; none where the field is missing or null.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<String>, Wrong> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(shown(text.as_bytes()))),
            Some(_) => Err(Wrong(name)),
        }
    }

    /// A name that can be shown. The field `bytes` has its bytes, if they are not UTF-8.
    pub(super) fn name(&self, name: &'static str, bytes: &'static str) -> Result<Option<String>, Wrong> {
        match self.value(bytes) {
            None => self.text(name),
            Some(Value::String(text)) => match STANDARD.decode(text) {
                Ok(decoded) => Ok(Some(shown(&decoded))),
                Err(_) => Err(Wrong(bytes)),
            },
            Some(_) => Err(Wrong(bytes)),
        }
    }

    /// A text of which each character is `allowed`; none where the field is missing or null.
    pub(super) fn word(
        &self,
        name: &'static str,
        allowed: impl Fn(char) -> bool,
    ) -> Result<Option<String>, Wrong> {
        let text = self.text(name)?;
        let fits = text.as_ref().is_none_or(|text| !text.is_empty() && text.chars().all(allowed));
        if fits { Ok(text) } else { Err(Wrong(name)) }
    }

    /// The day with which a text begins.
    pub(super) fn day(&self, name: &'static str) -> Result<Option<Date>, Wrong> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let day = text.get(..10).and_then(|day| day.parse().ok());
        day.map(Some).ok_or(Wrong(name))
    }

    pub(super) fn number(&self, name: &'static str) -> Result<u64, Wrong> {
        self.value(name).and_then(Value::as_u64).ok_or(Wrong(name))
    }

    /// A flag; false where the field is missing or null.
    pub(super) fn flag(&self, name: &'static str) -> Result<bool, Wrong> {
        self.value(name).map_or(Some(false), Value::as_bool).ok_or(Wrong(name))
    }

    pub(super) fn object(&self, name: &'static str) -> Result<Fields<'v>, Wrong> {
        self.value(name).and_then(Value::as_object).map(Fields).ok_or(Wrong(name))
    }

    /// An object; none where the field is missing or null.
    pub(super) fn optional(&self, name: &'static str) -> Result<Option<Fields<'v>>, Wrong> {
        self.value(name).map(|_| self.object(name)).transpose()
    }

    /// The objects of a list; none where the field is missing or null.
    pub(super) fn list(&self, name: &'static str) -> Result<Vec<Fields<'v>>, Wrong> {
        let Some(value) = self.value(name) else { return Ok(Vec::new()) };
        let objects = value.as_array().and_then(|list| list.iter().map(Value::as_object).collect());
        let objects: Vec<_> = Option::<Vec<_>>::ok_or(objects, Wrong(name))?;
        Ok(objects.into_iter().map(Fields).collect())
    }
}

/// `text` as it can be shown anywhere: masked, without control characters, and not endless.
pub(super) fn shown(text: &[u8]) -> String {
    let mut text = sanitize(text);
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}
