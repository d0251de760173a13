//! The engine: wires the rooms together, and has no algorithm of its own.

mod adding;
mod ask;
mod carrying;
mod change;
mod keeping;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use async_trait::async_trait;
use futures_util::lock::Mutex;

use crate::document::{DocumentId, DocumentInfo};
use crate::embed::{Embedder, Helpers};
use crate::error::{Error, Result};
use crate::generate::Generator;
use crate::host::{Host, Task};
use crate::knowledge_base::{
    DamagedDocument, KnowledgeBase, ReadAhead, StoredDocument, Texts, clean, read, removing,
};
use crate::quote::SentenceVectors;
use crate::store::Store;
use crate::turns::Turns;

use change::{Hidden, News, Plan};

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
    host: Rc<dyn Host>,
    embedder: Rc<Embedder>,
    helpers: Option<Rc<dyn Helpers>>,
    source: Option<Box<dyn GeneratorSource>>,
    generator: Mutex<Option<Rc<Generator>>>,
    state: RefCell<KnowledgeBase>,
    news: News,
    hidden: RefCell<Vec<Hidden>>,
    texts: Texts,
    vectors: RefCell<SentenceVectors>,
    turns: Turns,
    closed: Cell<bool>,
}

impl Engine {
    /// Opens the knowledge base in `store`, or begins a new one. Every segment is verified;
    /// what was damaged is derived again from the documents where these are whole, and
    /// else reported by [`Engine::damaged`]. Otherwise nothing is embedded again. Fails
    /// where it was made with another embedder.
    pub async fn open(
        store: Box<dyn Store>,
        host: Rc<dyn Host>,
        embedder: Rc<Embedder>,
        source: Option<Box<dyn GeneratorSource>>,
        task: &Task,
    ) -> Result<Self> {
        Self::open_read(store, ReadAhead::default(), host, embedder, source, task).await
    }

    /// The same, where some of the store was read while the embedder was being loaded: what
    /// of it is still so is not read again.
    pub async fn open_read(
        store: Box<dyn Store>,
        ahead: ReadAhead,
        host: Rc<dyn Host>,
        embedder: Rc<Embedder>,
        source: Option<Box<dyn GeneratorSource>>,
        task: &Task,
    ) -> Result<Self> {
        clean(&*store).await?;
        let known = &ahead.state;
        let state = read(&*store, embedder.fingerprint(), known, &*host, task).await?;
        let is_whole = ahead.has_all_of(&state);
        let engine = Self::over(store, host, embedder, source, state);
        if !is_whole {
            engine.repair(task).await?;
        }
        Ok(engine)
    }

    /// The same, but where the knowledge base was made with another embedder, all its
    /// documents are embedded again with this one first. Stopping leaves it as it was.
    pub async fn open_with_new_embedder(
        store: Box<dyn Store>,
        host: Rc<dyn Host>,
        embedder: Rc<Embedder>,
        source: Option<Box<dyn GeneratorSource>>,
        task: &Task,
    ) -> Result<Self> {
        clean(&*store).await?;
        let known = KnowledgeBase::default();
        if let Err(error) = read(&*store, embedder.fingerprint(), &known, &*host, task).await {
            let Error::EmbedderMismatch { .. } = error else { return Err(error) };
            let engine = Self::over(store, host.clone(), embedder.clone(), None, known);
            engine.embed_all(task).await?;
            return Self::open(engine.store, host, embedder, source, task).await;
        }
        Self::open(store, host, embedder, source, task).await
    }

    fn over(
        store: Box<dyn Store>,
        host: Rc<dyn Host>,
        embedder: Rc<Embedder>,
        source: Option<Box<dyn GeneratorSource>>,
        state: KnowledgeBase,
    ) -> Self {
        Self {
            store,
            host,
            embedder,
            helpers: None,
            source,
            generator: Mutex::new(None),
            state: RefCell::new(state),
            news: News::default(),
            hidden: RefCell::default(),
            texts: Texts::default(),
            vectors: RefCell::default(),
            turns: Turns::default(),
            closed: Cell::new(false),
        }
    }

    /// The engine with others that embed while it adds, all with its own model. What is
    /// added is the same with them and without.
    pub fn with_helpers(self, helpers: Rc<dyn Helpers>) -> Self {
        Self { helpers: Some(helpers), ..self }
    }

    /// Removes a document, from search at once and from the store.
    ///
    /// # Errors
    /// [`Error::DocumentNotFound`]; what the store says. Nothing has changed then.
    pub async fn remove(&self, id: &str) -> Result<()> {
        self.check_open()?;
        let missing = || Error::DocumentNotFound { id: id.to_owned() };
        let id = DocumentId::parse(id).ok_or_else(missing)?;
        let is_damaged = self.hidden.borrow().iter().any(|hidden| hidden.document.id == id);
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
        self.texts.get(&*self.store, &found).await
    }

    /// Documents that the store holds but whose records cannot be read.
    pub fn damaged(&self) -> Vec<DamagedDocument> {
        self.hidden.borrow().iter().map(|hidden| hidden.document.clone()).collect()
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
        let mut slot = task.unless_stopped(self.generator.lock()).await?;
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
