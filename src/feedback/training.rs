//! Training: how much to change is chosen by cross-validation, and whether to change anything.

use std::rc::Rc;

use serde::Serialize;

use super::adapter::{Adapter, Corrections, Strength};
use super::examples::Examples;

/// The fewest examples to learn from.
const MIN_EXAMPLES: usize = 4;
/// Examples that are tried in one step.
const STEP_EXAMPLES: usize = 25;
/// How many parts the examples are divided into. Each is held out once.
const FOLDS: usize = 5;
/// By how many standard errors held-out questions must be ranked better: what is no better looks so once in
/// twenty times.
const SURE: f32 = 1.65;

/// What may be chosen, from no change to the largest. The weight of cosines stays within a quarter of the
/// calibrated one.
const STRENGTHS: [Strength; 12] = {
    const fn strength(vector: f32, weight: f32) -> Strength {
        Strength { vector, weight }
    }
    [
        strength(0.0, 1.0),
        strength(0.6, 1.0),
        strength(1.2, 1.0),
        strength(1.8, 1.0),
        strength(0.0, 0.8),
        strength(0.0, 1.25),
        strength(0.6, 0.8),
        strength(0.6, 1.25),
        strength(1.2, 0.8),
        strength(1.2, 1.25),
        strength(1.8, 0.8),
        strength(1.8, 1.25),
    ]
};
/// Sums of reciprocal ranks that differ less are the same.
const TIE: f32 = 1e-3;
/// The place of no change among them.
const NONE: usize = 0;

/// How well questions are ranked that were not learned from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HeldOut {
    /// The mean reciprocal rank of their first good passage as it is.
    pub before: f32,
    /// The same with what was learned from the other questions.
    pub after: f32,
}

/// The result of a training.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trained {
    /// What was learned; none where it is not surely better than nothing.
    pub(crate) adapter: Option<Rc<Adapter>>,
    /// None where there are too few examples.
    pub(crate) held_out: Option<HeldOut>,
}

/// A training under way, in steps.
#[derive(Debug)]
pub(crate) struct Training {
    examples: Examples,
    corrections: Corrections,
    /// The reciprocal ranks of the first examples under each strength, without what the example says itself.
    ranks: Vec<[f32; STRENGTHS.len()]>,
}

impl Training {
    /// Begins a training.
    pub(crate) fn new(examples: Examples) -> Self {
        let corrections = examples.corrections();
        Self { examples, corrections, ranks: Vec::new() }
    }

    /// Tries the next examples. Returns whether some are left.
    pub(crate) fn step(&mut self) -> bool {
        let until = (self.ranks.len() + STEP_EXAMPLES).min(self.examples.len());
        for place in self.ranks.len()..until {
            let ranks = self.examples.reciprocal_ranks(place, &self.corrections, &STRENGTHS);
            self.ranks.push(ranks);
        }
        until < self.examples.len()
    }

    /// What was learned, once no example is left.
    pub(crate) fn finish(self) -> Trained {
        if self.ranks.len() < MIN_EXAMPLES {
            return Trained::default();
        }
        let gains = self.held_out_gains();
        let count = gains.len() as f32;
        let before = self.ranks.iter().map(|ranks| ranks[NONE]).sum::<f32>() / count;
        let gain = gains.iter().sum::<f32>() / count;
        let held_out = Some(HeldOut { before, after: before + gain });
        let chosen = self.best(|_| true);
        let is_better = chosen != NONE && gain > 0.0 && gain >= SURE * standard_error(&gains, gain);
        let (corrections, strength) = (self.corrections, STRENGTHS[chosen]);
        let adapter = is_better.then(|| Rc::new(Adapter { corrections, strength }));
        Trained { adapter, held_out }
    }

    /// By how much the reciprocal rank of each example is better than without any change, under the
    /// strength that is best for the examples of the other folds.
    fn held_out_gains(&self) -> Vec<f32> {
        let chosen: [usize; FOLDS] =
            std::array::from_fn(|fold| self.best(|place| place % FOLDS != fold));
        let ranks = self.ranks.iter().enumerate();
        ranks.map(|(place, ranks)| ranks[chosen[place % FOLDS]] - ranks[NONE]).collect()
    }

    /// The place of the best strength for the examples that are `counted`; of those that are as good,
    /// the first.
    fn best(&self, counted: impl Fn(usize) -> bool) -> usize {
        let mut sums = [0.0_f32; STRENGTHS.len()];
        for (_, ranks) in self.ranks.iter().enumerate().filter(|(place, _)| counted(*place)) {
            sums.iter_mut().zip(ranks).for_each(|(sum, rank)| *sum += rank);
        }
        (0..sums.len())
            .fold(NONE, |best, next| if sums[next] > sums[best] + TIE { next } else { best })
    }
}

/// The standard error of the mean of `values`.
fn standard_error(values: &[f32], mean: f32) -> f32 {
    let squares: f32 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (values.len() - 1) as f32 / values.len() as f32).sqrt()
}
