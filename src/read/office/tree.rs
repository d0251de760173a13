//! From docling's tree of items to blocks: Word, PowerPoint and OpenDocument.

use std::collections::HashMap;

use docling_core::tree::{ItemTree, ListMeta, TreeItem, TreeKind};
use docling_core::{ContentLayer, Table, TableCell};

use super::grid::Cell;
use super::inline::{Piece, join, mark};
use super::labels::{chart_name, comment_text};
use super::output::{Output, push_line, rows_of_cells};
use crate::document::BlockKind;

/// The most levels of indentation of a list item.
const MAX_INDENT: usize = 8;

/// Writes all items of a tree.
pub(super) fn write(tree: &ItemTree, out: &mut Output) {
    let written = vec![false; tree.items.len()];
    let mut writer = Writer { tree, out, written, is_hidden: false };
    for &id in &tree.body {
        writer.item(id, 0);
    }
}

struct Writer<'a> {
    tree: &'a ItemTree,
    out: &'a mut Output,
    /// Items that were written before their turn.
    written: Vec<bool>,
    /// Within a hidden slide or sheet.
    is_hidden: bool,
}

impl Writer<'_> {
    /// Writes an item and what is below it; `depth` lists are open around it.
    fn item(&mut self, id: usize, depth: usize) {
        let tree = self.tree;
        let item = &tree.items[id];
        if item.deleted || std::mem::replace(&mut self.written[id], true) {
            return;
        }
        match item.layer {
            Some(ContentLayer::Notes) => return self.note(id),
            Some(ContentLayer::Invisible) if !self.is_hidden && !is_page(item) => {
                return self.out.warn("The file has hidden text, which was left out.");
            }
            _ => {}
        }
        match &item.kind {
            TreeKind::Text { .. } => self.text_item(id, depth),
            TreeKind::Code { text, .. } => {
                self.out.push(BlockKind::Code, text);
                self.children(id, depth);
            }
            TreeKind::Group { label, name } => self.group(id, label, name, depth),
            TreeKind::Table { table, rich_cells, .. } => self.table(id, table, rich_cells),
            TreeKind::Picture { classification, chart, image, description, .. } => {
                // Those of headers and footers are logos.
                if item.layer != Some(ContentLayer::Furniture) {
                    self.out.push_picture(image.as_ref(), description.as_ref());
                }
                if let Some(chart) = chart {
                    self.out.push(
                        BlockKind::Caption,
                        &chart_name(classification.as_deref().unwrap_or("chart")),
                    );
                    self.out.push_table(chart.rows.iter(), 1, None);
                }
                self.children(id, depth);
            }
            TreeKind::FieldRegion { items } => {
                for field in items {
                    let parts = [&field.marker, &field.key, &field.value];
                    let parts: Vec<&str> =
                        parts.into_iter().flatten().map(String::as_str).collect();
                    self.out.push(BlockKind::Paragraph, &parts.join(" "));
                }
            }
            TreeKind::KeyValueGraph { .. } => {}
        }
    }

    fn children(&mut self, id: usize, depth: usize) {
        let tree = self.tree;
        for &child in &tree.items[id].children {
            self.item(child, depth);
        }
    }

    fn group(&mut self, id: usize, label: &str, name: &str, depth: usize) {
        let tree = self.tree;
        let item = &tree.items[id];
        if is_page(item) {
            self.is_hidden = item.layer == Some(ContentLayer::Invisible);
            match name.strip_prefix("sheet: ") {
                Some(sheet) => self.out.begin_sheet(sheet, self.is_hidden),
                None => {
                    let index = name.strip_prefix("slide-").and_then(|index| index.parse().ok());
                    let number = index.map_or(1, |index: u32| index.saturating_add(1));
                    self.out.begin_slide(number);
                    if self.is_hidden {
                        self.out.warn(&format!("Slide {number} is hidden."));
                    }
                }
            }
            self.children(id, depth);
            self.is_hidden = false;
        } else if label == "inline" {
            let text = self.inline_text(id);
            let kind = self.body_kind(item, BlockKind::Paragraph);
            self.out.push(kind, &text);
            self.marks_of(id);
        } else {
            self.children(id, depth + usize::from(label == "list"));
        }
    }

    fn text_item(&mut self, id: usize, depth: usize) {
        let tree = self.tree;
        let item = &tree.items[id];
        let TreeKind::Text { label, level, list, .. } = &item.kind else { return };
        if label == "footnote" {
            if !item.note_body {
                self.out.push(BlockKind::Footnote, &self.inline_text(id));
            }
            return;
        }
        let mut text = self.inline_text(id);
        let kind = match label.as_str() {
            "title" => {
                if self.is_hidden && !text.is_empty() {
                    text.push_str(" (hidden)");
                }
                BlockKind::Heading(1)
            }
            "section_header" => {
                // A title is of level 1.
                BlockKind::Heading(level.unwrap_or(1).saturating_add(1).clamp(2, 6))
            }
            "list_item" => {
                if !text.is_empty() {
                    text = format!("{}{text}", self.marker(id, list.as_ref(), depth));
                }
                BlockKind::ListItem
            }
            "checkbox_selected" | "checkbox_unselected" => {
                text = format!("{}{text}", check_mark(label));
                BlockKind::ListItem
            }
            "caption" => BlockKind::Caption,
            "formula" => {
                text = format!("$${text}$$");
                BlockKind::Paragraph
            }
            _ => BlockKind::Paragraph,
        };
        let kind = self.body_kind(item, kind);
        self.out.push(kind, &text);
        self.marks_of(id);
        for &child in &item.children {
            if !self.is_run(item, child) {
                self.item(child, depth);
            }
        }
    }

    /// Headers and footers of pages are in a layer of their own.
    fn body_kind(&self, item: &TreeItem, kind: BlockKind) -> BlockKind {
        if item.layer == Some(ContentLayer::Furniture) { BlockKind::Boilerplate } else { kind }
    }

    fn marker(&self, id: usize, list: Option<&ListMeta>, depth: usize) -> String {
        let indent = "  ".repeat(depth.saturating_sub(1).min(MAX_INDENT));
        match list {
            Some(ListMeta { enumerated: true, marker }) if marker.is_empty() => {
                format!("{indent}{}. ", self.number_in_list(id))
            }
            Some(ListMeta { enumerated: true, marker }) => format!("{indent}{marker} "),
            _ => format!("{indent}- "),
        }
    }

    fn number_in_list(&self, id: usize) -> usize {
        let siblings = match self.tree.items[id].parent {
            Some(parent) => &self.tree.items[parent].children,
            None => &self.tree.body,
        };
        let before = siblings.iter().take_while(|&&sibling| sibling != id);
        1 + before.filter(|&&sibling| label(&self.tree.items[sibling]) == "list_item").count()
    }

    /// The text of an item with the runs below it.
    fn inline_text(&self, id: usize) -> String {
        let mut pieces = Vec::new();
        self.collect_pieces(id, &mut pieces);
        join(&pieces)
    }

    fn collect_pieces(&self, id: usize, pieces: &mut Vec<Piece>) {
        let tree = self.tree;
        let item = &tree.items[id];
        if let TreeKind::Text { label, text, formatting, .. } = &item.kind {
            let is_within = item.parent.is_some_and(|parent| is_inline(&tree.items[parent]));
            let text = match label.as_str() {
                "formula" if is_within => format!("${text}$"),
                _ => text.clone(),
            };
            let mark = formatting.and_then(|format| mark(format.script, format.strikethrough));
            pieces.push(Piece { text, mark });
        }
        for &child in item.children.iter().filter(|child| self.is_run(item, **child)) {
            self.collect_pieces(child, pieces);
        }
    }

    /// Whether `child` is part of the text of `item`. The runs of an item with a text of its own
    /// are a paragraph below it.
    fn is_run(&self, item: &TreeItem, child: usize) -> bool {
        let has_no_text = matches!(&item.kind, TreeKind::Text { text, .. } if text.is_empty());
        is_inline(item) || (has_no_text && is_inline(&self.tree.items[child]))
    }

    /// Writes the footnotes and comments of an item and its runs.
    fn marks_of(&mut self, id: usize) {
        let tree = self.tree;
        let item = &tree.items[id];
        for note in &item.notes {
            self.out.push(BlockKind::Footnote, &note.text);
        }
        for &comment in &item.comments {
            if !std::mem::replace(&mut self.written[comment], true) {
                self.note(comment);
            }
        }
        for &child in &item.children {
            if self.is_run(item, child) {
                self.marks_of(child);
            }
        }
    }

    /// Writes a comment, or the notes of a speaker.
    fn note(&mut self, id: usize) {
        let tree = self.tree;
        let item = &tree.items[id];
        let is_comment = |item: &TreeItem| matches!(&item.kind, TreeKind::Group { label, .. } if label == "comment_section");
        let in_section = item.parent.is_some_and(|parent| is_comment(&tree.items[parent]));
        if let TreeKind::Text { text, .. } = &item.kind {
            if in_section || !item.parent.is_some_and(|parent| is_page(&tree.items[parent])) {
                // A comment on a slide is on no part of it.
                let kind =
                    if self.out.has_pages() { BlockKind::Paragraph } else { BlockKind::Footnote };
                self.out.push(kind, &comment_text(text));
            } else {
                self.out.push(BlockKind::Footnote, &format!("Notes: {text}"));
            }
        }
        for &child in &item.children {
            if !std::mem::replace(&mut self.written[child], true) {
                self.note(child);
            }
        }
    }

    fn table(&mut self, id: usize, table: &Table, rich_cells: &[(usize, usize, usize)]) {
        let tree = self.tree;
        let no_cells = Vec::new();
        let cells = table.cells.as_ref().unwrap_or(&no_cells);
        let rich = groups_of_cells(rich_cells);
        let text = |cell: &TableCell| {
            let group = rich.get(&(cell.start_row, cell.start_col));
            let text = group.map(|&group| self.flat_text(group)).filter(|text| !text.is_empty());
            text.unwrap_or_else(|| cell.text.clone())
        };
        let texts: Vec<String> = cells.iter().map(text).collect();
        let corner = tree.items[id].prov.as_ref().filter(|_| is_in_sheet(tree, id)).map(|place| {
            let [left, top, ..] = place.bbox;
            Cell { row: top as u64 + 1, column: left as u64 + 1 }
        });
        let rows = rows_of_cells(cells, &texts);
        self.out.push_table(rows.iter(), table.column_header_row_count(), corner);
        let mut groups: Vec<usize> = rich_cells.iter().map(|rich| rich.2).collect();
        while let Some(group) = groups.pop() {
            self.written[group] = true;
            for note in &tree.items[group].notes {
                self.out.push(BlockKind::Footnote, &note.text);
            }
            groups.extend(&tree.items[group].children);
        }
        self.children(id, 0);
    }

    /// All text below an item on one line, for a cell of a table.
    fn flat_text(&self, id: usize) -> String {
        let tree = self.tree;
        let item = &tree.items[id];
        let mut line = String::new();
        match &item.kind {
            TreeKind::Text { list, label, .. } => {
                let text = self.inline_text(id);
                match label.as_str() {
                    "list_item" if !text.is_empty() => line = self.marker(id, list.as_ref(), 0),
                    label => line = check_mark(label).to_owned(),
                }
                push_line(&mut line, &text);
            }
            TreeKind::Code { text, .. } => push_line(&mut line, text),
            TreeKind::Group { label, .. } if label == "inline" => {
                push_line(&mut line, &self.inline_text(id));
                return line;
            }
            TreeKind::Table { table, rich_cells, .. } => {
                let rich = groups_of_cells(rich_cells);
                for cell in table.cells.iter().flatten() {
                    let group = rich.get(&(cell.start_row, cell.start_col));
                    let text =
                        group.map_or_else(|| cell.text.clone(), |&group| self.flat_text(group));
                    add_part(&mut line, &text);
                }
                return line;
            }
            _ => {}
        }
        for &child in &item.children {
            let below = &tree.items[child];
            if !below.deleted && below.layer.is_none() && !self.is_run(item, child) {
                add_part(&mut line, &self.flat_text(child));
            }
        }
        line
    }
}

