//! The knowledge base: all documents and their segments, as one state in memory
//! and as records in a store.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::document::{DocumentId, FileKind};
use crate::error::{Error, Result};
use crate::host::{Host, Stage, Task};
use crate::index::{GRAPH_MIN_CHUNKS, Graph, Index, Segment, format};
use crate::model::Fingerprint;
use crate::store::{Batch, Store};

const KNOWLEDGE_BASE_KEY: &str = "knowledge-base";
const DOCUMENT_PREFIX: &str = "document/";
const KNOWLEDGE_BASE_MAGIC: [u8; 4] = *b"mmrk";
const DOCUMENT_MAGIC: [u8; 4] = *b"mmrt";

/// A document as it is stored. Immutable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredDocument {
    /// The hash of its file.
    pub id: DocumentId,
    /// The file's name.
    pub name: String,
    /// The kind of the file.
    pub kind: FileKind,
    /// The file's size.
    pub bytes: u64,
    /// Its place in the order of adding.
    pub sequence: u64,
    /// When it was added, in milliseconds since 1970.
    pub added_at: f64,
    /// What the caller keeps beside it: a JSON object.
    pub metadata: String,
    /// The text that spans point into.
    pub text: String,
}

/// The record that binds a store to an embedder.
#[derive(Debug, Serialize, Deserialize)]
struct Binding {
    embedder: String,
}

/// One consistent state. Never changes: adding and removing make a new one, and a
/// question reads the one that it began with.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnowledgeBase {
    pub(crate) index: Index,
    documents: Rc<BTreeMap<DocumentId, Rc<StoredDocument>>>,
}

impl KnowledgeBase {
    pub(crate) fn document(&self, id: DocumentId) -> Option<&Rc<StoredDocument>> {
        self.documents.get(&id)
    }

    /// All documents, in the order of adding.
    pub(crate) fn documents(&self) -> Vec<&Rc<StoredDocument>> {
        let mut documents: Vec<_> = self.documents.values().collect();
        documents.sort_by_key(|document| document.sequence);
        documents
    }

    /// The place in the order of adding that the next document takes.
    pub(crate) fn next_sequence(&self) -> u64 {
        self.documents.values().map(|document| document.sequence + 1).max().unwrap_or(0)
    }

    pub(crate) fn chunks_of(&self, id: DocumentId) -> usize {
        self.index.segment(id).map_or(0, |segment| segment.chunks().len())
    }

    pub(crate) fn with(
        &self,
        document: StoredDocument,
        segment: Segment,
        graph: Option<Graph>,
    ) -> Self {
        let mut documents = BTreeMap::clone(&self.documents);
        documents.insert(document.id, Rc::new(document));
        Self { index: self.index.with(segment, graph), documents: Rc::new(documents) }
    }

    pub(crate) fn without(&self, id: DocumentId) -> Self {
        let mut documents = BTreeMap::clone(&self.documents);
        documents.remove(&id);
        Self { index: self.index.without(id), documents: Rc::new(documents) }
    }
}

fn document_key(id: DocumentId) -> String {
    format!("{DOCUMENT_PREFIX}{id}")
}

fn segment_key(id: DocumentId) -> String {
    format!("segment/{id}")
}

fn graph_key(id: DocumentId) -> String {
    format!("graph/{id}")
}

/// Everything that adding a document writes, as one batch.
pub(crate) fn adding(
    document: &StoredDocument,
    segment: &Segment,
    graph: Option<&Graph>,
    embedder: Fingerprint,
) -> Batch {
    let binding = Binding { embedder: embedder.to_string() };
    let mut puts = vec![
        (KNOWLEDGE_BASE_KEY.to_owned(), format::seal(KNOWLEDGE_BASE_MAGIC, &binding)),
        (document_key(document.id), format::seal(DOCUMENT_MAGIC, document)),
        (segment_key(document.id), segment.to_bytes()),
    ];
    puts.extend(graph.map(|graph| (graph_key(document.id), graph.to_bytes())));
    Batch { puts, deletes: Vec::new() }
}

/// Everything that removing a document deletes.
pub(crate) fn removing(id: DocumentId) -> Batch {
    Batch { puts: Vec::new(), deletes: vec![document_key(id), segment_key(id), graph_key(id)] }
}

