//! What is checked before `unpdf` sees a file: numbers that would make it reserve memory or
//! count for ever.

use std::borrow::Cow;
use std::ops::Range;

use unpdf::parser::raw::tokenizer::parse_object;
use unpdf::parser::raw::{PdfObject, stream};

use super::{nesting, too_many};
use crate::error::Result;
use crate::read::Input;

/// Bytes around a name within which its dictionary is looked for.
const DICTIONARY_BYTES: usize = 4096;
/// The widest field of a cross-reference stream, in bytes.
const MAX_FIELD_BYTES: i64 = 8;
/// Bytes that all object streams may unpack to: `unpdf` takes some twenty times as many.
const MAX_UNPACKED_BYTES: u64 = 40 << 20;

/// The bytes of a file that can be read in bounded time and memory. Cross-reference streams with
/// impossible fields are hidden from `unpdf`, which then finds the objects by itself.
pub(super) fn check<'a>(input: &Input<'a>) -> Result<Cow<'a, [u8]>> {
    let bytes = input.bytes;
    check_objects(input)?;
    check_nesting(input)?;
    let mut checked = Cow::Borrowed(bytes);
    for at in find_all(bytes, b"/XRef") {
        let dictionary = around(bytes, at);
        if let Some(widths) = impossible_widths(&bytes[dictionary.clone()]) {
            // Without its field widths the stream is no cross-reference stream.
            checked.to_mut()[dictionary.start + widths + 1] = b'w';
        }
    }
    Ok(checked)
}

/// Objects of the file, and those that its object streams state.
fn check_objects(input: &Input<'_>) -> Result<()> {
    let limit = u64::from(input.limits.objects);
    let mut objects = find_all(input.bytes, b" obj").count() as u64;
    for at in find_all(input.bytes, b"/ObjStm") {
        let dictionary = &input.bytes[around(input.bytes, at)];
        let stated = number_after(dictionary, b"/N").unwrap_or(0);
        objects = objects.saturating_add(u64::try_from(stated).unwrap_or(u64::MAX));
    }
    if objects > limit { Err(too_many("objects", objects, limit, input)) } else { Ok(()) }
}

/// An error for objects that are nested too deep, in the file or in its object streams, and for
/// object streams that unpack to more than `unpdf` can hold.
fn check_nesting(input: &Input<'_>) -> Result<()> {
    let too_deep = || input.damaged("its objects are nested too deep");
    if nesting::is_file_too_deep(input.bytes) {
        return Err(too_deep());
    }
    let mut unpacked = 0;
    for at in find_all(input.bytes, b"/ObjStm") {
        let start = around(input.bytes, at).start + b" obj".len();
        let Ok((PdfObject::Stream(objects), _)) = parse_object(input.bytes, start) else {
            continue;
        };
        // What is encrypted cannot be unpacked yet.
        let Ok(objects) = stream::decompress(&objects) else { continue };
        unpacked += objects.len() as u64;
        if unpacked > MAX_UNPACKED_BYTES {
            return Err(too_many("bytes of objects", unpacked, MAX_UNPACKED_BYTES, input));
        }
        if nesting::is_too_deep(&objects, |_| true) {
            return Err(too_deep());
        }
    }
    Ok(())
}

/// The place of `/W` in a dictionary whose widths no reader can use, or whose index is negative.
fn impossible_widths(dictionary: &[u8]) -> Option<usize> {
    let at = find_all(dictionary, b"/W").find(|&at| {
        let after = dictionary[at + 2..].iter().find(|byte| !byte.is_ascii_whitespace());
        after == Some(&b'[')
    })?;
    let widths = numbers_after(&dictionary[at + 2..]);
    let index =
        find_all(dictionary, b"/Index").next().map(|at| numbers_after(&dictionary[at + 6..]));
    let is_width = |width: &i64| (0..=MAX_FIELD_BYTES).contains(width);
    let is_index = |number: &i64| (0..=i64::from(u32::MAX)).contains(number);
    let is_possible = widths.len() >= 3
        && widths.iter().all(is_width)
        && widths.iter().sum::<i64>() > 0
        && index.is_none_or(|index| index.iter().all(is_index));
    (!is_possible).then_some(at)
}

/// The numbers of the array that begins in these bytes.
fn numbers_after(bytes: &[u8]) -> Vec<i64> {
    let array = bytes.iter().position(|&byte| byte == b'[').map(|at| &bytes[at + 1..]);
    let array = array.unwrap_or_default();
    let array = &array[..array.iter().position(|&byte| byte == b']').unwrap_or(array.len())];
    let text = String::from_utf8_lossy(array);
    // What is no whole number is as impossible as a negative one.
    text.split_ascii_whitespace().map(|number| number.parse().unwrap_or(-1)).collect()
}

/// The whole number after a name.
fn number_after(dictionary: &[u8], name: &[u8]) -> Option<i64> {
    let digits = |at: usize| {
        let rest = &dictionary[at + name.len()..];
        let text = String::from_utf8_lossy(&rest[..rest.len().min(24)]).into_owned();
        let text = text.trim_start();
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        (end > 0).then(|| text[..end].parse().unwrap_or(i64::MAX))
    };
    find_all(dictionary, name).find_map(digits)
}

/// The bytes around a name that its dictionary is in.
fn around(bytes: &[u8], at: usize) -> Range<usize> {
    let start = at.saturating_sub(DICTIONARY_BYTES);
    let start =
        bytes[start..at].windows(4).rposition(|w| w == b" obj").map_or(start, |o| start + o);
    let end = bytes.len().min(at + DICTIONARY_BYTES);
    let end = bytes[at..end].windows(6).position(|w| w == b"stream").map_or(end, |o| at + o);
    start..end
}

fn find_all<'a>(bytes: &'a [u8], what: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let mut from = 0;
    std::iter::from_fn(move || {
        let found = find(&bytes[from..], what)? + from;
        from = found + what.len();
        Some(found)
    })
}

/// The first place of `what`: its first byte is looked for first.
pub(super) fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|&byte| byte == what[0]) {
        if bytes[from + at..].starts_with(what) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}
