//! The adapter: it moves the vector of a question toward the passages that were good for questions like
//! it and away from the others, and changes the weight of its cosines against words.
//!
//! A question that is unlike all questions with feedback stays as it is. Of the forms that were tried (a vector
//! that is added to all questions, a diagonal, a full matrix, a bonus for single chunks), none did better on
//! the articles of `squad-1.1-dev-part` with a place of 1 modulo 4, and this one changes least.

use crate::kernel::dot;

/// The cosine from which two questions are alike.
const ALIKE_FROM: f32 = 0.5;
/// Questions that are less alike than this in sum change another one less.
const FULL_SUPPORT: f32 = 1.0;

/// Where the vector of each question with feedback should move to.
#[derive(Debug, Default)]
pub(super) struct Corrections {
    questions: Vec<Vec<f32>>,
    directions: Vec<Vec<f32>>,
}

/// What the questions that are like another one say of it.
#[derive(Debug)]
pub(super) struct Correction {
    /// Where its vector should move to.
    pub(super) direction: Vec<f32>,
    /// How much they count, from 0 to 1.
    pub(super) support: f32,
}

impl Corrections {
    /// Adds a question, and where its vector should move to: as many numbers as in the others.
    pub(super) fn push(&mut self, question: Vec<f32>, direction: Vec<f32>) {
        self.questions.push(question);
        self.directions.push(direction);
    }

    /// What the questions that are like this one say of it, without the one at the place `except`; none
    /// where none is like it.
    pub(super) fn of(&self, question: &[f32], except: Option<usize>) -> Option<Correction> {
        let mut direction = vec![0.0; question.len()];
        let mut sum = 0.0;
        for (place, (known, toward)) in self.questions.iter().zip(&self.directions).enumerate() {
            let likeness = likeness(dot(question, known));
            if likeness > 0.0 && Some(place) != except {
                sum += likeness;
                add(&mut direction, likeness, toward);
            }
        }
        if sum == 0.0 {
            return None;
        }
        let scale = 1.0 / f32::max(sum, FULL_SUPPORT);
        direction.iter_mut().for_each(|number| *number *= scale);
        Some(Correction { direction, support: sum * scale })
    }
}

/// How much a question counts for another one, by their cosine: from 0 to 1.
fn likeness(cosine: f32) -> f32 {
    ((cosine - ALIKE_FROM) / (1.0 - ALIKE_FROM)).clamp(0.0, 1.0).powi(2)
}

/// Adds `other`, times `weight`, to `sum`.
fn add(sum: &mut [f32], weight: f32, other: &[f32]) {
    sum.iter_mut().zip(other).for_each(|(sum, number)| *sum += weight * number);
}

/// How much is changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Strength {
    /// How far vectors move.
    pub(super) vector: f32,
    /// The factor of the weight of cosines.
    pub(super) weight: f32,
}

impl Strength {
    /// The factor of the weight of a question's cosines.
    pub(super) fn weight_with(self, support: f32) -> f32 {
        1.0 + (self.weight - 1.0) * support
    }
}

/// What was learned.
#[derive(Debug)]
pub(crate) struct Adapter {
    pub(super) corrections: Corrections,
    pub(super) strength: Strength,
}

/// A question's vector as it is searched with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Adapted {
    /// Of unit length.
    pub(crate) embedding: Vec<f32>,
    /// The factor of the weight of cosines.
    pub(crate) weight: f32,
}

impl Adapter {
    /// Adapts the vector of a question; none where it stays as it is.
    pub(crate) fn adapt(&self, embedding: &[f32]) -> Option<Adapted> {
        let correction = self.corrections.of(embedding, None)?;
        let mut moved = embedding.to_vec();
        add(&mut moved, self.strength.vector, &correction.direction);
        let length = dot(&moved, &moved).sqrt();
        moved.iter_mut().for_each(|number| *number /= length);
        let weight = self.strength.weight_with(correction.support);
        length.is_normal().then_some(Adapted { embedding: moved, weight })
    }
}
