//! What decides an answer, measured for one question. A calibration is chosen by it.

use super::answerability::Answerability;
use crate::document::Span;

/// The weight of a passage's score, relative to the best one, in the scores of its
/// sentences. The two other parts are the words, at most 1.5, and the weighted cosine.
const PASSAGE_WEIGHT: f32 = 1.0;
/// What is taken off the score of a question or a label.
const LABEL_PENALTY: f32 = 1.0;
/// What is taken off the score of a heading: the text below it is more often the answer.
const HEADING_PENALTY: f32 = 0.3;

/// What decides whether a question is answered, and what is quoted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QuestionSignals {
    /// Whether the passages can answer.
    pub answerability: Answerability,
    /// The sentences of the passages, best first.
    pub sentences: Vec<QuoteSignals>,
}

/// What decides how well a unit of a passage answers a question.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct QuoteSignals {
    /// The index of its passage.
    pub passage: usize,
    /// Its span in the document's text.
    pub span: Span,
    /// The share of the question's words that it has, or that stand above it, and of its pairs of
    /// words: 0 to 1.5.
    pub words: f32,
    /// The cosine of its vector and the question's.
    pub cosine: f32,
    /// The share that its passage's score has of the best passage's: 0 to 1.
    pub passage_share: f32,
    /// Whether it is a question, a label or an order to a model, which answers nothing.
    pub is_label: bool,
    /// Whether it is a heading with text below it.
    pub is_heading: bool,
}

impl QuoteSignals {
    /// How well it answers, if cosines have this weight.
    pub fn score(&self, cosine_weight: f32) -> f32 {
        let penalty = match self {
            Self { is_label: true, .. } => LABEL_PENALTY,
            Self { is_heading: true, .. } => HEADING_PENALTY,
            _ => 0.0,
        };
        let passage = PASSAGE_WEIGHT * self.passage_share;
        self.words + cosine_weight * self.cosine + passage - penalty
    }
}
