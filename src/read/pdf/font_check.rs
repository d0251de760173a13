//! What is checked of a font before `unpdf` uses it: widths that no glyph has, and maps to
//! characters that would be walked without end.

use unpdf::parser::raw::{PdfDict, PdfObject, RawDocument, stream};

use super::precheck::find;

/// The most bytes of a map to characters.
const MAX_MAP_BYTES: usize = 8 << 20;
/// The most characters that the ranges of a map have together.
const MAX_MAPPED: u64 = 1 << 20;

/// The width of the font's widest glyph in thousandths of its size, at least 1,000. None where
/// its map to characters cannot be read.
pub(super) fn widest_glyph(document: &RawDocument, font: &PdfDict) -> Option<f64> {
    let get = |dictionary: &PdfDict, name: &[u8]| {
        dictionary.get(name).map(|object| document.resolve(object).clone())
    };
    if let Some(PdfObject::Stream(map)) = get(font, b"ToUnicode")
        && let Ok(map) = stream::decompress(&map)
        && !is_readable_map(&map)
    {
        return None;
    }
    let mut widest = 1000.0;
    let descendants = get(font, b"DescendantFonts");
    let descendants = descendants.as_ref().and_then(PdfObject::as_array).unwrap_or_default();
    let descendants = descendants.iter().filter_map(|font| document.resolve(font).as_dict());
    for font in std::iter::once(font).chain(descendants) {
        let descriptor = get(font, b"FontDescriptor");
        let missing = descriptor.as_ref().and_then(PdfObject::as_dict);
        let missing = missing.and_then(|descriptor| get(descriptor, b"MissingWidth"));
        let entries =
            [b"Widths".as_slice(), b"W", b"W2", b"DW", b"DW2"].map(|name| get(font, name));
        for widths in entries.iter().flatten().chain(&missing) {
            widest = largest(document, widths, widest);
        }
    }
    Some(widest)
}

/// The largest number in lists that are nested at most once.
fn largest(document: &RawDocument, object: &PdfObject, least: f64) -> f64 {
    let number = |object: &PdfObject| document.resolve(object).as_f64().map_or(0.0, f64::abs);
    let Some(items) = object.as_array() else { return number(object).max(least) };
    items.iter().fold(least, |most, item| match document.resolve(item).as_array() {
        Some(widths) => widths.iter().map(number).fold(most, f64::max),
        None => number(item).max(most),
    })
}

/// Whether a map to characters has digits only where numbers are, and ranges of bounded length.
fn is_readable_map(map: &[u8]) -> bool {
    let numbers_are_ascii = map.split(|&byte| byte == b'<').skip(1).all(|number| {
        let end = number.iter().position(|&byte| byte == b'>').unwrap_or(0);
        number[..end].is_ascii()
    });
    map.len() <= MAX_MAP_BYTES && numbers_are_ascii && mapped(map) <= MAX_MAPPED
}

/// How many characters the ranges of a map have together.
fn mapped(map: &[u8]) -> u64 {
    let (mut rest, mut count) = (map, 0_u64);
    while let Some(start) = find(rest, b"beginbfrange") {
        rest = &rest[start + b"beginbfrange".len()..];
        let end = find(rest, b"endbfrange").unwrap_or(rest.len());
        let mut section = &rest[..end];
        while let (Some(first), Some(last)) = (number(&mut section), number(&mut section)) {
            count = count.saturating_add(last.saturating_sub(first));
            let is_list = section.trim_ascii_start().starts_with(b"[");
            match find(section, b"]").filter(|_| is_list) {
                Some(end) => section = &section[end + 1..],
                None => drop(number(&mut section)),
            }
        }
        rest = &rest[end..];
    }
    count
}

/// Takes the next number in angle brackets. One that is too large is the largest.
fn number(rest: &mut &[u8]) -> Option<u64> {
    let start = find(rest, b"<")? + 1;
    let end = start + find(&rest[start..], b">")?;
    let digits = String::from_utf8_lossy(&rest[start..end]).into_owned();
    *rest = &rest[end + 1..];
    Some(u64::from_str_radix(digits.trim(), 16).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn maps_with_endless_ranges_or_broken_numbers_are_found() {
        let map = |ranges: &str| format!("1 beginbfrange\n{ranges}\nendbfrange").into_bytes();
        assert!(is_readable_map(&map("<0000> <FFFF> <0000>\n<01><02>[<0041><0042>]")));
        assert!(!is_readable_map(&map("<00000000> <FFFFFFFF> <0000>")));
        assert!(!is_readable_map(&map("<01><02>[<0041><0042>]<00000000><FFFFFFFF>[<0041>]")));
        assert!(!is_readable_map(&map("<01><02><00\u{e9}>")));
        assert!(is_readable_map("% na\u{ef}ve\n<00> <0041>".as_bytes()));
    }
}
