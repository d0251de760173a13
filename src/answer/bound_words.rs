//! The words that a context-bound answer is made of.

use crate::retrieve::Passage;
use crate::text::{listed_function_words, terms};

/// The question, the passages, and the function words of their language.
pub(crate) fn bound_words(question: &str, passages: &[Passage]) -> Vec<String> {
    let texts = passages.iter().map(|passage| passage.text().to_owned());
    let mut all: Vec<String> = texts.chain([question.to_owned()]).collect();
    let words: Vec<String> = all.iter().flat_map(|text| terms(text)).collect();
    all.extend(listed_function_words(&words).iter().map(|word| (*word).to_owned()));
    all
}
