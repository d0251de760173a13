//! One query over the tables that are loaded.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, Row, Statement};
use sqlite3_parser::FallibleIterator;

use super::functions;
use super::request::{RowSource, SqlResult};
use super::sources::{Sourced, with_sources};
use crate::error::{Error, Result};
use crate::sql_value::{MAX_MEMORY_MIB, SqlValue};

/// The most bytes of a statement.
const MAX_SQL_BYTES: usize = 64 << 10;
/// The most bytes of the values of a result, and of its sources.
const MAX_RESULT_BYTES: usize = 32 << 20;

/// What ends a query.
pub(super) enum Failed {
    Sqlite(rusqlite::Error),
    Typed(Error),
    /// The sources of the result are too long.
    LongSources,
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Typed(error)
    }
}

impl Failed {
    /// Whether a value was too long, or all of them.
    fn is_of_size(&self) -> bool {
        match self {
            Self::Sqlite(error) => {
                matches!(
                    error.sqlite_error_code(),
                    Some(ErrorCode::TooBig | ErrorCode::OutOfMemory)
                )
            }
            Self::Typed(_) => false,
            Self::LongSources => true,
        }
    }

    /// The error of a query that had this time.
    pub(super) fn of_query(self, milliseconds: u32) -> Error {
        match self {
            Self::Sqlite(error) => failure(&error, milliseconds),
            Self::Typed(error) => error,
            Self::LongSources => too_large(),
        }
    }
}

/// A query over some tables.
pub(super) struct Query<'a> {
    pub(super) connection: &'a Connection,
    /// The tables that it may read, with their columns.
    pub(super) tables: &'a [(&'a str, &'a [String])],
    pub(super) params: &'a [SqlValue],
    pub(super) limit: u32,
}

impl Query<'_> {
    pub(super) fn run(&self, sql: &str) -> Result<SqlResult, Failed> {
        let statement = self.compile(sql)?;
        let columns: Vec<String> =
            statement.column_names().into_iter().map(str::to_owned).collect();
        functions::add_rows(self.connection)?;
        // What SQLite has compiled is nested no deeper than its limits: now it can be parsed here.
        let sourced = with_sources(sql, self.tables);
        let compiled = sourced.as_ref().and_then(|sourced| {
            let compiled = self.connection.prepare(&sourced.sql).ok()?;
            (compiled.column_count() == columns.len() + sourced.added.len()).then_some(compiled)
        });
        if let (Some(compiled), Some(sourced)) = (compiled, sourced) {
            let result = self.rows(compiled, columns.clone(), Some(&sourced));
            // The query by itself need not be too large.
            if !result.as_ref().is_err_and(Failed::is_of_size) {
                return result;
            }
        }
        self.rows(statement, columns, None)
    }

    /// The one statement, which is a `SELECT`.
    fn compile(&self, sql: &str) -> Result<Statement<'_>, Failed> {
        let invalid = |detail: &str| Error::InvalidQuery { detail: detail.to_owned() };
        let mut statements = rusqlite::Batch::new(self.connection, sql);
        let Some(statement) = statements.next()? else {
            return Err(invalid("it is empty").into());
        };
        if !statement.readonly() || statement.is_explain() != 0 || statement.column_count() == 0 {
            return Err(invalid("only SELECT can be run").into());
        }
        match statements.next() {
            Ok(None) => {}
            _ => return Err(invalid("it has more than one statement").into()),
        }
        let (got, wanted) = (self.params.len(), statement.parameter_count());
        if got != wanted {
            let detail = format!("it has {wanted} parameters, and {got} values are given");
            return Err(Error::InvalidQuery { detail }.into());
        }
        Ok(statement)
    }

    fn rows(
        &self,
        mut statement: Statement<'_>,
        columns: Vec<String>,
        sourced: Option<&Sourced>,
    ) -> Result<SqlResult, Failed> {
        for (at, value) in self.params.iter().enumerate() {
            statement.raw_bind_parameter(at + 1, value)?;
        }
        let mut result = SqlResult { columns, ..SqlResult::default() };
        let (width, mut bytes, mut source_bytes) = (result.columns.len(), 0, 0);
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            if result.rows.len() >= self.limit as usize {
                result.is_truncated = true;
                break;
            }
            let values = (0..width).map(|at| value(row, at, &mut bytes));
            result.rows.push(values.collect::<Result<_, _>>()?);
            let sources = match sourced {
                Some(sourced) => sources(row, width, sourced)?,
                None => Vec::new(),
            };
            source_bytes += sources.iter().map(bytes_of_source).sum::<usize>();
            if source_bytes > MAX_RESULT_BYTES {
                return Err(Failed::LongSources);
            }
            result.sources.push(sources);
        }
        Ok(result)
    }
}

