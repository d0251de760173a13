//! Statements that want more than to read tables: each ends within its bounds, and changes nothing.

use super::*;
use crate::error::Error;
use crate::test;

/// Statements that must be refused.
const REFUSED: &[&str] = &[
    "INSERT INTO orders VALUES (1, 1, 1, 1)",
    "INSERT INTO orders SELECT * FROM orders",
    "REPLACE INTO orders VALUES (1, 1, 1, 1)",
    "UPDATE orders SET amount = 0",
    "DELETE FROM orders",
    "DELETE FROM orders RETURNING *",
    "WITH x AS (SELECT 1) DELETE FROM orders",
    "WITH x AS (SELECT 1) INSERT INTO orders SELECT 1, 1, 1, 1 RETURNING *",
    "DROP TABLE orders",
    "ALTER TABLE orders RENAME TO x",
    "ALTER TABLE orders ADD COLUMN x",
    "CREATE TABLE x (a)",
    "CREATE TABLE x AS SELECT * FROM orders",
    "CREATE TEMP TABLE x (a)",
    "CREATE VIEW x AS SELECT 1",
    "CREATE TEMP VIEW x AS SELECT 1",
    "CREATE INDEX x ON orders (id)",
    "CREATE TRIGGER x AFTER INSERT ON orders BEGIN SELECT 1; END",
    "CREATE VIRTUAL TABLE x USING fts5(a)",
    "CREATE VIRTUAL TABLE x USING rtree(a, b, c)",
    "CREATE VIRTUAL TABLE temp.x USING dbstat(main)",
    "ATTACH 'x.db' AS x",
    "ATTACH ':memory:' AS x",
    "ATTACH 'file:x?mode=memory' AS x",
    "DETACH main",
    "VACUUM",
    "VACUUM INTO 'x.db'",
    "REINDEX",
    "ANALYZE",
    "BEGIN",
    "BEGIN EXCLUSIVE",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT x",
    "RELEASE x",
    "PRAGMA writable_schema = ON",
    "PRAGMA trusted_schema = ON",
    "PRAGMA hard_heap_limit = 0",
    "PRAGMA journal_mode = WAL",
    "PRAGMA temp_store_directory = '.'",
    "PRAGMA table_info(orders)",
    "PRAGMA database_list",
    "PRAGMA query_only = OFF",
    "EXPLAIN SELECT 1",
    "EXPLAIN QUERY PLAN SELECT * FROM orders",
    "SELECT load_extension('x')",
    "SELECT load_extension('x', 'y')",
    "SELECT readfile('x')",
    "SELECT writefile('x', 'y')",
    "SELECT edit('x')",
    "SELECT fts3_tokenizer('x')",
    "SELECT fts3_tokenizer('x', x'00')",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM sqlite_schema",
    "SELECT COUNT(*) FROM sqlite_master",
    "SELECT COUNT(*) FROM dbstat",
    "SELECT * FROM sqlite_temp_master",
    "SELECT * FROM main.sqlite_schema",
    "SELECT * FROM sqlite_dbpage",
    "SELECT * FROM dbstat",
    "SELECT * FROM sqlite_stmt",
    "SELECT * FROM bytecode('SELECT 1')",
    "SELECT * FROM tables_used('SELECT 1')",
    "SELECT * FROM pragma_table_info('orders')",
    "SELECT * FROM pragma_database_list",
    "SELECT * FROM pragma_function_list",
    "SELECT * FROM pragma_module_list",
    "SELECT * FROM pragma_compile_options",
    "SELECT * FROM generate_series(1, 10)",
    "SELECT * FROM fsdir('.')",
    "SELECT * FROM csv('x')",
    "SELECT * FROM zipfile('x')",
    "SELECT 1; DROP TABLE orders",
    "SELECT 1; ATTACH 'x' AS y",
    "SELECT 1; SELECT 2; SELECT 3",
    "; DROP TABLE orders",
    "/* */ DROP TABLE orders --",
    "SELECT * FROM other.orders",
    "SELECT * FROM temp.orders",
    "",
    ";",
    "--",
    "/*",
    "'",
    "\"",
    "[",
    "`",
    "SELECT",
    "SELECT *",
    "SELECT FROM",
    "SELECT * FROM",
    "SELECT * FROM orders WHERE",
    "SELECT (",
    "SELECT 'x",
    "SELECT x'0",
    "SELECT x'zz'",
    "SELECT \u{0}",
    "SELECT 1 \u{0} DROP TABLE orders",
    "SELECT ?",
    "SELECT ?999999",
    "SELECT :a, @b, $c",
    "SELECT RAISE(ABORT, 'x')",
    "SELECT sum(count(*)) FROM orders",
    "SELECT * FROM orders ORDER BY 99",
    "SELECT * FROM orders GROUP BY 99",
    "SELECT abs(-9223372036854775808)",
    "SELECT zeroblob(1000000000)",
    "SELECT randomblob(1000000000)",
    "SELECT hex(zeroblob(60000000))",
    "SELECT printf('%.*c', 1000000000, 'x')",
    "SELECT replace(hex(zeroblob(1000000)), '0', hex(zeroblob(1000)))",
    "SELECT json_extract('{', '$')",
    "SELECT '1' LIKE hex(zeroblob(2000))",
    "SELECT * FROM orders NATURAL JOIN customers ON 1",
    "VALUES (1), (1, 2)",
    "SELECT 1 UNION SELECT 1, 2",
];

