//! The description of a large table, which is embedded in place of its rows: how many there are, and
//! of each column its name, its kind, its range or its frequent values.

use ahash::AHashMap;

use super::large_tables::LargeTable;
use super::table_header::CELL_SEPARATOR;
use crate::document::{Block, BlockKind, Document};
use crate::table::{Cell, ColumnKind, Date, leading_number};

/// The most columns that are described. More do not fit an embedder.
const MAX_COLUMNS: usize = 64;
/// The rows by which the kinds of columns are told.
const SAMPLED_ROWS: usize = 500;
/// The most different values of a column that are counted.
const MAX_DISTINCT: usize = 1_000;
/// The most values of a column that are named.
const MAX_VALUES: usize = 5;
/// The most characters of a name or a value.
const MAX_VALUE_CHARS: usize = 40;

/// The description on one line, with at most `max_tokens` together with a line end. The last columns
/// are left out of a longer one. `name` is that of the document.
pub(super) fn describe(
    table: &LargeTable,
    document: &Document,
    name: &str,
    max_tokens: usize,
    count: &dyn Fn(&str) -> usize,
) -> (String, usize) {
    let columns = columns_of(table, document);
    let mut parts: Vec<String> = columns.iter().map(Column::describe).collect();
    let title = format!("Table {name}").trim_end().to_owned();
    let rows = grouped(table.rows);
    loop {
        let text = match parts.is_empty() {
            true => format!("{title}, {rows} rows"),
            false => format!("{title}, {rows} rows: {}", parts.join("; ")),
        };
        let tokens = count(&format!("{text}\n"));
        if tokens <= max_tokens {
            return (text, tokens);
        }
        if parts.is_empty() {
            return (String::new(), 0);
        }
        parts.truncate(parts.len() * 7 / 8);
    }
}

/// What is known of a column.
struct Column<'a> {
    name: String,
    kind: ColumnKind,
    /// The least and the greatest number or date, each with the text of its cell.
    range: Option<[(f64, &'a str); 2]>,
    /// How often each text occurs, up to where there are too many.
    values: AHashMap<&'a str, usize>,
    has_more_values: bool,
}

/// The columns of a table. Each row is read once or twice, and no text is copied.
fn columns_of<'a>(table: &LargeTable, document: &'a Document) -> Vec<Column<'a>> {
    let header: Option<Vec<&str>> = table.header.map(|span| cells(document.slice(span)).collect());
    let is_row = |block: &&Block| block.kind == BlockKind::TableRow;
    let blocks = document.blocks[table.blocks.clone()].iter().filter(is_row);
    let rows = blocks.map(|block| document.slice(block.span));
    // Of a row with more cells than the header, one cell holds what parts cells.
    let width = header.as_ref().map_or(usize::MAX, Vec::len);
    let rows = rows.filter(|row| width == usize::MAX || cells(row).nth(width).is_none());
    let mut columns = sampled_columns(header.as_deref(), rows.clone().take(SAMPLED_ROWS));
    for row in rows {
        for (column, cell) in columns.iter_mut().zip(cells(row)) {
            column.push(cell);
        }
    }
    columns
}

/// The columns with names and kinds, by the first rows.
fn sampled_columns<'a>(
    header: Option<&[&str]>,
    rows: impl Iterator<Item = &'a str> + Clone,
) -> Vec<Column<'static>> {
    let widest = || rows.clone().map(|row| cells(row).take(MAX_COLUMNS).count()).max();
    let width = header.map_or_else(|| widest().unwrap_or(0), <[_]>::len).min(MAX_COLUMNS);
    let mut kinds = vec![SampledKind::default(); width];
    for row in rows {
        for (kind, cell) in kinds.iter_mut().zip(cells(row)) {
            kind.push(cell);
        }
    }
    let name = |place: usize| match header.map(|header| shortened(header[place])) {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => format!("column {}", place + 1),
    };
    let column = |(place, kind): (usize, &SampledKind)| Column {
        name: name(place),
        kind: kind.kind(),
        range: None,
        values: AHashMap::default(),
        has_more_values: false,
    };
    kinds.iter().enumerate().map(column).collect()
}

