//! The encoding of a text that declares none and is not UTF-8, by its letters.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP};

use super::{CHARACTERS_PER_INVALID, Decoded, with_source};

/// The bytes by which an encoding is told, from shortly before the first one beyond ASCII.
const SAMPLE_BYTES: usize = 1 << 20;
const CONTEXT_BYTES: usize = 64;

/// ISO-2022-JP, whose letters are ASCII between escapes.
pub(super) fn escaped(input: &[u8]) -> Option<&'static Encoding> {
    // Most texts have no escape, and a byte is found more quickly.
    let first = input
        .contains(&0x1b)
        .then(|| input.windows(3))?
        .position(|window| matches!(window, b"\x1b$B" | b"\x1b$@"))?;
    Some(guess(&input[first..], Iso2022JpDetection::Allow)).filter(|found| *found == ISO_2022_JP)
}

/// The text in the encoding that it shows; none for bytes that are no text.
pub(super) fn decode(input: &[u8]) -> Option<Decoded> {
    let first = input.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
    let encoding = guess(&input[first.saturating_sub(CONTEXT_BYTES)..], Iso2022JpDetection::Deny);
    Some(with_source(encoding, input, true)).filter(|decoded| is_text(&decoded.text))
}

fn guess(sample: &[u8], iso_2022_jp: Iso2022JpDetection) -> &'static Encoding {
    let mut detector = EncodingDetector::new(iso_2022_jp);
    let bytes = &sample[..sample.len().min(SAMPLE_BYTES)];
    detector.feed(bytes, bytes.len() == sample.len());
    detector.guess(None, Utf8Detection::Deny)
}

/// Whether a text has words, and hardly any characters that no text has.
fn is_text(text: &str) -> bool {
    let (mut all, mut words, mut unseen) = (0, 0, 0);
    for character in text.chars() {
        all += 1;
        words += usize::from(character.is_alphanumeric() || character.is_whitespace());
        unseen += usize::from(is_unseen(character));
    }
    unseen * CHARACTERS_PER_INVALID <= all && words * 3 >= all * 2
}

fn is_unseen(character: char) -> bool {
    let is_white = matches!(character, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}');
    character == '\u{fffd}' || (character.is_control() && !is_white)
}
