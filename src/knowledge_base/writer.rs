//! A knowledge base as a file, made without an engine.

use std::fmt;
use std::rc::Rc;

use super::StoredDocument;
use super::export::{Exporting, Write};
use super::manifest::{LiveSegment, Manifest, encode_embedder};
use super::records::{EMBEDDER_KEY, KNOWLEDGE_BASE_KEY, document_key, segment_key};
use crate::document::DocumentInfo;
use crate::error::Result;
use crate::fingerprint::Fingerprint;
use crate::index::{BitSet, Segment};
use crate::record;

/// Writes the file that [`Engine::import`](crate::Engine::import) takes, from documents and
/// segments that are at hand: where the vectors were computed elsewhere, or for many
/// knowledge bases at once. Nothing of what was written is kept in memory.
///
/// The segments must be of the documents, each in one of them, and their vectors made by
/// the embedder: the import refuses anything else but wrong vectors.
pub struct KnowledgeBaseWriter<'a> {
    file: Exporting<'a>,
    manifest: Manifest,
}

impl<'a> KnowledgeBaseWriter<'a> {
    /// Begins the file, which `write` takes piece by piece. What it says is what every
    /// call here fails with.
    pub fn begin(
        embedder: Fingerprint,
        write: &'a mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<Self> {
        let mut file = Exporting::begin(write as Write<'a>)?;
        file.put(EMBEDDER_KEY, &encode_embedder(embedder))?;
        let manifest = Manifest {
            embedder: embedder.to_string(),
            commit: 1,
            next_segment: 0,
            next_sequence: 0,
            segments: Vec::new(),
        };
        Ok(Self { file, manifest })
    }

    /// Writes a document.
    pub fn document(&mut self, document: &StoredDocument) -> Result<()> {
        self.file.put(&document_key(document.id()), &record::encode(document))
    }

    /// Writes a segment.
    pub fn segment(&mut self, segment: &Segment) -> Result<()> {
        let record = segment.to_bytes();
        let id = self.manifest.next_segment;
        // One that is out of range is refused by the import.
        let next = |info: &Rc<DocumentInfo>| info.sequence.saturating_add(1);
        let after = segment.documents().iter().map(next).max();
        let removed = BitSet::none(segment.documents().len());
        self.manifest.next_segment += 1;
        self.manifest.next_sequence = self.manifest.next_sequence.max(after.unwrap_or(0));
        let live = LiveSegment::new(id, record::stated_checksum(&record), &removed);
        self.manifest.segments.push(live);
        self.file.put(&segment_key(id), &record)
    }

    /// Ends the file.
    pub fn finish(mut self) -> Result<()> {
        self.file.put(KNOWLEDGE_BASE_KEY, &self.manifest.encode())?;
        self.file.finish()
    }
}

impl fmt::Debug for KnowledgeBaseWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let segments = self.manifest.segments.len();
        f.debug_struct("KnowledgeBaseWriter").field("segments", &segments).finish_non_exhaustive()
    }
}
