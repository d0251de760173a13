//! The engine: connects the other modules, and has no algorithm of its own.

mod add;
mod ask;
mod change;
mod claims;
mod commit;
mod feedback;
mod find;
mod generators;
mod graphs;
mod images;
mod ingest;
mod linked_pictures;
mod maintenance;
mod members;
mod originals;
mod pictures;
mod question_gate;
mod queue;
mod read;
mod shipped;
mod table_answers;
mod tables;
mod transfer;
mod vectors;
mod whole_document;
mod write;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use crate::answer::AnswerReader;
use crate::answer::sentence_vectors::SentenceVectors;
use crate::document::{DocumentId, DocumentInfo};
use crate::embed::{EmbedWorkers, Embedder, ImageEmbedder};
use crate::error::{Error, Result};
use crate::format::{FileReader, InlineFileReader};
use crate::knowledge_base::{
    DamagedDocument, DocumentCache, KnowledgeBase, Preload, StoredDocument, load, original_keys_of,
    remove_documents, remove_unfinished_import,
};
use crate::model::ReaderCalibration;
use crate::read::ReadLimits;
use crate::runtime::{Runtime, Task};
use crate::sql::SqlRunner;
use crate::store::Store;
use feedback::Learned;
use generators::GeneratorSlot;
use graphs::Graphs;
use question_gate::QuestionGate;
use tables::TableCache;

use change::{ChangeCounter, Plan, Quarantined};

pub use feedback::FeedbackStats;
pub use generators::GeneratorSource;
pub use graphs::VectorIndexStats;
pub use originals::{OriginalPicture, is_outdated};
pub use queue::QueuedInfo;
use shipped::Shipped;
pub use shipped::ShippedKnowledgeBase;
pub use tables::{QueryAnswer, QueryOptions, RowsOptions, ShownRows};

/// A file to add.
#[derive(Debug, Clone, Default)]
pub struct SourceFile<'a> {
    /// Its name, shown in citations. Its ending decides the format where `mime` does not.
    pub name: &'a str,
    /// Its media type, if known.
    pub mime: Option<&'a str>,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Metadata of the caller: a JSON object, or none.
    pub metadata: Option<&'a str>,
    /// The id of the document that it replaces, if any.
    pub replaces: Option<&'a str>,
    /// Whether it replaces the document of the same name, if there is one. Where that has the same
    /// bytes, nothing is done.
    pub replaces_same_name: bool,
    /// The password of an encrypted file.
    pub password: Option<&'a str>,
    /// Whether the file itself is not kept beside its text.
    pub drops_original: bool,
    /// The vector of all its chunks, which the caller made; none to embed each.
    pub vector: Option<&'a [f32]>,
}

/// A document that is in the knowledge base.
#[derive(Debug, Clone)]
pub struct AddedDocument {
    /// What is known of it.
    pub info: Rc<DocumentInfo>,
    /// How many chunks it was cut into.
    pub chunks: usize,
    /// Its members, if it is a container, in the order of adding.
    pub members: Vec<DocumentId>,
    /// Whether it was in the knowledge base already, so that nothing was done.
    pub already_added: bool,
    /// The name of the shipped knowledge base that it is in; none of the engine's own.
    pub shipped: Option<Rc<str>>,
}

impl AddedDocument {
    /// A document of a state.
    fn find(state: &KnowledgeBase, id: DocumentId, already_added: bool) -> Option<Self> {
        let found = state.index.find(id)?;
        let (info, chunks) = (found.info().clone(), found.chunks().len());
        Some(Self { info, chunks, members: state.members_of(id), already_added, shipped: None })
    }

    /// Whether reading its file with this version of the reader, and keeping it or not, would add
    /// nothing.
    fn is_as_good(&self, reader_version: u16, keeps_file: bool) -> bool {
        let is_kept = self.info.has_original || !keeps_file;
        is_kept && self.info.details.reader_version >= reader_version
    }
}

