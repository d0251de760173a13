//! The key-value cache and the buffers of a decoder.

use super::config::DecoderConfig;
use super::rotary::RotaryTable;
use crate::kernel::{ActivationRows, KeyValues};
use crate::model::low_rank::AdapterBuffers;

/// Keys and values of the tokens read so far. The caller owns it, so that one model serves several
/// texts, and a text can be rolled back.
///
/// Grows, 128 tokens at a time, by `2 * layers * key-value heads * head size * 4` bytes for each
/// token.
#[derive(Debug)]
pub struct KvCache {
    /// For each layer, for each of its key-value heads.
    pub(super) layers: Vec<Vec<KeyValues>>,
    pub(super) length: usize,
    /// The scales of the decoder's adapters, with which all tokens are read.
    pub(super) scales: Vec<f32>,
    pub(super) workspace: Workspace,
}

/// Buffers of the layers, kept so that they are allocated once.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    pub(super) state: Vec<f32>,
    pub(super) normed: ActivationRows,
    pub(super) attended: ActivationRows,
    pub(super) hidden: ActivationRows,
    pub(super) query: Vec<f32>,
    pub(super) key: Vec<f32>,
    pub(super) value: Vec<f32>,
    pub(super) gate: Vec<f32>,
    pub(super) up: Vec<f32>,
    pub(super) result: Vec<f32>,
    pub(super) adapter: AdapterBuffers,
    pub(super) rotary_tables: [RotaryTable; 2],
}

impl KvCache {
    pub(super) fn new(config: &DecoderConfig, scales: &[f32]) -> Self {
        let heads = vec![KeyValues::new(config.head_size); config.kv_heads];
        Self {
            layers: vec![heads; config.layers],
            length: 0,
            scales: scales.to_vec(),
            workspace: Workspace::default(),
        }
    }

    /// The scales of adapters with which its tokens are read.
    pub(crate) fn scales(&self) -> &[f32] {
        &self.scales
    }

    /// Tokens held.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether no token is held.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Bytes of keys and values, capacity included.
    pub(crate) fn bytes(&self) -> usize {
        self.layers.iter().flatten().map(KeyValues::bytes).sum()
    }

    /// Forgets all tokens after the first `length`.
    pub fn roll_back(&mut self, length: usize) {
        self.length = self.length.min(length);
        for head in self.layers.iter_mut().flatten() {
            head.truncate(self.length);
        }
    }
}

impl Clone for KvCache {
    /// A copy with buffers of its own: the two texts continue independently.
    fn clone(&self) -> Self {
        Self {
            layers: self.layers.clone(),
            length: self.length,
            scales: self.scales.clone(),
            workspace: Workspace::default(),
        }
    }
}
