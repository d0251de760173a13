//! How much the logits of an answer reader count: measured, and stored in its file.

use serde::{Deserialize, Serialize};

/// What was measured for an answer reader, by `scripts/reader/calibrate.py` on articles that it was
/// not trained on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReaderCalibration {
    /// The weight of the logit of the answer's place in the confidence.
    pub answer_weight: f32,
    /// The weight of the logit of the question being answered.
    pub answerable_weight: f32,
    /// What is added to both.
    pub bias: f32,
    /// The weight of the logit of relevance beside a passage's score.
    pub relevant_weight: f32,
    /// What a sure answer adds to the score of its sentence.
    pub quote_weight: f32,
    /// The least confidence of an answer that is shown.
    pub shown_from: f32,
    /// Below this confidence a question is refused, unless its words are all in one sentence.
    pub refused_below: f32,
    /// From this confidence a question is answered although words and vectors speak against it.
    pub sure_from: f32,
}

impl Default for ReaderCalibration {
    /// Cautious: the reader ranks a little, and refuses nothing.
    fn default() -> Self {
        Self {
            answer_weight: 0.25,
            answerable_weight: 0.5,
            bias: 0.0,
            relevant_weight: 0.1,
            quote_weight: 0.5,
            shown_from: 0.5,
            refused_below: 0.0,
            sure_from: 2.0,
        }
    }
}

impl ReaderCalibration {
    /// The probability that an answer with these logits is right: 0 to 1.
    pub(crate) fn confidence_of(&self, answer: f32, answerable: f32) -> f32 {
        let sum = self.answer_weight * answer + self.answerable_weight * answerable + self.bias;
        1.0 / (1.0 + (-sum).exp())
    }

    /// Whether all numbers are finite.
    pub(super) fn is_finite(&self) -> bool {
        let numbers = [
            self.answer_weight,
            self.answerable_weight,
            self.bias,
            self.relevant_weight,
            self.quote_weight,
            self.shown_from,
            self.refused_below,
            self.sure_from,
        ];
        numbers.iter().all(|number| number.is_finite())
    }
}