/// Adds, removes, searches and answers over one knowledge base.
///
/// Calls may overlap, and other engines may have the same store open. A question reads the
/// state that it began with, and adding waits for questions. A call that fails or is
/// cancelled changes nothing.
pub struct Engine {
    store: Box<dyn Store>,
    runtime: Rc<dyn Runtime>,
    embedder: Rc<Embedder>,
    answer_reader: Option<AnswerReader>,
    image_embedder: Option<Rc<ImageEmbedder>>,
    embed_workers: Option<Rc<dyn EmbedWorkers>>,
    file_reader: Rc<dyn FileReader>,
    read_limits: ReadLimits,
    sql_runner: Option<Rc<dyn SqlRunner>>,
    tables: TableCache,
    graphs: Graphs,
    generators: GeneratorSlot,
    state: RefCell<KnowledgeBase>,
    changes: ChangeCounter,
    quarantined: RefCell<Vec<Quarantined>>,
    document_cache: DocumentCache,
    sentence_vectors: RefCell<SentenceVectors>,
    /// The passwords of files in the queue. They are not stored.
    queue_claims: queue::Claims,
    question_gate: QuestionGate,
    /// What was learned from feedback.
    learned: RefCell<Learned>,
    is_read_only: bool,
    shipped: Shipped,
    closed: Cell<bool>,
}

impl Engine {
    /// Opens the knowledge base in `store`, or begins a new one. Every segment is verified.
    /// Damaged segments are derived again from their documents; damaged documents are
    /// left out, and [`Engine::damaged`] lists them. Nothing else is embedded again.
    ///
    /// # Errors
    /// [`Error::EmbedderMismatch`] for a knowledge base of another embedder,
    /// [`Error::RecordTooNew`] for one that a newer version wrote; errors of the store.
    pub async fn open(
        store: Box<dyn Store>,
        runtime: Rc<dyn Runtime>,
        embedder: Rc<Embedder>,
        source: Option<Box<dyn GeneratorSource>>,
        task: &Task,
    ) -> Result<Self> {
        Self::open_preloaded(store, Preload::default(), runtime, embedder, source, task).await
    }

    /// The same as [`Engine::open`], with segments that were read while the embedder was
    /// loaded. Those that are still live are not read again.
    pub async fn open_preloaded(
        store: Box<dyn Store>,
        preload: Preload,
        runtime: Rc<dyn Runtime>,
        embedder: Rc<Embedder>,
        source: Option<Box<dyn GeneratorSource>>,
        task: &Task,
    ) -> Result<Self> {
        remove_unfinished_import(&*store).await?;
        let known = &preload.state;
        let state = load(&*store, embedder.fingerprint(), known, &*runtime, task).await?;
        let is_whole = preload.has_all_of(&state);
        let engine = Self::with_state(store, runtime, embedder, source, state);
        if !is_whole {
            engine.repair(task).await?;
        }
        Ok(engine)
    }

    /// The same as [`Engine::open`], but a knowledge base of another embedder is embedded again
    /// with this one first. Cancelling changes nothing.
    pub async fn open_with_new_embedder(
        store: Box<dyn Store>,
        runtime: Rc<dyn Runtime>,
        embedder: Rc<Embedder>,
        source: Option<Box<dyn GeneratorSource>>,
        task: &Task,
    ) -> Result<Self> {
        remove_unfinished_import(&*store).await?;
        let known = KnowledgeBase::default();
        if let Err(error) = load(&*store, embedder.fingerprint(), &known, &*runtime, task).await {
            let Error::EmbedderMismatch { .. } = error else { return Err(error) };
            let engine = Self::with_state(store, runtime.clone(), embedder.clone(), None, known);
            engine.embed_all(task).await?;
            return Self::open(engine.store, runtime, embedder, source, task).await;
        }
        Self::open(store, runtime, embedder, source, task).await
    }

