//! Readers: bytes of a file -> [`Document`]. `format/` chooses the reader.

mod blocks;
mod encoding;
mod html;
mod html_elements;
mod html_tokens;
mod lists;
mod markdown;
mod text;

use std::borrow::Cow;

use crate::document::Document;
use crate::error::{Error, Result};

use blocks::DocumentBuilder;
pub(crate) use html::begins_as_html;

/// The bytes by which a format is recognized.
const BEGINNING_BYTES: usize = 16 << 10;

/// The input of a reader.
pub(crate) struct Input<'a> {
    /// The file's name, for errors.
    pub(crate) name: &'a str,
    /// All bytes of the file.
    pub(crate) bytes: &'a [u8],
    /// The encoding that the media type declares.
    pub(crate) charset: Option<&'a str>,
}

/// A reader. It takes time linear in the bytes, and fails for bytes of another format.
pub(crate) type Read = fn(&Input<'_>) -> Result<Document>;

/// Reads plain text: paragraphs and obvious headings.
pub(crate) fn plain_text(input: &Input<'_>) -> Result<Document> {
    input.read_text(false, text::read)
}

/// Reads CommonMark with the extensions of GitHub.
pub(crate) fn markdown(input: &Input<'_>) -> Result<Document> {
    input.read_text(false, markdown::read)
}

/// Reads HTML and XHTML.
pub(crate) fn html(input: &Input<'_>) -> Result<Document> {
    input.read_text(true, html::read)
}

impl<'a> Input<'a> {
    /// The first 16 KiB as text; invalid bytes are replaced.
    pub(crate) fn beginning(&self) -> Cow<'a, str> {
        let bytes = &self.bytes[..self.bytes.len().min(BEGINNING_BYTES)];
        encoding::decode_lossy(bytes, self.charset)
    }

    fn read_text(&self, is_html: bool, read: fn(&str, &mut DocumentBuilder)) -> Result<Document> {
        let invalid = |offset| Error::InvalidText { name: self.name.to_owned(), offset };
        let text = encoding::decode(self.bytes, self.charset, is_html).map_err(invalid)?;
        let mut builder = DocumentBuilder::default();
        read(&text, &mut builder);
        Ok(builder.finish())
    }
}
