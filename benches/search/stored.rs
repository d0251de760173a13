//! A knowledge base as a file, made without an encoder that would take hours.

use js_sys::{Function, Uint8Array};
use multimodal_rag::internals::{KnowledgeBaseWriter, SegmentBuilder};
use multimodal_rag::{Error, Fingerprint, Result};
use wasm_bindgen::JsValue;

use crate::collection::{clustered, row};
use crate::library::{Library, SEGMENT_CHUNKS, push};
use crate::rng::Rng;

/// Bytes that are handed over at once.
const PIECE: usize = 4 << 20;

/// Writes a knowledge base of the library's texts, piece by piece, with vectors in clusters of
/// which some are where the vectors of its `questions` are. Gives the milliseconds by this
/// clock that were spent on making segments.
pub(crate) fn write(
    library: &Library,
    embedder: Fingerprint,
    questions: &[f32],
    take: &Function,
    now: &dyn Fn() -> f64,
) -> Result<f64> {
    let dimensions = questions.len() / library.questions();
    let vectors = clustered(questions, dimensions, library.chunks(), &mut Rng::new(2));
    let mut piece = Vec::with_capacity(PIECE);
    let mut write = |bytes: &[u8]| {
        piece.extend(bytes);
        if piece.len() >= PIECE { hand_over(&mut piece, take) } else { Ok(()) }
    };
    let mut file = KnowledgeBaseWriter::begin(embedder, &mut write)?;
    let (mut segment, mut first, mut spent) = (SegmentBuilder::new(dimensions), 0, 0.0);
    for (document, chunks) in library.documents() {
        file.document(&document)?;
        let began = now();
        push(&mut segment, &document, &chunks, |place| row(&vectors, dimensions, first + place))?;
        first += chunks.len();
        if segment.len() >= SEGMENT_CHUNKS || first == library.chunks() {
            let full = std::mem::replace(&mut segment, SegmentBuilder::new(dimensions));
            file.segment(&full.finish())?;
        }
        spent += now() - began;
    }
    file.finish()?;
    hand_over(&mut piece, take)?;
    Ok(spent)
}

fn hand_over(piece: &mut Vec<u8>, take: &Function) -> Result<()> {
    let failed = |error: JsValue| Error::Internal { detail: format!("{error:?}") };
    take.call1(&JsValue::NULL, &Uint8Array::from(&piece[..])).map_err(failed)?;
    piece.clear();
    Ok(())
}
