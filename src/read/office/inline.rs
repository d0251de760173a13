//! The runs of a paragraph, joined into its text.

/// The text of one run.
pub(super) struct Piece {
    pub(super) text: String,
    /// Whether it is set above or below the line, as in H₂O.
    pub(super) is_script: bool,
}

/// The text of runs. Their edges have lost their white space, so that there is a space between
/// two of them, except before punctuation that ends something, after an opening bracket and
/// around superscript and subscript.
pub(super) fn join(pieces: &[Piece]) -> String {
    let mut text = String::new();
    let mut was_script = false;
    for piece in pieces.iter().filter(|piece| !piece.text.is_empty()) {
        let closes = piece.text.starts_with(['.', ',', ';', ':', '!', '?', ')', ']', '}', '…']);
        let opened = text.ends_with(['(', '[', '{']);
        let is_spaced =
            text.ends_with(char::is_whitespace) || piece.text.starts_with(char::is_whitespace);
        if !(text.is_empty() || closes || opened || is_spaced || piece.is_script || was_script) {
            text.push(' ');
        }
        text.push_str(&piece.text);
        was_script = piece.is_script;
    }
    text
}
