//! JSON objects.

use serde::Serialize;
use serde_json::Value;

/// An object with these fields, in this order. `serde_json::json!` does the same, but its code
/// makes the program 30 KB larger.
macro_rules! object {
    ($($name:tt: $value:expr),+ $(,)?) => {
        crate::json::of_fields(vec![$(($name, crate::json::value(&$value))),+])
    };
}

pub fn of_fields(fields: Vec<(&'static str, Value)>) -> Value {
    Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The values here always serialise.
#[inline(never)]
pub fn value<T: Serialize + ?Sized>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
