//! Adding documents: read, chunk, embed, and commit in one batch.

use std::collections::HashMap;
use std::rc::Rc;

use super::change::{Plan, is_storage_error, is_version_error};
use super::{AddedDocument, Engine, SourceFile};
use crate::chunk::{Chunk, ChunkBudget, Chunker};
use crate::document::{Document, DocumentId, DocumentInfo};
use crate::embed::parallel_embed;
use crate::error::{Error, Result};
use crate::format::FileToRead;
use crate::index::{QuantizedVectors, Segment, SegmentBuilder};
use crate::knowledge_base::{Addition, Job, KnowledgeBase, StoredDocument, add_document, job_key};
use crate::runtime::{Stage, Task};
use crate::store::NamedLock;

/// Chunks that are cut in one step.
const CHUNKS_PER_STEP: usize = 64;
/// An add that takes longer than this is stored as a job, and its progress this often.
const JOB_INTERVAL_MS: f64 = 3_000.0;

/// A vector that is known already: a row of these vectors.
type KnownVector = (Rc<QuantizedVectors>, usize);

/// A document that is being added.
struct Ingest {
    document: StoredDocument,
    /// The document that it replaces.
    replaces: Option<DocumentId>,
    /// Whether it has no place yet in the order of adding.
    is_new: bool,
    chunks: Vec<Chunk>,
    /// The text that is embedded and indexed for each chunk.
    texts: Vec<String>,
    /// The vectors of chunks that need not be embedded.
    known: Vec<Option<KnownVector>>,
    job: JobProgress,
}

/// What the store has of an add.
struct JobProgress {
    /// No other tab resumes the job while it is held.
    lock: Option<NamedLock>,
    /// Whether the store has a job of this document.
    is_stored: bool,
    /// Whether this add resumes a job.
    is_resumed: bool,
    /// How many chunks have a stored vector.
    chunks: usize,
    /// When progress was stored last.
    at_ms: f64,
}

/// What is stored of an add when it begins.
#[derive(Default)]
pub(super) struct StoredJob {
    pub(super) lock: Option<NamedLock>,
    /// The vectors of the document's first chunks; none where there is no job.
    pub(super) vectors: Option<Vec<QuantizedVectors>>,
}

impl Ingest {
    fn id(&self) -> DocumentId {
        self.document.id()
    }
}

impl Engine {
    /// Adds a file: reads, chunks, embeds and indexes it, and stores all of it in one commit.
    /// A document that it replaces is removed by the same commit, and vectors of chunks
    /// that are equal in both are reused.
    ///
    /// # Errors
    /// [`Error::DocumentNotFound`] where there is no document to replace; errors of the file
    /// and of the store. Nothing has changed then.
    pub async fn add(&self, file: SourceFile<'_>, task: &Task) -> Result<AddedDocument> {
        self.check_open()?;
        task.cancel.check()?;
        let total = file.bytes.len() as u64;
        let since = self.runtime.now_ms();
        task.report(&*self.runtime, Stage::Parse, 0, total, "bytes", since);
        task.step(&*self.runtime).await?;
        let state = self.current(task).await?;
        let replaces = find_replaced(&state, file.replaces)?;
        let to_read = FileToRead {
            name: file.name,
            media_type: file.mime,
            bytes: file.bytes,
            password: file.password,
        };
        let reader = &self.file_reader;
        let (kind, read) = reader.read(&to_read, &self.read_limits, &*self.runtime, task).await?;
        let id = DocumentId::of(kind, file.bytes);
        if replaces.is_none()
            && let Some(added) = find_added(&state, id, true)
        {
            return Ok(added);
        }
        let info = DocumentInfo {
            id,
            name: file.name.to_owned(),
            kind,
            bytes: total,
            sequence: 0,
            added_at: self.runtime.unix_ms(),
            metadata: file.metadata.unwrap_or("{}").to_owned(),
            details: read.details,
            container: None,
            has_original: false,
        };
        let document = StoredDocument { info, document: read.document };
        let mut ingest = self.begin(document, replaces, None, task).await?;
        task.report(&*self.runtime, Stage::Parse, total, total, "bytes", since);
        self.finish(&mut ingest, task).await
    }

    /// Adds the document of a job.
    pub(super) async fn resume_job(
        &self,
        job: Job,
        replaces: Option<DocumentId>,
        stored: StoredJob,
        task: &Task,
    ) -> Result<AddedDocument> {
        let mut ingest = self.begin(job.document, replaces, Some(stored), task).await?;
        ingest.job.is_resumed = true;
        self.finish(&mut ingest, task).await
    }

    /// Makes a segment for a document that is stored, but in no segment.
    pub(super) async fn derive_segment(&self, document: StoredDocument, task: &Task) -> Result<()> {
        let mut ingest = self.begin(document, None, None, task).await?;
        ingest.is_new = false;
        self.finish(&mut ingest, task).await.map(|_| ())
    }

