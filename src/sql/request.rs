//! What a runner of queries is asked, and what it tells.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::rows::SqlRows;
#[cfg(feature = "engine")]
use crate::sql_value::CellValue;
pub(super) use crate::sql_value::MAX_COLUMNS;
use crate::sql_value::{SqlType, SqlValue};

/// A table to load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SqlTable {
    /// What tells it from others, and from an earlier state of the same.
    pub key: String,
    /// Its name in SQL.
    pub name: String,
    /// Its columns.
    pub columns: Vec<SqlColumn>,
    /// Its rows, each with its number in the table of the document, from 0, and as many values as there are
    /// columns.
    pub rows: SqlRows,
}

/// A column to load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlColumn {
    /// Its name in SQL.
    pub name: String,
    /// The type of its values: `INTEGER`, `REAL` or `TEXT`.
    pub kind: SqlType,
    /// Whether SQLite would take one of its texts for a number.
    pub(super) has_number_like_text: bool,
}

impl SqlColumn {
    /// A column without values.
    pub fn new(name: String, kind: SqlType) -> Self {
        Self { name, kind, has_number_like_text: false }
    }

    /// The type that it is declared with; none where SQLite would take one of its texts for a number then.
    ///
    /// A type has SQLite compare numbers with texts as people write them: `WHERE year = '2019'` finds rows only so. It
    /// also has it store texts as numbers: "1.234", which may be a thousand times as much, or "1.5e400", which is
    /// infinite. Few columns have such a text, and for them it is better that an equation finds nothing.
    #[cfg(feature = "read-sql")]
    pub(super) fn declared(&self) -> Option<SqlType> {
        (self.kind == SqlType::Text || !self.has_number_like_text).then_some(self.kind)
    }
}

#[cfg(feature = "engine")]
impl SqlTable {
    /// An empty table.
    pub fn new(key: String, name: String, columns: Vec<SqlColumn>) -> Self {
        Self { key, name, columns, rows: SqlRows::default() }
    }

    /// Appends a row with its number in the table of the document, and as many values as there are columns.
    pub fn push_values(&mut self, number: u32, values: &[SqlValue]) {
        self.push(number, values.iter().map(CellValue::from));
    }

    /// The same without copies of texts.
    pub(crate) fn push<'a>(&mut self, number: u32, values: impl Iterator<Item = CellValue<'a>>) {
        let columns = self.columns.iter_mut();
        let values = columns.zip(values).map(|(column, value)| {
            if let CellValue::Text(text) = &value
                && column.kind != SqlType::Text
            {
                column.has_number_like_text |= is_number_of_sqlite(text);
            }
            value
        });
        self.rows.push(number, values);
    }
}

/// Whether a text has nothing but what numbers have in SQLite.
#[cfg(feature = "engine")]
fn is_number_of_sqlite(text: &str) -> bool {
    let is_of_number = |byte: u8| {
        matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E') || byte.is_ascii_whitespace()
    };
    text.bytes().all(is_of_number) && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// A query over tables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SqlRequest {
    /// The keys of the tables that it may read. Others are dropped where they take much memory.
    pub tables: Vec<String>,
    /// Those of them that the runner does not hold.
    pub missing: Vec<SqlTable>,
    /// One statement.
    pub sql: String,
    /// The values of its parameters, in order.
    pub params: Vec<SqlValue>,
    /// The most rows of the result.
    pub limit: u32,
    /// Milliseconds after which it ends.
    pub milliseconds: u32,
}

/// What a query gives.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SqlResult {
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<SqlValue>>,
    /// Whether there are more.
    pub is_truncated: bool,
    /// For each row, the rows of tables that it was computed from. Empty where that is not known.
    pub sources: Vec<Vec<RowSource>>,
}

/// Rows of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowSource {
    /// The name of the table.
    pub table: String,
    /// Their numbers in the table of the document, ascending: the first of them.
    pub rows: Vec<u32>,
    /// How many there are.
    pub row_count: u32,
    /// The columns that the query reads of them; empty where it reads none. All rows of a result share them.
    pub columns: Rc<[String]>,
}
