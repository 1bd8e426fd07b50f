//! Expressions that `git filter-repo` must replace. Only this file of `find/` lets secret parts
//! out, and only into a file that its owner alone can read.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::ops::Range;

use tempfile::NamedTempFile;

use super::{MASK, Match};

/// Expressions for `git filter-repo --replace-text`, one for each way in which a secret part
/// is written. It has no `Debug` and hands out none of them.
#[derive(Default)]
pub struct SecretExpressions {
    /// The longest first: a shorter one may be a part of it.
    literals: BTreeSet<(Reverse<usize>, Vec<u8>)>,
    /// What goes over lines or comes in pieces, each with its replacement.
    patterns: BTreeSet<(Reverse<usize>, Vec<u8>)>,
}

impl SecretExpressions {
    /// Adds what replaces the secret part of `found` in `text`.
    pub fn add(&mut self, text: &[u8], found: &Match) {
        let bytes = |range: Range<usize>| text.get(range).unwrap_or_default();
        match found.secrets() {
            [secret] if !bytes(secret.clone()).contains(&b'\n') => {
                let secret = bytes(secret.clone());
                self.literals.insert((Reverse(secret.len()), secret.to_vec()));
            }
            parts => {
                let pattern = pattern(text, parts);
                self.patterns.insert((Reverse(pattern.len()), pattern));
            }
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.literals.len() + self.patterns.len()
    }

    /// Writes them to `file`. Its type makes sure that nobody else can read it: it is newly created,
    /// with the mode 0600.
    pub fn write(&self, file: &mut NamedTempFile) -> io::Result<()> {
        let mut out = io::BufWriter::new(file.as_file_mut());
        for (_, literal) in &self.literals {
            out.write_all(&[b"literal:", &literal[..], b"==>", MASK.as_bytes(), b"\n"].concat())?;
        }
        for (_, pattern) in &self.patterns {
            out.write_all(&[b"regex:", &pattern[..], b"\n"].concat())?;
        }
        out.flush()
    }
}

/// A regular expression of Python that replaces `parts`, which are in order, and keeps what is
/// between them.
fn pattern(text: &[u8], parts: &[Range<usize>]) -> Vec<u8> {
    let escaped = |range: Range<usize>| {
        let bytes = text.get(range).unwrap_or_default();
        bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect::<String>()
    };
    let (mut wanted, mut new) = (String::new(), String::new());
    let mut end = None;
    for (number, part) in parts.iter().enumerate() {
        if let Some(end) = end {
            wanted += &format!("({})", escaped(end..part.start));
            new += &format!("\\g<{number}>");
        }
        wanted += &escaped(part.clone());
        new += MASK;
        end = Some(part.end);
    }
    (wanted + "==>" + &new).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::find;
    use crate::token::{KINDS, specimen};

    fn written(text: &[u8]) -> Vec<u8> {
        let mut expressions = SecretExpressions::default();
        find(text).iter().for_each(|found| expressions.add(text, found));
        let mut file = NamedTempFile::new().unwrap();
        expressions.write(&mut file).unwrap();
        let written = std::fs::read(file.path()).unwrap();
        assert_eq!(memchr::memchr_iter(b'\n', &written).count(), expressions.count());
        written
    }

    #[test]
    fn a_secret_part_is_named_by_its_bytes_and_its_identifier_stays() {
        let token = specimen(&KINDS[0], 1);
        let text = format!("a={} b={}", token.text, token.text);
        assert_eq!(written(text.as_bytes()), format!("literal:{}==>********\n", token.secret()).as_bytes());
    }

    #[test]
    fn what_stands_between_the_pieces_of_a_secret_part_is_kept() {
        let token = specimen(&KINDS[0], 1).text;
        let text = format!("'{}' +\n '{}'\n", &token[..50], &token[50..]);
        let written = String::from_utf8(written(text.as_bytes())).unwrap();
        let hex = |text: &str| text.bytes().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
        let between = "(\\x27\\x20\\x2b\\x0a\\x20\\x27)";
        let wanted = hex(&token[32..50]) + between + &hex(&token[50..]);
        assert_eq!(written, format!("regex:{wanted}==>********\\g<1>********\n"));
    }
}
