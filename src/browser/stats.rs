//! What `Engine.stats` returns; `index.d.ts` describes each field.

use serde::Serialize;

use super::Backend;
use crate::engine::{FeedbackStats, VectorIndexStats};

/// Where the knowledge base is stored.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Storage {
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

/// What `Engine.stats` returns.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stats {
    pub(super) backend: Backend,
    pub(super) heap_bytes: u32,
    pub(super) index_bytes: usize,
    pub(super) storage: StorageStats,
    pub(super) models: ModelStats,
    pub(super) documents: usize,
    pub(super) chunks: usize,
    pub(super) vector_index: VectorIndexStats,
    pub(super) feedback: FeedbackStats,
    pub(super) damaged: Vec<Damaged>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StorageStats {
    #[serde(flatten)]
    pub(super) storage: Storage,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) persisted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) used_bytes: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) quota_bytes: Option<f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ModelStats {
    pub(super) embedder: EmbedderStats,
    /// Whether an answer reader is in use.
    pub(super) answer_reader: bool,
    /// The image encoder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) image: Option<ImageStats>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) generator: Option<GeneratorStats>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EmbedderStats {
    pub(super) fingerprint: String,
    pub(super) dimensions: usize,
    pub(super) token_limit: usize,
    pub(super) bytes: usize,
    pub(super) languages: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImageStats {
    pub(super) fingerprint: String,
    pub(super) dimensions: usize,
    pub(super) bytes: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GeneratorStats {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fingerprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) context_length: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bytes: Option<u64>,
    pub(super) local: bool,
    pub(super) loaded: bool,
}

impl GeneratorStats {
    /// Those of a generator of the page.
    pub(super) fn of_page(context_length: usize) -> Self {
        let context_length = Some(context_length);
        let (fingerprint, hub, bytes) = (None, None, None);
        Self { fingerprint, context_length, hub, bytes, local: true, loaded: true }
    }
}

#[derive(Serialize)]
pub(super) struct Damaged {
    pub(super) id: String,
    pub(super) message: String,
}
