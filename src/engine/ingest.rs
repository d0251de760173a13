//! Adding documents: parsed, cut, embedded, and committed at once.

use std::collections::HashMap;
use std::rc::Rc;

use super::change::{Plan, is_of_storage};
use super::{AddedDocument, Engine, SourceFile};
use crate::chunk::{Chunk, ChunkBudget, Chunker};
use crate::document::{Document, DocumentId, DocumentInfo};
use crate::embed::parallel_embed;
use crate::error::{Error, Result};
use crate::format::read_file;
use crate::index::{QuantizedVectors, Segment, SegmentBuilder};
use crate::knowledge_base::{Job, KnowledgeBase, StoredDocument, adding, job_key};
use crate::runtime::{Stage, Task};
use crate::store::NamedLock;

/// Chunks cut between two pauses.
const CHUNKS_A_STEP: usize = 64;
/// An add that takes so long is kept as a job, and what it has done so far each time.
const JOB_EVERY_MS: f64 = 3_000.0;

/// A vector that is known: a row of these.
type Row = (Rc<QuantizedVectors>, usize);

/// An add under way.
struct Adding {
    document: StoredDocument,
    replaces: Option<DocumentId>,
    /// Whether it has no place yet in the order of adding.
    is_new: bool,
    chunks: Vec<Chunk>,
    /// Vectors that need not be computed, one place a chunk.
    known: Vec<Option<Row>>,
    job: KeptJob,
}

/// What the store has of an add.
struct KeptJob {
    /// While it is there, no other tab goes on with the job.
    lock: Option<NamedLock>,
    is_begun: bool,
    /// Whether it goes on with what was interrupted.
    is_resumed: bool,
    /// Chunks whose vectors are there.
    chunks: usize,
    at_ms: f64,
}

impl Adding {
    fn id(&self) -> DocumentId {
        self.document.id()
    }

    fn embedded_text(&self, chunk: &Chunk) -> String {
        chunk.embedded_text(self.document.text())
    }
}

