//! Drawings of SVG: their title, their description and the texts in them. What is drawn is not read, and
//! scripts are never run.

use crate::document::BlockKind;
use crate::read::blocks::DocumentBuilder;

use super::xml_events::{XmlEvent, split_name};

/// Elements that hold no text for people.
const UNREAD: &[&str] = &["script", "style", "metadata"];
/// Attributes that place a part of a text anew.
const PLACING: &[&str] = &["x", "y", "dx", "dy"];

/// Reads the elements of a drawing, one after another.
#[derive(Default)]
pub(super) struct Svg {
    /// How many elements are open.
    depth: usize,
    /// The block that is open: how many elements are around it, its kind and its text so far.
    block: Option<(usize, BlockKind, String)>,
    /// How many elements are around one that is not read.
    unread: Option<usize>,
    blocks: Vec<(BlockKind, String)>,
}

impl Svg {
    /// Whether an element with this name is a drawing.
    pub(super) fn is_root(name: &str) -> bool {
        split_name(name).1 == "svg"
    }

    pub(super) fn read(&mut self, event: XmlEvent) {
        match event {
            XmlEvent::Start(name, attributes) => self.start(split_name(&name).1, &attributes),
            XmlEvent::Text(text) if self.unread.is_none() => {
                if let Some((.., block)) = &mut self.block {
                    block.push_str(&text);
                }
            }
            XmlEvent::Text(_) => {}
            XmlEvent::End => self.end(),
        }
    }

    fn start(&mut self, name: &str, attributes: &[(String, String)]) {
        let depth = self.depth;
        if UNREAD.contains(&name) {
            self.unread.get_or_insert(depth);
        }
        match (&mut self.block, kind(name, depth)) {
            (None, Some(kind)) => self.block = Some((depth, kind, String::new())),
            (Some((.., text)), _) => {
                // A line of a text, or an element of the page within the drawing.
                let is_apart = name != "tspan"
                    || attributes.iter().any(|(key, _)| PLACING.contains(&key.as_str()));
                text.push_str(if is_apart { " " } else { "" });
            }
            (None, None) => {}
        }
        self.depth += 1;
    }

    fn end(&mut self) {
        let depth = self.depth.saturating_sub(1);
        self.depth = depth;
        self.unread = self.unread.filter(|&unread| unread < depth);
        if let Some((.., kind, text)) = self.block.take_if(|(around, ..)| *around >= depth) {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            // The outline of a text is often drawn apart from it.
            if self.blocks.last().is_none_or(|(_, last)| *last != text) {
                self.blocks.push((kind, text));
            }
        }
    }

    pub(super) fn write(self, builder: &mut DocumentBuilder) {
        self.blocks.iter().for_each(|(kind, text)| builder.push(*kind, text));
    }
}

/// The kind of block that an element is; none for one that holds no text of its own.
fn kind(name: &str, depth: usize) -> Option<BlockKind> {
    match (name, depth) {
        ("title", 1) => Some(BlockKind::Heading(1)),
        ("title" | "desc" | "text" | "foreignObject", _) => Some(BlockKind::Paragraph),
        _ => None,
    }
}
