//! What a question says: its words, its numbers and its triggers.

mod abbreviations;
mod asks;
mod cells;
mod compare;
mod filters;
mod function_words;
mod links;
mod meanings;
mod phrases;
mod spelling;
mod triggers;

use super::date::{month, month_name};
use super::value::{leading_number, ordinal, ordinal_in_digits, small_number};
use super::words::{people_or_country, stem, words};
use abbreviations::short_forms;
use function_words::FUNCTION_WORDS;

pub(crate) use asks::Top;
pub(crate) use links::{HeaderLink, Links, Operand, Predicate, Test};
pub(crate) use meanings::means;
pub(crate) use triggers::Group;

/// Words of the longest question that is answered.
pub(crate) const MAX_QUESTION_WORDS: usize = 400;
/// Letters of the short form of a month.
const SHORT_MONTH: usize = 3;

/// A question.
pub(crate) struct Question {
    /// Its words as they stand, in small letters.
    pub(crate) words: Vec<String>,
    pub(crate) stems: Vec<String>,
    /// Of each word, the words of cells that mean the same: stems.
    pub(crate) alternatives: Vec<Vec<String>>,
    pub(crate) numbers: Vec<StatedNumber>,
    /// Whether a word is no function word.
    pub(crate) is_content: Vec<bool>,
    /// The groups of the phrases that it has, in order.
    pub(crate) groups: Vec<Group>,
}

/// A number of a question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StatedNumber {
    /// The index of its word.
    pub(crate) at: usize,
    pub(crate) value: f64,
}

impl Question {
    /// The question with this text.
    pub(crate) fn new(text: &str) -> Self {
        let words = words(text);
        let stems: Vec<String> = words.iter().map(|word| stem(word)).collect();
        let groups = triggers::of(&words);
        let values = words.iter().map(|word| value(word)).enumerate();
        let numbers = values.filter_map(|(at, value)| Some(StatedNumber { at, value: value? }));
        let numbers = numbers.collect();
        let alternatives = words.iter().zip(&stems).map(|(word, stem)| alternatives(word, stem));
        let alternatives = alternatives.collect();
        let is_content =
            words.iter().map(|word| !FUNCTION_WORDS.contains(&word.as_str())).collect();
        let question = Self { words, stems, alternatives, numbers, is_content, groups };
        question.with_compared_ordinals()
    }

    /// The question whose ordinals are numbers where it compares with them: "above fourth".
    fn with_compared_ordinals(mut self) -> Self {
        let compared = (0..self.words.len()).filter_map(|at| {
            let value = ordinal(self.word(at)).filter(|value| *value >= 2)?;
            compare::stated_test(&self, at)?;
            Some(StatedNumber { at, value: f64::from(value) })
        });
        let compared: Vec<StatedNumber> = compared.collect();
        self.numbers.extend(compared);
        self.numbers.sort_by_key(|number| number.at);
        self
    }

    /// Whether it has a phrase of this group.
    pub(crate) fn has(&self, group: Group) -> bool {
        self.groups.contains(&group)
    }

    /// Whether it has a phrase of one of these groups.
    pub(crate) fn has_any(&self, groups: &[Group]) -> bool {
        groups.iter().any(|group| self.has(*group))
    }

    /// Whether it has one of these words.
    pub(crate) fn has_word(&self, list: &[&str]) -> bool {
        self.words.iter().any(|word| list.contains(&word.as_str()))
    }

    /// The word at a place; none is empty.
    pub(crate) fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }

    /// The place that it asks for, from the second on: "the third largest".
    pub(crate) fn place(&self) -> Option<u32> {
        self.words.iter().filter_map(|word| ordinal(word)).find(|place| *place >= 2)
    }
}

/// The number that a word is.
fn value(word: &str) -> Option<f64> {
    if word.starts_with(|char: char| char.is_ascii_digit()) {
        return leading_number(without_end(word)).map(|(number, _)| number);
    }
    let small = small_number(word).map(f64::from);
    small.or_else(|| matches!(word, "no" | "none").then_some(0.0))
}

/// 1990 of 1990s.
fn without_end(word: &str) -> &str {
    word.trim_end_matches(char::is_alphabetic)
}

fn alternatives(word: &str, own: &str) -> Vec<String> {
    let mut list = vec![own.to_owned()];
    if word.starts_with(|char: char| char.is_ascii_digit()) {
        let plain = without_end(word);
        list.extend((plain != word).then(|| plain.to_owned()));
    } else if let Some(number) = small_number(word) {
        list.push(number.to_string());
    } else if let Some(number) = ordinal(word) {
        list.extend([ordinal_in_digits(number), number.to_string()]);
    }
    if let Some(name) = month(word).and_then(month_name) {
        let short: String = name.chars().take(SHORT_MONTH).collect();
        list.extend([stem(name), stem(&short)]);
    }
    let other = people_or_country(word);
    list.extend(other.map(stem));
    for word in std::iter::once(word).chain(other) {
        list.extend(short_forms(word).map(stem));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn numbers_are_words_or_digits() {
        let question = Question::new("Did no team win seven or 1,200 games in the 1990s?");
        let numbers: Vec<f64> = question.numbers.iter().map(|number| number.value).collect();
        assert_eq!(numbers, [0.0, 7.0, 1200.0, 1990.0]);
    }

    #[test]
    fn a_word_has_alternatives() {
        let question = Question::new("the second french jan 17th");
        assert_eq!(question.alternatives[1], ["second", "2nd", "2"]);
        assert_eq!(question.alternatives[2], ["french", "franc", "fra"]);
        assert_eq!(question.alternatives[3], ["jan", "januari", "jan"]);
        assert_eq!(question.alternatives[4], ["17th", "17"]);
        assert_eq!(question.place(), Some(2));
    }

    #[test]
    fn a_question_has_the_groups_of_its_phrases() {
        let question = Question::new("How many players scored more than 3 goals?");
        assert!(question.has(Group::Count) && question.has(Group::MoreThan));
        assert!(!question.has_any(&[Group::Total, Group::Average]));
    }
}
