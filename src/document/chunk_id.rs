//! The ids of chunks: the document's id and the chunk's index there, as in `9f86…/3`.

use super::DocumentId;

/// The id of a chunk.
pub(crate) fn chunk_id(document: DocumentId, chunk: u32) -> String {
    format!("{document}/{chunk}")
}

/// The document and the index that [`chunk_id`] wrote; none for another text.
pub(crate) fn parse_chunk_id(id: &str) -> Option<(DocumentId, u32)> {
    let (document, chunk) = id.split_once('/')?;
    let parsed = (DocumentId::parse(document)?, chunk.parse().ok()?);
    (chunk_id(parsed.0, parsed.1) == id).then_some(parsed)
}
