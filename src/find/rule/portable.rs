//! The expression of a rule for other tools, in the form that POSIX `grep -E`, RE2, Python and
//! Rust read alike. What only some of them read is not written.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// The most repetitions that RE2 counts.
const MOST: u32 = 1000;

/// `hir` with groups that begin with `open`; only the one of the number `captured` is captured.
/// `None` if not every tool would read it alike.
pub(super) fn portable(hir: &Hir, open: &str, captured: Option<usize>) -> Option<String> {
    let mut out = String::new();
    Writer { open, captured }.write(hir, false, &mut out)?;
    Some(out)
}

struct Writer<'w> {
    open: &'w str,
    captured: Option<usize>,
}

impl Writer<'_> {
    /// Writes `hir`, as one unit if it is `nested`.
    fn write(&self, hir: &Hir, nested: bool, out: &mut String) -> Option<()> {
        match hir.kind() {
            HirKind::Empty => {}
            HirKind::Look(Look::WordAscii) => out.push_str("\\b"),
            HirKind::Look(_) => return None,
            HirKind::Literal(literal) if nested && literal.0.len() > 1 => return self.grouped(hir, out),
            HirKind::Literal(literal) => literal.0.iter().try_for_each(|byte| literally(*byte, out))?,
            HirKind::Class(class) => class_of(class, out)?,
            HirKind::Capture(group) => {
                let is_captured = usize::try_from(group.index).ok() == self.captured;
                out.push_str(if is_captured { "(" } else { self.open });
                self.write(&group.sub, false, out)?;
                out.push(')');
            }
            HirKind::Repetition(_) | HirKind::Concat(_) | HirKind::Alternation(_) if nested => {
                return self.grouped(hir, out);
            }
            HirKind::Repetition(repetition) => {
                self.write(&repetition.sub, true, out)?;
                let times = match (repetition.min, repetition.max) {
                    _ if !repetition.greedy => return None,
                    (least, most) if least.max(most.unwrap_or_default()) > MOST => return None,
                    (0, None) => "*".to_owned(),
                    (1, None) => "+".to_owned(),
                    (0, Some(1)) => "?".to_owned(),
                    (least, None) => format!("{{{least},}}"),
                    (least, Some(most)) if least == most => format!("{{{least}}}"),
                    (least, Some(most)) => format!("{{{least},{most}}}"),
                };
                out.push_str(&times);
            }
            HirKind::Concat(all) => all
                .iter()
                .try_for_each(|part| self.write(part, matches!(part.kind(), HirKind::Alternation(_)), out))?,
            HirKind::Alternation(all) => {
                for (number, way) in all.iter().enumerate() {
                    out.push_str(if number > 0 { "|" } else { "" });
                    self.write(way, false, out)?;
                }
            }
        }
        Some(())
    }

    fn grouped(&self, hir: &Hir, out: &mut String) -> Option<()> {
        out.push_str(self.open);
        self.write(hir, false, out)?;
        out.push(')');
        Some(())
    }
}

/// Whether a byte means itself everywhere, also within quotes of YAML and TOML.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-=:;,@%&~<>!".contains(&byte)
}

fn literally(byte: u8, out: &mut String) -> Option<()> {
    match byte {
        plain if is_plain(plain) => out.push(char::from(plain)),
        b'.' | b'*' | b'+' | b'?' | b'(' | b')' | b'{' | b'}' | b'|' | b'$' | b'/' => {
            out.extend(['[', char::from(byte), ']']);
        }
        _ => return None,
    }
    Some(())
}

fn class_of(class: &Class, out: &mut String) -> Option<()> {
    let Class::Bytes(class) = class else { return None };
    let members: Vec<u8> = class.iter().flat_map(|range| range.start()..=range.end()).collect();
    match members.as_slice() {
        [9..=13, .., b' '] if members.len() == 6 => {
            out.push_str("\\s");
            return Some(());
        }
        all if all.len() == 255 && !all.contains(&b'\n') => {
            out.push('.');
            return Some(());
        }
        [] => return None,
        _ => {}
    }
    let fits = |byte: &u8| is_plain(*byte) && *byte != b'-' || b".*+?(){}|$/".contains(byte);
    let mut dash = false;
    out.push('[');
    let mut rest = members.as_slice();
    while let [first, after @ ..] = rest {
        let group = |byte: &u8| match byte {
            b'0'..=b'9' => 1,
            b'A'..=b'Z' => 2,
            b'a'..=b'z' => 3,
            _ => 0,
        };
        let run = 1 + after
            .iter()
            .zip(first + 1..)
            .take_while(|(byte, next)| *byte == next && group(byte) == group(first) && group(first) > 0)
            .count();
        let (piece, behind) = rest.split_at_checked(run)?;
        match piece {
            [b'-'] => dash = true,
            [first, .., last] if run > 2 => out.extend([char::from(*first), '-', char::from(*last)]),
            bytes if bytes.iter().all(fits) => out.extend(bytes.iter().map(|byte| char::from(*byte))),
            _ => return None,
        }
        rest = behind;
    }
    out.push_str(if dash { "-]" } else { "]" });
    Some(())
}
