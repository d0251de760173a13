//! Documents that were read are chunked, embedded, and committed in one batch.

use std::collections::HashMap;
use std::rc::Rc;

use super::change::{is_storage_error, is_version_error};
use super::{AddedDocument, Engine};
use crate::chunk::{Chunk, ChunkBudget, Chunker};
use crate::document::{DocumentId, DocumentInfo};
use crate::embed::parallel_embed;
use crate::error::{Error, Result};
use crate::index::{QuantizedVectors, Segment, SegmentBuilder};
use crate::knowledge_base::{
    AddOptions, Job, KnowledgeBase, StoredDocument, job_key, job_original_key, original_records,
};
use crate::runtime::{Stage, Task};
use crate::store::NamedLock;

/// Chunks that are cut, or indexed without being embedded, in one step.
pub(super) const CHUNKS_PER_STEP: usize = 64;
/// An add that takes longer than this is stored as a job, and its progress this often.
const JOB_INTERVAL_MS: f64 = 3_000.0;
/// The warning of a document whose file is not kept.
const NOT_KEPT: &str = "The file itself was not kept: there was no space for it.";

/// A vector that is known already: a row of these vectors. The row of a chunk that is not to be
/// embedded has none.
type KnownVector = (Rc<QuantizedVectors>, usize);

/// A chunk that was cut, with the text that is embedded and indexed for it.
pub(super) struct CutChunk {
    pub(super) chunk: Chunk,
    pub(super) text: String,
    /// Whether it is to be embedded, or only indexed.
    pub(super) is_embedded: bool,
}

/// Documents to add: that of a file, then those of its members.
pub(super) struct NewDocuments<'a> {
    pub(super) documents: Vec<StoredDocument>,
    pub(super) options: AddOptions,
    pub(super) purpose: Purpose,
    pub(super) file: KeptFile<'a>,
    /// The vector of all their chunks; none to embed each.
    pub(super) vector: Option<QuantizedVectors>,
}

/// Why documents are added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// They are new, or replace others.
    Add,
    /// They are stored, but in no segment.
    Index,
    /// They were read again, and replace what was read before.
    Reread,
}

/// Where the file is that is kept beside the documents.
#[derive(Debug, Clone)]
pub(super) enum KeptFile<'a> {
    /// It is not kept.
    None,
    /// It is stored already, and stays.
    Stored,
    /// In memory.
    Bytes(&'a [u8]),
    /// In records of this owner, which the commit deletes.
    Records(String),
}

/// Documents that are being added.
pub(super) struct Ingest<'a> {
    pub(super) new: NewDocuments<'a>,
    /// The place of the first chunk of each document.
    starts: Vec<usize>,
    chunks: Vec<Chunk>,
    /// The text that is embedded and indexed for each chunk.
    texts: Vec<String>,
    /// The vectors of chunks that need not be embedded.
    known: Vec<Option<KnownVector>>,
    pub(super) job: JobProgress,
}

/// What the store has of an add.
pub(super) struct JobProgress {
    lock: Option<NamedLock>,
    /// Whether the store has a job of this document.
    pub(super) is_stored: bool,
    /// Whether it stays where the add is interrupted.
    stays: bool,
    /// How many chunks have a stored vector.
    chunks: usize,
    /// When progress was stored last.
    at_ms: f64,
}

/// What is stored of an add when it begins.
#[derive(Default)]
pub(super) struct StoredJob {
    lock: Option<NamedLock>,
    /// The vectors of the first chunks; none where there is no job.
    vectors: Option<Vec<QuantizedVectors>>,
    is_resumed: bool,
}

impl StoredJob {
    /// The job that is resumed.
    pub(super) fn resumed(lock: NamedLock, vectors: Vec<QuantizedVectors>) -> Self {
        Self { lock: Some(lock), vectors: Some(vectors), is_resumed: true }
    }
}

