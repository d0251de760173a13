//! Low-rank adapters of a decoder, beside its weights: several at once, each with a scale that the
//! [`KvCache`](super::KvCache) of a text has.

mod gguf;
mod pairs;
mod peft;

use super::config::DecoderConfig;
use crate::error::Result;
use crate::model::low_rank::{AdapterBuffers, LowRank};

/// A matrix that an adapter can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// A matrix of the layer with this number.
    Layer(usize, Part),
    /// The matrix that gives the logits.
    Head,
}

/// A matrix of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Query,
    Key,
    Value,
    Output,
    Gate,
    Up,
    Down,
}

/// An adapter with its weights.
pub(super) struct DecoderAdapter {
    /// For each layer, for each [`Part`].
    layers: Vec<[Option<LowRank>; Part::COUNT]>,
    head: Option<LowRank>,
}

/// The adapters of a decoder, with the scales of one text. An adapter without a scale is off.
#[derive(Clone, Copy)]
pub(super) struct ScaledAdapters<'a> {
    pub(super) adapters: &'a [DecoderAdapter],
    pub(super) scales: &'a [f32],
}

impl Part {
    const COUNT: usize = 7;

    /// Rows and columns of the matrix.
    fn shape(self, config: &DecoderConfig) -> [usize; 2] {
        let DecoderConfig { width, hidden, heads, kv_heads, head_size, .. } = *config;
        match self {
            Self::Query => [heads * head_size, width],
            Self::Key | Self::Value => [kv_heads * head_size, width],
            Self::Output => [width, heads * head_size],
            Self::Gate | Self::Up => [hidden, width],
            Self::Down => [width, hidden],
        }
    }
}

impl Target {
    /// Rows and columns of the matrix.
    fn shape(self, config: &DecoderConfig) -> [usize; 2] {
        match self {
            Self::Layer(_, part) => part.shape(config),
            Self::Head => [config.vocabulary, config.width],
        }
    }
}

impl DecoderAdapter {
    /// An adapter that changes nothing.
    fn new(layers: usize) -> Self {
        Self { layers: (0..layers).map(|_| Default::default()).collect(), head: None }
    }

    fn insert(&mut self, target: Target, matrices: LowRank) {
        match target {
            Target::Layer(layer, part) => self.layers[layer][part as usize] = Some(matrices),
            Target::Head => self.head = Some(matrices),
        }
    }

    fn get(&self, target: Target) -> Option<&LowRank> {
        match target {
            Target::Layer(layer, part) => self.layers[layer][part as usize].as_ref(),
            Target::Head => self.head.as_ref(),
        }
    }
}

impl ScaledAdapters<'_> {
    /// Adds to `output`, which is the product of the target and `input`.
    pub(super) fn add_to(
        self,
        target: Target,
        input: &[f32],
        output: &mut [f32],
        buffers: &mut AdapterBuffers,
    ) -> Result<()> {
        for (adapter, &scale) in self.adapters.iter().zip(self.scales) {
            match adapter.get(target) {
                Some(matrices) if scale != 0.0 => {
                    matrices.add_to(input, scale, output, buffers)?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}
