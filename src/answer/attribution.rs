//! A sentence of an answer to the sentence of a passage that it rests on.

use std::collections::BTreeSet;

use super::quotes::{Sentence, WeightedTerms};
use crate::document::Span;
use crate::embed::Embedder;
use crate::error::Result;
use crate::index::{Index, terms};
use crate::kernel::dot;

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
/// its span. Every number and every name in the claim must stand there: a wrong year or
/// a wrong person is a wrong answer, however alike the rest. Two sentences are tried
/// where one is not enough.
pub(crate) fn support(
    claim: &str,
    sentences: &[Sentence],
    index: &Index,
    embedder: &Embedder,
) -> Result<Option<(usize, Span)>> {
    let claim = Claim::read(&without_markers(claim), index, embedder)?;
    let mut ordered: Vec<&Sentence> = sentences.iter().collect();
    ordered.sort_by_key(|sentence| (sentence.passage, sentence.span));
    let singles = ordered.iter().map(|first| Source { first, second: None });
    let pairs = ordered
        .windows(2)
        .filter(|pair| pair[0].passage == pair[1].passage)
        .map(|pair| Source { first: pair[0], second: Some(pair[1]) });
    let best = |found: Option<Source>| found.map(|source| source.place());
    Ok(best(strongest(singles, &claim)).or_else(|| best(strongest(pairs, &claim))))
}

/// What a sentence of an answer says.
struct Claim {
    words: WeightedTerms,
    /// Numbers and names: what must not be made up.
    numbers_and_names: BTreeSet<String>,
    embedding: Vec<f32>,
}

impl Claim {
    fn read(text: &str, index: &Index, embedder: &Embedder) -> Result<Self> {
        let numbers_and_names = numbers_and_names(text);
        let mut words = WeightedTerms::of(text, index);
        words.damp_unknown(index, &numbers_and_names);
        let tokens = [embedder.tokenize_passage(text)?];
        let embedding = embedder.embed(&tokens)?.pop().unwrap_or_default();
        Ok(Self { words, numbers_and_names, embedding })
    }
}

fn strongest<'a>(sources: impl Iterator<Item = Source<'a>>, claim: &Claim) -> Option<Source<'a>> {
    sources
        .filter_map(|source| Some((source.strength(claim)?, source)))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, source)| source)
}

impl Source<'_> {
    /// How well it supports the claim, if it does.
    fn strength(&self, claim: &Claim) -> Option<f32> {
        let Claim { words, numbers_and_names, embedding } = claim;
        let mut terms = self.first.terms.clone();
        let mut likeness = dot(embedding, &self.first.embedding);
        if let Some(second) = self.second {
            if !adds(self.first, second, words) || !adds(second, self.first, words) {
                return None;
            }
            terms.extend(second.terms.iter().cloned());
            likeness = likeness.max(dot(embedding, &second.embedding));
        }
        if !numbers_and_names.is_subset(&terms) {
            return None;
        }
        let coverage = words.coverage(&terms);
        let reaches = |(held, alike): (f32, f32)| coverage >= held && likeness >= alike;
        (reaches(COVERED) || reaches(REWORDED)).then_some(coverage + likeness)
    }

    fn place(&self) -> (usize, Span) {
        let end = self.second.unwrap_or(self.first).span.end;
        (self.first.passage, Span { start: self.first.span.start, end })
    }
}

/// Whether `one` holds a word of the claim that `other` does not. A number alone does
/// not count: the year of one thing would support a claim about another.
fn adds(one: &Sentence, other: &Sentence, claimed: &WeightedTerms) -> bool {
    let mut words = claimed.terms().filter(|term| !is_number(term));
    words.any(|word| one.terms.contains(word) && !other.terms.contains(word))
}

fn is_number(term: &str) -> bool {
    term.chars().any(char::is_numeric)
}

/// Numbers, words with a capital letter within the sentence, and the first word where
/// another such word follows it: "Teodora" in "Teodora Hale made the gates".
fn numbers_and_names(claim: &str) -> BTreeSet<String> {
    let is_name = |word: &&str| word.starts_with(char::is_uppercase);
    let words: Vec<&str> = claim.split_whitespace().collect();
    let first_is_name = words.get(1).is_some_and(is_name);
    let numbers_and_names = words.iter().enumerate().filter(|(at, word)| {
        word.contains(char::is_numeric) || (is_name(word) && (*at > 0 || first_is_name))
    });
    numbers_and_names.flat_map(|(_, word)| terms(word)).collect()
}

/// The claim without the `[1]` that a model may write by itself.
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
    use crate::chunk::sentences;
    use crate::document::{DocumentId, DocumentInfo, FileKind};
    use crate::index::SegmentBuilder;
    use crate::model::{EmbedderOptions, OriginalFiles};
    use crate::runtime::{IdleRuntime, Task};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

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

    /// What of `TEXT`, whose sentences are its chunks, supports each claim.
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
        };
        let mut segment = SegmentBuilder::new(embedder.dimensions());
        segment.begin(info, TEXT.len());
        let mut known = Vec::new();
        for range in sentences(TEXT) {
            let (span, text) = (Span::new(range.clone()), &TEXT[range]);
            let embedding = embed(&embedder, text);
            segment.push(Chunk { span, headings: String::new() }, text, &embedding).unwrap();
            let terms = terms(text).into_iter().collect();
            let embedding = embedding.into();
            // Best first by some question, which is not the order of the text.
            known.insert(0, Sentence { passage: 0, span, terms, embedding, score: 0.0 });
        }
        let index = Index::new().with(0, segment.finish());
        claims.map(|claim| {
            let place = support(claim, &known, &index, &embedder).unwrap();
            place.map(|(passage, span)| {
                assert_eq!(passage, 0);
                &TEXT[span.range()]
            })
        })
    }

    #[test]
    fn a_sentence_said_again_rests_on_where_it_stands() {
        let lamp = "The keeper lit the lamp every evening.";
        let claims = [lamp, "Every evening, the keeper lit the lamp [3].", "Keeper lit lamp"];
        assert_eq!(supported(claims), [Some(lamp); 3]);
    }

    #[test]
    fn a_claim_with_another_number_is_not_supported_however_alike_the_rest() {
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
    fn a_claim_over_two_sentences_rests_on_both_and_on_no_more_than_it_needs() {
        let both = "The tower of stone was built in 1591. It burned in a storm in 1874.";
        let claim = "The tower of stone was built in 1591 and burned in a storm in 1874.";
        assert!(TEXT.contains(both));
        assert_eq!(supported([claim]), [Some(both)]);
        let far = "The tower of stone was built in 1591, and sourdough bread needs flour.";
        assert_ne!(supported([far]), [Some(TEXT)]);
    }

    #[test]
    fn a_claim_about_something_else_is_not_supported() {
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
    fn markers_are_taken_out_and_other_brackets_stay() {
        assert_eq!(without_markers("It opened [1] in 1891 [2,3]."), "It opened  in 1891 .");
        assert_eq!(without_markers("a[i] and [never closed"), "a[i] and [never closed");
        assert_eq!(terms(&without_markers("x [12")), ["x", "12"]);
    }
}
