//! Views of a table: it as it stands, and turned, with its columns as rows.

use super::cell::Cell;
use super::column::{Column, ColumnClass, ColumnKind, is_share};
use super::date::{Date, month};
use super::part::Part;
use super::totals::names_total;
use super::typed::TypedColumn;

/// A table with more cells has no answers: only its first rows are read, for the kinds of its
/// columns.
pub(crate) const MAX_CELLS: usize = 50_000;
const FIRST_ROWS: usize = 1_000;
/// A table with more cells is not turned.
const MAX_TURNED_CELLS: usize = 20_000;
/// Rows of tables that are turned.
const TURNED_ROWS: std::ops::RangeInclusive<usize> = 2..=40;
/// The fewest columns of such.
const MIN_TURNED_COLUMNS: usize = 3;
/// A second row of the header has more rows than this after the header.
const MIN_ROWS_OF_TWO_HEADERS: usize = 3;
/// What a table is called in SQL where the caller does not say.
const NAME: &str = "table";

/// A table: typed columns, and rows of cells.
#[derive(Debug)]
pub struct Table {
    /// What SQL calls it.
    pub(crate) name: String,
    pub(crate) view: View,
    /// Where the columns may be meant as rows.
    pub(crate) turned: Option<View>,
    row_count: usize,
}

/// Columns and rows.
#[derive(Debug)]
pub(crate) struct View {
    /// The columns of the table, then those that are derived from them.
    pub(crate) columns: Vec<Column>,
    /// Columns that are not derived.
    pub(crate) whole: usize,
    pub(crate) rows: Vec<Vec<Cell>>,
    /// Whether a row sums up others.
    pub(crate) is_total: Vec<bool>,
    /// Which of the rows that the caller gave it is; of a turned table, which column.
    pub(crate) sources: Vec<usize>,
    pub(crate) is_turned: bool,
    /// How the cells of its whole columns are read as values; none of a turned table.
    pub(crate) typed: Vec<TypedColumn>,
}

/// A header and rows without a second header among them.
struct Grid {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    sources: Vec<usize>,
}

impl Table {
    /// The table with this header and these rows. Rows may be shorter or longer than the header.
    /// One of more than 50,000 cells has columns, but no answers.
    pub fn new(header: &[String], rows: &[Vec<String>]) -> Self {
        let name = NAME.to_owned();
        if header.len().saturating_mul(rows.len()) > MAX_CELLS {
            let first = &rows[..rows.len().min(FIRST_ROWS)];
            let view = View::new(&Grid::new(header, first), false).without_rows();
            return Self { name, view, turned: None, row_count: rows.len() };
        }
        let grid = Grid::new(header, rows);
        let view = View::new(&grid, false);
        let turned = grid.turned(&view).map(|grid| View::new(&grid, true));
        let row_count = view.rows.len();
        Self { name, view, turned, row_count }
    }

    /// The same table, which SQL calls `name`.
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Its columns, as they were given.
    pub fn columns(&self) -> &[Column] {
        &self.view.columns[..self.view.whole]
    }

    /// Its rows, without those that only repeat the header.
    pub fn row_count(&self) -> usize {
        self.row_count
    }

    /// Its views.
    pub(crate) fn views(&self) -> impl Iterator<Item = &View> {
        std::iter::once(&self.view).chain(&self.turned)
    }
}

impl Grid {
    fn new(header: &[String], rows: &[Vec<String>]) -> Self {
        let second = rows.first().filter(|first| {
            rows.len() > MIN_ROWS_OF_TWO_HEADERS && is_second_header(header.len(), first)
        });
        let mut names = header.to_vec();
        for (name, more) in names.iter_mut().zip(second.into_iter().flatten()) {
            format!("{name} {more}").trim().clone_into(name);
        }
        let is_header = |row: &[String]| row.iter().zip(&names).all(|(cell, name)| cell == name);
        let body = rows.iter().enumerate().skip(usize::from(second.is_some()));
        let body = body.filter(|(_, row)| !is_header(row));
        let (sources, rows) = body.map(|(at, row)| (at, row.clone())).unzip();
        Self { header: names, rows, sources }
    }

