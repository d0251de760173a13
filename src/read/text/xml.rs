//! XML: its elements as data, or as paragraphs where text and elements mix. Drawings of SVG are read as
//! such.

use crate::error::Result;
use crate::read::blocks::DocumentBuilder;
use crate::read::{Input, ReadFile};

use super::records::Records;
use super::svg::Svg;
use super::tree::Tree;
use super::xml_events::{XmlEvent, for_each, split_name};

/// Attributes that say how something looks or is read by programs.
const UNREAD_ATTRIBUTES: &[&str] = &[
    "class",
    "cx",
    "cy",
    "d",
    "dx",
    "dy",
    "encoding",
    "fill",
    "height",
    "points",
    "preserve",
    "r",
    "rx",
    "ry",
    "space",
    "stroke",
    "style",
    "transform",
    "version",
    "viewBox",
    "width",
    "x",
    "x1",
    "x2",
    "xmlns",
    "y",
    "y1",
    "y2",
];
/// Elements that hold no text for people.
const UNREAD_ELEMENTS: &[&str] = &["script", "style"];
/// Elements whose names say nothing of their text.
const PLAIN_ELEMENTS: &[&str] =
    &["p", "para", "simpara", "text", "tspan", "seg", "l", "ab", "body"];

/// Reads XML. Neither entities nor references to other files are resolved.
pub(crate) fn xml(input: &Input<'_>) -> Result<ReadFile> {
    let text = input.text(false)?;
    // Below the root, whose end is never reached.
    let mut open = vec![Element::default()];
    let (mut svg, mut is_first) = (None, true);
    for_each(input, &text, |event| {
        if let XmlEvent::Start(name, _) = &event
            && std::mem::take(&mut is_first)
        {
            svg = Svg::is_root(name).then(Svg::default);
        }
        match event {
            event if let Some(svg) = &mut svg => svg.read(event),
            XmlEvent::Start(name, attributes) => {
                open.push(Element::new(split_name(&name).1, attributes));
            }
            XmlEvent::Text(text) => {
                if let Some(element) = open.last_mut() {
                    element.add_text(&text);
                }
            }
            XmlEvent::End => {
                if let (Some(ended), Some(parent)) = (open.pop(), open.last_mut()) {
                    parent.add(ended);
                }
            }
        }
        Ok(())
    })?;
    let mut builder = DocumentBuilder::new(input);
    if let Some(svg) = svg {
        svg.write(&mut builder);
    } else if let Some((_, tree)) =
        open.into_iter().next().and_then(|root| root.children.into_iter().next())
    {
        Records::new(&mut builder, input).write(&tree)?;
    }
    Ok(builder.finish_within(input)?.into())
}

/// An element that is not ended yet.
#[derive(Default)]
struct Element {
    name: String,
    /// Its attributes, then its elements.
    children: Vec<(String, Tree)>,
    attributes: usize,
    /// All text within it, in order, and whether some of it is its own.
    text: String,
    has_own_text: bool,
}

impl Element {
    fn new(name: &str, attributes: Vec<(String, String)>) -> Self {
        let is_read = |key: &str| {
            let prefix = key.split(':').next().unwrap_or(key);
            let local = key.rsplit(':').next().unwrap_or(key);
            !matches!(prefix, "xmlns" | "xsi") && !UNREAD_ATTRIBUTES.contains(&local)
        };
        let kept = attributes.into_iter().filter(|(key, value)| is_read(key) && !value.is_empty());
        let children: Vec<_> = kept
            .map(|(key, value)| {
                (key.rsplit(':').next().unwrap_or(&key).to_owned(), Tree::Scalar(value))
            })
            .collect();
        Self { name: name.to_owned(), attributes: children.len(), children, ..Self::default() }
    }

    fn add_text(&mut self, text: &str) {
        self.has_own_text |= !text.trim().is_empty();
        self.text.push_str(text);
    }

    /// Adds an element that ended. Equal elements in a row are a list.
    fn add(&mut self, ended: Self) {
        if UNREAD_ELEMENTS.contains(&ended.name.as_str()) {
            return;
        }
        self.text.push_str(&ended.text);
        let name = ended.name.clone();
        let tree = ended.into_tree();
        let has_elements = self.children.len() > self.attributes;
        match self.children.last_mut().filter(|_| has_elements) {
            Some((last, Tree::List(values))) if *last == name => values.push(tree),
            Some((last, value)) if *last == name => {
                let first = std::mem::replace(value, Tree::List(Vec::new()));
                *value = Tree::List(vec![first, tree]);
            }
            _ => self.children.push((name, tree)),
        }
    }

    fn into_tree(mut self) -> Tree {
        let is_leaf = self.children.len() == self.attributes;
        if !is_leaf && !self.has_own_text {
            return Tree::Map(self.children);
        }
        let text = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if self.attributes == 0 || PLAIN_ELEMENTS.contains(&self.name.as_str()) {
            return Tree::Scalar(text);
        }
        self.children.truncate(self.attributes);
        if !text.is_empty() {
            self.children.push((String::new(), Tree::Scalar(text)));
        }
        Tree::Map(self.children)
    }
}