/// A document whose records cannot be read.
#[derive(Debug, Clone, PartialEq)]
pub struct DamagedDocument {
    /// The document's id; it can be removed by it.
    pub id: DocumentId,
    /// What is wrong.
    pub error: Error,
}

/// Reads a knowledge base. Documents that are damaged are left out and reported;
/// graphs that are missing or damaged are built again.
pub(crate) async fn read(
    store: &dyn Store,
    embedder: Fingerprint,
    host: &dyn Host,
    task: &Task,
) -> Result<(KnowledgeBase, Vec<DamagedDocument>)> {
    let keys = store.keys(DOCUMENT_PREFIX).await?;
    // What holds nothing is bound to no embedder.
    if !keys.is_empty() {
        check_embedder(store, embedder).await?;
    }
    let mut state = KnowledgeBase::default();
    let mut damaged = Vec::new();
    let since = host.now_ms();
    for (done, key) in (1..).zip(&keys) {
        let Some(id) = DocumentId::parse(&key[DOCUMENT_PREFIX.len()..]) else { continue };
        match read_document(store, id).await {
            Ok((document, segment)) => {
                let graph = read_graph(store, &segment, host, task).await?;
                state = state.with(document, segment, graph);
            }
            Err(error @ Error::CorruptStorage { .. }) => {
                damaged.push(DamagedDocument { id, error })
            }
            Err(error) => return Err(error),
        }
        task.report(host, Stage::Load, done, keys.len() as u64, "documents", since);
        task.stop.check()?;
    }
    Ok((state, damaged))
}

async fn check_embedder(store: &dyn Store, embedder: Fingerprint) -> Result<()> {
    let Some(record) = store.get(KNOWLEDGE_BASE_KEY).await? else { return Ok(()) };
    let binding: Binding = format::open(KNOWLEDGE_BASE_MAGIC, KNOWLEDGE_BASE_KEY, &record)?;
    let got = embedder.to_string();
    if binding.embedder == got {
        return Ok(());
    }
    Err(Error::EmbedderMismatch { expected: binding.embedder, got })
}

async fn read_document(store: &dyn Store, id: DocumentId) -> Result<(StoredDocument, Segment)> {
    let key = document_key(id);
    let document: StoredDocument = format::open(DOCUMENT_MAGIC, &key, &record(store, &key).await?)?;
    let key = segment_key(id);
    let segment = Segment::from_bytes(&key, &record(store, &key).await?, document.text.len())?;
    segment.check_text(&key, &document.text)?;
    if document.id != id || segment.document() != id {
        let detail = "it is the record of another document".to_owned();
        return Err(Error::CorruptStorage { record: key, detail });
    }
    Ok((document, segment))
}

async fn record(store: &dyn Store, key: &str) -> Result<Vec<u8>> {
    store.get(key).await?.ok_or_else(|| Error::CorruptStorage {
        record: key.to_owned(),
        detail: "it is missing".to_owned(),
    })
}

async fn read_graph(
    store: &dyn Store,
    segment: &Segment,
    host: &dyn Host,
    task: &Task,
) -> Result<Option<Graph>> {
    if segment.chunks().len() < GRAPH_MIN_CHUNKS {
        return Ok(None);
    }
    let key = graph_key(segment.document());
    if let Some(record) = store.get(&key).await?
        && let Ok(graph) = Graph::from_bytes(&key, &record, segment)
    {
        return Ok(Some(graph));
    }
    let graph = build_graph(segment, host, task).await?;
    if let Some(graph) = &graph {
        let batch = Batch { puts: vec![(key, graph.to_bytes())], deletes: Vec::new() };
        // Where it cannot be kept, it is built again at the next opening.
        let _ = store.commit(batch).await;
    }
    Ok(graph)
}

/// The graph of a segment that is large enough to have one.
pub(crate) async fn build_graph(
    segment: &Segment,
    host: &dyn Host,
    task: &Task,
) -> Result<Option<Graph>> {
    if segment.chunks().len() < GRAPH_MIN_CHUNKS {
        return Ok(None);
    }
    let since = host.now_ms();
    let graph = Graph::build(segment.codes().clone());
    task.report(host, Stage::Index, 1, 1, "graphs", since);
    task.step(host).await?;
    Ok(Some(graph))
}
