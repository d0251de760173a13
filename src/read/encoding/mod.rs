//! Bytes -> text: in the encoding that a file declares, else UTF-8, else the one that it shows.
//!
//! A few invalid bytes become U+FFFD, and are counted. A file that is no text is an error.

mod declared;
mod detected;

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// A text may have one invalid place, and one for each so many of its characters.
const CHARACTERS_PER_INVALID: usize = 50;
/// A text is UTF-8 with faults if it has so many valid characters beyond ASCII for each fault.
const VALID_PER_INVALID: usize = 4;

/// A text, and how it was decoded.
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) source: TextSource,
}

/// How a text was decoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct TextSource {
    pub(super) encoding: &'static Encoding,
    /// Whether neither the file nor its media type states the encoding, and it is not UTF-8.
    pub(super) is_guessed: bool,
    /// How many invalid places became U+FFFD.
    pub(super) replaced: usize,
    /// The line of the first one.
    pub(super) first_line: usize,
}

impl TextSource {
    /// The encoding, if it is not UTF-8.
    pub(super) fn name(&self) -> Option<&'static str> {
        Some(self.encoding.name()).filter(|_| self.encoding != UTF_8)
    }

    /// What a person should know of it: a sentence.
    pub(super) fn warning(&self) -> Option<String> {
        let name = self.encoding.name();
        let guess = format!("The text does not state its encoding, and was read as {name}.");
        let (count, line) = (self.replaced, self.first_line);
        let faults = match count {
            0 => return self.is_guessed.then_some(guess),
            1 => format!("A character on line {line} is not valid {name}, and was replaced by �."),
            _ => format!(
                "{count} characters, the first on line {line}, are not valid {name}, and were replaced by �."
            ),
        };
        Some(if self.is_guessed { format!("{guess} {faults}") } else { faults })
    }
}

/// Decodes by the byte order mark, otherwise by `charset`, otherwise as obvious UTF-16,
/// otherwise by the declaration of XML, otherwise by the `<meta>` of HTML if `is_html`, otherwise
/// as UTF-8, otherwise in the encoding that the bytes show. A declaration that is wrong does not
/// count.
///
/// `Err` is the offset of the first invalid byte; a NUL is always invalid.
pub(super) fn decode(bytes: &[u8], charset: Option<&str>, is_html: bool) -> Result<Decoded, usize> {
    let marked = Encoding::for_bom(bytes);
    let (declared, mark) = match marked {
        Some((encoding, mark)) => (Some(encoding), mark),
        None => (declared::encoding(bytes, charset, is_html), 0),
    };
    let input = &bytes[mark..];
    if let Some(at) = nul(input, declared.unwrap_or(UTF_8)) {
        // An invalid byte before the NUL is reported instead.
        return Err(mark + first_invalid(input, declared).map_or(at, |first| first.min(at)));
    }
    let decoded = declared.and_then(|encoding| decode_as(encoding, input, false));
    let decoded = match (decoded, marked) {
        (None, None) => undeclared(input),
        (decoded, _) => decoded,
    };
    decoded.ok_or_else(|| mark + first_invalid(input, declared).unwrap_or(0))
}

/// Decodes like [`decode`] for text other than HTML, but replaces invalid bytes. Only for
/// recognizing a format.
pub(super) fn decode_lossy<'a>(bytes: &'a [u8], charset: Option<&str>) -> Cow<'a, str> {
    let (encoding, mark) = Encoding::for_bom(bytes)
        .unwrap_or_else(|| (declared::encoding(bytes, charset, false).unwrap_or(UTF_8), 0));
    encoding.decode_without_bom_handling(&bytes[mark..]).0
}

/// Text without a declaration that holds.
fn undeclared(input: &[u8]) -> Option<Decoded> {
    if let Some(encoding) = detected::escaped(input) {
        return decode_as(encoding, input, true);
    }
    if std::str::from_utf8(input).is_ok() {
        return Some(with_source(UTF_8, input, false));
    }
    let (mut valid, mut invalid) = (0, 0);
    for chunk in input.utf8_chunks() {
        // Each character beyond ASCII has one byte that begins it.
        valid += chunk.valid().bytes().filter(|byte| *byte >= 0xc0).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    if valid >= invalid * VALID_PER_INVALID {
        return Some(with_source(UTF_8, input, false));
    }
    detected::decode(input)
}

/// The text, if nearly all of it is valid.
fn decode_as(encoding: &'static Encoding, input: &[u8], is_guessed: bool) -> Option<Decoded> {
    let decoded = with_source(encoding, input, is_guessed);
    let most = 1.max(input.len() / CHARACTERS_PER_INVALID);
    (decoded.source.replaced <= most).then_some(decoded)
}

fn with_source(encoding: &'static Encoding, input: &[u8], is_guessed: bool) -> Decoded {
    let (text, is_faulty) = encoding.decode_without_bom_handling(input);
    let text = text.into_owned();
    let (mut replaced, mut first_line) = (0, 1);
    if is_faulty {
        replaced = text.matches('\u{fffd}').count();
        first_line += text.split('\u{fffd}').next().unwrap_or("").matches('\n').count();
    }
    Decoded { text, source: TextSource { encoding, is_guessed, replaced, first_line } }
}

/// Offset of the first byte that is invalid in the declared encoding, or else in UTF-8.
fn first_invalid(input: &[u8], declared: Option<&'static Encoding>) -> Option<usize> {
    let encoding = declared.unwrap_or(UTF_8);
    if encoding == UTF_8 {
        return std::str::from_utf8(input).err().map(|error| error.valid_up_to());
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(input.len())?;
    let mut text = String::with_capacity(room);
    match decoder.decode_to_string_without_replacement(input, &mut text, true) {
        (encoding_rs::DecoderResult::Malformed(wrong, after), read) => {
            Some(read.saturating_sub(usize::from(wrong) + usize::from(after)))
        }
        _ => None,
    }
}

/// Offset of the first NUL character.
fn nul(bytes: &[u8], encoding: &'static Encoding) -> Option<usize> {
    if encoding == UTF_16LE || encoding == UTF_16BE {
        bytes.chunks_exact(2).position(|unit| unit == [0, 0]).map(|unit| unit * 2)
    } else {
        bytes.contains(&0).then(|| bytes.iter().position(|&byte| byte == 0))?
    }
}
