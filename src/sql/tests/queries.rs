//! What queries give, and what ends them.

use super::*;
use crate::error::Error;
use crate::test;

fn rows(sql: &str) -> Vec<Vec<SqlValue>> {
    query(sql).unwrap_or_else(|error| panic!("{sql}: {error}")).rows
}

fn texts(sql: &str) -> Vec<String> {
    let text = |value: &SqlValue| match value {
        SqlValue::Null => String::new(),
        SqlValue::Integer(number) => number.to_string(),
        SqlValue::Real(number) => number.to_string(),
        SqlValue::Text(text) => text.clone(),
    };
    rows(sql).iter().map(|row| row.iter().map(text).collect::<Vec<_>>().join("|")).collect()
}

fn detail(sql: &str) -> String {
    match query(sql) {
        Err(Error::InvalidQuery { detail }) => detail,
        other => panic!("{sql}: {other:?}"),
    }
}

#[test]
fn tables_are_counted_summed_grouped_and_joined() {
    assert_eq!(texts("SELECT COUNT(*) FROM customers WHERE city = 'Rome'"), ["2"]);
    assert_eq!(texts("SELECT SUM(amount), AVG(amount) FROM orders"), ["210|52.5"]);
    let by_customer = "SELECT name, MAX(amount) FROM orders JOIN customers ON customer = customers.id \
        GROUP BY name ORDER BY name";
    assert_eq!(texts(by_customer), ["Ann|70", "Bob|20", "Eve|70"]);
    assert_eq!(texts("SELECT name FROM customers WHERE city IS NULL"), ["Dan"]);
    let with = "WITH big AS (SELECT * FROM orders WHERE amount > 50) SELECT COUNT(*) FROM big";
    assert_eq!(texts(with), ["2"]);
    assert_eq!(
        texts("SELECT strftime('%Y-%m', day), SUM(amount) FROM orders GROUP BY 1")[1],
        "2024-02|90"
    );
    let ranked = "SELECT id, RANK() OVER (ORDER BY amount DESC) FROM orders ORDER BY id";
    assert_eq!(texts(ranked), ["10|3", "11|1", "12|4", "13|1"]);
    assert_eq!(texts("SELECT value FROM json_each('[1,2]')"), ["1", "2"]);
}

#[test]
fn parameters_take_the_values_that_are_given() {
    let mut request = request("SELECT name FROM customers WHERE city = ?1 AND id > ?2");
    request.params = vec![SqlValue::Text("Rome".into()), SqlValue::Integer(1)];
    let result = database().run(request).expect("it runs");
    assert_eq!(result.rows, [[SqlValue::Text("Eve".into())]]);
    assert!(detail("SELECT ?1").contains("1 parameters, and 0 values"));
}

#[test]
fn a_result_ends_at_its_limit() {
    let mut request = request("SELECT id FROM customers");
    request.limit = 3;
    let result = database().run(request).expect("it runs");
    assert_eq!((result.rows.len(), result.is_truncated, result.sources.len()), (3, true, 3));
    assert!(!query("SELECT id FROM customers").expect("it runs").is_truncated);
}

#[test]
fn what_is_wrong_with_a_query_is_said() {
    assert_eq!(detail("SELECT * FROM mills"), "no such table: mills");
    assert!(detail("SELECT nope FROM orders").starts_with("no such column"));
    // A text in double quotes is a name, and a misspelt one no text.
    assert!(detail("SELECT \"nope\" FROM orders").starts_with("no such column"));
    assert!(detail("SELECT * FORM orders").contains("syntax error"));
    assert_eq!(detail("  -- only a comment"), "it is empty");
    assert_eq!(detail("SELECT 1; SELECT 2"), "it has more than one statement");
    assert_eq!(detail("EXPLAIN SELECT 1"), "only SELECT can be run");
}

#[test]
fn tables_stay_loaded_until_they_change() {
    let mut database = database();
    database.run(request("SELECT 1")).expect("it runs");
    assert_eq!(database.held(), ["customers/1", "orders/1"]);
    let mut again = request("SELECT COUNT(*) FROM orders");
    again.missing.clear();
    assert_eq!(database.run(again.clone()).expect("it runs").rows, [[SqlValue::Integer(4)]]);
    let changed = SqlTable { key: "orders/2".into(), ..table("orders", "id|amount / 1|5") };
    again.tables = vec![changed.key.clone()];
    again.missing = vec![changed];
    assert_eq!(database.run(again.clone()).expect("it runs").rows, [[SqlValue::Integer(1)]]);
    again.missing.clear();
    again.tables = vec!["orders/1".into()];
    assert_eq!(database.run(again), Err(Error::TablesLost));
}

#[test]
fn a_query_reads_only_the_tables_that_it_was_given() {
    let mut database = database();
    database.run(request("SELECT 1")).expect("it runs");
    let mut request = request("SELECT * FROM orders");
    request.missing.clear();
    request.tables = vec!["customers/1".into()];
    assert!(matches!(database.run(request), Err(Error::InvalidQuery { .. })));
}

