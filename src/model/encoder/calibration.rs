//! Calibration: the numbers that are measured for an embedder, because the cosines of each have
//! their own scale.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::fingerprint::Fingerprint;
use crate::model::corrupt;

/// The weight of a cosine where nothing was measured. The best lexical score has the weight 1. It
/// was measured for MiniLM, and suits others that were trained to tell texts apart by cosines.
pub const DENSE_WEIGHT: f32 = 1.5;

/// Weights and thresholds for the cosines of an embedder. `multimodal-rag calibrate` measures them,
/// and the embedder file holds them.
///
/// The default is for an embedder that nothing was measured for, and is cautious: cosines rank
/// passages and quotes, but a question is answered, and a claim supported, by words alone. The
/// cosines of unrelated texts may be 0 or .8, so none of them says that two texts are close.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Calibration {
    /// The mean of the vectors of many passages. It is subtracted from all vectors before they get
    /// unit length, which spreads cosines that are all high (Mu and Viswanath 2018,
    /// <https://arxiv.org/abs/1702.01417>). Empty where nothing is subtracted.
    pub mean: Vec<f32>,
    /// The weight of a passage's cosine in its score. Its share of the best lexical score has the
    /// weight 1.
    pub dense_weight: f32,
    /// The weight of a sentence's cosine in its score as a quote. Its share of the question's words
    /// has the weight 1, and so has its passage's score.
    pub quote_weight: f32,
    /// When passages can answer a question.
    pub answerable: AnswerableThresholds,
    /// Evidence supports a claim if it reaches one of these: it has most of the claim's words, or
    /// fewer of them and a closer meaning.
    pub support: [SupportThreshold; 2],
}

/// A question is answerable from `score` on, or from `cosine` alone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnswerableThresholds {
    /// The least weighted sum of the best cosine and the words.
    pub score: f32,
    /// The weight of the best cosine of a passage or a sentence.
    pub cosine_weight: f32,
    /// The weight of what one sentence has of the question's words: 0 to 1.2.
    pub words_weight: f32,
    /// The cosine from which a question is answerable in any words.
    pub cosine: f32,
}

/// The least that evidence must reach to support a claim.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SupportThreshold {
    /// The share of the claim's words in the evidence, weighted by their rarity.
    pub coverage: f32,
    /// The cosine of the vectors of claim and evidence.
    pub similarity: f32,
}

impl Default for Calibration {
    fn default() -> Self {
        Self { dense_weight: DENSE_WEIGHT, quote_weight: 1.0, ..Self::WORDS_ONLY }
    }
}

/// The files of all-MiniLM-L6-v2 that had their fingerprints before files held calibrations: as
/// published, and packed to 8 bits.
const MINILM: [&str; 2] = [
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "d20974cb28c3b41b62656b9acf43646db48ca2fbf2b44d161c2de3369a193eac",
];

impl Calibration {
    /// For texts that an embedder has no tokens for: cosines count nothing.
    pub(crate) const WORDS_ONLY: Self = Self {
        mean: Vec::new(),
        dense_weight: 0.0,
        quote_weight: 0.0,
        answerable: AnswerableThresholds {
            score: 0.45,
            cosine_weight: 0.0,
            words_weight: 1.0,
            cosine: 2.0,
        },
        support: [SupportThreshold { coverage: 0.75, similarity: -1.0 }; 2],
    };

    /// What was measured for a file that holds no calibration. Packing it anew with one would change
    /// its fingerprint, and knowledge bases are bound to that.
    pub(super) fn of_file(fingerprint: Fingerprint) -> Option<Self> {
        MINILM.contains(&fingerprint.to_string().as_str()).then(|| Self {
            dense_weight: 2.5,
            quote_weight: 2.0,
            answerable: AnswerableThresholds {
                score: 0.61,
                cosine_weight: 1.0,
                words_weight: 0.5,
                cosine: 0.58,
            },
            support: [
                SupportThreshold { coverage: 0.60, similarity: 0.60 },
                SupportThreshold { coverage: 0.45, similarity: 0.75 },
            ],
            ..Self::default()
        })
    }

    /// Checks what computing relies on, for an embedder of this width.
    pub(crate) fn check(&self, width: usize) -> Result<()> {
        let AnswerableThresholds { score, cosine_weight, words_weight, cosine } = self.answerable;
        let support = self.support.iter().flat_map(|it| [it.coverage, it.similarity]);
        let numbers = [self.dense_weight, self.quote_weight];
        let thresholds = [score, cosine_weight, words_weight, cosine];
        let mut all = self.mean.iter().copied().chain(numbers).chain(thresholds).chain(support);
        if !all.all(f32::is_finite) || !(self.mean.is_empty() || self.mean.len() == width) {
            return Err(corrupt("its calibration is damaged"));
        }
        Ok(())
    }
}
