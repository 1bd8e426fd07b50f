//! Reports as those who publish a format say that they must be.

use dtguard::report::Format;
use dtguard::verdict::Outcome;
use jsonschema::validator_for;
use serde_json::Value;

use super::fixture::Fixture;
use super::{SCOPES, read, write};

/// Validates what is written of all fixtures, scopes and outcomes. That the schema
/// can refuse something is shown by taking away each of `needed` from a report.
#[track_caller]
fn fits(format: Format, schema: &Value, needed: &[&str]) {
    let schema = validator_for(schema).unwrap();
    for fixture in [Fixture::clean(), Fixture::small(), Fixture::expired(), Fixture::hostile()] {
        for scope in SCOPES {
            for outcome in [Outcome::Passes, Outcome::Blocks, Outcome::Incomplete, Outcome::Interrupted] {
                let mut report = fixture.report(scope);
                report.unread_blocks = outcome == Outcome::Incomplete;
                report.interrupted = outcome == Outcome::Interrupted;
                let json: Value = serde_json::from_str(&write(format, &report, outcome)).unwrap();
                let errors: Vec<_> =
                    schema.iter_errors(&json).map(|e| format!("{}: {e}", e.instance_path())).collect();
                assert!(errors.is_empty(), "{format:?} {scope:?}: {errors:#?}");
            }
        }
    }
    let small = Fixture::small();
    let text = write(format, &small.report(SCOPES[0]), Outcome::Blocks);
    for pointer in needed {
        let mut json: Value = serde_json::from_str(&text).unwrap();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let removed = json.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
        assert!(removed.is_some() && !schema.is_valid(&json), "{format:?} without {pointer}");
    }
}

/// Calls `change` on each object in `json`.
fn each_object(json: &mut Value, change: &impl Fn(&mut serde_json::Map<String, Value>)) {
    match json {
        Value::Object(object) => {
            change(object);
            object.values_mut().for_each(|value| each_object(value, change));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| each_object(value, change)),
        _ => {}
    }
}

#[test]
fn json_is_what_its_schema_says_and_nothing_more() {
    let mut schema: Value = serde_json::from_str(&read("docs/report.schema.json")).unwrap();
    each_object(&mut schema, &|object| {
        if object.get("properties").is_some_and(|properties| properties.get("type").is_none()) {
            object.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
    });
    let needed = ["/version", "/scope/kind", "/findings/0/fingerprint", "/coverage/gaps/0/path"];
    fits(Format::Json, &schema, &needed);
}

#[test]
fn the_page_about_json_names_every_field_of_the_schema() {
    let page = read("docs/json.md");
    let mut schema: Value = serde_json::from_str(&read("docs/report.schema.json")).unwrap();
    let named = std::cell::Cell::new(0);
    each_object(&mut schema, &|object| {
        for name in
            object.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name)
        {
            assert!(page.contains(&format!("`{name}`")), "{name}");
            named.set(named.get() + 1);
        }
    });
    assert!(named.get() > 50, "{} fields", named.get());
}

#[test]
fn sarif_is_what_its_schema_wants() {
    let mut schema: Value = serde_json::from_str(&read("tests/schemas/sarif-2.1.0.json")).unwrap();
    // The expression for a language, which is not written here, is no valid one.
    each_object(&mut schema, &|object| {
        if object.get("pattern").and_then(Value::as_str).is_some_and(|text| text.ends_with("]?$")) {
            object.remove("pattern");
        }
    });
    fits(Format::Sarif, &schema, &["/runs/0/tool", "/runs/0/results/0/message/text"]);
}

#[test]
fn gitlabs_report_is_what_its_schema_wants() {
    // GitLab's own schema is not kept here: this one, written for these tests, says
    // the same of what dtguard writes. Who has GitLab's schema names its file, and both count.
    let own = read("tests/schemas/gitlab-secret-detection.json");
    let published =
        std::env::var_os("DTGUARD_GITLAB_SCHEMA").map(|file| std::fs::read_to_string(file).unwrap());
    for schema in [Some(own), published].into_iter().flatten() {
        let schema: Value = serde_json::from_str(&schema).unwrap();
        fits(Format::Gitlab, &schema, &["/scan/status", "/vulnerabilities/0/location/commit"]);
    }
}
