//! How the words around a number of a question compare with it.

use super::super::date::{self, Date, month};
use super::super::words::words;
use super::{Question, StatedNumber, Test};

/// Words before a number, and after it, that are read.
const WORDS_BEFORE: usize = 5;
const WORDS_AFTER: usize = 4;
/// Words between a phrase and the number.
const MAX_GAP: usize = 1;
/// Words from the first number of a range to the second.
const MAX_RANGE_WORDS: usize = 4;

/// The phrases of a test: before a number, and after it.
struct Phrases {
    test: Test,
    before: &'static [&'static str],
    after: &'static [&'static str],
}

/// The first whose phrase stands beside a number is meant: "no more than" is found before
/// "more than".
const COMPARISONS: &[Phrases] = &[
    Phrases {
        test: Test::AtLeast,
        before: &[
            "at least",
            "no less than",
            "no fewer than",
            "not less than",
            "minimum of",
            "since",
            "from",
        ],
        after: &[
            "or more",
            "or higher",
            "or above",
            "or greater",
            "or older",
            "or longer",
            "and above",
            "and up",
            "or better",
            "or over",
        ],
    },
    Phrases {
        test: Test::AtMost,
        before: &[
            "at most",
            "no more than",
            "not more than",
            "up to",
            "maximum of",
            "no later than",
            "no higher than",
            "no longer than",
            "no greater than",
            "not exceed",
            "no taller than",
        ],
        after: &[
            "or less",
            "or fewer",
            "or lower",
            "or under",
            "or below",
            "or earlier",
            "or shorter",
            "or younger",
            "and under",
            "and below",
        ],
    },
    Phrases {
        test: Test::Greater,
        before: &[
            "more than",
            "over",
            "above",
            "greater than",
            "higher than",
            "longer than",
            "larger than",
            "bigger than",
            "taller than",
            "older than",
            "exceeding",
            "exceed",
            "exceeds",
            "exceeded",
            "after",
            "later than",
            "better than",
            "farther than",
            "past",
            "beyond",
            "heavier than",
            "over the age of",
            "above the age of",
            "greater then",
            "more then",
            "surpass",
            "surpassed",
            "faster than",
        ],
        after: &[],
    },
    Phrases {
        test: Test::Less,
        before: &[
            "less than",
            "under",
            "below",
            "fewer than",
            "lower than",
            "smaller than",
            "shorter than",
            "younger than",
            "before",
            "earlier than",
            "under the age of",
            "below the age of",
            "less then",
            "prior to",
            "beneath",
            "worse than",
            "lighter than",
            "slower than",
            "until",
            "within",
            "by",
        ],
        after: &[],
    },
];

/// The test that the words around the one at `at` state.
pub(super) fn stated_test(question: &Question, at: usize) -> Option<Test> {
    let all = &question.words;
    let before = all.get(at.saturating_sub(WORDS_BEFORE)..at)?;
    let after = all.get(at + 1..all.len().min(at + 1 + WORDS_AFTER)).unwrap_or_default();
    let ends =
        |phrase: &&str| find(before, phrase).is_some_and(|(_, end)| before.len() - end <= MAX_GAP);
    let starts = |phrase: &&str| find(after, phrase).is_some_and(|(start, _)| start <= MAX_GAP + 1);
    let is_stated =
        |phrases: &&Phrases| phrases.before.iter().any(ends) || phrases.after.iter().any(starts);
    COMPARISONS.iter().find(is_stated).map(|phrases| phrases.test)
}

/// Where a phrase is first among words: its start and its end.
fn find(among: &[String], phrase: &str) -> Option<(usize, usize)> {
    let phrase = phrase.split(' ');
    let length = phrase.clone().count();
    let is_phrase = |words: &[String]| phrase.clone().eq(words.iter().map(String::as_str));
    among.windows(length).position(is_phrase).map(|start| (start, start + length))
}

/// The second number of a range whose first number this is.
pub(super) fn range_end(question: &Question, first: StatedNumber) -> Option<StatedNumber> {
    let word_before = |back: usize| first.at.checked_sub(back).map_or("", |at| question.word(at));
    let is_range = matches!(word_before(1), "between" | "from") || word_before(2) == "between";
    let mut numbers = question.numbers.iter().copied();
    let second =
        numbers.find(|other| other.at > first.at && other.at <= first.at + MAX_RANGE_WORDS);
    second.filter(|_| is_range)
}