impl NewDocuments<'_> {
    pub(super) fn id(&self) -> DocumentId {
        self.documents[0].id()
    }

    fn set_original(&mut self, has_original: bool) {
        self.documents.iter_mut().for_each(|document| document.info.has_original = has_original);
    }

    /// Gives up keeping the file.
    pub(super) fn drop_file(&mut self) {
        self.file = KeptFile::None;
        self.set_original(false);
        self.documents[0].info.details.warnings.push(NOT_KEPT.to_owned());
    }

    /// The documents of a state that these replace, with their members. They may have the same
    /// ids.
    pub(super) fn replaced(&self, state: &KnowledgeBase) -> Vec<DocumentId> {
        let named = match self.options.replaces_same_name {
            true => state.named(&self.documents[0].info.name),
            false => Vec::new(),
        };
        let is_there = |id: &DocumentId| state.index.find(*id).is_some();
        let whole = self.options.replaces.into_iter().chain(named).chain([self.id()]);
        whole.filter(is_there).flat_map(|id| [id].into_iter().chain(state.members_of(id))).collect()
    }

    /// The document of a state that has the same bytes under another name, with its members.
    fn copied(&self, state: &KnowledgeBase) -> Vec<DocumentId> {
        let own = &self.documents[0].info;
        let is_copy = |of: &DocumentInfo, first: &DocumentInfo| {
            DocumentId::of_copy(first.id, &of.name) == of.id
        };
        let mut infos = state.index.documents().map(|(info, _)| info);
        let copied = infos.find(|info| {
            // First what costs nothing.
            (info.kind, info.bytes) == (own.kind, own.bytes)
                && (is_copy(own, info) || is_copy(info, own))
        });
        let whole = copied.map(|info| info.id).into_iter();
        whole.flat_map(|id| [id].into_iter().chain(state.members_of(id))).collect()
    }

    /// The document, where nothing is left to do: another call may have added the same bytes.
    pub(super) fn find_done(&self, state: &KnowledgeBase) -> Option<AddedDocument> {
        let replaces_another = self.options.replaces.is_some()
            || self.options.replaces_same_name
                && state.named(&self.documents[0].info.name).iter().any(|&id| id != self.id());
        let is_done = self.purpose != Purpose::Reread && !replaces_another;
        let info = &self.documents[0].info;
        let keeps_file = matches!(self.file, KeptFile::Bytes(_) | KeptFile::Records(_));
        let done = AddedDocument::find(state, self.id(), true).filter(|_| is_done);
        done.filter(|done| done.is_as_good(info.details.reader_version, keeps_file))
    }
}

impl Engine {
    /// Makes segments for documents that are stored, but in no segment.
    pub(super) async fn derive_segment(&self, document: StoredDocument, task: &Task) -> Result<()> {
        let new = NewDocuments {
            documents: vec![document],
            options: AddOptions::default(),
            purpose: Purpose::Index,
            file: KeptFile::Stored,
            vector: None,
        };
        self.ingest(new, None, task).await.map(|_| ())
    }

    /// Adds documents in one commit. `stored` is what the store has of this add, where the caller
    /// has read it.
    pub(super) async fn ingest(
        &self,
        mut new: NewDocuments<'_>,
        stored: Option<StoredJob>,
        task: &Task,
    ) -> Result<AddedDocument> {
        match new.file {
            // Each document says so already.
            KeptFile::Stored => {}
            KeptFile::None => new.set_original(false),
            KeptFile::Bytes(_) | KeptFile::Records(_) => new.set_original(true),
        }
        let mut ingest = self.begin(new, stored, task).await?;
        self.finish(&mut ingest, task).await
    }

