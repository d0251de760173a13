//! A sentence of an answer to the sentence of a passage that it rests on.

use std::collections::BTreeSet;

use crate::embed::Embedder;
use crate::error::Result;
use crate::index::Index;
use crate::kernel::dot;
use crate::quote::{Sentence, WeightedTerms};

/// A claim is supported where a source holds this share of its words, each counted
/// by how rare it is …
const SUPPORTING_COVERAGE: f32 = 0.65;
/// … or this share, where the two also mean nearly the same.
const SUPPORTING_COVERAGE_IF_ALIKE: f32 = 0.40;
const ALIKE: f32 = 0.75;

/// The source that supports `claim` best, if any does. Every number in the claim
/// must be in the source: a wrong year is a wrong answer, however alike the rest.
pub(crate) fn support<'a>(
    claim: &str,
    sources: &'a [Sentence],
    index: &Index,
    embedder: &Embedder,
) -> Result<Option<&'a Sentence>> {
    let claim = without_markers(claim);
    let claimed = WeightedTerms::of(&claim, index);
    let numbers: BTreeSet<&str> = claimed.terms().filter(|term| is_number(term)).collect();
    let tokens = [embedder.tokenize_passage(&claim)?];
    let embedding = embedder.embed(&tokens)?.pop().unwrap_or_default();
    let mut best: Option<(f32, &Sentence)> = None;
    for source in sources {
        if !numbers.iter().all(|number| source.terms.contains(*number)) {
            continue;
        }
        let coverage = claimed.coverage(&source.terms);
        let likeness = dot(&embedding, &source.embedding);
        let supported = coverage >= SUPPORTING_COVERAGE
            || (coverage >= SUPPORTING_COVERAGE_IF_ALIKE && likeness >= ALIKE);
        let strength = coverage + likeness;
        if supported && best.is_none_or(|(most, _)| strength > most) {
            best = Some((strength, source));
        }
    }
    Ok(best.map(|(_, source)| source))
}

fn is_number(term: &str) -> bool {
    term.chars().any(char::is_numeric)
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
        crate::index::terms(&without_markers(text))
    }
}
