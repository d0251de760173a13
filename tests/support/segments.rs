//! Segments to test with.
#![allow(dead_code, reason = "not every test binary needs each of them")]

use multimodal_rag::internals::{Segment, SegmentBuilder};
use multimodal_rag::{
    Chunk, DocumentId, DocumentInfo, FileDetails, FileKind, Fingerprint, Picture, PictureVector,
    Span,
};

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

/// The same with two pictures: one before the text, and one at its end.
pub(crate) fn segment_with_pictures(name: &str, chunks: Texts<'_>) -> Segment {
    let end = chunks.iter().map(|(text, _)| text.len() as u32 + 1).sum();
    let picture = |start, code: u8| Picture {
        span: Span { start, end: start },
        vector: Some(PictureVector {
            encoder: Fingerprint::of(b"an image encoder"),
            codes: vec![code, 0, 127, 255],
            scale: 0.005,
        }),
        ..Picture::default()
    };
    segment_of(name, &[(name, chunks)], &[picture(0, 1), picture(end, 2)])
}

/// The segment of several such documents, all below one heading.
pub(crate) fn segment_below(headings: &str, documents: &[(&str, Texts<'_>)]) -> Segment {
    segment_of(headings, documents, &[])
}

/// The segment of several documents, each with these pictures.
fn segment_of(headings: &str, documents: &[(&str, Texts<'_>)], pictures: &[Picture]) -> Segment {
    let first = documents.iter().find_map(|(_, chunks)| chunks.first());
    let mut builder = SegmentBuilder::new(first.map_or(0, |(_, embedding)| embedding.len()));
    for (name, chunks) in documents {
        builder.begin(info(name), chunks.iter().map(|(text, _)| text.len() + 1).sum());
        builder.push_pictures(pictures);
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
