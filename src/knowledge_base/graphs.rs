//! Records of HNSW graphs: beside each large segment, the graph of its vectors.
//!
//! They are derived data. A graph that is missing, damaged, too old or built from other
//! vectors is built again, and exports leave them out. A commit that deletes a segment deletes its
//! graph.

use std::sync::Arc;

use super::KnowledgeBase;
use super::records::{GRAPH_PREFIX, graph_key};
use crate::error::{Error, Result};
use crate::index::{Graph, QuantizedVectors};
use crate::store::{Batch, Store};

/// What a store has of the graph of a segment.
#[derive(Debug)]
pub(crate) enum StoredGraph {
    /// The graph.
    Readable(Graph),
    /// Nothing of use: the graph is to be built.
    Missing,
    /// A record that a newer version wrote: it is left alone.
    TooNew,
}

/// Reads the graph of the segment of this number, which has these vectors.
pub(crate) async fn read_graph(
    store: &dyn Store,
    segment: u64,
    vectors: &Arc<QuantizedVectors>,
) -> Result<StoredGraph> {
    let Some(record) = store.get(&graph_key(segment)).await? else {
        return Ok(StoredGraph::Missing);
    };
    match decode_graph(segment, &record, vectors) {
        Ok(graph) => Ok(StoredGraph::Readable(graph)),
        Err(Error::RecordTooNew { .. }) => Ok(StoredGraph::TooNew),
        Err(_) => Ok(StoredGraph::Missing),
    }
}

/// The graph that a record holds, of the segment of this number with these vectors.
pub(crate) fn decode_graph(
    segment: u64,
    record: &[u8],
    vectors: &Arc<QuantizedVectors>,
) -> Result<Graph> {
    Graph::from_bytes(&graph_key(segment), record, vectors)
}

/// The batch that stores the graph of a segment.
pub(crate) fn graph_batch(segment: u64, record: Vec<u8>) -> Batch {
    Batch { puts: vec![(graph_key(segment), record)], deletes: Vec::new() }
}

/// The keys of graphs whose segments are not in a state.
pub(crate) async fn find_leftover_graphs(
    store: &dyn Store,
    state: &KnowledgeBase,
) -> Result<Vec<String>> {
    let mut keys = store.keys(GRAPH_PREFIX).await?;
    let live: Vec<_> = state.index.entries().iter().map(|entry| graph_key(entry.id)).collect();
    keys.retain(|key| !live.contains(key));
    Ok(keys)
}
