//! The engine: wires the rooms together, and has no algorithm of its own.

mod ask;
mod change;
mod ingest;
mod maintenance;
mod question_gate;
mod transfer;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use async_trait::async_trait;
use futures_util::lock::Mutex;

use crate::answer::quotes::SentenceVectors;
use crate::document::{DocumentId, DocumentInfo};
use crate::embed::{EmbedWorkers, Embedder};
use crate::error::{Error, Result};
use crate::generate::Generator;
use crate::knowledge_base::{
    DamagedDocument, DocumentCache, KnowledgeBase, Preload, StoredDocument, clean, load, removing,
};
use crate::runtime::{Runtime, Task};
use crate::store::Store;
use question_gate::QuestionGate;

use change::{ChangeCounter, Plan, Quarantined};

/// A file to add.
#[derive(Debug, Clone, Default)]
pub struct SourceFile<'a> {
    /// Its name, shown in citations; its ending tells the kind where `mime` does not.
    pub name: &'a str,
    /// Its media type, if known.
    pub mime: Option<&'a str>,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// What the caller keeps beside it: a JSON object, or nothing.
    pub metadata: Option<&'a str>,
    /// The id of a document that it replaces.
    pub replaces: Option<&'a str>,
}

/// A document that is in the knowledge base.
#[derive(Debug, Clone)]
pub struct AddedDocument {
    /// What is known of it.
    pub info: Rc<DocumentInfo>,
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
/// Calls may overlap, and others may have the same store open: each question sees the one
/// state it began with, and goes before adding. A call that fails or is stopped changes
/// nothing.
pub struct Engine {
    store: Box<dyn Store>,
    runtime: Rc<dyn Runtime>,
    embedder: Rc<Embedder>,
    embed_workers: Option<Rc<dyn EmbedWorkers>>,
    source: Option<Box<dyn GeneratorSource>>,
    generator: Mutex<Option<Rc<Generator>>>,
    state: RefCell<KnowledgeBase>,
    changes: ChangeCounter,
    quarantined: RefCell<Vec<Quarantined>>,
    document_cache: DocumentCache,
    vectors: RefCell<SentenceVectors>,
    question_gate: QuestionGate,
    closed: Cell<bool>,
}

impl Engine {
    /// Opens the knowledge base in `store`, or begins a new one. Every segment is verified;
    /// what was damaged is derived again from the documents where these are whole, and
    /// else reported by [`Engine::damaged`]. Otherwise nothing is embedded again. Fails
    /// where it was made with another embedder.
    pub async fn open(
        store: Box<dyn Store>,
        runtime: Rc<dyn Runtime>,
        embedder: Rc<Embedder>,
        source: Option<Box<dyn GeneratorSource>>,
        task: &Task,
    ) -> Result<Self> {
        Self::open_preloaded(store, Preload::default(), runtime, embedder, source, task).await
    }

    /// The same, where some of the store was read while the embedder was being loaded: what
    /// of it is still so is not read again.
    pub async fn open_preloaded(
        store: Box<dyn Store>,
        ahead: Preload,
        runtime: Rc<dyn Runtime>,
        embedder: Rc<Embedder>,
        source: Option<Box<dyn GeneratorSource>>,
        task: &Task,
    ) -> Result<Self> {
        clean(&*store).await?;
        let known = &ahead.state;
        let state = load(&*store, embedder.fingerprint(), known, &*runtime, task).await?;
        let is_whole = ahead.has_all_of(&state);
        let engine = Self::over(store, runtime, embedder, source, state);
        if !is_whole {
            engine.repair(task).await?;
        }
        Ok(engine)
    }

    /// The same, but where the knowledge base was made with another embedder, all its
    /// documents are embedded again with this one first. Stopping leaves it as it was.
    pub async fn open_with_new_embedder(
        store: Box<dyn Store>,
        runtime: Rc<dyn Runtime>,
        embedder: Rc<Embedder>,
        source: Option<Box<dyn GeneratorSource>>,
        task: &Task,
    ) -> Result<Self> {
        clean(&*store).await?;
        let known = KnowledgeBase::default();
        if let Err(error) = load(&*store, embedder.fingerprint(), &known, &*runtime, task).await {
            let Error::EmbedderMismatch { .. } = error else { return Err(error) };
            let engine = Self::over(store, runtime.clone(), embedder.clone(), None, known);
            engine.embed_all(task).await?;
            return Self::open(engine.store, runtime, embedder, source, task).await;
        }
        Self::open(store, runtime, embedder, source, task).await
    }

    fn over(
        store: Box<dyn Store>,
        runtime: Rc<dyn Runtime>,
        embedder: Rc<Embedder>,
        source: Option<Box<dyn GeneratorSource>>,
        state: KnowledgeBase,
    ) -> Self {
        Self {
            store,
            runtime,
            embedder,
            embed_workers: None,
            source,
            generator: Mutex::new(None),
            state: RefCell::new(state),
            changes: ChangeCounter::default(),
            quarantined: RefCell::default(),
            document_cache: DocumentCache::default(),
            vectors: RefCell::default(),
            question_gate: QuestionGate::default(),
            closed: Cell::new(false),
        }
    }

    /// The engine with others that embed while it adds, all with its own model. What is
    /// added is the same with them and without.
    pub fn with_embed_workers(self, embed_workers: Rc<dyn EmbedWorkers>) -> Self {
        Self { embed_workers: Some(embed_workers), ..self }
    }

    /// Removes a document, from search at once and from the store.
    ///
    /// # Errors
    /// [`Error::DocumentNotFound`]; what the store says. Nothing has changed then.
    pub async fn remove(&self, id: &str) -> Result<()> {
        self.check_open()?;
        let missing = || Error::DocumentNotFound { id: id.to_owned() };
        let id = DocumentId::parse(id).ok_or_else(missing)?;
        let is_damaged =
            self.quarantined.borrow().iter().any(|quarantined| quarantined.document.id == id);
        let plan = |state: &KnowledgeBase| {
            if !is_damaged && state.index.find(id).is_none() {
                return Err(missing());
            }
            let change = removing(state, id, self.embedder.fingerprint());
            Ok(Plan::Change(Box::new(change), ()))
        };
        self.change(&Task::default(), plan).await?;
        self.forget(id);
        Ok(())
    }

    /// All documents, in the order of adding.
    pub async fn documents(&self) -> Result<Vec<AddedDocument>> {
        self.check_open()?;
        let state = self.current(&Task::default()).await?;
        let added = |(info, chunks): (&Rc<DocumentInfo>, usize)| AddedDocument {
            info: info.clone(),
            chunks,
            already_added: false,
        };
        Ok(state.documents().into_iter().map(added).collect())
    }

    /// A document, with the text that spans point into.
    pub async fn document(&self, id: &str) -> Result<Rc<StoredDocument>> {
        self.check_open()?;
        let state = self.current(&Task::default()).await?;
        let found = DocumentId::parse(id).and_then(|id| state.index.find(id));
        let found = found.ok_or_else(|| Error::DocumentNotFound { id: id.to_owned() })?;
        self.document_cache.get(&*self.store, &found).await
    }

    /// Documents that the store holds but whose records cannot be read.
    pub fn damaged(&self) -> Vec<DamagedDocument> {
        self.quarantined.borrow().iter().map(|quarantined| quarantined.document.clone()).collect()
    }

    /// Documents in the knowledge base.
    pub fn document_count(&self) -> usize {
        self.state.borrow().index.documents().count()
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
        let mut slot = task.unless_cancelled(self.generator.lock()).await?;
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
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("chunks", &self.chunk_count()).finish_non_exhaustive()
    }
}
