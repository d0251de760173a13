//! From docling's list of nodes to blocks: Excel, RTF and the binary formats.

use std::borrow::Cow;

use docling_core::{ContentLayer, Node, Table};

use super::grid::Cell;
use super::inline::{Piece, join, mark};
use super::labels::{chart_name, comment_text};
use super::markup::plain;
use super::output::Output;
use crate::document::BlockKind;

/// The most levels of indentation of a list item.
const MAX_INDENT: usize = 8;

/// What the text of the nodes is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    /// As a person sees it.
    Plain,
    /// Inline Markdown: its marks are taken away.
    Markdown,
}

/// Writes nodes. A page break begins the next slide where `slide` is the number of the first.
pub(super) fn write(nodes: &[Node], text: Text, slide: Option<u32>, out: &mut Output) {
    if let Some(number) = slide {
        out.begin_slide(number);
    }
    let comments: Vec<&Node> =
        nodes.iter().filter(|node| matches!(node, Node::CommentSection { .. })).collect();
    let written = vec![false; comments.len()];
    let mut writer = Writer { out, text, slide, corner: None, kind: None, comments, written };
    writer.nodes(nodes);
    for comment in 0..writer.comments.len() {
        writer.comment(comment);
    }
}

struct Writer<'a> {
    out: &'a mut Output,
    text: Text,
    slide: Option<u32>,
    /// Where the first cell of the next table is in its sheet.
    corner: Option<Cell>,
    /// The kind of all blocks in a header or footer.
    kind: Option<BlockKind>,
    /// All comments, and which of them were written beside what they are on.
    comments: Vec<&'a Node>,
    written: Vec<bool>,
}

