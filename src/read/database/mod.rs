//! Databases of SQLite: each of their tables is a table of the document.
//!
//! The file is not trusted (<https://sqlite.org/security.html>). It is a copy in memory that SQLite cannot
//! write to; views, triggers and virtual tables are not used, and only columns of tables are read.

mod schema;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, MAIN_DB, Row};

use self::schema::{StoredTable, tables};
use crate::document::{BlockKind, FileDetails, Place};
use crate::error::Result;
use crate::sql_value::identifier;
use crate::sqlite::open_bounded;

use super::blocks::{DocumentBuilder, row_text};
use super::{Input, ReadFile};

/// The bytes of the header that say how the file is written: 1, or 2 with a log beside it.
const JOURNAL_BYTES: std::ops::Range<usize> = 18..20;
const WITH_LOG: u8 = 2;
const WITHOUT_LOG: u8 = 1;
/// Rows between two looks at the limits.
const ROWS_BETWEEN_STEPS: u32 = 1_000;
/// The most steps of SQLite's machine for a file: some minutes.
const MAX_STEPS: u32 = 2_000_000_000;
const STEPS_BETWEEN_CHECKS: u16 = 10_000;

/// Reads a database of SQLite.
pub(crate) fn sqlite(input: &Input<'_>) -> Result<ReadFile> {
    let damaged = |error: rusqlite::Error| input.damaged(reason(&error));
    let mut details = FileDetails::default();
    let connection = open(input, &mut details).map_err(damaged)?;
    let mut builder = DocumentBuilder::new(input);
    let mut cells = 0;
    let (mut read, mut failed) = (0, None);
    for table in tables(&connection, &mut details).map_err(damaged)? {
        let mut writer = Writer { input, builder: &mut builder, cells: &mut cells };
        match writer.write(&connection, &table)? {
            Ok(()) => read += 1,
            Err(error) => {
                let warning =
                    format!("The table \"{}\" is damaged: {}.", table.name, reason(&error));
                details.warnings.push(warning);
                failed = Some(error);
            }
        }
    }
    match failed {
        Some(error) if read == 0 && builder.text_bytes() == 0 => return Err(damaged(error)),
        _ => {}
    }
    Ok(ReadFile { document: builder.finish_within(input)?, details, ..ReadFile::default() })
}

/// A copy of the file in memory.
fn open(input: &Input<'_>, details: &mut FileDetails) -> rusqlite::Result<Connection> {
    let mut connection = open_bounded()?;
    let mut bytes = input.bytes.to_vec();
    if let Some(journal) = bytes.get_mut(JOURNAL_BYTES).filter(|it| it.contains(&WITH_LOG)) {
        journal.fill(WITHOUT_LOG);
        let warning = "The database keeps its last changes in a second file (\"-wal\"), which is not read. \
            Close the program that uses it, and add it again, if some are missing.";
        details.warnings.push(warning.to_owned());
    }
    connection.deserialize_read_exact(MAIN_DB, bytes.as_slice(), bytes.len(), true)?;
    let mut steps = 0;
    let is_over = move || {
        steps += u32::from(STEPS_BETWEEN_CHECKS);
        steps > MAX_STEPS
    };
    connection.progress_handler(i32::from(STEPS_BETWEEN_CHECKS), Some(is_over))?;
    Ok(connection)
}

/// What is wrong with a database.
fn reason(error: &rusqlite::Error) -> String {
    let text = match error {
        rusqlite::Error::SqliteFailure(_, Some(text)) => text.clone(),
        error => error.to_string(),
    };
    text.trim_end_matches('.').to_owned()
}

/// Writes tables to the document.
struct Writer<'a, 'i> {
    input: &'a Input<'i>,
    builder: &'a mut DocumentBuilder,
    /// Cells so far, of all tables.
    cells: &'a mut u64,
}

impl Writer<'_, '_> {
    /// Writes a table; what is before a damaged row of it stays.
    fn write(
        &mut self,
        connection: &Connection,
        table: &StoredTable,
    ) -> Result<rusqlite::Result<()>> {
        let place = |rows| Place { sheet: Some(table.name.clone()), rows, ..Place::default() };
        self.builder.set_place(place(None));
        self.builder.push(BlockKind::Heading(1), &table.name);
        if !table.references.is_empty() {
            self.builder.push(BlockKind::Paragraph, &table.references.join("\n"));
        }
        self.builder.push(BlockKind::TableHeader, &row_text(&table.columns));
        let columns: Vec<String> = table.columns.iter().map(|column| identifier(column)).collect();
        let sql = format!("SELECT {} FROM {}", columns.join(", "), identifier(&table.name));
        let mut statement = match connection.prepare(&sql) {
            Ok(statement) => statement,
            Err(error) => return Ok(Err(error)),
        };
        let mut rows = statement.raw_query();
        for number in 1_u32.. {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => break,
                Err(error) => return Ok(Err(error)),
            };
            *self.cells += columns.len() as u64;
            self.check(number)?;
            self.builder.set_place(place(Some((number, number))));
            let cells = (0..columns.len()).map(|at| cell(row, at));
            self.builder.push(BlockKind::TableRow, &row_text(&cells.collect::<Vec<_>>()));
        }
        self.builder.check(self.input)?;
        Ok(Ok(()))
    }

    fn check(&self, number: u32) -> Result<()> {
        let (got, limit) = (*self.cells, u64::from(self.input.limits.objects));
        if got > limit {
            return Err(self.input.too_large(got, limit, "cells"));
        }
        if number.is_multiple_of(ROWS_BETWEEN_STEPS) {
            self.builder.check(self.input)?;
            self.input.step(got, limit, "cells")?;
        }
        Ok(())
    }
}

/// From here on, and below its inverse, a number is written with an exponent: a long row of digits would be read
/// as a name.
const EXPONENT_FROM: f64 = 1e15;

fn real_text(number: f64) -> String {
    let size = number.abs();
    let is_plain = size == 0.0 || (1.0 / EXPONENT_FROM..EXPONENT_FROM).contains(&size);
    if is_plain || !number.is_finite() { number.to_string() } else { format!("{number:e}") }
}

/// A value as a text on one line.
fn cell(row: &Row<'_>, at: usize) -> String {
    match row.get_ref(at) {
        Ok(ValueRef::Integer(number)) => number.to_string(),
        Ok(ValueRef::Real(number)) => real_text(number),
        Ok(ValueRef::Text(bytes)) => {
            let text = String::from_utf8_lossy(bytes);
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        }
        Ok(ValueRef::Blob(bytes)) => format!("({} bytes)", bytes.len()),
        Ok(ValueRef::Null) | Err(_) => String::new(),
    }
}
