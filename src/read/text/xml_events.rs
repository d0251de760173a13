//! XML -> start tags, texts and end tags. Entities of the file are never expanded and nothing
//! outside of it is read.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::error::Result;
use crate::read::Input;
use crate::read::xml_tags::{attributes, reference};

/// One piece of XML.
pub(super) enum XmlEvent {
    /// A start tag: its name and its attributes, with their prefixes.
    Start(String, Vec<(String, String)>),
    /// A part of a text. Several may follow each other.
    Text(String),
    /// An end tag.
    End,
}

/// The prefix of a name, empty where it has none, and the rest of it.
pub(super) fn split_name(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

/// Calls `read` for each piece. Counts elements against the limits, and bounds the nesting.
pub(super) fn for_each(
    input: &Input<'_>,
    text: &str,
    mut read: impl FnMut(XmlEvent) -> Result<()>,
) -> Result<()> {
    let mut reader = Reader::from_str(text);
    let (mut depth, mut elements) = (0_u32, 0_u32);
    let damaged = |error: quick_xml::Error| input.damaged(error.to_string());
    loop {
        match reader.read_event().map_err(damaged)? {
            Event::Start(tag) => {
                depth += 1;
                count(input, depth, &mut elements)?;
                if elements.is_multiple_of(10_000) {
                    input.step(reader.buffer_position(), text.len() as u64, "bytes")?;
                }
                read(start(&tag))?;
            }
            Event::Empty(tag) => {
                count(input, depth, &mut elements)?;
                read(start(&tag))?;
                read(XmlEvent::End)?;
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                read(XmlEvent::End)?;
            }
            Event::Text(text) => read(XmlEvent::Text(text.to_string()))?,
            Event::CData(text) => read(XmlEvent::Text(text.to_string()))?,
            Event::GeneralRef(name) => read(XmlEvent::Text(reference(&name)))?,
            Event::Eof if depth > 0 => {
                return Err(input.damaged("it ends before its last element"));
            }
            Event::Eof => return Ok(()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn count(input: &Input<'_>, depth: u32, elements: &mut u32) -> Result<()> {
    let limits = input.limits;
    *elements += 1;
    if depth > limits.depth {
        return Err(input.too_large(depth.into(), limits.depth.into(), "levels"));
    }
    if *elements > limits.objects {
        return Err(input.too_large((*elements).into(), limits.objects.into(), "elements"));
    }
    Ok(())
}

fn start(tag: &BytesStart<'_>) -> XmlEvent {
    XmlEvent::Start(tag.name().as_ref().to_owned(), attributes(tag))
}
