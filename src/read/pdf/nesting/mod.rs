//! How deep objects are nested. `unpdf` reads them by recursion, without a limit.

mod content;

pub(super) use content::is_content_too_deep;

/// How deep they may be nested: no program writes more than a dozen levels.
const MAX_DEPTH: u16 = 200;
/// How many parentheses may be open at once.
const MAX_OPEN_STRINGS: usize = 1 << 20;
/// Bytes in which a name before a number is looked for.
const MAX_NAME_BYTES: usize = 40;

/// Whether objects of a file are nested too deep.
///
/// A table of the file may say that an object begins anywhere: in a string, in a stream, in a
/// comment. So all readers are followed at once that begin after "obj" or "trailer", or where
/// a number of the file may point, in one pass. What a reader finds by other numbers, in a table
/// that is compressed, is not seen where the file has no catalog that is found without it.
pub(super) fn is_file_too_deep(bytes: &[u8]) -> bool {
    let mut begins = vec![0_u8; bytes.len() / 8 + 1];
    let mut from = 0;
    while let Some(digits) = bytes[from..].iter().position(u8::is_ascii_digit) {
        let start = from + digits;
        let len = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        from = start + len;
        let number = str::from_utf8(&bytes[start..from]).ok();
        let number = number.and_then(|digits| digits.parse::<usize>().ok());
        if let Some(at) = number.filter(|&at| at < bytes.len() && !is_named(&bytes[..start])) {
            begins[at / 8] |= 1 << (at % 8);
        }
    }
    is_too_deep(bytes, |at| begins[at / 8] & (1 << (at % 8)) != 0)
}

/// Whether a number follows that is the value of a name which says no place in the file: a
/// length, a width.
fn is_named(before: &[u8]) -> bool {
    let before = &before[before.len().saturating_sub(MAX_NAME_BYTES)..];
    let before = before.trim_ascii_end();
    let name = before.iter().rposition(|&byte| is_white_space(byte) || is_delimiter(byte));
    name.is_some_and(|at| {
        before[at] == b'/' && before[at + 1..] != *b"Prev" && !before[at..].contains(&b'#')
    })
}

/// Whether objects are nested too deep that begin at any byte where `begins`.
pub(super) fn is_too_deep(bytes: &[u8], begins: impl Fn(usize) -> bool) -> bool {
    let mut readers = Readers::default();
    (0..bytes.len()).any(|at| {
        if begins(at) {
            readers.token = readers.token.max(Some(Level::default()));
        }
        readers.read(bytes, at);
        readers.token.is_some_and(|level| level.depth > MAX_DEPTH)
            || readers.strings.len() > MAX_OPEN_STRINGS
    })
}

/// How deep the deepest reader is that is in each state.
#[derive(Default)]
struct Readers {
    /// Between tokens, in a number or in a keyword.
    token: Option<Level>,
    /// After the next byte: what reads `<<` or `>>`.
    pair: Option<Level>,
    name: Option<Level>,
    hex: Option<Level>,
    comment: Option<Level>,
    /// In a stream's data, which may end at any `endstream`: its stated length decides.
    data: Option<Level>,
    /// In strings. The last is one that the next `)` ends.
    strings: Vec<Option<u16>>,
    /// Whether a string's character is after a backslash.
    is_escaped: bool,
    /// Whether an object began in another one.
    has_inner_object: bool,
}

/// Open arrays, dictionaries, and objects within those, and whether an object has just begun.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Level {
    depth: u16,
    is_after_header: bool,
}

impl Level {
    fn at(depth: u16) -> Self {
        Self { depth, is_after_header: false }
    }

    fn deeper(self) -> Self {
        Self::at(self.depth + 1)
    }

    fn less_deep(self) -> Self {
        Self::at(self.depth.saturating_sub(1))
    }
}

impl Readers {
    fn read(&mut self, bytes: &[u8], at: usize) {
        let (byte, rest, read) = (bytes[at], &bytes[at..], &bytes[..=at]);
        let mut next = self.pair.take();
        if is_white_space(byte) || is_delimiter(byte) {
            self.token = self.token.max(self.name.take());
        }
        let token = self.token.take();
        let value = token.map(|level| Level::at(level.depth));
        next = next.max(self.read_string(byte, value.map(|level| level.depth)));
        next = next.max(match byte {
            b'>' => self.hex.take(),
            b'\r' | b'\n' => self.comment.take(),
            b'm' if read.ends_with(b"endstream") => self.data,
            b'r' if read.ends_with(b"trailer") => Some(Level::default()),
            _ => None,
        });
        if !byte.is_ascii_hexdigit() && !is_white_space(byte) {
            self.hex = None;
        }
        match byte {
            b'/' => self.name = self.name.max(value),
            b'%' => self.comment = self.comment.max(token),
            b'[' => next = next.max(value.map(Level::deeper)),
            b']' => next = next.max(value.map(Level::less_deep)),
            b'<' if rest.starts_with(b"<<") => self.pair = value.map(Level::deeper),
            b'<' => self.hex = self.hex.max(value),
            b'>' if rest.starts_with(b">>") => self.pair = value.map(Level::less_deep),
            b'e' if rest.starts_with(b"endstream") => {}
            b's' if rest.starts_with(b"stream") => self.data = self.data.max(value),
            b'e' if rest.starts_with(b"endobj") => next = next.max(self.end_object(value)),
            b'o' if rest.starts_with(b"obj") && !read.ends_with(b"do") => {
                next = next.max(Some(self.begin_object(token.unwrap_or_default())));
            }
            // Numbers, and the rest of "obj".
            b'0'..=b'9' | b'+' | b'-' | b'.' | b'b' | b'j' => next = next.max(token),
            // Letters of true, false, null, R, endobj: any other byte ends a reader.
            b't' | b'r' | b'u' | b'e' | b'f' | b'a' | b'l' | b's' | b'n' | b'R' | b'd' | b'o' => {
                next = next.max(value);
            }
            _ if is_white_space(byte) => next = next.max(token),
            _ => {}
        }
        self.token = next;
    }