impl Writer<'_> {
    fn node(&mut self, node: &Node) {
        match node {
            Node::Heading { level, text } => {
                self.push(BlockKind::Heading((*level).clamp(1, 6)), text)
            }
            Node::Paragraph { text } | Node::LabeledText { text, .. } => {
                self.push(BlockKind::Paragraph, text);
            }
            Node::ListText { text, .. } => self.push(BlockKind::Paragraph, text),
            Node::TextDump(text) => self.out.push(BlockKind::Paragraph, text),
            Node::CheckboxItem { checked, text } => {
                let mark = if *checked { "[x]" } else { "[ ]" };
                self.push(BlockKind::ListItem, &format!("- {mark} {text}"));
            }
            Node::ListItem { ordered, number, text, level, marker, .. } => {
                let indent = "  ".repeat(usize::from(*level).min(MAX_INDENT));
                let marker = match marker {
                    _ if !ordered => "-".to_owned(),
                    Some(marker) if !marker.is_empty() => marker.clone(),
                    _ => format!("{number}."),
                };
                if !text.trim().is_empty() {
                    self.push(BlockKind::ListItem, &format!("{indent}{marker} {text}"));
                }
            }
            Node::Code { text, .. } => self.out.push(BlockKind::Code, text),
            Node::Table(table) => self.table(table),
            Node::Chart { kind, table, caption, .. } => {
                self.caption(caption.as_deref());
                self.caption(Some(&chart_name(kind)));
                self.out.push_table(table.rows.iter(), 1, None);
            }
            Node::Picture { caption, image, description, .. } => {
                self.caption(caption.as_deref());
                if self.kind.is_none() {
                    self.out.push_picture(image.as_ref(), description.as_ref());
                }
            }
            Node::Caption { text, .. } => self.caption(Some(text)),
            Node::Formula { latex, .. } => {
                self.out.push(BlockKind::Paragraph, &format!("$${latex}$$"));
            }
            Node::InlineGroup { runs, .. } => {
                let piece = |run: &docling_core::InlineRun| Piece {
                    text: run.text.clone(),
                    mark: mark(run.script, run.strike),
                };
                let text = join(&runs.iter().map(piece).collect::<Vec<_>>());
                self.out.push(self.kind.unwrap_or(BlockKind::Paragraph), &text);
            }
            Node::Group { label, name, layer, children } => {
                self.group(label, name.as_deref().unwrap_or(""), *layer, children);
            }
            Node::Furniture { layer, inner } => self.layer(*layer, std::slice::from_ref(inner)),
            Node::PageFurniture { text, .. } => self.push(BlockKind::Boilerplate, text),
            Node::FurnitureText { label, text } => {
                let is_note = label == "footnote";
                let kind = if is_note { BlockKind::Footnote } else { BlockKind::Boilerplate };
                self.push(kind, text);
            }
            Node::Prov { bbox: [left, top, ..], inner, .. } => {
                self.corner = Some(Cell { row: *top as u64 + 1, column: *left as u64 + 1 });
                self.node(inner);
                self.corner = None;
            }
            Node::Commented { comments, inner } => {
                self.node(inner);
                comments.iter().for_each(|&comment| self.comment(comment));
            }
            Node::Located { inner, .. } | Node::Track { inner, .. } => {
                self.node(inner);
            }
            Node::PictureChildren(children) => self.nodes(children),
            Node::PageBreak => {
                if let Some(number) = &mut self.slide {
                    *number += 1;
                    self.out.begin_slide(*number);
                }
            }
            Node::FieldRegion { items } => {
                for field in items {
                    let parts = [&field.marker, &field.key, &field.value];
                    let parts: Vec<&str> =
                        parts.into_iter().flatten().map(String::as_str).collect();
                    self.push(BlockKind::Paragraph, &parts.join(" "));
                }
            }
            Node::CommentSection { .. }
            | Node::KeyValueGraph { .. }
            | Node::Anchor { .. }
            | Node::PageInfo { .. }
            | Node::DoclangOnly(_) => {}
        }
    }

    /// Writes a comment once. The name of one in a sheet ends with its cell.
    fn comment(&mut self, number: usize) {
        let Some(Node::CommentSection { name, text, .. }) = self.comments.get(number) else {
            return;
        };
        if !std::mem::replace(&mut self.written[number], true) {
            let place = name.strip_prefix("comment-").and_then(|place| place.rsplit_once('-'));
            self.out.push_comment(place, &comment_text(text));
        }
    }

    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            self.node(node);
        }
    }

    fn group(&mut self, label: &str, name: &str, layer: Option<ContentLayer>, children: &[Node]) {
        match (label, layer) {
            ("sheet", layer) => {
                self.out.begin_sheet(name, layer.is_some());
                self.nodes(children);
            }
            (_, Some(layer)) => {
                for child in children {
                    self.layer(layer, std::slice::from_ref(&Box::new(child.clone())));
                }
            }
            (_, None) => self.nodes(children),
        }
    }

    /// Writes nodes that are not in the body.
    fn layer(&mut self, layer: ContentLayer, nodes: &[Box<Node>]) {
        match layer {
            ContentLayer::Invisible => {
                self.out.warn("The file has hidden text, which was left out.");
            }
            ContentLayer::Furniture | ContentLayer::Notes => {
                let furniture = layer == ContentLayer::Furniture;
                self.kind = furniture.then_some(BlockKind::Boilerplate);
                nodes.iter().for_each(|node| self.node(node));
                self.kind = None;
            }
        }
    }

    fn push(&mut self, kind: BlockKind, text: &str) {
        let kind = self.kind.unwrap_or(kind);
        match self.text {
            Text::Plain => self.out.push(kind, text),
            Text::Markdown => self.out.push(kind, &plain(text)),
        }
    }

    fn caption(&mut self, text: Option<&str>) {
        if let Some(text) = text {
            self.push(BlockKind::Caption, text);
        }
    }

    fn table(&mut self, table: &Table) {
        self.caption(table.caption.as_deref());
        let structure = table.structure.as_ref();
        let headers = structure.filter(|structure| !structure.header_row.is_empty());
        let headers = headers.map_or(1, |structure| {
            structure.header_row.iter().take_while(|&&is_header| is_header).count()
        });
        let text = self.text;
        let rows = table.rows.iter().map(|row| match text {
            Text::Plain if row.iter().any(|cell| lacks_hour_digit(cell)) => {
                Cow::Owned(row.iter().map(|cell| iso_time(cell)).collect())
            }
            Text::Plain => Cow::Borrowed(row),
            Text::Markdown => Cow::Owned(row.iter().map(|cell| plain(cell)).collect()),
        });
        self.out.push_table(rows, headers, self.corner);
    }
}

/// Whether it is a date and a time of ISO 8601, but for an hour of one digit.
fn lacks_hour_digit(cell: &str) -> bool {
    let pattern = b"0000-00-00 0:00:00";
    let matches = |(&byte, &wanted): (&u8, &u8)| match wanted {
        b'0' => byte.is_ascii_digit(),
        wanted => byte == wanted,
    };
    cell.len() == pattern.len() && cell.as_bytes().iter().zip(pattern).all(matches)
}

/// "2024-01-01 0:00:00" becomes "2024-01-01 00:00:00", as people look for it.
fn iso_time(cell: &str) -> String {
    if !lacks_hour_digit(cell) {
        return cell.to_owned();
    }
    let (date, time) = cell.split_at(11);
    format!("{date}0{time}")
}
