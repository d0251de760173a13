//! Lines "NAME;PARAMETER=…:value": unfolded, decoded, their parts told apart.

use std::iter::Peekable;
use std::str::Lines;

use encoding_rs::{Encoding, UTF_8};

use crate::read::mail::quoted_printable;

/// The most parameters of a line.
const MAX_PARAMETERS: usize = 32;

/// A line of a calendar or a contact.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// In capitals, without the group before it.
    pub(super) name: String,
    /// What lines that belong together begin with: "item1".
    pub(super) group: String,
    /// Their names in capitals. Those of vCard 2.1 without a name are types.
    pub(super) parameters: Vec<(String, String)>,
    /// As it is written, with its escapes.
    pub(super) value: String,
}

impl Line {
    /// The first parameter of this name.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Its value as text.
    pub(super) fn text(&self) -> String {
        unescaped(&self.value)
    }

    /// The parts of its value between these marks, as text.
    pub(super) fn parts(&self, mark: char) -> Vec<String> {
        let mut parts = vec![String::new()];
        let mut is_escaped = false;
        for char in self.value.chars() {
            if char == mark && !is_escaped {
                parts.push(String::new());
            } else if let Some(part) = parts.last_mut() {
                part.push(char);
            }
            is_escaped = char == '\\' && !is_escaped;
        }
        let parts = parts.iter().map(|part| unescaped(part).trim().to_owned());
        parts.filter(|part| !part.is_empty()).collect()
    }

    fn of(text: &str) -> Option<Self> {
        let end = value_start(text)?;
        let mut pieces = split_unquoted(&text[..end], ';');
        let name = pieces.next()?.trim();
        let (group, name) = name.rsplit_once('.').unwrap_or(("", name));
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if name.is_empty() || !name.chars().all(is_name) {
            return None;
        }
        let parameters = pieces.take(MAX_PARAMETERS).map(|piece| match piece.split_once('=') {
            Some((key, value)) => (key.trim().to_ascii_uppercase(), value.replace('"', "")),
            None if piece.eq_ignore_ascii_case("QUOTED-PRINTABLE") => {
                ("ENCODING".to_owned(), piece.to_owned())
            }
            None => ("TYPE".to_owned(), piece.trim().to_owned()),
        });
        Some(Self {
            name: name.to_ascii_uppercase(),
            group: group.to_ascii_lowercase(),
            parameters: parameters.collect(),
            value: text[end + 1..].to_owned(),
        })
    }

    fn is_quoted_printable(&self) -> bool {
        let encoding = self.parameter("ENCODING");
        encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("QUOTED-PRINTABLE"))
    }

    /// Decodes what vCard 2.1 writes as bytes of an encoding.
    fn decode(&mut self) {
        let label = self.parameter("CHARSET").unwrap_or("utf-8");
        let encoding = Encoding::for_label(label.as_bytes()).unwrap_or(UTF_8);
        let bytes = quoted_printable(self.value.as_bytes());
        // Line ends are part of the text.
        self.value = encoding.decode(&bytes).0.replace("\r\n", "\\n").replace('\n', "\\n");
    }
}

/// The lines of a file. One that begins with white space goes on with the one before it. What is no
/// such line is left out.
pub(super) struct ContentLines<'a> {
    lines: Peekable<Lines<'a>>,
}

impl<'a> ContentLines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { lines: text.lines().peekable() }
    }
}

impl Iterator for ContentLines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        loop {
            let mut text = self.lines.next()?.to_owned();
            while let Some(more) = self.lines.next_if(|line| line.starts_with([' ', '\t'])) {
                text.push_str(&more[1..]);
            }
            let Some(mut line) = Line::of(&text) else { continue };
            if line.is_quoted_printable() {
                while line.value.ends_with('=')
                    && let Some(more) = self.lines.next()
                {
                    line.value.pop();
                    line.value.push_str(more.trim_start());
                }
                line.decode();
            }
            return Some(line);
        }
    }
}

/// The colon before the value: the first one that is not within quotation marks.
fn value_start(text: &str) -> Option<usize> {
    let mut is_quoted = false;
    text.find(|c: char| {
        is_quoted ^= c == '"';
        c == ':' && !is_quoted
    })
    .or_else(|| text.find(':'))
}

fn split_unquoted(text: &str, mark: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |c: char| {
        is_quoted ^= c == '"';
        c == mark && !is_quoted
    })
}

/// "\n" is a line end, and a backslash before another character is none.
fn unescaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => match chars.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(other) => text.push(other),
                None => {}
            },
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn line(text: &str) -> Line {
        ContentLines::of(text).next().expect("the text has a line")
    }

    #[test]
    fn a_folded_line_is_one_line() {
        let line = line("SUMMARY:Choir re\r\n hearsal\\, hall\\; 2\r\nX:y");
        assert_eq!(line.text(), "Choir rehearsal, hall; 2");
    }

    #[test]
    fn a_name_has_a_group_and_parameters() {
        let line = line("item1.tel;TYPE=\"work,voice\";PREF=1:+351\\n210");
        assert_eq!((&*line.name, &*line.group), ("TEL", "item1"));
        assert_eq!(line.parameter("TYPE"), Some("work,voice"));
        assert_eq!(line.text(), "+351\n210");
    }

    #[test]
    fn a_colon_in_quotation_marks_begins_no_value() {
        let line = line("ATTENDEE;CN=\"Li: Bo\";ROLE=CHAIR:mailto:bo@x.org");
        assert_eq!(line.parameter("CN"), Some("Li: Bo"));
        assert_eq!(line.value, "mailto:bo@x.org");
    }

    #[test]
    fn an_escaped_mark_parts_nothing() {
        assert_eq!(
            line("ADR:;;Kai 4\\; yard;Ghent;;9000;").parts(';'),
            ["Kai 4; yard", "Ghent", "9000"]
        );
    }

    #[test]
    fn quoted_printable_goes_on_after_an_equals_sign() {
        let text =
            "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:caf=E9 =\r\nat=0D=0Anoon\r\nTEL:1";
        assert_eq!(line(text).text(), "café at\nnoon");
    }

    #[test]
    fn what_is_no_line_is_left_out() {
        let names: Vec<String> =
            ContentLines::of("no\n:x\nA B:c\nUID:1").map(|line| line.name).collect();
        assert_eq!(names, ["UID"]);
    }
}
