//! The encoding that a file or its media type declares.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// The bytes at the beginning in which HTML must declare its encoding.
const META_BYTES: usize = 1024;
/// The bytes by which UTF-16 without a byte order mark is recognized.
const UTF16_SAMPLE_BYTES: usize = 1024;

/// The encoding of a file without a byte order mark, where it is stated or obvious.
pub(super) fn encoding(
    bytes: &[u8],
    charset: Option<&str>,
    is_html: bool,
) -> Option<&'static Encoding> {
    charset
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .or_else(|| obvious_utf16(bytes))
        .or_else(|| xml_encoding(bytes))
        .or_else(|| is_html.then(|| meta_charset(bytes)).flatten())
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

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