    /// How the cells of each column are read as values.
    fn typed(&self) -> Vec<TypedColumn> {
        let cells =
            |at: usize| self.rows.iter().map(move |row| row.get(at).map_or("", String::as_str));
        (0..).zip(&self.header).map(|(at, name)| TypedColumn::of(name, cells(at))).collect()
    }

    /// The columns as rows, where that may be meant.
    fn turned(&self, view: &View) -> Option<Self> {
        let columns = self.header.len();
        let is_small = columns.saturating_mul(self.rows.len()) <= MAX_TURNED_CELLS;
        let is_shape = TURNED_ROWS.contains(&self.rows.len()) && columns >= MIN_TURNED_COLUMNS;
        let first = view.columns.first()?;
        let is_named = first.kind != ColumnKind::Number || first.class == ColumnClass::Year;
        if !is_small || !is_shape || !is_named {
            return None;
        }
        let (names, others) = (&self.header[1..], &view.columns[1..columns]);
        let is_alike = |column: &&Column| column.kind == ColumnKind::Number || column.filled == 0;
        let alike = others.iter().filter(is_alike).count();
        let dates = names.iter().filter(|name| Date::read(name).is_some()).count();
        if !is_share(alike, 8, names.len()) && !is_share(dates, 6, names.len()) {
            return None;
        }
        let months = names.iter().filter(|name| month(&name.to_lowercase()).is_some()).count();
        let first = match names.len() {
            all if is_share(months, 6, all) => "Month",
            all if is_share(dates, 6, all) => "Year",
            _ => "Name",
        };
        let column = |at: usize| {
            self.rows.iter().map(move |row| row.get(at).map_or("", String::as_str).to_owned())
        };
        let header = std::iter::once(first.to_owned()).chain(column(0)).collect();
        let sources: Vec<usize> = (1..columns).collect();
        let rows = sources.iter().zip(names);
        let rows =
            rows.map(|(&at, name)| std::iter::once(name.clone()).chain(column(at)).collect());
        Some(Self { header, rows: rows.collect(), sources })
    }
}

impl View {
    fn new(grid: &Grid, is_turned: bool) -> Self {
        let whole = grid.header.len();
        let cells = |row: &Vec<String>| -> Vec<Cell> {
            (0..whole).map(|at| Cell::new(row.get(at).map_or("", String::as_str))).collect()
        };
        let mut rows: Vec<Vec<Cell>> = grid.rows.iter().map(cells).collect();
        let typed = if is_turned { Vec::new() } else { grid.typed() };
        for row in &mut rows {
            typed.iter().zip(row).for_each(|(column, cell)| cell.read_as(column));
        }
        let is_total = rows.iter().map(|row| is_total(row)).collect();
        let sources = grid.sources.clone();
        let columns = Vec::new();
        let mut view = Self { columns, whole, rows, is_total, sources, is_turned, typed };
        for (at, name) in grid.header.iter().enumerate() {
            view.add_column(name, Part::Whole, at);
        }
        for (origin, name) in grid.header.iter().enumerate() {
            view.derive(name, origin);
        }
        view
    }

    /// Its columns alone.
    fn without_rows(mut self) -> Self {
        self.rows.clear();
        self.is_total.clear();
        self.sources.clear();
        self
    }

    /// Adds the columns that are parts of another one.
    fn derive(&mut self, name: &str, origin: usize) {
        for part in Part::DERIVED {
            let kind = self.columns[origin].kind;
            let Some(texts) = part.texts(kind, self.rows.iter().map(|row| &row[origin])) else {
                continue;
            };
            for (row, text) in self.rows.iter_mut().zip(texts) {
                row.push(Cell::new(&text));
            }
            self.add_column(name, part, origin);
        }
    }

    /// Adds a column whose cells are there already.
    fn add_column(&mut self, name: &str, part: Part, origin: usize) {
        let at = self.columns.len();
        let rows = self.rows.iter().zip(&self.is_total).filter(|(_, is_total)| !**is_total);
        let column = Column::new(name, part, origin, rows.map(|(row, _)| &row[at]));
        self.columns.push(column);
    }

