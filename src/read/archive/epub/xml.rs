//! XML -> start tags, texts and end tags, as far as it is well-formed. Nothing is expanded but
//! the entities that XML defines.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::read::xml_tags::{attributes, reference};

/// One piece of XML.
pub(super) enum Piece {
    /// A start tag: its name without prefix, and its attributes with theirs.
    Start { name: String, attributes: Vec<(String, String)> },
    /// A part of a text. Several may follow each other.
    Text(String),
    /// The name in an end tag, without prefix.
    End(String),
}

/// The pieces of XML up to its first fault.
pub(super) fn pieces(source: &str) -> impl Iterator<Item = Piece> {
    let mut reader = Reader::from_str(source);
    reader.config_mut().check_end_names = false;
    reader.config_mut().expand_empty_elements = true;
    std::iter::from_fn(move || {
        loop {
            return match reader.read_event() {
                Ok(Event::Start(tag)) => Some(start(&tag)),
                Ok(Event::End(tag)) => Some(Piece::End(tag.local_name().as_ref().to_owned())),
                Ok(Event::Text(text)) => Some(Piece::Text(text.to_string())),
                Ok(Event::CData(text)) => Some(Piece::Text(text.to_string())),
                Ok(Event::GeneralRef(name)) => Some(Piece::Text(reference(&name))),
                Ok(Event::Eof) | Err(_) => None,
                Ok(_) => continue,
            };
        }
    })
}

fn start(tag: &BytesStart<'_>) -> Piece {
    Piece::Start { name: tag.local_name().as_ref().to_owned(), attributes: attributes(tag) }
}
