//! Vectors to test with.

use crate::chance::Chance;

/// Unit vectors in clusters, as embeddings lie.
pub(crate) fn clustered(chance: &mut Chance, count: usize, dimensions: usize) -> Vec<Vec<f32>> {
    let centers: Vec<_> = (0..count.div_ceil(50)).map(|_| direction(chance, dimensions)).collect();
    let near = |chance: &mut Chance| {
        let center = &centers[below(chance, centers.len())];
        let noise = direction(chance, dimensions);
        unit(center.iter().zip(noise).map(|(center, noise)| center + 0.8 * noise).collect())
    };
    (0..count).map(|_| near(chance)).collect()
}

/// A unit vector in any direction.
pub(crate) fn direction(chance: &mut Chance, dimensions: usize) -> Vec<f32> {
    // The sum of a few uniform numbers is near enough to a normal one.
    let normal = |chance: &mut Chance| (0..6).map(|_| fraction(chance) - 0.5).sum();
    unit((0..dimensions).map(|_| normal(chance)).collect())
}

/// A number from 0 to below 1.
pub(crate) fn fraction(chance: &mut Chance) -> f32 {
    (chance.bits() >> 40) as f32 / (1 << 24) as f32
}

/// A whole number from 0 to below `end`.
pub(crate) fn below(chance: &mut Chance, end: usize) -> usize {
    (chance.bits() % end as u64) as usize
}

/// The vector with length 1.
pub(crate) fn unit(vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.into_iter().map(|value| value / length).collect()
}