    /// Cuts the documents into chunks, and collects vectors that are known already.
    async fn begin<'a>(
        &self,
        mut new: NewDocuments<'a>,
        stored: Option<StoredJob>,
        task: &Task,
    ) -> Result<Ingest<'a>> {
        let (mut chunks, mut texts, mut starts) = (Vec::new(), Vec::new(), Vec::new());
        let mut unembedded = Vec::new();
        for document in &new.documents {
            starts.push(chunks.len());
            for CutChunk { chunk, text, is_embedded } in self.cut(document, task).await? {
                if !is_embedded {
                    unembedded.push(chunks.len());
                }
                chunks.push(chunk);
                texts.push(text);
            }
        }
        self.check_free_space(&mut new, chunks.len()).await?;
        let stored = match stored {
            Some(stored) => stored,
            // Reading again is quickly begun anew.
            None if new.purpose == Purpose::Reread => StoredJob::default(),
            None => self.read_stored_job(new.id()).await?,
        };
        let is_stored = stored.vectors.is_some();
        let mut known = known_vectors(stored.vectors.unwrap_or_default(), chunks.len());
        let of_job = known.iter().take_while(|known| known.is_some()).count();
        let state = self.state.borrow().clone();
        for known_document in new.replaced(&state).into_iter().chain(new.copied(&state)) {
            self.reuse_vectors(&texts, &mut known, known_document).await?;
        }
        if let Some(vector) = new.vector.take().map(Rc::new) {
            known = vec![Some((vector, 0)); chunks.len()];
        }
        let mut none = QuantizedVectors::new(self.embedder.dimensions());
        none.push_none();
        let none = Rc::new(none);
        unembedded.into_iter().for_each(|place| known[place] = Some((none.clone(), 0)));
        let job = JobProgress {
            lock: stored.lock,
            is_stored,
            stays: stored.is_resumed || new.options.queued.is_some(),
            chunks: of_job,
            at_ms: self.runtime.now_ms(),
        };
        Ok(Ingest { new, starts, chunks, texts, known, job })
    }

    /// What the store has of adding this document. Empty if another tab is adding it, or if
    /// the job is of a version that cannot be read here.
    async fn read_stored_job(&self, id: DocumentId) -> Result<StoredJob> {
        let Some(lock) = self.store.try_lock(&job_key(id)).await? else {
            return Ok(StoredJob::default());
        };
        let job = match Job::read(&*self.store, id, self.embedder.fingerprint()).await {
            Err(error) if is_version_error(&error) => return Ok(StoredJob::default()),
            job => job?,
        };
        let vectors = job.map(|(_, vectors)| vectors);
        Ok(StoredJob { lock: Some(lock), vectors, is_resumed: false })
    }

    /// An error where the store is known to lack the space for documents of so many chunks:
    /// before they are embedded. Where it lacks that of the file only, the file is not kept.
    async fn check_free_space(&self, new: &mut NewDocuments<'_>, chunks: usize) -> Result<()> {
        let text: usize = new.documents.iter().map(|document| document.text().len()).sum();
        let needed = (text + chunks * self.embedder.dimensions() * 2) as u64;
        let Some(free) = self.store.free_bytes().await else { return Ok(()) };
        if free < needed {
            let detail = format!("{needed} bytes are needed, and {free} are left");
            return Err(Error::QuotaExceeded { detail });
        }
        if let KeptFile::Bytes(bytes) = new.file
            && free - needed < bytes.len() as u64
        {
            new.drop_file();
        }
        Ok(())
    }

    /// Fills in the vectors of texts that a document of the knowledge base has a chunk of.
    async fn reuse_vectors(
        &self,
        texts: &[String],
        known: &mut [Option<KnownVector>],
        known_document: DocumentId,
    ) -> Result<()> {
        let state = self.state.borrow().clone();
        let Some(found) = state.index.find(known_document) else { return Ok(()) };
        let Ok(old) = self.document_cache.get(&*self.store, &found).await else { return Ok(()) };
        let segment = found.segment();
        let text = |row: usize| segment.chunk(row).embedded_text(&old.document);
        let rows: HashMap<String, usize> = found.chunks().map(|row| (text(row), row)).collect();
        let mut reused = QuantizedVectors::new(segment.vectors().dimensions());
        let mut places = Vec::with_capacity(texts.len());
        for text in texts {
            let row = rows.get(text).filter(|&&row| {
                let vectors = segment.vectors();
                vectors.has_vector(row) && reused.push_row_of(vectors, row).is_ok()
            });
            places.push(row.map(|_| reused.len() - 1));
        }
        let reused = Rc::new(reused);
        for (known, place) in known.iter_mut().zip(places) {
            *known = known.take().or_else(|| place.map(|place| (reused.clone(), place)));
        }
        Ok(())
    }

    /// Embeds the chunks without a vector, and commits. A failure leaves nothing behind; but
    /// a job that is resumed, or that is of a queued file, stays where it is interrupted.
    async fn finish(&self, ingest: &mut Ingest<'_>, task: &Task) -> Result<AddedDocument> {
        let done = match self.embed(ingest, task).await {
            Ok(segment) => self.commit(ingest, &segment, task).await,
            Err(error) => Err(error),
        };
        let job = &ingest.job;
        let stays = |error: &Error| job.stays && is_interruption(error);
        if job.is_stored && done.as_ref().is_err_and(|error| !stays(error)) {
            // Where the job cannot be deleted now, the next `resume` deletes it.
            let _ = self.delete_job(ingest.new.id()).await;
        }
        done
    }

    pub(super) async fn delete_job(&self, id: DocumentId) -> Result<()> {
        let lease = self.store.lease().await?;
        self.store.commit(Job::deletion(&*self.store, id).await?, &lease).await
    }

    /// Cuts a document into chunks.
    pub(super) async fn cut(
        &self,
        document: &StoredDocument,
        task: &Task,
    ) -> Result<Vec<CutChunk>> {
        let StoredDocument { info, document, .. } = document;
        let count = |text: &str| self.embedder.count_tokens(text);
        let budget = ChunkBudget { max_tokens: self.embedder.passage_budget(), count: &count };
        let mut chunker = Chunker::new(document, budget)?.named(&info.name);
        let mut chunks: Vec<CutChunk> = Vec::new();
        loop {
            let next: Vec<Chunk> = chunker.by_ref().take(CHUNKS_PER_STEP).collect();
            if next.is_empty() {
                return Ok(chunks);
            }
            chunks.extend(next.into_iter().map(|chunk| {
                let text = chunk.embedded_text(document);
                CutChunk { is_embedded: chunker.is_embedded(&chunk), text, chunk }
            }));
            self.end_ingest_step(task).await?;
        }
    }

    async fn embed(&self, ingest: &mut Ingest<'_>, task: &Task) -> Result<Segment> {
        let pairs = ingest.texts.iter().zip(&ingest.known);
        let places: Vec<usize> =
            (0..).zip(pairs).filter(|(_, (_, known))| known.is_none()).map(|(at, _)| at).collect();
        let mut progress = EmbedProgress::of(ingest, self.runtime.now_ms());
        let texts = std::mem::take(&mut ingest.texts);
        let tokenized = places.iter().map(|&place| self.embedder.tokenize_passage(&texts[place]));
        let workers = self.embed_workers.as_deref();
        let mut embedding = parallel_embed(&self.embedder, workers, places.len(), tokenized);
        let mut segment = SegmentBuilder::new(self.embedder.dimensions());
        self.report(&progress, &segment, task);
        self.push_known(ingest, &texts, &mut segment, &progress, task).await?;
        while let Some(vectors) = embedding.step()? {
            for vector in vectors {
                let place = segment.len();
                segment.push(ingest.chunks[place].clone(), &texts[place], &vector)?;
                progress.vectors += 1;
                self.push_known(ingest, &texts, &mut segment, &progress, task).await?;
            }
            self.report(&progress, &segment, task);
            self.end_ingest_step(task).await?;
            self.store_progress(ingest, &segment, task).await?;
        }
        Ok(segment.finish())
    }

    fn report(&self, progress: &EmbedProgress, segment: &SegmentBuilder, task: &Task) {
        let without = segment.len() - segment.vectors().present();
        let done = progress.vectors + without as u64;
        let &EmbedProgress { total, since, .. } = progress;
        task.report(&*self.runtime, Stage::Embed, done, total, "chunks", since);
    }

    /// Appends the next chunks as far as they have a vector already or need none, in steps.
    async fn push_known(
        &self,
        ingest: &Ingest<'_>,
        texts: &[String],
        segment: &mut SegmentBuilder,
        progress: &EmbedProgress,
        task: &Task,
    ) -> Result<()> {
        while ingest.push_known(texts, segment)? {
            self.report(progress, segment, task);
            self.end_ingest_step(task).await?;
        }
        Ok(())
    }

    /// Stores the vectors computed since the last time, where that is long ago.
    async fn store_progress(
        &self,
        ingest: &mut Ingest<'_>,
        segment: &SegmentBuilder,
        task: &Task,
    ) -> Result<()> {
        let job = &ingest.job;
        let is_due = self.runtime.now_ms() - job.at_ms >= JOB_INTERVAL_MS;
        if !is_due || job.lock.is_none() || segment.len() == ingest.chunks.len() {
            return Ok(());
        }
        let vectors = segment.vectors();
        let count = vectors.len() - job.chunks;
        let mut part = QuantizedVectors::with_capacity(vectors.dimensions(), count);
        (job.chunks..vectors.len()).try_for_each(|row| part.push_row_of(vectors, row))?;
        let new = &ingest.new;
        let mut batch = Job::part(new.id(), job.chunks, &part);
        if !job.is_stored {
            let fingerprint = self.embedder.fingerprint();
            batch.puts.push(Job::record(&new.documents, &new.options, fingerprint));
            if let KeptFile::Bytes(bytes) = new.file {
                batch.puts.extend(original_records(&job_original_key(new.id()), bytes));
            }
        }
        match self.commit_records(batch, task).await {
            Ok(()) => {
                ingest.job.is_stored = true;
                ingest.job.chunks = segment.len();
            }
            // Adding continues without a stored job. The last commit needs the space anyway.
            Err(error) if is_storage_error(&error) => {}
            Err(error) => return Err(error),
        }
        ingest.job.at_ms = self.runtime.now_ms();
        Ok(())
    }

    /// The end of a step of adding. Questions go first.
    pub(super) async fn end_ingest_step(&self, task: &Task) -> Result<()> {
        task.step(&*self.runtime).await?;
        self.question_gate.after_questions(&task.cancel).await?;
        self.check_open()
    }
}

