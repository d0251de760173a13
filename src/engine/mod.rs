//! The engine: wires the rooms together, and has no algorithm of its own.

mod ask;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::pin::pin;
use std::rc::Rc;

use async_trait::async_trait;
use futures_util::future::{Either, select};
use futures_util::lock::{Mutex, MutexGuard};

use crate::chunk::{Chunk, ChunkBudget, Chunker};
use crate::document::{Document, DocumentId};
use crate::embed::{Embedder, Helpers, spread};
use crate::error::{Error, Result};
use crate::generate::Generator;
use crate::host::{Host, Stage, Task};
use crate::index::{Graph, Segment, SegmentBuilder};
use crate::knowledge_base::{
    DamagedDocument, KnowledgeBase, StoredDocument, adding, build_graph, read, removing,
};
use crate::parse::parse;
use crate::quote::SentenceVectors;
use crate::store::Store;
use crate::turns::Turns;

/// Chunks cut between two pauses.
const CHUNKS_A_STEP: usize = 64;

/// A file to add.
#[derive(Debug, Clone)]
pub struct SourceFile<'a> {
    /// Its name, shown in citations; its ending tells the kind where `mime` does not.
    pub name: &'a str,
    /// Its media type, if known.
    pub mime: Option<&'a str>,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// What the caller keeps beside it: a JSON object, or nothing.
    pub metadata: Option<&'a str>,
}

/// A document that is in the knowledge base.
#[derive(Debug, Clone)]
pub struct AddedDocument {
    /// The document.
    pub document: Rc<StoredDocument>,
    /// How many chunks it was cut into.
    pub chunks: usize,
    /// Whether it was there already, so that nothing had to be done.
    pub already_added: bool,
}

/// Where a generator comes from when it is first needed.
#[async_trait(?Send)]
pub trait GeneratorSource {
    /// Loads it. Called again if it fails, or was stopped.
    async fn load(&self, task: &Task) -> Result<Generator>;
}

/// Adds, removes, searches and answers over one knowledge base.
///
/// Calls may overlap: each question sees the one state it began with, and goes
/// before adding. A call that fails or is stopped changes nothing.
pub struct Engine {
    store: Box<dyn Store>,
    host: Rc<dyn Host>,
    embedder: Rc<Embedder>,
    helpers: Option<Rc<dyn Helpers>>,
    source: Option<Box<dyn GeneratorSource>>,
    generator: Mutex<Option<Rc<Generator>>>,
    state: RefCell<KnowledgeBase>,
    damaged: RefCell<Vec<DamagedDocument>>,
    vectors: RefCell<SentenceVectors>,
    turns: Turns,
    writing: Mutex<()>,
    closed: Cell<bool>,
}

impl Engine {
    /// Opens the knowledge base in `store`, or begins a new one. Nothing is
    /// embedded again. Fails where it was made with another embedder.
    pub async fn open(
        store: Box<dyn Store>,
        host: Rc<dyn Host>,
        embedder: Rc<Embedder>,
        source: Option<Box<dyn GeneratorSource>>,
        task: &Task,
    ) -> Result<Self> {
        let (state, damaged) = read(&*store, embedder.fingerprint(), &*host, task).await?;
        Ok(Self {
            store,
            host,
            embedder,
            helpers: None,
            source,
            generator: Mutex::new(None),
            state: RefCell::new(state),
            damaged: RefCell::new(damaged),
            vectors: RefCell::default(),
            turns: Turns::default(),
            writing: Mutex::new(()),
            closed: Cell::new(false),
        })
    }

    /// The engine with others that embed while it adds, all with its own model. What is
    /// added is the same with them and without.
    pub fn with_helpers(self, helpers: Rc<dyn Helpers>) -> Self {
        Self { helpers: Some(helpers), ..self }
    }