    /// Cuts the document into chunks, and collects vectors that are known already.
    /// `stored` is what the store has of this add, where the caller has read it.
    async fn begin(
        &self,
        document: StoredDocument,
        replaces: Option<DocumentId>,
        stored: Option<StoredJob>,
        task: &Task,
    ) -> Result<Ingest> {
        let chunks = self.cut(&document.document, task).await?;
        self.check_free_space(&document, chunks.len()).await?;
        let text = |chunk: &Chunk| chunk.embedded_text(&document.document);
        let texts: Vec<String> = chunks.iter().map(text).collect();
        let stored = match stored {
            Some(stored) => stored,
            None => self.read_stored_job(document.id()).await?,
        };
        let is_stored = stored.vectors.is_some();
        let mut known = known_vectors(stored.vectors.unwrap_or_default(), chunks.len());
        let of_job = known.iter().take_while(|known| known.is_some()).count();
        if let Some(replaced) = replaces {
            self.reuse_vectors(&texts, &mut known, replaced).await?;
        }
        let at_ms = self.runtime.now_ms();
        let job =
            JobProgress { lock: stored.lock, is_stored, is_resumed: false, chunks: of_job, at_ms };
        Ok(Ingest { document, replaces, is_new: true, chunks, texts, known, job })
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
        Ok(StoredJob { lock: Some(lock), vectors: job.map(|(_, vectors)| vectors) })
    }

    /// An error where the store is known to lack the space for a document of so many chunks:
    /// before they are embedded.
    async fn check_free_space(&self, document: &StoredDocument, chunks: usize) -> Result<()> {
        let needed = (document.text().len() + chunks * self.embedder.dimensions() * 2) as u64;
        match self.store.free_bytes().await {
            Some(free) if free < needed => {
                let detail = format!("{needed} bytes are needed, and {free} are left");
                Err(Error::QuotaExceeded { detail })
            }
            _ => Ok(()),
        }
    }

    /// Fills in the vectors of texts that `replaced` has a chunk of.
    async fn reuse_vectors(
        &self,
        texts: &[String],
        known: &mut [Option<KnownVector>],
        replaced: DocumentId,
    ) -> Result<()> {
        let state = self.state.borrow().clone();
        let Some(found) = state.index.find(replaced) else { return Ok(()) };
        let Ok(old) = self.document_cache.get(&*self.store, &found).await else { return Ok(()) };
        let segment = found.segment();
        let text = |row: usize| segment.chunk(row).embedded_text(&old.document);
        let rows: HashMap<String, usize> = found.chunks().map(|row| (text(row), row)).collect();
        let mut reused = QuantizedVectors::new(segment.vectors().dimensions());
        let mut places = Vec::with_capacity(texts.len());
        for text in texts {
            let row =
                rows.get(text).filter(|&&row| reused.push_row_of(segment.vectors(), row).is_ok());
            places.push(row.map(|_| reused.len() - 1));
        }
        let reused = Rc::new(reused);
        for (known, place) in known.iter_mut().zip(places) {
            *known = known.take().or_else(|| place.map(|place| (reused.clone(), place)));
        }
        Ok(())
    }

    /// Embeds the chunks without a vector, and commits. A failure leaves nothing behind; but
    /// a resumed job that is interrupted stays, and can be resumed again.
    async fn finish(&self, ingest: &mut Ingest, task: &Task) -> Result<AddedDocument> {
        let done = match self.embed(ingest, task).await {
            Ok(segment) => self.commit_document(ingest, segment, task).await,
            Err(error) => Err(error),
        };
        let job = &ingest.job;
        let stays = |error: &Error| job.is_resumed && is_interruption(error);
        if job.is_stored && done.as_ref().is_err_and(|error| !stays(error)) {
            // Where the job cannot be deleted now, the next `resume` deletes it.
            let _ = self.delete_job(ingest.id()).await;
        }
        done
    }

    pub(super) async fn delete_job(&self, id: DocumentId) -> Result<()> {
        let lease = self.store.lease().await?;
        self.store.commit(Job::deletion(&*self.store, id).await?, &lease).await
    }

    pub(super) async fn cut(&self, document: &Document, task: &Task) -> Result<Vec<Chunk>> {
        let count = |text: &str| self.embedder.count_tokens(text);
        let budget = ChunkBudget { max_tokens: self.embedder.passage_budget(), count: &count };
        let mut chunker = Chunker::new(document, budget)?;
        let mut chunks = Vec::new();
        loop {
            let before = chunks.len();
            chunks.extend(chunker.by_ref().take(CHUNKS_PER_STEP));
            if chunks.len() == before {
                return Ok(chunks);
            }
            self.end_ingest_step(task).await?;
        }
    }

