//! How deep arrays and dictionaries are nested. `unpdf` reads them by recursion, without a limit.

/// How deep they may be nested: no program writes more than a dozen levels.
const MAX_DEPTH: usize = 200;

/// Whether arrays and dictionaries are nested too deep in objects or in the content of a page.
/// Strings and the data of streams and of inline images do not count.
pub(super) fn is_too_deep(bytes: &[u8]) -> bool {
    let (mut depth, mut headers, mut at) = (0_usize, 0_usize, 0_usize);
    while at < bytes.len() {
        let rest = &bytes[at..];
        if !rest[0].is_ascii_whitespace() && !rest[0].is_ascii_digit() && rest[0] != b'o' {
            headers = 0;
        }
        at += match rest[0] {
            b'%' => len_to(rest, b"\n"),
            b'(' => string_len(rest),
            b'<' if rest.get(1) != Some(&b'<') => len_to(rest, b">"),
            b'[' => open(&mut depth, 1),
            b'<' => open(&mut depth, 2),
            b']' => close(&mut depth, 1),
            b'>' if rest.get(1) == Some(&b'>') => close(&mut depth, 2),
            b'o' if rest.starts_with(b"obj") => {
                // "1 0 obj 1 0 obj": an object in an object.
                (depth, headers) = (0, headers + 1);
                3
            }
            b's' if is_data(rest, b"stream") => len_to(rest, b"endstream"),
            b'I' if is_data(rest, b"ID") => len_to(rest, b"EI"),
            _ => 1,
        };
        if depth.max(headers) > MAX_DEPTH {
            return true;
        }
    }
    false
}

fn open(depth: &mut usize, len: usize) -> usize {
    *depth += 1;
    len
}

fn close(depth: &mut usize, len: usize) -> usize {
    *depth = depth.saturating_sub(1);
    len
}

/// Whether data follows this keyword.
fn is_data(rest: &[u8], keyword: &[u8]) -> bool {
    rest.starts_with(keyword) && rest.get(keyword.len()).is_some_and(u8::is_ascii_whitespace)
}

/// The bytes to the end of `end`.
fn len_to(rest: &[u8], end: &[u8]) -> usize {
    let found = super::precheck::find(&rest[1..], end);
    found.map_or(rest.len(), |found| 1 + found + end.len())
}

/// The length of the string in parentheses that begins here.
fn string_len(rest: &[u8]) -> usize {
    let (mut open, mut at) = (0_usize, 0_usize);
    while let Some(&byte) = rest.get(at) {
        match byte {
            b'\\' => at += 1,
            b'(' => open += 1,
            b')' if open == 1 => return at + 1,
            b')' => open -= 1,
            _ => {}
        }
        at += 1;
    }
    // It does not end: what follows may be anything.
    1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn only_arrays_and_dictionaries_count() {
        for (open, close) in
            [("[", "]"), ("<<", ">>"), ("[(a \\) text) ", "]"), ("<</A", ">>"), ("1 0 obj ", "")]
        {
            assert!(is_too_deep((open.repeat(300) + &close.repeat(300)).as_bytes()), "{open}");
            assert!(!is_too_deep((open.repeat(99) + &close.repeat(99)).as_bytes()), "{open}");
            assert!(!is_too_deep(format!("{open}{close};").repeat(300).as_bytes()), "{open}");
        }
        for data in ["([[[[[[[[)", "stream\n[[[[[[[[endstream", "ID [[[[[[[[ EI", "<5b5b>"] {
            assert!(!is_too_deep(data.repeat(200).as_bytes()), "{data}");
        }
    }
}
