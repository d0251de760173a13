//! Dates as people write them -> the texts that SQLite compares: `2026-03-31`, `2026-03-31 14:05:00`.

use crate::text::month_named;

/// Years that a date may be of.
const YEARS: std::ops::RangeInclusive<u32> = 1000..=2999;
/// The most bytes of a date with its time.
const MAX_BYTES: usize = 40;

/// Whether the day or the month comes first, in a date of two numbers and a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DayOrder {
    DayFirst,
    MonthFirst,
}

/// Whether a text is a day as SQLite compares it: `2026-03-31`.
pub(super) fn is_iso_day(text: &str) -> bool {
    let number = |digits: &[u8]| {
        digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
    };
    let [year @ .., b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else { return false };
    let (month, day) = ([*m1, *m2], [*d1, *d2]);
    let are_digits = [year, &month, &day].into_iter().flatten().all(u8::is_ascii_digit);
    year.len() == 4 && are_digits && exists(number(year), number(&month), number(&day))
}

/// A date as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrittenDate {
    parts: Parts,
    /// Hours, minutes and seconds.
    time: Option<[u32; 3]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parts {
    /// Year, month, day.
    Known(u32, u32, u32),
    /// Two numbers, of which one is the month, a year, and whether slashes are between them.
    Open(u32, u32, u32, bool),
}

impl WrittenDate {
    /// The date that a whole text is. A day that does not exist is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > MAX_BYTES || !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (date, time) = split_time(text)?;
        let parts = of_numbers(date).or_else(|| of_names(date))?;
        Some(Self { parts, time })
    }

    /// The order of day and month, where it can be only one.
    pub(super) fn only_order(&self) -> Option<DayOrder> {
        let Parts::Open(first, second, year, _) = self.parts else { return None };
        match (exists(year, second, first), exists(year, first, second)) {
            (true, false) => Some(DayOrder::DayFirst),
            (false, true) => Some(DayOrder::MonthFirst),
            _ => None,
        }
    }

    /// Whether slashes are between its parts: Americans write the month first then.
    pub(super) fn has_slashes(&self) -> bool {
        matches!(self.parts, Parts::Open(.., true))
    }

    /// As SQLite compares it. The order is that of the column; it decides where the date can be read in both.
    pub(super) fn text(&self, order: DayOrder) -> Option<String> {
        let order = self.only_order().unwrap_or(order);
        let (year, month, day) = match (self.parts, order) {
            (Parts::Known(year, month, day), _) => (year, month, day),
            (Parts::Open(day, month, year, _), DayOrder::DayFirst)
            | (Parts::Open(month, day, year, _), DayOrder::MonthFirst) => (year, month, day),
        };
        let date = exists(year, month, day).then(|| format!("{year:04}-{month:02}-{day:02}"))?;
        Some(match self.time {
            Some([hour, minute, second]) => format!("{date} {hour:02}:{minute:02}:{second:02}"),
            None => date,
        })
    }
}

