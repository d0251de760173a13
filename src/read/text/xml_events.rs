//! XML -> start tags, texts and end tags. Entities of the file are never expanded and nothing
//! outside of it is read.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::error::{Error, Result};
use crate::read::Input;
use crate::read::xml_tags::{attributes, reference};

/// One piece of XML.
pub(super) enum XmlEvent {
    /// A start tag: its name without prefix, and its attributes with theirs.
    Start(String, Vec<(String, String)>),
    /// A part of a text. Several may follow each other.
    Text(String),
    /// An end tag.
    End,
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
    let too_large = |got: u32, limit: u32, unit| {
        let what = format!("The data of \"{}\"", input.name);
        let advice = "Split the file into smaller parts.";
        Error::TooLarge { what, got: got.into(), limit: limit.into(), unit, advice }
    };
    if depth > limits.depth {
        return Err(too_large(depth, limits.depth, "levels"));
    }
    if *elements > limits.objects {
        return Err(too_large(*elements, limits.objects, "elements"));
    }
    Ok(())
}

fn start(tag: &BytesStart<'_>) -> XmlEvent {
    XmlEvent::Start(tag.local_name().as_ref().to_owned(), attributes(tag))
}
