//! A segment: everything that search reads of some documents.

use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use super::bit_set::BitSet;
use super::chunks::{Chunks, ChunksBuilder};
use super::image_vectors::{ImageVectors, PicturePlace};
use super::lexical::{Postings, PostingsBuilder};
use super::quantized::{QuantizedVector, QuantizedVectors};
use crate::chunk::Chunk;
use crate::document::{DocumentId, DocumentInfo, MAX_NUMBER, Picture, PictureVector, Span};
use crate::error::Result;
use crate::text::{LANGUAGE_SAMPLE_BYTES, Language, terms};

/// The chunks of some documents with their vectors and terms. It is immutable, and cloning it
/// is cheap. The texts are in the documents' records, not in the segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    documents: Rc<Documents>,
    chunks: Rc<Chunks>,
    /// The vectors, a row a chunk; shared with the segment's graph.
    vectors: Arc<QuantizedVectors>,
    postings: Rc<Postings>,
    /// The vectors of pictures, by image encoder.
    images: Rc<ImageVectors>,
}

/// The documents of a segment, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Documents {
    infos: Vec<Rc<DocumentInfo>>,
    /// Where each document's chunks end.
    ends: Vec<u32>,
    /// The language of each document, if it was recognized.
    languages: Vec<Option<Language>>,
    /// The length of each document's text, in bytes.
    text_bytes: Vec<u32>,
    /// Places in `infos`, in the order of ids.
    by_id: Vec<u32>,
}

impl Documents {
    /// These documents, each with its language, its number of chunks and the length of its text
    /// in bytes. An error says what is wrong with them.
    pub(super) fn from_parts(
        documents: Vec<(DocumentInfo, Option<Language>, u32, u32)>,
    ) -> Result<Self, &'static str> {
        let mut all = Self::default();
        for (info, language, chunks, text_bytes) in documents {
            let end = all.chunks().checked_add(chunks).ok_or("it has too many chunks")?;
            if info.sequence >= MAX_NUMBER {
                return Err("a document's place in the order of adding is out of range");
            }
            all.infos.push(Rc::new(info));
            all.ends.push(end);
            all.languages.push(language);
            all.text_bytes.push(text_bytes);
        }
        all.complete();
        let is_twice = |pair: &[u32]| all.id(pair[0]) == all.id(pair[1]);
        if all.by_id.windows(2).any(is_twice) {
            return Err("a document is in it twice");
        }
        Ok(all)
    }

    /// Frees spare memory, and sorts the ids.
    fn complete(&mut self) {
        self.infos.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.languages.shrink_to_fit();
        self.text_bytes.shrink_to_fit();
        self.by_id = (0..self.infos.len() as u32).collect();
        self.by_id.sort_by_key(|&place| self.infos[place as usize].id);
    }

    fn id(&self, place: u32) -> DocumentId {
        self.infos[place as usize].id
    }

    fn chunks(&self) -> u32 {
        self.ends.last().copied().unwrap_or(0)
    }

    fn memory_bytes(&self) -> usize {
        let info = |info: &Rc<DocumentInfo>| {
            size_of::<DocumentInfo>() + info.name.capacity() + info.metadata.capacity()
        };
        let languages = self.languages.capacity() * size_of::<Option<Language>>();
        let numbers = [&self.ends, &self.text_bytes, &self.by_id];
        let numbers: usize = numbers.map(|list| list.capacity() * size_of::<u32>()).iter().sum();
        self.infos.iter().map(info).sum::<usize>()
            + self.infos.capacity() * size_of::<Rc<DocumentInfo>>()
            + languages
            + numbers
    }
}

