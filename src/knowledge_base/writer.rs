//! Writes the file of a knowledge base without an engine.

use std::fmt;
use std::rc::Rc;

use super::StoredDocument;
use super::export::{ExportWriter, Write};
use super::manifest::{LiveSegment, Manifest, encode_embedder};
use super::records::{EMBEDDER_KEY, KNOWLEDGE_BASE_KEY, document_key, segment_key};
use crate::document::DocumentInfo;
use crate::error::Result;
use crate::fingerprint::Fingerprint;
use crate::index::{BitSet, Segment};
use crate::record;

/// Writes the file that [`Engine::import`](crate::Engine::import) reads, from documents and
/// segments of the caller: for vectors that were computed elsewhere. Keeps nothing of what it
/// has written in memory.
///
/// Each document must be in exactly one segment, and the vectors must be those of the embedder.
/// The import refuses everything else but wrong vectors.
pub struct KnowledgeBaseWriter<'a> {
    file: ExportWriter<'a>,
    manifest: Manifest,
}

impl<'a> KnowledgeBaseWriter<'a> {
    /// Begins the file. `write` gets it piece by piece; its errors are returned by the call that
    /// wrote.
    pub fn begin(
        embedder: Fingerprint,
        write: &'a mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<Self> {
        let mut file = ExportWriter::begin(write as Write<'a>)?;
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
        self.file.put(&document_key(document.id()), &document.encode(document.info.sequence))
    }

    /// Writes a segment.
    pub fn segment(&mut self, segment: &Segment) -> Result<()> {
        let record = segment.to_bytes();
        let id = self.manifest.next_segment;
        // The import refuses a number that is out of range.
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
