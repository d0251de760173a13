//! A query, whatever it says, ends soon, and changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use multimodal_rag::{
    InlineSqlRunner, Runtime, SqlColumn, SqlRequest, SqlRunner, SqlTable, SqlType, SqlValue, Task,
};

/// No clock, and nothing else to wait for.
struct Still;

#[async_trait::async_trait(?Send)]
impl Runtime for Still {
    fn now_ms(&self) -> f64 {
        0.0
    }

    fn unix_ms(&self) -> f64 {
        0.0
    }

    async fn yield_now(&self) {}
}

fn table(name: &str, columns: &[&str]) -> SqlTable {
    let columns = columns.iter().map(|name| SqlColumn::new((*name).to_owned(), SqlType::Integer));
    let mut table = SqlTable::new(name.to_owned(), name.to_owned(), columns.collect());
    for row in 0..4 {
        table.push_values(row, &vec![SqlValue::Integer(row.into()); table.columns.len()]);
    }
    table
}

/// Counts the checks of the clock: a query ends after some.
fn checks() -> f64 {
    thread_local! {
        static CHECKS: std::cell::Cell<f64> = const { std::cell::Cell::new(0.0) };
    }
    CHECKS.set(CHECKS.get() + 1.0);
    CHECKS.get()
}

fn request(sql: &str) -> SqlRequest {
    let tables = vec![
        table("customers", &["id", "name", "city"]),
        table("orders", &["id", "customer", "amount", "day"]),
    ];
    SqlRequest {
        tables: tables.iter().map(|table| table.key.clone()).collect(),
        missing: tables,
        sql: sql.to_owned(),
        params: Vec::new(),
        limit: 100,
        milliseconds: 50,
    }
}

fuzz_target!(|sql: &str| {
    let runner = InlineSqlRunner::new(checks);
    let run = |request| pollster::block_on(runner.run(request, &Still, &Task::default()));
    if let Ok(result) = run(request(sql)) {
        assert_eq!(result.rows.len(), result.sources.len());
    }
    let counted = run(SqlRequest { missing: Vec::new(), ..request("SELECT COUNT(*) FROM orders") });
    assert_eq!(counted.map(|result| result.rows), Ok(vec![vec![SqlValue::Integer(4)]]));
});
