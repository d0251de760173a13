//! The numbers of cells and questions.

/// Years that a number is read as.
pub(crate) const YEARS: std::ops::Range<f64> = 1000.0..2200.0;

/// What stands before a number and does not change it.
const PREFIXES: &[char] =
    &['$', '€', '£', '¥', '~', '≈', '(', '+', '<', '>', '"', '\'', '#', '*', '='];
const CURRENCIES: &[char] = &['$', '€', '£'];
const SPACES: &[char] = &[' ', '\u{a0}'];
/// What stands between feet and inches, and after these.
pub(crate) const FEET: [&str; 4] = ["'", "′", "ft", "’"];
const INCHES: [&str; 4] = ["\"", "″", "in", "”"];
const INCHES_OF_FOOT: f64 = 12.0;
/// Digits of a group of thousands.
const GROUP: usize = 3;

const SMALL_NUMBERS: &[&str] = &[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];
const ORDINALS: &[&str] = &[
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
    "tenth",
];

/// The number that a word such as "seven" is.
pub(crate) fn small_number(word: &str) -> Option<u32> {
    place(SMALL_NUMBERS, word)
}

/// The number that a word such as "seventh" is.
pub(crate) fn ordinal(word: &str) -> Option<u32> {
    place(ORDINALS, word)
}

/// An ordinal in digits: 2nd.
pub(crate) fn ordinal_in_digits(number: u32) -> String {
    let end = match number {
        1 => "st",
        2 => "nd",
        3 => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}

fn place(list: &[&str], word: &str) -> Option<u32> {
    list.iter().position(|other| *other == word).and_then(|place| u32::try_from(place).ok())
}

/// The number at the beginning of a text, and what is after it. Times are in their smallest unit.
pub(crate) fn leading_number(text: &str) -> Option<(f64, &str)> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || PREFIXES.contains(&c));
    let (sign, text) = match text.strip_prefix(['-', '−', '–']) {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    let text = text.trim_start_matches(CURRENCIES);
    let (written, rest) = text.split_at(written_length(text));
    if written.is_empty() {
        return None;
    }
    let (digits, rest) = with_spaced_thousands(written, rest);
    let number = sign * number_of(&digits)?;
    number.is_finite().then_some((number, rest.trim_start()))
}

/// Feet with inches as feet: 5'6", 5 ft 6 in.
pub(crate) fn feet_with_inches(text: &str) -> Option<f64> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (feet, rest) = text.trim_start().split_at_checked(digits(text.trim_start()))?;
    let rest = rest.trim_start();
    let rest = FEET.iter().find_map(|sign| rest.strip_prefix(sign))?.trim_start();
    let (inches, rest) = rest.split_at_checked(written_length(rest))?;
    let rest = rest.trim_start();
    if !INCHES.iter().any(|sign| rest.starts_with(sign)) {
        return None;
    }
    Some(feet.parse::<f64>().ok()? + inches.parse::<f64>().ok()? / INCHES_OF_FOOT)
}

/// Bytes of digits, and of what joins them.
fn written_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_part = |at: usize| match bytes.get(at) {
        Some(b'.') => is_digit(at + 1),
        Some(b',' | b':') => at > 0 && is_digit(at + 1),
        _ => is_digit(at),
    };
    (0..bytes.len()).take_while(|at| is_part(*at)).count()
}

/// The digits with the groups of thousands that spaces keep apart, and what is after them.
fn with_spaced_thousands<'a>(written: &str, mut rest: &'a str) -> (String, &'a str) {
    let mut digits = written.to_owned();
    if written.len() > GROUP || !written.bytes().all(|byte| byte.is_ascii_digit()) {
        return (digits, rest);
    }
    while let Some(next) = rest.strip_prefix(SPACES) {
        let length = next.bytes().take_while(u8::is_ascii_digit).count();
        if length != GROUP {
            break;
        }
        let (group, after) = next.split_at(length);
        digits.push_str(group);
        rest = after;
    }
    (digits, rest)
}

fn number_of(digits: &str) -> Option<f64> {
    if digits.contains(':') {
        return digits.split(':').try_fold(0.0, |units, part| {
            Some(units * 60.0 + part.replace(',', ".").parse::<f64>().ok()?)
        });
    }
    if digits.contains(',') {
        let whole = digits.split('.').next().unwrap_or_default();
        let is_thousands = whole.split(',').skip(1).all(|group| group.len() == GROUP);
        return match is_thousands {
            true => digits.replace(',', "").parse().ok(),
            // A comma before decimals.
            false if !digits.contains('.') => digits.replace(',', ".").parse().ok(),
            false => None,
        };
    }
    // Of a version or a date with points, the first number.
    let is_list = digits.matches('.').count() > 1;
    if is_list { digits.split('.').next()?.parse().ok() } else { digits.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn number(text: &str) -> Option<f64> {
        leading_number(text).map(|(number, _)| number)
    }

    #[test]
    fn thousands_are_apart_by_commas_or_spaces() {
        assert_eq!(number("1,234,567"), Some(1_234_567.0));
        assert_eq!(number("12 345 people"), Some(12_345.0));
        assert_eq!(number("12\u{a0}345"), Some(12_345.0));
        assert_eq!(number("12 34"), Some(12.0));
        assert_eq!(number("1,234.5"), Some(1234.5));
    }

    #[test]
    fn decimals_have_a_point_or_a_comma() {
        assert_eq!(number("3.25"), Some(3.25));
        assert_eq!(number("3,25"), Some(3.25));
        assert_eq!(number(".5"), Some(0.5));
        assert_eq!(number("1,23.5"), None);
        assert_eq!(number("1.2.3"), Some(1.0));
    }

    #[test]
    fn times_are_in_their_smallest_unit() {
        assert_eq!(number("2:05"), Some(125.0));
        assert_eq!(number("1:00:00.5"), Some(3600.5));
    }

    #[test]
    fn currencies_and_signs_belong_to_a_number() {
        assert_eq!(number("$1,200"), Some(1200.0));
        assert_eq!(number("-€5"), Some(-5.0));
        assert_eq!(number("−3"), Some(-3.0));
        assert_eq!(number("~ 40"), Some(40.0));
        assert_eq!(number("€"), None);
    }

    #[test]
    fn what_is_after_a_number_is_kept() {
        assert_eq!(leading_number("30 feet"), Some((30.0, "feet")));
        assert_eq!(leading_number("3–1"), Some((3.0, "–1")));
        assert_eq!(leading_number("4th"), Some((4.0, "th")));
    }

    #[test]
    fn a_number_too_large_is_none() {
        assert_eq!(number(&"9".repeat(400)), None);
    }

    #[test]
    fn words_are_numbers_and_ordinals() {
        assert_eq!(small_number("seven"), Some(7));
        assert_eq!(ordinal("third"), Some(3));
        assert_eq!(ordinal_in_digits(2), "2nd");
        assert_eq!(small_number("many"), None);
    }
}
