//! Annotations of a page: what a person wrote on it, where its links lead, and files on it.

use unpdf::parser::raw::{PdfDict, PdfObject, RawDocument};

use super::attachments::Attachments;
use super::{get, text_of};
use crate::error::Result;
use crate::read::Input;
use crate::read::pdf::readable_text::mended;
use crate::read::pdf::too_many;

/// Annotations that are read of a page at most.
const MAX_ANNOTATIONS: usize = 1000;
/// Addresses that are read of a page at most.
const MAX_LINKS: usize = 200;
/// The most bytes of an address: a longer one holds data.
const MAX_ADDRESS_BYTES: usize = 2048;
/// The annotations whose text is a note.
const NOTES: &[&[u8]] = &[
    b"Text",
    b"FreeText",
    b"Highlight",
    b"Underline",
    b"Squiggly",
    b"StrikeOut",
    b"Caret",
    b"Stamp",
    b"Square",
    b"Circle",
    b"Ink",
    b"FileAttachment",
];

/// What the annotations of a page say.
#[derive(Default)]
pub(super) struct Annotations {
    /// The notes, each with its author.
    pub(super) notes: Vec<String>,
    /// The addresses that links lead to.
    pub(super) links: Vec<String>,
}

/// Reads annotations of page after page.
pub(super) struct AnnotationReader<'a, 'i> {
    pub(super) document: &'a RawDocument,
    pub(super) input: &'i Input<'i>,
    /// Bytes of notes so far: several pages may have the same ones.
    pub(super) note_bytes: u64,
}

impl AnnotationReader<'_, '_> {
    /// Reads the annotations of a page. Files go to `attachments`.
    pub(super) fn read(
        &mut self,
        page: &PdfDict,
        attachments: &mut Attachments<'_>,
    ) -> Result<Annotations> {
        let mut read = Annotations::default();
        let document = self.document;
        let annotations = get(document, page, b"Annots").and_then(PdfObject::as_array);
        for annotation in annotations.unwrap_or_default().iter().take(MAX_ANNOTATIONS) {
            let Some(annotation) = document.resolve(annotation).as_dict() else { continue };
            let kind = get(document, annotation, b"Subtype").and_then(PdfObject::as_name);
            let kind = kind.unwrap_or_default();
            if NOTES.contains(&kind) {
                read.notes.extend(note(document, annotation));
                self.note_bytes += read.notes.last().map_or(0, String::len) as u64;
            }
            if kind == b"Link" && read.links.len() < MAX_LINKS {
                read.links.extend(address(document, annotation));
            }
            let file = get(document, annotation, b"FS").filter(|_| kind == b"FileAttachment");
            if let Some(file) = file.and_then(PdfObject::as_dict) {
                attachments.add(document, None, file)?;
            }
            let limit = self.input.limits.text_bytes;
            if self.note_bytes > limit {
                return Err(too_many("bytes", self.note_bytes, limit, self.input));
            }
        }
        Ok(read)
    }
}

fn note(document: &RawDocument, annotation: &PdfDict) -> Option<String> {
    let text = mended(&text_of(document, annotation, b"Contents")?);
    let author = text_of(document, annotation, b"T").map(|author| mended(&author));
    text.contains(char::is_alphanumeric).then(|| match author.filter(|author| !author.is_empty()) {
        Some(author) => format!("Note by {author}: {text}"),
        None => format!("Note: {text}"),
    })
}

/// The address that a link leads to; none where it leads to a place in the file.
fn address(document: &RawDocument, link: &PdfDict) -> Option<String> {
    let action = get(document, link, b"A")?.as_dict()?;
    let address = get(document, action, b"URI")?.as_str_bytes()?;
    let address = str::from_utf8(address).ok()?.trim();
    let is_address = address.len() <= MAX_ADDRESS_BYTES
        && address.contains(char::is_alphanumeric)
        && !address.contains(char::is_control);
    is_address.then(|| address.to_owned())
}
