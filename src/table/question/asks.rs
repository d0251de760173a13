//! What a question asks for in its own way: so many rows, yes or no, groups of a size.

use super::compare::stated_test;
use super::{Predicate, Question, Test};

/// The most rows of "the first ten".
const MAX_TOP: f64 = 20.0;
/// Words before the number of the first rows, and of the last.
const FIRST_WORDS: &[&str] = &["first", "top", "best", "highest"];
const LAST_WORDS: &[&str] = &["last", "bottom", "final", "lowest", "worst"];
/// Words that are superlatives but do not end so.
const SUPERLATIVES: &[&str] = &["most", "least", "top", "best", "worst", "first", "last", "bottom"];
/// Words that questions begin with that yes or no answers.
const VERBS: &[&str] = &[
    "is", "was", "were", "are", "did", "does", "do", "has", "have", "had", "can", "could", "will",
];
/// The largest size of a group that is asked for.
const MAX_SIZE: f64 = 50.0;
/// Numbers of times.
const TIMES: &[(&str, f64)] = &[("once", 1.0), ("twice", 2.0), ("thrice", 3.0)];
/// Words for more than one.
const SEVERAL: &[&str] = &["multiple", "several", "repeatedly"];

/// So many rows: "the three largest", "the first two".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Top {
    pub(crate) count: usize,
    /// The place of its number in the question.
    pub(crate) at: usize,
    /// Whether the first or the last rows of the table may be meant.
    pub(crate) is_edge: bool,
    pub(crate) is_last: bool,
}

impl Question {
    /// The rows that it asks for by their number.
    pub(crate) fn top(&self) -> Option<Top> {
        self.numbers.iter().find_map(|number| {
            let at = number.at;
            if number.value.fract() != 0.0 || !(2.0..=MAX_TOP).contains(&number.value) {
                return None;
            }
            let before = at.checked_sub(1).map_or("", |at| self.word(at));
            let after = self.word(at + 1);
            let is_before = |list: &[&str]| list.contains(&before) || list.contains(&after);
            let is_superlative = |word: &str| {
                SUPERLATIVES.contains(&word) || word.len() > 5 && word.ends_with("est")
            };
            let is_top = is_superlative(before) && before != "most" && before != "least"
                || is_superlative(after);
            is_top.then_some(Top {
                count: number.value as usize,
                at,
                is_edge: is_before(FIRST_WORDS) || is_before(LAST_WORDS),
                is_last: is_before(LAST_WORDS),
            })
        })
    }

    /// The first number that is not of this predicate.
    pub(crate) fn compared_number(&self, predicate: &Predicate) -> Option<f64> {
        let is_other = |at: usize| !(predicate.from..predicate.to).contains(&at);
        self.numbers.iter().find(|number| is_other(number.at)).map(|number| number.value)
    }

    /// Whether yes or no answers it.
    pub(crate) fn is_yes_no(&self) -> bool {
        let has =
            |one: &str, other: &str| self.words.windows(3).any(|words| words == [one, "or", other]);
        VERBS.contains(&self.word(0)) || has("true", "false") || has("yes", "no")
    }

    /// The size of the groups that it asks for: "more than once".
    pub(crate) fn group_size(&self) -> Option<(Test, f64)> {
        let times = self.words.iter().enumerate().find_map(|(at, word)| {
            let (_, size) = TIMES.iter().find(|(name, _)| name == word)?;
            Some((at, *size))
        });
        let numbers = self.numbers.iter().map(|number| (number.at, number.value));
        let is_size = |(_, size): &(usize, f64)| (1.0..=MAX_SIZE).contains(size);
        if let Some((at, size)) = times.or_else(|| numbers.into_iter().find(is_size)) {
            return Some((stated_test(self, at).unwrap_or(Test::Equal), size));
        }
        self.has_word(SEVERAL).then_some((Test::Greater, 1.0))
    }
}
