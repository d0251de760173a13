//! The blocks of a page.

use unpdf::{Block, FormField, Page, Paragraph, Table};

use super::links::{Link, add_links};
use super::readable_text::{is_garbage, is_right_to_left, mended};
use super::table_header;
use crate::document::BlockKind;
use crate::lines::{is_caption, is_figure_caption};
use crate::read::blocks::row_text;

/// The most bytes of a heading: a longer one is text in large letters.
const MAX_HEADING_BYTES: usize = 300;
/// The fewest words of a line of text that is not the only cell of its row.
const MIN_SENTENCE_WORDS: usize = 5;
/// The most bytes of a cell: a longer one is a column of the page, and no table.
const MAX_CELL_BYTES: usize = 1200;

/// One block of a page.
pub(super) struct PageBlock {
    pub(super) kind: BlockKind,
    pub(super) text: String,
}

impl PageBlock {
    /// Whether it is the caption of a figure.
    pub(super) fn is_figure_caption(&self) -> bool {
        self.kind == BlockKind::Caption && is_figure_caption(&self.text)
    }
}

/// What was read of a page.
pub(super) struct PageBlocks {
    /// Its number, from 1.
    pub(super) number: u32,
    pub(super) blocks: Vec<PageBlock>,
    /// The texts that lead to an address.
    pub(super) links: Vec<Link>,
    /// Whether a font without a map to characters kept text from being read.
    pub(super) has_lost_text: bool,
}

impl PageBlocks {
    pub(super) fn of(page: Page) -> Self {
        let has_lost_text = page.suppressed_text_runs > 0;
        let (mut blocks, mut links) = (Vec::new(), Vec::new());
        for element in &page.elements {
            match element {
                Block::Paragraph(paragraph) => {
                    push_paragraph(paragraph, &mut blocks);
                    add_links(paragraph, &mut links);
                }
                Block::Table(table) => {
                    push_table(table, &mut blocks);
                    let cells = table.rows.iter().flat_map(|row| &row.cells);
                    let paragraphs = cells.flat_map(|cell| &cell.content);
                    paragraphs.for_each(|paragraph| add_links(paragraph, &mut links));
                }
                Block::Code { content } => push(BlockKind::Code, content.clone(), &mut blocks),
                Block::Raw { content } => push(BlockKind::Paragraph, mended(content), &mut blocks),
                Block::Image { alt_text: Some(text), .. } => {
                    push(BlockKind::Caption, mended(text), &mut blocks);
                }
                _ => {}
            }
        }
        Self { number: page.number, blocks, links, has_lost_text }
    }

    pub(super) fn text_bytes(&self) -> usize {
        self.blocks.iter().map(|block| block.text.len()).sum()
    }

    /// Whether its text is no text of any language.
    pub(super) fn is_garbage(&self) -> bool {
        is_garbage(self.blocks.iter().map(|block| block.text.as_str()))
    }
}

fn push(kind: BlockKind, text: String, blocks: &mut Vec<PageBlock>) {
    if text.chars().any(char::is_alphanumeric) {
        blocks.push(PageBlock { kind, text });
    }
}

fn push_paragraph(paragraph: &Paragraph, blocks: &mut Vec<PageBlock>) {
    let text = mended(&paragraph.plain_text());
    let kind = match paragraph.heading_level() {
        Some(level) if text.len() <= MAX_HEADING_BYTES => BlockKind::Heading(level.clamp(1, 6)),
        _ if paragraph.is_list_item() => BlockKind::ListItem,
        _ if is_caption(&text) => BlockKind::Caption,
        _ => BlockKind::Paragraph,
    };
    push(kind, text, blocks);
}

/// A table as rows of cells. A table of one column, or with cells of the size of a text, is
/// pushed as paragraphs.
fn push_table(table: &Table, blocks: &mut Vec<PageBlock>) {
    if let Some(caption) = &table.caption {
        push(BlockKind::Caption, mended(caption), blocks);
    }
    let mut rows = grid(table);
    let is_narrow = rows.first().is_none_or(|row| row.len() < 2);
    let is_layout = is_narrow || rows.iter().flatten().any(|cell| cell.len() > MAX_CELL_BYTES);
    if is_layout {
        for cell in rows.into_iter().flatten() {
            push(BlockKind::Paragraph, cell, blocks);
        }
        return;
    }
    let texts = |rows: &mut Vec<Vec<String>>, count: usize, blocks: &mut Vec<PageBlock>| {
        let texts = rows.drain(..count).map(|row| row.concat());
        texts.for_each(|text| push(BlockKind::Paragraph, text, blocks));
    };
    let above = rows.iter().take_while(|row| is_text_beside_table(row)).count();
    texts(&mut rows, above, blocks);
    let below = rows.iter().rev().take_while(|row| is_text_beside_table(row)).count();
    let mut texts_below = rows.split_off(rows.len() - below);
    // Where a text above the table was counted as its header, the row below it is.
    let headers = match usize::from(table.header_rows) {
        0 => 0,
        stated => stated.saturating_sub(above).max(1),
    };
    let headers = table_header::complete(&mut rows, headers);
    for (place, cells) in rows.iter().enumerate() {
        let is_header = place < headers && rows.len() > 1;
        let kind = if is_header { BlockKind::TableHeader } else { BlockKind::TableRow };
        push(kind, row_text(cells), blocks);
    }
    texts(&mut texts_below, below, blocks);
}

/// Whether a row is a line of text above or below a table that was taken for a part of it.
fn is_text_beside_table(cells: &[String]) -> bool {
    let mut texts = cells.iter().filter(|cell| !cell.is_empty());
    let is_sentence = |text: &String| text.split(' ').count() >= MIN_SENTENCE_WORDS;
    texts.next().is_some_and(is_sentence) && texts.next().is_none()
}

/// The text of each cell by row and column. A cell that spans several rows is repeated in each.
fn grid(table: &Table) -> Vec<Vec<String>> {
    let (width, columns) = (table.column_count(), table.cell_columns());
    let mut rows = vec![vec![String::new(); width]; table.row_count()];
    for (place, row) in table.rows.iter().enumerate() {
        for (cell, &column) in row.cells.iter().zip(&columns[place]) {
            let text = mended(&cell.plain_text());
            let last = (place + usize::from(cell.rowspan.max(1))).min(rows.len());
            for spanned in &mut rows[place..last] {
                if let Some(slot) = spanned.get_mut(column) {
                    slot.clone_from(&text);
                }
            }
        }
    }
    without_empty_columns(&mut rows);
    if is_right_to_left(rows.iter().flatten()) {
        rows.iter_mut().for_each(|row| row.reverse());
    }
    rows
}

/// Removes the columns that no row has text in: lines that end at different places make them.
fn without_empty_columns(rows: &mut [Vec<String>]) {
    let width = rows.first().map_or(0, Vec::len);
    let is_used: Vec<bool> =
        (0..width).map(|column| rows.iter().any(|row| !row[column].is_empty())).collect();
    for row in rows {
        let mut used = is_used.iter();
        row.retain(|_| used.next().is_some_and(|&is_used| is_used));
    }
}

/// The fields of a form that are filled in: "name: value".
pub(super) fn form_fields(fields: &[FormField]) -> Vec<String> {
    let line = |field: &FormField| {
        let value = mended(&field.display_value());
        (field.value.is_some() && !value.is_empty())
            .then(|| format!("{}: {value}", mended(&field.name)))
    };
    fields.iter().filter_map(line).collect()
}
