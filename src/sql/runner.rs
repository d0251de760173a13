//! Who runs queries for the engine.

#[cfg(feature = "read-sql")]
use std::cell::RefCell;

use async_trait::async_trait;

#[cfg(feature = "read-sql")]
use super::Database;
use super::{SqlRequest, SqlResult};
use crate::error::Result;
use crate::runtime::{Runtime, Task};

/// Runs queries: here, or in a worker of the browser.
///
/// A query that takes too long or too much memory costs only itself, and returns a typed error.
#[async_trait(?Send)]
pub trait SqlRunner {
    /// The keys of the tables that it holds now. It may lose them at any time; a request that lacks one fails
    /// with [`Error::TablesLost`](crate::Error::TablesLost) then.
    fn held(&self) -> Vec<String>;

    /// Runs a query.
    async fn run(
        &self,
        request: SqlRequest,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<SqlResult>;
}

/// Runs queries here, in one step.
#[cfg(feature = "read-sql")]
#[derive(Debug)]
pub struct InlineSqlRunner {
    database: RefCell<Option<Database>>,
    now_ms: fn() -> f64,
}

#[cfg(feature = "read-sql")]
impl InlineSqlRunner {
    /// A runner with this clock, by which it ends queries.
    pub fn new(now_ms: fn() -> f64) -> Self {
        Self { database: RefCell::new(None), now_ms }
    }
}

#[cfg(feature = "read-sql")]
#[async_trait(?Send)]
impl SqlRunner for InlineSqlRunner {
    fn held(&self) -> Vec<String> {
        self.database.borrow().as_ref().map(Database::held).unwrap_or_default()
    }

    async fn run(
        &self,
        request: SqlRequest,
        _runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<SqlResult> {
        task.cancel.check()?;
        let mut database = self.database.borrow_mut();
        let open = match database.take() {
            Some(open) => open,
            None => Database::new(self.now_ms)?,
        };
        database.insert(open).run(request)
    }
}
