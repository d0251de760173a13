//! Numbers of a claim that its evidence has not, by their values. Words for numbers are those of
//! English.

use super::wording::Word;

/// Words for numbers, from zero on. "One" is seldom a number where it stands alone.
const UP_TO_TWENTY: &str = "zero one two three four five six seven eight nine ten eleven twelve \
                            thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty";
const TENS: &str = "ten twenty thirty forty fifty sixty seventy eighty ninety";
const SCALES: [(&str, f64); 9] = [
    ("hundred", 100.0),
    ("thousand", 1e3),
    ("million", 1e6),
    ("billion", 1e9),
    ("trillion", 1e12),
    ("m", 1e6),
    ("bn", 1e9),
    ("k", 1e3),
    ("dozen", 12.0),
];
/// "First" and "second" are seldom numbers.
const ORDINALS: &str = "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth";
const FRACTIONS: [(&str, f64); 4] =
    [("half", 0.5), ("halves", 0.5), ("thirds", 1.0 / 3.0), ("quarters", 0.25)];
/// A unit, a smaller one, and how many of these it is.
const UNITS: [(&str, &str, f64); 5] = [
    ("day", "hour", 24.0),
    ("week", "day", 7.0),
    ("year", "month", 12.0),
    ("decade", "year", 10.0),
    ("century", "year", 100.0),
];
/// Words by which a number is only nearly right.
const ROUGHLY: &str = "about around roughly nearly almost some approximately over";
/// How far it may be off.
const ROUGH_SHARE: f64 = 0.06;
const SAME_SHARE: f64 = 1e-6;

/// A number in a text.
struct Number<'a> {
    value: f64,
    /// The word that it counts; empty where that is not known.
    unit: &'a str,
    is_year: bool,
}

/// Whether the claim has a number that the evidence has not. Numbers in words count only in English
/// text.
pub(super) fn lacks_number(claim: &[Word], evidence: &[Word], is_english: bool) -> bool {
    let there = numbers(evidence, is_english);
    let is_rough = is_english && is_rough(claim);
    let has = |own: &Number<'_>| there.iter().any(|other| are_equal(own, other, is_rough));
    !numbers(claim, is_english).iter().all(has)
}

fn numbers(words: &[Word], is_english: bool) -> Vec<Number<'_>> {
    let mut numbers = Vec::new();
    let mut rest = words;
    let mut before = "";
    while let Some((first, after)) = rest.split_first() {
        let Some((value, length)) = value_of(rest, before, is_english) else {
            (rest, before) = (after, &first.text);
            continue;
        };
        let (own, after) = rest.split_at(length);
        let unit = if is_english { unit_of(after) } else { "" };
        let is_year = length == 1 && is_year(&own[0].text);
        numbers.push(Number { value, unit, is_year });
        (rest, before) = (after, &own[length - 1].text);
    }
    numbers
}

/// The number that `words` begin with, and how many words it has. `before` is the word before it.
fn value_of(words: &[Word], before: &str, is_english: bool) -> Option<(f64, usize)> {
    let first = words.first()?;
    let (mut value, mut length) = if first.is_digits() {
        (value_of_digits(&first.text, is_english)?, 1)
    } else if !is_english {
        return None;
    } else if let Some(value) = value_of_word(&first.text).filter(|_| first.text != "one") {
        let more =
            words.get(1).filter(|_| value >= 20.0).and_then(|word| value_of_word(&word.text));
        more.filter(|more| (1.0..10.0).contains(more)).map_or((value, 1), |more| (value + more, 2))
    } else {
        let alone = place_in(ORDINALS, &first.text).map(|at| at as f64 + 3.0);
        let alone = alone.or_else(|| named(&FRACTIONS, &first.text));
        let scale = named(&SCALES, &first.text).filter(|_| matches!(before, "a" | "one"));
        return Some((alone.or(scale)?, 1));
    };
    let scales = words[length..].iter().map_while(|word| named(&SCALES, &word.text));
    for scale in scales.take_while(|_| is_english) {
        value *= scale;
        length += 1;
    }
    Some((value, length))
}

/// The value of digits. Commas and points part thousands, but for the point of a decimal: that is known
/// in English only.
fn value_of_digits(digits: &str, is_english: bool) -> Option<f64> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let mut groups = whole.split(',');
    let is_plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let begins_well = groups.next().is_some_and(is_plain);
    let is_regular = begins_well && groups.all(|group| group.len() == 3 && is_plain(group));
    if is_english && is_regular && is_plain(fraction) {
        return digits.replace(',', "").parse().ok();
    }
    digits.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok()
}