/// Statements that never end, or not soon.
const ENDLESS: &[&str] = &[
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) FROM n",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT i FROM n WHERE i = 2",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000000) \
     SELECT SUM(i) FROM n",
    "SELECT COUNT(*) FROM orders a, orders b, orders c, orders d, orders e, orders f, orders g, \
     orders h, orders i, orders j, orders k, orders l, orders m, orders n, orders o, orders p",
    "SELECT COUNT(*) FROM orders WHERE (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 \
     FROM n) SELECT COUNT(*) FROM n) > 0",
    "WITH RECURSIVE n(t) AS (SELECT 'x' UNION ALL SELECT t || t FROM n) SELECT length(t) FROM n",
    "WITH RECURSIVE n(t) AS (SELECT zeroblob(1000000) UNION ALL SELECT randomblob(1000000) FROM n) \
     SELECT t FROM n ORDER BY t",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n ORDER BY i",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
     SELECT group_concat(i) FROM n",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
     SELECT json_group_array(i) FROM n",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n) SELECT DISTINCT i FROM n WHERE i < 0",
];

/// Statements of one step, or a few, each of which would take long.
const LONG_STEPS: &[&str] = &[
    "SELECT instr(zeroblob(4000000), CAST(zeroblob(2000000) || x'01' AS BLOB))",
    "SELECT instr(zeroblob(1000000), CAST(zeroblob(500000) || x'01' AS BLOB))",
    "SELECT instr(hex(zeroblob(500000)), hex(zeroblob(200000)) || '1')",
    "SELECT replace(hex(zeroblob(500000)), hex(zeroblob(200000)) || '1', 'x')",
    "SELECT replace(hex(zeroblob(500000)), '0', hex(zeroblob(500000)))",
    "SELECT trim(hex(zeroblob(500000)), replace(hex(zeroblob(250000)), '0', '1') || '0')",
    "SELECT unhex(hex(zeroblob(500000)), replace(hex(zeroblob(250000)), '0', 'x'))",
    "SELECT hex(zeroblob(7000000)) LIKE '%' || hex(zeroblob(450)) || '1%'",
    "SELECT hex(zeroblob(520000)) LIKE '%' || substr(hex(zeroblob(450)), 1, 490) || '1%'",
    "SELECT hex(zeroblob(520000)) LIKE '%' || replace(substr(hex(zeroblob(450)), 1, 490), '0', '_') || '1%'",
    "SELECT hex(zeroblob(520000)) GLOB '*' || substr(hex(zeroblob(450)), 1, 490) || '1*'",
    "SELECT hex(zeroblob(520000)) LIKE '%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%1%'",
    "SELECT json_patch('{' || replace(hex(zeroblob(50000)), '0', '\"a\":1,') || '\"b\":2}', '{}')",
    "SELECT json_pretty(replace(hex(zeroblob(450)), '0', '['), hex(zeroblob(500000)))",
    "SELECT printf('%.*f', 100000000, 1.5)",
    "SELECT group_concat(hex(zeroblob(500000)), '') OVER (ROWS 3 PRECEDING) FROM orders, customers, orders o",
];

