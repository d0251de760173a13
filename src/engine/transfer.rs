//! Whole knowledge bases: exported, imported, and embedded again with another embedder.

use std::collections::VecDeque;

use super::Engine;
use super::ingest::{CHUNKS_PER_STEP, CutChunk};
use crate::embed::{Embedder, parallel_embed};
use crate::error::{Error, Result};
use crate::index::SegmentBuilder;
use crate::knowledge_base::{
    MAX_SEGMENT_CHUNKS, StoredDocument, export, import, read_document, replace_segments,
    stored_documents,
};
use crate::runtime::{Runtime, Stage, Task};
use crate::source::ByteSource;
use crate::store::Store;

/// How often an export begins again because documents were removed meanwhile.
const EXPORT_TRIES: usize = 3;

impl Engine {
    /// Writes the whole knowledge base as one file, piece by piece: documents, vectors and
    /// terms, but no models and no graphs. Where a document is removed meanwhile, the export
    /// begins again: `write` gets an empty piece first.
    ///
    /// # Errors
    /// [`Error::CorruptStorage`] for a document that cannot be read; errors of `write`.
    pub async fn export(
        &self,
        write: &mut dyn FnMut(&[u8]) -> Result<()>,
        task: &Task,
    ) -> Result<()> {
        self.check_open()?;
        let embedder = self.embedder.fingerprint();
        let mut tries = 1;
        loop {
            self.refresh(task).await?;
            let state = self.state.borrow().clone();
            let exported =
                export(&state, &*self.store, embedder, write, &*self.runtime, task).await;
            match exported {
                Err(Error::CorruptStorage { .. }) if tries < EXPORT_TRIES => tries += 1,
                other => return other,
            }
            write(&[])?;
        }
    }

    /// Puts what [`Engine::export`] wrote into an empty store, after checking each record.
    /// A failure leaves the store empty.
    ///
    /// # Errors
    /// [`Error::CorruptExport`]; [`Error::RecordTooNew`] or [`Error::RecordTooOld`] for an export
    /// of a version that cannot be read;
    /// [`Error::AlreadyExists`] where the store is not empty; [`Error::ImportInProgress`]
    /// where another import into it has not finished; [`Error::EmbedderMismatch`] where
    /// `embedder` is given and did not make the vectors; errors of the store.
    pub async fn import(
        file: &dyn ByteSource,
        store: &dyn Store,
        embedder: Option<&Embedder>,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<()> {
        import(file, store, embedder.map(Embedder::fingerprint), runtime, task).await
    }

    /// Embeds all documents again with this engine's embedder, and replaces all segments in one
    /// commit. Documents that cannot be read are left out. Cancelling changes nothing.
    pub(super) async fn embed_all(&self, task: &Task) -> Result<()> {
        let lease = self.lease(task).await?;
        let ids = stored_documents(&*self.store).await?;
        let (total, since) = (ids.len() as u64, self.runtime.now_ms());
        let mut segments = Vec::new();
        let mut segment = SegmentBuilder::new(self.embedder.dimensions());
        for (done, id) in (0..).zip(ids) {
            task.report(&*self.runtime, Stage::Embed, done, total, "documents", since);
            match read_document(&*self.store, id).await {
                Ok(document) => self.embed_into(&mut segment, &document, task).await?,
                Err(Error::CorruptStorage { .. }) => task.step(&*self.runtime).await?,
                Err(error) => return Err(error),
            }
            if segment.len() >= MAX_SEGMENT_CHUNKS {
                let next = SegmentBuilder::new(self.embedder.dimensions());
                segments.push(std::mem::replace(&mut segment, next).finish());
            }
        }
        segments.push(segment.finish());
        let embedder = self.embedder.fingerprint();
        let batch = replace_segments(&*self.store, segments, embedder).await?;
        self.store.commit(batch, &lease).await?;
        task.report(&*self.runtime, Stage::Embed, total, total, "documents", since);
        Ok(())
    }

    async fn embed_into(
        &self,
        segment: &mut SegmentBuilder,
        document: &StoredDocument,
        task: &Task,
    ) -> Result<()> {
        let chunks = self.cut(document, task).await?;
        segment.begin(document.info.clone(), document.text().len());
        segment.push_pictures(&document.document.pictures);
        let embedded = || chunks.iter().filter(|cut| cut.is_embedded);
        let tokenized = embedded().map(|cut| self.embedder.tokenize_passage(&cut.text));
        let mut embedding = parallel_embed(&self.embedder, None, embedded().count(), tokenized);
        let mut vectors = VecDeque::new();
        for CutChunk { chunk, text, is_embedded } in &chunks {
            if !is_embedded {
                segment.push_without_vector(chunk.clone(), text);
                if segment.len().is_multiple_of(CHUNKS_PER_STEP) {
                    task.step(&*self.runtime).await?;
                }
                continue;
            }
            while vectors.is_empty()
                && let Some(next) = embedding.step()?
            {
                vectors.extend(next);
                task.step(&*self.runtime).await?;
            }
            let vector: Vec<f32> = vectors.pop_front().unwrap_or_default();
            segment.push(chunk.clone(), text, &vector)?;
        }
        Ok(())
    }
}
