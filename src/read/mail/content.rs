//! What of a message is read, and what is attached to it.

use super::decode;
use super::parts::Part;
use crate::read::blocks::DocumentBuilder;
use crate::read::html;

/// A text with fewer bytes may only say that there is a page beside it.
const SHORT_TEXT_BYTES: usize = 200;
/// How many times longer a page must be to be preferred to a short text.
const LONGER: usize = 4;

/// The content of a message.
#[derive(Default)]
pub(super) struct Content<'p, 'a> {
    /// Parts of text or HTML, to be read one after the other.
    pub(super) bodies: Vec<&'p Part<'a>>,
    /// Files and messages within it.
    pub(super) attachments: Vec<&'p Part<'a>>,
    /// Whether some of it is encrypted.
    pub(super) is_encrypted: bool,
}

/// The content of a message or a part.
pub(super) fn content<'p, 'a>(part: &'p Part<'a>) -> Content<'p, 'a> {
    let mut content = Content::default();
    add(part, &mut content);
    content
}

/// Whether a part is a page.
pub(super) fn is_html(part: &Part<'_>) -> bool {
    matches!(part.media_type.as_str(), "text/html" | "application/xhtml+xml")
}

fn add<'p, 'a>(part: &'p Part<'a>, content: &mut Content<'p, 'a>) {
    match part.media_type.as_str() {
        "multipart/alternative" if !part.children.is_empty() => add_best(part, content),
        "multipart/encrypted" | "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
            content.is_encrypted = true;
        }
        _ if !part.children.is_empty() => {
            part.children.iter().for_each(|child| add(child, content));
        }
        _ => add_leaf(part, content),
    }
}

fn add_leaf<'p, 'a>(part: &'p Part<'a>, content: &mut Content<'p, 'a>) {
    let headers = &part.headers;
    let is_text = part.media_type == "text/plain" || is_html(part);
    // A part of parts that cannot be found is text, as far as it goes.
    let is_readable = is_text || part.media_type.starts_with("multipart/");
    let is_first = content.bodies.is_empty();
    if is_readable && !headers.is_attachment() && (is_first || headers.file_name().is_none()) {
        content.bodies.push(part);
    } else if !is_of_transport(part) {
        content.attachments.push(part);
    }
}

/// Parts that no person reads: signatures, reports of delivery, and images that a page shows.
fn is_of_transport(part: &Part<'_>) -> bool {
    let headers = &part.headers;
    let is_shown = headers.content_id().is_some() && !headers.is_attachment();
    matches!(
        part.media_type.as_str(),
        "application/pgp-signature"
            | "application/pkcs7-signature"
            | "application/x-pkcs7-signature"
            | "message/delivery-status"
            | "message/disposition-notification"
            | "text/rfc822-headers"
    ) || (is_shown && part.media_type.starts_with("image/"))
}

/// Adds the best of several parts that say the same: text, unless it says less than the page
/// beside it. What is attached to any of them is kept.
fn add_best<'p, 'a>(part: &'p Part<'a>, content: &mut Content<'p, 'a>) {
    let mut choices: Vec<Vec<&Part<'_>>> = Vec::new();
    for child in &part.children {
        let mut of_child = Content::default();
        add(child, &mut of_child);
        content.attachments.extend(of_child.attachments);
        content.is_encrypted |= of_child.is_encrypted;
        if !of_child.bodies.is_empty() {
            choices.push(of_child.bodies);
        }
    }
    let has_html = |bodies: &Vec<&Part<'_>>| bodies.iter().any(|body| is_html(body));
    let text = choices.iter().position(|bodies| !has_html(bodies));
    let page = choices.iter().rposition(has_html);
    let best = match (text, page) {
        (Some(text), Some(page)) if says_less(&choices[text], &choices[page]) => Some(page),
        (text, page) => text.or(page),
    };
    content.bodies.extend(best.map(|best| choices.swap_remove(best)).into_iter().flatten());
}

fn says_less(text: &[&Part<'_>], page: &[&Part<'_>]) -> bool {
    let bytes: usize = text.iter().map(|body| decode::text(body).trim().len()).sum();
    if bytes >= SHORT_TEXT_BYTES {
        return false;
    }
    let mut builder = DocumentBuilder::default();
    page.iter().for_each(|body| html::read_fragment(&decode::text(body), &mut builder));
    builder.text_bytes() > bytes * LONGER
}