fn value_of_word(word: &str) -> Option<f64> {
    let small = place_in(UP_TO_TWENTY, word).map(|at| at as f64);
    small.or_else(|| place_in(TENS, word).map(|at| (at as f64 + 1.0) * 10.0))
}

fn place_in(list: &str, word: &str) -> Option<usize> {
    list.split(' ').position(|known| known == word)
}

fn named(list: &[(&str, f64)], word: &str) -> Option<f64> {
    list.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}

fn is_year(digits: &str) -> bool {
    let begins_well = digits.starts_with('1') || digits.starts_with("20");
    begins_well && digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit())
}

/// The first of the next two words that is no function word.
fn unit_of(after: &[Word]) -> &str {
    let joins = |word: &&Word| matches!(&*word.text, "of" | "to" | "and");
    let mut words = after.iter().take(2).skip_while(joins);
    words.next().filter(|word| !word.is_function_word()).map_or("", |word| &word.text)
}

fn is_rough(claim: &[Word]) -> bool {
    let is_pair = |pair: &[Word]| {
        matches!((&*pair[0].text, &*pair[1].text), ("more", "than") | ("close", "to"))
    };
    claim.iter().any(|word| place_in(ROUGHLY, &word.text).is_some())
        || claim.windows(2).any(is_pair)
}

fn are_equal(own: &Number<'_>, other: &Number<'_>, is_rough: bool) -> bool {
    let difference = (own.value - other.value).abs();
    let is_unit = |unit: &str, name: &str| unit.trim_end_matches('s') == name;
    let is_converted = UNITS.iter().any(|(large, small, factor)| {
        is_unit(own.unit, large)
            && is_unit(other.unit, small)
            && (own.value * factor - other.value).abs() < SAME_SHARE
    });
    difference <= SAME_SHARE * own.value.max(1.0)
        || is_converted
        || (is_rough && !own.is_year && difference <= ROUGH_SHARE * own.value.max(other.value))
}

#[cfg(test)]
mod tests {
    use super::super::wording::words;
    use super::*;
    use crate::test;

    fn values(text: &str) -> Vec<f64> {
        numbers(&words(text), true).iter().map(|number| number.value).collect()
    }

    fn lacks(claim: &str, evidence: &str) -> bool {
        lacks_number(&words(claim), &words(evidence), true)
    }

    #[test]
    fn digits_and_words_have_the_same_values() {
        assert_eq!(values("1,234.5 and 12 km, 5m or £3bn"), [1234.5, 12.0, 5e6, 3e9]);
        assert_eq!(values("twenty-one, forty thousand, two dozen"), [21.0, 4e4, 24.0]);
        assert_eq!(values("a hundred people, half of them in the fourth row"), [100.0, 0.5, 4.0]);
        assert_eq!(values("one of the first hundred"), [0.0; 0]);
        assert_eq!(values("1.2.3 and 1,2"), [123.0, 12.0]);
    }

    #[test]
    fn a_number_is_missing_where_no_value_is_equal() {
        assert!(!lacks("It has 250 rooms.", "It has 250 rooms and two halls."));
        assert!(!lacks("It has 12 rooms.", "It has twelve rooms."));
        assert!(lacks("It has 251 rooms.", "It has 250 rooms."));
        assert!(lacks("It was built in 1592.", "It was built in 1591."));
        assert!(!lacks("It is old.", "It was built in 1591."));
    }

    #[test]
    fn a_larger_unit_is_converted() {
        assert!(!lacks("It is open for 2 days.", "It is open for 48 hours."));
        assert!(!lacks("It took two centuries, 1 decade.", "It took two centuries, 10 years."));
        assert!(lacks("It is open for 2 days.", "It is open for 47 hours."));
    }

    #[test]
    fn a_number_may_be_rough_where_the_claim_says_so_but_a_year_may_not() {
        assert!(!lacks("It has about 250 rooms.", "It has 247 rooms."));
        assert!(!lacks("It has more than 250 rooms.", "It has 255 rooms."));
        assert!(lacks("It has 250 rooms.", "It has 247 rooms."));
        assert!(lacks("It was built around 1591.", "It was built in 1590."));
    }

    #[test]
    fn words_for_numbers_are_only_those_of_english() {
        // "ten" is "that" in Czech.
        let (claim, evidence) = (words("ten most má 3 oblouky"), words("most má 3 oblouky"));
        assert!(!lacks_number(&claim, &evidence, false));
        assert!(lacks_number(&claim, &evidence, true));
        assert!(lacks_number(&words("má 4 oblouky"), &evidence, false));
        assert!(!lacks_number(&words("1234 Tore"), &words("1.234 Tore"), false));
    }
}
