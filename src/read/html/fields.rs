//! What the fields of forms show.

use super::tokens::Tag;

/// The text that an `<input>` shows: what was typed or ticked.
pub(super) fn shown(tag: &Tag) -> Option<&str> {
    if tag.is_hidden() {
        return None;
    }
    match tag.attribute("type").unwrap_or("text").to_ascii_lowercase().as_str() {
        "checkbox" | "radio" if tag.attribute("checked").is_some() => Some(" [x] "),
        "checkbox" | "radio" => Some(" [ ] "),
        "hidden" | "password" | "submit" | "reset" | "button" | "image" | "file" | "color"
        | "range" => None,
        _ => tag.attribute("value"),
    }
}
