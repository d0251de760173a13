//! Positions of cells in a sheet.

/// The most cells between the first and the last one of a sheet that are held in memory.
pub(super) const MAX_GRID_CELLS: u64 = 5_000_000;
/// The most rows and columns that Excel has.
const MAX_ROWS: u64 = 1 << 20;
const MAX_COLUMNS: u64 = 1 << 14;

/// The position of a cell, with row and column from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) row: u64,
    pub(super) column: u64,
}

impl Cell {
    /// Reads "B4" or "$B$4"; none for what is no cell of Excel.
    pub(super) fn parse(reference: &str) -> Option<Self> {
        let plain: String = reference.chars().filter(|&c| c != '$').collect();
        let letters = plain.bytes().take_while(u8::is_ascii_alphabetic).count();
        let digit = |byte: u8| u64::from(byte.to_ascii_uppercase() - b'A') + 1;
        let column = plain.bytes().take(letters.min(4)).fold(0, |sum, byte| sum * 26 + digit(byte));
        let row = plain[letters..].parse().ok()?;
        let is_valid = (1..=MAX_ROWS).contains(&row) && (1..=MAX_COLUMNS).contains(&column);
        is_valid.then_some(Self { row, column })
    }

    /// Its name: "B4".
    pub(super) fn name(self) -> String {
        let mut letters = Vec::new();
        let mut column = self.column;
        while column > 0 {
            letters.push(char::from(b'A' + ((column - 1) % 26) as u8));
            column = (column - 1) / 26;
        }
        let letters: String = letters.into_iter().rev().collect();
        format!("{letters}{}", self.row)
    }
}

/// The name of the cells from `first` to `last`: "A4:D4", or "A4" for one cell.
pub(super) fn range_name(first: Cell, last: Cell) -> String {
    if first == last { first.name() } else { format!("{}:{}", first.name(), last.name()) }
}

/// The smallest range with all cells that were added.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Extent(Option<(Cell, Cell)>);

impl Extent {
    /// Reads "A4:D9" or "A4".
    pub(super) fn parse(reference: &str) -> Option<Self> {
        let (first, last) = reference.split_once(':').unwrap_or((reference, reference));
        let mut extent = Self::default();
        for cell in [Cell::parse(first)?, Cell::parse(last)?] {
            extent.add(cell.row, cell.column);
        }
        Some(extent)
    }

    pub(super) fn add(&mut self, row: u64, column: u64) {
        let cell = Cell { row, column };
        let (first, last) = self.0.get_or_insert((cell, cell));
        first.row = first.row.min(row);
        first.column = first.column.min(column);
        last.row = last.row.max(row);
        last.column = last.column.max(column);
    }

    /// Its first row and first column.
    pub(super) fn first(&self) -> Option<Cell> {
        self.0.map(|(first, _)| first)
    }

    /// How many cells it has.
    pub(super) fn area(&self) -> u64 {
        self.0.map_or(0, |(first, last)| {
            let (rows, columns) = (last.row - first.row + 1, last.column - first.column + 1);
            rows.saturating_mul(columns)
        })
    }
}