/// How many cells of a column are of which kind.
#[derive(Clone, Default)]
struct SampledKind {
    filled: usize,
    numbers: usize,
    dates: usize,
}

impl SampledKind {
    fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.filled += 1;
        // No number or date is longer.
        if text.len() <= MAX_VALUE_CHARS {
            let cell = Cell::new(text);
            self.numbers += usize::from(cell.number.is_some());
            self.dates += usize::from(cell.date.is_some_and(|date| date.month.is_some()));
        }
    }

    fn kind(&self) -> ColumnKind {
        let are_most = |count: usize| count > 0 && count * 10 >= self.filled * 7;
        match self {
            _ if are_most(self.dates) => ColumnKind::Date,
            _ if are_most(self.numbers) => ColumnKind::Number,
            _ => ColumnKind::Text,
        }
    }
}

impl<'a> Column<'a> {
    fn push(&mut self, cell: &'a str) {
        if cell.is_empty() {
            return;
        }
        let order = match self.kind {
            ColumnKind::Number => leading_number(cell).map(|(number, _)| number),
            // Without its words only a date such as 2024-05-03 is read, but at once.
            ColumnKind::Date => Date::of(cell, &[]).or_else(|| Date::read(cell)).map(Date::order),
            ColumnKind::Text => return self.count(cell),
        };
        let Some(order) = order.filter(|_| cell.len() <= MAX_VALUE_CHARS) else { return };
        let new = (order, cell);
        let [least, greatest] = self.range.get_or_insert([new; 2]);
        if order < least.0 {
            *least = new;
        }
        if order > greatest.0 {
            *greatest = new;
        }
    }

    fn count(&mut self, cell: &'a str) {
        if self.has_more_values {
            return;
        }
        if self.values.len() < MAX_DISTINCT {
            *self.values.entry(cell).or_default() += 1;
        } else if let Some(count) = self.values.get_mut(cell) {
            *count += 1;
        } else {
            self.has_more_values = true;
        }
    }

    /// Such as "price: number, 0.5 to 99", "status: text, 3 values: paid, open, void".
    fn describe(&self) -> String {
        let (name, kind) = (&self.name, self.kind.name());
        if let Some([(_, least), (_, greatest)]) = self.range {
            return format!("{name}: {kind}, {least} to {greatest}");
        }
        let named = self.frequent_values();
        let values = match self.values.len() {
            0 => return format!("{name}: empty"),
            _ if self.has_more_values => format!("over {} values", grouped(MAX_DISTINCT)),
            1 => "1 value".to_owned(),
            count => format!("{} values", grouped(count)),
        };
        match named.len() {
            0 => format!("{name}: {kind}, {values}"),
            all if all == self.values.len() => {
                format!("{name}: {kind}, {values}: {}", named.join(", "))
            }
            _ => format!("{name}: {kind}, {values}, such as {}", named.join(", ")),
        }
    }

    /// The short ones of the most frequent values, first those that occur most often.
    fn frequent_values(&self) -> Vec<&'a str> {
        let mut values: Vec<(usize, &str)> =
            self.values.iter().map(|(value, count)| (*count, *value)).collect();
        values.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        let values = values.into_iter().map(|(_, value)| value);
        values.filter(|value| shortened(value) == *value).take(MAX_VALUES).collect()
    }
}

/// The cells of a row.
fn cells(row: &str) -> impl Iterator<Item = &str> {
    // White space at the end of a block is gone, and with it that of an empty last cell.
    let row = row.strip_suffix(CELL_SEPARATOR.trim_end()).unwrap_or(row);
    row.split(CELL_SEPARATOR).map(str::trim)
}

/// At most so many characters of a name or a value, on one line.
fn shortened(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    let end = line.char_indices().nth(MAX_VALUE_CHARS).map_or(line.len(), |(end, _)| end);
    &line[..end]
}

/// A number with its thousands apart: 100,000.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
