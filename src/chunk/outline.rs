//! The headings above a place in a document.

use crate::chunk::sentences::cut_between_words;

/// Between two headings of a path.
const SEPARATOR: &str = " > ";
/// Bytes of a heading that are looked at; a longer one is hardly one.
const MAX_HEADING_BYTES: usize = 512;

/// The open headings, and the path they make.
#[derive(Default)]
pub(super) struct Outline {
    open: Vec<Heading>,
    path: String,
}

struct Heading {
    level: u8,
    text: String,
    /// Tokens of the text and a separator: measured once, as the path is made
    /// anew for each section.
    tokens: usize,
    /// The text is all of the heading's.
    whole: bool,
}

/// How much room a path takes.
pub(super) struct PathSize {
    /// Tokens of the path and the line end after it.
    pub(super) tokens: usize,
    /// The innermost heading is in the path as a whole.
    pub(super) whole_last: bool,
}

impl Outline {
    /// Whether a heading of `level` ends an open one.
    pub(super) fn is_closed_by(&self, level: u8) -> bool {
        self.open.last().is_some_and(|open| open.level >= level)
    }

    /// Ends the headings that one of `level` ends.
    pub(super) fn close(&mut self, level: u8) {
        while self.is_closed_by(level) {
            self.open.pop();
        }
    }

    /// Adds a heading inside the open ones.
    pub(super) fn open(&mut self, level: u8, text: &str, count: &dyn Fn(&str) -> usize) {
        let window = &text[..text.floor_char_boundary(MAX_HEADING_BYTES)];
        let whole = window.len() == text.len();
        let end = if whole { text.len() } else { cut_between_words(window, text) };
        let text = text[..end].split_whitespace().collect::<Vec<_>>().join(" ");
        let tokens = count(&format!("{text}{SEPARATOR}"));
        self.open.push(Heading { level, text, tokens, whole });
    }

    /// Makes the path of the open headings, within `most` tokens: the outermost
    /// go first, and at last the end of the innermost.
    pub(super) fn measure(&mut self, most: usize, count: &dyn Fn(&str) -> usize) -> PathSize {
        let mut from = self.open.len();
        let mut sum = 0;
        for heading in self.open.iter().rev() {
            sum += heading.tokens;
            if sum > most {
                break;
            }
            from -= 1;
        }
        let Some(last) = self.open.last() else {
            self.path.clear();
            return PathSize { tokens: 0, whole_last: true };
        };
        for from in from..self.open.len() {
            let texts: Vec<&str> =
                self.open[from..].iter().map(|open| open.text.as_str()).collect();
            let path = texts.join(SEPARATOR);
            let tokens = count(&format!("{path}\n"));
            if tokens <= most {
                self.path = path;
                return PathSize { tokens, whole_last: last.whole };
            }
        }
        let mut words: Vec<&str> = last.text.split(' ').collect();
        while words.len() > 1 {
            words.truncate(words.len() / 2);
            let path = words.join(" ");
            let tokens = count(&format!("{path}\n"));
            if tokens <= most {
                self.path = path;
                return PathSize { tokens, whole_last: false };
            }
        }
        self.path.clear();
        PathSize { tokens: 0, whole_last: false }
    }

    /// The headings joined, as last measured.
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}
