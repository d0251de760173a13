//! Segments to test with.

use multimodal_rag::{Chunk, DocumentId, DocumentInfo, FileKind, Segment, SegmentBuilder, Span};

use crate::chance::Chance;

/// The id of the document of a name.
pub(crate) fn document(name: &str) -> DocumentId {
    DocumentId::of(FileKind::Text, name.as_bytes())
}

/// What is known of the document of a name.
pub(crate) fn info(name: &str) -> DocumentInfo {
    DocumentInfo {
        id: document(name),
        name: name.to_owned(),
        kind: FileKind::Text,
        bytes: 0,
        sequence: 0,
        added_at: 0.0,
        metadata: "{}".to_owned(),
    }
}

/// The segment of a document with these chunk texts, one a line, and embeddings.
pub(crate) fn segment(name: &str, chunks: &[(&str, Vec<f32>)]) -> Segment {
    segment_of(&[(name, chunks)])
}

/// The segment of several such documents.
pub(crate) fn segment_of(documents: &[(&str, &[(&str, Vec<f32>)])]) -> Segment {
    let first = documents.iter().find_map(|(_, chunks)| chunks.first());
    let mut builder = SegmentBuilder::new(first.map_or(0, |(_, embedding)| embedding.len()));
    for (name, chunks) in documents {
        builder.begin(info(name), chunks.iter().map(|(text, _)| text.len() + 1).sum());
        let mut start = 0;
        for (text, embedding) in *chunks {
            let span = Span::new(start..start + text.len());
            start += text.len() + 1;
            let headings = (*name).to_owned();
            builder.push(Chunk { span, headings }, text, embedding).unwrap();
        }
    }
    builder.finish()
}

/// Unit vectors in clusters, as embeddings lie.
pub(crate) fn clustered(chance: &mut Chance, count: usize, dimensions: usize) -> Vec<Vec<f32>> {
    let centers: Vec<_> = (0..count.div_ceil(50)).map(|_| direction(chance, dimensions)).collect();
    let near = |chance: &mut Chance| {
        let center = &centers[below(chance, centers.len())];
        let noise = direction(chance, dimensions);
        unit(center.iter().zip(noise).map(|(center, noise)| center + 0.8 * noise).collect())
    };
    (0..count).map(|_| near(chance)).collect()
}

/// A unit vector in any direction.
pub(crate) fn direction(chance: &mut Chance, dimensions: usize) -> Vec<f32> {
    // The sum of a few uniform numbers is near enough to a normal one.
    let normal = |chance: &mut Chance| (0..6).map(|_| fraction(chance) - 0.5).sum();
    unit((0..dimensions).map(|_| normal(chance)).collect())
}

/// A number from 0 to below 1.
pub(crate) fn fraction(chance: &mut Chance) -> f32 {
    (chance.bits() >> 40) as f32 / (1 << 24) as f32
}

/// A whole number from 0 to below `end`.
pub(crate) fn below(chance: &mut Chance, end: usize) -> usize {
    (chance.bits() % end as u64) as usize
}

/// The vector with length 1.
pub(crate) fn unit(vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.into_iter().map(|value| value / length).collect()
}
