//! A sentence of an answer to the sentence of a passage that it rests on.

use std::collections::BTreeSet;

use crate::document::Span;
use crate::embed::Embedder;
use crate::error::Result;
use crate::index::{Index, terms};
use crate::kernel::dot;
use crate::quote::{Sentence, WeightedTerms};

/// A claim is supported where a source holds so large a share of its words, each
/// counted by how rare it is, and means so nearly the same: cosine of their vectors …
const COVERED: (f32, f32) = (0.60, 0.60);
/// … or fewer of its words, and nearer in meaning.
const REWORDED: (f32, f32) = (0.45, 0.75);

/// A place that a claim may rest on: a sentence, or two that follow each other.
struct Source<'a> {
    first: &'a Sentence,
    second: Option<&'a Sentence>,
}

/// The place that supports `claim` best, if any does: the number of its passage, and
/// its span. Every number in the claim must stand there: a wrong year is a wrong
/// answer, however alike the rest. Two sentences are tried where one is not enough.
pub(crate) fn support(
    claim: &str,
    sentences: &[Sentence],
    index: &Index,
    embedder: &Embedder,
) -> Result<Option<(usize, Span)>> {
    let claim = without_markers(claim);
    let mut claimed = WeightedTerms::of(&claim, index);
    claimed.damp_unknown(index, &names(&claim));
    let tokens = [embedder.tokenize_passage(&claim)?];
    let embedding = embedder.embed(&tokens)?.pop().unwrap_or_default();
    let mut ordered: Vec<&Sentence> = sentences.iter().collect();
    ordered.sort_by_key(|sentence| (sentence.passage, sentence.span));
    let singles = ordered.iter().map(|first| Source { first, second: None });
    let pairs = ordered
        .windows(2)
        .filter(|pair| pair[0].passage == pair[1].passage)
        .map(|pair| Source { first: pair[0], second: Some(pair[1]) });
    let best = |found: Option<Source>| found.map(|source| source.place());
    Ok(best(strongest(singles, &claimed, &embedding))
        .or_else(|| best(strongest(pairs, &claimed, &embedding))))
}

fn strongest<'a>(
    sources: impl Iterator<Item = Source<'a>>,
    claimed: &WeightedTerms,
    embedding: &[f32],
) -> Option<Source<'a>> {
    sources
        .filter_map(|source| Some((source.strength(claimed, embedding)?, source)))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, source)| source)
}

impl Source<'_> {
    /// How well it supports the claim, if it does.
    fn strength(&self, claimed: &WeightedTerms, embedding: &[f32]) -> Option<f32> {
        let mut terms = self.first.terms.clone();
        let mut likeness = dot(embedding, &self.first.embedding);
        if let Some(second) = self.second {
            terms.extend(second.terms.iter().cloned());
            likeness = likeness.max(dot(embedding, &second.embedding));
        }
        if !claimed.terms().filter(|term| is_number(term)).all(|number| terms.contains(number)) {
            return None;
        }
        let coverage = claimed.coverage(&terms);
        let reaches = |(words, alike): (f32, f32)| coverage >= words && likeness >= alike;
        (reaches(COVERED) || reaches(REWORDED)).then_some(coverage + likeness)
    }

    fn place(&self) -> (usize, Span) {
        let end = self.second.unwrap_or(self.first).span.end;
        (self.first.passage, Span { start: self.first.span.start, end })
    }
}

fn is_number(term: &str) -> bool {
    term.chars().any(char::is_numeric)
}

/// Words with a capital letter within the sentence, and numbers: what a claim must
/// not make up.
fn names(claim: &str) -> BTreeSet<String> {
    let mut words = claim.split_whitespace();
    let first = words.next().filter(|word| is_number(word));
    first
        .into_iter()
        .chain(words.filter(|word| is_number(word) || word.starts_with(char::is_uppercase)))
        .flat_map(terms)
        .collect()
}

/// The claim without the "[1]" that a model may write by itself.
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
    use super::without_markers;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn markers_are_taken_out_and_other_brackets_stay() {
        assert_eq!(without_markers("It opened [1] in 1891 [2,3]."), "It opened  in 1891 .");
        assert_eq!(without_markers("a[i] and [never closed"), "a[i] and [never closed");
        assert_eq!(terms_of("x [12"), ["x", "12"]);
    }

    fn terms_of(text: &str) -> Vec<String> {
        super::terms(&without_markers(text))
    }
}
