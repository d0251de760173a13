//! What a page says about itself.

use crate::document::{BlockKind, FileDetails};
use crate::read::blocks::DocumentBuilder;

use super::tokens::Tag;

/// Reads what `<html>` and `<meta>` state into the details.
pub(super) fn read(tag: &Tag, details: &mut FileDetails) {
    if tag.name == "html" {
        details.language =
            tag.attribute("lang").map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned);
        return;
    }
    let Some((name, value)) = stated(tag) else { return };
    match name.as_str() {
        "author" | "article:author" | "dc.creator" | "dcterms.creator" | "citation_author"
            // The author of an article may be an address.
            if !value.starts_with("http") && !details.authors.iter().any(|known| known == value) => {
                details.authors.push(value.to_owned());
            }
        "date"
        | "dc.date"
        | "dcterms.date"
        | "article:published_time"
        | "citation_date"
        | "publish-date"
        | "last-modified" => {
            details.date.get_or_insert_with(|| value.to_owned());
        }
        _ => {}
    }
}

/// The name and the value of a `<meta>`.
fn stated(tag: &Tag) -> Option<(String, &str)> {
    let value = tag.attribute("content").filter(|_| tag.name == "meta")?.trim();
    let name = tag.attribute("name").or(tag.attribute("property"))?;
    (!value.is_empty()).then(|| (name.to_ascii_lowercase(), value))
}

/// Adds the authors and the date as lines of the text, so that they can be asked for and quoted. A
/// description is none: it has the words of many questions, and the answer to few.
pub(super) fn push_lines(details: &FileDetails, builder: &mut DocumentBuilder) {
    let authors = Some(details.authors.join(", ")).filter(|authors| !authors.is_empty());
    for (name, value) in [("author", authors.as_deref()), ("date", details.date.as_deref())] {
        if let Some(value) = value {
            builder.push(BlockKind::ListItem, &format!("{name}: {value}"));
        }
    }
}
