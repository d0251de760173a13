//! Documents of made-up words, as many as are wanted, and questions that one chunk answers.

use multimodal_rag::internals::{Index, SegmentBuilder};
use multimodal_rag::{
    Block, BlockKind, Chunk, Document, DocumentId, DocumentInfo, FileDetails, FileKind, Result,
    Span, StoredDocument,
};

use crate::rng::Rng;
use crate::words::Words;

/// Words in a chunk.
const CHUNK_WORDS: usize = 120;
/// Chunks in a document.
const DOCUMENT_CHUNKS: usize = 8;
/// The most chunks in a segment, as the engine's merging leaves them.
pub(crate) const SEGMENT_CHUNKS: usize = 32_768;
/// Words of a question: the first ones of a chunk.
const QUESTION_WORDS: usize = 8;

/// The same texts each time.
pub(crate) struct Library {
    words: Words,
    chunks: usize,
    questions: usize,
}

impl Library {
    /// Documents of `chunks` chunks together, one of which each of so many questions asks for.
    pub(crate) fn new(chunks: usize, questions: usize) -> Self {
        Self { words: Words::new(), chunks, questions }
    }

    /// Chunks of all documents together.
    pub(crate) fn chunks(&self) -> usize {
        self.chunks
    }

    /// How many questions there are.
    pub(crate) fn questions(&self) -> usize {
        self.questions
    }

    /// The number of the chunk that a question is made of.
    pub(crate) fn asked(&self, question: usize) -> usize {
        question * (self.chunks / self.questions)
    }

    /// The words of a question.
    pub(crate) fn question(&self, question: usize) -> String {
        let chunk = self.asked(question);
        let (document, chunks) = self.document(chunk / DOCUMENT_CHUNKS);
        let text = &document.text()[chunks[chunk % DOCUMENT_CHUNKS].span.range()];
        text.split(' ').take(QUESTION_WORDS).collect::<Vec<_>>().join(" ")
    }

    /// Where the chunk that a question is made of stands: its document, and its place there.
    pub(crate) fn answer(&self, question: usize) -> (DocumentId, u32) {
        let chunk = self.asked(question);
        let (document, _) = self.document(chunk / DOCUMENT_CHUNKS);
        (document.id(), (chunk % DOCUMENT_CHUNKS) as u32)
    }

    /// A document and its chunks.
    fn document(&self, number: usize) -> (StoredDocument, Vec<Chunk>) {
        let mut rng = Rng::new(number as u64);
        let count = DOCUMENT_CHUNKS.min(self.chunks - number * DOCUMENT_CHUNKS);
        let (mut text, mut chunks) = (String::new(), Vec::new());
        for place in 0..count {
            if place > 0 {
                text.push_str("\n\n");
            }
            let start = text.len();
            self.words.write(CHUNK_WORDS, &mut rng, &mut text);
            chunks.push(Chunk { span: Span::new(start..text.len()), ..Chunk::default() });
        }
        let info = DocumentInfo {
            id: DocumentId::of(FileKind::PLAIN_TEXT, text.as_bytes()),
            name: format!("{number}.txt"),
            kind: FileKind::PLAIN_TEXT,
            bytes: text.len() as u64,
            sequence: number as u64,
            added_at: 0.0,
            metadata: "{}".to_owned(),
            details: FileDetails::default(),
            container: None,
            has_original: false,
        };
        let block = |chunk: &Chunk| Block { span: chunk.span, kind: BlockKind::Paragraph };
        let blocks = chunks.iter().map(block).collect();
        (StoredDocument::new(info, Document { text, blocks, ..Document::default() }), chunks)
    }

    /// Every document with its chunks.
    pub(crate) fn documents(&self) -> impl Iterator<Item = (StoredDocument, Vec<Chunk>)> {
        (0..self.chunks.div_ceil(DOCUMENT_CHUNKS)).map(|number| self.document(number))
    }

    /// An index of the words alone, and the milliseconds by this clock that were spent on
    /// it and not on making the texts: its vectors have one number, which takes no time.
    pub(crate) fn index_of_words(&self, now: &dyn Fn() -> f64) -> Result<(Index, f64)> {
        let (mut index, mut spent) = (Index::new(), 0.0);
        let mut segment = SegmentBuilder::new(1);
        let mut documents = self.documents().peekable();
        while let Some((document, chunks)) = documents.next() {
            let began = now();
            push(&mut segment, &document, &chunks, |_| &[1.0])?;
            if segment.len() >= SEGMENT_CHUNKS || documents.peek().is_none() {
                let full = std::mem::replace(&mut segment, SegmentBuilder::new(1)).finish();
                index = index.with(index.len() as u64, full);
            }
            spent += now() - began;
        }
        Ok((index, spent))
    }
}

/// Appends a document, of whose chunks each has a vector.
pub(crate) fn push<'a>(
    segment: &mut SegmentBuilder,
    document: &StoredDocument,
    chunks: &[Chunk],
    vector: impl Fn(usize) -> &'a [f32],
) -> Result<()> {
    segment.begin(document.info.clone(), document.text().len());
    for (place, chunk) in chunks.iter().enumerate() {
        segment.push(chunk.clone(), &chunk.embedded_text(&document.document), vector(place))?;
    }
    Ok(())
}
