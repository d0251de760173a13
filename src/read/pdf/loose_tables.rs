//! Tables without lines and with narrow gaps, which `unpdf` joins to paragraphs: rows of equally
//! many texts that stand in columns. They are looked for only where a paragraph is full of numbers.

use unpdf::parser::backend::RawBackend;
use unpdf::parser::{LayoutAnalyzer, TextSpan};

use super::blocks::{PageBlock, PageBlocks};
use super::readable_text::mended;
use crate::document::BlockKind;

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

/// Makes rows of the paragraphs that are tables.
pub(super) fn split(pages: &mut [PageBlocks], bytes: &[u8], password: Option<&str>) {
    let looks_like_table = |page: &PageBlocks| page.blocks.iter().any(is_full_of_numbers);
    if !pages.iter().any(looks_like_table) {
        return;
    }
    let Ok(backend) = RawBackend::load_bytes_with_password(bytes, password) else { return };
    for page in pages.iter_mut().filter(|page| looks_like_table(page)) {
        let analyzer = LayoutAnalyzer::new(&backend);
        let spans = analyzer.extract_page_spans(page.number).unwrap_or_default();
        for table in tables(lines(spans)) {
            replace(&mut page.blocks, &table);
        }
    }
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
    let mut groups: Vec<Vec<Line>> = Vec::new();
    for line in lines {
        match groups.last_mut().filter(|group| continues(group, &line)) {
            Some(group) => group.push(line),
            None => groups.push(vec![line]),
        }
    }
    let texts = |line: Line| line.cells.into_iter().map(|cell| mended(&cell.text)).collect();
    let is_table = |group: &Vec<Line>| group.len() >= MIN_ROWS && group[0].cells.len() > 1;
    let groups = groups.into_iter().filter(is_table);
    groups.map(|group| group.into_iter().map(texts).collect()).collect()
}

/// Whether a line has a cell in each column of the group above it, and none between them.
fn continues(group: &[Line], line: &Line) -> bool {
    let Some(last) = group.last() else { return false };
    let columns = line.cells.len();
    let right_of = |column: usize| {
        let rows = group.iter().chain([line]);
        rows.map(|row| row.cells[column].right).fold(f32::MIN, f32::max)
    };
    let left_of = |column: usize| {
        let rows = group.iter().chain([line]);
        rows.map(|row| row.cells[column].left).fold(f32::MAX, f32::min)
    };
    last.cells.len() == columns
        && last.baseline - line.baseline <= MAX_LEADING * line.size.max(last.size)
        && (1..columns).all(|column| right_of(column - 1) <= left_of(column))
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
        PageBlock { kind, text: cells.join(" | ") }
    });
    blocks.splice(place..place, before.into_iter().chain(rows).chain(after));
}

/// Whether the first row names the columns: it has no number, and some column has only numbers.
fn has_header(table: &[Vec<String>]) -> bool {
    let [first, rows @ ..] = table else { return false };
    let is_column_of_numbers = |column: usize| rows.iter().all(|row| is_number(&row[column]));
    !first.iter().any(|cell| is_number(cell)) && (0..first.len()).any(is_column_of_numbers)
}
