//! Random unit vectors.
#![allow(dead_code, reason = "no test crate uses all of it")]

use crate::rng::Rng;

/// Unit vectors in clusters, as embeddings lie.
pub(crate) fn clustered(rng: &mut Rng, count: usize, dimensions: usize) -> Vec<Vec<f32>> {
    let centers: Vec<_> = (0..count.div_ceil(50)).map(|_| direction(rng, dimensions)).collect();
    let near = |rng: &mut Rng| {
        let center = &centers[rng.below(centers.len())];
        let noise = direction(rng, dimensions);
        unit(center.iter().zip(noise).map(|(center, noise)| center + 0.8 * noise).collect())
    };
    (0..count).map(|_| near(rng)).collect()
}

/// A unit vector in any direction.
pub(crate) fn direction(rng: &mut Rng, dimensions: usize) -> Vec<f32> {
    // The sum of six uniform numbers is close to normally distributed.
    let normal = |rng: &mut Rng| (0..6).map(|_| rng.fraction() - 0.5).sum();
    unit((0..dimensions).map(|_| normal(rng)).collect())
}

/// The vector scaled to length 1.
pub(crate) fn unit(vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.into_iter().map(|value| value / length).collect()
}