impl Segment {
    /// The segment of these parts. An error says what does not fit together.
    pub(super) fn from_parts(
        documents: Documents,
        chunks: Chunks,
        vectors: QuantizedVectors,
        postings: Postings,
        images: ImageVectors,
    ) -> Result<Self, &'static str> {
        let count = documents.chunks() as usize;
        if [chunks.len(), vectors.len(), postings.chunks()] != [count; 3] {
            return Err("the numbers of its chunks, vectors and terms differ");
        }
        let segment = Self {
            documents: Rc::new(documents),
            chunks: Rc::new(chunks),
            vectors: Arc::new(vectors),
            postings: Rc::new(postings),
            images: Rc::new(images),
        };
        if !segment.are_spans_sound() {
            return Err("a chunk lies outside its document's text");
        }
        Ok(segment)
    }

    /// Whether every chunk is within its document's text.
    fn are_spans_sound(&self) -> bool {
        let mut places = self.chunks.from(0);
        (0..self.documents().len()).all(|document| {
            let end = self.text_bytes(document) as u32;
            let mut of_document = places.by_ref().take(self.chunks_of(document).len());
            of_document.all(|(span, _)| span.start < span.end && span.end <= end)
        })
    }

    /// The documents, in the order of their chunks.
    pub fn documents(&self) -> &[Rc<DocumentInfo>] {
        &self.documents.infos
    }

    /// The place of a document among [`Segment::documents`].
    pub fn find(&self, id: DocumentId) -> Option<usize> {
        let by_id = &self.documents.by_id;
        let found = by_id.binary_search_by_key(&id, |&place| self.documents.id(place)).ok()?;
        Some(by_id[found] as usize)
    }

    /// The chunks of the document at this place.
    pub fn chunks_of(&self, document: usize) -> Range<usize> {
        let ends = &self.documents.ends;
        let start = if document == 0 { 0 } else { ends[document - 1] };
        start as usize..ends[document] as usize
    }

    /// The language of the document at this place, if it was recognized.
    pub fn language(&self, document: usize) -> Option<Language> {
        self.documents.languages[document]
    }

    /// The length of the text of the document at this place, in bytes.
    pub(crate) fn text_bytes(&self, document: usize) -> usize {
        self.documents.text_bytes[document] as usize
    }

    /// The place of the document that a chunk belongs to.
    pub(super) fn document_of(&self, chunk: usize) -> usize {
        self.documents.ends.partition_point(|&end| end as usize <= chunk)
    }

    /// How many chunks there are.
    pub fn len(&self) -> usize {
        self.chunks.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The chunk of this number. Chunks of a document are in the order of its text.
    pub fn chunk(&self, chunk: usize) -> Chunk {
        self.chunks.get(chunk)
    }

    /// Where the chunks of the document at this place stand in its text.
    pub(crate) fn spans_of(&self, document: usize) -> impl Iterator<Item = Span> {
        let chunks = self.chunks_of(document);
        self.chunks.from(chunks.start).take(chunks.len()).map(|(span, _)| span)
    }

    pub(super) fn chunks(&self) -> &Chunks {
        &self.chunks
    }

    /// The vectors, a row a chunk.
    pub fn vectors(&self) -> &Arc<QuantizedVectors> {
        &self.vectors
    }

    /// The row of the vector that says what a chunk is about. For a chunk without one it is that
    /// of the nearest chunk before it in its document: the description of its table. None where
    /// there is no such chunk.
    pub(super) fn vector_row(&self, chunk: usize) -> Option<usize> {
        let row = self.vectors.last_present(chunk)?;
        let first = || self.chunks_of(self.document_of(chunk)).start;
        (row == chunk || row >= first()).then_some(row)
    }

    /// The cosine of `query` and the vector that says what a chunk is about; 0 where there is none.
    pub(super) fn similarity(&self, query: &QuantizedVector, chunk: usize) -> f32 {
        self.vector_row(chunk).map_or(0.0, |row| self.vectors.similarity(query, row))
    }

    /// The terms of each chunk.
    pub fn postings(&self) -> &Postings {
        &self.postings
    }

    /// The vectors of pictures, by image encoder.
    pub(super) fn images(&self) -> &ImageVectors {
        &self.images
    }

    /// The chunks of the documents that are not in `removed`.
    pub(super) fn live_chunks(&self, removed: &BitSet) -> BitSet {
        let mut live = BitSet::none(self.len());
        for document in (0..self.documents().len()).filter(|&place| !removed.get(place)) {
            self.chunks_of(document).for_each(|chunk| live.set(chunk, true));
        }
        live
    }

    /// The segment with other facts about its documents, in the same order.
    pub(crate) fn with_infos(&self, infos: Vec<DocumentInfo>) -> Self {
        let infos = infos.into_iter().map(Rc::new).collect();
        let mut documents = Documents { infos, ..Documents::clone(&self.documents) };
        documents.complete();
        Self { documents: Rc::new(documents), ..self.clone() }
    }

    /// Bytes of memory in use.
    pub(super) fn memory_bytes(&self) -> usize {
        size_of::<Self>()
            + self.documents.memory_bytes()
            + self.chunks.memory_bytes()
            + self.vectors.memory_bytes()
            + self.postings.memory_bytes()
            + self.images.memory_bytes()
    }
}

/// Builds a [`Segment`], document by document and chunk by chunk.
#[derive(Debug)]
pub struct SegmentBuilder {
    documents: Documents,
    chunks: ChunksBuilder,
    vectors: QuantizedVectors,
    postings: PostingsBuilder,
    pictures: Vec<NewPicture>,
    /// The terms of the last document that are not in its text, for each of its chunks.
    outside_terms: Vec<String>,
    /// A sample of the last document, to recognize its language.
    sample: String,
}

/// A picture with a vector, of a document that was begun.
#[derive(Debug)]
struct NewPicture {
    /// The place of its document.
    document: usize,
    /// Its place among the document's pictures.
    picture: u32,
    /// Where it stands in the text.
    start: u32,
    vector: PictureVector,
}

