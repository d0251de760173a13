//! Comments of reviewers, as people read them.

/// "[author: R. Okafor (RO), time: 2025-05-03]: Too long." becomes
/// "Comment by R. Okafor (RO), 2025-05-03: Too long."
pub(super) fn comment_text(text: &str) -> String {
    let text = text.trim();
    let parts = text.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
    match parts.and_then(|(head, body)| Some((head.strip_prefix("author: ")?, body))) {
        Some((head, body)) => format!("Comment by {}: {body}", head.replace(", time: ", ", ")),
        None => format!("Comment: {text}"),
    }
}