/// The years of a decade or a century, where a word is one: from the first to below the second.
pub(super) fn decade(question: &Question, number: StatedNumber) -> Option<(f64, f64)> {
    let word = question.word(number.at);
    // 1990s, not 90s.
    let is_decade = word.ends_with("0s") && word.len() == 5;
    let years = if number.value % 100.0 == 0.0 { 100.0 } else { 10.0 };
    is_decade.then_some((number.value, number.value + years))
}

/// A date with a month and a day that begins at `from`, and the word after it.
pub(super) fn date_at(question: &Question, from: usize) -> Option<(usize, Date)> {
    let (first, second) = (question.word(from), question.word(from + 1));
    let (month, day) = match month(first) {
        Some(month) => (month, date::day(second)?),
        None => (month(second)?, date::day(first)?),
    };
    let year = date::year(question.word(from + 2));
    let to = from + 2 + usize::from(year.is_some());
    Some((to, Date::new(year, Some(month), Some(day))))
}

/// The letters that cells shall begin with, and the words of the question that say so.
pub(super) fn first_letters(question: &Question) -> Option<(usize, usize)> {
    const VERBS: &[&str] =
        &["starting", "start", "starts", "begin", "begins", "beginning", "started"];
    /// Letters of the longest beginning.
    const MAX_LETTERS: usize = 3;
    let count = question.words.len();
    let with = question.words.iter().position(|word| word == "with")?;
    let verb = with.checked_sub(1).filter(|verb| VERBS.contains(&question.word(*verb)))?;
    let is_beginning = |at: &usize| {
        let word = question.word(*at);
        word.len() == 1 && word != "a" || at + 1 == count && word.len() <= MAX_LETTERS
    };
    (with + 1..count).find(is_beginning).map(|letters| (verb, letters))
}

/// Whether a text begins with letters.
pub(super) fn begins_with(text: &str, letters: &str) -> bool {
    words(text).first().is_some_and(|word| word.starts_with(letters))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn test(text: &str) -> Option<Test> {
        let question = Question::new(text);
        stated_test(&question, question.numbers.last()?.at)
    }

    #[test]
    fn words_before_a_number_compare_with_it() {
        assert_eq!(test("more than 300 people"), Some(Test::Greater));
        assert_eq!(test("no more than 300 people"), Some(Test::AtMost));
        assert_eq!(test("at least 300 people"), Some(Test::AtLeast));
        assert_eq!(test("fewer than the 300"), Some(Test::Less));
        assert_eq!(test("more than any of the 300"), None, "too far from it");
    }

    #[test]
    fn words_after_a_number_compare_with_it() {
        assert_eq!(test("30 feet or more"), Some(Test::AtLeast));
        assert_eq!(test("30 or fewer"), Some(Test::AtMost));
        assert_eq!(test("30 feet and then some or more"), None);
    }

    #[test]
    fn a_range_has_two_numbers() {
        let end = |text: &str| {
            let question = Question::new(text);
            let first = *question.numbers.first()?;
            range_end(&question, first).map(|number| number.value)
        };
        assert_eq!(end("between 3,000 and 4,200 people"), Some(4200.0));
        assert_eq!(end("between the 3 and 4"), Some(4.0));
        assert_eq!(end("from 1990 to 1995"), Some(1995.0));
        assert_eq!(end("1990 or 1995"), None);
    }

    #[test]
    fn decades_and_centuries_are_ranges() {
        let of = |text: &str| {
            let question = Question::new(text);
            decade(&question, *question.numbers.first()?)
        };
        assert_eq!(of("in the 1990s"), Some((1990.0, 2000.0)));
        assert_eq!(of("in the 1800's"), Some((1800.0, 1900.0)));
        assert_eq!(of("in 1990"), None);
    }

    #[test]
    fn a_date_has_a_month_and_a_day() {
        let date = |text: &str| date_at(&Question::new(text), 1);
        let august = |year| Date::new(year, Some(8), Some(15));
        assert_eq!(date("before aug 15th"), Some((3, august(None))));
        assert_eq!(date("before 15 August 1990"), Some((4, august(Some(1990)))));
        assert_eq!(date("before August"), None);
    }

    #[test]
    fn a_letter_may_be_the_first() {
        let letters = |text: &str| {
            let question = Question::new(text);
            let (_, at) = first_letters(&question)?;
            Some(question.word(at).to_owned())
        };
        assert_eq!(letters("names that start with the letter k").as_deref(), Some("k"));
        assert_eq!(letters("names starting with mc").as_deref(), Some("mc"));
        assert_eq!(letters("names with a k"), None);
        assert!(begins_with("Élan", "e") && !begins_with("", "e"));
    }
}
