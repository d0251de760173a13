//! Labels of pages: what is printed on them in place of their numbers.

use std::collections::HashMap;

use unpdf::parser::raw::{PdfDict, PdfObject, RawDocument};

use super::tree::leaves;
use super::{get, pdf_text};
use crate::read::lists::roman;

/// The most bytes of what stands before the number.
const MAX_PREFIX_BYTES: usize = 200;

/// The labels of the pages that have another one than their number.
pub(super) fn labels(
    document: &RawDocument,
    catalog: &PdfDict,
    pages: u32,
) -> HashMap<u32, String> {
    let mut ranges = Vec::new();
    if let Some(root) = get(document, catalog, b"PageLabels") {
        leaves(document, root, b"Nums", |key, value| {
            ranges.extend(key.as_i64().zip(value.as_dict()));
        });
    }
    ranges.sort_by_key(|(first, _)| *first);
    let label_of = |page: u32| {
        let index = i64::from(page) - 1;
        let after = ranges.partition_point(|(first, _)| *first <= index);
        let (first, style) = ranges.get(after.checked_sub(1)?)?;
        let label = label(document, style, index.saturating_sub(*first));
        (!label.is_empty() && label != page.to_string()).then_some((page, label))
    };
    (1..=pages).filter_map(label_of).collect()
}

/// The label of the page that is `offset` pages into a range.
fn label(document: &RawDocument, style: &PdfDict, offset: i64) -> String {
    let prefix = get(document, style, b"P").and_then(PdfObject::as_str_bytes).unwrap_or_default();
    let prefix = pdf_text(&prefix[..prefix.len().min(MAX_PREFIX_BYTES)]);
    let start = get(document, style, b"St").and_then(PdfObject::as_i64).unwrap_or(1);
    let number = start.saturating_add(offset).clamp(0, 1_000_000) as u32;
    let number = match get(document, style, b"S").and_then(PdfObject::as_name) {
        Some(b"D") => number.to_string(),
        Some(b"r") => roman(number.into()),
        Some(b"R") => roman(number.into()).to_uppercase(),
        Some(b"a") => letters(number),
        Some(b"A") => letters(number).to_uppercase(),
        _ => String::new(),
    };
    prefix + &number
}

/// A number in letters, as PDF counts: a to z, aa to zz, aaa and so on.
fn letters(number: u32) -> String {
    let Some(number) = number.checked_sub(1) else { return String::new() };
    let letter = char::from(b'a' + (number % 26) as u8);
    std::iter::repeat_n(letter, (number / 26 + 1).min(20) as usize).collect()
}
