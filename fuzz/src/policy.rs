//! The policy file: read, and given further entries.

use dtguard::find::{Certainty, find};
use dtguard::policy::{Allowance, Change, Date, Layer, Level, Policy, PolicyError, Unwritten, add_entry};
use dtguard::text::count_added_lines;
use dtguard::token::{Fingerprint, Identifier, KINDS, specimen};

use super::input::{Input, grown};

/// Of what policies are made.
const LINES: [&str; 40] = [
    "version = 1\n",
    "version = 1\r\n",
    "[[allow]]\n",
    "[certainty]\n",
    "[coverage]\n",
    "[allow]\n",
    "id = \"dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX\"\n",
    "id = 'dt0c01.ABCDEFGHIJKLMNOPQRSTUVWY'\r\n",
    "\"id\" = \"dt0s01.ABCDEFGHIJKLMNOPQRSTUVWX\"\n",
    "path = \"tests/**\"\n",
    "path = \"t[ab]{c,d}?*.rs\"\n",
    "kinds = [\"dt0c01\"]\n",
    "kinds = [\n  \"dt0s16\", # this\n]\n",
    "reason = \"r\"\n",
    "reason = 'why'\r\n",
    "reason = \"\"\"\nlong\n\"\"\"\n",
    "owner = \"docs\"\n",
    "expires = 2027-06-30\n",
    "expires = 2020-02-29\r\n",
    "sample = \"pass\"\n",
    "filler = \"block\"\n",
    "unread = \"block\"\n",
    "certainty.sample = \"pass\"\n",
    "coverage = { unread = \"pass\" }\n",
    "allow = []\n",
    "allow = [{ id = \"dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX\", reason = \"r\" }]\n",
    "# a comment\n",
    "# another one\r\n",
    "\n",
    "\r\n",
    "   ",
    "\t",
    "\u{feff}",
    "fingerprint = \"",
    "\"\n",
    "reason = \"",
    "path = '",
    "'\n",
    " # ",
    "a",
];

/// Tries the policy that `bytes` are, and the one that they stand for.
pub fn policy(bytes: &[u8]) {
    read(bytes);
    read(&grown(bytes));
    let mut input = Input(bytes);
    let kind = input.pick(KINDS);
    let token = specimen(kind, u64::from(input.byte() % 4));
    let id = match token.identifier() {
        Some(id) if Identifier::parse(id).is_some_and(|id| id.names_one_token()) => id.to_owned(),
        _ => Fingerprint::of(token.secret().as_bytes()).to_string(),
    };
    let reason = String::from_utf8_lossy(input.some()).into_owned();
    let owner = String::from_utf8_lossy(input.some()).into_owned();
    let owner = Some(owner.as_str()).filter(|owner| !owner.is_empty());
    let expires = input.byte().is_multiple_of(2).then(|| "2027-06-30".parse().unwrap());
    let mut text = String::new();
    while !input.is_empty() {
        match input.byte() {
            line @ 0x80.. => text.push_str(LINES[usize::from(line - 0x80) % LINES.len()]),
            byte => text.push(byte.into()),
        }
    }
    read(text.as_bytes());
    edit(&text, &Allowance { token: &id, reason: &reason, owner, expires });
}

fn read(bytes: &[u8]) {
    if let Err(error) = Policy::parse_bytes("p.toml", bytes) {
        shows_no_secret(bytes, &error);
    }
}

/// Whatever was pasted into a policy, no message repeats a secret part.
fn shows_no_secret(text: &[u8], error: &PolicyError) {
    let pasted = find(text);
    for found in find(format!("{error}\n{}", error.help()).as_bytes()) {
        let new = !found.encodings.is_plain() && pasted.iter().all(|pasted| pasted.key() != found.key());
        assert!(new || found.certainty == Certainty::Filler, "{error}");
    }
}

/// Whether it is one, of whichever layer.
fn is_policy(text: &str) -> bool {
    let layer = Layer::new(Level::CommandLine, "p.toml", text.as_bytes());
    layer.and_then(|layer| Policy::layered(vec![layer], Date::today())).is_ok()
}

/// A policy that is one stays one, with all its lines, and the same entry again
/// changes nothing.
fn edit(text: &str, allowance: &Allowance<'_>) {
    let blank = text.replace("\r\n", "\n").trim_matches([' ', '\t', '\n']).is_empty();
    let valid = blank || is_policy(text);
    let edited = match add_entry("p.toml", text, allowance) {
        Ok(edited) => edited,
        Err(error) => {
            shows_no_secret(text.as_bytes(), &error);
            let says = error.to_string();
            let asked = Unwritten::of(allowance.reason).is_some()
                || says.contains("inline array")
                || says.contains("still to be written");
            assert!(!valid || asked, "{text:?} with {allowance:?}: {says}");
            return;
        }
    };
    assert!(valid || text.starts_with('\u{feff}'), "{text:?}");
    assert!(is_policy(edited.text.trim_start_matches('\u{feff}')));
    if edited.change == Change::Added {
        let lost = count_added_lines(text.as_bytes(), edited.text.as_bytes());
        assert_eq!(lost, 0, "{text:?} became {:?}", edited.text);
    }
    let again = add_entry("p.toml", &edited.text, allowance).unwrap();
    assert!(again.change.is_none());
    assert_eq!(again.text, edited.text);
}
