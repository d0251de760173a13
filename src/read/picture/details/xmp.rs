//! Title and description in a packet of XMP (ISO 16684-1): `dc:title` and `dc:description`.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use super::PictureDetails;
use super::text::clean;

/// Bytes of a packet that are read. Longer ones hold whole pictures.
const MAX_BYTES: usize = 1 << 20;
/// Characters of a text are collected up to here, and then cut.
const TEXT_BYTES: usize = 16 << 10;

/// The elements that are read, and the texts in them.
#[derive(Default)]
struct Found {
    title: Option<String>,
    description: Option<String>,
}

/// What the packet says. A damaged one is read up to the damage.
pub(super) fn read(packet: &[u8]) -> PictureDetails {
    let packet = packet.get(..packet.len().min(MAX_BYTES)).unwrap_or_default();
    let packet = String::from_utf8_lossy(packet);
    let mut reader = Reader::from_str(&packet);
    let mut found = Found::default();
    // The element of Dublin Core that the reader is in, and whether it is in an item of it.
    let (mut within, mut is_item) = (None, false);
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) => match tag.name().as_ref() {
                "dc:title" => within = Some(Element::Title),
                "dc:description" => within = Some(Element::Description),
                "rdf:li" => is_item = within.is_some_and(|element| found.begin(element, &tag)),
                _ => {}
            },
            Event::End(tag) => match tag.name().as_ref() {
                "dc:title" | "dc:description" => (within, is_item) = (None, false),
                "rdf:li" => is_item = false,
                _ => {}
            },
            Event::Text(text) if is_item => found.push(within, &text),
            Event::CData(text) if is_item => found.push(within, &text),
            Event::GeneralRef(name) if is_item => {
                let character = name.resolve_char_ref().ok().flatten().map(String::from);
                let predefined = || resolve_predefined_entity(&name).map(str::to_owned);
                found.push(within, &character.or_else(predefined).unwrap_or_default());
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let text = |text: Option<String>| text.as_deref().and_then(clean);
    let (title, description) = (text(found.title), text(found.description));
    PictureDetails { title, description, ..PictureDetails::default() }
}

#[derive(Clone, Copy)]
enum Element {
    Title,
    Description,
}

impl Found {
    fn text(&mut self, element: Element) -> &mut Option<String> {
        match element {
            Element::Title => &mut self.title,
            Element::Description => &mut self.description,
        }
    }

    /// Whether an item is to be read: the first language, or the one that is the default.
    fn begin(&mut self, element: Element, tag: &BytesStart<'_>) -> bool {
        let language = tag.try_get_attribute("xml:lang").ok().flatten();
        let is_default = language.is_some_and(|language| &*language.value == "x-default");
        let text = self.text(element);
        let is_read = is_default || text.is_none();
        if is_read {
            *text = Some(String::new());
        }
        is_read
    }

    fn push(&mut self, element: Option<Element>, more: &str) {
        let Some(Some(text)) = element.map(|element| self.text(element)) else { return };
        let end = more.floor_char_boundary(TEXT_BYTES.saturating_sub(text.len()));
        text.push_str(&more[..end]);
    }
}
