//! A word of a question: how much it weighs, and how much of it a text has.

use std::collections::BTreeSet;

use super::dates::{WrittenDate, words_of};
use super::whole_document::names_a_document;
use crate::lines::is_unspaced;
use crate::text::{Compound, compounds, syllable_pairs, without_prefixes, words};

/// The weight of words that only ask ("which", "does"), beside 1.
const FUNCTION_WORD_WEIGHT: f32 = 0.1;
/// The weight of a word that no document has: it may only be another word for the same.
const UNKNOWN_WEIGHT: f32 = 0.5;
/// The weight of a number or an identifier.
const IDENTIFIER_WEIGHT: f32 = 2.0;
/// How much of a word another form of it covers.
pub(super) const FORM_COVERAGE: f32 = 0.9;
/// How much of a compound word all its parts together cover, where the whole is not there.
const PARTS_COVERAGE: f32 = 0.8;

/// The fewest equal characters at the beginning of two forms of a word ("comes", "come").
const MIN_COMMON_PREFIX: usize = 4;
/// The same for a word and its plural with an s ("dog", "dogs").
const MIN_PLURAL_PREFIX: usize = 3;
/// The most characters of a form after this common prefix.
const MAX_DIFFERENT_SUFFIX: usize = 3;
/// The fewest characters of an identifier.
const MIN_IDENTIFIER_CHARS: usize = 4;

/// A word of a question: one that is written without spaces.
#[derive(Debug, Clone)]
pub(super) struct QuestionWord {
    /// The words that it consists of by Unicode's rules.
    pub(super) words: Vec<String>,
    pub(super) compound: Compound,
    /// Of a date, its notations with the name of the month: the terms of each.
    named_dates: Vec<Vec<String>>,
    pub(super) is_date: bool,
    pub(super) is_function_word: bool,
    pub(super) is_known: bool,
    /// The inverse document frequency of its rarest term.
    pub(super) idf: f32,
}

/// The words of what is written without spaces: one compound word, or each by itself.
fn parts_of(written: &str) -> Vec<(Vec<String>, Compound)> {
    let words = words(written);
    let mut compounds = compounds(written);
    if compounds.len() == 1 && !words.iter().any(|word| word.starts_with(is_unspaced)) {
        let compound = compounds.pop().filter(|_| !words.is_empty());
        return compound.map(|compound| (words, compound)).into_iter().collect();
    }
    let single = words.into_iter().map(|word| {
        let parts = syllable_pairs(&word);
        (vec![word], Compound { parts, ..Compound::default() })
    });
    let whole = |compound: Compound| (compound.wholes.clone(), compound);
    single.chain(compounds.into_iter().map(whole)).filter(|(words, _)| !words.is_empty()).collect()
}

impl From<(Vec<String>, Compound)> for QuestionWord {
    fn from((words, compound): (Vec<String>, Compound)) -> Self {
        Self {
            words,
            compound,
            named_dates: Vec::new(),
            is_date: false,
            is_function_word: false,
            is_known: false,
            idf: 0.0,
        }
    }
}

impl QuestionWord {
    /// The words of what is written without spaces.
    pub(super) fn all_in(written: &str) -> Vec<Self> {
        parts_of(written).into_iter().map(Self::from).collect()
    }

    /// A date: one word, whose other spellings are the other notations of the date.
    pub(super) fn date(date: &WrittenDate, pieces: &[&str]) -> Self {
        let words = words_of(&pieces[date.pieces.clone()]);
        let wholes = date.dates.iter().flat_map(|date| date.terms()).collect();
        let named_dates = date.dates.iter().flat_map(|date| date.named()).collect();
        let compound = Compound { wholes, parts: Vec::new() };
        Self { named_dates, is_date: true, ..Self::from((words, compound)) }
    }

    pub(super) fn weight(&self) -> f32 {
        match self {
            _ if self.is_identifier() || self.is_number() => IDENTIFIER_WEIGHT,
            _ if self.is_known => 1.0,
            // "the subject of the mail": no mail says that it is one.
            _ if self.words.iter().all(|word| names_a_document(word)) => 0.0,
            _ => UNKNOWN_WEIGHT,
        }
    }

