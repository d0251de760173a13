//! The tables of documents, each with its name in SQL.

use std::rc::Rc;

use super::names::{TableNames, TakenNames, column_names};
use super::request::{MAX_COLUMNS, SqlColumn, SqlTable};
use crate::document::{Document, DocumentInfo, Place};
use crate::error::Error;
use crate::sql_value::CellValue;
use crate::table::{ColumnType, TableSpans, TypedColumn, adds_up, names_total};

/// The most values of a table, empty ones among them. A file has fewer; only where one row is much longer than the
/// others, columns are left out for it.
const MAX_VALUES: usize = 4_000_000;
/// The most tables that an error lists.
const MAX_LISTED_TABLES: usize = 20;

/// A table of a document, without its cells.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DescribedTable {
    /// Its caption, or the heading above it.
    pub(crate) title: String,
    pub(crate) columns: Vec<DescribedColumn>,
    pub(crate) row_count: usize,
    /// Where its header is.
    pub(crate) place: Place,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DescribedColumn {
    /// Its name in SQL.
    pub(crate) name: String,
    pub(crate) typed: TypedColumn,
}

/// A table with its name in SQL.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogTable {
    /// Its name in SQL.
    pub name: String,
    /// Its document.
    pub document: Rc<DocumentInfo>,
    /// Its number among the tables of the document, from 0.
    pub(crate) number: usize,
    pub(crate) described: Rc<DescribedTable>,
}

impl DescribedTable {
    /// A table whose cells are known. Takes time for each.
    pub(crate) fn of(document: &Document, table: &TableSpans) -> Self {
        let width =
            table.width().min(MAX_COLUMNS).min((MAX_VALUES / table.rows.len().max(1)).max(1));
        let headers: Vec<String> = (0..width).map(|at| table.header(document, at)).collect();
        let columns = column_names(&headers).into_iter().enumerate().map(|(at, name)| {
            let typed = TypedColumn::of(&headers[at], table.column(document, at));
            DescribedColumn { name, typed }
        });
        Self {
            title: table.title.clone(),
            columns: columns.collect(),
            row_count: table.rows.len(),
            place: document.place(table.start()).unwrap_or_default(),
        }
    }

    /// The values of a row.
    fn values<'d>(
        &self,
        document: &'d Document,
        table: &TableSpans,
        row: usize,
    ) -> impl Iterator<Item = CellValue<'d>> {
        let columns = self.columns.iter().enumerate();
        columns.map(move |(at, column)| column.typed.cell_value(table.cell(document, row, at)))
    }
}

impl CatalogTable {
    /// Whether the last row adds up the others: its name says so, and a column shows it.
    fn ends_with_total(&self, document: &Document, table: &TableSpans) -> bool {
        let Some(last) = table.rows.len().checked_sub(1) else { return false };
        let mut cells = (0..table.width()).map(|at| table.cell(document, last, at));
        let named = cells.find(|cell| !cell.is_empty()).is_some_and(names_total);
        let columns = self.described.columns.iter().enumerate();
        let mut columns = columns
            .map(|(at, column)| table.column(document, at).map(|text| column.typed.number(text)));
        named
            && columns.any(|mut numbers| {
                let above: Vec<Option<f64>> = numbers.by_ref().take(last).collect();
                let last = numbers.next().flatten();
                last.is_some_and(|last| adds_up(above.into_iter().flatten(), last))
            })
    }

    /// What tells it from others, and from an earlier state of it.
    pub(crate) fn key(&self) -> String {
        let version = self.document.details.reader_version;
        format!("{}/{}/{version}/{}", self.document.id, self.number, self.name)
    }

    /// Its columns: name, type, and the unit of its numbers, which may be empty.
    pub fn columns(&self) -> impl Iterator<Item = (&str, ColumnType, &str)> {
        let columns = self.described.columns.iter();
        columns.map(|column| (column.name.as_str(), column.typed.kind, column.typed.unit.as_str()))
    }

    /// Its caption, or the heading above it; empty without one.
    pub fn title(&self) -> &str {
        &self.described.title
    }

    /// Its rows below the header.
    pub fn row_count(&self) -> usize {
        self.described.row_count
    }

    /// Where it begins in its file.
    pub fn place(&self) -> &Place {
        &self.described.place
    }

    /// The number of its column of this name.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        let columns = &self.described.columns;
        columns.iter().position(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Its values, to load.
    pub(crate) fn load(&self, document: &Document, table: &TableSpans) -> SqlTable {
        let described = &self.described;
        let columns = described.columns.iter();
        let columns = columns.map(|it| SqlColumn::new(it.name.clone(), it.typed.declared()));
        let mut loaded = SqlTable::new(self.key(), self.name.clone(), columns.collect());
        let count = table.rows.len() - usize::from(self.ends_with_total(document, table));
        for row in 0..count {
            let number = u32::try_from(row).unwrap_or(u32::MAX);
            loaded.push(number, described.values(document, table, row));
        }
        loaded
    }
}

/// The tables of documents, in the order of these, each with a name of its own.
pub(crate) fn catalog<'a>(
    documents: impl Iterator<Item = (&'a Rc<DocumentInfo>, &'a [Rc<DescribedTable>])>,
) -> Vec<CatalogTable> {
    let mut taken = TakenNames::default();
    let mut tables = Vec::new();
    for (document, described) in documents {
        for (number, table) in described.iter().enumerate() {
            let names = TableNames {
                document: &document.name,
                sheet: table.place.sheet.as_deref(),
                title: &table.title,
                is_only: described.len() == 1,
            };
            let (name, document) = (names.choose(&mut taken), document.clone());
            tables.push(CatalogTable { name, document, number, described: table.clone() });
        }
    }
    tables
}

/// The tables whose names stand in a query, in whatever place.
pub(crate) fn named_in<'a>(sql: &str, tables: &'a [CatalogTable]) -> Vec<&'a CatalogTable> {
    let sql = sql.to_lowercase();
    let is_part = |char: Option<char>| char.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let is_named = |table: &&CatalogTable| {
        let name = table.name.to_lowercase();
        sql.match_indices(&name).any(|(at, found)| {
            !is_part(sql[..at].chars().next_back())
                && !is_part(sql[at + found.len()..].chars().next())
        })
    };
    tables.iter().filter(is_named).collect()
}

/// The error of a table that is not there says which are.
pub(crate) fn with_table_names(error: Error, tables: &[CatalogTable]) -> Error {
    match error {
        Error::InvalidQuery { detail } if detail.starts_with("no such table") => {
            let names = tables.iter().map(|table| table.name.as_str());
            let names: Vec<&str> = names.take(MAX_LISTED_TABLES).collect();
            let names = if names.is_empty() { "none" } else { &names.join(", ") };
            Error::InvalidQuery { detail: format!("{detail}; the tables are {names}") }
        }
        error => error,
    }
}