#[test]
fn names_of_tables_are_the_same_in_any_case() {
    let mut database = database();
    let sales = |name: &str, rows: &str| table(name, &format!("n / {rows}"));
    let run = |database: &mut Database, missing: Vec<SqlTable>, keys: &[&str]| {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        database.run(SqlRequest { tables: keys, missing, ..request("SELECT SUM(n) FROM SALES") })
    };
    let first = run(&mut database, vec![sales("Sales", "1")], &["Sales/1"]);
    assert_eq!(first.expect("it runs").rows, [[SqlValue::Integer(1)]]);
    let second = run(&mut database, vec![sales("sales", "2")], &["sales/1"]);
    assert_eq!(second.expect("it runs").rows, [[SqlValue::Integer(2)]]);
    // The second took the place of the first, and it is known.
    assert_eq!(database.held(), ["sales/1"]);
    assert_eq!(run(&mut database, Vec::new(), &["Sales/1"]), Err(Error::TablesLost));
}

#[test]
fn a_common_table_may_begin_as_a_table_of_sqlite() {
    for name in ["csv_rows", "dbstat2", "bytecodes", "fts5_x"] {
        let counted = format!("WITH {name} AS (SELECT 1) SELECT COUNT(*) FROM {name}");
        assert_eq!(texts(&counted), ["1"], "{name}");
    }
}

/// The values of a column of numbers with this type.
fn column(kind: SqlType, values: &[SqlValue]) -> SqlRequest {
    let columns = vec![SqlColumn::new("x".to_owned(), kind)];
    let mut table = SqlTable::new("t/1".to_owned(), "t".to_owned(), columns);
    for (number, value) in (0..).zip(values) {
        table.push_values(number, std::slice::from_ref(value));
    }
    SqlRequest { tables: vec![table.key.clone()], missing: vec![table], ..request("SELECT 1") }
}

#[test]
fn texts_that_look_like_numbers_stay_texts() {
    let texts = ["1.234", "1.5e400", " 7 "].map(|text| SqlValue::Text(text.to_owned()));
    for text in texts {
        let values = [text.clone(), SqlValue::Integer(3), SqlValue::Real(0.5)];
        let mut request = column(SqlType::Real, &values);
        request.sql = "SELECT x, typeof(x), x / 2 FROM t ORDER BY _rowid_".into();
        let result = database().run(request).expect("it runs");
        assert_eq!(result.rows[0][..2], [text, SqlValue::Text("text".into())]);
        // As in a column with its type, whole numbers are no integers.
        assert_eq!(result.rows[1][2], SqlValue::Real(1.5));
    }
}

#[test]
fn numbers_are_found_by_texts() {
    let values = [SqlValue::Integer(2019), SqlValue::Integer(2020), SqlValue::Text("n/a".into())];
    let mut request = column(SqlType::Integer, &values);
    request.sql = "SELECT x FROM t WHERE x = '2019' OR x = ?1".into();
    request.params = vec![SqlValue::Text("2020".into())];
    let result = database().run(request).expect("it runs");
    assert_eq!(result.rows, [[SqlValue::Integer(2019)], [SqlValue::Integer(2020)]]);
}

#[test]
fn tables_of_many_long_names_are_queried() {
    let names: Vec<String> = (0..2_000).map(|at| format!("{}_{at}", "name".repeat(40))).collect();
    let row = vec!["1"; names.len()].join("|");
    let wide = table("wide", &format!("{} / {row}", names.join("|")));
    let request = SqlRequest {
        tables: vec![wide.key.clone()],
        missing: vec![wide],
        ..request("SELECT COUNT(*) FROM wide")
    };
    assert_eq!(database().run(request).expect("it runs").rows, [[SqlValue::Integer(1)]]);
    let long = format!("SELECT '{}'", "x".repeat(64 << 10));
    assert_eq!(detail(&long), "it has more than 65536 bytes");
}

#[test]
fn long_cells_are_queried_and_a_row_that_is_too_long_is_said() {
    let long = SqlValue::Text("x".repeat(20 << 20));
    let mut request = column(SqlType::Text, &[long.clone(), SqlValue::Null]);
    request.sql = "SELECT x FROM t WHERE x LIKE 'x%' ORDER BY x".into();
    assert_eq!(database().run(request).expect("it runs").rows, [[long]]);
    let mut request = column(SqlType::Text, &[SqlValue::Text("x".repeat(65 << 20))]);
    request.sql = "SELECT COUNT(*) FROM t".into();
    let error = database().run(request).expect_err("a row is too long");
    assert_eq!(error, Error::TableTooLarge { table: "t".into(), limit: 64 });
}

#[test]
fn functions_of_mathematics_are_there() {
    assert_eq!(texts("SELECT floor(2.7), ceil(2.1), sqrt(16), pow(2, 3)"), ["2|3|4|8"]);
}
