//! The lines of `od -c`, `od -ta` and `hexdump -c`: an offset, then a character in every four
//! columns.

use super::super::encoding::Encoding;
use super::decoded::Decoded;
use super::map::Builder;
use super::text::SHORTEST;

/// How many digits an offset has, and how many columns a character.
const OFFSET: usize = 7;
const CELL: usize = 4;

/// Hands out the rows of such lines, which begin at some of `lines`, in order.
pub(super) fn each(text: &[u8], lines: &[usize], out: &mut dyn FnMut(Decoded)) {
    let mut row = Builder::default();
    let mut end = 0;
    for start in lines {
        if *start != end {
            hand_out(std::mem::take(&mut row), out);
        }
        end = read(text, *start, &mut row);
    }
    hand_out(row, out);
}

fn hand_out(row: Builder, out: &mut dyn FnMut(Decoded)) {
    if row.bytes.len() >= SHORTEST - 3 {
        let (bytes, map) = row.finish();
        out(Decoded { encoding: Encoding::Characters, bytes, map, part: false });
    }
}

/// Adds the characters of the line that begins at `start`; where the next one begins.
fn read(text: &[u8], start: usize, row: &mut Builder) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let (offset, cells) = rest.get(..length).unwrap_or_default().split_at_checked(OFFSET).unwrap_or_default();
    if offset.iter().all(u8::is_ascii_hexdigit) {
        for (number, cell) in cells.chunks(CELL).enumerate() {
            let written = cell.trim_ascii();
            let character = match written {
                [one] => *one,
                b"sp" | [] => b' ',
                b"nl" | b"\\n" => b'\n',
                b"ht" | b"\\t" => b'\t',
                _ => 0xff,
            };
            let blanks = (cell.len() - cell.trim_ascii_start().len()) % cell.len();
            let at = start + OFFSET + number * CELL + blanks;
            row.escaped(character, at, written.len().max(1));
        }
    }
    start + length + 1
}
