//! Document -> chunks: the parts of its text that are embedded, found and cited.

mod chunker;
mod large_tables;
mod outline;
mod structure;
mod table_description;
mod table_header;
mod units;

use serde::{Deserialize, Serialize};

use crate::document::{Document, Span};
use crate::error::Result;
use crate::text::MAX_SENTENCE_BYTES;

pub use chunker::Chunker;
pub use large_tables::MAX_EMBEDDED_ROWS;
pub(crate) use table_header::{RowHeaders, table_header_of};

/// The most bytes of a chunk. Tokens alone limit nothing: a tokenizer may count any run of
/// letters as one token.
pub const MAX_CHUNK_BYTES: usize = MAX_SENTENCE_BYTES;
/// The fewest tokens that a budget must allow.
pub const MIN_CHUNK_TOKENS: usize = 8;

/// A part of a document that is small enough to embed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Its span in the document's text. Boilerplate may stand within it, but not at its ends.
    pub span: Span,
    /// The headings above it, outermost first, joined by ` > `. The outermost ones are left
    /// out of a path that is too long. Empty if there are none.
    pub headings: String,
    /// The header of the table, on one line, if the chunk begins with a later row of it. The
    /// last cells are left out of a header that is too long. Of the first chunk of a large table
    /// it is the table's description.
    pub table_header: String,
}

impl Chunk {
    /// The text to embed for this chunk of `document`: the headings and the table's header on
    /// separate lines, then the text of the span without boilerplate.
    pub fn embedded_text(&self, document: &Document) -> String {
        let mut text = String::new();
        for line in [&self.headings, &self.table_header] {
            if !line.is_empty() {
                text.push_str(line);
                text.push('\n');
            }
        }
        for (place, part) in document.content(self.span).into_iter().enumerate() {
            if place > 0 {
                text.push('\n');
            }
            text.push_str(document.slice(part).trim());
        }
        text
    }
}

/// The allowed length of a chunk's embedded text.
#[derive(Clone, Copy)]
pub struct ChunkBudget<'a> {
    /// The most tokens of the embedded text, without special tokens.
    pub max_tokens: usize,
    /// Counts the tokens of a text, without special tokens.
    pub count: &'a dyn Fn(&str) -> usize,
}

/// All chunks of a document, in one step; see [`Chunker`].
///
/// # Errors
/// As [`Chunker::new`].
pub fn chunk(document: &Document, budget: &ChunkBudget<'_>) -> Result<Vec<Chunk>> {
    Ok(Chunker::new(document, *budget)?.collect())
}
