//! The tables of a database that hold its data.

use rusqlite::{Connection, Row};

use crate::document::FileDetails;

/// The most tables that are read.
const MAX_TABLES: usize = 1_000;
/// What virtual tables call the tables in which they keep an index. That with the texts is none of them.
const INDEX_TABLES: [&str; 10] =
    ["data", "idx", "docsize", "config", "segments", "segdir", "stat", "node", "parent", "rowid"];

/// A table.
pub(super) struct StoredTable {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    /// What its columns refer to: a sentence each.
    pub(super) references: Vec<String>,
}

/// The tables of a database, in the order in which they were made. What is left out is said in `details`.
pub(super) fn tables(
    connection: &Connection,
    details: &mut FileDetails,
) -> rusqlite::Result<Vec<StoredTable>> {
    let sql = "SELECT CAST(name AS BLOB), rootpage FROM sqlite_schema WHERE type = 'table' ORDER BY rowid";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.raw_query();
    let (mut stored, mut virtual_tables, mut unreadable) = (Vec::new(), Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let is_stored = row.get_ref(1)?.as_i64().is_ok_and(|page| page > 0);
        match text(row, 0) {
            Some(name) if name.to_lowercase().starts_with("sqlite_") => {}
            Some(name) if is_stored => stored.push(name),
            Some(name) => virtual_tables.push(name),
            None => unreadable += 1,
        }
    }
    if unreadable > 0 {
        details
            .warnings
            .push(format!("{unreadable} tables were left out: their names are no text."));
    }
    if !virtual_tables.is_empty() {
        let names = virtual_tables.join(", ");
        details.warnings.push(format!("Virtual tables were left out: {names}."));
    }
    stored.retain(|name| !virtual_tables.iter().any(|of| is_index_of(of, name)));
    if stored.len() > MAX_TABLES {
        let warning = format!("Only the first {MAX_TABLES} of {} tables were read.", stored.len());
        details.warnings.push(warning);
        stored.truncate(MAX_TABLES);
    }
    let mut tables = Vec::new();
    for name in stored {
        let columns = columns(connection, &name)?;
        if !columns.is_empty() {
            let references = references(connection, &name)?;
            tables.push(StoredTable { name, columns, references });
        }
    }
    Ok(tables)
}

/// Whether a table is the index of a virtual one.
fn is_index_of(of: &str, name: &str) -> bool {
    let rest = name.strip_prefix(of).and_then(|rest| rest.strip_prefix('_'));
    rest.is_some_and(|rest| INDEX_TABLES.contains(&rest))
}

/// A text of SQLite; none where it is no UTF-8. rusqlite's own ways to read names panic then.
fn text(row: &Row<'_>, at: usize) -> Option<String> {
    let bytes = row.get_ref(at).ok()?.as_bytes().ok()?;
    String::from_utf8(bytes.to_vec()).ok()
}

/// The names of a table's columns. SQLite takes no table of more than `MAX_COLUMNS`, so none is cut.
fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT CAST(name AS BLOB) FROM pragma_table_xinfo(?1) WHERE hidden <> 1";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([table])?;
    let mut columns = Vec::new();
    while let Some(row) = rows.next()? {
        columns.extend(text(row, 0));
    }
    Ok(columns)
}

/// "customer_id refers to id of customers."
fn references(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT CAST(\"from\" AS BLOB), CAST(\"to\" AS BLOB), CAST(\"table\" AS BLOB) \
        FROM pragma_foreign_key_list(?1)";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([table])?;
    let mut references = Vec::new();
    while let Some(row) = rows.next()? {
        if let (Some(from), to, Some(table)) = (text(row, 0), text(row, 1), text(row, 2)) {
            let to = to.map_or(String::new(), |to| format!("{to} of "));
            references.push(format!("{from} refers to {to}{table}."));
        }
    }
    Ok(references)
}
