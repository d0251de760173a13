//! The pairs of matrices in an adapter's file: checked, then read one after another.

use std::collections::BTreeMap;

use super::{DecoderAdapter, Target};
use crate::error::{Error, Result};
use crate::model::corrupt;
use crate::model::decoder::config::DecoderConfig;
use crate::model::linear::Linear;
use crate::model::low_rank::LowRank;

/// The highest rank. Those in use are from 4 to 256.
pub(super) const MAX_RANK: usize = 512;

/// Which matrix of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    /// `[rank, columns]`, which is "A" in the paper.
    Down,
    /// `[rows, rank]`, which is "B".
    Up,
}

/// A tensor of the file.
#[derive(Debug, Clone)]
pub(super) struct PairTensor {
    pub(super) name: String,
    pub(super) shape: Vec<u64>,
}

/// The tensors of an adapter, by what they change.
#[derive(Default)]
pub(super) struct Pairs(BTreeMap<Target, [Option<PairTensor>; 2]>);

impl Pairs {
    /// Adds a tensor. Fails where there is one in its place.
    pub(super) fn push(&mut self, target: Target, half: Half, tensor: PairTensor) -> Result<()> {
        let place = &mut self.0.entry(target).or_default()[half as usize];
        match place.replace(tensor) {
            None => Ok(()),
            Some(PairTensor { name, .. }) => Err(corrupt(format!("{name} is there twice"))),
        }
    }

    /// Checks that all pairs fit the decoder, and reads them. `read` gives the numbers of a tensor,
    /// row by row in the order of the decoder's file; `factor` is what a pair of a rank is
    /// multiplied with.
    pub(super) async fn read(
        self,
        config: &DecoderConfig,
        factor: impl Fn(usize) -> Result<f32>,
        read: impl AsyncFn(Target, Half, &str, [usize; 2]) -> Result<Vec<f32>>,
    ) -> Result<DecoderAdapter> {
        if self.0.is_empty() {
            return Err(corrupt("the adapter has no matrices"));
        }
        let mut checked = Vec::new();
        for (target, halves) in self.0 {
            let (pair, rank) = check(config, target, halves)?;
            let factor = factor(rank)?;
            if !factor.is_finite() {
                return Err(corrupt("the alpha of the adapter is too large"));
            }
            checked.push((target, pair, rank, factor));
        }
        let mut adapter = DecoderAdapter::new(config.layers);
        for (target, [down, up], rank, factor) in checked {
            let [rows, columns] = target.shape(config);
            let (down_shape, up_shape) = ([rank, columns], [rows, rank]);
            let down = read(target, Half::Down, &down.name, down_shape).await?;
            let up = read(target, Half::Up, &up.name, up_shape).await?;
            let down = Linear::from_rows(down, down_shape)?;
            adapter.insert(target, LowRank::new(down, Linear::from_rows(up, up_shape)?, factor));
        }
        Ok(adapter)
    }
}

/// The two tensors of a pair and their rank. Fails where they do not fit the decoder.
fn check(
    config: &DecoderConfig,
    target: Target,
    halves: [Option<PairTensor>; 2],
) -> Result<([PairTensor; 2], usize)> {
    let pair = match halves {
        [Some(down), Some(up)] => [down, up],
        [one, other] => {
            let name = one.or(other).map_or_else(String::new, |tensor| tensor.name);
            return Err(corrupt(format!("{name} is there without the other matrix of its pair")));
        }
    };
    if let Target::Layer(layer, _) = target
        && layer >= config.layers
    {
        let (name, layers) = (&pair[0].name, config.layers);
        return Err(mismatch(format!("it has {name}, but the generator has {layers} layers")));
    }
    let rank = pair[0].shape.first().copied().unwrap_or(0);
    let [rows, columns] = target.shape(config).map(|n| n as u64);
    for (tensor, expected) in pair.iter().zip([[rank, columns], [rows, rank]]) {
        let PairTensor { name, shape } = tensor;
        if *shape != expected {
            let detail = format!("{name} has the shape {shape:?}, expected {expected:?}");
            return Err(mismatch(detail));
        }
    }
    match usize::try_from(rank) {
        Ok(rank @ 1..=MAX_RANK) => Ok((pair, rank)),
        _ => Err(unsupported(format!("a rank of {rank} ({MAX_RANK} is the highest)"))),
    }
}

/// An adapter that does not fit the decoder.
pub(super) fn mismatch(detail: String) -> Error {
    Error::AdapterMismatch { detail }
}

/// An adapter of a kind that is not implemented.
pub(super) fn unsupported(detail: impl Into<String>) -> Error {
    Error::UnsupportedAdapter { detail: detail.into() }
}
