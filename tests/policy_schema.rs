//! `docs/policy.schema.json` says to editors what the program says to people.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use dtguard::policy::{Date, Layer, Level, Policy};
use serde_json::Value;

fn schema() -> Value {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/policy.schema.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// What the program says of a policy of an organisation, which may have every table.
fn program_says(policy: &str) -> Result<Policy, String> {
    let layer = Layer::new(Level::Organisation, "p.toml", policy.as_bytes()).unwrap();
    Policy::layered(vec![layer], Date::today()).map_err(|error| format!("{error}\n{}", error.help()))
}

/// The names between backticks that the program would have taken in the place of the
/// one that `policy` has.
fn expected_by_program(policy: &str) -> BTreeSet<String> {
    let message = program_says(policy).unwrap_err();
    let (_, expected) = message.split_once("\nwrite ").unwrap_or_else(|| panic!("{message}"));
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn keys(table: &Value) -> BTreeSet<String> {
    assert_eq!(table["additionalProperties"], false, "{table}");
    table["properties"].as_object().unwrap().keys().cloned().collect()
}

fn values(list: &Value) -> BTreeSet<String> {
    list["enum"].as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_schema_has_every_key_of_the_program_and_no_other() {
    let schema = schema();
    let tables = &schema["properties"];
    assert_eq!(keys(&schema), expected_by_program("version = 1\nzz = 1\n"));
    let mut seen = BTreeSet::from(["version".to_owned(), "allow".to_owned(), "forbid".to_owned()]);
    for table in ["certainty", "coverage", "server", "expiry", "enforce", "audit", "grant"] {
        let expected = expected_by_program(&format!("version = 1\n[{table}]\nzz = 1\n"));
        assert_eq!(keys(&tables[table]), expected, "{table}");
        seen.insert(table.to_owned());
    }
    assert_eq!(seen, keys(&schema), "every table is compared");
    assert_eq!(
        keys(&schema["definitions"]["entry"]),
        expected_by_program("version = 1\n[[allow]]\nzz = 1\n")
    );
    assert_eq!(
        keys(&schema["definitions"]["rule"]),
        expected_by_program("version = 1\n[[forbid]]\nzz = 1\n")
    );
}

#[test]
fn a_day_of_its_own_can_be_set_for_every_stage_that_stops_something() {
    use dtguard::{install::Stage, policy::EnforcedStage};
    let names = BTreeSet::from(EnforcedStage::ALL.map(|stage| stage.name().to_owned()));
    let stages = &schema()["properties"]["enforce"]["properties"]["stages"];
    assert_eq!(values(&stages["propertyNames"]), names);
    let git = Stage::ALL.into_iter().filter(|stage| stage.stops()).map(|stage| stage.name().to_owned());
    assert_eq!(names, git.chain(["agent".to_owned(), "scan".to_owned()]).collect());
}

#[test]
fn the_schema_has_every_word_of_the_program_and_no_other() {
    let schema = schema();
    let grant = &schema["properties"]["grant"]["properties"];
    for key in ["allow", "require", "loosen"] {
        let expected = expected_by_program(&format!("version = 1\n[grant]\n{key} = [\"zz\"]\n"));
        assert_eq!(values(&grant[key]["items"]), expected, "{key}");
    }
    let action = expected_by_program("version = 1\n[coverage]\nunread = \"zz\"\n");
    assert_eq!(values(&schema["properties"]["coverage"]["properties"]["unread"]), action);
    for certainty in ["format", "context", "sample", "filler"] {
        assert_eq!(values(&schema["properties"]["certainty"]["properties"][certainty]), action);
    }
}

/// A policy as JSON, dates as text, as editors see it.
fn as_json(policy: &str) -> Value {
    fn convert(value: toml::Value) -> Value {
        match value {
            toml::Value::String(text) => Value::String(text),
            toml::Value::Integer(number) => Value::from(number),
            toml::Value::Float(number) => Value::from(number),
            toml::Value::Boolean(yes) => Value::Bool(yes),
            toml::Value::Datetime(date) => Value::String(date.to_string()),
            toml::Value::Array(items) => items.into_iter().map(convert).collect(),
            toml::Value::Table(table) => {
                table.into_iter().map(|(key, value)| (key, convert(value))).collect()
            }
        }
    }
    convert(toml::Value::Table(toml::from_str(policy).unwrap()))
}

#[test]
fn the_schema_and_the_program_agree_on_what_is_a_policy() {
    let schema = schema();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let entry = |lines: &str| format!("[[allow]]\n{lines}\n");
    let id = "id = \"dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX\"";
    let reason = "reason = \"r\"";
    let (fingerprint, commit) =
        (format!("fingerprint = \"{}\"", "0a".repeat(32)), format!("commit = \"{}\"", "ab".repeat(20)));
    let kinds = "kinds = [\"dt0c01\", \"dynatrace-platform-token\"]";
    let path = |path: &str| entry(&format!("path = '{path}'\n{kinds}\n{reason}"));
    for (valid, body) in [
        (true, String::new()),
        (true, entry(&format!("{id}\n{reason}\nowner = \"qa\"\nexpires = 2030-01-31"))),
        (true, entry(&format!("{fingerprint}\n{reason}"))),
        (true, entry(&format!("{commit}\n{reason}"))),
        (true, entry(&format!("{commit}\n{kinds}\n{reason}"))),
        (true, path("tests/**")),
        (true, path(".github/*.yml")),
        (true, "[certainty]\nissued = \"block\"\nformat = \"pass\"\ncontext = \"pass\"\nsample = \"pass\"\nfiller = \"block\"\n".into()),
        (true, "[coverage]\nunread = \"block\"\n[server]\nbreak_glass = true\n[expiry]\nwarn_days = 0\n".into()),
        (true, "[enforce]\nfrom = 2030-01-31\n".into()),
        (false, "[enforce]\nform = 2030-01-31\n".into()),
        (true, "[enforce.stages]\npre-push = 2030-01-31\nagent = 2030-01-31\n".into()),
        (false, "[enforce.stages]\npost-commit = 2030-01-31\n".into()),
        (true, "[audit]\nfile = \"~/audit.jsonl\"\nrequired = true\n".into()),
        (true, "[grant]\n".into()),
        (true, format!("[grant]\nallow = [\"id\", \"path\"]\n{kinds}\nrequire = [\"owner\", \"expires\"]\nlongest_days = 90\nloosen = [\"certainty.sample\"]\n")),
        (false, "zz = 1\n".into()),
        (false, "[certainty]\nissued = \"pass\"\n".into()),
        (false, "[certainty]\nsample = \"allow\"\n".into()),
        (false, "[coverage]\nunread = true\n".into()),
        (false, "[server]\nbreak_glass = \"yes\"\n".into()),
        (false, "[expiry]\nwarn_days = -1\n".into()),
        (false, "[expiry]\nwarn_days = 40000\n".into()),
        (false, "[audit]\nrequired = true\n".into()),
        (false, "[audit]\nsyslog = false\n".into()),
        (false, "[grant]\nallow = [\"ids\"]\n".into()),
        (false, "[grant]\nkinds = []\n".into()),
        (false, "[grant]\nkinds = [\"dt0c02\"]\n".into()),
        (false, "[grant]\nloosen = [\"certainty.issued\"]\n".into()),
        (false, "[grant]\nlongest_days = \"90\"\n".into()),
        (false, entry(reason)),
        (false, entry(id)),
        (false, entry(&format!("{id}\nreason = \" \""))),
        (false, entry(&format!("{id}\nreason = \"TODO: why\""))),
        (false, entry(&format!("{id}\nreason = \"...\""))),
        (false, entry(&format!("{id}\nreason = \" \u{2026} \""))),
        (false, entry(&format!("{id}\nreason = \"<why it is no secret>\""))),
        (true, entry(&format!("{id}\nreason = \"todolist <b> of the \u{e9}\""))),
        (false, entry(&format!("{id}\n{fingerprint}\n{reason}"))),
        (false, entry(&format!("{id}\n{kinds}\n{reason}"))),
        (false, entry(&format!("path = \"a\"\n{reason}"))),
        (false, entry(&format!("path = \"a\"\nkinds = []\n{reason}"))),
        (false, entry(&format!("commit = \"abcdef1\"\n{reason}"))),
        (false, entry(&format!("fingerprint = \"abc\"\n{reason}"))),
        (false, entry(&format!("id = \"dt0c01\"\n{reason}"))),
        (false, entry(&format!("{id}\n{reason}\nexpires = 2030-01-31T10:00:00"))),
        (false, entry(&format!("{id}\n{reason}\nwhy = \"x\""))),
        (false, path("/a")),
        (false, path("../a")),
        (false, path("a//b")),
        (false, path("!a")),
        (false, path("a/")),
    ] {
        let policy = format!("version = 1\n{body}");
        let schema_says = validator.is_valid(&as_json(&policy));
        let program_says = program_says(&policy);
        assert_eq!((schema_says, program_says.is_ok()), (valid, valid), "{policy}\n{program_says:?}");
    }
    for policy in ["", "version = 2", "version = \"1\""] {
        assert!(!validator.is_valid(&as_json(policy)) && program_says(policy).is_err(), "{policy}");
    }
}
