//! What a PDF says besides the text of its pages: labels of pages, annotations, attachments.

use std::collections::HashMap;

use unpdf::Metadata;
use unpdf::parser::raw::{PdfDict, PdfObject, RawDocument, stream};

use super::readable_text::mended;
use crate::document::FileDetails;
use crate::read::{Input, Member};

/// How deep trees of names and numbers are followed.
const MAX_TREE_DEPTH: usize = 32;
/// Annotations that are read of a page at most.
const MAX_NOTES: usize = 1000;
/// Branches of a tree that are followed at most.
const MAX_KIDS: usize = 1000;

/// These facts.
#[derive(Default)]
pub(super) struct Facts {
    labels: HashMap<u32, String>,
    notes: HashMap<u32, Vec<String>>,
    pub(super) language: Option<String>,
    pub(super) attachments: Vec<Member>,
}

impl Facts {
    /// Reads them.
    pub(super) fn read(document: &RawDocument, input: &Input<'_>) -> Self {
        let Ok(catalog) = document.catalog() else { return Self::default() };
        let pages = document.pages();
        let mut facts = Self {
            language: text_of(document, catalog, b"Lang").filter(|tag| !tag.is_empty()),
            ..Self::default()
        };
        facts.read_labels(document, catalog, pages.len() as u32);
        for (number, id) in pages {
            if let Ok(page) = document.get_dict(id) {
                let notes = notes(document, page);
                if !notes.is_empty() {
                    facts.notes.insert(number, notes);
                }
            }
        }
        facts.attachments = attachments(document, catalog, input);
        facts
    }

    /// The label of a page, where it is not its number.
    pub(super) fn label(&self, page: u32) -> Option<String> {
        self.labels.get(&page).cloned()
    }

    /// The texts of a page's annotations.
    pub(super) fn notes(&self, page: u32) -> &[String] {
        self.notes.get(&page).map_or(&[], Vec::as_slice)
    }

    fn read_labels(&mut self, document: &RawDocument, catalog: &PdfDict, pages: u32) {
        let Some(root) = get(document, catalog, b"PageLabels") else { return };
        let mut ranges = Vec::new();
        leaves(document, root, b"Nums", 0, &mut |key, value| {
            if let (Some(first), Some(style)) = (key.as_i64(), value.as_dict()) {
                ranges.push((first, style.clone()));
            }
        });
        ranges.sort_by_key(|(first, _)| *first);
        for page in 1..=pages {
            let index = i64::from(page) - 1;
            let Some((first, style)) = ranges.iter().rev().find(|(first, _)| *first <= index)
            else {
                continue;
            };
            let label = label(document, style, index - first);
            if !label.is_empty() && label != page.to_string() {
                self.labels.insert(page, label);
            }
        }
    }
}

/// The label of the page that is `offset` pages into a range.
fn label(document: &RawDocument, style: &PdfDict, offset: i64) -> String {
    let prefix = text_of(document, style, b"P").unwrap_or_default();
    let start = get(document, style, b"St").and_then(PdfObject::as_i64).unwrap_or(1);
    let number = start.saturating_add(offset).clamp(0, 1_000_000) as u32;
    let number = match get(document, style, b"S").and_then(PdfObject::as_name) {
        Some(b"D") => number.to_string(),
        Some(b"r") => roman(number),
        Some(b"R") => roman(number).to_uppercase(),
        Some(b"a") => letters(number),
        Some(b"A") => letters(number).to_uppercase(),
        _ => String::new(),
    };
    prefix + &number
}

/// A number in lower-case Roman digits; in decimal ones from 4,000 on.
fn roman(mut number: u32) -> String {
    const DIGITS: &[(u32, &str)] = &[
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    if number >= 4000 {
        return number.to_string();
    }
    let mut text = String::new();
    for &(value, digit) in DIGITS {
        while number >= value {
            text.push_str(digit);
            number -= value;
        }
    }
    text
}

/// A number in letters, as PDF counts: a to z, aa to zz, aaa and so on.
fn letters(number: u32) -> String {
    let Some(number) = number.checked_sub(1) else { return String::new() };
    let letter = char::from(b'a' + (number % 26) as u8);
    std::iter::repeat_n(letter, (number / 26 + 1).min(20) as usize).collect()
}

/// The texts of the annotations that a person wrote.
fn notes(document: &RawDocument, page: &PdfDict) -> Vec<String> {
    let annotations = get(document, page, b"Annots").and_then(PdfObject::as_array);
    let note = |annotation: &PdfObject| {
        let annotation = document.resolve(annotation).as_dict()?;
        let kind = get(document, annotation, b"Subtype")?.as_name()?;
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
        ];
        let text = mended(&text_of(document, annotation, b"Contents")?);
        let is_note = NOTES.contains(&kind) && text.chars().any(char::is_alphanumeric);
        let author = text_of(document, annotation, b"T").map(|author| mended(&author));
        is_note.then(|| match author.filter(|author| !author.is_empty()) {
            Some(author) => format!("Note by {author}: {text}"),
            None => format!("Note: {text}"),
        })
    };
    annotations.unwrap_or_default().iter().take(MAX_NOTES).filter_map(note).collect()
}

/// The attached files, within the limits.
fn attachments(document: &RawDocument, catalog: &PdfDict, input: &Input<'_>) -> Vec<Member> {
    let names = get(document, catalog, b"Names").and_then(PdfObject::as_dict);
    let root = names.and_then(|names| get(document, names, b"EmbeddedFiles"));
    let (mut members, mut left) =
        (Vec::new(), input.limits.expanded_bytes_of(input.bytes.len() as u64));
    let Some(root) = root else { return members };
    leaves(document, root, b"Names", 0, &mut |key, value| {
        let member = value.as_dict().and_then(|file| attachment(document, key, file));
        let Some(member) = member else { return };
        let bytes = member.bytes.len() as u64;
        if members.len() < input.limits.members as usize && bytes <= left {
            left -= bytes;
            members.push(member);
        }
    });
    members
}

fn attachment(document: &RawDocument, key: &PdfObject, file: &PdfDict) -> Option<Member> {
    let name = text_of(document, file, b"UF").or_else(|| text_of(document, file, b"F"));
    let name = name.or_else(|| key.as_str_bytes().map(pdf_text))?;
    // An attachment has a name, not a path.
    let path = name.rsplit(['/', '\\']).next().filter(|name| !matches!(*name, "" | "." | ".."))?;
    let embedded = get(document, file, b"EF")?.as_dict()?;
    let content = get(document, embedded, b"F").or_else(|| get(document, embedded, b"UF"))?;
    let bytes = stream::decompress(content.as_stream()?).ok()?;
    Some(Member { path: path.to_owned(), media_type: None, bytes })
}

/// Calls `found` for each pair of a tree of names or numbers.
fn leaves(
    document: &RawDocument,
    node: &PdfObject,
    pairs: &[u8],
    depth: usize,
    found: &mut dyn FnMut(&PdfObject, &PdfObject),
) {
    let Some(node) = document.resolve(node).as_dict().filter(|_| depth < MAX_TREE_DEPTH) else {
        return;
    };
    let list =
        |name: &[u8]| get(document, node, name).and_then(PdfObject::as_array).unwrap_or_default();
    for pair in list(pairs).chunks_exact(2) {
        found(document.resolve(&pair[0]), document.resolve(&pair[1]));
    }
    for kid in list(b"Kids").iter().take(MAX_KIDS) {
        leaves(document, kid, pairs, depth + 1, found);
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