impl Engine {
    /// Adds a file: parses, chunks, embeds, indexes, and stores all of it at once. Where it
    /// replaces a document, that one goes at the same moment, and vectors of chunks that
    /// are alike in both are taken over.
    ///
    /// # Errors
    /// [`Error::DocumentNotFound`] where there is no document to replace; what is wrong with
    /// the file; what the store says. Nothing has changed then.
    pub async fn add(&self, file: SourceFile<'_>, task: &Task) -> Result<AddedDocument> {
        self.check_open()?;
        task.cancel.check()?;
        let total = file.bytes.len() as u64;
        let since = self.runtime.now_ms();
        task.report(&*self.runtime, Stage::Parse, 0, total, "bytes", since);
        task.step(&*self.runtime).await?;
        let state = self.current(task).await?;
        let replaces = self.find_replaced(&state, file.replaces)?;
        let (kind, document) = read_file(file.name, file.mime, file.bytes)?;
        let id = DocumentId::of(kind, file.bytes);
        if replaces.is_none()
            && let Some(added) = added(&state, id, true)
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
        };
        let mut adding = self.begin(StoredDocument { info, document }, replaces, task).await?;
        task.report(&*self.runtime, Stage::Parse, total, total, "bytes", since);
        self.finish(&mut adding, task).await
    }

    /// Adds a document whose adding was interrupted.
    pub(super) async fn go_on(
        &self,
        document: StoredDocument,
        replaces: Option<DocumentId>,
        task: &Task,
    ) -> Result<AddedDocument> {
        let mut adding = self.begin(document, replaces, task).await?;
        adding.job.is_resumed = true;
        self.finish(&mut adding, task).await
    }

    /// Makes a segment for a document that is stored, but in none.
    pub(super) async fn derive(&self, document: StoredDocument, task: &Task) -> Result<()> {
        let mut adding = self.begin(document, None, task).await?;
        adding.is_new = false;
        self.finish(&mut adding, task).await.map(|_| ())
    }

    fn find_replaced(
        &self,
        state: &KnowledgeBase,
        replaces: Option<&str>,
    ) -> Result<Option<DocumentId>> {
        let Some(id) = replaces else { return Ok(None) };
        let found = DocumentId::parse(id).filter(|&id| state.index.find(id).is_some());
        found.map(Some).ok_or_else(|| Error::DocumentNotFound { id: id.to_owned() })
    }

    /// Cuts the document, and looks for vectors that are known already.
    async fn begin(
        &self,
        document: StoredDocument,
        replaces: Option<DocumentId>,
        task: &Task,
    ) -> Result<Adding> {
        let id = document.id();
        let chunks = self.cut(&document.document, task).await?;
        self.check_room(&document, chunks.len()).await?;
        let lock = self.store.try_lock(&job_key(id)).await?;
        let parts = match &lock {
            Some(_) => Job::read(&*self.store, id, self.embedder.fingerprint()).await?,
            None => None,
        };
        let is_begun = parts.is_some();
        let mut known = vec![None; chunks.len()];
        let rows = parts.into_iter().flat_map(|(_, parts)| parts).flat_map(|part| {
            let part = Rc::new(part);
            (0..part.len()).map(move |row| (part.clone(), row))
        });
        for (place, row) in known.iter_mut().zip(rows) {
            *place = Some(row);
        }
        let chunks_kept = known.iter().take_while(|known| known.is_some()).count();
        let at_ms = self.runtime.now_ms();
        let job = KeptJob { lock, is_begun, is_resumed: false, chunks: chunks_kept, at_ms };
        let mut adding = Adding { document, replaces, is_new: true, chunks, known, job };
        if let Some(replaced) = replaces {
            self.take_over_vectors(&mut adding, replaced).await?;
        }
        Ok(adding)
    }

    /// An error where the store is known to have no room for a document of so many chunks:
    /// better now than after they are embedded.
    async fn check_room(&self, document: &StoredDocument, chunks: usize) -> Result<()> {
        let needed = (document.text().len() + chunks * self.embedder.dimensions() * 2) as u64;
        match self.store.free_bytes().await {
            Some(free) if free < needed => {
                let detail = format!("{needed} bytes are needed, and {free} are left");
                Err(Error::QuotaExceeded { detail })
            }
            _ => Ok(()),
        }
    }

    /// Takes over the vectors of chunks that are embedded with the same text in `replaced`.
    async fn take_over_vectors(&self, adding: &mut Adding, replaced: DocumentId) -> Result<()> {
        let state = self.state.borrow().clone();
        let Some(found) = state.index.find(replaced) else { return Ok(()) };
        let Ok(old) = self.document_cache.get(&*self.store, &found).await else { return Ok(()) };
        let codes = found.segment().codes();
        let rows: HashMap<String, usize> = found
            .chunks()
            .map(|chunk| (found.segment().chunk(chunk).embedded_text(old.text()), chunk))
            .collect();
        let mut same = QuantizedVectors::new(codes.dimensions());
        let places: Vec<Option<usize>> = adding
            .chunks
            .iter()
            .map(|chunk| {
                let row = rows.get(&adding.embedded_text(chunk))?;
                same.push_row_of(codes, *row).ok()?;
                Some(same.len() - 1)
            })
            .collect();
        let same = Rc::new(same);
        for (known, place) in adding.known.iter_mut().zip(places) {
            *known = known.take().or_else(|| place.map(|place| (same.clone(), place)));
        }
        Ok(())
    }

    /// Embeds what has no vector yet, and commits. Whatever goes wrong, nothing is left; but
    /// what was interrupted before may be interrupted again.
    async fn finish(&self, adding: &mut Adding, task: &Task) -> Result<AddedDocument> {
        let done = match self.embed(adding, task).await {
            Ok(segment) => self.keep(adding, segment, task).await,
            Err(error) => Err(error),
        };
        let job = &adding.job;
        let goes_on = |error: &Error| job.is_resumed && is_interruption(error);
        if job.is_begun && done.as_ref().is_err_and(|error| !goes_on(error)) {
            // Where not even that can be written, the job ends the next time.
            let _ = self.end_job(adding.id()).await;
        }
        done
    }

    pub(super) async fn end_job(&self, id: DocumentId) -> Result<()> {
        let lease = self.store.lease().await?;
        self.store.commit(Job::end(&*self.store, id).await?, &lease).await
    }

    pub(super) async fn cut(&self, document: &Document, task: &Task) -> Result<Vec<Chunk>> {
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

    async fn embed(&self, adding: &mut Adding, task: &Task) -> Result<Segment> {
        let total = adding.chunks.len() as u64;
        let since = self.runtime.now_ms();
        let unknown: Vec<String> = adding
            .chunks
            .iter()
            .zip(&adding.known)
            .filter(|(_, known)| known.is_none())
            .map(|(chunk, _)| adding.embedded_text(chunk))
            .collect();
        let known = total - unknown.len() as u64;
        let mut embedded = 0;
        task.report(&*self.runtime, Stage::Embed, known, total, "chunks", since);
        let texts = unknown.iter().map(|text| self.embedder.tokenize_passage(text));
        let mut embedding =
            parallel_embed(&self.embedder, self.embed_workers.as_deref(), unknown.len(), texts);
        let mut segment = SegmentBuilder::new(self.embedder.dimensions());
        segment.begin(adding.document.info.clone(), adding.document.text().len());
        push_known(adding, &mut segment)?;
        while let Some(vectors) = embedding.step()? {
            for vector in vectors {
                let chunk = &adding.chunks[segment.len()];
                segment.push(chunk.clone(), &adding.embedded_text(chunk), &vector)?;
                push_known(adding, &mut segment)?;
                embedded += 1;
            }
            task.report(&*self.runtime, Stage::Embed, known + embedded, total, "chunks", since);
            self.step_of_adding(task).await?;
            self.keep_job(adding, &segment, task).await?;
        }
        Ok(segment.finish())
    }

    /// Keeps what was done so far, if that took long.
    async fn keep_job(
        &self,
        adding: &mut Adding,
        segment: &SegmentBuilder,
        task: &Task,
    ) -> Result<()> {
        let job = &adding.job;
        let is_due = self.runtime.now_ms() - job.at_ms >= JOB_EVERY_MS;
        if !is_due || job.lock.is_none() || segment.len() == adding.chunks.len() {
            return Ok(());
        }
        let codes = segment.codes();
        let mut part =
            QuantizedVectors::with_capacity(codes.dimensions(), codes.len() - job.chunks);
        (job.chunks..codes.len()).try_for_each(|row| part.push_row_of(codes, row))?;
        let mut batch = Job::part(adding.id(), job.chunks, &part);
        if !job.is_begun {
            let fingerprint = self.embedder.fingerprint();
            let job = Job::new(adding.document.clone(), adding.replaces, fingerprint);
            batch.puts.extend(job.beginning().puts);
        }
        match self.write_aside(batch, task).await {
            Ok(()) => {
                adding.job.is_begun = true;
                adding.job.chunks = segment.len();
            }
            // It goes on without; the commit at the end must find room all the same.
            Err(error) if is_of_storage(&error) => {}
            Err(error) => return Err(error),
        }
        adding.job.at_ms = self.runtime.now_ms();
        Ok(())
    }

    /// Stores the document and makes it part of the state.
    async fn keep(
        &self,
        adding_now: &Adding,
        segment: Segment,
        task: &Task,
    ) -> Result<AddedDocument> {
        let count = segment.len() as u64;
        let since = self.runtime.now_ms();
        task.report(&*self.runtime, Stage::Index, 0, count, "chunks", since);
        task.step(&*self.runtime).await?;
        let (id, replaces) = (adding_now.id(), adding_now.replaces);
        let fingerprint = self.embedder.fingerprint();
        let job = match adding_now.job.is_begun {
            true => Job::end(&*self.store, id).await?.deletes,
            false => Vec::new(),
        };
        let plan = |state: &KnowledgeBase| {
            // Another call may have added the same bytes in the meantime.
            if replaces.is_none()
                && let Some(added) = added(state, id, true)
            {
                return Ok(Plan::Keep(added));
            }
            let replaced = replaces.filter(|&id| state.index.find(id).is_some());
            let document = &adding_now.document;
            let mut change =
                adding(state, document, &segment, replaced, adding_now.is_new, fingerprint);
            change.batch.deletes.extend(job.iter().cloned());
            let outcome = added(&change.next, id, false)
                .ok_or_else(|| Error::Internal { detail: "an added document is gone".into() })?;
            Ok(Plan::Change(Box::new(change), outcome))
        };
        let added = self.change(task, plan).await?;
        replaces.into_iter().for_each(|replaced| self.forget(replaced));
        self.release(id);
        task.report(&*self.runtime, Stage::Index, count, count, "chunks", since);
        Ok(added)
    }

    pub(super) async fn step_of_adding(&self, task: &Task) -> Result<()> {
        task.step(&*self.runtime).await?;
        self.question_gate.after_questions(&task.cancel).await?;
        self.check_open()
    }
}

/// Whether the same add may succeed another time.
fn is_interruption(error: &Error) -> bool {
    matches!(error, Error::Aborted | Error::Closed) || is_of_storage(error)
}

/// Appends the chunks that come next and have a vector already.
fn push_known(adding: &Adding, segment: &mut SegmentBuilder) -> Result<()> {
    while let Some(Some((codes, row))) = adding.known.get(segment.len()) {
        let chunk = &adding.chunks[segment.len()];
        segment.push_known(chunk.clone(), &adding.embedded_text(chunk), (codes, *row))?;
    }
    Ok(())
}

/// A document of a state.
pub(super) fn added(
    state: &KnowledgeBase,
    id: DocumentId,
    already_added: bool,
) -> Option<AddedDocument> {
    let found = state.index.find(id)?;
    Some(AddedDocument { info: found.info().clone(), chunks: found.chunks().len(), already_added })
}
