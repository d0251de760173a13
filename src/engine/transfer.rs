//! Whole knowledge bases: exported, imported, carried over to another embedder.

use super::Engine;
use crate::chunk::Chunk;
use crate::embed::Embedder;
use crate::error::{Error, Result};
use crate::index::SegmentBuilder;
use crate::knowledge_base::{
    MAX_SEGMENT_CHUNKS, StoredDocument, export, import, read_document, replacing_all,
    stored_documents,
};
use crate::runtime::{Runtime, Stage, Task};
use crate::source::ByteSource;
use crate::store::Store;

/// How often an export begins again because documents were removed meanwhile.
const TRIES: usize = 3;

impl Engine {
    /// Writes the whole knowledge base as one file, piece by piece: documents, vectors
    /// and terms, but no models. A document that is removed meanwhile makes it begin
    /// again: `write` is then given nothing (an empty piece) first.
    ///
    /// # Errors
    /// [`Error::CorruptStorage`] for a document that cannot be read; what `write` says.
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
                Err(Error::CorruptStorage { .. }) if tries < TRIES => tries += 1,
                other => return other,
            }
            write(&[])?;
        }
    }

    /// Puts what [`Engine::export`] wrote into an empty store, every record of it checked;
    /// or nothing.
    ///
    /// # Errors
    /// [`Error::CorruptExport`]; [`Error::AlreadyExists`] where the store is not empty;
    /// [`Error::ImportInProgress`] where another import into it has not finished;
    /// [`Error::EmbedderMismatch`] where `embedder` is given and did not make the vectors;
    /// what the store says.
    pub async fn import(
        file: &dyn ByteSource,
        store: &dyn Store,
        embedder: Option<&Embedder>,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<()> {
        import(file, store, embedder.map(Embedder::fingerprint), runtime, task).await
    }

    /// Makes all vectors anew with this engine's embedder, and exchanges them in one commit.
    /// Until then everything is as it was; documents that cannot be read are left out.
    pub(super) async fn embed_all(&self, task: &Task) -> Result<()> {
        let lease = self.store.lease().await?;
        let mut documents = Vec::new();
        for id in stored_documents(&*self.store).await? {
            match read_document(&*self.store, id).await {
                Ok(document) => documents.push(document.info),
                Err(Error::CorruptStorage { .. }) => {}
                Err(error) => return Err(error),
            }
            task.step(&*self.runtime).await?;
        }
        documents.sort_by_key(|info| info.sequence);
        let (total, since) = (documents.len() as u64, self.runtime.now_ms());
        let mut segments = Vec::new();
        let mut segment = SegmentBuilder::new(self.embedder.dimensions());
        for (done, info) in (0..).zip(&documents) {
            task.report(&*self.runtime, Stage::Embed, done, total, "documents", since);
            let document = read_document(&*self.store, info.id).await?;
            self.embed_into(&mut segment, &document, task).await?;
            if segment.len() >= MAX_SEGMENT_CHUNKS {
                let next = SegmentBuilder::new(self.embedder.dimensions());
                segments.push(std::mem::replace(&mut segment, next).finish());
            }
        }
        segments.push(segment.finish());
        let embedder = self.embedder.fingerprint();
        let batch = replacing_all(&*self.store, segments, embedder).await?;
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
        let chunks = self.cut(&document.document, task).await?;
        segment.begin(document.info.clone(), document.text().len());
        let text = |chunk: &Chunk| chunk.embedded_text(document.text());
        let texts = chunks.iter().map(|chunk| self.embedder.tokenize_passage(&text(chunk)));
        let mut embedding = crate::embed::parallel_embed(&self.embedder, None, chunks.len(), texts);
        let mut next = chunks.iter();
        while let Some(vectors) = embedding.step()? {
            for (vector, chunk) in vectors.iter().zip(next.by_ref()) {
                segment.push(chunk.clone(), &text(chunk), vector)?;
            }
            task.step(&*self.runtime).await?;
        }
        Ok(())
    }
}