    /// A number that orders the rows by a column.
    pub(crate) fn order(&self, row: usize, column: usize) -> Option<f64> {
        self.rows[row][column].order(self.columns[column].kind)
    }

    /// Rows that sum up no others.
    pub(crate) fn plain_rows(&self) -> impl Iterator<Item = usize> {
        (0..self.rows.len()).filter(|row| !self.is_total[*row])
    }

    /// Its cells, with those of derived columns.
    pub(crate) fn cell_count(&self) -> usize {
        self.rows.len().saturating_mul(self.columns.len())
    }
}

/// Whether a row is a second row of the header: half of it is empty, and it has no digits.
fn is_second_header(columns: usize, row: &[String]) -> bool {
    let empty = row.iter().filter(|cell| cell.trim().is_empty()).count();
    let has_digit = |cell: &String| cell.bytes().any(|byte| byte.is_ascii_digit());
    empty * 2 >= columns && empty < columns && !row.iter().any(has_digit)
}

fn is_total(row: &[Cell]) -> bool {
    row.iter().find(|cell| !cell.is_empty()).is_some_and(|cell| names_total(&cell.text))
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;
    use super::*;
    use crate::test;

    fn names(view: &View) -> Vec<&str> {
        view.columns.iter().map(|column| column.name.as_str()).collect()
    }

    #[test]
    fn a_second_header_row_is_part_of_the_first() {
        let table = table("Name|Team|Goals|Goals / ||home|away / a|x|1|2 / b|y|3|4 / c|z|5|6");
        let names: Vec<&str> = table.columns().iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["Name", "Team", "Goals home", "Goals away"]);
        assert_eq!((table.row_count(), &table.view.sources), (3, &vec![1, 2, 3]));
    }

    #[test]
    fn a_repeated_header_is_no_row() {
        let table = table("Name|Goals / a|1 / Name|Goals / b|3");
        assert_eq!((table.row_count(), &table.view.sources), (2, &vec![0, 2]));
    }

    #[test]
    fn callers_see_no_derived_columns() {
        let table = table("Name|Result / a|2-1 / b|3-0");
        assert_eq!(table.columns().len(), 2);
        assert_eq!(table.view.columns.len(), 6);
    }

    #[test]
    fn a_row_of_totals_sums_up_others() {
        let table = table("Name|Goals / a|1 / b|3 / Total|4");
        assert_eq!(table.view.is_total, [false, false, true]);
    }

    #[test]
    fn a_table_of_years_is_turned() {
        let table = table("Team|1990|1991|1992 / Lions|3|4|5 / Bears|1|9|2");
        let turned = table.turned.expect("its columns are alike");
        assert_eq!(names(&turned), ["Year", "Lions", "Bears"]);
        let cells: Vec<&str> = turned.rows[1].iter().map(|cell| cell.text.as_str()).collect();
        assert_eq!(cells, ["1991", "4", "9"]);
        assert_eq!(turned.sources, [1, 2, 3]);
    }

    #[test]
    fn a_table_of_several_kinds_is_not_turned() {
        assert!(table("Name|Nation|Goals / a|France|3 / b|Spain|4").turned.is_none());
        let wide = "Name".to_owned() + &"|1990".repeat(10_001) + " / a / b";
        assert!(table(&wide).turned.is_none(), "it is too large");
    }

    #[test]
    fn a_table_that_is_too_large_has_columns_but_no_answers() {
        let header = ["Name".to_owned(), "Goals".to_owned()];
        let rows = vec![vec!["Ann".to_owned(), "3".to_owned()]; 125_001];
        let table = Table::new(&header, &rows);
        assert_eq!((table.row_count(), table.view.rows.len()), (125_001, 0));
        assert_eq!(table.columns()[1].kind, ColumnKind::Number);
        let weights = super::super::Weights::default();
        assert_eq!(super::super::answer("How many goals has Ann?", &table, &weights), None);
    }

    #[test]
    fn an_empty_table_has_no_rows() {
        let table = Table::new(&[], &[vec!["a".to_owned()]]);
        assert_eq!((table.columns().len(), table.row_count()), (0, 0));
    }
}
