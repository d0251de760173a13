//! A sentence of an answer, prepared for comparison.

use std::collections::BTreeSet;

use crate::answer::weighted_terms::WeightedTerms;
use crate::embed::Embedder;
use crate::error::Result;
use crate::index::Index;
use crate::text::terms;

/// A sentence of an answer, prepared for comparison.
pub(super) struct Claim {
    /// The sentence without citation markers.
    pub(super) text: String,
    pub(super) words: WeightedTerms,
    /// The terms of its numbers and names.
    pub(super) numbers_and_names: BTreeSet<String>,
    pub(super) embedding: Vec<f32>,
}

impl Claim {
    pub(super) fn new(text: &str, index: &Index, embedder: &Embedder) -> Result<Self> {
        let text = without_markers(text);
        let numbers_and_names = numbers_and_names(&text);
        let mut words = WeightedTerms::new(&text, index);
        words.limit_unknown(index, &numbers_and_names);
        let tokens = [embedder.tokenize_passage(&text)?];
        let embedding = embedder.embed(&tokens)?.pop().unwrap_or_default();
        Ok(Self { text, words, numbers_and_names, embedding })
    }
}

/// The terms of numbers and of capitalized words. The first word counts as a name only
/// before another capitalized word: "Teodora" in "Teodora Hale made the gates".
fn numbers_and_names(claim: &str) -> BTreeSet<String> {
    let is_name = |word: &&str| word.starts_with(char::is_uppercase);
    let words: Vec<&str> = claim.split_whitespace().collect();
    let first_is_name = words.get(1).is_some_and(is_name);
    let numbers_and_names = words.iter().enumerate().filter(|(at, word)| {
        word.contains(char::is_numeric) || (is_name(word) && (*at > 0 || first_is_name))
    });
    numbers_and_names.flat_map(|(_, word)| terms(word)).collect()
}

/// The claim without citation markers such as `[1]`, which a model may write unasked.
fn without_markers(claim: &str) -> String {
    let mut rest = claim;
    let mut plain = String::new();
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        rest = match after.split_once(']') {
            Some((inside, after)) if inside.chars().all(|c| c.is_ascii_digit() || c == ',') => {
                after
            }
            _ => {
                plain.push('[');
                after
            }
        };
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn what_must_not_be_made_up_is_numbers_and_names() {
        let numbers_and_names =
            |claim| numbers_and_names(claim).into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(
            numbers_and_names("Teodora Hale made 4 gates in Oxford."),
            "4 hale oxford teodora"
        );
        assert_eq!(numbers_and_names("The gates are new, says she."), "");
        assert_eq!(numbers_and_names("In 1957 it closed."), "1957");
    }

    #[test]
    fn citation_markers_are_removed_and_other_brackets_are_kept() {
        assert_eq!(without_markers("It opened [1] in 1891 [2,3]."), "It opened  in 1891 .");
        assert_eq!(without_markers("a[i] and [never closed"), "a[i] and [never closed");
        assert_eq!(terms(&without_markers("x [12")), ["x", "12"]);
    }
}
