//! Rotated pages are turned upright: `unpdf` reads all text as if it ran from left to right.
//!
//! The file gets an incremental update (ISO 32000-2, 7.5.6): each page with `/Rotate` is stated
//! again, with a matrix before its content, a turned page box and no rotation.

use std::fmt::Write;

use unpdf::parser::raw::{PdfDict, PdfObject, RawDocument};

use crate::error::Result;
use crate::read::Input;

/// How many ancestors of a page may hold what it inherits.
const MAX_ANCESTORS: usize = 32;

/// The file with all pages upright; none where no page is rotated.
pub(super) fn upright(
    bytes: &[u8],
    document: &RawDocument,
    input: &Input<'_>,
) -> Result<Option<Vec<u8>>> {
    // What is added would have to be encrypted as well.
    if document.is_encrypted() {
        return Ok(None);
    }
    let Some(mut update) = Update::new(bytes, document) else { return Ok(None) };
    let pages = document.pages();
    for &id in pages.values() {
        if let Ok(page) = document.get_dict(id) {
            update.turn(document, id, page);
        }
        input.step(0, pages.len() as u64, "pages")?;
    }
    Ok(update.finish(document))
}

/// The objects that are added at the end of a file.
struct Update {
    bytes: Vec<u8>,
    /// Number, generation and offset of each.
    objects: Vec<(u32, u16, usize)>,
    next_number: u32,
    /// The offset of the cross-reference table that the file had.
    previous: usize,
}

impl Update {
    fn new(bytes: &[u8], document: &RawDocument) -> Option<Self> {
        let size = document.trailer().get(b"Size".as_slice())?.as_i64()?;
        let at = bytes.windows(9).rposition(|window| window == b"startxref")?;
        let previous: String = bytes[at + 9..]
            .iter()
            .skip_while(|byte| byte.is_ascii_whitespace())
            .take_while(|byte| byte.is_ascii_digit())
            .map(|&byte| char::from(byte))
            .collect();
        Some(Self {
            bytes: bytes.to_vec(),
            objects: Vec::new(),
            next_number: u32::try_from(size).ok()?,
            previous: previous.parse().ok()?,
        })
    }

    /// States a rotated page again.
    fn turn(&mut self, document: &RawDocument, id: (u32, u16), page: &PdfDict) {
        let rotation = inherited(document, page, b"Rotate").and_then(PdfObject::as_i64);
        let (Some(rotation), Some(page_box)) = (rotation, page_box(document, page)) else { return };
        let Some((matrix, [width, height])) = turned(rotation, page_box) else { return };
        let content = format!("{matrix} cm\n");
        let number = self.next_number;
        self.next_number += 1;
        let stream = format!("<< /Length {} >> stream\n{content}\nendstream", content.len());
        self.push((number, 0), &stream);
        let mut page = page.clone();
        let contents = page.get(b"Contents".as_slice()).cloned();
        page.insert(b"Contents".to_vec(), with_first(document, number, contents));
        let corners = [0.0, 0.0, width, height].map(PdfObject::Real).to_vec();
        page.insert(b"MediaBox".to_vec(), PdfObject::Array(corners.clone()));
        page.insert(b"CropBox".to_vec(), PdfObject::Array(corners));
        page.insert(b"Rotate".to_vec(), PdfObject::Integer(0));
        let mut text = String::new();
        write_object(&PdfObject::Dict(page), &mut text);
        self.push(id, &text);
    }

    fn push(&mut self, (number, generation): (u32, u16), object: &str) {
        self.bytes.push(b'\n');
        self.objects.push((number, generation, self.bytes.len()));
        let object = format!("{number} {generation} obj\n{object}\nendobj\n");
        self.bytes.extend_from_slice(object.as_bytes());
    }

