//! Whether a value says the same as a text: numbers and dates are compared as such.

use std::fmt;

use super::date::Date;
use super::plan::TableValue;
use super::value::leading_number;
use super::words::words;

/// Numbers that differ by less are equal.
const TOLERANCE: f64 = 1e-6;

impl TableValue {
    /// Whether the value says the same as `text`: in the same words, as the same date, or as the same
    /// number, which may have a unit on one of the two sides.
    pub fn says(&self, text: &str) -> bool {
        match self {
            Self::Text(own) => {
                has_same_words(own, text) || is_same_number(own, text) || is_same_date(own, text)
            }
            Self::Number(number) => leading_number(text).is_some_and(|(other, rest)| {
                is_close(*number, other) && !rest.starts_with(is_of_a_number)
            }),
        }
    }
}

impl fmt::Display for TableValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            // Sums of decimals have digits that are none of the table.
            Self::Number(number) => write!(f, "{}", (number * 1e6).round() / 1e6),
        }
    }
}

/// "3-1" and "3/4" are no number with a unit.
fn is_of_a_number(next: char) -> bool {
    next.is_ascii_digit() || matches!(next, '-' | '–' | '/')
}

fn is_close(one: f64, other: f64) -> bool {
    (one - other).abs() < TOLERANCE
}

fn has_same_words(own: &str, text: &str) -> bool {
    let of_own = words(own);
    of_own == words(text) && (!of_own.is_empty() || own.trim() == text.trim())
}

fn is_same_number(own: &str, text: &str) -> bool {
    let (Some((one, unit)), Some((other, its_unit))) = (leading_number(own), leading_number(text))
    else {
        return false;
    };
    let units_fit = unit.is_empty() || its_unit.is_empty() || words(unit) == words(its_unit);
    units_fit && is_close(one, other)
}

fn is_same_date(own: &str, text: &str) -> bool {
    let (one, other) = (Date::read(own), Date::read(text));
    one.is_some_and(|date| date.month.is_some()) && one == other
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn a_value_says_the_same_in_other_spellings_and_no_more() {
        let text = |text: &str| TableValue::Text(text.to_owned());
        assert!(text("Roch Pinard").says("roch pinard"));
        assert!(text("1,279,555").says("1279555"));
        assert!(text("13,149 ft").says("13149"));
        assert!(text("May 1, 1847").says("1 May 1847"));
        assert!(TableValue::Number(33.0).says("33 years"));
        assert!(!TableValue::Number(3.0).says("3-1"));
        assert!(!TableValue::Number(3.0).says("three mills"));
        assert!(!text("13,149 ft").says("13149 m"));
        assert!(!text("May 1847").says("1847"));
        assert!(!text("Italy").says("Spain"));
    }

    #[test]
    fn computed_numbers_are_written_without_the_noise_of_floats() {
        assert_eq!(TableValue::Number(0.1 + 0.2).to_string(), "0.3");
        assert_eq!(TableValue::Number(1172.0).to_string(), "1172");
    }
}