    /// Adds a file: parses, chunks, embeds, indexes, and stores all of it at once.
    pub async fn add(&self, file: SourceFile<'_>, task: &Task) -> Result<AddedDocument> {
        self.check_open()?;
        task.stop.check()?;
        let total = file.bytes.len() as u64;
        let since = self.host.now_ms();
        task.report(&*self.host, Stage::Parse, 0, total, "bytes", since);
        task.step(&*self.host).await?;
        let (kind, document) = parse(file.name, file.mime, file.bytes)?;
        let id = DocumentId::of(kind, file.bytes);
        // Not while a removal of the same document is under way.
        drop(self.turn_to_write(task).await?);
        if let Some(added) = self.added(id, true) {
            return Ok(added);
        }
        let chunks = self.cut(&document, task).await?;
        task.report(&*self.host, Stage::Parse, total, total, "bytes", since);
        let segment = self.embed(id, &document, chunks, task).await?;

        let since = self.host.now_ms();
        let count = segment.chunks().len() as u64;
        task.report(&*self.host, Stage::Index, 0, count, "chunks", since);
        task.step(&*self.host).await?;
        let graph = build_graph(&segment, &*self.host, task).await?;
        task.step(&*self.host).await?;
        let stored = StoredDocument {
            id,
            name: file.name.to_owned(),
            kind,
            bytes: total,
            sequence: 0,
            added_at: self.host.unix_ms(),
            metadata: file.metadata.unwrap_or("{}").to_owned(),
            text: document.text,
        };
        let added = self.keep(stored, segment, graph, task).await?;
        task.report(&*self.host, Stage::Index, count, count, "chunks", since);
        Ok(added)
    }

    /// Stores a document and makes it part of the state. One write at a time, so that
    /// each sees what the one before it did.
    async fn keep(
        &self,
        mut document: StoredDocument,
        segment: Segment,
        graph: Option<Graph>,
        task: &Task,
    ) -> Result<AddedDocument> {
        let _writing = self.turn_to_write(task).await?;
        self.check_open()?;
        let id = document.id;
        // Another call may have added the same bytes in the meantime.
        if let Some(added) = self.added(id, true) {
            return Ok(added);
        }
        document.sequence = self.state.borrow().next_sequence();
        let fingerprint = self.embedder.fingerprint();
        let lease = self.store.lease().await?;
        let batch = adding(&document, &segment, graph.as_ref(), fingerprint);
        self.store.commit(batch, &lease).await?;
        let state = self.state.borrow().with(document, segment, graph);
        self.state.replace(state);
        self.damaged.borrow_mut().retain(|damaged| damaged.id != id);
        self.added(id, false)
            .ok_or_else(|| Error::Internal { detail: "an added document is gone".to_owned() })
    }