/// The groups of the cells with more than plain text, by their row and column.
fn groups_of_cells(rich_cells: &[(usize, usize, usize)]) -> HashMap<(usize, usize), usize> {
    // Of several in one place, the first one counts.
    rich_cells.iter().rev().map(|&(row, column, group)| ((row, column), group)).collect()
}

fn add_part(line: &mut String, text: &str) {
    if !line.is_empty() && !text.is_empty() {
        line.push(' ');
    }
    push_line(line, text);
}

fn check_mark(label: &str) -> &'static str {
    match label {
        "checkbox_selected" => "- [x] ",
        "checkbox_unselected" => "- [ ] ",
        _ => "",
    }
}

fn label(item: &TreeItem) -> &str {
    match &item.kind {
        TreeKind::Text { label, .. } | TreeKind::Group { label, .. } => label,
        _ => "",
    }
}

fn is_inline(item: &TreeItem) -> bool {
    matches!(&item.kind, TreeKind::Group { label, .. } if label == "inline")
}

/// Whether it is the group of a slide or a sheet.
fn is_page(item: &TreeItem) -> bool {
    match &item.kind {
        TreeKind::Group { label, name } => {
            label == "chapter" || (label == "section" && name.starts_with("sheet: "))
        }
        _ => false,
    }
}

fn is_in_sheet(tree: &ItemTree, id: usize) -> bool {
    let parent = tree.items[id].parent.map(|parent| &tree.items[parent]);
    parent.is_some_and(|parent| is_page(parent) && label(parent) == "section")
}
