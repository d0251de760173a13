//! Bytes of a file -> [`Document`]: what kind of file it is, its encoding, then
//! one reader per kind. Adding a kind means one reader and one line in [`parse`].

mod blocks;
mod encoding;
mod html;
mod html_elements;
mod html_tokens;
mod kind;
mod lists;
mod markdown;
mod text;

use crate::document::{Document, FileKind};
use crate::error::{Error, Result};

use blocks::DocumentBuilder;

/// Bytes in the largest file that is read: 16 MiB.
pub const MAX_FILE_BYTES: usize = 16 << 20;

/// Reads a file into the text a reader would see, with its parts marked.
///
/// `mime` decides the kind of file, else the ending of `name`, else what the
/// bytes look like; a `charset` in `mime` is obeyed, and so is one that HTML
/// declares itself. Anything else is read as UTF-8 or UTF-16.
/// Takes time linear in the bytes, in one step.
///
/// # Errors
/// [`Error::TooLarge`] over [`MAX_FILE_BYTES`], [`Error::EmptyDocument`] without
/// any text, [`Error::UnsupportedFormat`] for a kind that is not read here, and
/// [`Error::InvalidText`] for bytes that are no text: nothing is ever replaced
/// or guessed silently.
pub fn parse(name: &str, mime: Option<&str>, bytes: &[u8]) -> Result<(FileKind, Document)> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(Error::TooLarge {
            what: format!("\"{name}\""),
            got: bytes.len() as u64,
            limit: MAX_FILE_BYTES as u64,
            unit: "bytes",
        });
    }
    if bytes.is_empty() {
        return Err(Error::EmptyDocument { name: name.to_owned() });
    }
    let unsupported = |found: String| Error::UnsupportedFormat {
        name: name.to_owned(),
        found,
        supported: kind::SUPPORTED,
    };
    let declared = kind::declared(name, mime).map_err(unsupported)?;
    if let Some(found) = kind::known_binary(bytes) {
        return Err(unsupported(found.to_owned()));
    }
    let charset = mime.and_then(kind::charset);
    let is_html = declared.unwrap_or_else(|| kind::sniffed_bytes(bytes)) == FileKind::Html;
    let text = match encoding::decode(bytes, charset, is_html) {
        Ok(text) => text,
        Err(_) if declared.is_none() => return Err(unsupported("unknown binary data".to_owned())),
        Err(offset) => return Err(Error::InvalidText { name: name.to_owned(), offset }),
    };
    let kind = declared.unwrap_or_else(|| kind::sniffed(&text));
    let mut builder = DocumentBuilder::default();
    match kind {
        FileKind::Text => text::read(&text, &mut builder),
        FileKind::Markdown => markdown::read(&text, &mut builder),
        FileKind::Html => html::read(&text, &mut builder),
    }
    let document = builder.finish();
    if document.blocks.is_empty() {
        return Err(Error::EmptyDocument { name: name.to_owned() });
    }
    Ok((kind, document))
}
