//! The database in memory that queries run in.

use std::collections::BTreeMap;

use rusqlite::limits::Limit;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ErrorCode, ToSql};

use super::functions;
use super::permission::{Names, authorize};
use super::query::{Failed, Query, check_text, failure};
use super::request::{MAX_COLUMNS, SqlRequest, SqlResult, SqlTable};
use super::rows::SqlRows;
use crate::error::{Error, Result};
use crate::sql_value::{CellValue, SqlType, SqlValue, identifier};
use crate::sqlite::open_bounded;

/// Values of tables that are held although no query of now reads them: some 50 MB.
const MAX_IDLE_VALUES: usize = 2_000_000;
/// The most bytes of a row of a table. The text of a document, and so a row of it, is shorter.
const MAX_ROW_BYTES: usize = 64 << 20;
/// The most bytes of a value that a query makes. Whatever makes it is one step of SQLite's machine, and takes the
/// longer, the longer values are. Where rows of its tables are longer, values may be as long as these together.
pub(super) const MAX_MADE_BYTES: usize = 1 << 20;
/// Bytes of a value beside those of its text.
const VALUE_BYTES: usize = 16;
/// Steps of SQLite's machine between two looks at the clock.
const STEPS_BETWEEN_CHECKS: i32 = 100;

/// A database in memory. It holds copies of tables, and runs queries that only read.
#[derive(Debug)]
pub(crate) struct Database {
    connection: Connection,
    /// The tables, by their names in the lower case of ASCII: SQLite knows a table by them in any case.
    tables: BTreeMap<String, Held>,
    now_ms: fn() -> f64,
}

/// A table that is loaded.
#[derive(Debug)]
struct Held {
    key: String,
    name: String,
    columns: Vec<String>,
    values: usize,
    /// Bytes of its longest row.
    row_bytes: usize,
}

impl Database {
    /// An empty database. It reads this clock to end queries.
    ///
    /// # Errors
    /// Where SQLite has no memory.
    pub(crate) fn new(now_ms: fn() -> f64) -> Result<Self> {
        let open = || {
            let connection = open_bounded()?;
            functions::replace_slow(&connection)?;
            Ok(connection)
        };
        let connection = open().map_err(|error| failure(&error, 0))?;
        Ok(Self { connection, tables: BTreeMap::new(), now_ms })
    }

    /// The keys of its tables.
    pub(crate) fn held(&self) -> Vec<String> {
        self.tables.values().map(|held| held.key.clone()).collect()
    }

    /// Loads the tables that are missing, and runs a query.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] for what is no single `SELECT` over its tables, [`Error::QueryTooSlow`],
    /// [`Error::QueryTooLarge`], [`Error::TableTooLarge`], and [`Error::TablesLost`] where it holds a table no more.
    pub(crate) fn run(&mut self, request: SqlRequest) -> Result<SqlResult> {
        check_text(&request.sql)?;
        let SqlRequest { tables, missing, sql, params, limit, milliseconds } = request;
        self.drop_idle(&tables)?;
        missing.into_iter().try_for_each(|table| self.load(table))?;
        if !tables.iter().all(|key| self.tables.values().any(|held| held.key == *key)) {
            return Err(Error::TablesLost);
        }
        let (readable, others): (Vec<_>, Vec<_>) =
            self.tables.iter().partition(|(_, held)| tables.contains(&held.key));
        let names = Names {
            readable: readable.iter().map(|(name, _)| (*name).clone()).collect(),
            others: others.iter().map(|(name, _)| (*name).clone()).collect(),
        };
        let row_bytes: usize = readable.iter().map(|(_, held)| held.row_bytes).sum();
        let readable: Vec<(&str, &[String])> = readable
            .iter()
            .map(|(_, held)| (held.name.as_str(), held.columns.as_slice()))
            .collect();
        let query =
            Query { connection: &self.connection, tables: &readable, params: &params, limit };
        self.end_after(milliseconds)?;
        self.limit_values(MAX_MADE_BYTES + row_bytes)?;
        let result = self.authorize(names).and_then(|()| query.run(&sql));
        self.connection.progress_handler::<fn() -> bool>(0, None).ok();
        self.connection.authorizer::<fn(rusqlite::hooks::AuthContext<'_>) -> _>(None).ok();
        functions::remove_rows(&self.connection).ok();
        result.map_err(|error| error.of_query(milliseconds))
    }

    /// Has SQLite ask what statements that are compiled from now on may do.
    fn authorize(&self, names: Names) -> Result<(), Failed> {
        let decide = move |context: rusqlite::hooks::AuthContext<'_>| authorize(&context, &names);
        Ok(self.connection.authorizer(Some(decide))?)
    }

    /// Drops tables that are not asked for where they take much memory.
    fn drop_idle(&mut self, asked: &[String]) -> Result<()> {
        let idle = self.tables.iter().filter(|(_, held)| !asked.contains(&held.key));
        let (names, values): (Vec<String>, Vec<usize>) =
            idle.map(|(name, held)| (name.clone(), held.values)).unzip();
        if values.iter().sum::<usize>() > MAX_IDLE_VALUES {
            names.iter().try_for_each(|name| self.remove(name))?;
        }
        Ok(())
    }

    fn remove(&mut self, name: &str) -> Result<()> {
        self.tables.remove(&name.to_ascii_lowercase());
        let sql = format!("DROP TABLE IF EXISTS {}", identifier(name));
        self.connection.execute_batch(&sql).map_err(|error| failure(&error, 0))
    }

    /// Loads a table, in the place of one with the same name. Where that fails, nothing of it stays.
    fn load(&mut self, table: SqlTable) -> Result<()> {
        self.remove(&table.name)?;
        self.limit_values(MAX_ROW_BYTES)?;
        if let Err(error) = self.fill(&table) {
            self.connection.execute_batch("ROLLBACK").ok();
            return Err(match error.sqlite_error_code() {
                Some(ErrorCode::TooBig) => {
                    Error::TableTooLarge { table: table.name, limit: MAX_ROW_BYTES >> 20 }
                }
                _ => failure(&error, 0),
            });
        }
        let SqlTable { key, name, columns, rows } = table;
        let held = Held {
            key,
            values: columns.len() * rows.len(),
            row_bytes: longest_row(&rows) + VALUE_BYTES * columns.len(),
            columns: columns.into_iter().map(|column| column.name).collect(),
            name,
        };
        self.tables.insert(held.name.to_ascii_lowercase(), held);
        Ok(())
    }

    /// Bounds the bytes of values and of rows that SQLite takes from now on.
    fn limit_values(&self, bytes: usize) -> Result<()> {
        let limit = i32::try_from(bytes).unwrap_or(i32::MAX);
        let set = self.connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, limit);
        set.map(|_| ()).map_err(|error| failure(&error, 0))
    }

