//! Character references of HTML.

use std::borrow::Cow;

use html_escape::NAMED_ENTITIES;

/// Bytes of the longest name, "CounterClockwiseContourIntegral".
const MAX_NAME_BYTES: usize = 31;

/// What Windows put where Latin-1 has control characters: as in browsers, a
/// number in 128..160 means these. Those that Windows left out stay as they are.
const WINDOWS_1252: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// The text with its character references replaced. An unknown one stays as it
/// is. Takes time linear in the text.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        let reference = &rest[at + 1..];
        let taken = match reference.strip_prefix('#') {
            Some(number) => numeric(number, &mut decoded).map(|taken| taken + 1),
            None => named(reference, &mut decoded),
        };
        if taken.is_none() {
            decoded.push('&');
        }
        rest = &reference[taken.unwrap_or(0)..];
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

/// Appends the character that `number` begins with ("233;", "xe9;") and returns
/// the bytes taken.
fn numeric(number: &str, decoded: &mut String) -> Option<usize> {
    let hexadecimal = number.starts_with(['x', 'X']);
    let digits = &number[usize::from(hexadecimal)..];
    let radix = if hexadecimal { 16 } else { 10 };
    let count = digits.bytes().take_while(|&byte| (byte as char).is_digit(radix)).count();
    if count == 0 {
        return None;
    }
    let value = u32::from_str_radix(digits[..count].trim_start_matches('0'), radix);
    decoded.push(match value {
        Ok(value @ 0x80..0xa0) => {
            WINDOWS_1252.chars().nth(value as usize - 0x80).unwrap_or('\u{fffd}')
        }
        Ok(value) => char::from_u32(value).filter(|&c| c != '\0').unwrap_or('\u{fffd}'),
        Err(_) => '\u{fffd}',
    });
    let end = usize::from(hexadecimal) + count;
    Some(end + usize::from(number[end..].starts_with(';')))
}

fn named(reference: &str, decoded: &mut String) -> Option<usize> {
    let bytes = reference.as_bytes();
    let count =
        bytes.iter().take(MAX_NAME_BYTES + 1).take_while(|b| b.is_ascii_alphanumeric()).count();
    if count == 0 {
        return None;
    }
    let index = NAMED_ENTITIES.binary_search_by(|(name, _)| (*name).cmp(&bytes[..count])).ok()?;
    let value = NAMED_ENTITIES[index].1;
    let closed = bytes.get(count) == Some(&b';');
    // Only names of Latin-1 characters may go without a semicolon.
    let mut characters = value.chars();
    let latin = characters.next().is_some_and(|c| c <= '\u{ff}') && characters.next().is_none();
    (closed || latin).then(|| {
        decoded.push_str(value);
        count + usize::from(closed)
    })
}
