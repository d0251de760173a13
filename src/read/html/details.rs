//! What a page says about itself.

use crate::document::FileDetails;

use super::tokens::Tag;

/// Reads what `<html>` and `<meta>` state into the details.
pub(super) fn read(tag: &Tag, details: &mut FileDetails) {
    if tag.name == "html" {
        details.language =
            tag.attribute("lang").map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned);
        return;
    }
    let value = tag.attribute("content").unwrap_or("").trim();
    let name = tag.attribute("name").or(tag.attribute("property")).unwrap_or("");
    if tag.name != "meta" || value.is_empty() {
        return;
    }
    match name.to_ascii_lowercase().as_str() {
        "author" | "dc.creator" | "dcterms.creator" | "citation_author" => {
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
