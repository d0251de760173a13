//! The HNSW graphs of large segments: read from the store, or built, stored and used.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::future::{Either, select};
use serde::Serialize;

use super::Engine;
use super::change::is_storage_error;
use crate::error::{Error, Result};
use crate::index::{
    Entry, GRAPH_MIN_CHUNKS, GraphBuilder, PendingGraph, SearchStrategy, VectorIndex,
};
use crate::knowledge_base::{
    KnowledgeBase, StoredGraph, decode_graph, find_leftover_graphs, graph_batch, read_graph,
};
use crate::runtime::{CancelToken, Task};
use crate::store::{Batch, Lease};

/// The tab that builds graphs holds this lock.
const GRAPHS_LOCK: &str = "graphs";
/// Failures of a builder after which an engine builds the graph of a segment no more.
const MAX_FAILURES: usize = 3;
/// How often a graph is stored again after the lease was lost.
const STORE_TRIES: usize = 8;

/// How an engine searches vectors, and what it builds for that.
#[derive(Default)]
pub(super) struct Graphs {
    pub(super) vector_index: VectorIndex,
    builder: Option<Rc<dyn GraphBuilder>>,
    /// The segment whose graph is being built.
    building: RefCell<Option<(u64, CancelToken)>>,
    /// Failures of the builder, by segment.
    failures: RefCell<BTreeMap<u64, usize>>,
}

impl Graphs {
    /// Ends building where the segment is not in `state`.
    pub(super) fn cancel_unless_live(&self, state: &KnowledgeBase) {
        if let Some((segment, cancel)) = &*self.building.borrow()
            && find(state, *segment).is_none()
        {
            cancel.cancel();
        }
    }

    fn add_failures(&self, segment: u64, count: usize) {
        *self.failures.borrow_mut().entry(segment).or_default() += count;
    }

    fn has_failed(&self, segment: u64) -> bool {
        self.failures.borrow().get(&segment).is_some_and(|&count| count >= MAX_FAILURES)
    }
}

/// Forgets the segment whose graph was being built.
struct Building<'a>(&'a Graphs);

impl Drop for Building<'_> {
    fn drop(&mut self) {
        self.0.building.take();
    }
}

/// How vectors are searched now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VectorIndexStats {
    /// The choice that the engine was opened with.
    pub mode: VectorIndex,
    /// What a search without a filter uses.
    pub used: SearchStrategy,
    /// Segments in the knowledge base.
    pub segments: usize,
    /// Segments that are searched by their graph.
    pub graphs: usize,
    /// Segments whose graph is neither read nor built yet.
    pub pending: usize,
    /// Whether a graph is being built.
    pub building: bool,
}

impl Engine {
    /// The engine with another way of searching vectors. Without a builder it uses graphs
    /// that are stored, and builds none. [`Engine::update_graphs`] is to be called then.
    pub fn with_vector_index(
        self,
        vector_index: VectorIndex,
        builder: Option<Rc<dyn GraphBuilder>>,
    ) -> Self {
        let graphs = Graphs { vector_index, builder, ..Graphs::default() };
        Self { graphs, ..self }
    }

    /// Reads the graphs of large segments, builds those that are missing, one after the
    /// other, and stores them: to be called after opening and after [`Engine::maintain`].
    /// Does nothing unless the engine searches by graphs. Cancelling, or a builder that
    /// fails, loses nothing: a segment without a graph is compared as a whole. Where
    /// another tab builds, its graphs are read at the next call.
    pub async fn update_graphs(&self, task: &Task) -> Result<()> {
        if self.graphs.vector_index != VectorIndex::Graph {
            return Ok(());
        }
        let mut lock = None;
        loop {
            let missing = self.read_graphs(task).await?;
            if lock.is_none() {
                lock = self.store.try_lock(GRAPHS_LOCK).await?;
                if lock.is_none() {
                    return Ok(());
                }
                // Another tab may have stored some until now.
                continue;
            }
            let Some(entry) = missing.first() else { break };
            let vectors = entry.segment.vectors();
            let pending = self.graphs.builder.as_ref().and_then(|b| b.build(vectors.to_bytes()));
            let Some(pending) = pending else { break };
            self.build(entry, pending, task).await?;
        }
        self.delete_leftovers(task).await
    }

