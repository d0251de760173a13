//! Trains the weights that rank plans: a log-linear model whose plans are right where their answer is
//! (Pasupat and Liang 2015, <https://arxiv.org/abs/1508.00305>), by AdaGrad.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use clap::Args;
use multimodal_rag::{TableWeights, table_candidates};

use super::questions::{TableChoice, TableSet};
use crate::Failure;
use crate::files::write_file;

/// Plans whose gradient is smaller change nothing.
const LEAST_GRADIENT: f32 = 1e-4;
/// Features of fewer questions say more of these than of others.
const LEAST_QUESTIONS: u32 = 3;
/// What keeps weights small.
const DECAY: f32 = 0.02;
const RATE: f32 = 0.1;
/// After so many epochs, nothing is learned from questions whose right plans are less likely: these
/// are right by chance.
const FIRST_EPOCHS: usize = 2;
const LEAST_RIGHT: f32 = 0.03;
/// Weights are the mean of so many orders of the questions.
const ORDERS: u64 = 3;

/// Trains the weights of the plans for tables.
#[derive(Args)]
pub(crate) struct TrainTables {
    /// Questions in the layout of WikiTableQuestions, the tables as CSV beside it.
    file: PathBuf,
    /// The file to write.
    output: PathBuf,
    /// The tables whose questions are learned from.
    #[arg(long, value_enum, default_value_t = TableChoice::Trained)]
    tables: TableChoice,
    /// How often each question is seen.
    #[arg(long, default_value_t = 5)]
    epochs: usize,
}

/// The plans of a question: places of their features, and whether their answer is right.
struct Example {
    plans: Vec<Vec<usize>>,
    is_right: Vec<bool>,
}

impl TrainTables {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let set = TableSet::read(&self.file)?;
        let mut places: HashMap<u32, usize> = HashMap::new();
        let mut examples = Vec::new();
        for question in set.questions.iter().filter(|it| self.tables.has(it.table)) {
            let candidates = table_candidates(&question.question, &set.tables[question.table]);
            let is_right: Vec<bool> =
                candidates.iter().map(|it| question.is_answered_by(&it.values)).collect();
            // Nothing is learned where no plan is right.
            if is_right.contains(&true) {
                let mut place = |feature: &u32| {
                    let next = places.len();
                    *places.entry(*feature).or_insert(next)
                };
                let plans =
                    candidates.iter().map(|it| it.features.iter().map(&mut place).collect());
                examples.push(Example { plans: plans.collect(), is_right });
            }
        }
        eprintln!("{} questions with a right plan, {} features.", examples.len(), places.len());
        let mut means = vec![0.0; places.len()];
        for order in 0..ORDERS {
            let weights = train(&examples, places.len(), self.epochs, order);
            means.iter_mut().zip(weights).for_each(|(mean, it)| *mean += it / ORDERS as f32);
        }
        let weights: BTreeMap<u32, f32> =
            places.iter().map(|(feature, place)| (*feature, means[*place])).collect();
        let weights: Vec<(u32, f32)> = weights.into_iter().collect();
        write_file(&self.output, TableWeights::to_text(&weights).as_bytes())?;
        Ok(())
    }
}

fn train(examples: &[Example], size: usize, epochs: usize, order: u64) -> Vec<f32> {
    let is_kept: Vec<bool> =
        questions_of(examples, size).iter().map(|count| *count >= LEAST_QUESTIONS).collect();
    let (mut weights, mut squares) = (vec![0.0_f32; size], vec![1e-6_f32; size]);
    let mut places: Vec<usize> = (0..examples.len()).collect();
    let mut seed = 12_345 + order * 777;
    for epoch in 0..epochs {
        shuffle(&mut places, &mut seed);
        let least_right = if epoch < FIRST_EPOCHS { 0.0 } else { LEAST_RIGHT };
        for &place in &places {
            for (feature, gradient) in gradient(&examples[place], &weights, &is_kept, least_right) {
                let gradient = gradient - DECAY * weights[feature];
                squares[feature] += gradient * gradient;
                weights[feature] += RATE * gradient / squares[feature].sqrt();
            }
        }
    }
    weights
}

/// In how many questions a feature appears.
fn questions_of(examples: &[Example], size: usize) -> Vec<u32> {
    let mut counts = vec![0; size];
    for example in examples {
        let mut features: Vec<usize> = example.plans.iter().flatten().copied().collect();
        features.sort_unstable();
        features.dedup();
        features.into_iter().for_each(|feature| counts[feature] += 1);
    }
    counts
}

/// The gradient of the logarithm of the probability that a plan is right; none where that is less
/// than `least_right`.
fn gradient(
    example: &Example,
    weights: &[f32],
    is_kept: &[bool],
    least_right: f32,
) -> BTreeMap<usize, f32> {
    let score = |plan: &Vec<usize>| plan.iter().map(|feature| weights[*feature]).sum::<f32>();
    let scores: Vec<f32> = example.plans.iter().map(score).collect();
    let largest = scores.iter().copied().fold(f32::MIN, f32::max);
    let masses: Vec<f32> = scores.iter().map(|score| (score - largest).exp()).collect();
    let all: f32 = masses.iter().sum();
    let right = masses.iter().zip(&example.is_right).filter(|(_, is_right)| **is_right);
    let right: f32 = right.map(|(mass, _)| mass).sum::<f32>().max(1e-20);
    let mut gradient = BTreeMap::new();
    if right / all < least_right {
        return gradient;
    }
    for ((plan, mass), is_right) in example.plans.iter().zip(&masses).zip(&example.is_right) {
        let wanted = if *is_right { mass / right } else { 0.0 };
        let difference = wanted - mass / all;
        if difference.abs() < LEAST_GRADIENT {
            continue;
        }
        for feature in plan.iter().filter(|feature| is_kept[**feature]) {
            *gradient.entry(*feature).or_default() += difference;
        }
    }
    gradient
}

/// Fisher and Yates's shuffle, by a linear congruential generator.
fn shuffle(places: &mut [usize], seed: &mut u64) {
    for at in (1..places.len()).rev() {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        places.swap(at, (*seed >> 33) as usize % (at + 1));
    }
}