/// How far embedding is.
struct EmbedProgress {
    /// Vectors that are known or computed.
    vectors: u64,
    /// All chunks.
    total: u64,
    /// When it began.
    since: f64,
}

impl EmbedProgress {
    fn of(ingest: &Ingest<'_>, since: f64) -> Self {
        let known = ingest.known.iter().flatten();
        let vectors = known.filter(|(vectors, row)| vectors.has_vector(*row)).count() as u64;
        Self { vectors, total: ingest.chunks.len() as u64, since }
    }
}

impl Ingest<'_> {
    /// Appends the next chunks as far as they have a vector already or need none, and begins the
    /// documents that come before the next chunk. Returns whether more are left for another step.
    fn push_known(&self, texts: &[String], segment: &mut SegmentBuilder) -> Result<bool> {
        let end = segment.len() + CHUNKS_PER_STEP;
        while segment.len() < end {
            let place = segment.len();
            while let Some(&start) = self.starts.get(segment.documents())
                && start == place
            {
                let document = &self.new.documents[segment.documents()];
                segment.begin(document.info.clone(), document.text().len());
                segment.push_pictures(&document.document.pictures);
            }
            let Some(Some((vectors, row))) = self.known.get(place) else { return Ok(false) };
            segment.push_known(self.chunks[place].clone(), &texts[place], (vectors, *row))?;
        }
        Ok(true)
    }
}

/// Whether the same add may succeed later.
pub(super) fn is_interruption(error: &Error) -> bool {
    matches!(error, Error::Aborted | Error::Closed) || is_storage_error(error)
}

/// The vectors of a job as those of the first of `count` chunks.
fn known_vectors(parts: Vec<QuantizedVectors>, count: usize) -> Vec<Option<KnownVector>> {
    let rows = parts.into_iter().flat_map(|part| {
        let part = Rc::new(part);
        (0..part.len()).map(move |row| Some((part.clone(), row)))
    });
    rows.chain(std::iter::repeat(None)).take(count).collect()
}
