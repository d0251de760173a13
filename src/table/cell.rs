//! A cell: its text, and what it is as words, a number and a date.

use super::column::ColumnKind;
use super::date::Date;
use super::typed::TypedColumn;
use super::value::{YEARS, feet_with_inches, leading_number};
use super::words::{stem, words};

/// Words of the longest cell that is a number with its unit. A longer one is a sentence.
const MAX_NUMBER_WORDS: usize = 4;

/// What a cell says.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) text: String,
    /// Its stems.
    pub(crate) words: Vec<String>,
    pub(crate) number: Option<f64>,
    pub(crate) date: Option<Date>,
}

impl Cell {
    /// The cell with this text.
    pub(crate) fn new(text: &str) -> Self {
        let plain = words(text);
        let date = Date::of(text, &plain);
        let words: Vec<String> = plain.iter().map(|word| stem(word)).collect();
        let number = leading_number(text).filter(|(number, rest)| {
            // "1990 Olympics" is a name.
            let is_year = YEARS.contains(number)
                && number.fract() == 0.0
                && rest.starts_with(char::is_alphabetic);
            !is_year && (words.len() <= MAX_NUMBER_WORDS || rest.starts_with(['(', '[', '\n']))
        });
        let number = feet_with_inches(text).or(number.map(|(number, _)| number));
        Self { text: text.trim().to_owned(), words, number, date }
    }

    /// Takes the number that the cell is in its column, where marks and signs are those of the whole column.
    pub(crate) fn read_as(&mut self, column: &TypedColumn) {
        self.number = column.number(&self.text).or(self.number);
    }

    /// Whether it has no words.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether it has no value: nothing, or a mark for nothing.
    pub(crate) fn is_missing(&self) -> bool {
        self.is_empty() || MISSING.contains(&self.text.as_str())
    }

    /// A number that orders cells of a column of this kind.
    pub(crate) fn order(&self, kind: ColumnKind) -> Option<f64> {
        match kind {
            ColumnKind::Number => self.number,
            ColumnKind::Date => self.date.map(Date::order),
            ColumnKind::Text => None,
        }
    }

    /// The year that it is, or that its date is of.
    pub(crate) fn year(&self) -> Option<f64> {
        self.date.and_then(|date| date.year).map(f64::from)
    }

    /// Its first and second year, where it has two years in order.
    pub(crate) fn two_years(&self) -> Option<(f64, f64)> {
        let years = self.words.iter().filter_map(|word| word.parse::<f64>().ok());
        let years: Vec<f64> = years.filter(|year| YEARS.contains(year)).collect();
        match years[..] {
            [first, second] if second >= first => Some((first, second)),
            _ => None,
        }
    }
}

/// Texts that stand for no value.
pub(crate) const MISSING: &[&str] = &["", "-", "–", "—", "N/A"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn a_cell_is_a_number_with_its_unit() {
        assert_eq!(Cell::new("30 feet").number, Some(30.0));
        assert_eq!(Cell::new("1990 Olympics").number, None);
        assert_eq!(Cell::new("3 men in a small boat").number, None);
        assert_eq!(Cell::new("3 (men in a small boat)").number, Some(3.0));
    }

    #[test]
    fn a_dash_is_no_value() {
        assert!(Cell::new("—").is_missing() && Cell::new(" ").is_missing());
        assert!(!Cell::new("0").is_missing());
    }

    #[test]
    fn two_years_are_a_span() {
        assert_eq!(Cell::new("1990–1995").two_years(), Some((1990.0, 1995.0)));
        assert_eq!(Cell::new("1995–1990").two_years(), None);
        assert_eq!(Cell::new("1990").two_years(), None);
    }
}
