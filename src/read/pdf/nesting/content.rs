//! How deep arrays are nested in the content of a page, which `unpdf` reads in its own way: it
//! begins at the first byte, knows no dictionaries, and comments only outside of arrays.

use super::{MAX_DEPTH, is_delimiter, is_too_deep, is_white_space};

/// Whether arrays are nested too deep in content, or objects in its inline images.
pub(in crate::read::pdf) fn is_content_too_deep(content: &[u8]) -> bool {
    let (mut depth, mut at) = (0_u16, 0_usize);
    while at < content.len() {
        let rest = &content[at..];
        at += match rest[0] {
            b'[' => {
                depth += 1;
                1
            }
            b']' => {
                depth = depth.saturating_sub(1);
                1
            }
            b'%' if depth == 0 => len_before(rest, |byte| matches!(byte, b'\r' | b'\n')),
            b'(' => string_len(rest),
            b'<' if rest.get(1).is_some_and(|&byte| byte != b'<') => {
                len_before(rest, |byte| byte == b'>')
            }
            b'/' => name_len(rest),
            byte if byte.is_ascii_alphabetic() => {
                let word = len_before(rest, |byte| !byte.is_ascii_alphanumeric());
                let is_image =
                    depth == 0 && rest[..word] == *b"BI" && rest.get(word) != Some(&b'*');
                let image = if is_image { image_len(&rest[word..]) } else { 0 };
                if is_too_deep(&rest[word..word + image], |at| at == 0) {
                    return true;
                }
                word + image
            }
            _ => 1,
        };
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
}

/// The bytes before the first that `ends`; all where none does.
fn len_before(rest: &[u8], ends: impl Fn(u8) -> bool) -> usize {
    rest.iter().position(|&byte| ends(byte)).unwrap_or(rest.len())
}

/// The length of a string. One that does not end goes on to the end of the content.
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
    rest.len()
}

/// The length of a name. `#` takes two bytes, whatever they are.
fn name_len(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() && !is_white_space(rest[at]) && !is_delimiter(rest[at]) {
        at += if rest[at] == b'#' && at + 2 < rest.len() { 3 } else { 1 };
    }
    at
}

/// The length of an inline image after "BI": up to an `EI` between white space, after an `ID`.
fn image_len(rest: &[u8]) -> usize {
    let begins = |at: usize, keyword: &[u8], before: &[u8]| {
        let is_after = |byte: &u8| is_white_space(*byte) || before.contains(byte);
        rest[at..].starts_with(keyword) && at > 0 && is_after(&rest[at - 1])
    };
    let ends = |at: usize, delimits: bool| {
        let is_end = |byte: &u8| is_white_space(*byte) || (delimits && is_delimiter(*byte));
        rest.get(at + 2).is_none_or(is_end)
    };
    let data = (0..rest.len()).find(|&at| begins(at, b"ID", b">])") && ends(at, false));
    let Some(data) = data.map(|at| at + 2) else { return rest.len() };
    let end = (data..rest.len()).find(|&at| begins(at, b"EI", b"") && ends(at, true));
    end.map_or(rest.len(), |at| at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn arrays_count_but_not_what_is_in_strings_comments_and_images() {
        let nested = "[".repeat(300);
        for before in
            ["", "(a \\) text) ", "% comment\r", "BI /A ", "/BI ", "[%", "[/ID ", "/stream "]
        {
            assert!(is_content_too_deep(format!("{before}{nested}").as_bytes()), "{before}");
        }
        for before in ["(", "% ", "<", "BI ID ;", "<</A "] {
            assert!(!is_content_too_deep(format!("{before}{nested}").as_bytes()), "{before}");
        }
        let image = "BI /W 9 /D [0 1] ID [[[[\u{e9}[[ EI Q\n";
        assert!(!is_content_too_deep(image.repeat(300).as_bytes()));
        assert!(!is_content_too_deep("[(A) -5 [1 2]] TJ ".repeat(300).as_bytes()));
    }

    #[test]
    fn what_never_ends_is_read_once() {
        for open in ["(", "BI ", "<", "BI ID "] {
            assert!(!is_content_too_deep(open.repeat(1 << 20).as_bytes()), "{open}");
        }
    }
}