    /// How vectors are searched now.
    pub fn vector_index_stats(&self) -> VectorIndexStats {
        let mode = self.graphs.vector_index;
        let index = self.state.borrow().index.clone();
        let is_searched =
            |entry: &&Rc<Entry>| mode == VectorIndex::Graph && entry.graph().is_some();
        let is_pending = |entry: &&Rc<Entry>| mode == VectorIndex::Graph && needs_graph(entry);
        VectorIndexStats {
            mode,
            used: index.strategy(mode),
            segments: index.entries().len(),
            graphs: index.entries().iter().filter(is_searched).count(),
            pending: index.entries().iter().filter(is_pending).count(),
            building: self.graphs.building.borrow().is_some(),
        }
    }

    /// Reads the graphs that are stored, and returns the segments whose graphs are to be
    /// built.
    async fn read_graphs(&self, task: &Task) -> Result<Vec<Rc<Entry>>> {
        let state = self.current(task).await?;
        let mut missing = Vec::new();
        for entry in state.index.entries().iter().filter(|entry| needs_graph(entry)) {
            if self.graphs.has_failed(entry.id) {
                continue;
            }
            match read_graph(&*self.store, entry.id, entry.segment.vectors()).await? {
                StoredGraph::Readable(graph) => entry.set_graph(graph),
                StoredGraph::Missing => missing.push(entry.clone()),
                StoredGraph::TooNew => self.graphs.add_failures(entry.id, MAX_FAILURES),
            }
            self.end_ingest_step(task).await?;
        }
        Ok(missing)
    }

    /// Waits for the graph of a segment, uses it and stores it. Ends early where the
    /// segment is no longer in the knowledge base.
    async fn build(&self, entry: &Entry, pending: PendingGraph, task: &Task) -> Result<()> {
        let cancel = CancelToken::default();
        self.graphs.building.replace(Some((entry.id, cancel.clone())));
        let building = Building(&self.graphs);
        let waiting = std::pin::pin!(cancel.cancelled());
        let record = match task.unless_cancelled(select(pending, waiting)).await? {
            Either::Left((record, _)) => record,
            Either::Right(_) => return Ok(()),
        };
        drop(building);
        self.end_ingest_step(task).await?;
        let vectors = entry.segment.vectors();
        let read = record.map(|record| (decode_graph(entry.id, &record, vectors), record));
        let Some((Ok(graph), record)) = read else {
            self.graphs.add_failures(entry.id, 1);
            return Ok(());
        };
        entry.set_graph(graph);
        self.store_graph(entry.id, record, task).await
    }

    /// Stores a graph, unless its segment is no longer live. Where there is no room, the
    /// graph is used all the same, and built again the next time.
    async fn store_graph(&self, segment: u64, record: Vec<u8>, task: &Task) -> Result<()> {
        for _ in 0..STORE_TRIES {
            let stored = async {
                let lease = self.lease_at_current_state(task).await?;
                if find(&self.state.borrow(), segment).is_none() {
                    return Ok(());
                }
                self.store.commit(graph_batch(segment, record.clone()), &lease).await
            };
            match stored.await {
                Err(Error::LeaseLost) => {}
                Err(error) if is_storage_error(&error) => return Ok(()),
                stored => return stored,
            }
        }
        Ok(())
    }

    /// Deletes graphs of segments that are no longer there: a version that knew no graphs
    /// may have deleted the segments alone.
    async fn delete_leftovers(&self, task: &Task) -> Result<()> {
        let state = self.state.borrow().clone();
        if find_leftover_graphs(&*self.store, &state).await?.is_empty() {
            return Ok(());
        }
        let deleted = async {
            let lease = self.lease_at_current_state(task).await?;
            let state = self.state.borrow().clone();
            let deletes = find_leftover_graphs(&*self.store, &state).await?;
            self.store.commit(Batch { puts: Vec::new(), deletes }, &lease).await
        };
        match deleted.await {
            Err(error) if is_storage_error(&error) => Ok(()),
            deleted => deleted,
        }
    }

    /// The lease, after the state was refreshed under it.
    async fn lease_at_current_state(&self, task: &Task) -> Result<Lease> {
        let lease = self.lease(task).await?;
        self.refresh(task).await?;
        Ok(lease)
    }
}

fn find(state: &KnowledgeBase, segment: u64) -> Option<&Rc<Entry>> {
    state.index.entries().iter().find(|entry| entry.id == segment)
}

/// Whether a segment has many vectors, and no graph in memory.
fn needs_graph(entry: &Entry) -> bool {
    entry.segment.vectors().present() >= GRAPH_MIN_CHUNKS && entry.graph().is_none()
}