    async fn embed(&self, ingest: &mut Ingest, task: &Task) -> Result<Segment> {
        let total = ingest.chunks.len() as u64;
        let since = self.runtime.now_ms();
        let pairs = ingest.texts.iter().zip(&ingest.known);
        let places: Vec<usize> =
            (0..).zip(pairs).filter(|(_, (_, known))| known.is_none()).map(|(at, _)| at).collect();
        let known = total - places.len() as u64;
        let mut embedded = 0;
        task.report(&*self.runtime, Stage::Embed, known, total, "chunks", since);
        let texts = std::mem::take(&mut ingest.texts);
        let tokenized = places.iter().map(|&place| self.embedder.tokenize_passage(&texts[place]));
        let workers = self.embed_workers.as_deref();
        let mut embedding = parallel_embed(&self.embedder, workers, places.len(), tokenized);
        let mut segment = SegmentBuilder::new(self.embedder.dimensions());
        segment.begin(ingest.document.info.clone(), ingest.document.text().len());
        push_known(ingest, &texts, &mut segment)?;
        while let Some(vectors) = embedding.step()? {
            for vector in vectors {
                let place = segment.len();
                segment.push(ingest.chunks[place].clone(), &texts[place], &vector)?;
                push_known(ingest, &texts, &mut segment)?;
                embedded += 1;
            }
            task.report(&*self.runtime, Stage::Embed, known + embedded, total, "chunks", since);
            self.end_ingest_step(task).await?;
            self.store_progress(ingest, &segment, task).await?;
        }
        Ok(segment.finish())
    }

    /// Stores the vectors computed since the last time, where that is long ago.
    async fn store_progress(
        &self,
        ingest: &mut Ingest,
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
        let mut batch = Job::part(ingest.id(), job.chunks, &part);
        if !job.is_stored {
            let fingerprint = self.embedder.fingerprint();
            batch.puts.push(Job::record(&ingest.document, ingest.replaces, fingerprint));
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

    /// Commits the document and its segment.
    async fn commit_document(
        &self,
        ingest: &Ingest,
        segment: Segment,
        task: &Task,
    ) -> Result<AddedDocument> {
        let count = segment.len() as u64;
        let since = self.runtime.now_ms();
        task.report(&*self.runtime, Stage::Index, 0, count, "chunks", since);
        task.step(&*self.runtime).await?;
        let (id, replaces) = (ingest.id(), ingest.replaces);
        let fingerprint = self.embedder.fingerprint();
        let job_keys = match ingest.job.is_stored {
            true => Job::deletion(&*self.store, id).await?.deletes,
            false => Vec::new(),
        };
        let plan = |state: &KnowledgeBase| {
            // Another call may have added the same bytes in the meantime.
            if replaces.is_none()
                && let Some(added) = find_added(state, id, true)
            {
                return Ok(Plan::Keep(added));
            }
            let addition = Addition {
                document: &ingest.document,
                segment: &segment,
                replaces: replaces.filter(|&id| state.index.find(id).is_some()),
                is_new: ingest.is_new,
            };
            let mut change = add_document(state, &addition, fingerprint);
            change.batch.deletes.extend(job_keys.iter().cloned());
            let outcome = find_added(&change.next, id, false).ok_or_else(|| Error::Internal {
                detail: "a document is missing from the state that added it".into(),
            })?;
            Ok(Plan::Change(Box::new(change), outcome))
        };
        let added = self.change(task, plan).await?;
        replaces.into_iter().for_each(|replaced| self.forget(replaced));
        self.release(id);
        task.report(&*self.runtime, Stage::Index, count, count, "chunks", since);
        Ok(added)
    }

    /// The end of a step of adding. Questions go first.
    pub(super) async fn end_ingest_step(&self, task: &Task) -> Result<()> {
        task.step(&*self.runtime).await?;
        self.question_gate.after_questions(&task.cancel).await?;
        self.check_open()
    }
}

/// Whether the same add may succeed later.
fn is_interruption(error: &Error) -> bool {
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

/// Appends the next chunks as far as they have a vector already.
fn push_known(ingest: &Ingest, texts: &[String], segment: &mut SegmentBuilder) -> Result<()> {
    while let Some(Some((vectors, row))) = ingest.known.get(segment.len()) {
        let place = segment.len();
        segment.push_known(ingest.chunks[place].clone(), &texts[place], (vectors, *row))?;
    }
    Ok(())
}

/// The document that is to be replaced.
fn find_replaced(state: &KnowledgeBase, replaces: Option<&str>) -> Result<Option<DocumentId>> {
    let Some(id) = replaces else { return Ok(None) };
    let found = DocumentId::parse(id).filter(|&id| state.index.find(id).is_some());
    found.map(Some).ok_or_else(|| Error::DocumentNotFound { id: id.to_owned() })
}

/// A document of a state.
fn find_added(state: &KnowledgeBase, id: DocumentId, already_added: bool) -> Option<AddedDocument> {
    let found = state.index.find(id)?;
    Some(AddedDocument { info: found.info().clone(), chunks: found.chunks().len(), already_added })
}
