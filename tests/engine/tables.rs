//! Tables through the engine: listed, shown, queried, asked.

use std::rc::Rc;

use multimodal_rag::{
    AnswerEvent, ComputedAnswer, Engine, Error, InlineSqlRunner, QueryAnswer, QueryOptions,
    RowsOptions, SqlValue, TableValue, Task,
};
use pollster::block_on;

use crate::harness::{Harness, add, ask, text_file};

const FLEET: &str = "# Fleet

| Boat | Harbour | Length (m) | Built | Price |
|---|---|---|---|---|
| Gull | Whitby | 12.5 | 3 May 1998 | €1.200,50 |
| Tern | Oban | 9 | 17 June 2004 | €800,00 |
| Wren | Whitby | 7.25 | 1 July 1987 | €2.000,00 |
| Total | | 28.75 | | €4.000,50 |

Some words after the table.";

const LANDINGS: &str = "# Landings

| Boat | Fish | Weight |
|---|---|---|
| Gull | cod | 40 |
| Tern | cod | 25 |
| Gull | hake | 60 |";

fn open(harness: &Harness) -> Engine {
    let runner = InlineSqlRunner::new(|| 0.0);
    let engine = harness.open_without_generator().with_sql_runner(Rc::new(runner));
    add(&engine, text_file("fleet.md", FLEET));
    add(&engine, text_file("landings.md", LANDINGS));
    engine
}

fn query(engine: &Engine, sql: &str) -> QueryAnswer {
    block_on(engine.query(sql, &QueryOptions::default(), &Task::default())).unwrap()
}

fn shown(engine: &Engine, options: &RowsOptions) -> Vec<(usize, String)> {
    let rows = block_on(engine.table_rows("fleet", options, &Task::default())).unwrap().rows;
    rows.into_iter().map(|(number, cells)| (number, cells[0].clone())).collect()
}

#[test]
fn tables_have_names_and_columns_of_types() {
    let harness = Harness::new();
    let engine = open(&harness);
    let tables = block_on(engine.tables(&Task::default())).unwrap();
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["fleet", "landings"]);
    let columns: Vec<String> = tables[0]
        .columns()
        .map(|(name, kind, unit)| format!("{name}/{}/{unit}", kind.name()))
        .collect();
    let expected =
        ["Boat/text/", "Harbour/text/", "Length (m)/decimal/m", "Built/date/", "Price/money/€"];
    assert_eq!(columns, expected);
    assert_eq!((tables[0].row_count(), tables[0].title()), (4, "Fleet"));
    block_on(engine.remove(&tables[0].document.id.to_string())).unwrap();
    let tables = block_on(engine.tables(&Task::default())).unwrap();
    assert_eq!(tables.len(), 1);
}

#[test]
fn rows_are_shown_as_they_are_written_in_any_order() {
    let harness = Harness::new();
    let engine = open(&harness);
    let all = shown(&engine, &RowsOptions::default());
    let boats: Vec<&str> = all.iter().map(|(_, boat)| boat.as_str()).collect();
    assert_eq!(boats, ["Gull", "Tern", "Wren", "Total"]);
    let by = |column: &str, is_descending| {
        let order_by = Some(column.to_owned());
        let options = RowsOptions { order_by, is_descending, limit: 2, ..RowsOptions::default() };
        shown(&engine, &options).into_iter().map(|(row, _)| row).collect::<Vec<_>>()
    };
    assert_eq!(by("Length (m)", false), [2, 1]);
    assert_eq!(by("Length (m)", true), [3, 0]);
    // By day, not by letters; the row without one is last.
    assert_eq!((by("Built", false), by("built", true)), (vec![2, 0], vec![1, 0]));
    let wrong = RowsOptions { order_by: Some("Mast".to_owned()), ..RowsOptions::default() };
    let error = block_on(engine.table_rows("fleet", &wrong, &Task::default())).unwrap_err();
    assert_eq!(error.code(), "invalid_option");
    let error = block_on(engine.table_rows("x", &RowsOptions::default(), &Task::default()));
    assert_eq!(error.unwrap_err(), Error::TableNotFound { name: "x".to_owned() });
}

#[test]
fn texts_are_sorted_regardless_of_case_and_accents() {
    let harness = Harness::new();
    let engine = harness.open_without_generator();
    let towns = "| Town |\n|---|\n| Zürich |\n| Äpfelbach |\n| apfel |\n| Bern |\n| bern |";
    add(&engine, text_file("fleet.md", towns));
    let options = RowsOptions { order_by: Some("Town".to_owned()), ..RowsOptions::default() };
    let towns: Vec<String> = shown(&engine, &options).into_iter().map(|(_, town)| town).collect();
    assert_eq!(towns, ["apfel", "Äpfelbach", "Bern", "bern", "Zürich"]);
}

