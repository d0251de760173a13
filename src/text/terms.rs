//! Text -> terms for lexical search.

use unicode_segmentation::UnicodeSegmentation;

use super::compounds::{Compound, compounds};
use super::fold::{fold, mark_exponents};
use super::scripts::{is_hangul, is_unspaced};

/// The most characters of a term; longer words are cut.
const MAX_TERM_CHARS: usize = 64;

/// The weight of the whole of a compound word of letters.
const LETTERS_WEIGHT: f32 = 0.5;

/// The most bytes of a term.
pub(crate) const MAX_TERM_BYTES: usize = MAX_TERM_CHARS * 4;

/// The terms of `text`: its words, then the further terms of its compound words (`compounds.rs`)
/// and pairs of syllables of Korean words.
///
/// Words are those of Unicode's rules, in order, in lower case and without accents. Numbers are
/// words too. Scripts that write no space between words (Chinese, Japanese, Thai and their
/// like) become pairs of neighbouring characters; a character without such a neighbour
/// stands alone.
pub fn terms(text: &str) -> Vec<String> {
    weighted_terms(text).into_iter().map(|(term, _)| term).collect()
}

/// The same terms, each with its weight in a question. The whole of a compound word that
/// consists of letters only says little more than its words.
pub(crate) fn weighted_terms(text: &str) -> Vec<(String, f32)> {
    let mut all = words(text);
    push_syllables(&mut all);
    let mut terms: Vec<(String, f32)> = all.into_iter().map(|term| (term, 1.0)).collect();
    for Compound { wholes, parts } in compounds(&mark_exponents(text)) {
        let weight = |whole: &str| match whole.chars().all(char::is_alphabetic) {
            true => LETTERS_WEIGHT,
            false => 1.0,
        };
        terms.extend(wholes.into_iter().map(|whole| (weight(&whole), whole)).map(|(w, t)| (t, w)));
        terms.extend(parts.into_iter().map(|part| (part, 1.0)));
    }
    terms
}

/// The words among the terms of `text`, in order.
pub(crate) fn words(text: &str) -> Vec<String> {
    let text = fold(&mark_exponents(text));
    let mut words = Vec::new();
    // The current run of characters of scripts without spaces.
    let mut run = 0..0;
    for (start, word) in text.unicode_word_indices() {
        let end = start + word.len();
        if word.starts_with(is_unspaced) {
            if run.end != start {
                push_pairs(&text[run.clone()], &mut words);
                run.start = start;
            }
            run.end = end;
        } else {
            push_pairs(&text[run.clone()], &mut words);
            run = end..end;
            push_word(word, &mut words);
        }
    }
    push_pairs(&text[run], &mut words);
    words
}

/// The words of `text`, in order and normalized like [`terms()`]. Scripts without spaces
/// between words become single characters, so that a phrase can be found anywhere in a run.
pub(crate) fn tokens(text: &str) -> Vec<String> {
    let text = fold(&mark_exponents(text));
    let mut tokens = Vec::new();
    for word in text.unicode_words() {
        if word.starts_with(is_unspaced) {
            tokens.extend(word.chars().map(String::from));
        } else {
            push_word(word, &mut tokens);
        }
    }
    tokens
}

fn push_word(word: &str, terms: &mut Vec<String>) {
    let word = word.strip_suffix("'s").unwrap_or(word);
    let end = word.char_indices().nth(MAX_TERM_CHARS).map_or(word.len(), |(end, _)| end);
    terms.push(word[..end].to_owned());
}

fn push_pairs(run: &str, terms: &mut Vec<String>) {
    let ends = run.char_indices().map(|(start, char)| start + char.len_utf8());
    let starts = run.char_indices().map(|(start, _)| start);
    if run.chars().nth(1).is_none() && !run.is_empty() {
        terms.push(run.to_owned());
    }
    terms.extend(starts.zip(ends.skip(1)).map(|(start, end)| run[start..end].to_owned()));
}

/// Appends the pairs of syllables of the Korean words among `terms`, where they are no word
/// themselves.
fn push_syllables(terms: &mut Vec<String>) {
    for place in 0..terms.len() {
        let pairs = syllable_pairs(&terms[place]);
        terms.extend(pairs);
    }
}

/// The pairs of neighbouring syllables of a Korean word with three or more; none for others.
pub(crate) fn syllable_pairs(word: &str) -> Vec<String> {
    let mut pairs = Vec::new();
    if word.starts_with(is_hangul) && word.chars().nth(2).is_some() {
        push_pairs(word, &mut pairs);
    }
    pairs
}