/// The date, and the time of day that follows it.
fn split_time(text: &str) -> Option<(&str, Option<[u32; 3]>)> {
    let Some(colon) = text.find(':') else { return Some((text, None)) };
    let start = text[..colon].rfind([' ', 'T'])?;
    let time = text[start + 1..].trim_end_matches('Z');
    // Fractions of a second and zones are left out.
    let time = time.split(['.', '+', '-']).next()?.trim_end();
    let mut parts = time.split(':').map(|part| part.parse::<u32>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    let is_time = hour < 24 && minute < 60 && second < 60 && parts.next().is_none();
    is_time.then(|| (text[..start].trim_end_matches(',').trim_end(), Some([hour, minute, second])))
}

/// 2024-02-13, 2024/02/13, 13.02.2024, 2/13/2024.
fn of_numbers(text: &str) -> Option<Parts> {
    let mark =
        text.chars().find(|c| !c.is_ascii_digit()).filter(|mark| ['-', '/', '.'].contains(mark))?;
    let mut parts = text.split(mark).map(str::trim);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let number = |part: &str| part.parse::<u32>().ok().filter(|_| part.len() <= 4);
    let (one, two, three) = (number(first)?, number(second)?, number(third)?);
    if first.len() == 4 {
        return exists(one, two, three).then_some(Parts::Known(one, two, three));
    }
    let is_date = third.len() == 4 && (exists(three, two, one) || exists(three, one, two));
    is_date.then_some(Parts::Open(one, two, three, mark == '/'))
}

/// 13 February 2024, February 13, 2024, 13. Februar 2024, 13 de febrero de 2024.
fn of_names(text: &str) -> Option<Parts> {
    let words = text.split([' ', ',', '\u{a0}']).filter(|word| !word.is_empty());
    let words: Vec<&str> =
        words.filter(|word| !["de", "del", "of", "den"].contains(word)).collect();
    let [first, second, year] = words[..] else { return None };
    let year = year.parse::<u32>().ok()?;
    let (day, month) = match month_named(second) {
        Some(month) => (day(first)?, month),
        None => (day(second)?, month_named(first)?),
    };
    exists(year, month, day).then_some(Parts::Known(year, month, day))
}

fn day(word: &str) -> Option<u32> {
    let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
    let ending = &word[digits.len()..];
    ["", ".", "st", "nd", "rd", "th", "er", "º"].contains(&ending).then(|| digits.parse().ok())?
}

/// Whether the Gregorian calendar has this day.
fn exists(year: u32, month: u32, day: u32) -> bool {
    let is_leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    YEARS.contains(&year) && (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn text(date: &str, order: DayOrder) -> Option<String> {
        WrittenDate::parse(date)?.text(order)
    }

    #[test]
    fn dates_of_many_notations_are_one_text() {
        let notations = [
            "2024-02-13",
            "2024/02/13",
            "13.02.2024",
            "13/2/2024",
            "13 February 2024",
            "February 13, 2024",
            "13. Februar 2024",
            "13 de febrero de 2024",
            "Feb 13th 2024",
        ];
        for notation in notations {
            assert_eq!(
                text(notation, DayOrder::DayFirst).as_deref(),
                Some("2024-02-13"),
                "{notation}"
            );
        }
    }

    #[test]
    fn a_time_of_day_follows() {
        let at = |date| text(date, DayOrder::DayFirst);
        assert_eq!(at("2024-02-13T14:05:09Z").as_deref(), Some("2024-02-13 14:05:09"));
        assert_eq!(at("13.02.2024, 14:05").as_deref(), Some("2024-02-13 14:05:00"));
        for zone in ["", "Z", ".250Z", "+05:00", "-05:00", " +0500", " -0500"] {
            let date = format!("2024-02-13T14:05:09{zone}");
            assert_eq!(
                text(&date, DayOrder::DayFirst).as_deref(),
                Some("2024-02-13 14:05:09"),
                "{zone}"
            );
        }
        assert_eq!(at("2024-02-13 25:00"), None);
    }

    #[test]
    fn the_order_of_day_and_month_is_that_of_the_column() {
        let open = WrittenDate::parse("03/04/2024").expect("a date");
        assert_eq!(open.only_order(), None);
        assert_eq!(open.text(DayOrder::DayFirst).as_deref(), Some("2024-04-03"));
        assert_eq!(open.text(DayOrder::MonthFirst).as_deref(), Some("2024-03-04"));
        // A day that only one order allows is read in that.
        assert_eq!(text("25/04/2024", DayOrder::MonthFirst).as_deref(), Some("2024-04-25"));
        assert_eq!(text("04/25/2024", DayOrder::DayFirst).as_deref(), Some("2024-04-25"));
        let only = |date| WrittenDate::parse(date).and_then(|it| it.only_order());
        assert_eq!(only("13/04/2024"), Some(DayOrder::DayFirst));
        assert_eq!(only("04/13/2024"), Some(DayOrder::MonthFirst));
    }

    #[test]
    fn days_that_do_not_exist_are_no_dates() {
        for none in
            ["2023-02-29", "31.04.2024", "31/31/2024", "2024-13-01", "1.2.3", "May 2024", "12", ""]
        {
            assert_eq!(WrittenDate::parse(none), None, "{none}");
        }
        assert!(WrittenDate::parse("2024-02-29").is_some());
    }
}
