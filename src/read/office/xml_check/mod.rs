//! Counts what is in the XML of an office file, because the crates that read it build trees and
//! grids of it, copy text and look through it again and again: a small file may ask for more
//! memory and time than there is.

mod budget;
mod open_document;
mod sheet;
mod slides;
mod table;
mod word;
mod word_code;
mod word_list;
mod word_table;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::package::too_large;
use crate::error::Result;
use crate::read::Input;
use budget::Budget;

/// The most elements within each other.
const MAX_DEPTH: usize = 256;
/// The most attributes of an element: a tree of XML compares each with all others.
const MAX_ATTRIBUTES: u64 = 256;
/// An element of fewer bytes has not as many attributes.
const FEW_ATTRIBUTES_BYTES: usize = 1024;
/// The most points of a series in a chart.
const MAX_POINTS: u64 = 100_000;

/// The family of the XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Word,
    /// PowerPoint.
    Slides,
    /// Excel.
    Sheet,
    OpenDocument,
}

impl Dialect {
    fn rules(self) -> Box<dyn Rules> {
        match self {
            Self::Word => Box::<word::Word>::default(),
            Self::Slides => Box::<slides::Slides>::default(),
            Self::Sheet => Box::<sheet::Sheet>::default(),
            Self::OpenDocument => Box::<open_document::OpenDocument>::default(),
        }
    }

    /// The place of a part among those that are checked: what others refer to comes first.
    pub(super) fn order(part: &str) -> u8 {
        let part = part.to_lowercase();
        let names = ["styles.xml", "numbering.xml", "sharedstrings.xml"];
        u8::from(!names.iter().any(|name| part.ends_with(name)))
    }
}

/// What a dialect counts. An element that is empty has its end right after its start.
trait Rules {
    fn start(&mut self, element: &Element<'_>, budget: &mut Budget<'_>) -> Result<()>;

    /// The first text in an element.
    fn begin_text(&mut self, text: &str, budget: &mut Budget<'_>) -> Result<()> {
        // A tree has a node for it. Between elements there may be white space.
        budget.add_weight(u64::from(!text.trim().is_empty()))
    }

    /// A part of the text, as it is in the XML.
    fn text(&mut self, text: &str);

    fn end(&mut self, name: &[u8], budget: &mut Budget<'_>) -> Result<()>;

    /// The end of a part.
    fn end_part(&mut self, budget: &mut Budget<'_>) -> Result<()>;
}

/// The start of an element.
struct Element<'a> {
    /// Its name without its prefix.
    name: &'a [u8],
    source: &'a BytesStart<'a>,
    is_empty: bool,
}

impl Element<'_> {
    /// The value of the attribute of this name, whatever its prefix.
    fn value(&self, name: &[u8]) -> Option<String> {
        let mut attributes = self.source.attributes();
        let mut named = attributes.with_checks(false).flatten();
        let attribute =
            named.find(|attribute| attribute.key.local_name().as_ref().as_bytes() == name)?;
        Some(attribute.value.into_owned())
    }

    /// The number that an attribute says.
    fn number(&self, name: &[u8]) -> Option<u64> {
        self.value(name)?.trim().parse().ok()
    }
}

/// Checks the parts of one file, and counts them together.
pub(super) struct Checker<'a> {
    budget: Budget<'a>,
    rules: Box<dyn Rules>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(input: &'a Input<'a>, dialect: Dialect) -> Self {
        Self { budget: Budget::new(input), rules: dialect.rules() }
    }

    /// Checks one part.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) with too much in it,
    /// [`Error::DamagedFile`](crate::Error::DamagedFile) for what is not XML or declares a
    /// document type.
    pub(super) fn check(&mut self, name: &str, xml: &[u8]) -> Result<()> {
        if name == "mimetype" {
            return Ok(());
        }
        let input = self.budget.input;
        let text = std::str::from_utf8(xml)
            .map_err(|_| input.damaged(format!("its part {name} is not UTF-8")))?;
        let checked = self.check_text(name, text);
        let ended = self.rules.end_part(&mut self.budget);
        checked.and(ended)
    }

    fn check_text(&mut self, name: &str, text: &str) -> Result<()> {
        let input = self.budget.input;
        let mut reader = Reader::from_str(text);
        let mut depth = 0usize;
        let mut is_after_start = false;
        loop {
            let was_after_start = std::mem::take(&mut is_after_start);
            match reader.read_event() {
                Err(error) => {
                    return Err(
                        input.damaged(format!("its part {name} is cut or broken ({error})"))
                    );
                }
                Ok(Event::Eof) if depth > 0 => {
                    return Err(input.damaged(format!("its part {name} is cut off")));
                }
                Ok(Event::Eof) => return Ok(()),
                Ok(Event::DocType(_)) => {
                    let detail = format!("its part {name} declares a document type");
                    return Err(input.damaged(detail));
                }
                Ok(Event::Start(element)) => {
                    depth += 1;
                    if depth > MAX_DEPTH {
                        let (got, limit) = (depth as u64, MAX_DEPTH as u64);
                        return Err(too_large(input, got, limit, "elements within each other"));
                    }
                    self.start(&element, false)?;
                    is_after_start = true;
                }
                Ok(Event::Empty(element)) => {
                    self.start(&element, true)?;
                    self.end(element.local_name().as_ref().as_bytes())?;
                }
                Ok(Event::End(element)) => {
                    depth = depth.saturating_sub(1);
                    self.end(element.local_name().as_ref().as_bytes())?;
                }
                Ok(Event::Text(text)) => {
                    if was_after_start {
                        self.rules.begin_text(&text, &mut self.budget)?;
                    }
                    self.rules.text(&text);
                }
                Ok(Event::CData(text)) => self.rules.text(&text),
                Ok(Event::GeneralRef(name)) => self.rules.text(&name),
                Ok(_) => {}
            }
        }
    }

    fn start(&mut self, source: &BytesStart<'_>, is_empty: bool) -> Result<()> {
        if source.len() >= FEW_ATTRIBUTES_BYTES {
            let count = source.attributes().with_checks(false).count() as u64;
            if count > MAX_ATTRIBUTES {
                let unit = "attributes of an element";
                return Err(too_large(self.budget.input, count, MAX_ATTRIBUTES, unit));
            }
        }
        let name = source.local_name();
        let element = Element { name: name.as_ref().as_bytes(), source, is_empty };
        self.chart_element(&element)?;
        self.rules.start(&element, &mut self.budget)
    }

    fn end(&mut self, name: &[u8]) -> Result<()> {
        self.rules.end(name, &mut self.budget)
    }

    /// A chart has room for each of its points, whether they are there or not.
    fn chart_element(&mut self, element: &Element<'_>) -> Result<()> {
        let points = match element.name {
            b"ptCount" => element.number(b"val"),
            b"pt" => element.number(b"idx"),
            _ => return Ok(()),
        };
        let points = points.unwrap_or(0);
        if points > MAX_POINTS {
            return Err(self.budget.input.damaged(format!("a chart has {points} points")));
        }
        self.budget.add_cells(if element.name == b"pt" { 1 } else { points })
    }
}
