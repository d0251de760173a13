//! The headings above a position in a document.

use crate::text::cut_between_words;

/// Separates two headings of a path.
const SEPARATOR: &str = " > ";
/// The most bytes of a heading in a path; longer ones are cut.
const MAX_HEADING_BYTES: usize = 512;

/// The headings whose sections are open, outermost first, and their path.
#[derive(Default)]
pub(super) struct Outline {
    open: Vec<Heading>,
    path: String,
}

struct Heading {
    level: u8,
    text: String,
    /// Tokens of the text and a separator. Counted once, as each section needs a new path.
    tokens: usize,
    /// Whether `text` is the whole heading.
    is_whole: bool,
}

/// The size of a path.
pub(super) struct PathSize {
    /// Tokens of the path and the line end after it.
    pub(super) tokens: usize,
    /// Whether the path contains the innermost heading as a whole.
    pub(super) has_whole_heading: bool,
}

impl Outline {
    /// Whether a heading of `level` closes an open one.
    pub(super) fn is_closed_by(&self, level: u8) -> bool {
        self.open.last().is_some_and(|open| open.level >= level)
    }

    /// Closes the headings that a heading of `level` closes.
    pub(super) fn close(&mut self, level: u8) {
        while self.is_closed_by(level) {
            self.open.pop();
        }
    }

    /// Adds a heading inside the open ones.
    pub(super) fn open(&mut self, level: u8, text: &str, count: &dyn Fn(&str) -> usize) {
        let window = &text[..text.floor_char_boundary(MAX_HEADING_BYTES)];
        let is_whole = window.len() == text.len();
        let end = if is_whole { text.len() } else { cut_between_words(window, text) };
        let text = text[..end].split_whitespace().collect::<Vec<_>>().join(" ");
        let tokens = count(&format!("{text}{SEPARATOR}"));
        self.open.push(Heading { level, text, tokens, is_whole });
    }

    /// Makes the path of the open headings, with at most `max_tokens`. The outermost headings
    /// are left out first; if the innermost alone is too long, its end is cut off.
    pub(super) fn fit_path(
        &mut self,
        max_tokens: usize,
        count: &dyn Fn(&str) -> usize,
    ) -> PathSize {
        let mut from = self.open.len();
        let mut sum = 0;
        for heading in self.open.iter().rev() {
            sum += heading.tokens;
            if sum > max_tokens {
                break;
            }
            from -= 1;
        }
        let Some(last) = self.open.last() else {
            self.path.clear();
            return PathSize { tokens: 0, has_whole_heading: true };
        };
        for from in from..self.open.len() {
            let texts: Vec<&str> =
                self.open[from..].iter().map(|open| open.text.as_str()).collect();
            let path = texts.join(SEPARATOR);
            let tokens = count(&format!("{path}\n"));
            if tokens <= max_tokens {
                self.path = path;
                return PathSize { tokens, has_whole_heading: last.is_whole };
            }
        }
        let mut words: Vec<&str> = last.text.split(' ').collect();
        while words.len() > 1 {
            words.truncate(words.len() / 2);
            let path = words.join(" ");
            let tokens = count(&format!("{path}\n"));
            if tokens <= max_tokens {
                self.path = path;
                return PathSize { tokens, has_whole_heading: false };
            }
        }
        self.path.clear();
        PathSize { tokens: 0, has_whole_heading: false }
    }

    /// The path that [`Self::fit_path`] made last.
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}
