//! Calendar dates, for the expiry of entries.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// A day of the Gregorian calendar, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: i64,
    month: u8,
    day: u8,
}

impl Date {
    /// The day on which this version was released. Today is never earlier: a wrong clock must
    /// not make an expired entry valid again, nor postpone a block.
    pub const RELEASED: Self = Self { year: 2026, month: 11, day: 28 };

    /// The day with these numbers; none if there is no such day.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => return None,
        };
        (1..=days).contains(&day).then_some(Self { year: year.into(), month, day })
    }

    /// Today, in UTC.
    pub fn today() -> Self {
        Self::at(now())
    }

    /// Today, if the clock is `clock` seconds after the start of 1970.
    fn at(clock: i64) -> Self {
        Self::of_second(clock).max(Self::RELEASED)
    }

    /// The day, in UTC, of the second `seconds` after the start of 1970.
    pub fn of_second(seconds: i64) -> Self {
        Self::from_days(seconds.div_euclid(86_400))
    }

    /// The day so many days later.
    #[must_use]
    pub fn plus(self, days: u16) -> Self {
        Self::from_days(self.days() + i64::from(days))
    }

    /// How many days after 1970-01-01 this is.
    fn days(self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let month = i64::from(if self.month > 2 { self.month - 3 } else { self.month + 9 });
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        let year_of_era = year.rem_euclid(400);
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        year.div_euclid(400) * 146_097 + day_of_era - 719_468
    }

    /// The day `days` after 1970-01-01. Counts years from March, so that a leap day ends its
    /// year.
    fn from_days(days: i64) -> Self {
        let days = days + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * month + 2) / 5 + 1) as u8;
        let month = if month < 10 { month + 3 } else { month - 9 } as u8;
        Self { year: year_of_era + era * 400 + i64::from(month <= 2), month, day }
    }
}

/// Now, as seconds since 1970 in UTC.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed())
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl std::str::FromStr for Date {
    type Err = ();

    /// Reads `YYYY-MM-DD`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('-');
        let mut number = |length: usize| {
            parts
                .next()
                .filter(|part| part.len() == length && part.bytes().all(|b| b.is_ascii_digit()))
                .ok_or(())
        };
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        if parts.next().is_some() {
            return Err(());
        }
        let parse = |text: &str| text.parse::<u8>().map_err(|_| ());
        Self::new(year.parse().map_err(|_| ())?, parse(month)?, parse(day)?).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_since_1970_become_the_right_date() {
        for (days, date) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (789, "1972-02-29"),
            (11_016, "2000-02-29"),
            (20_772, "2026-11-15"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(Date::from_days(days).to_string(), date);
            assert_eq!(date.parse::<Date>().unwrap().days(), days);
        }
    }

    #[test]
    fn a_clock_that_is_years_behind_makes_nothing_valid_again() {
        assert_eq!(Date::at(0), Date::RELEASED);
        assert_eq!(Date::at(-1), Date::RELEASED);
        assert_eq!(Date::at(2_208_988_800), Date::new(2040, 1, 1).unwrap());
    }

    #[test]
    fn only_days_that_exist_are_dates() {
        assert_eq!("2024-02-29".parse(), Date::new(2024, 2, 29).ok_or(()));
        for text in [
            "2023-02-29",
            "2024-13-01",
            "2024-04-31",
            "2024-1-01",
            "24-01-01",
            "2024-01-01-",
            "2024-01-01T00:00",
            "tomorrow",
        ] {
            assert_eq!(text.parse::<Date>(), Err(()), "{text}");
        }
    }
}
