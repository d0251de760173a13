//! What a PDF says besides the text of its pages: labels of pages, notes, addresses of links,
//! attached files, language. Of tags, layers, sounds and scripts nothing is read.

mod annotations;
mod attachments;
mod labels;
mod tree;

use std::collections::{HashMap, HashSet};

use unpdf::Metadata;
use unpdf::parser::raw::{PdfDict, PdfObject, RawDocument};

use super::readable_text::mended;
use crate::document::FileDetails;
use crate::error::Result;
use crate::read::{Input, Member};
use annotations::{AnnotationReader, Annotations};
use attachments::Attachments;

/// The most bytes of a text: of a longer one, the beginning is read.
const MAX_TEXT_BYTES: usize = 64 << 10;

/// These facts.
#[derive(Default)]
pub(super) struct Facts {
    labels: HashMap<u32, String>,
    annotations: HashMap<u32, Annotations>,
    pub(super) language: Option<String>,
    pub(super) attachments: Vec<Member>,
    pub(super) warnings: Vec<String>,
}

impl Facts {
    /// Reads them.
    pub(super) fn read(document: &RawDocument, input: &Input<'_>) -> Result<Self> {
        let Ok(catalog) = document.catalog() else { return Ok(Self::default()) };
        let pages = document.pages();
        let mut facts = Self {
            labels: labels::labels(document, catalog, pages.len() as u32),
            language: text_of(document, catalog, b"Lang").filter(|tag| !tag.is_empty()),
            ..Self::default()
        };
        let mut attachments = Attachments::new(input);
        let names = get(document, catalog, b"Names").and_then(PdfObject::as_dict);
        if let Some(root) = names.and_then(|names| get(document, names, b"EmbeddedFiles")) {
            let mut files = Vec::new();
            tree::leaves(document, root, b"Names", |key, file| {
                files.extend(file.as_dict().map(|file| (key, file)));
            });
            for (key, file) in files {
                attachments.add(document, Some(key), file)?;
            }
        }
        let mut reader = AnnotationReader { document, input, note_bytes: 0 };
        let mut addresses = HashSet::new();
        let count = pages.len() as u64;
        for (number, id) in pages {
            if let Ok(page) = document.get_dict(id) {
                let mut read = reader.read(page, &mut attachments)?;
                // An address that many pages lead to stands on the first of them.
                read.links.retain(|address| addresses.insert(address.clone()));
                facts.annotations.insert(number, read);
            }
            input.step(0, count, "pages")?;
        }
        (facts.attachments, facts.warnings) = attachments.finish();
        Ok(facts)
    }

    /// The label of a page, where it is not its number.
    pub(super) fn label(&self, page: u32) -> Option<String> {
        self.labels.get(&page).cloned()
    }

    /// The texts of a page's annotations.
    pub(super) fn notes(&self, page: u32) -> &[String] {
        self.annotations.get(&page).map_or(&[], |annotations| &annotations.notes)
    }

    /// The addresses that links of a page lead to, and no page before.
    pub(super) fn links(&self, page: u32) -> &[String] {
        self.annotations.get(&page).map_or(&[], |annotations| &annotations.links)
    }
}

fn get<'a>(
    document: &'a RawDocument,
    dictionary: &'a PdfDict,
    name: &[u8],
) -> Option<&'a PdfObject> {
    dictionary.get(name).map(|object| document.resolve(object))
}

fn text_of(document: &RawDocument, dictionary: &PdfDict, name: &[u8]) -> Option<String> {
    get(document, dictionary, name)?.as_str_bytes().map(pdf_text)
}

/// A text string: UTF-16 or UTF-8 with a byte order mark, otherwise one byte a character.
fn pdf_text(bytes: &[u8]) -> String {
    let bytes = &bytes[..bytes.len().min(MAX_TEXT_BYTES)];
    match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, mark)) => {
            encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned()
        }
        None => encoding_rs::mem::decode_latin1(bytes).into_owned(),
    }
}

/// What the file says about itself.
pub(super) fn details(metadata: Metadata) -> FileDetails {
    let said =
        |text: Option<String>| text.map(|text| mended(&text)).filter(|text| !text.is_empty());
    let date = metadata.modified.or(metadata.created);
    FileDetails {
        title: said(metadata.title),
        authors: said(metadata.author).into_iter().collect(),
        date: date.map(|date| date.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ..FileDetails::default()
    }
}