    fn fill(&self, table: &SqlTable) -> rusqlite::Result<()> {
        let names: Vec<String> =
            table.columns.iter().map(|column| identifier(&column.name)).collect();
        let columns: Vec<String> = names
            .iter()
            .zip(&table.columns)
            .map(|(name, column)| format!("{name} {}", column.declared().map_or("", SqlType::name)))
            .collect();
        let name = identifier(&table.name);
        self.connection
            .execute_batch(&format!("BEGIN; CREATE TABLE {name} ({})", columns.join(", ")))?;
        let places = vec!["?"; columns.len()].join(", ");
        let limit = self.connection.set_limit(
            Limit::SQLITE_LIMIT_VARIABLE_NUMBER,
            i32::try_from(MAX_COLUMNS + 1).unwrap_or(i32::MAX),
        )?;
        let inserted = self.insert(
            &format!("INSERT INTO {name} (_rowid_, {}) VALUES (?, {places})", names.join(", ")),
            table,
        );
        self.connection.set_limit(Limit::SQLITE_LIMIT_VARIABLE_NUMBER, limit)?;
        inserted?;
        self.connection.execute_batch("COMMIT")
    }

    fn insert(&self, sql: &str, table: &SqlTable) -> rusqlite::Result<()> {
        let mut insert = self.connection.prepare(sql)?;
        for (number, values) in table.rows.iter() {
            // SQLite's row numbers begin with 1 here, as in any table.
            insert.raw_bind_parameter(1, i64::from(number) + 1)?;
            for (at, (value, column)) in values.zip(&table.columns).enumerate() {
                match (value, column.kind, column.declared()) {
                    // As the type would have it that the column is not declared with.
                    (CellValue::Integer(number), SqlType::Real, None) => {
                        insert.raw_bind_parameter(at + 2, number as f64)?;
                    }
                    (value, ..) => insert.raw_bind_parameter(at + 2, value)?,
                }
            }
            insert.raw_execute()?;
        }
        Ok(())
    }

    /// Has SQLite end the statements that run from now on after this time.
    fn end_after(&self, milliseconds: u32) -> Result<()> {
        let (now_ms, until) = (self.now_ms, (self.now_ms)() + f64::from(milliseconds));
        let is_over = move || now_ms() > until;
        let set = self.connection.progress_handler(STEPS_BETWEEN_CHECKS, Some(is_over));
        set.map_err(|error| failure(&error, milliseconds))
    }
}

/// The most bytes that the values of a row take.
fn longest_row(rows: &SqlRows) -> usize {
    rows.iter().map(|(_, values)| values.byte_len()).max().unwrap_or(0)
}

impl ToSql for CellValue<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Integer(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Self::Real(number) => ToSqlOutput::Owned(Value::Real(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

impl ToSql for SqlValue {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Integer(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Self::Real(number) => ToSqlOutput::Owned(Value::Real(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}