    /// Waits until nobody writes, or somebody asks to stop.
    async fn turn_to_write(&self, task: &Task) -> Result<MutexGuard<'_, ()>> {
        match select(pin!(self.writing.lock()), pin!(task.stop.stopped())).await {
            Either::Left((turn, _)) => task.stop.check().map(|()| turn),
            Either::Right(_) => Err(Error::Aborted),
        }
    }

    async fn cut(&self, document: &Document, task: &Task) -> Result<Vec<Chunk>> {
        let count = |text: &str| self.embedder.count_tokens(text);
        let budget = ChunkBudget { max_tokens: self.embedder.passage_budget(), count: &count };
        let mut chunker = Chunker::new(document, budget)?;
        let mut chunks = Vec::new();
        loop {
            let before = chunks.len();
            chunks.extend(chunker.by_ref().take(CHUNKS_A_STEP));
            if chunks.len() == before {
                return Ok(chunks);
            }
            self.step_of_adding(task).await?;
        }
    }

    async fn embed(
        &self,
        id: DocumentId,
        document: &Document,
        chunks: Vec<Chunk>,
        task: &Task,
    ) -> Result<Segment> {
        let total = chunks.len() as u64;
        let since = self.host.now_ms();
        task.report(&*self.host, Stage::Embed, 0, total, "chunks", since);
        let embedded_text = |chunk: &Chunk| chunk.embedded_text(&document.text);
        let texts =
            chunks.iter().map(|chunk| self.embedder.tokenize_passage(&embedded_text(chunk)));
        let mut spread = spread(&self.embedder, self.helpers.as_deref(), chunks.len(), texts);
        let mut segment = SegmentBuilder::new(id, self.embedder.dimensions());
        while let Some(vectors) = spread.step()? {
            for vector in vectors {
                let chunk = &chunks[segment.len()];
                segment.push(chunk.clone(), &embedded_text(chunk), &vector)?;
            }
            let done = segment.len() as u64;
            task.report(&*self.host, Stage::Embed, done, total, "chunks", since);
            self.step_of_adding(task).await?;
        }
        Ok(segment.finish())
    }

    async fn step_of_adding(&self, task: &Task) -> Result<()> {
        task.step(&*self.host).await?;
        self.turns.after_questions(&task.stop).await?;
        self.check_open()
    }

    /// Removes a document, from search at once and from the store.
    pub async fn remove(&self, id: &str) -> Result<()> {
        self.check_open()?;
        let missing = || Error::DocumentNotFound { id: id.to_owned() };
        let id = DocumentId::parse(id).ok_or_else(missing)?;
        let _writing = self.writing.lock().await;
        let is_damaged = self.damaged.borrow().iter().any(|damaged| damaged.id == id);
        if !is_damaged && self.state.borrow().document(id).is_none() {
            return Err(missing());
        }
        self.store.commit(removing(id), &self.store.lease().await?).await?;
        let state = self.state.borrow().without(id);
        self.state.replace(state);
        self.damaged.borrow_mut().retain(|damaged| damaged.id != id);
        self.vectors.borrow_mut().forget(id);
        Ok(())
    }

    /// All documents, in the order of adding.
    pub fn documents(&self) -> Result<Vec<AddedDocument>> {
        self.check_open()?;
        let state = self.state.borrow();
        Ok(state
            .documents()
            .into_iter()
            .map(|document| AddedDocument {
                document: document.clone(),
                chunks: state.chunks_of(document.id),
                already_added: false,
            })
            .collect())
    }

    /// A document, with the text that spans point into.
    pub fn document(&self, id: &str) -> Result<Rc<StoredDocument>> {
        self.check_open()?;
        DocumentId::parse(id)
            .and_then(|id| self.state.borrow().document(id).cloned())
            .ok_or_else(|| Error::DocumentNotFound { id: id.to_owned() })
    }

    /// Documents that the store holds but whose records cannot be read.
    pub fn damaged(&self) -> Vec<DamagedDocument> {
        self.damaged.borrow().clone()
    }

    /// Chunks in the knowledge base.
    pub fn chunk_count(&self) -> usize {
        self.state.borrow().index.len()
    }

    /// Bytes of memory that the index takes.
    pub fn index_bytes(&self) -> usize {
        self.state.borrow().index.memory_bytes()
    }

    /// The embedder in use.
    pub fn embedder(&self) -> &Embedder {
        &self.embedder
    }

    /// The generator, if it has been loaded.
    pub fn loaded_generator(&self) -> Option<Rc<Generator>> {
        self.generator.try_lock().and_then(|slot| slot.clone())
    }

    /// Loads the generator, unless it is there already; none where the engine was
    /// opened without one.
    pub async fn load_generator(&self, task: &Task) -> Result<Option<Rc<Generator>>> {
        self.check_open()?;
        let Some(source) = &self.source else { return Ok(None) };
        // Whoever comes second waits for the first, and may stop waiting.
        let mut slot = match select(pin!(self.generator.lock()), pin!(task.stop.stopped())).await {
            Either::Left((slot, _)) => slot,
            Either::Right(_) => return Err(Error::Aborted),
        };
        if slot.is_none() {
            *slot = Some(Rc::new(source.load(task).await?));
        }
        Ok(slot.clone())
    }

    /// Ends the engine's use: calls from now on fail with `closed`.
    pub fn close(&self) {
        self.closed.set(true);
    }

    fn check_open(&self) -> Result<()> {
        if self.closed.get() { Err(Error::Closed) } else { Ok(()) }
    }

    fn added(&self, id: DocumentId, already_added: bool) -> Option<AddedDocument> {
        let state = self.state.borrow();
        let document = state.document(id)?.clone();
        Some(AddedDocument { document, chunks: state.chunks_of(id), already_added })
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("chunks", &self.chunk_count()).finish_non_exhaustive()
    }
}
