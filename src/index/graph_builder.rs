//! Building HNSW graphs without holding up the engine.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use super::graph::Graph;
use super::quantized::QuantizedVectors;
use crate::error::Result;

/// The record of a graph that is being built; none where the builder failed.
pub type PendingGraph = LocalBoxFuture<'static, Option<Vec<u8>>>;

/// Builds the graphs of segments, such as in another worker: building takes seconds and
/// cannot be interrupted.
///
/// A builder may fail or end at any time: the graph is then built again, and the segment
/// is searched without one until then.
pub trait GraphBuilder {
    /// Begins to build the graph of these vectors with [`build_graph`]; none where no
    /// graph can be built. Dropping the pending graph ends the work.
    fn build(&self, vectors: Vec<u8>) -> Option<PendingGraph>;
}

/// The record of the graph of these vectors, which are the bytes that a [`GraphBuilder`]
/// got. Runs to its end on the caller's thread: ten seconds for 32,768 vectors.
///
/// # Errors
/// [`Error::CorruptStorage`](crate::Error::CorruptStorage) for any other bytes.
pub fn build_graph(vectors: &[u8]) -> Result<Vec<u8>> {
    let vectors = QuantizedVectors::from_bytes("vectors", vectors)?;
    Ok(Graph::build(Arc::new(vectors)).to_bytes())
}

/// Builds each graph in one step on the engine's own thread, for programs that do one
/// thing at a time.
#[derive(Debug, Clone, Copy, Default)]
pub struct InlineGraphBuilder;

impl GraphBuilder for InlineGraphBuilder {
    fn build(&self, vectors: Vec<u8>) -> Option<PendingGraph> {
        Some(async move { build_graph(&vectors).ok() }.boxed_local())
    }
}
