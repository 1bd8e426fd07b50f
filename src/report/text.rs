//! How machine formats write names and times.

use crate::find::{find, masked};
use crate::policy::Date;

/// `bytes` without the secret part of any token in them: a file may be named after
/// one.
pub(super) fn masked_bytes(bytes: &[u8]) -> Vec<u8> {
    masked(bytes, 0..bytes.len(), &find(bytes))
}

/// [`masked_bytes`] as text, each byte that is not UTF-8 replaced by U+FFFD.
pub(super) fn masked_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&masked_bytes(bytes)).into_owned()
}

/// The second `seconds` after 1970 began, in UTC, as `YYYY-MM-DDThh:mm:ss`; none
/// in years of other than four digits.
pub(super) fn date_time(seconds: i64) -> Option<String> {
    let (date, second) = (Date::of_second(seconds), seconds.rem_euclid(86_400));
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    Some(format!("{date}T{hour:02}:{minute:02}:{second:02}"))
        .filter(|text| text.len() == 19 && !text.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_date_and_time_where_four_digits_hold_the_year() {
        for (seconds, text) in [
            (0, Some("1970-01-01T00:00:00")),
            (-1, Some("1969-12-31T23:59:59")),
            (1_795_315_047, Some("2026-11-22T02:37:27")),
            (253_402_300_799, Some("9999-12-31T23:59:59")),
            (253_402_300_800, None),
            (-62_167_219_201, None),
            (i64::MAX, None),
            (i64::MIN, None),
        ] {
            assert_eq!(date_time(seconds).as_deref(), text, "{seconds}");
        }
    }
}
