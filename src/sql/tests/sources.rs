//! The rows of tables that results are from.

use super::*;
use crate::test;

/// For each row of the result, its sources: `table(columns)rows`.
fn sources(sql: &str) -> Vec<String> {
    let result = query(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    assert_eq!(result.rows.len(), result.sources.len());
    let source = |source: &crate::sql::RowSource| {
        assert_eq!(source.rows.len(), source.row_count as usize);
        format!("{}({}){:?}", source.table, source.columns.join(","), source.rows)
    };
    result.sources.iter().map(|row| row.iter().map(source).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_row_is_from_the_rows_that_were_read_for_it() {
    let chosen = "SELECT name FROM customers WHERE city = 'Rome' ORDER BY name DESC";
    assert_eq!(sources(chosen), ["customers(name)[2]", "customers(name)[0]"]);
    let all = sources("SELECT * FROM customers c LIMIT 1 OFFSET 1");
    assert_eq!(all, ["customers(id,name,city)[1]"]);
    let joined = "SELECT c.name, amount FROM orders AS o JOIN customers c ON o.customer = c.id \
        WHERE amount = 20";
    assert_eq!(sources(joined), ["orders(amount)[2] customers(name)[1]"]);
    let outer = "SELECT name, amount FROM customers LEFT JOIN orders ON customer = customers.id \
        WHERE name = 'Dan'";
    assert_eq!(sources(outer), ["customers(name)[3]"]);
}

#[test]
fn a_value_of_many_rows_is_from_all_of_them() {
    assert_eq!(sources("SELECT SUM(amount) FROM orders"), ["orders(amount)[0, 1, 2, 3]"]);
    let counted = "SELECT COUNT(*) FROM customers WHERE city = 'Rome'";
    assert_eq!(sources(counted), ["customers(city)[0, 2]"]);
    let grouped = "SELECT customer, COUNT(*) FROM orders GROUP BY customer HAVING COUNT(*) > 1";
    assert_eq!(sources(grouped), ["orders(customer)[0, 1]"]);
    let of_condition = "SELECT c.name FROM customers c JOIN orders o ON o.customer = c.id WHERE o.amount > 60 AND c.id = 1";
    assert_eq!(sources(of_condition), ["customers(name)[0] orders(customer,amount)[1]"]);
    let named_alike = "SELECT c.name FROM customers c JOIN orders o USING (id)";
    assert!(sources(named_alike).is_empty());
    let named_alike = "SELECT c.name, d.city FROM customers c JOIN customers d USING (id) JOIN customers e USING (id) WHERE c.id = 2";
    assert_eq!(sources(named_alike), ["customers(name)[1] customers(city)[1] customers(id)[1]"]);
    let natural = "SELECT c.name FROM customers c NATURAL JOIN customers d WHERE c.id = 2";
    assert_eq!(sources(natural), ["customers(name)[1] customers(id,name,city)[1]"]);
    let distinct = "SELECT DISTINCT amount FROM orders ORDER BY amount";
    assert_eq!(
        sources(distinct),
        ["orders(amount)[2]", "orders(amount)[0]", "orders(amount)[1, 3]"]
    );
}

#[test]
fn the_largest_is_from_its_own_row() {
    assert_eq!(sources("SELECT MIN(amount) FROM orders"), ["orders(amount)[2]"]);
    let of_groups = "SELECT customer, MAX(amount) FROM orders GROUP BY customer ORDER BY customer";
    let expected =
        ["orders(customer,amount)[1]", "orders(customer,amount)[2]", "orders(customer,amount)[3]"];
    assert_eq!(sources(of_groups), expected);
    let other = "SELECT MAX(amount) FROM orders GROUP BY customer HAVING MIN(amount) > 20";
    assert_eq!(sources(other), sources(&other.replace("MAX", "SUM")));
    let both = "SELECT MIN(amount), MAX(amount) FROM orders WHERE customer = 1";
    assert_eq!(sources(both), ["orders(amount)[0, 1]"]);
    // With two arguments, it is the larger one of a row.
    assert_eq!(sources("SELECT MAX(amount, 60) FROM orders WHERE id = 10"), ["orders(amount)[0]"]);
    let nested = "SELECT name FROM customers WHERE id = (SELECT customer FROM orders ORDER BY amount LIMIT 1)";
    assert_eq!(sources(nested), ["customers(name)[1]"]);
}

#[test]
fn what_cannot_be_told_is_left_out() {
    for sql in [
        "SELECT 1",
        "SELECT id FROM customers WHERE id = 1 UNION ALL SELECT id FROM orders WHERE id = 10",
        "SELECT n FROM (SELECT COUNT(*) AS n FROM orders)",
        "WITH x AS (SELECT id FROM orders) SELECT COUNT(*) FROM x",
        "SELECT DISTINCT COUNT(*) FROM orders",
        "SELECT DISTINCT name FROM customers JOIN orders ON customer = customers.id LIMIT 2",
        "SELECT name, (SELECT MAX(amount) FROM orders) FROM customers",
        "SELECT EXISTS (SELECT 1 FROM orders) FROM customers",
        "SELECT id IN (SELECT customer FROM orders) FROM customers",
        "VALUES (1), (2)",
    ] {
        assert!(sources(sql).iter().all(String::is_empty), "{sql}");
    }
}

#[test]
fn sources_change_no_result() {
    // The same queries as common table expressions, of which no sources are told.
    for sql in [
        "SELECT name AS \"the name\", city FROM customers WHERE city LIKE 'R%' OR city IS NULL ORDER BY 2, 1",
        "SELECT c.city, COUNT(*) n, SUM(o.amount) FROM customers c LEFT JOIN orders o ON o.customer = c.id \
         GROUP BY c.city HAVING n >= 1 ORDER BY n DESC, 1",
        "SELECT DISTINCT city FROM customers ORDER BY city",
        "SELECT DISTINCT name FROM customers ORDER BY city IS NULL LIMIT 3",
        "SELECT DISTINCT city FROM customers LIMIT 2",
        "SELECT DISTINCT amount FROM orders",
        "SELECT DISTINCT day, amount FROM orders LIMIT 2 OFFSET 1",
        "SELECT id FROM orders ORDER BY id LIMIT 1, 2",
        "SELECT CASE WHEN amount BETWEEN 10 AND 60 THEN 'low' ELSE 'high' END, CAST(amount AS TEXT) || '€' FROM orders",
        "SELECT o.*, c.name FROM orders o, customers c WHERE o.customer = c.id AND c.name NOT IN ('Bob')",
        "SELECT amount, SUM(amount) OVER (ORDER BY id ROWS 1 PRECEDING) FROM orders ORDER BY id",
        "SELECT -amount, NOT amount, amount % 7, amount << 1, x'00ff', 'it''s', 1e3, NULL FROM orders LIMIT 2",
        "SELECT COUNT(DISTINCT city), GROUP_CONCAT(name, '; ') FILTER (WHERE id > 1) FROM customers",
        "SELECT name FROM customers NATURAL JOIN (SELECT 1 AS id)",
    ] {
        let plain = query(&format!("WITH q AS ({sql}) SELECT * FROM q")).expect(sql);
        assert_eq!(query(sql).expect(sql).rows, plain.rows, "{sql}");
    }
}

#[test]
fn many_rows_are_counted_once_and_the_first_are_told() {
    let rows: String = (0..5_000).map(|at| format!(" / {at}")).collect();
    let numbers = table("numbers", &format!("n{rows}"));
    let run = |sql: &str| {
        let request = SqlRequest {
            tables: vec![numbers.key.clone()],
            missing: vec![numbers.clone()],
            ..request(sql)
        };
        database().run(request).expect("it runs")
    };
    // Each row of the first is read a hundred times.
    let joined = run("SELECT COUNT(*) FROM numbers a, numbers b WHERE b._rowid_ <= 100");
    assert_eq!(joined.rows, [[SqlValue::Integer(500_000)]]);
    let counts = joined.sources[0].iter().map(|source| source.row_count);
    assert_eq!(counts.collect::<Vec<_>>(), [5_000, 100]);
    assert_eq!(joined.sources[0][0].rows, (0..1_000).collect::<Vec<u32>>());
}

#[test]
fn a_query_of_the_user_has_no_aggregate_of_rows() {
    let run = query("SELECT rows_of_source(id) FROM orders");
    assert!(matches!(run, Err(crate::error::Error::InvalidQuery { .. })), "{run:?}");
    let mut database = database();
    database.run(request("SELECT COUNT(*) FROM orders")).expect("it runs");
    let run = database.run(request("SELECT rows_of_source(id) FROM orders"));
    assert!(matches!(run, Err(crate::error::Error::InvalidQuery { .. })), "{run:?}");
}

#[test]
fn sources_that_are_too_long_are_left_out() {
    let header: Vec<String> =
        (0..1_000).map(|at| format!("a_column_with_a_long_name_{at}")).collect();
    let row = vec!["1"; header.len()].join("|");
    let wide = table("wide", &format!("{}{}", header.join("|"), format!(" / {row}").repeat(2_000)));
    let mut request = SqlRequest {
        tables: vec![wide.key.clone()],
        missing: vec![wide],
        limit: 2_000,
        ..request("SELECT * FROM wide LIMIT 500")
    };
    let mut database = database();
    let few = database.run(request.clone()).expect("it runs");
    assert_eq!((few.rows.len(), few.sources[499][0].columns.len()), (500, 1_000));
    // A thousand names for each of so many rows.
    request.missing.clear();
    request.sql =
        "SELECT 1, wide.* FROM wide WHERE a_column_with_a_long_name_0 = 1 LIMIT 1200".into();
    let many = database.run(request).expect("it runs");
    assert_eq!(many.rows.len(), 1_200);
    assert!(many.sources.iter().all(Vec::is_empty));
}

#[test]
fn variables_keep_their_values() {
    let integer = SqlValue::Integer;
    for (sql, params, expected) in [
        ("SELECT id FROM orders ORDER BY id LIMIT ?, ?", vec![1, 2], vec![11, 12]),
        ("SELECT id FROM orders ORDER BY id LIMIT :from, :count", vec![1, 2], vec![11, 12]),
        ("SELECT id FROM orders ORDER BY id LIMIT ?2, ?1", vec![2, 1], vec![11, 12]),
        ("SELECT id FROM orders ORDER BY id LIMIT ? OFFSET ?", vec![2, 1], vec![11, 12]),
        (
            "SELECT id FROM orders WHERE amount > ? AND id IN (?, ?) ORDER BY id",
            vec![30, 10, 12],
            vec![10],
        ),
        (
            "SELECT id FROM orders WHERE id >= ? AND id IN (SELECT id FROM orders ORDER BY id LIMIT ?, ?)",
            vec![11, 0, 2],
            vec![11],
        ),
    ] {
        let request =
            SqlRequest { params: params.into_iter().map(integer).collect(), ..request(sql) };
        let result = database().run(request).expect(sql);
        let expected: Vec<_> = expected.into_iter().map(|id| vec![integer(id)]).collect();
        assert_eq!(result.rows, expected, "{sql}");
    }
}
