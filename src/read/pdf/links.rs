//! Addresses of links: readers look for them, and the text mostly does not show them.

use unpdf::Paragraph;
use unpdf::model::InlineContent;

use super::blocks::PageBlocks;
use super::readable_text::mended;

/// The most bytes of a link's text that is said with its address.
const MAX_LABEL_BYTES: usize = 200;

/// A text that leads to an address.
pub(super) struct Link {
    label: String,
    address: String,
}

/// Adds the links of a paragraph. Parts of a text that lead to one address are one.
pub(super) fn add_links(paragraph: &Paragraph, links: &mut Vec<Link>) {
    let first = links.len();
    for part in &paragraph.content {
        let InlineContent::Link { text, url, .. } = part else { continue };
        match links[first..].last_mut().filter(|last| last.address == *url) {
            Some(last) if last.label.len() <= MAX_LABEL_BYTES => {
                last.label.push(' ');
                last.label.push_str(text);
            }
            Some(_) => {}
            None => links.push(Link { label: text.clone(), address: url.clone() }),
        }
    }
}

/// A line for each address that the page's text does not show: "Link "our site": https://a.b".
pub(super) fn lines(page: &PageBlocks, addresses: &[String]) -> Vec<String> {
    if addresses.is_empty() {
        return Vec::new();
    }
    let text: String = page.blocks.iter().flat_map(|block| block.text.split_whitespace()).collect();
    let line = |address: &String| {
        let shown = bare(address);
        let link = page.links.iter().find(|link| bare(&link.address) == shown);
        let label = link.map(|link| mended(&link.label)).unwrap_or_default();
        let has_label = label.contains(char::is_alphanumeric) && label.len() <= MAX_LABEL_BYTES;
        (!text.contains(shown)).then(|| match has_label {
            true => format!("Link \"{label}\": {address}"),
            false => format!("Link: {address}"),
        })
    };
    addresses.iter().filter_map(line).collect()
}

/// An address as texts show it: without what says how it is reached, and the last slash.
fn bare(address: &str) -> &str {
    const SCHEMES: [&str; 4] = ["http://", "https://", "mailto:", "tel:"];
    let without = SCHEMES.iter().find_map(|scheme| address.strip_prefix(scheme));
    without.unwrap_or(address).trim_end_matches('/')
}
