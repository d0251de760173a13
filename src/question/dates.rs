//! Dates in a question, and the other ways to write them.
//!
//! "13 February 2024" is found as 2024-02-13 too. The index holds the words of the texts only, so
//! that it is the question that has all notations.

use std::ops::Range;

use crate::text::{fold, month_named, names_of_month, words};

/// Words that may stand between the parts of a date.
const BETWEEN: &[&str] = &["of", "de", "del", "den", "the", "di"];
/// What follows the number of a day.
const DAY_ENDINGS: &[&str] = &["", "st", "nd", "rd", "th", "er", "º", "o", "-го", "го"];
/// The most pieces of a date: "13 de febrero de 2024".
const MAX_PIECES: usize = 5;

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    year: u32,
    month: u32,
    day: u32,
}

/// A date as it is written in a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrittenDate {
    /// Its pieces among those of the question, which white space separates.
    pub(super) pieces: Range<usize>,
    /// What it may mean: 3/4/2025 is a day in March or in April.
    pub(super) dates: Vec<Date>,
}

impl Date {
    fn new(year: u32, month: u32, day: u32) -> Option<Self> {
        let is_day = (1..=12).contains(&month) && (1..=31).contains(&day);
        (is_day && (1000..3000).contains(&year)).then_some(Self { year, month, day })
    }

    /// Its notations in numbers, each one term: the unambiguous ones, and with slashes.
    pub(super) fn terms(self) -> Vec<String> {
        let Self { year, month, day } = self;
        let mut terms = vec![
            format!("{year}-{month:02}-{day:02}"),
            format!("{year}{month:02}{day:02}"),
            format!("{year}/{month:02}/{day:02}"),
            format!("{year}.{month:02}.{day:02}"),
            format!("{day:02}.{month:02}.{year}"),
            format!("{day}.{month}.{year}"),
            format!("{day:02}-{month:02}-{year}"),
        ];
        for (first, second) in [(day, month), (month, day)] {
            terms.push(format!("{first:02}/{second:02}/{year}"));
            terms.push(format!("{first}/{second}/{year}"));
        }
        terms
    }

    /// Its notations with the name of the month: the terms of each.
    pub(super) fn named(self) -> Vec<Vec<String>> {
        let Self { year, month, day } = self;
        let [year, day] = [year, day].map(|number| number.to_string());
        let names = names_of_month(month).map(str::to_owned);
        names.map(|name| vec![day.clone(), name, year.clone()]).collect()
    }
}

/// The dates among the pieces of a question. Those without a year are none.
pub(super) fn dates(pieces: &[&str]) -> Vec<WrittenDate> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < pieces.len() {
        let date = numeric(pieces[at]).map(|dates| (1, dates));
        let date = date.or_else(|| named(&pieces[at..]).map(|(len, date)| (len, vec![date])));
        let len = match date {
            Some((len, dates)) => {
                found.push(WrittenDate { pieces: at..at + len, dates });
                len
            }
            None => 1,
        };
        at += len;
    }
    found
}

/// 2024-02-13, 13.02.2024, 02/13/2024, 2024年2月13日.
fn numeric(piece: &str) -> Option<Vec<Date>> {
    let piece = trimmed(piece).trim_end_matches('日');
    let is_separator = |c: char| matches!(c, '-' | '.' | '/' | '年' | '月');
    let separator = piece.chars().find(|&c| is_separator(c))?;
    let parts: Vec<&str> = piece.split(is_separator).collect();
    let [first, second, third] = parts[..] else { return None };
    let numbers: Option<Vec<u32>> = parts.iter().map(|part| number(part)).collect();
    let numbers = numbers?;
    let dates = match (first.chars().count(), third.chars().count(), separator) {
        (4, 1..=2, _) => vec![Date::new(numbers[0], numbers[1], numbers[2])],
        (1..=2, 4, '/') => vec![
            Date::new(numbers[2], numbers[1], numbers[0]),
            Date::new(numbers[2], numbers[0], numbers[1]),
        ],
        (1..=2, 4, '.' | '-') => vec![Date::new(numbers[2], numbers[1], numbers[0])],
        _ => return None,
    };
    let dates: Vec<Date> = dates.into_iter().flatten().collect();
    (!dates.is_empty() && second.chars().count() <= 2).then_some(dates)
}

/// "13 February 2024", "February 13th, 2024", "13. Februar 2024", "13 de febrero de 2024": how many
/// pieces it has.
fn named(pieces: &[&str]) -> Option<(usize, Date)> {
    let (mut day, mut month) = (None, None);
    for (at, piece) in pieces.iter().take(MAX_PIECES).enumerate() {
        let word = fold(trimmed(piece));
        if at > 0 && BETWEEN.contains(&&*word) {
            continue;
        }
        match (day, month) {
            (Some(day), Some(month)) => {
                let year = number(&word).filter(|_| word.len() == 4)?;
                return Some((at + 1, Date::new(year, month, day)?));
            }
            _ if month.is_none() && month_named(&word).is_some() => month = month_named(&word),
            (None, _) => day = Some(day_number(&word)?),
            _ => return None,
        }
    }
    None
}

fn day_number(word: &str) -> Option<u32> {
    let end = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
    let (digits, ending) = word.split_at(end);
    let is_day = (1..=2).contains(&digits.len()) && DAY_ENDINGS.contains(&ending);
    is_day.then(|| number(digits))?
}

fn number(digits: &str) -> Option<u32> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// A piece without the marks around it.
fn trimmed(piece: &str) -> &str {
    piece.trim_matches(|c: char| !c.is_alphanumeric())
}

/// The words of the pieces of a date.
pub(super) fn words_of(pieces: &[&str]) -> Vec<String> {
    pieces.iter().flat_map(|piece| words(piece)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn all(question: &str) -> Vec<(Range<usize>, Vec<String>)> {
        let pieces: Vec<&str> = question.split_whitespace().collect();
        let iso = |date: &Date| date.terms().swap_remove(0);
        let found = dates(&pieces).into_iter();
        found.map(|found| (found.pieces, found.dates.iter().map(iso).collect())).collect()
    }

    #[test]
    fn a_date_is_recognized_in_its_notations() {
        for (question, pieces) in [
            ("on 13 February 2024?", 1..4),
            ("on February 13th, 2024", 1..4),
            ("the 13th of February 2024", 1..5),
            ("am 13. Februar 2024", 1..4),
            ("el 13 de febrero de 2024", 1..6),
            ("13.02.2024?", 0..1),
            ("(2024-02-13)", 0..1),
            ("13 февраля 2024", 0..3),
            ("2024年2月13日", 0..1),
            ("02/13/2024", 0..1),
        ] {
            assert_eq!(all(question), [(pieces, vec!["2024-02-13".to_owned()])], "{question}");
        }
        let both = vec!["2025-04-03".to_owned(), "2025-03-04".to_owned()];
        assert_eq!(all("03/04/2025"), [(0..1, both)]);
    }

    #[test]
    fn other_numbers_are_no_dates() {
        for question in [
            "10.20.31.47",
            "1.2.3",
            "13.13.2024",
            "in May 2024",
            "12 monkeys",
            "may 5",
            "5.0.2024x",
        ] {
            assert_eq!(all(question), [], "{question}");
        }
    }
}