    pub(super) fn rank_weight(&self) -> f32 {
        let share = if self.is_function_word { FUNCTION_WORD_WEIGHT } else { 1.0 };
        match self {
            _ if !self.is_known => 0.0,
            _ if self.is_identifier() || self.is_number() => IDENTIFIER_WEIGHT * self.idf,
            _ => share * self.idf,
        }
    }

    pub(super) fn covered_by(&self, terms: &BTreeSet<String>) -> f32 {
        let Compound { wholes, parts } = &self.compound;
        let has = |term: &String| terms.contains(term);
        let is_as_written = !self.is_date || self.words.len() == 1;
        if (is_as_written && self.words.iter().all(has)) || wholes.iter().any(has) {
            return 1.0;
        }
        // The terms of a text may have the day and the month from different places.
        if self.named_dates.iter().any(|date| date.iter().all(has)) {
            return FORM_COVERAGE;
        }
        if let [word] = &self.words[..]
            && terms.iter().any(|term| is_word_form(word, term))
        {
            return FORM_COVERAGE;
        }
        let smallest = if parts.is_empty() { &self.words } else { parts };
        let there = smallest.iter().filter(|part| has(part)).count();
        PARTS_COVERAGE * there as f32 / smallest.len().max(1) as f32
    }

    /// The number of a version, which may be written without its letter.
    pub(super) fn version(&self) -> Option<&str> {
        let [word] = &self.words[..] else { return None };
        word.strip_prefix('v').filter(|number| number.starts_with(char::is_numeric))
    }

    fn chars(&self) -> impl Iterator<Item = char> {
        self.words.iter().flat_map(|word| word.chars())
    }

    fn is_number(&self) -> bool {
        self.chars().all(|c| !c.is_alphabetic()) && self.chars().any(char::is_numeric)
    }

    /// Letters with digits, or a number with several separators: E4417, v2.14.1, 10.20.31.47,
    /// 14:05:10. An ordinal or a decade is none.
    pub(super) fn is_identifier(&self) -> bool {
        if self.is_date {
            return true;
        }
        let is_long = self.chars().count() >= MIN_IDENTIFIER_CHARS;
        let separators =
            self.words.len() - 1 + self.chars().filter(|c| !c.is_alphanumeric()).count();
        is_long && (self.is_code() || (self.is_number() && separators >= 2))
    }

    /// Letters and digits together.
    pub(super) fn is_code(&self) -> bool {
        let is_long = self.chars().count() >= MIN_IDENTIFIER_CHARS;
        let has_both = self.chars().any(char::is_numeric) && self.chars().any(char::is_alphabetic);
        is_long && has_both && !self.is_ordinal() && !self.is_date
    }

    /// "20th", "1950s".
    fn is_ordinal(&self) -> bool {
        let [word] = &self.words[..] else { return false };
        let letters = word.trim_start_matches(|c: char| c.is_numeric());
        letters.len() < word.len() && letters.chars().count() <= 2
    }

    pub(super) fn key(&self) -> String {
        self.chars().filter(|c| c.is_alphanumeric()).collect()
    }
}

pub(super) fn is_word_form(one: &str, other: &str) -> bool {
    if one.contains(char::is_numeric) || one.starts_with(is_unspaced) {
        return false;
    }
    let begin_alike = |one: &str, other: &str| {
        let common = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
        let longest = one.chars().count().max(other.chars().count());
        let is_plural = |one: &str, other: &str| {
            other.strip_prefix(one).is_some_and(|ending| matches!(ending, "s" | "es"))
        };
        common >= MIN_COMMON_PREFIX && longest - common <= MAX_DIFFERENT_SUFFIX
            || common >= MIN_PLURAL_PREFIX && (is_plural(one, other) || is_plural(other, one))
    };
    let others = || without_prefixes(other);
    without_prefixes(one).any(|one| others().any(|other| one == other || begin_alike(one, other)))
}
