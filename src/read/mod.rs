//! Bytes of a file -> [`Document`], one reader a file. `format/` chooses the reader.

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

/// Bytes looked at to recognize a format.
const BEGINNING_BYTES: usize = 16 << 10;

/// A file, as a reader gets it.
pub(crate) struct Input<'a> {
    /// Its name, for errors.
    pub(crate) name: &'a str,
    /// All of its bytes.
    pub(crate) bytes: &'a [u8],
    /// The encoding that its media type declares.
    pub(crate) charset: Option<&'a str>,
}

/// A reader: takes time linear in the bytes, and fails where they are not of its format.
pub(crate) type Read = fn(&Input<'_>) -> Result<Document>;

/// Reads plain text: paragraphs, lists, and what looks like headings.
pub(crate) fn plain_text(input: &Input<'_>) -> Result<Document> {
    input.read_text(false, text::read)
}

/// Reads CommonMark, with the extensions of GitHub.
pub(crate) fn markdown(input: &Input<'_>) -> Result<Document> {
    input.read_text(false, markdown::read)
}

/// Reads HTML and XHTML.
pub(crate) fn html(input: &Input<'_>) -> Result<Document> {
    input.read_text(true, html::read)
}

impl<'a> Input<'a> {
    /// About the first 16 KiB as text, whatever they are.
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
