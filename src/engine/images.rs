//! What pictures show: their vectors, and search by text and by picture.

use super::Engine;
use super::find::check_limit;
use crate::document::FileKind;
use crate::embed::ImageEmbedder;
use crate::error::{Error, Result};
use crate::format::FileToRead;
use crate::index::{Filter, Hit, ImageQuery, picture_vector};
use crate::knowledge_base::KnowledgeBase;
use crate::read::{ReadFile, ReadLimits};
use crate::retrieve::{Passage, passage_of};
use crate::runtime::Task;

impl Engine {
    /// The image encoder, if there is one.
    pub fn image_embedder(&self) -> Option<&ImageEmbedder> {
        self.image_embedder.as_deref()
    }

    /// Reads a file. A picture gets its vector, where there is an image encoder.
    pub(super) async fn read_file(
        &self,
        file: &FileToRead<'_>,
        limits: &ReadLimits,
        task: &Task,
    ) -> Result<(FileKind, ReadFile)> {
        let image_input = self.image_embedder().map(ImageEmbedder::input);
        let file = FileToRead { image_input, ..*file };
        let (kind, mut read) = self.file_reader.read(&file, limits, &*self.runtime, task).await?;
        let pixels = std::mem::take(&mut read.pixels);
        if let Some(embedder) = self.image_embedder()
            && let [picture] = &mut *read.document.pictures
            && !pixels.is_empty()
        {
            self.end_ingest_step(task).await?;
            let vector = embedder.embed_image(&pixels)?;
            picture.vector = Some(picture_vector(embedder.fingerprint(), &vector)?);
        }
        Ok((kind, read))
    }

    /// The vector of a question in the space of pictures; none where no picture has one.
    pub(super) fn image_vector(&self, question: &str) -> Result<Option<Vec<f32>>> {
        let has_images = |it: &&ImageEmbedder| self.readable_index().has_images(it.fingerprint());
        let embedder = self.image_embedder().filter(has_images);
        embedder.map(|embedder| embedder.embed_text(question)).transpose()
    }

    /// A question to pictures, with its vector in their space.
    pub(super) fn image_query(&self, vector: Option<&[f32]>) -> Result<Option<ImageQuery<'_>>> {
        let Some((embedder, vector)) = self.image_embedder().zip(vector) else { return Ok(None) };
        let score = |product, neutral| embedder.probability(product, neutral);
        let neutral = embedder.neutral_vectors()?;
        ImageQuery::new(embedder.fingerprint(), vector, neutral, Box::new(score)).map(Some)
    }

    /// The `limit` pictures that are most like a picture, best first, of documents that match
    /// `filter`. Each is the passage in which it stands.
    ///
    /// # Errors
    /// [`Error::NoImageEncoder`] without one; those of the file; [`Error::EmptyKnowledgeBase`].
    pub async fn search_image(
        &self,
        file: &FileToRead<'_>,
        limit: usize,
        filter: Option<&Filter>,
        task: &Task,
    ) -> Result<Vec<Passage>> {
        check_limit(limit)?;
        self.check_open()?;
        let embedder = self.image_embedder().ok_or(Error::NoImageEncoder)?;
        let limits = &self.read_limits;
        let image_input = Some(embedder.input());
        let file = FileToRead { image_input, skips_words: true, ..*file };
        let (_, read) = self.file_reader.read(&file, limits, &*self.runtime, task).await?;
        if read.pixels.is_empty() {
            let (name, found) = (file.name.to_owned(), "no picture to compare".to_owned());
            let supported =
                "pictures of the formats that can be added, not many times as long as wide"
                    .to_owned();
            return Err(Error::UnsupportedFormat { name, found, supported });
        }
        let _guard = self.question_gate.question();
        let vector = embedder.embed_image(&read.pixels)?;
        task.step(&*self.runtime).await?;
        let query = ImageQuery::of_picture(embedder.fingerprint(), &vector)?;
        let mut tries = 0;
        loop {
            let state = self.state_to_ask(task).await?;
            let hits = state.index.search_images(&query, limit, filter);
            match self.passages_of(hits, &state).await? {
                Ok(passages) => return Ok(passages),
                Err((hit, error)) => {
                    self.leave_out(hit.document, error, &state, &mut tries, task).await?;
                }
            }
        }
    }

    /// The passages of what was found, or the first hit whose document is damaged.
    pub(super) async fn passages_of(
        &self,
        hits: Vec<Hit>,
        state: &KnowledgeBase,
    ) -> Result<std::result::Result<Vec<Passage>, (Hit, Error)>> {
        let mut passages = Vec::new();
        for hit in hits {
            match passage_of(hit, state, &*self.store, &self.document_cache).await {
                Ok(passage) => passages.push(passage),
                Err(error @ Error::CorruptStorage { .. }) => return Ok(Err((hit, error))),
                Err(error) => return Err(error),
            }
        }
        Ok(Ok(passages))
    }
}
