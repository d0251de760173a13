//! The places that may support a claim: sentences, and each two that follow each other.

use std::collections::BTreeSet;

use super::claim::Claim;
use super::wording::is_form_of;
use crate::answer::quotes::Sentence;
use crate::answer::weighted_terms::WeightedTerms;
use crate::document::Span;
use crate::kernel::dot;

/// What two sentences must have more than one.
const MORE_OF_TWO: f32 = 0.1;

/// What may support a claim: a sentence of a passage, or two consecutive ones.
#[derive(Clone, Copy)]
pub(super) struct Evidence<'a> {
    pub(super) first: &'a Sentence,
    pub(super) second: Option<&'a Sentence>,
}

/// The sentences in the order of their text.
pub(super) fn in_order(sentences: &[Sentence]) -> Vec<&Sentence> {
    let mut ordered: Vec<&Sentence> = sentences.iter().collect();
    ordered.sort_by_key(|sentence| (sentence.signals.passage, sentence.signals.span));
    ordered
}

/// Each sentence that can support something: no question, no label and no order to a model.
pub(super) fn singles<'a>(ordered: &[&'a Sentence]) -> impl Iterator<Item = Evidence<'a>> {
    let telling = ordered.iter().filter(|sentence| !sentence.signals.is_label);
    telling.map(|&first| Evidence { first, second: None })
}

/// Each two such sentences that follow each other, where both have words of the claim that the other
/// has not.
pub(super) fn pairs<'a>(
    ordered: &[&'a Sentence],
    claim: &WeightedTerms,
) -> impl Iterator<Item = Evidence<'a>> {
    let are_both_needed =
        |one, other| contributes(one, other, claim) && contributes(other, one, claim);
    ordered
        .windows(2)
        .filter(move |pair| {
            pair.iter().all(|sentence| !sentence.signals.is_label)
                && pair[0].signals.passage == pair[1].signals.passage
                && are_both_needed(pair[0], pair[1])
        })
        .map(|pair| Evidence { first: pair[0], second: Some(pair[1]) })
}

/// The evidence that is most like the claim in words, in any of their forms, and in meaning.
pub(super) fn likest<'a>(ordered: &[&'a Sentence], claim: &Claim) -> Option<Evidence<'a>> {
    let likeness = |evidence: &Evidence<'_>| {
        let terms = evidence.terms();
        let coverage = claim.words.coverage_by(|term| {
            terms.contains(term) || terms.iter().any(|known| is_form_of(term, known))
        });
        let more = if evidence.second.is_some() { MORE_OF_TWO } else { 0.0 };
        coverage + evidence.cosine(claim) - more
    };
    let all = singles(ordered).chain(pairs(ordered, &claim.words));
    let scored = all.map(|evidence| (likeness(&evidence), evidence));
    scored.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, evidence)| evidence)
}

impl Evidence<'_> {
    /// Its terms, and those of what stands above it.
    pub(super) fn terms(&self) -> BTreeSet<String> {
        let mut terms = self.first.all_terms();
        terms.extend(self.second.iter().flat_map(|second| second.terms.iter().cloned()));
        terms
    }

    /// The cosine of the claim and the nearest of its sentences.
    pub(super) fn cosine(&self, claim: &Claim) -> f32 {
        let cosine = |sentence: &Sentence| dot(&claim.embedding, &sentence.embedding);
        self.second.map(cosine).map_or(cosine(self.first), |second| second.max(cosine(self.first)))
    }

    /// The index of its passage, and its span.
    pub(super) fn place(&self) -> (usize, Span) {
        let start = self.first.signals.span.start;
        let end = self.second.unwrap_or(self.first).signals.span.end;
        (self.first.signals.passage, Span { start, end })
    }
}

/// Whether `one` contains a word of the claim that `other` lacks. Numbers do not count:
/// the year of one thing would support a claim about another.
fn contributes(one: &Sentence, other: &Sentence, claimed: &WeightedTerms) -> bool {
    let mut words = claimed.terms().filter(|term| !term.chars().any(char::is_numeric));
    words.any(|word| one.terms.contains(word) && !other.terms.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Index;
    use crate::test;
    use crate::text::terms;

    /// The numbers of the sentences that a claim is held against. Of each sentence its words and its
    /// cosine are given.
    fn likest_of(claim: &str, sentences: &[(&str, f32)]) -> Vec<u32> {
        let words = WeightedTerms::new(claim, &Index::new());
        let (text, numbers_and_names) = (claim.to_owned(), BTreeSet::new());
        let claim = Claim { text, words, numbers_and_names, embedding: vec![1.0, 0.0] };
        let sentence = |(number, (words, cosine)): (u32, &(&str, f32))| {
            let span = Span { start: number, end: number + 1 };
            Sentence::of(span, terms(words).into_iter().collect(), [*cosine, 0.0].into())
        };
        let sentences: Vec<Sentence> = (0..).zip(sentences).map(sentence).collect();
        let found = likest(&in_order(&sentences), &claim).map(|evidence| evidence.place().1);
        found.map_or(Vec::new(), |span| (span.start..span.end).collect())
    }

    #[test]
    fn the_likest_evidence_has_the_words_in_any_form_or_the_meaning() {
        let claim = "the german gates opened";
        assert_eq!(likest_of(claim, &[("the bread", 0.5), ("germany opens gate", 0.5)]), [1]);
        assert_eq!(likest_of(claim, &[("the bread", 0.9), ("the bridge", 0.4)]), [0]);
        assert_eq!(likest_of(claim, &[]), [0; 0]);
    }

    #[test]
    fn two_sentences_are_taken_where_each_adds_words() {
        let claim = "gates opened and mills burned";
        let each = [("the gates opened", 0.6), ("the mills burned", 0.6)];
        assert_eq!(likest_of(claim, &each), [0, 1]);
        let one = [("the gates opened and the mills burned", 0.6), ("the mills stood", 0.6)];
        assert_eq!(likest_of(claim, &one), [0]);
    }
}
