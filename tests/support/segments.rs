//! Segments to test with.
#![allow(dead_code, reason = "not every test binary needs each of them")]

use multimodal_rag::internals::{Segment, SegmentBuilder};
use multimodal_rag::{Chunk, DocumentId, DocumentInfo, FileDetails, FileKind, Span};

/// The id of the document of a name.
pub(crate) fn document(name: &str) -> DocumentId {
    DocumentId::of(FileKind::PLAIN_TEXT, name.as_bytes())
}

/// What is known of the document of a name.
pub(crate) fn info(name: &str) -> DocumentInfo {
    DocumentInfo {
        id: document(name),
        name: name.to_owned(),
        kind: FileKind::PLAIN_TEXT,
        bytes: 0,
        sequence: 0,
        added_at: 0.0,
        metadata: "{}".to_owned(),
        details: FileDetails::default(),
        container: None,
        has_original: false,
    }
}

/// The segment of a document with these chunk texts, one a line, and embeddings.
pub(crate) fn segment(name: &str, chunks: &[(&str, Vec<f32>)]) -> Segment {
    segment_below(name, &[(name, chunks)])
}

/// The chunks of a document: texts and embeddings.
pub(crate) type Texts<'a> = &'a [(&'a str, Vec<f32>)];

/// The segment of several such documents, all below one heading.
pub(crate) fn segment_below(headings: &str, documents: &[(&str, Texts<'_>)]) -> Segment {
    let first = documents.iter().find_map(|(_, chunks)| chunks.first());
    let mut builder = SegmentBuilder::new(first.map_or(0, |(_, embedding)| embedding.len()));
    for (name, chunks) in documents {
        builder.begin(info(name), chunks.iter().map(|(text, _)| text.len() + 1).sum());
        let mut start = 0;
        for (text, embedding) in *chunks {
            let span = Span::new(start..start + text.len());
            start += text.len() + 1;
            let headings = headings.to_owned();
            builder.push(Chunk { span, headings, ..Chunk::default() }, text, embedding).unwrap();
        }
    }
    builder.finish()
}
