//! Tables without lines and with narrow gaps, which `unpdf` joins to paragraphs: rows of equally
//! many texts that stand in columns. They are looked for only where a paragraph is full of numbers.

use unpdf::parser::backend::RawBackend;
use unpdf::parser::{LayoutAnalyzer, TextSpan};

use super::blocks::{PageBlock, PageBlocks};
use super::readable_text::mended;
use crate::document::BlockKind;
use crate::error::Result;
use crate::read::Input;
use crate::read::blocks::row_text;

/// The share of words with digits, and their number, from which a paragraph may be a table.
const NUMBER_SHARE: f32 = 0.3;
const MIN_NUMBERS: usize = 4;
/// The fewest rows of a table.
const MIN_ROWS: usize = 3;
/// How far apart cells are at least, in sizes of the font. A space is a quarter of it.
const MIN_GAP: f32 = 1.0;
/// How far texts of a row may be from one line, and rows from each other, in sizes of the font.
const LINE_TOLERANCE: f32 = 0.4;
const MAX_LEADING: f32 = 3.0;
/// The most bytes of a page's text that are searched for its tables.
const MAX_SEARCHED_BYTES: usize = 256 << 20;

/// Makes rows of the paragraphs that are tables.
pub(super) fn split(pages: &mut [PageBlocks], bytes: &[u8], input: &Input<'_>) -> Result<()> {
    let looks_like_table = |page: &PageBlocks| page.blocks.iter().any(is_full_of_numbers);
    if !pages.iter().any(looks_like_table) {
        return Ok(());
    }
    let backend = RawBackend::load_bytes_with_password(bytes, input.password);
    let Ok(backend) = backend else { return Ok(()) };
    let total = pages.len() as u64;
    for page in pages {
        input.step(total, total, "pages")?;
        if !looks_like_table(page) {
            continue;
        }
        let analyzer = LayoutAnalyzer::new(&backend);
        let spans = analyzer.extract_page_spans(page.number).unwrap_or_default();
        let searches = MAX_SEARCHED_BYTES / page.text_bytes().max(1);
        for table in tables(lines(spans)).iter().take(searches) {
            replace(&mut page.blocks, table);
        }
    }
    Ok(())
}

fn is_full_of_numbers(block: &PageBlock) -> bool {
    let words = || block.text.split(' ');
    let numbers = words().filter(|word| is_number(word)).count();
    block.kind == BlockKind::Paragraph
        && numbers >= MIN_NUMBERS
        && numbers as f32 >= NUMBER_SHARE * words().count() as f32
}

fn is_number(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
}

/// A text that stands apart from others.
struct Cell {
    left: f32,
    right: f32,
    text: String,
}

/// The cells of a line from left to right, and where it is.
struct Line {
    baseline: f32,
    size: f32,
    cells: Vec<Cell>,
}

/// The lines of a page from top to bottom.
fn lines(mut spans: Vec<TextSpan>) -> Vec<Line> {
    spans.retain(|span| !span.is_rotated() && !span.text.trim().is_empty());
    spans.sort_by(|a, b| b.y.total_cmp(&a.y).then(a.x.total_cmp(&b.x)));
    let mut lines: Vec<(f32, f32, Vec<TextSpan>)> = Vec::new();
    for span in spans {
        match lines.last_mut().filter(|line| line.0 - span.y <= LINE_TOLERANCE * line.1) {
            Some(line) => line.2.push(span),
            None => lines.push((span.y, span.font_size, vec![span])),
        }
    }
    let line = |(baseline, size, spans)| Line { baseline, size, cells: cells(spans) };
    lines.into_iter().map(line).collect()
}

fn cells(mut spans: Vec<TextSpan>) -> Vec<Cell> {
    spans.sort_by(|a, b| a.x.total_cmp(&b.x));
    let mut cells: Vec<Cell> = Vec::new();
    for span in spans {
        let right = span.x + span.width;
        match cells.last_mut().filter(|cell| span.x - cell.right < MIN_GAP * span.font_size) {
            Some(cell) => {
                // A space between words is a sixth of the size at least.
                if span.x - cell.right > span.font_size / 6.0 {
                    cell.text.push(' ');
                }
                cell.text.push_str(&span.text);
                cell.right = cell.right.max(right);
            }
            None => cells.push(Cell { left: span.x, right, text: span.text }),
        }
    }
    cells
}

