//! Questions, labels and titles of lines: alone they answer nothing.

use super::units::Piece;
use crate::document::{BlockKind, Document};
use crate::text::words;

/// The most words of a line that is the title of the next one ("Knitting club").
const MAX_TITLE_WORDS: usize = 5;
/// What ends a sentence, or goes on with it.
const MARKS: [char; 13] = ['.', '!', '?', ',', ';', '…', '。', '！', '？', '،', '؛', '؟', '।'];

/// Whether a text is a question, or a label that says what follows.
pub(super) fn is_label(text: &str) -> bool {
    is_question(text) || text.trim_end().ends_with([':', '：'])
}

pub(super) fn is_question(text: &str) -> bool {
    text.trim_end_matches(|c: char| c.is_whitespace() || "\"'”’»)*_".contains(c))
        .ends_with(['?', '？', '؟'])
}

/// Whether the first of these pieces is the title of the one after it: a short line above a
/// sentence, an item above items that are further in.
pub(super) fn is_title(pieces: &[Piece], document: &Document) -> bool {
    let &[title, after, ..] = pieces else { return false };
    if title.kind != after.kind || !is_short_title(document.slice(title.span)) {
        return false;
    }
    match title.kind {
        BlockKind::Paragraph => {
            let between = document.text.get(title.span.end as usize..after.span.start as usize);
            let is_line = between.is_some_and(|between| between.contains('\n'));
            is_line && document.slice(after.span).trim_end().ends_with(MARKS)
        }
        BlockKind::ListItem => indentation(document, after) > indentation(document, title),
        _ => false,
    }
}

/// A few words, without a number or a mark at the end: "Bus 12" is no title.
fn is_short_title(text: &str) -> bool {
    let text = without_mark(text.trim());
    let words = words(text);
    let has_number = |word: &String| word.contains(char::is_numeric);
    (1..=MAX_TITLE_WORDS).contains(&words.len())
        && !words.last().is_some_and(has_number)
        && !text.ends_with(MARKS)
}

/// A line without the mark of a list, or the number of a section.
pub(super) fn without_mark(text: &str) -> &str {
    text.trim_start_matches(|c: char| {
        c.is_ascii_digit() || c.is_whitespace() || ".)-*+•".contains(c)
    })
}

/// The white space before a piece in its line.
pub(super) fn indentation(document: &Document, piece: Piece) -> usize {
    let before = &document.text[..piece.span.start as usize];
    before.len() - before.trim_end_matches([' ', '\t']).len()
}
