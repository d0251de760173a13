//! Attribution: a sentence of an answer -> the sentences of a passage that support it.

use std::collections::BTreeSet;

use super::quotes::Sentence;
use super::weighted_terms::WeightedTerms;
use crate::document::Span;
use crate::embed::Embedder;
use crate::error::Result;
use crate::index::Index;
use crate::kernel::dot;
use crate::model::SupportThreshold;
use crate::text::terms;

/// What may support a claim: a sentence of a passage, or two consecutive ones.
struct Evidence<'a> {
    first: &'a Sentence,
    second: Option<&'a Sentence>,
}

/// The index of the passage, and the span in it, that support `claim` best; none for an
/// unsupported claim. The evidence must contain every number and every name of the claim:
/// a wrong year or a wrong person makes an answer wrong, however similar the rest is. Two
/// sentences are tried only if no single one supports the claim.
pub(crate) fn find_evidence(
    claim: &str,
    sentences: &[Sentence],
    index: &Index,
    embedder: &Embedder,
) -> Result<Option<(usize, Span)>> {
    let claim = Claim::new(&without_markers(claim), index, embedder)?;
    // A question or a label supports nothing.
    let mut ordered: Vec<&Sentence> = sentences.iter().filter(|s| !s.signals.is_label).collect();
    ordered.sort_by_key(|sentence| (sentence.signals.passage, sentence.signals.span));
    let singles = ordered.iter().map(|first| Evidence { first, second: None });
    let pairs = ordered
        .windows(2)
        .filter(|pair| pair[0].signals.passage == pair[1].signals.passage)
        .map(|pair| Evidence { first: pair[0], second: Some(pair[1]) });
    let best = best_evidence(singles, &claim).or_else(|| best_evidence(pairs, &claim));
    Ok(best.map(|evidence| (evidence.first.signals.passage, evidence.span())))
}

/// A sentence of an answer, prepared for comparison.
struct Claim {
    words: WeightedTerms,
    /// The terms of its numbers and names.
    numbers_and_names: BTreeSet<String>,
    embedding: Vec<f32>,
    /// Evidence must reach one of these.
    thresholds: [SupportThreshold; 2],
}

impl Claim {
    fn new(text: &str, index: &Index, embedder: &Embedder) -> Result<Self> {
        let numbers_and_names = numbers_and_names(text);
        let mut words = WeightedTerms::new(text, index);
        words.limit_unknown(index, &numbers_and_names);
        let tokens = [embedder.tokenize_passage(text)?];
        let embedding = embedder.embed(&tokens)?.pop().unwrap_or_default();
        let thresholds = embedder.calibration().support;
        Ok(Self { words, numbers_and_names, embedding, thresholds })
    }
}

fn best_evidence<'a>(
    candidates: impl Iterator<Item = Evidence<'a>>,
    claim: &Claim,
) -> Option<Evidence<'a>> {
    candidates
        .filter_map(|evidence| Some((evidence.support(claim)?, evidence)))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, evidence)| evidence)
}

impl Evidence<'_> {
    /// The degree of support for the claim; none if it does not support the claim.
    fn support(&self, claim: &Claim) -> Option<f32> {
        let Claim { words, numbers_and_names, embedding, thresholds } = claim;
        let mut terms = self.first.all_terms();
        let mut similarity = dot(embedding, &self.first.embedding);
        if let Some(second) = self.second {
            let are_both_needed =
                contributes(self.first, second, words) && contributes(second, self.first, words);
            if !are_both_needed {
                return None;
            }
            terms.extend(second.terms.iter().cloned());
            similarity = similarity.max(dot(embedding, &second.embedding));
        }
        if !numbers_and_names.is_subset(&terms) {
            return None;
        }
        let coverage = words.coverage(&terms);
        let reaches = |threshold: &SupportThreshold| {
            coverage >= threshold.coverage && similarity >= threshold.similarity
        };
        thresholds.iter().any(reaches).then_some(coverage + similarity)
    }

    fn span(&self) -> Span {
        let end = self.second.unwrap_or(self.first).signals.span.end;
        Span { start: self.first.signals.span.start, end }
    }
}

/// Whether `one` contains a word of the claim that `other` lacks. Numbers do not count:
/// the year of one thing would support a claim about another.
fn contributes(one: &Sentence, other: &Sentence, claimed: &WeightedTerms) -> bool {
    let mut words = claimed.terms().filter(|term| !is_number(term));
    words.any(|word| one.terms.contains(word) && !other.terms.contains(word))
}