impl SegmentBuilder {
    /// No chunks yet; their vectors will have `dimensions` numbers.
    pub fn new(dimensions: usize) -> Self {
        Self {
            documents: Documents::default(),
            chunks: ChunksBuilder::default(),
            vectors: QuantizedVectors::new(dimensions),
            postings: PostingsBuilder::default(),
            pictures: Vec::new(),
            outside_terms: Vec::new(),
            sample: String::new(),
        }
    }

    /// Begins a document that is not in the segment yet. The chunks that follow are of its
    /// text, which has `text_bytes` bytes. The words of its title and its name are terms of
    /// each chunk.
    pub fn begin(&mut self, info: DocumentInfo, text_bytes: usize) {
        self.detect_language();
        self.outside_terms = terms(&info.outside_text());
        self.documents.infos.push(Rc::new(info));
        self.documents.ends.push(self.len() as u32);
        self.documents.languages.push(None);
        self.documents.text_bytes.push(text_bytes as u32);
    }

    /// Adds the vectors of the pictures of the document that was begun last.
    pub fn push_pictures(&mut self, pictures: &[Picture]) {
        let Some(document) = self.documents().checked_sub(1) else { return };
        let with_vector = (0..).zip(pictures).filter_map(|(picture, it)| {
            let (start, vector) = (it.span.start, it.vector.clone()?);
            Some(NewPicture { document, picture, start, vector })
        });
        self.pictures.extend(with_vector);
    }

    /// Appends a chunk with its embedded text, whose terms are indexed, and the unit vector of
    /// that text. After an error the segment is unchanged.
    pub fn push(&mut self, chunk: Chunk, embedded_text: &str, embedding: &[f32]) -> Result<()> {
        self.vectors.push(embedding)?;
        self.push_text(chunk, embedded_text);
        Ok(())
    }

    /// Appends a chunk whose vector is `row` of `vectors`.
    pub(crate) fn push_known(
        &mut self,
        chunk: Chunk,
        embedded_text: &str,
        (vectors, row): (&QuantizedVectors, usize),
    ) -> Result<()> {
        self.vectors.push_row_of(vectors, row)?;
        self.push_text(chunk, embedded_text);
        Ok(())
    }

    /// Appends a chunk without a vector: it is found by its terms.
    pub fn push_without_vector(&mut self, chunk: Chunk, text: &str) {
        self.vectors.push_none();
        self.push_text(chunk, text);
    }

    fn push_text(&mut self, chunk: Chunk, embedded_text: &str) {
        self.postings.push(embedded_text, &self.outside_terms);
        if self.sample.len() < LANGUAGE_SAMPLE_BYTES {
            self.sample.push_str(embedded_text);
            self.sample.push('\n');
        }
        self.chunks.push(chunk);
        if let Some(end) = self.documents.ends.last_mut() {
            *end += 1;
        }
    }

    fn detect_language(&mut self) {
        let language = Language::of(&self.sample);
        self.sample.clear();
        if let Some(last) = self.documents.languages.last_mut() {
            *last = language;
        }
    }

    /// The vectors so far.
    pub(crate) fn vectors(&self) -> &QuantizedVectors {
        &self.vectors
    }

    /// How many documents were begun.
    pub(crate) fn documents(&self) -> usize {
        self.documents.infos.len()
    }

    /// How many chunks were pushed.
    pub fn len(&self) -> usize {
        self.chunks.len()
    }

    /// Whether none was pushed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The segment, complete.
    pub fn finish(mut self) -> Segment {
        self.detect_language();
        self.documents.complete();
        self.vectors.shrink_to_fit();
        let mut segment = Segment {
            documents: Rc::new(self.documents),
            chunks: Rc::new(self.chunks.finish()),
            vectors: Arc::new(self.vectors),
            postings: Rc::new(self.postings.finish()),
            images: Rc::default(),
        };
        segment.images = Rc::new(image_vectors(&segment, &self.pictures));
        segment
    }
}

/// The vectors of pictures, each with the chunk in which it stands: the last one of its document that
/// begins before it, or the first. A document without chunks has none.
fn image_vectors(segment: &Segment, pictures: &[NewPicture]) -> ImageVectors {
    let mut images = ImageVectors::default();
    for NewPicture { document, picture, start, vector } in pictures {
        let first = segment.chunks_of(*document).start;
        let before = segment.spans_of(*document).take_while(|span| span.start <= *start).count();
        if !segment.chunks_of(*document).is_empty() {
            let chunk = (first + before.saturating_sub(1)) as u32;
            images.push(PicturePlace { chunk, picture: *picture }, vector);
        }
    }
    images
}
