//! The dates of cells and questions.

use super::words::words;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const YEARS: std::ops::RangeInclusive<i32> = 1000..=2200;
const MONTH_NUMBERS: std::ops::RangeInclusive<u8> = 1..=12;
const DAYS: std::ops::RangeInclusive<u8> = 1..=31;
/// Letters of the shortest and the longest abbreviation of a month.
const ABBREVIATION: std::ops::RangeInclusive<usize> = 3..=4;
/// Words of the longest date.
const MAX_WORDS: usize = 4;
/// Days of a year and of a month, rounded up so that dates of different months stay in order.
const DAYS_OF_YEAR: f64 = 400.0;
const DAYS_OF_MONTH: f64 = 32.0;

/// A date, or what a text says of one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Date {
    pub(crate) year: Option<i32>,
    /// From 1 to 12.
    pub(crate) month: Option<u8>,
    /// From 1 to 31.
    pub(crate) day: Option<u8>,
}

impl Date {
    /// The date that a text is, or begins with.
    pub(crate) fn read(text: &str) -> Option<Self> {
        Self::of(text, &words(text))
    }

    /// The same of a text whose words are known.
    pub(crate) fn of(text: &str, words: &[String]) -> Option<Self> {
        let text = text.trim();
        let words: Vec<&str> = words.iter().map(String::as_str).take(MAX_WORDS).collect();
        Self::of_iso(text)
            .or_else(|| Self::of_slashes(text, &words))
            .or_else(|| Self::of_words(&words))
    }

    /// A number that orders dates.
    pub(crate) fn order(self) -> f64 {
        f64::from(self.year.unwrap_or(0)) * DAYS_OF_YEAR
            + f64::from(self.month.unwrap_or(0)) * DAYS_OF_MONTH
            + f64::from(self.day.unwrap_or(0))
    }

    /// Year, month and day, for comparisons of dates of which some have no year.
    pub(crate) fn key(self, with_year: bool) -> (i32, u8, u8) {
        let year = self.year.filter(|_| with_year).unwrap_or(0);
        (year, self.month.unwrap_or(0), self.day.unwrap_or(0))
    }

    /// 1994-06-17.
    fn of_iso(text: &str) -> Option<Self> {
        let is_date = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
        if !is_date {
            return None;
        }
        let year = text.get(..4)?.parse().ok()?;
        let month = text.get(5..7)?.parse().ok().filter(|month| MONTH_NUMBERS.contains(month))?;
        let day = text.get(8..10)?.parse().ok().filter(|day| DAYS.contains(day))?;
        Some(Self::new(Some(year), Some(month), Some(day)))
    }

    /// 6/17/1994.
    fn of_slashes(text: &str, words: &[&str]) -> Option<Self> {
        let [month, day, year, ..] = words else { return None };
        if !text.contains('/') {
            return None;
        }
        let year = number(year).filter(|year| *year > i32::from(*DAYS.end()))?;
        let month = small(month).filter(|month| MONTH_NUMBERS.contains(month))?;
        let day = small(day).filter(|day| DAYS.contains(day))?;
        Some(Self::new(Some(year), Some(month), Some(day)))
    }

    fn of_words(words: &[&str]) -> Option<Self> {
        let is_month = |word: &str| month(word).is_some();
        let is_day = |word: &str| day(word).is_some();
        let is_year = |word: &str| year(word).is_some();
        let date = |year_word: &str, month_word: &str, day_word: &str| {
            Self::new(year(year_word), month(month_word), day(day_word))
        };
        match *words {
            // In the last, the day of the week is before it.
            [m, d, y, ..] | [d, m, y, ..] | [_, m, d, y, ..]
                if is_month(m) && is_day(d) && is_year(y) =>
            {
                Some(date(y, m, d))
            }
            // Several days.
            [d, e, m, y, ..] if is_month(m) && is_day(d) && is_day(e) => Some(date(y, m, d)),
            [d, e, m] if is_month(m) && is_day(d) && is_day(e) => Some(date("", m, d)),
            [m, y, ..] if is_month(m) && is_year(y) => Some(date(y, m, "")),
            [m, d, ..] | [d, m, ..] if is_month(m) && is_day(d) => Some(date("", m, d)),
            [m] if is_month(m) => Some(date("", m, "")),
            [y, ..] if is_year(y) => Some(date(y, "", "")),
            _ => None,
        }
    }

    /// A date of these parts.
    pub(crate) fn new(year: Option<i32>, month: Option<u8>, day: Option<u8>) -> Self {
        Self { year, month, day }
    }
}

/// The number of a month, from its name or an abbreviation.
pub(crate) fn month(word: &str) -> Option<u8> {
    let is_short = ABBREVIATION.contains(&word.len());
    let is_name = |name: &str| name == word || is_short && name.starts_with(word);
    let place = MONTHS.iter().position(|name| is_name(name))?;
    u8::try_from(place + 1).ok()
}

/// The name of a month, from 1 to 12.
pub(crate) fn month_name(month: u8) -> Option<&'static str> {
    MONTHS.get(usize::from(month).checked_sub(1)?).copied()
}

/// The day of a month that a word such as 5 or 5th is.
pub(crate) fn day(word: &str) -> Option<u8> {
    small(word).filter(|day| DAYS.contains(day))
}

/// The year that a word is.
pub(crate) fn year(word: &str) -> Option<i32> {
    word.parse().ok().filter(|year| YEARS.contains(year))
}

fn number(word: &str) -> Option<i32> {
    word.trim_end_matches(char::is_alphabetic).parse().ok()
}

fn small(word: &str) -> Option<u8> {
    number(word).and_then(|number| u8::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn date(year: i32, month: u8, day: u8) -> Option<Date> {
        let part = |part: u8| (part > 0).then_some(part);
        Some(Date::new((year > 0).then_some(year), part(month), part(day)))
    }

    #[test]
    fn dates_are_read_in_their_spellings() {
        for text in [
            "June 17, 1994",
            "17 June 1994",
            "Jun 17 1994",
            "1994-06-17",
            "6/17/1994",
            "Fri, June 17, 1994",
            "17th june 1994",
        ] {
            assert_eq!(Date::read(text), date(1994, 6, 17), "{text}");
        }
        assert_eq!(Date::read("17–19 June 1994"), date(1994, 6, 17), "a range");
    }

    #[test]
    fn parts_of_dates_are_dates() {
        assert_eq!(Date::read("June 1994"), date(1994, 6, 0));
        assert_eq!(Date::read("June 17"), date(0, 6, 17));
        assert_eq!(Date::read("17 June"), date(0, 6, 17));
        assert_eq!(Date::read("Sept"), date(0, 9, 0));
        assert_eq!(Date::read("1994 (winter)"), date(1994, 0, 0));
        assert_eq!(Date::read("a town"), None);
    }

    #[test]
    fn a_month_that_no_year_has_is_none() {
        assert_eq!(Date::read("0/17/1994"), None);
        assert_eq!(Date::read("1994-99-17"), date(1994, 0, 0));
        assert_eq!(Date::read("abcé-06-17"), None);
    }

    #[test]
    fn dates_are_in_order() {
        let order = |text: &str| Date::read(text).map(Date::order);
        assert!(order("31 January 1994") < order("1 February 1994"));
        assert!(order("31 December 1993") < order("January 1994"));
    }
}
