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
    /// How claims are judged; none where that was not measured: then words decide.
    pub claims: Option<ClaimCalibration>,
}

/// How much each sign counts that a place supports a claim. Chosen by logistic regression on claims
/// about articles that the reader was not trained on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimCalibration {
    /// The weight of the logit of the place supporting the claim.
    pub supported_weight: f32,
    /// The weight of the cosine of the claim and the nearest sentence of the place.
    pub cosine_weight: f32,
    /// What is added where the place lacks a number of the claim.
    pub missing_number: f32,
    /// What is added where the passage lacks a name of the claim.
    pub missing_name: f32,
    /// What is added where the place says the opposite of a word of the claim.
    pub opposite: f32,
    /// What is added always.
    pub bias: f32,
    /// The least sum of a supported claim.
    pub supported_from: f32,
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
            claims: None,
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
        let of_claims = self.claims.as_ref().map(ClaimCalibration::numbers);
        numbers.iter().chain(of_claims.iter().flatten()).all(|number| number.is_finite())
    }
}

impl ClaimCalibration {
    fn numbers(&self) -> [f32; 7] {
        [
            self.supported_weight,
            self.cosine_weight,
            self.missing_number,
            self.missing_name,
            self.opposite,
            self.bias,
            self.supported_from,
        ]
    }
}
