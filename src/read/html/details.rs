//! What a page says about itself, and the selectors of its styles that hide elements.

use crate::document::FileDetails;

use super::tokens::Tag;

/// The most selectors that are kept.
const MAX_SELECTORS: usize = 200;

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

/// The classes and ids that a style sheet hides: ".x" and "#x" alone, as more is only known
/// with a tree.
#[derive(Default)]
pub(super) struct HiddenBySheet(Vec<String>);

impl HiddenBySheet {
    /// Reads the text of `<style>`.
    pub(super) fn read(&mut self, sheet: &str, hides: fn(&str) -> bool) {
        let mut depth = 0_usize;
        for rule in sheet.split_inclusive('}') {
            let (selectors, style) = rule.rsplit_once('{').unwrap_or(("", rule));
            // Rules for some media only are within braces of their own.
            depth += selectors.matches('{').count();
            let is_inner = depth > 0;
            if !rule.contains('{') {
                depth = depth.saturating_sub(1);
            }
            if is_inner || !hides(style.trim_end_matches('}')) {
                continue;
            }
            let selectors = selectors.rsplit("*/").next().unwrap_or(selectors);
            for selector in selectors.split(',').map(str::trim) {
                let name = selector.strip_prefix(['.', '#']);
                let is_name = |name: &str| {
                    name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
                };
                if name.is_some_and(is_name) && self.0.len() < MAX_SELECTORS {
                    self.0.push(selector.to_owned());
                }
            }
        }
    }

    /// Whether the style sheet hides an element.
    pub(super) fn hides(&self, tag: &Tag) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let has = |mark: char, name: &str| {
            self.0.iter().any(|known| known.strip_prefix(mark).is_some_and(|known| known == name))
        };
        tag.attribute("id").is_some_and(|id| has('#', id))
            || tag.attribute("class").is_some_and(|classes| {
                classes.split_ascii_whitespace().take(20).any(|class| has('.', class))
            })
    }
}
