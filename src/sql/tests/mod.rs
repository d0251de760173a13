//! Queries over tables in memory.

mod hostile;
mod queries;
mod sources;

use super::database::Database;
use super::request::{SqlColumn, SqlRequest, SqlResult, SqlTable};
use crate::error::Result;
use crate::sql_value::{CellValue, SqlType, SqlValue};

/// Milliseconds since some time.
fn now_ms() -> f64 {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed().as_secs_f64() * 1000.0
}

fn database() -> Database {
    Database::new(now_ms).expect("SQLite opens a database in memory")
}

/// A value: a number, or a text; empty for no value.
fn value(text: &str) -> CellValue<'_> {
    match (text, text.parse::<i64>()) {
        ("", _) => CellValue::Null,
        (_, Ok(number)) => CellValue::Integer(number),
        _ => CellValue::Text(text.into()),
    }
}

/// A table of this name: columns and rows are apart by " / ", cells by "|".
fn table(name: &str, text: &str) -> SqlTable {
    let mut lines = text.split(" / ");
    let names = lines.next().unwrap_or_default().split('|');
    let rows: Vec<Vec<CellValue<'_>>> =
        lines.map(|line| line.split('|').map(value).collect()).collect();
    let columns = names.enumerate().map(|(at, name)| {
        let is_number = |row: &Vec<CellValue<'_>>| matches!(row[at], CellValue::Integer(_));
        let has_number = rows.iter().any(is_number);
        let kind = if has_number { SqlType::Integer } else { SqlType::Text };
        SqlColumn::new(name.to_owned(), kind)
    });
    let mut table = SqlTable::new(format!("{name}/1"), name.to_owned(), columns.collect());
    for (number, row) in (0..).zip(rows) {
        table.push(number, row.into_iter());
    }
    table
}

/// Customers and their orders.
fn shop() -> Vec<SqlTable> {
    vec![
        table("customers", "id|name|city / 1|Ann|Rome / 2|Bob|Oslo / 3|Eve|Rome / 4|Dan|"),
        table(
            "orders",
            "id|customer|amount|day / 10|1|50|2024-01-05 / 11|1|70|2024-02-01 / 12|2|20|2024-02-03 \
             / 13|3|70|2024-03-01",
        ),
    ]
}

fn request(sql: &str) -> SqlRequest {
    let missing = shop();
    SqlRequest {
        tables: missing.iter().map(|table| table.key.clone()).collect(),
        missing,
        sql: sql.to_owned(),
        params: Vec::new(),
        limit: 100,
        milliseconds: 2_000,
    }
}

fn query(sql: &str) -> Result<SqlResult> {
    database().run(request(sql))
}
