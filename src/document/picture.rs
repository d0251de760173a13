//! Pictures of a document.

use serde::{Deserialize, Serialize};

use super::Span;

/// A picture of a document: the whole of an image file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// What the document's text says of it, and the words that were read in it.
    pub span: Span,
    /// Its width in pixels, as a person sees it.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// A small JPEG of it: at most 320 pixels a side and 40 kB.
    #[serde(with = "serde_bytes")]
    pub thumbnail: Vec<u8>,
}
