//! Questions, labels and titles of lines: alone they answer nothing.

use super::units::Piece;
use crate::document::{BlockKind, Document};
use crate::lines::{has_end_mark, is_short_title};

/// Whether a text is a question, or a label that says what follows.
pub(super) fn is_label(text: &str) -> bool {
    is_question(text) || text.trim_end().ends_with([':', '：'])
}

pub(super) fn is_question(text: &str) -> bool {
    text.trim_end_matches(|c: char| c.is_whitespace() || "\"'”’»)*_".contains(c))
        .ends_with(['?', '？', '؟'])
}

/// Whether the first of these pieces is the title of the one after it alone: a short line above a
/// sentence, an item above one that is further in.
pub(super) fn is_title(pieces: &[Piece], document: &Document) -> bool {
    let &[title, after, ..] = pieces else { return false };
    if title.kind == BlockKind::ListItem {
        let is_within = |&next: &Piece| {
            are_items(title, next) && indentation(document, next) > indentation(document, title)
        };
        return is_title_of_items(pieces, document) && !pieces.get(2).is_some_and(is_within);
    }
    let between = document.text.get(title.span.end as usize..after.span.start as usize);
    title.kind == BlockKind::Paragraph
        && after.kind == BlockKind::Paragraph
        && is_short_title(document.slice(title.span))
        && between.is_some_and(|between| between.contains('\n'))
        && has_end_mark(document.slice(after.span))
}

/// Whether the first of these pieces is an item that names the items further in, which follow.
pub(super) fn is_title_of_items(pieces: &[Piece], document: &Document) -> bool {
    let &[title, after, ..] = pieces else { return false };
    are_items(title, after)
        && indentation(document, after) > indentation(document, title)
        && is_short_title(document.slice(title.span))
}

fn are_items(one: Piece, other: Piece) -> bool {
    [one, other].iter().all(|piece| piece.kind == BlockKind::ListItem)
}

/// The white space before a piece in its line.
pub(super) fn indentation(document: &Document, piece: Piece) -> usize {
    let before = &document.text[..piece.span.start as usize];
    before.len() - before.trim_end_matches([' ', '\t']).len()
}