    fn finish(mut self, document: &RawDocument) -> Option<Vec<u8>> {
        if self.objects.is_empty() {
            return None;
        }
        let start = self.bytes.len();
        let mut table = "xref\n".to_owned();
        for (number, generation, offset) in &self.objects {
            let _ = write!(table, "{number} 1\n{offset:010} {generation:05} n\r\n");
        }
        let mut trailer = PdfDict::new();
        for name in ["Root", "Info", "ID"] {
            if let Some(value) = document.trailer().get(name.as_bytes()) {
                trailer.insert(name.as_bytes().to_vec(), value.clone());
            }
        }
        trailer.insert(b"Size".to_vec(), PdfObject::Integer(self.next_number.into()));
        trailer.insert(b"Prev".to_vec(), PdfObject::Integer(self.previous as i64));
        table.push_str("trailer\n");
        write_object(&PdfObject::Dict(trailer), &mut table);
        let _ = write!(table, "\nstartxref\n{start}\n%%EOF\n");
        self.bytes.extend_from_slice(table.as_bytes());
        Some(self.bytes)
    }
}

/// What a page, or one of its ancestors, states.
pub(super) fn inherited<'a>(
    document: &'a RawDocument,
    page: &'a PdfDict,
    name: &[u8],
) -> Option<&'a PdfObject> {
    let mut node = page;
    for _ in 0..MAX_ANCESTORS {
        if let Some(value) = node.get(name) {
            return Some(document.resolve(value));
        }
        node = document.resolve(node.get(b"Parent".as_slice())?).as_dict()?;
    }
    None
}

/// Left, bottom, right and top of what is seen of a page, in points.
pub(super) fn page_box(document: &RawDocument, page: &PdfDict) -> Option<[f64; 4]> {
    inherited(document, page, b"CropBox")
        .or_else(|| inherited(document, page, b"MediaBox"))
        .and_then(|corners| rectangle(document, corners))
}

/// Left, bottom, right and top of a rectangle.
fn rectangle(document: &RawDocument, corners: &PdfObject) -> Option<[f64; 4]> {
    let corners: Vec<f64> =
        corners.as_array()?.iter().filter_map(|corner| document.resolve(corner).as_f64()).collect();
    let [x, y, other_x, other_y] = corners.try_into().ok()?;
    Some([x.min(other_x), y.min(other_y), x.max(other_x), y.max(other_y)])
}

/// The matrix that turns a page upright, and its width and height then. None where the page is
/// not rotated.
fn turned(rotation: i64, [left, bottom, right, top]: [f64; 4]) -> Option<(String, [f64; 2])> {
    let (width, height) = (right - left, top - bottom);
    match rotation.rem_euclid(360) {
        90 => Some((format!("0 -1 1 0 {} {right}", -bottom), [height, width])),
        180 => Some((format!("-1 0 0 -1 {right} {top}"), [width, height])),
        270 => Some((format!("0 1 -1 0 {top} {}", -left), [height, width])),
        _ => None,
    }
}

/// The contents of a page, after the stream with this number.
fn with_first(document: &RawDocument, number: u32, contents: Option<PdfObject>) -> PdfObject {
    let mut all = vec![PdfObject::Reference(number, 0)];
    if let Some(contents) = contents {
        match document.resolve(&contents) {
            PdfObject::Array(streams) => all.extend(streams.iter().cloned()),
            _ => all.push(contents),
        }
    }
    PdfObject::Array(all)
}

/// Writes an object in PDF's syntax. A stream is always referred to, and never written here.
fn write_object(object: &PdfObject, out: &mut String) {
    let _ = match object {
        PdfObject::Null | PdfObject::Stream(_) => write!(out, "null"),
        PdfObject::Bool(value) => write!(out, "{value}"),
        PdfObject::Integer(value) => write!(out, "{value}"),
        PdfObject::Real(value) => write!(out, "{value:.4}"),
        PdfObject::Name(name) => {
            write_name(name, out);
            Ok(())
        }
        PdfObject::Str(text) => write!(out, "<{}>", hex::encode(text)),
        PdfObject::Reference(number, generation) => write!(out, "{number} {generation} R"),
        PdfObject::Array(items) => {
            out.push('[');
            for item in items {
                out.push(' ');
                write_object(item, out);
            }
            write!(out, " ]")
        }
        PdfObject::Dict(dictionary) => {
            out.push_str("<<");
            for (name, value) in dictionary {
                out.push(' ');
                write_name(name, out);
                out.push(' ');
                write_object(value, out);
            }
            write!(out, " >>")
        }
    };
}

fn write_name(name: &[u8], out: &mut String) {
    out.push('/');
    for &byte in name {
        if byte.is_ascii_alphanumeric() || b"_-+.*".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "#{byte:02X}");
        }
    }
}
