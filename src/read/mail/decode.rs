//! The bodies of parts: bytes as they are sent -> bytes of the file, or text.

use std::borrow::Cow;

use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode_char;

use super::parts::Part;

/// The bytes of a part. What is encoded wrongly is kept as it stands.
pub(super) fn bytes<'a>(part: &Part<'a>) -> Cow<'a, [u8]> {
    match part.headers.transfer_encoding().as_deref() {
        Some("base64") => base64(part.body).into(),
        Some("quoted-printable") => quoted_printable(part.body).into(),
        _ => part.body.into(),
    }
}

/// The text of a part.
pub(super) fn text(part: &Part<'_>) -> String {
    decoded(&bytes(part), part.headers.parameter("charset"))
}

fn base64(body: &[u8]) -> Vec<u8> {
    base64_decode(body).unwrap_or_else(|| {
        let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        let digits: Vec<u8> = body.iter().copied().filter(is_digit).collect();
        base64_decode(&digits).unwrap_or_default()
    })
}

/// Decodes quoted-printable as mail programs do: an `=` that encodes nothing stands for itself.
pub(crate) fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|&byte| byte == b'\n') {
        let visible = line.trim_ascii_end();
        let (content, line_end) = match visible.strip_suffix(b"=") {
            Some(content) => (content, &b""[..]),
            None => (visible, &line[line.trim_ascii_end().len()..]),
        };
        let mut rest = content;
        while let Some(at) = rest.iter().position(|&byte| byte == b'=') {
            decoded.extend_from_slice(&rest[..at]);
            let digits = rest.get(at + 1).zip(rest.get(at + 2));
            match digits.and_then(|(&one, &two)| quoted_printable_decode_char(one, two)) {
                Some(byte) => {
                    decoded.push(byte);
                    rest = &rest[at + 3..];
                }
                None => {
                    decoded.push(b'=');
                    rest = &rest[at + 1..];
                }
            }
        }
        decoded.extend_from_slice(rest);
        decoded.extend(line_end.iter().filter(|byte| matches!(byte, b'\r' | b'\n')));
    }
    decoded
}

/// Decodes text whose declared encoding may be wrong or missing. Text of another encoding is
/// hardly ever valid UTF-8, so that one is believed first where it could be meant.
fn decoded(bytes: &[u8], label: Option<&str>) -> String {
    let declared = label.and_then(|label| Encoding::for_label(label.trim().as_bytes()));
    if let Some(encoding) = declared.filter(|encoding| !is_alphabetic(encoding)) {
        return encoding.decode(bytes).0.into_owned();
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && (declared.is_some() || label.is_none() || !text.is_ascii())
    {
        return text.to_owned();
    }
    let other = label.filter(|_| declared.is_none());
    if let Some(decode) = other.and_then(|label| charset_decoder(label.trim().as_bytes())) {
        return decode(bytes);
    }
    let encoding = declared.filter(|&encoding| encoding != UTF_8).unwrap_or(WINDOWS_1252);
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// Whether an encoding writes ASCII as such, and its other letters as one byte each, or is UTF-8.
fn is_alphabetic(encoding: &'static Encoding) -> bool {
    let is_of_two_bytes = [UTF_16LE, UTF_16BE, ISO_2022_JP].contains(&encoding);
    !is_of_two_bytes && (encoding == UTF_8 || encoding.is_single_byte())
}