    /// Follows strings. Returns the depth of those that end here.
    fn read_string(&mut self, byte: u8, depth: Option<u16>) -> Option<Level> {
        let is_escaped = std::mem::take(&mut self.is_escaped);
        match (byte, self.strings.last_mut()) {
            (b'\\', _) => self.is_escaped = !is_escaped,
            (b'(', Some(last)) if is_escaped => *last = (*last).max(depth),
            // Where no reader is in a string, none is followed into parentheses.
            (b'(', last) if last.is_some() || depth.is_some() => self.strings.push(depth),
            (b')', Some(_)) if !is_escaped => {
                return self.strings.pop().flatten().map(Level::at);
            }
            _ => {}
        }
        None
    }

    /// "1 0 obj". Where nothing else is open, an object before it was not ended: it ends here,
    /// unless it has just begun.
    fn begin_object(&mut self, token: Level) -> Level {
        let is_inner = token.depth > 0 || token.is_after_header;
        self.has_inner_object |= is_inner;
        Level { depth: token.depth + u16::from(is_inner), is_after_header: true }
    }

    /// "endobj": the end of a reader, but of one that is in an inner object.
    fn end_object(&self, value: Option<Level>) -> Option<Level> {
        value.filter(|_| self.has_inner_object).map(Level::less_deep)
    }
}

fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\0' | b'\x0c')
}

fn is_delimiter(byte: u8) -> bool {
    b"()<>[]{}/%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn is_deep(bytes: &[u8]) -> bool {
        assert!(!is_file_too_deep(bytes) || is_too_deep(bytes, |_| true), "found in less only");
        is_too_deep(bytes, |_| true)
    }

    #[test]
    fn only_arrays_and_dictionaries_count() {
        for (open, close) in
            [("[", "]"), ("<<", ">>"), ("[(a \\) text) ", "]"), ("<</A", ">>"), ("1 0 obj ", "")]
        {
            assert!(is_deep((open.repeat(300) + &close.repeat(300)).as_bytes()), "{open}");
            assert!(!is_deep((open.repeat(99) + &close.repeat(99)).as_bytes()), "{open}");
            assert!(!is_deep(format!("{open}{close};").repeat(300).as_bytes()), "{open}");
        }
        for data in ["([[[[[[[[)", "stream\n[[[[[[[[endstream", "/A[[[;", "<5b5b>", "%[[[\n;"] {
            assert!(!is_deep(data.repeat(200).as_bytes()), "{data}");
        }
        for objects in ["1 0 obj <</A [ 5 endobj\n", "1 0 obj <</A (b)>>\n", "1 0 obj 5 endobj\n"] {
            assert!(!is_deep(objects.repeat(300).as_bytes()), "{objects}");
        }
    }

    #[test]
    fn arrays_are_found_wherever_a_reader_may_begin() {
        let nested = "[".repeat(300);
        for before in [
            "%PDF-1.4\r1 0 obj",
            "1 0 obj /ID ",
            "1 0 obj /stream ",
            "1 0 obj << >> stream\n 2 0 obj",
            "1 0 obj /A\\(b)",
            "1 0 obj (a \\) string 2 0 obj ",
            "% a comment 2 0 obj ",
            "trailer",
            "startxref 16 (; ",
            "/Pr#65v 14 (;;",
            "/Prev 11 (;",
        ] {
            assert!(is_file_too_deep(format!("{before}{nested}").as_bytes()), "{before}");
        }
        for level in [
            "[%\r",
            "[/ID ",
            "[1 0 obj[",
            "[1 0 obj 5 endobj ",
            "1 0 obj %a\n",
            "[/A\\(b)",
            "[<5b>",
        ] {
            let levels = format!("1 0 obj {}", level.repeat(300));
            assert!(is_file_too_deep(levels.as_bytes()), "{level}");
        }
        let data = "<</Length 22>>stream\nendstream]]]]]]]]]]]endstream";
        let levels = format!("1 0 obj {}", format!("[{data}").repeat(300));
        assert!(is_file_too_deep(levels.as_bytes()));
    }

    #[test]
    fn what_no_reader_begins_in_does_not_count() {
        let nested = "[".repeat(300);
        for before in
            ["1 0 obj << >> stream\n", "1 0 obj (", "% ", "1 0 obj /A ;", "/Length 14 (;;"]
        {
            assert!(!is_file_too_deep(format!("{before}{nested}").as_bytes()), "{before}");
        }
    }

    #[test]
    fn parentheses_that_never_close_are_read_once() {
        let object = |text: Vec<u8>| [b"1 0 obj ".to_vec(), text].concat();
        assert!(!is_file_too_deep(&object(b"(".repeat(MAX_OPEN_STRINGS))));
        assert!(is_file_too_deep(&object(b"(".repeat(MAX_OPEN_STRINGS + 1))));
        assert!(!is_file_too_deep(&b"(:".repeat(4 * MAX_OPEN_STRINGS)));
    }
}