    fn with_state(
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
            answer_reader: None,
            image_embedder: None,
            embed_workers: None,
            file_reader: Rc::new(InlineFileReader),
            read_limits: ReadLimits::default(),
            sql_runner: None,
            tables: TableCache::default(),
            graphs: Graphs::default(),
            generators: GeneratorSlot::new(source),
            state: RefCell::new(state),
            changes: ChangeCounter::default(),
            quarantined: RefCell::default(),
            document_cache: DocumentCache::default(),
            sentence_vectors: RefCell::default(),
            queue_claims: RefCell::default(),
            question_gate: QuestionGate::default(),
            learned: RefCell::default(),
            is_read_only: false,
            shipped: Shipped::default(),
            closed: Cell::new(false),
        }
    }

    /// The engine with workers that embed as well while it adds, with the same model. They
    /// change nothing about the result.
    pub fn with_embed_workers(self, embed_workers: Rc<dyn EmbedWorkers>) -> Self {
        Self { embed_workers: Some(embed_workers), ..self }
    }

    /// The engine with an answer reader of its embedder: questions get an answer in a few words.
    pub fn with_answer_reader(self, answer_reader: AnswerReader) -> Self {
        Self { answer_reader: Some(answer_reader), ..self }
    }

    /// The engine with an image encoder: pictures that are added from then on are found by what they
    /// show, and those before once they are read again ([`Engine::reread`]).
    pub fn with_image_embedder(self, image_embedder: Rc<ImageEmbedder>) -> Self {
        Self { image_embedder: Some(image_embedder), ..self }
    }

    /// The engine with another reader of files, such as one in a worker or a process of its own.
    pub fn with_file_reader(self, file_reader: Rc<dyn FileReader>) -> Self {
        Self { file_reader, ..self }
    }

    /// The engine with other limits for reading files.
    pub fn with_read_limits(self, read_limits: ReadLimits) -> Self {
        Self { read_limits, ..self }
    }

    /// The engine with documents that stay as they are: what would change them fails with [`Error::ReadOnly`].
    pub fn read_only(self) -> Self {
        Self { is_read_only: true, ..self }
    }

    /// Removes a document from search and from the store, with its file and its members.
    ///
    /// # Errors
    /// [`Error::DocumentNotFound`]; errors of the store. Nothing has changed then.
    pub async fn remove(&self, id: &str) -> Result<()> {
        self.check_writable()?;
        self.check_own(id)?;
        let missing = || Error::DocumentNotFound { id: id.to_owned() };
        let id = DocumentId::parse(id).ok_or_else(missing)?;
        let is_damaged =
            self.quarantined.borrow().iter().any(|quarantined| quarantined.document.id == id);
        let originals = original_keys_of(&*self.store, id).await?;
        let plan = |state: &KnowledgeBase| {
            if !is_damaged && state.index.find(id).is_none() {
                return Err(missing());
            }
            let mut ids = vec![id];
            ids.extend(state.members_of(id));
            let change = remove_documents(state, &ids, &originals, self.embedder.fingerprint());
            Ok(Plan::Change(Box::new(change), ids))
        };
        let removed = self.change(&Task::default(), plan).await?;
        removed.into_iter().for_each(|id| self.forget(id));
        Ok(())
    }

    /// All documents, in the order of adding, members after their container.
    pub async fn documents(&self) -> Result<Vec<AddedDocument>> {
        self.check_open()?;
        let state = self.readable(&Task::default()).await?;
        let documents = state.documents();
        let mut members: HashMap<DocumentId, Vec<DocumentId>> = HashMap::new();
        for (info, _) in &documents {
            if let Some(container) = &info.container {
                members.entry(container.id).or_default().push(info.id);
            }
        }
        let added = |(info, chunks): (&Rc<DocumentInfo>, usize)| AddedDocument {
            info: info.clone(),
            chunks,
            members: members.remove(&info.id).unwrap_or_default(),
            already_added: false,
            shipped: state.index.find(info.id).and_then(|found| found.shipped().cloned()),
        };
        Ok(documents.into_iter().map(added).collect())
    }

    /// A document, with the text that spans refer to.
    pub async fn document(&self, id: &str) -> Result<Rc<StoredDocument>> {
        self.check_open()?;
        let state = self.readable(&Task::default()).await?;
        let found = DocumentId::parse(id).and_then(|id| state.index.find(id));
        let found = found.ok_or_else(|| Error::DocumentNotFound { id: id.to_owned() })?;
        self.document_cache.get(&*self.store, &found).await
    }

    /// Documents whose records cannot be read.
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

    /// Bytes of memory that the index needs.
    pub fn index_bytes(&self) -> usize {
        self.state.borrow().index.memory_bytes()
    }

    /// The embedder in use.
    pub fn embedder(&self) -> &Embedder {
        &self.embedder
    }

    /// The embedder in use, to load an answer reader for it.
    pub fn embedder_rc(&self) -> Rc<Embedder> {
        self.embedder.clone()
    }

    /// What was measured for the answer reader; none without one.
    pub fn reader_calibration(&self) -> Option<ReaderCalibration> {
        self.answer_reader.as_ref().map(|reader| reader.calibration().clone())
    }

    /// Closes the engine: later calls fail with `closed`, and other engines may take over its
    /// queue.
    pub fn close(&self) {
        self.closed.set(true);
        self.queue_claims.borrow_mut().clear();
    }

    fn check_open(&self) -> Result<()> {
        if self.closed.get() { Err(Error::Closed) } else { Ok(()) }
    }

    /// Whether documents may be added and removed now.
    fn check_writable(&self) -> Result<()> {
        self.check_open()?;
        if self.is_read_only { Err(Error::ReadOnly) } else { Ok(()) }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("chunks", &self.chunk_count()).finish_non_exhaustive()
    }
}
