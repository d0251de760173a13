//! How deep quotes and lists of Markdown are nested.

use std::borrow::Cow;

/// The most bytes of indentation and of markers of quotes and lists that are kept at the
/// start of a line: far more than text needs. This limits the nesting, as the parser takes
/// time proportional to nesting times lines.
const MAX_LINE_PREFIX_BYTES: usize = 256;

/// The text with the prefixes of its lines cut to `MAX_LINE_PREFIX_BYTES`.
pub(super) fn limit_nesting(text: &str) -> Cow<'_, str> {
    let excess = |line: &str| prefix_length(line).saturating_sub(MAX_LINE_PREFIX_BYTES);
    if text.lines().all(|line| excess(line) == 0) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split_inclusive('\n').map(|line| &line[excess(line)..]).collect())
}

/// Bytes of indentation and of markers of quotes and lists at the start of `line`.
fn prefix_length(line: &str) -> usize {
    let bytes = line.as_bytes();
    let mut end = 0;
    loop {
        let digits = bytes[end..].iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
        match bytes.get(end + digits) {
            Some(b'.' | b')') if (1..10).contains(&digits) => end += digits + 1,
            Some(b' ' | b'\t' | b'>' | b'*' | b'+' | b'-') if digits == 0 => end += 1,
            _ => return end,
        }
    }
}
