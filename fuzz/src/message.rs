//! What git commits of a message.

use dtguard::source::fuzzing::cleanup;

use super::input::Input;

/// Settings as git prints them, with what comments can begin with.
const SETTINGS: [(&str, &[&str]); 8] = [
    ("", &["#"]),
    ("commit.cleanup\nstrip\0", &["#"]),
    ("commit.cleanup\nverbatim\0", &["#"]),
    ("commit.cleanup\nscissors\0", &["#"]),
    ("core.commentchar\n;\0", &[";"]),
    ("core.commentchar\nauto\0", &["#", ";", "@", "!", "$", "%", "^", "&", "|", ":"]),
    ("core.commentstring\n//\0", &["//", "#"]),
    ("commit.cleanup\nscissors\0core.commentchar\n;\0", &[";"]),
];
const SCISSORS: &str = " ------------------------ >8 ------------------------\n";
const LINES: [&str; 13] = [
    "word\n",
    "\n",
    "# comment\n",
    "; comment\n",
    "// comment\n",
    "word # and more\n",
    "diff --git a/f b/f\n",
    "diff --cc f\n",
    "Submodule s 1..2\n",
    "# Lines that start with '#' will be kept\n",
    "# Lines that start with '#' will be ignored\n",
    "+added\n",
    "word",
];

/// Reads a message under some settings.
pub fn message(bytes: &[u8]) {
    let mut input = Input(bytes);
    let (settings, signs) = *input.pick(&SETTINGS);
    let edited = input.byte().is_multiple_of(2);
    holds(input.0, settings, signs, edited);
    let mut text = Vec::new();
    while !input.is_empty() {
        let choice = usize::from(input.byte());
        match choice {
            0..0x60 => text.extend(LINES[choice % LINES.len()].as_bytes()),
            0x60..0x80 => {
                text.extend(input.pick(&["#", ";", "//", "@", " #", ""]).as_bytes());
                text.extend(SCISSORS.as_bytes());
            }
            _ => text.extend(input.some()),
        }
    }
    holds(&text, settings, signs, edited);
    drop(cleanup(bytes, edited).committed(&text));
}

/// Only comments are blanked, and only below a line of scissors something is cut off.
fn holds(text: &[u8], settings: &str, signs: &[&str], edited: bool) {
    let kept = cleanup(settings.as_bytes(), edited).committed(text);
    let (same, below) = text.split_at(kept.len());
    let mode = settings.strip_prefix("commit.cleanup\n").and_then(|mode| mode.split('\0').next());
    let says = |words: &[u8]| text.windows(words.len()).any(|window| window == words);
    let comments_go = edited && says(b"will be ignored") && matches!(mode, Some("strip") | None);
    let lines = same.split(|byte| *byte == b'\n').zip(kept.split(|byte| *byte == b'\n'));
    for (line, kept) in lines {
        let is_comment = comments_go && signs.iter().any(|sign| line.starts_with(sign.as_bytes()));
        let is_blank = kept.len() == line.len() && kept.iter().all(|byte| *byte == b' ');
        assert!(kept == line || is_comment && is_blank, "{} is {}", line.escape_ascii(), kept.escape_ascii());
    }
    let count = |text: &[u8]| text.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(count(same), count(&kept));
    if below.is_empty() {
        return;
    }
    assert!(edited && (same.is_empty() || same.ends_with(b"\n")));
    let sign = signs.iter().find(|sign| below.starts_with(format!("{sign}{SCISSORS}").as_bytes()));
    let sign = sign.unwrap_or_else(|| panic!("{} is cut off", below.escape_ascii()));
    let written = format!("{sign}{SCISSORS}{sign}");
    assert!(says(written.as_bytes()), "{}", below.escape_ascii());
}
