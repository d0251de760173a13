//! Tables of documents, queried in the SQL of SQLite.
//!
//! ```text
//! tables of documents -> catalog: a name in SQL for each, a type for each column
//!                          |
//!        SQL ------> the tables that it names, as typed values -> SqlRequest
//!                                                                   |
//!                        SqlRunner: here, or a worker of the browser: Database
//!                                                                   |
//!                                    rows, each with the rows of tables that it is from
//! ```
//!
//! A query runs in a database in memory that holds copies of tables and nothing else. The file that a
//! table is from is not open then: a hostile one can only be read badly, by its reader.

#[cfg(feature = "engine")]
mod catalog;
#[cfg(feature = "read-sql")]
mod database;
#[cfg(feature = "engine")]
mod document_tables;
#[cfg(feature = "read-sql")]
mod expressions;
#[cfg(feature = "read-sql")]
mod functions;
#[cfg(feature = "read-sql")]
mod limits;
#[cfg(feature = "engine")]
mod names;
#[cfg(feature = "read-sql")]
mod permission;
#[cfg(feature = "read-sql")]
mod query;
mod request;
mod rows;
#[cfg(feature = "engine")]
mod runner;
#[cfg(feature = "read-sql")]
mod sources;
#[cfg(all(test, feature = "engine", feature = "read-sql"))]
mod tests;

#[cfg(feature = "engine")]
pub use catalog::CatalogTable;
#[cfg(feature = "engine")]
pub(crate) use catalog::{DescribedTable, catalog, named_in, with_table_names};
#[cfg(feature = "read-sql")]
pub(crate) use database::Database;
#[cfg(feature = "engine")]
pub use document_tables::DocumentTables;
pub use request::{RowSource, SqlColumn, SqlRequest, SqlResult, SqlTable};
pub use rows::SqlRows;
#[cfg(all(feature = "engine", feature = "read-sql"))]
pub use runner::InlineSqlRunner;
#[cfg(feature = "engine")]
pub use runner::SqlRunner;
