//! Whether a place supports a claim, by words and likeness.
//!
//! The evidence must contain every number and every name of the claim: a wrong year or a wrong person
//! makes an answer wrong, however similar the rest is.

use super::claim::Claim;
use super::evidence::{Evidence, pairs, singles};
use crate::answer::quotes::Sentence;
use crate::model::SupportThreshold;

/// What supports the claim best; none for an unsupported claim. The evidence must reach one of the
/// thresholds. Two sentences are tried only if no single one supports the claim.
pub(super) fn supporting<'a>(
    claim: &Claim,
    ordered: &[&'a Sentence],
    thresholds: &[SupportThreshold],
) -> Option<Evidence<'a>> {
    let best = |candidates: &mut dyn Iterator<Item = Evidence<'a>>| {
        candidates
            .filter_map(|evidence| Some((support(&evidence, claim, thresholds)?, evidence)))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, evidence)| evidence)
    };
    best(&mut singles(ordered)).or_else(|| best(&mut pairs(ordered, &claim.words)))
}

/// The degree of support for the claim; none if it does not support the claim.
fn support(evidence: &Evidence<'_>, claim: &Claim, thresholds: &[SupportThreshold]) -> Option<f32> {
    let terms = evidence.terms();
    if !claim.numbers_and_names.is_subset(&terms) {
        return None;
    }
    let (coverage, similarity) = (claim.words.coverage(&terms), evidence.cosine(claim));
    let reaches = |threshold: &SupportThreshold| {
        coverage >= threshold.coverage && similarity >= threshold.similarity
    };
    thresholds.iter().any(reaches).then_some(coverage + similarity)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::evidence::in_order;
    use super::*;
    use crate::chunk::Chunk;
    use crate::document::{DocumentId, DocumentInfo, FileDetails, FileKind, Span};
    use crate::embed::Embedder;
    use crate::index::{Index, SegmentBuilder};
    use crate::model::{EmbedderOptions, OriginalFiles};
    use crate::runtime::{IdleRuntime, Task};
    use crate::test;
    use crate::text::{sentences, terms};

    const TEXT: &str = "The tower of stone was built in 1591. It burned in a storm in 1874. The \
                        keeper lit the lamp every evening. A ferry carries timber and salt to the \
                        harbour of the old island town. Sourdough bread needs flour and water.";

    fn embedder() -> Embedder {
        let files = OriginalFiles {
            weights: include_bytes!("../../../tests/fixtures/models/tiny-bert/model.safetensors"),
            config: include_str!("../../../tests/fixtures/models/tiny-bert/config.json"),
            tokenizer: include_str!("../../../tests/fixtures/models/tiny-bert/tokenizer.json"),
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
            let claim = Claim::new(claim, &index, &embedder).unwrap();
            let thresholds = &embedder.calibration().support;
            let evidence = supporting(&claim, &in_order(&known), thresholds);
            evidence.map(|evidence| {
                let (passage, span) = evidence.place();
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
}
