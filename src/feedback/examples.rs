//! Examples to learn from: feedback with the vectors of its passages.

use super::adapter::{Correction, Corrections, Strength};
use super::{Feedback, FeedbackList, Judgement};
use crate::index::{ChunkVector, Index, QuantizedVector};
use crate::kernel::dot;

/// The difference of two scores from which their order is rather sure.
const TEMPERATURE: f32 = 0.3;

/// A question with feedback, and its passages as the index has them now.
#[derive(Debug)]
struct Example {
    question: Vec<f32>,
    passages: Vec<ExamplePassage>,
}

#[derive(Debug)]
struct ExamplePassage {
    vector: ChunkVector,
    /// Its score without the part of its cosine.
    words: f32,
    cosine: f32,
    /// Whether it should come before those that are not: a good one, or where none is good, one that is
    /// not bad.
    is_wanted: bool,
}

/// What is to be learned from.
#[derive(Debug)]
pub(crate) struct Examples {
    all: Vec<Example>,
    /// The weight of a cosine in a score.
    dense_weight: f32,
}

impl Examples {
    /// The examples that the feedback makes with this index. Passages that the index has not are left
    /// out, and feedback that has nothing to compare then.
    pub(crate) fn new(feedback: &FeedbackList, index: &Index, dense_weight: f32) -> Self {
        let all = feedback.iter().filter_map(|(_, feedback)| Example::of(feedback, index));
        Self { all: all.collect(), dense_weight }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Where the vectors of all questions should move to.
    pub(super) fn corrections(&self) -> Corrections {
        let mut corrections = Corrections::default();
        for example in &self.all {
            corrections.push(example.question.clone(), example.direction(self.dense_weight));
        }
        corrections
    }

    /// The reciprocal rank of the first wanted passage of an example under each of `strengths`, where
    /// `corrections` without the example itself change its question.
    pub(super) fn reciprocal_ranks<const N: usize>(
        &self,
        place: usize,
        corrections: &Corrections,
        strengths: &[Strength; N],
    ) -> [f32; N] {
        let example = &self.all[place];
        let correction = corrections.of(&example.question, Some(place));
        let gains = correction.as_ref().and_then(|it| example.gains(&it.direction));
        let changed = correction.as_ref().zip(gains.as_deref());
        strengths.map(|strength| example.reciprocal_rank(changed, strength, self.dense_weight))
    }
}

impl Example {
    fn of(feedback: &Feedback, index: &Index) -> Option<Self> {
        let query = QuantizedVector::quantize(&feedback.question).ok()?;
        let has_good = feedback.passages.iter().any(|it| it.judgement == Judgement::Good);
        let mut passages = Vec::with_capacity(feedback.passages.len());
        for judged in &feedback.passages {
            let found = index.find(judged.document);
            let vector = found.and_then(|found| found.chunk_vector(judged.chunk));
            let Some(vector) = vector.filter(|it| it.dimensions() == query.dimensions()) else {
                continue;
            };
            let wanted = if has_good { Judgement::Good } else { Judgement::None };
            let (words, cosine) = (judged.words, vector.similarity(&query));
            let is_wanted = judged.judgement == wanted;
            passages.push(ExamplePassage { vector, words, cosine, is_wanted });
        }
        let wanted = passages.iter().filter(|passage| passage.is_wanted).count();
        let compares = 0 < wanted && wanted < passages.len();
        compares.then(|| Self { question: feedback.question.clone(), passages })
    }

    /// The best score of the wanted passages, or of the others.
    fn best(&self, are_wanted: bool, score: impl Fn(&ExamplePassage) -> f32) -> f32 {
        let passages = self.passages.iter().filter(|passage| passage.is_wanted == are_wanted);
        passages.map(score).fold(f32::MIN, f32::max)
    }

    /// Where the question's vector should move to: from the passages that are wrongly or nearly before
    /// the best wanted one to the wanted ones. It is the gradient of the logistic loss of these pairs,
    /// divided by the sum of their weights, so that each question counts as much.
    fn direction(&self, dense_weight: f32) -> Vec<f32> {
        let score = |passage: &ExamplePassage| passage.words + dense_weight * passage.cosine;
        let best = self.best(true, score);
        let weight = |passage: &ExamplePassage| match passage.is_wanted {
            true => 1.0,
            false => 1.0 / (1.0 + ((best - score(passage)) / TEMPERATURE).exp()),
        };
        let sum = |are_wanted: bool| -> f32 {
            let passages = self.passages.iter().filter(|it| it.is_wanted == are_wanted);
            passages.map(weight).sum::<f32>().max(f32::MIN_POSITIVE)
        };
        let (wanted, others) = (sum(true), sum(false));
        let mut direction = vec![0.0; self.question.len()];
        for passage in &self.passages {
            let share = if passage.is_wanted { 1.0 / wanted } else { -weight(passage) / others };
            passage.vector.add_to(share, &mut direction);
        }
        direction
    }

    /// The change of each passage's product with the question for one unit of this direction.
    fn gains(&self, direction: &[f32]) -> Option<Vec<f32>> {
        let direction = QuantizedVector::quantize(direction).ok()?;
        Some(self.passages.iter().map(|passage| passage.vector.similarity(&direction)).collect())
    }

    /// The reciprocal rank of the first wanted passage.
    fn reciprocal_rank(
        &self,
        changed: Option<(&Correction, &[f32])>,
        strength: Strength,
        dense_weight: f32,
    ) -> f32 {
        let scores: Vec<f32> = match changed {
            None => self.passages.iter().map(|it| it.words + dense_weight * it.cosine).collect(),
            Some((correction, gains)) => {
                let length = self.moved_length(&correction.direction, strength.vector);
                let weight = dense_weight * strength.weight_with(correction.support);
                let moved = |(passage, gain): (&ExamplePassage, &f32)| {
                    passage.words + weight * (passage.cosine + strength.vector * gain) / length
                };
                self.passages.iter().zip(gains).map(moved).collect()
            }
        };
        let scored = self.passages.iter().zip(&scores);
        let wanted = scored.clone().filter(|(passage, _)| passage.is_wanted);
        let best = wanted.map(|(_, &score)| score).fold(f32::MIN, f32::max);
        let before = scored.filter(|(passage, score)| !passage.is_wanted && **score >= best);
        1.0 / (1 + before.count()) as f32
    }

    /// The length of the question's vector after it was moved.
    fn moved_length(&self, direction: &[f32], strength: f32) -> f32 {
        let (along, squared) = (dot(&self.question, direction), dot(direction, direction));
        let length = (1.0 + 2.0 * strength * along + strength * strength * squared).sqrt();
        length.max(f32::MIN_POSITIVE)
    }
}
