//! Hex digits, as object ids and fingerprints are written.

/// Decodes hex digits of either case. None if a character is no digit or their number is odd.
pub fn decode(digits: &[u8]) -> Option<Vec<u8>> {
    let value = |byte: &u8| char::from(*byte).to_digit(16).map(|value| value as u8);
    digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(value(high)? << 4 | value(low)?),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pairs_of_hex_digits_are_bytes() {
        assert_eq!(decode(b"00fFA9"), Some(vec![0, 255, 169]));
        assert_eq!(decode(b""), Some(vec![]));
        for digits in ["0", "0g", "\u{e9}0", "+1"] {
            assert_eq!(decode(digits.as_bytes()), None, "{digits}");
        }
    }
}