fn is_number(term: &str) -> bool {
    term.chars().any(char::is_numeric)
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
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::chunk::Chunk;
    use crate::document::{DocumentId, DocumentInfo, FileDetails, FileKind};
    use crate::index::SegmentBuilder;
    use crate::model::{EmbedderOptions, OriginalFiles};
    use crate::runtime::{IdleRuntime, Task};
    use crate::test;
    use crate::text::sentences;

    const TEXT: &str = "The tower of stone was built in 1591. It burned in a storm in 1874. The \
                        keeper lit the lamp every evening. A ferry carries timber and salt to the \
                        harbour of the old island town. Sourdough bread needs flour and water.";

    fn embedder() -> Embedder {
        let files = OriginalFiles {
            weights: include_bytes!("../../tests/fixtures/models/tiny-bert/model.safetensors"),
            config: include_str!("../../tests/fixtures/models/tiny-bert/config.json"),
            tokenizer: include_str!("../../tests/fixtures/models/tiny-bert/tokenizer.json"),
        };
        let options = EmbedderOptions { max_tokens: 128, ..Default::default() };
        let task = Task::default();
        let loading = Embedder::load_full_precision(files, options, &IdleRuntime, &task);
        pollster::block_on(loading).unwrap()
    }

    fn embed(embedder: &Embedder, text: &str) -> Vec<f32> {
        embedder.embed(&[embedder.tokenize_passage(text).unwrap()]).unwrap().remove(0)
    }

    /// The part of `TEXT` that supports each claim. Each sentence of `TEXT` is a chunk.
    fn supported<const N: usize>(claims: [&str; N]) -> [Option<&'static str>; N] {
        let embedder = embedder();
        let info = DocumentInfo {
            id: DocumentId::of(FileKind::PLAIN_TEXT, TEXT.as_bytes()),
            name: "text.txt".to_owned(),
            kind: FileKind::PLAIN_TEXT,
            bytes: TEXT.len() as u64,
            sequence: 0,
            added_at: 0.0,
            metadata: "{}".to_owned(),
            details: FileDetails::default(),
            container: None,
            has_original: false,
        };
        let mut segment = SegmentBuilder::new(embedder.dimensions());
        segment.begin(info, TEXT.len());
        let mut known = Vec::new();
        for range in sentences(TEXT) {
            let (span, text) = (Span::new(range.clone()), &TEXT[range]);
            let embedding = embed(&embedder, text);
            segment.push(Chunk { span, ..Chunk::default() }, text, &embedding).unwrap();
            let terms = terms(text).into_iter().collect();
            let embedding = embedding.into();
            // Sentences come best first, not in the order of the text.
            let sentence = Sentence::of(span, terms, embedding);
            known.insert(0, sentence);
        }
        let index = Index::new().with(0, segment.finish());
        claims.map(|claim| {
            let evidence = find_evidence(claim, &known, &index, &embedder).unwrap();
            evidence.map(|(passage, span)| {
                assert_eq!(passage, 0);
                &TEXT[span.range()]
            })
        })
    }

    #[test]
    fn a_repeated_sentence_is_supported_by_its_original() {
        let lamp = "The keeper lit the lamp every evening.";
        let claims = [lamp, "Every evening, the keeper lit the lamp [3].", "Keeper lit lamp"];
        assert_eq!(supported(claims), [Some(lamp); 3]);
    }

    #[test]
    fn a_claim_with_a_different_number_is_not_supported() {
        let tower = "The tower of stone was built in 1591.";
        let claims = [
            tower,
            "The tower of stone was built in 1592.",
            "The 2 towers of stone were built in 1591.",
            "The tower of stone was built in 1874.",
        ];
        assert_eq!(supported(claims), [Some(tower), None, None, None]);
    }

    #[test]
    fn a_claim_of_two_sentences_is_supported_by_exactly_these_two() {
        let both = "The tower of stone was built in 1591. It burned in a storm in 1874.";
        let claim = "The tower of stone was built in 1591 and burned in a storm in 1874.";
        assert!(TEXT.contains(both));
        assert_eq!(supported([claim]), [Some(both)]);
        let far = "The tower of stone was built in 1591, and sourdough bread needs flour.";
        assert_ne!(supported([far]), [Some(TEXT)]);
    }

    #[test]
    fn a_claim_about_another_subject_is_not_supported() {
        let claims = [
            "The queen wore a silver crown.",
            "A volcano melted the glacier near the zoo.",
            "The keeper married a princess in the summer.",
            "",
            "[1]",
            "...",
        ];
        assert_eq!(supported(claims), [None; 6]);
    }

    #[test]
    fn a_claim_with_a_name_that_the_source_has_not_is_not_supported() {
        let lamp = "The keeper lit the lamp every evening.";
        let claims = [
            "The keeper quietly lit the lamp every evening.",
            "The keeper Zebulon lit the lamp every evening.",
            "Zebulon Quark lit the lamp every evening.",
            "The British keeper lit the lamp every evening.",
        ];
        assert_eq!(supported(claims), [Some(lamp), None, None, None]);
    }

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
