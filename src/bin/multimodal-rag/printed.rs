//! Texts of documents as a terminal shows them.

use multimodal_rag::{Citation, Span, StoredDocument};

/// The name of a document, and where the span is in its file: "report.pdf, page 12".
pub(crate) fn source(document: &StoredDocument, span: Span) -> String {
    match document.document.place(span) {
        Some(place) => format!("{}, {place}", document.info.name),
        None => document.info.name.clone(),
    }
}

/// A text in quotation marks, without characters that control a terminal.
pub(crate) fn in_quotes(text: &str) -> String {
    format!("\"{}\"", text.replace(char::is_control, " "))
}

/// The cited text on one line, without the marker of a list item at its beginning.
pub(crate) fn quoted_text(citation: &Citation) -> String {
    let text = single_line(citation.text());
    let is_marker = |word: &str| {
        let digits = word.strip_suffix(['.', ')']).unwrap_or_default();
        let is_number =
            (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        is_number || matches!(word, "-" | "*" | "+" | "•")
    };
    match text.split_once(' ') {
        Some((marker, rest)) if is_marker(marker) => rest.to_owned(),
        _ => text,
    }
}

/// The text with every run of white space replaced by one space.
pub(crate) fn single_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
