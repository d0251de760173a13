//! Bytes -> text, strictly: an invalid byte is an error and never becomes U+FFFD.

use std::borrow::Cow;

use encoding_rs::{
    DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED,
};

/// The bytes at the beginning in which HTML must declare its encoding.
const META_BYTES: usize = 1024;
/// The bytes by which UTF-16 without a byte order mark is recognized.
const UTF16_SAMPLE_BYTES: usize = 1024;

/// Decodes by the byte order mark, otherwise by `charset`, otherwise as obvious UTF-16,
/// otherwise by the declaration of XML, otherwise by the `<meta>` of HTML if `is_html`, otherwise
/// as UTF-8.
///
/// `Err` is the offset of the first invalid byte; a NUL is always invalid.
pub(super) fn decode(bytes: &[u8], charset: Option<&str>, is_html: bool) -> Result<String, usize> {
    let (encoding, mark) = match Encoding::for_bom(bytes) {
        Some(found) => found,
        None => (without_mark(bytes, charset, is_html), 0),
    };
    if let Some(at) = nul(&bytes[mark..], encoding) {
        // An invalid byte before the NUL is reported instead.
        let first = decode_as(encoding, bytes, mark).err().unwrap_or(usize::MAX);
        return Err(first.min(mark + at));
    }
    decode_as(encoding, bytes, mark)
}

/// Decodes like [`decode`] for text other than HTML, but replaces invalid bytes. Only for
/// recognizing a format.
pub(super) fn decode_lossy<'a>(bytes: &'a [u8], charset: Option<&str>) -> Cow<'a, str> {
    match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => encoding.decode_without_bom_handling(&bytes[mark..]).0,
        None => without_mark(bytes, charset, false).decode_without_bom_handling(bytes).0,
    }
}

fn decode_as(encoding: &'static Encoding, bytes: &[u8], mark: usize) -> Result<String, usize> {
    let input = &bytes[mark..];
    if encoding == UTF_8 {
        let wrong = |error: std::str::Utf8Error| mark + error.valid_up_to();
        return std::str::from_utf8(input).map(str::to_owned).map_err(wrong);
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(input.len()).ok_or(mark)?;
    let mut text = String::with_capacity(room);
    match decoder.decode_to_string_without_replacement(input, &mut text, true) {
        (DecoderResult::InputEmpty, _) => {
            text.shrink_to_fit();
            Ok(text)
        }
        (DecoderResult::Malformed(wrong, after), read) => {
            Err(mark + read.saturating_sub(usize::from(wrong) + usize::from(after)))
        }
        // Impossible: the buffer is as long as the longest output.
        (DecoderResult::OutputFull, read) => Err(mark + read),
    }
}

fn without_mark(bytes: &[u8], charset: Option<&str>, is_html: bool) -> &'static Encoding {
    if let Some(encoding) = charset.and_then(|label| Encoding::for_label(label.as_bytes())) {
        return encoding;
    }
    if let Some(encoding) = obvious_utf16(bytes) {
        return encoding;
    }
    let declared = xml_encoding(bytes).or_else(|| is_html.then(|| meta_charset(bytes)).flatten());
    declared.unwrap_or(UTF_8)
}

/// The encoding that a declaration of XML states at the beginning.
fn xml_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(META_BYTES)];
    let declaration = &head[..find(head, b"?>").filter(|_| head.starts_with(b"<?xml"))?];
    let value = declaration[find(declaration, b"encoding")? + 8..].trim_ascii_start();
    let value = value.strip_prefix(b"=")?.trim_ascii_start();
    let quote = *value.first().filter(|quote| matches!(quote, b'"' | b'\''))?;
    let label = value[1..].split(|&byte| byte == quote).next()?;
    // As the declaration could be read, it is not in UTF-16.
    Encoding::for_label(label).filter(|found| *found != UTF_16LE && *found != UTF_16BE)
}

/// Every second byte of mostly Latin text in UTF-16 is NUL. Text in UTF-8 has no NUL.
fn obvious_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(UTF16_SAMPLE_BYTES) & !1];
    let pairs = sample.len() / 2;
    let nuls = |parity| sample.iter().skip(parity).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (nuls(0), nuls(1));
    let many = |count: usize| pairs >= 2 && count * 10 >= pairs * 7;
    // The other byte of letters such as U+0100 is NUL too.
    let few = |count: usize| count * 10 <= pairs;
    if many(odd) && few(even) {
        Some(UTF_16LE)
    } else if many(even) && few(odd) {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// The encoding that a `<meta charset>` or `<meta http-equiv>` near the beginning declares.
/// As in browsers, a declared UTF-16 means UTF-8: the declaration itself is not in UTF-16.
fn meta_charset(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes[..bytes.len().min(META_BYTES)].to_ascii_lowercase();
    let mut rest = head.as_slice();
    while let Some(at) = find(rest, b"<meta") {
        rest = &rest[at + 5..];
        let tag = &rest[..find(rest, b">").unwrap_or(rest.len())];
        let label = find(tag, b"charset").and_then(|at| {
            let value = tag[at + 7..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
            let value = value.strip_prefix(b"\"").or(value.strip_prefix(b"'")).unwrap_or(value);
            let end = value.iter().position(|&byte| {
                !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'.'))
            });
            Some(&value[..end.unwrap_or(value.len())])
        });
        if let Some(encoding) = label.and_then(Encoding::for_label) {
            return Some(match encoding {
                utf16 if utf16 == UTF_16LE || utf16 == UTF_16BE => UTF_8,
                user if user == X_USER_DEFINED => WINDOWS_1252,
                other => other,
            });
        }
    }
    None
}

/// Offset of the first NUL character.
fn nul(bytes: &[u8], encoding: &'static Encoding) -> Option<usize> {
    if encoding == UTF_16LE || encoding == UTF_16BE {
        bytes.chunks_exact(2).position(|unit| unit == [0, 0]).map(|unit| unit * 2)
    } else {
        bytes.iter().position(|&byte| byte == 0)
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
