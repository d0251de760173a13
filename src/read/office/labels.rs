//! The words with which comments and charts are introduced.

/// A comment is said to be one: "Comment [author: R. Okafor (RO), time: 2025-05-03]: Too long."
pub(super) fn comment_text(text: &str) -> String {
    let text = text.trim();
    let separator = if text.starts_with("[author: ") { "" } else { ":" };
    format!("Comment{separator} {text}")
}

/// The name of a chart's kind: "bar_chart" becomes "Bar chart".
pub(super) fn chart_name(kind: &str) -> String {
    let name = kind.replace('_', " ");
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + characters.as_str()
}