/// Refuses a statement that is too long, or that SQLite would not read to its end.
pub(super) fn check_text(sql: &str) -> Result<()> {
    let detail = match sql {
        sql if sql.len() > MAX_SQL_BYTES => format!("it has more than {MAX_SQL_BYTES} bytes"),
        // SQLite would read no further.
        sql if sql.contains('\0') => "it has a NUL character".to_owned(),
        _ => return Ok(()),
    };
    Err(Error::InvalidQuery { detail })
}

/// A value of a result, whose bytes are counted before they are copied.
fn value(row: &Row<'_>, at: usize, bytes: &mut usize) -> Result<SqlValue, Failed> {
    let value = row.get_ref(at)?;
    let text = match value {
        ValueRef::Text(text) => text.len(),
        ValueRef::Blob(blob) => "x''".len() + 2 * blob.len(),
        _ => 0,
    };
    *bytes += size_of::<SqlValue>() + text;
    if *bytes > MAX_RESULT_BYTES {
        return Err(too_large().into());
    }
    Ok(match value {
        ValueRef::Null => SqlValue::Null,
        ValueRef::Integer(number) => SqlValue::Integer(number),
        ValueRef::Real(number) => SqlValue::Real(number),
        ValueRef::Text(bytes) => SqlValue::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => SqlValue::Text(format!("x'{}'", hex::encode(bytes))),
    })
}

fn too_large() -> Error {
    Error::QueryTooLarge { what: "a result", limit: MAX_RESULT_BYTES >> 20 }
}

/// Bytes of a source where it is told, with the names that it shares with others here.
fn bytes_of_source(source: &RowSource) -> usize {
    let RowSource { table, rows, columns, .. } = source;
    let names = columns.iter().map(String::len).sum::<usize>() + table.len();
    size_of::<RowSource>() + names + rows.len() * size_of::<u32>()
}

/// The rows of tables that the columns after `width` tell of.
fn sources(row: &Row<'_>, width: usize, sourced: &Sourced) -> rusqlite::Result<Vec<RowSource>> {
    let mut sources: Vec<RowSource> = Vec::new();
    for (at, added) in sourced.added.iter().enumerate() {
        sources.extend(match row.get_ref(width + at)? {
            ValueRef::Integer(number) => {
                u32::try_from(number).ok().map(|it| added.source(1, &[it]))
            }
            ValueRef::Blob(list) => {
                functions::rows_of(list).map(|(count, rows)| added.source(count, &rows))
            }
            // A row of an outer join without a partner.
            _ => None,
        });
    }
    Ok(sources)
}

/// The typed error for one of SQLite's. `milliseconds` is the time that a query had.
pub(super) fn failure(error: &rusqlite::Error, milliseconds: u32) -> Error {
    let seconds = milliseconds.div_ceil(1000);
    match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => Error::QueryTooSlow { seconds },
        Some(ErrorCode::OutOfMemory) => {
            Error::QueryTooLarge { what: "tables and results", limit: MAX_MEMORY_MIB }
        }
        Some(ErrorCode::TooBig) => {
            let limit = super::database::MAX_MADE_BYTES >> 20;
            Error::QueryTooLarge { what: "a value that the query makes", limit }
        }
        Some(ErrorCode::AuthorizationForStatementDenied) => {
            let detail =
                "it reads more than the tables of the knowledge base, or changes something";
            Error::InvalidQuery { detail: detail.to_owned() }
        }
        _ => Error::InvalidQuery { detail: message(error) },
    }
}

/// What SQLite says of an error, without the statement.
fn message(error: &rusqlite::Error) -> String {
    let message = match error {
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        error => error.to_string(),
    };
    message.trim_end_matches('.').to_owned()
}
