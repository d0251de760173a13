//! Builds a [`Document`] from its parts in reading order.

use std::borrow::Cow;

use crate::document::{Block, BlockKind, Document, Place, PlaceMark, Span};

/// Collects blocks into one text and ensures the invariants of [`Document`]: blocks are in
/// order and not blank, with only white space between them.
#[derive(Default)]
pub(super) struct DocumentBuilder {
    text: String,
    blocks: Vec<Block>,
    places: Vec<PlaceMark>,
    /// Where the next block is.
    place: Place,
}

impl DocumentBuilder {
    /// Appends a block without leading blank lines and trailing white space. The first line
    /// keeps its indentation. Blank text is ignored.
    pub(super) fn push(&mut self, kind: BlockKind, text: &str) {
        let text = readable(text);
        let text = without_blank_first_lines(&text).trim_end();
        if text.is_empty() {
            return;
        }
        if let Some(last) = self.blocks.last() {
            self.text.push_str(if self.follows(last, kind, text) { "\n" } else { "\n\n" });
        }
        let start = self.text.len();
        if self.places.last().map_or(!self.place.is_empty(), |last| last.place != self.place) {
            self.places.push(PlaceMark { start: start as u32, place: self.place.clone() });
        }
        self.text.push_str(text);
        self.blocks.push(Block { span: Span::new(start..self.text.len()), kind });
    }

    /// Whether a block is on the line after the last one: items of a list, rows of a table, lines
    /// of a log.
    fn follows(&self, last: &Block, kind: BlockKind, text: &str) -> bool {
        let is_row = |kind| matches!(kind, BlockKind::TableHeader | BlockKind::TableRow);
        let is_line = |text: &str| !text.contains('\n');
        match kind {
            BlockKind::ListItem => last.kind == kind,
            BlockKind::TableHeader | BlockKind::TableRow => is_row(last.kind),
            BlockKind::Code => {
                last.kind == kind && is_line(text) && is_line(&self.text[last.span.range()])
            }
            _ => false,
        }
    }

    /// The blocks from now on are at `place`.
    #[allow(dead_code, reason = "Markdown has no pages")]
    pub(super) fn set_place(&mut self, place: Place) {
        self.place = place;
    }

    /// Bytes of the text so far.
    #[allow(dead_code, reason = "only some readers limit it")]
    pub(super) fn text_bytes(&self) -> usize {
        self.text.len()
    }

    pub(super) fn finish(mut self) -> Document {
        self.text.shrink_to_fit();
        Document { text: self.text, blocks: self.blocks, places: self.places }
    }
}

fn without_blank_first_lines(text: &str) -> &str {
    let first_visible = text.find(|c: char| !c.is_whitespace()).unwrap_or(text.len());
    let line_start = text[..first_visible].rfind('\n').map_or(0, |newline| newline + 1);
    &text[line_start..]
}

/// The text with `\n` as its only line end, and without invisible characters: control
/// characters except tab, the soft hyphen, the byte order mark.
pub(super) fn readable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| is_line_end(c) || is_invisible(c)) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\r' && characters.peek() == Some(&'\n') {
            continue;
        }
        match character {
            line_end if is_line_end(line_end) => clean.push('\n'),
            invisible if is_invisible(invisible) => {}
            visible => clean.push(visible),
        }
    }
    Cow::Owned(clean)
}

/// Line ends other than `\n`: carriage return, vertical tab, form feed, NEL, LS, PS.
fn is_line_end(character: char) -> bool {
    matches!(character, '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{feff}')
        || (character.is_control() && !matches!(character, '\n' | '\t'))
}