/// Statements of one shape, with more of it than is sensible.
fn deep() -> Vec<String> {
    let mut all = Vec::new();
    for count in [10, 100, 300, 1_000, 10_000] {
        let times = |part: &str| part.repeat(count);
        all.extend([
            format!("SELECT {}1{}", times("("), times(")")),
            format!("SELECT {}1", times("- ")),
            format!("SELECT {}1", times("NOT ")),
            format!("SELECT {}1", times("1+")),
            format!("SELECT {}1", times("1 AND ")),
            format!("SELECT {}'x'", times("'x'||")),
            format!("SELECT {}1", times("1,")),
            format!("SELECT {}1{}", times("abs("), times(")")),
            format!("SELECT {}1{}", times("(SELECT "), times(")")),
            format!("SELECT * FROM {}orders{}", times("("), times(")")),
            format!("{}SELECT 1{}", times("SELECT * FROM ("), times(")")),
            format!("{}SELECT 1", times("SELECT 1 UNION ALL ")),
            format!("{}SELECT 1", times("SELECT 1 EXCEPT ")),
            format!("SELECT CASE {} END", times("WHEN 1 THEN 1 ")),
            format!("SELECT {}1{}", times("CASE WHEN 1 THEN "), times(" END")),
            format!("SELECT {}1{}", times("CAST("), times(" AS TEXT)")),
            format!("SELECT * FROM orders {}", times(", orders")),
            format!("SELECT * FROM orders {}", times("JOIN customers ")),
            format!("SELECT 1 IN ({}1)", times("1,")),
            format!("SELECT max({}1)", times("1,")),
            format!("SELECT 1 FROM orders ORDER BY {}1", times("1,")),
            format!("SELECT 1 FROM orders GROUP BY {}1", times("1,")),
            format!("VALUES {}(1)", times("(1),")),
            format!(
                "WITH {}z AS (SELECT 1) SELECT 1",
                (0..count).map(|at| format!("x{at} AS (SELECT 1), ")).collect::<String>()
            ),
            format!("SELECT '{}'", times("\u{1F600}")),
            format!("SELECT \"{}\"", times("x")),
            format!("SELECT {} 1", times("/**/")),
            format!("SELECT 1 {}", times(";")),
            format!("SELECT x.{}y", times("x.")),
            format!("SELECT 'x' LIKE '{}'", times("%_")),
            format!("SELECT 'x' GLOB '{}'", times("*[a-z]")),
            format!("SELECT json('{}{}')", times("["), times("]")),
            format!("SELECT json_extract('[]', '${}')", times("[0]")),
            format!("SELECT {}1{}", times("EXISTS (SELECT "), times(")")),
            format!("SELECT 1 WHERE {}1", times("1 = ")),
            format!("SELECT sum(amount) OVER ({}) FROM orders", times("ORDER BY id ")),
            format!("SELECT {}", times("?,")),
            format!("SELECT 1 COLLATE {}", times("x")),
        ]);
    }
    all
}

/// The tables as they were.
fn is_unchanged(database: &mut Database) -> bool {
    let mut unchanged = |sql: &str, expected: &[i64]| {
        let result = database.run(SqlRequest { missing: Vec::new(), ..request(sql) });
        let expected: Vec<SqlValue> = expected.iter().copied().map(SqlValue::Integer).collect();
        result.is_ok_and(|result| result.rows == [expected])
    };
    unchanged("SELECT COUNT(*), SUM(amount), SUM(id) FROM orders", &[4, 210, 46])
        && unchanged("SELECT COUNT(*), SUM(id) FROM customers", &[4, 10])
}

