//! Tags and references of XML. Nothing is expanded but the characters that XML and HTML define.

use quick_xml::escape::{resolve_predefined_entity, unescape_with};
use quick_xml::events::BytesStart;

/// The most attributes of a tag. What follows is left out.
const MAX_ATTRIBUTES: usize = 1000;

/// The attributes of a tag with the prefixes of their names. A malformed one is left out.
pub(super) fn attributes(tag: &BytesStart<'_>) -> Vec<(String, String)> {
    let mut attributes = tag.attributes();
    let attributes = attributes.with_checks(false).flatten().take(MAX_ATTRIBUTES);
    let readable = attributes.map(|attribute| {
        let value = &attribute.value;
        let plain = unescape_with(value, resolve_predefined_entity).map(|text| text.into_owned());
        (attribute.key.as_ref().to_owned(), plain.unwrap_or_else(|_| value.to_string()))
    });
    readable.collect()
}

/// The text of an entity: a character, or its name where only the file's own declarations,
/// which are not read, could say more.
pub(super) fn reference(name: &str) -> String {
    if let Some(text) = resolve_predefined_entity(name) {
        return text.to_owned();
    }
    let whole = format!("&{name};");
    match unescape_with(&whole, |_| None) {
        Ok(text) => text.into_owned(),
        Err(_) if name == "nbsp" => "\u{a0}".to_owned(),
        Err(_) => whole,
    }
}
