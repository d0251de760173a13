//! Tables of HTML: rows whose cells may span several rows and columns.

use crate::document::BlockKind;

use super::pieces::{BlockPictures, Piece};
use crate::read::blocks::row_text;

/// A cell with more bytes contains a part of the page instead of a value.
const MAX_CELL_BYTES: usize = 1000;
/// A table whose cells have no more is one of data, whatever is in them.
const MAX_DATA_CELL_BYTES: usize = 300;
/// The bytes between two cells.
const SEPARATOR_BYTES: usize = 3;
/// The most columns that a cell spans.
const MAX_SPAN: usize = 100;
/// The most bytes of a page's cells that are repeated, for each byte of the page.
const MAX_REPETITION: usize = 2;

/// A cell: the blocks within it, and how far it extends.
pub(super) struct Cell {
    pub(super) pieces: Vec<Piece>,
    pub(super) is_header: bool,
    pub(super) columns: usize,
    pub(super) rows: usize,
}

impl Cell {
    fn bytes(&self) -> usize {
        self.pieces.iter().map(|piece| piece.text.len()).sum()
    }

    fn text(&self) -> String {
        let words = self.pieces.iter().flat_map(|piece| piece.text.split_ascii_whitespace());
        words.collect::<Vec<_>>().join(" ")
    }
}

/// A row of a table.
#[derive(Default)]
pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    pub(super) in_head: bool,
}

impl Row {
    /// Whether a row only arranges parts of the page side by side.
    fn lays_out(&self) -> bool {
        use BlockKind::{Code, Heading, TableHeader, TableRow};
        let is_part =
            |piece: &Piece| matches!(piece.kind, Heading(_) | TableRow | TableHeader | Code);
        (self.cells.len() == 1 && self.cells[0].columns == 1)
            || self.cells.iter().flat_map(|cell| &cell.pieces).any(is_part)
            || self.cells.iter().any(|cell| cell.bytes() > MAX_CELL_BYTES)
    }

    fn is_header(&self) -> bool {
        self.in_head || self.cells.iter().all(|cell| cell.is_header)
    }
}

/// How many bytes may still be repeated for cells that span.
pub(super) struct Repetition(usize);

impl Repetition {
    pub(super) fn of(source: &str) -> Self {
        Self(source.len().saturating_mul(MAX_REPETITION))
    }

    /// The text once more; none where enough was repeated.
    fn take(&mut self, text: &str) -> Option<String> {
        self.0 = self.0.checked_sub(text.len() + SEPARATOR_BYTES)?;
        Some(text.to_owned())
    }
}

/// The blocks of a table's rows.
pub(super) fn pieces(rows: Vec<Row>, repetition: &mut Repetition) -> Vec<Piece> {
    let is_small = |row: &Row| row.cells.iter().all(|cell| cell.bytes() <= MAX_DATA_CELL_BYTES);
    let is_wide = |row: &Row| row.cells.len() > 1 || row.cells.iter().any(|cell| cell.columns > 1);
    let is_data = rows.len() > 1 && rows.iter().all(is_small) && rows.iter().any(is_wide);
    let mut pieces = Vec::new();
    // For each column the text that spans further rows, and how many.
    let mut spanning: Vec<(String, usize)> = Vec::new();
    let mut in_headers = true;
    for mut row in rows {
        let has_spans = spanning.iter().any(|(_, left)| *left > 0);
        if !is_data && !has_spans && row.lays_out() {
            pieces.extend(row.cells.into_iter().flat_map(|cell| cell.pieces));
            continue;
        }
        in_headers &= row.is_header();
        let kind = if in_headers { BlockKind::TableHeader } else { BlockKind::TableRow };
        let Some(first) = row.cells.iter().flat_map(|cell| &cell.pieces).next() else {
            skip(&mut spanning);
            continue;
        };
        let (in_main, in_aside, is_unseen) = (first.in_main, first.in_aside, first.is_unseen);
        let mut own = row.cells.iter().flat_map(|cell| &cell.pieces);
        let text = if own.all(|piece| piece.text.trim().is_empty()) {
            skip(&mut spanning);
            String::new()
        } else {
            row_text(&cells(&row, &mut spanning, repetition))
        };
        let mut pictures = BlockPictures::default();
        for piece in row.cells.iter_mut().flat_map(|cell| &mut cell.pieces) {
            pictures.append(std::mem::take(&mut piece.pictures));
        }
        pieces.push(Piece { kind, text, in_main, in_aside, is_unseen, pictures });
    }
    pieces
}

/// The cells of a row, those that span it from above included.
fn cells(
    row: &Row,
    spanning: &mut Vec<(String, usize)>,
    repetition: &mut Repetition,
) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for cell in &row.cells {
        add_spanning(&mut texts, spanning, repetition);
        let text = cell.text();
        for column in 0..cell.columns.clamp(1, MAX_SPAN) {
            let at = texts.len();
            let again = if column == 0 { Some(text.clone()) } else { repetition.take(&text) };
            let Some(again) = again else { break };
            texts.push(again);
            if spanning.len() <= at {
                spanning.resize(at + 1, (String::new(), 0));
            }
            spanning[at] = (text.clone(), cell.rows.saturating_sub(1));
        }
    }
    add_spanning(&mut texts, spanning, repetition);
    texts
}

/// Adds the cells that span the row from above, up to the next column without one.
fn add_spanning(
    texts: &mut Vec<String>,
    spanning: &mut [(String, usize)],
    repetition: &mut Repetition,
) {
    while let Some((text, left)) = spanning.get_mut(texts.len()).filter(|(_, left)| *left > 0) {
        match repetition.take(text) {
            Some(again) => {
                *left -= 1;
                texts.push(again);
            }
            None => *left = 0,
        }
    }
}

/// Counts a row without any text.
fn skip(spanning: &mut [(String, usize)]) {
    spanning.iter_mut().for_each(|(_, left)| *left = left.saturating_sub(1));
}