#[test]
fn queries_read_values_and_cite_cells() {
    let harness = Harness::new();
    let engine = open(&harness);
    // The last row, which adds up the others, is no row in SQL.
    let sum = query(&engine, "SELECT SUM(Price) FROM fleet WHERE Harbour = 'Whitby'");
    assert_eq!(sum.result.rows, [[SqlValue::Real(3200.5)]]);
    let cited: Vec<&str> = sum.citations.iter().map(|cell| cell.text()).collect();
    assert_eq!(cited, ["€1.200,50", "€2.000,00"]);
    let joined = query(
        &engine,
        "SELECT fleet.Boat, SUM(Weight) FROM fleet JOIN landings ON fleet.Boat = landings.Boat \
         WHERE Built < '2000-01-01' GROUP BY fleet.Boat",
    );
    let text = |text: &str| SqlValue::Text(text.to_owned());
    assert_eq!(joined.result.rows, [[text("Gull"), SqlValue::Integer(100)]]);
    let cited: Vec<(&str, &str, &str)> = joined
        .citations
        .iter()
        .map(|cell| (cell.table.as_str(), cell.column.as_str(), cell.text()))
        .collect();
    let expected =
        [("fleet", "Boat", "Gull"), ("landings", "Weight", "40"), ("landings", "Weight", "60")];
    assert_eq!(cited, expected);
    let largest = query(&engine, "SELECT Boat, Weight FROM landings ORDER BY Weight DESC");
    let cited: Vec<usize> = largest.citations.iter().map(|cell| cell.row).collect();
    assert_eq!(cited, [2, 2, 0, 0, 1, 1]);
    let (options, task) = (QueryOptions::default(), Task::default());
    let wrong = block_on(engine.query("SELECT * FROM boats", &options, &task));
    let error = wrong.unwrap_err().to_string();
    assert!(error.contains("no such table: boats; the tables are fleet, landings"), "{error}");
}

#[test]
fn a_query_sees_what_was_added_last() {
    let harness = Harness::new();
    let engine = open(&harness);
    let count = |sql: &str| query(&engine, sql).result.rows[0][0].clone();
    assert_eq!(count("SELECT COUNT(*) FROM landings"), SqlValue::Integer(3));
    let longer = format!("{LANDINGS}\n| Wren | cod | 5 |");
    let file = multimodal_rag::SourceFile {
        replaces_same_name: true,
        ..text_file("landings.md", &longer)
    };
    add(&engine, file);
    assert_eq!(count("SELECT COUNT(*) FROM landings"), SqlValue::Integer(4));
}

fn computed(events: &[AnswerEvent]) -> Option<&ComputedAnswer> {
    events.iter().find_map(|event| match event {
        AnswerEvent::Table(computed) => Some(&**computed),
        _ => None,
    })
}

#[test]
fn a_question_that_a_table_answers_is_computed_before_it_is_quoted() {
    let harness = Harness::new();
    let engine = open(&harness);
    let events = ask(&engine, "How many boats are in Whitby?");
    let answer = computed(&events).expect("an answer from the table");
    assert_eq!(answer.table.name, "fleet");
    let values: Vec<String> = answer.answer.values.iter().map(ToString::to_string).collect();
    assert_eq!((values, answer.answer.rows.as_slice()), (vec!["2".to_owned()], &[0, 2][..]));
    assert!(answer.text().starts_with("2: the number of rows"), "{}", answer.text());
    let place = |wanted: fn(&AnswerEvent) -> bool| events.iter().position(wanted);
    let table = place(|event| matches!(event, AnswerEvent::Table(_)));
    let quote = place(|event| matches!(event, AnswerEvent::Quote(_)));
    assert!(quote.is_none() || table < quote);
    // What is told as the query gives the same.
    let again = query(&engine, &answer.answer.sql);
    assert_eq!(again.result.rows, [[SqlValue::Integer(2)]]);
    assert!(computed(&ask(&engine, "Why are words written after the table?")).is_none());
}

/// Questions to small tables: the file of a table, and a question.
fn fixture_questions() -> Vec<(String, String)> {
    let questions = include_str!("../fixtures/eval/tables/questions-small.tsv");
    let fields = |line: &str| {
        let fields: Vec<String> = line.split('\t').map(str::to_owned).collect();
        (fields[2].clone(), fields[1].clone())
    };
    questions.lines().skip(1).map(fields).collect()
}

/// Whether a query gives these values, or the cells that they are written in.
fn gives(query: &QueryAnswer, answer: &ComputedAnswer) -> bool {
    let rows = &query.result.rows;
    let is_same = |(row, value): (&Vec<SqlValue>, &TableValue)| {
        let text = match &row[0] {
            SqlValue::Null => String::new(),
            SqlValue::Integer(number) => number.to_string(),
            SqlValue::Real(number) => TableValue::Number(*number).to_string(),
            SqlValue::Text(text) => text.clone(),
        };
        let value = value.to_string();
        text == value || query.citations.iter().any(|cell| cell.text() == value)
    };
    rows.len() == answer.answer.values.len() && rows.iter().zip(&answer.answer.values).all(is_same)
}

#[test]
fn the_query_of_an_answer_gives_its_values() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/eval/tables");
    let (mut answered, questions) = (0, fixture_questions());
    for name in ["mills.csv", "ferries.csv", "medals.csv"] {
        let harness = Harness::new();
        let runner = Rc::new(InlineSqlRunner::new(|| 0.0));
        let engine = harness.open_without_generator().with_sql_runner(runner);
        let text = std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
        add(&engine, text_file(name, &text));
        for (_, question) in questions.iter().filter(|(table, _)| table == name) {
            let events = ask(&engine, question);
            let Some(answer) = computed(&events) else { continue };
            let sql = &answer.answer.sql;
            let again = query(&engine, sql);
            let values = &answer.answer.values;
            assert!(gives(&again, answer), "{question}: {values:?}; {sql}: {:?}", again.result);
            answered += 1;
        }
    }
    assert!(answered >= 20, "{answered} of {}", questions.len());
}
