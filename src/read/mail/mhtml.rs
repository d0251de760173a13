//! A page that a browser saved as a message, with its images as parts.

use super::content::is_html;
use super::decode;
use super::parts::{Part, PartReader};
use crate::document::FileDetails;
use crate::error::Result;
use crate::read::blocks::DocumentBuilder;
use crate::read::{Input, ReadFile, encoding, html};

/// Reads the page of a web archive. Its other parts are images, styles and frames.
pub(crate) fn mhtml(input: &Input<'_>) -> Result<ReadFile> {
    let message = PartReader::new(input).read(input.bytes)?;
    let page = root(&message).ok_or_else(|| input.damaged("it holds no page"))?;
    let mut builder = DocumentBuilder::new(input);
    let mut details = FileDetails::default();
    html::read(&source(page), &mut builder, &mut details);
    details.title = message.headers.subject().or(details.title);
    details.date = message.headers.iso_date().or(details.date);
    Ok(ReadFile { document: builder.finish_within(input)?, details, ..ReadFile::default() })
}

/// The part that the message names as its root, otherwise its first page.
fn root<'p, 'a>(message: &'p Part<'a>) -> Option<&'p Part<'a>> {
    let start = message.headers.parameter("start").map(|id| id.trim_matches(['<', '>']));
    let is_start = |part: &&Part<'_>| start.is_some() && part.headers.content_id() == start;
    let named = message.children.iter().find(is_start).filter(|part| is_html(part));
    named.or_else(|| first_page(message))
}

fn first_page<'p, 'a>(part: &'p Part<'a>) -> Option<&'p Part<'a>> {
    if is_html(part) { Some(part) } else { part.children.iter().find_map(first_page) }
}

/// The source of a page, in the encoding of its part or else of its own.
fn source(page: &Part<'_>) -> String {
    let bytes = decode::bytes(page);
    let own = || encoding::decode(&bytes, None, true).ok().map(|own| own.text);
    let declared = page.headers.parameter("charset").is_some();
    let own = if declared { None } else { own() };
    own.unwrap_or_else(|| decode::text(page))
}