#[test]
fn statements_that_do_more_than_read_are_refused() {
    let mut database = database();
    database.run(request("SELECT 1")).expect("it runs");
    for sql in REFUSED {
        let run = database.run(SqlRequest { missing: Vec::new(), ..request(sql) });
        let is_refused =
            matches!(run, Err(Error::InvalidQuery { .. } | Error::QueryTooLarge { .. }));
        assert!(is_refused, "{sql}: {run:?}");
        assert!(is_unchanged(&mut database), "{sql}");
    }
}

#[test]
fn statements_without_end_are_ended() {
    for sql in ENDLESS {
        let mut database = database();
        database.run(request("SELECT 1")).expect("it runs");
        let started = now_ms();
        let request = SqlRequest { milliseconds: 200, missing: Vec::new(), ..request(sql) };
        let run = database.run(request);
        let is_ended = matches!(
            run,
            Err(Error::QueryTooSlow { .. }
                | Error::QueryTooLarge { .. }
                | Error::InvalidQuery { .. })
        );
        assert!(is_ended, "{sql}: {run:?}");
        assert!(now_ms() - started < 5_000.0, "{sql} took {} ms", now_ms() - started);
        assert!(is_unchanged(&mut database), "{sql}");
    }
}

#[test]
fn no_step_takes_long() {
    let mut database = database();
    database.run(request("SELECT 1")).expect("it runs");
    for sql in LONG_STEPS {
        let started = now_ms();
        let request = SqlRequest { milliseconds: 200, missing: Vec::new(), ..request(sql) };
        // What it gives does not matter: it must come back.
        let _ = database.run(request);
        assert!(now_ms() - started < 5_000.0, "{sql} took {} ms", now_ms() - started);
    }
    assert!(is_unchanged(&mut database));
}

#[test]
fn a_result_is_counted_before_it_is_copied() {
    let blobs = vec!["zeroblob(1000000)"; 28].join(", ");
    let run = query(&format!("SELECT {blobs}"));
    assert!(matches!(run, Err(Error::QueryTooLarge { what: "a result", limit: 32 })));
}

#[test]
fn no_virtual_table_of_sqlite_is_read() {
    let connection = crate::sqlite::open_bounded().expect("SQLite opens");
    let mut modules = connection.prepare("SELECT name FROM pragma_module_list").expect("a list");
    let modules = modules.query_map([], |row| row.get::<_, String>(0)).expect("a list");
    let modules: Vec<String> = modules.map(|name| name.expect("a name")).collect();
    assert!(modules.len() > 4, "{modules:?}");
    for name in modules.iter().filter(|name| !name.starts_with("json")) {
        let run = query(&format!("SELECT COUNT(*) FROM {name}"));
        assert!(matches!(run, Err(Error::InvalidQuery { .. })), "{name}: {run:?}");
    }
}

#[test]
fn deep_and_long_statements_end() {
    let mut database = database();
    database.run(request("SELECT 1")).expect("it runs");
    let deep = deep();
    assert!(REFUSED.len() + ENDLESS.len() + deep.len() >= 300, "a battery of at least 300");
    for sql in deep {
        let started = now_ms();
        let request = SqlRequest { milliseconds: 200, missing: Vec::new(), ..request(&sql) };
        // What it gives does not matter: it must come back.
        let _ = database.run(request);
        let shown = &sql[..sql.floor_char_boundary(60)];
        assert!(now_ms() - started < 5_000.0, "{shown} took {} ms", now_ms() - started);
    }
    assert!(is_unchanged(&mut database));
}

#[test]
fn tables_may_have_any_names_and_values() {
    let names = ["a\"b", "select", "x;--", "é 漢", "'", "[x]", "`", "a b"];
    let tables =
        names.map(|name| table(name, &format!("{name}|\"; DROP TABLE x; -- / 1|=cmd / 2|\u{0}")));
    let request = SqlRequest {
        tables: tables.iter().map(|table| table.key.clone()).collect(),
        missing: tables.into_iter().collect(),
        ..request(
            r#"SELECT COUNT(*) FROM "a""b", "select", "x;--", "é 漢", "'", "[x]", "`", "a b""#,
        )
    };
    let result = database().run(request).expect("it runs");
    assert_eq!(result.rows, [[SqlValue::Integer(256)]]);
}
