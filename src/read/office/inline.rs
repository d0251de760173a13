//! The runs of a paragraph, joined into its text.

use docling_core::Script;

use crate::read::marks::Mark;

/// The text of one run.
pub(super) struct Piece {
    pub(super) text: String,
    /// Whether it is set above or below the line, as in H₂O, or struck out.
    pub(super) mark: Option<Mark>,
}

/// The mark of a run.
pub(super) fn mark(script: Script, is_struck: bool) -> Option<Mark> {
    match script {
        Script::Super => Some(Mark::Raised),
        Script::Sub => Some(Mark::Lowered),
        Script::Baseline => is_struck.then_some(Mark::Struck),
    }
}

/// The text of runs. Their edges have lost their white space, so that there is a space between
/// two of them, except before punctuation that ends something, after an opening bracket and
/// where a superscript or subscript is part of a word.
pub(super) fn join(pieces: &[Piece]) -> String {
    let mut text = String::new();
    let mut last: Option<Mark> = None;
    for piece in pieces.iter().filter(|piece| !piece.text.is_empty()) {
        let closes = piece.text.starts_with(['.', ',', ';', ':', '!', '?', ')', ']', '}', '…']);
        let opened = text.ends_with(['(', '[', '{']);
        let is_spaced =
            text.ends_with(char::is_whitespace) || piece.text.starts_with(char::is_whitespace);
        let is_script = matches!(piece.mark, Some(Mark::Raised | Mark::Lowered));
        let is_part = is_script || goes_on(last, &piece.text);
        if !(text.is_empty() || closes || opened || is_spaced || is_part) {
            text.push(' ');
        }
        match piece.mark {
            Some(mark) => mark.add(&mut text, &piece.text),
            None => text.push_str(&piece.text),
        }
        last = piece.mark;
    }
    text
}

/// Whether a run is part of the word before it: "O" of H₂O, but not "cells" of 10⁶ cells.
fn goes_on(last: Option<Mark>, text: &str) -> bool {
    match last {
        Some(Mark::Raised) => !text.starts_with(char::is_alphanumeric),
        Some(Mark::Lowered) => !text.chars().take(2).all(char::is_lowercase),
        Some(Mark::Struck) | None => false,
    }
}
