//! Passages that the answer reader has read -> their order, and the answer in a few words.

use super::reader::Reading;
use crate::document::Span;
use crate::model::ReaderCalibration;
use crate::retrieve::Passage;

/// Bytes of a paragraph of which the reader has a say in what is quoted and refused. It learned from
/// such: of short lines, labels and cells it knows less than the words do.
const MIN_PARAGRAPH_BYTES: usize = 200;

/// The answer to a question in a few words of a document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ShortAnswer {
    /// The index of its passage.
    pub(crate) passage: usize,
    /// Its span in the document's text.
    pub(crate) span: Span,
    /// The probability that it answers: 0 to 1.
    pub(crate) confidence: f32,
}

impl ShortAnswer {
    /// Whether a quote holds it: the index of a passage, and a span.
    pub(crate) fn is_part_of(&self, (passage, span): (usize, Span)) -> bool {
        passage == self.passage && span.start <= self.span.start && self.span.end <= span.end
    }
}

/// Puts first the paragraph that the reader and the search together find the likeliest to answer.
/// Where another passage is first, it stays.
/// `readings` are of the first passages, in their order. The others keep their order, in which
/// versions of one text follow each other.
pub(crate) fn put_best_first(
    passages: &mut [Passage],
    readings: &mut [Reading],
    calibration: &ReaderCalibration,
) {
    if !passages.first().is_some_and(is_paragraph) {
        return;
    }
    let score = |(number, (passage, reading)): (usize, (&Passage, &Reading))| {
        let score = passage.score + calibration.relevant_weight * reading.relevant_logit;
        is_paragraph(passage).then_some((number, score))
    };
    let scores = passages.iter().zip(readings.iter()).enumerate().filter_map(score);
    let best = scores.max_by(|(a, first), (b, second)| {
        // Of equal ones, the first.
        first.total_cmp(second).then(b.cmp(a))
    });
    if let Some((best, _)) = best {
        passages[..=best].rotate_right(1);
        readings[..=best].rotate_right(1);
    }
}

/// The likeliest answer of the passages that were read; none where they hold no word.
pub(crate) fn likeliest(
    passages: &[Passage],
    readings: &[Reading],
    calibration: &ReaderCalibration,
) -> Option<ShortAnswer> {
    let answers = passages.iter().zip(readings).enumerate().map(|(number, (passage, reading))| {
        let start = passage.span.range().start;
        let span = Span::new(start + reading.answer.start..start + reading.answer.end);
        ShortAnswer { passage: number, span, confidence: calibration.confidence(reading) }
    });
    let answers = answers.filter(|answer| answer.span.start < answer.span.end);
    answers.max_by(|a, b| a.confidence.total_cmp(&b.confidence).then(b.passage.cmp(&a.passage)))
}

/// Whether the reader has a say about a passage.
pub(crate) fn is_paragraph(passage: &Passage) -> bool {
    passage.text().lines().any(|line| line.len() >= MIN_PARAGRAPH_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn reading(answer_logit: f32, relevant_logit: f32) -> Reading {
        Reading { answer: 0..4, answer_logit, answerable_logit: 0.0, relevant_logit }
    }

    fn calibration() -> ReaderCalibration {
        ReaderCalibration { relevant_weight: 0.5, ..ReaderCalibration::default() }
    }

    /// Passages of one line of this many bytes, with falling scores.
    fn passages(lengths: &[usize]) -> Vec<Passage> {
        let passage = |(number, &length): (usize, &usize)| {
            let text = "a".repeat(length);
            let passage = Passage::of_document(&number.to_string(), &text, Span::new(0..length), 0);
            Passage { score: 3.0 - number as f32, ..passage }
        };
        lengths.iter().enumerate().map(passage).collect()
    }

    fn order(lengths: &[usize], logits: &[f32]) -> Vec<f32> {
        let mut passages = passages(lengths);
        let mut readings: Vec<Reading> = logits.iter().map(|&it| reading(0.0, it)).collect();
        put_best_first(&mut passages, &mut readings, &calibration());
        passages.iter().map(|passage| passage.score).collect()
    }

    #[test]
    fn the_paragraph_that_search_and_reader_prefer_together_comes_first_and_the_others_keep_their_order()
     {
        assert_eq!(order(&[300; 3], &[0.0, 0.0, 5.0]), [1.0, 3.0, 2.0]);
        assert_eq!(order(&[300; 3], &[0.0, 1.0, 3.0]), [3.0, 2.0, 1.0]);
        // Passages that were not read stay behind.
        assert_eq!(order(&[300; 3], &[0.0, 5.0]), [2.0, 3.0, 1.0]);
        assert_eq!(order(&[], &[]), [0.0; 0]);
    }

    #[test]
    fn of_lines_and_labels_the_reader_changes_no_order() {
        assert_eq!(order(&[20, 300], &[0.0, 9.0]), [3.0, 2.0]);
        assert_eq!(order(&[300, 20], &[0.0, 9.0]), [3.0, 2.0]);
    }

    #[test]
    fn the_likeliest_answer_is_in_the_text_of_its_document() {
        let passages = passages(&[300, 300]);
        let found = likeliest(&passages, &[reading(-1.0, 0.0), reading(2.0, 0.0)], &calibration());
        let found = found.map(|answer| (answer.passage, answer.span));
        assert_eq!(found, Some((1, Span::new(0..4))));
        let nothing = Reading { answer: 0..0, ..reading(9.0, 0.0) };
        assert_eq!(likeliest(&passages[..1], &[nothing], &calibration()), None);
    }
}
