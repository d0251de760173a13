//! SQLite within bounds: how both the reader of databases and queries open it.

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, Result};

use crate::sql_value::MAX_MEMORY_MIB;

/// The most bytes of a text, a blob or a row.
const MAX_VALUE_BYTES: i32 = 16 << 20;
/// The most bytes of a statement, whether of the schema of a file or our own: they name up to 2,000 columns.
const MAX_SQL_BYTES: i32 = 16 << 20;

/// The limits of a connection. Nothing is attached, loaded or triggered.
const LIMITS: [(Limit, i32); 11] = [
    (Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES),
    (Limit::SQLITE_LIMIT_SQL_LENGTH, MAX_SQL_BYTES),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 200),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 100),
    (Limit::SQLITE_LIMIT_VDBE_OP, 250_000),
    (Limit::SQLITE_LIMIT_ATTACHED, 0),
    // A pattern is compared at each character of a text, in one step.
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 500),
    (Limit::SQLITE_LIMIT_FUNCTION_ARG, 100),
    (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 1_000),
    (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
    (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
];

/// What a schema may not do: it is not trusted, and a statement cannot damage the file.
const SETTINGS: [(DbConfig, bool); 6] = [
    (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
    (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
    (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
    (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
    // A name in double quotes that is no column is an error, and no text.
    (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
    (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
];

/// An empty database in memory, within bounds.
pub(crate) fn open_bounded() -> Result<Connection> {
    let connection = Connection::open_in_memory()?;
    for (setting, value) in SETTINGS {
        connection.set_db_config(setting, value)?;
    }
    let memory = MAX_MEMORY_MIB << 20;
    connection.execute_batch(&format!(
        "PRAGMA hard_heap_limit = {memory}; PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON;"
    ))?;
    for (limit, value) in LIMITS {
        connection.set_limit(limit, value)?;
    }
    Ok(connection)
}