/// The groups of lines that are tables: rows of their cells' texts.
fn tables(lines: Vec<Line>) -> Vec<Vec<Vec<String>>> {
    let mut groups: Vec<Group> = Vec::new();
    for line in lines {
        let line = match groups.last_mut() {
            Some(group) => group.add(line),
            None => Some(line),
        };
        groups.extend(line.map(Group::of));
    }
    let texts = |line: Line| line.cells.into_iter().map(|cell| mended(&cell.text)).collect();
    let is_table = |group: &Group| group.lines.len() >= MIN_ROWS && group.columns.len() > 1;
    let groups = groups.into_iter().filter(is_table);
    groups.map(|group| group.lines.into_iter().map(texts).collect()).collect()
}

/// Lines below each other with cells in the same columns.
struct Group {
    lines: Vec<Line>,
    /// Where each column begins and ends.
    columns: Vec<(f32, f32)>,
}

impl Group {
    fn of(line: Line) -> Self {
        let columns = line.cells.iter().map(|cell| (cell.left, cell.right)).collect();
        Self { lines: vec![line], columns }
    }

    /// Adds a line that has a cell in each column, and none between them. Returns any other.
    fn add(&mut self, line: Line) -> Option<Line> {
        let is_below = self.lines.last().is_some_and(|last| {
            last.baseline - line.baseline <= MAX_LEADING * line.size.max(last.size)
        });
        if !is_below || line.cells.len() != self.columns.len() {
            return Some(line);
        }
        let columns = self.columns.iter().zip(&line.cells);
        let columns: Vec<(f32, f32)> = columns
            .map(|(&(left, right), cell)| (left.min(cell.left), right.max(cell.right)))
            .collect();
        if columns.windows(2).any(|pair| pair[0].1 > pair[1].0) {
            return Some(line);
        }
        self.columns = columns;
        self.lines.push(line);
        None
    }
}

/// Replaces the paragraph that holds the table's text by its rows, and the text around them.
fn replace(blocks: &mut Vec<PageBlock>, table: &[Vec<String>]) {
    let text = table.iter().map(|row| row.join(" ")).collect::<Vec<_>>().join(" ");
    let found = blocks.iter().enumerate().find_map(|(place, block)| {
        let start = block.text.find(&text).filter(|_| block.kind == BlockKind::Paragraph)?;
        Some((place, start))
    });
    let Some((place, start)) = found else { return };
    let whole = blocks.remove(place);
    let paragraph = |text: &str| {
        let text = text.trim().to_owned();
        (!text.is_empty()).then_some(PageBlock { kind: BlockKind::Paragraph, text })
    };
    let before = paragraph(&whole.text[..start]);
    let after = paragraph(&whole.text[start + text.len()..]);
    let rows = table.iter().enumerate().map(|(row, cells)| {
        let is_header = row == 0 && has_header(table);
        let kind = if is_header { BlockKind::TableHeader } else { BlockKind::TableRow };
        PageBlock { kind, text: row_text(cells) }
    });
    blocks.splice(place..place, before.into_iter().chain(rows).chain(after));
}

/// Whether the first row names the columns: it has no number, and some column has only numbers.
fn has_header(table: &[Vec<String>]) -> bool {
    let [first, rows @ ..] = table else { return false };
    let is_column_of_numbers = |column: usize| rows.iter().all(|row| is_number(&row[column]));
    !first.iter().any(|cell| is_number(cell)) && (0..first.len()).any(is_column_of_numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn line(row: usize, columns: usize) -> Line {
        let cell = |column: usize| {
            let left = 50.0 * column as f32;
            Cell { left, right: left + 20.0, text: format!("{row}") }
        };
        let baseline = -10.0 * row as f32;
        Line { baseline, size: 10.0, cells: (0..columns).map(cell).collect() }
    }

    #[test]
    fn lines_with_cells_in_the_same_columns_are_a_table() {
        let mut lines: Vec<Line> = (0..4).map(|row| line(row, 3)).collect();
        lines.extend((4..8).map(|row| line(row, 2)));
        // It reaches into the next column.
        lines[7].cells[0].right = 60.0;
        let found = tables(lines);
        let sizes: Vec<_> = found.iter().map(|rows| (rows.len(), rows[0].len())).collect();
        assert_eq!(sizes, [(4, 3), (3, 2)]);
    }

    #[test]
    fn a_table_of_very_many_rows_is_found_in_one_pass() {
        let found = tables((0..50_000).map(|row| line(row, 20)).collect());
        assert_eq!((found.len(), found[0].len()), (1, 50_000));
    }
}
