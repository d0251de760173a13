//! The SQL of each operation, as literal texts. SQLite gives the answers of the plans for them.

use super::super::tests::{PLAYERS, TEAMS, each_plan};
use super::super::{Weights, answer};
use super::expressions::{identifier, literal};

/// The SQL of the plan of a question that is explained so.
fn sql(question: &str, text: &str, explanation: &str) -> String {
    let mut found = None;
    each_plan(question, text, &mut |english, sql, _| {
        if english == explanation {
            found.get_or_insert(sql.to_owned());
        }
    });
    found.unwrap_or_else(|| panic!("no plan of {question:?} is {explanation:?}"))
}

fn check(cases: &[(&str, &str, &str)]) {
    for (question, explanation, expected) in cases {
        assert_eq!(sql(question, PLAYERS, explanation), *expected, "{question}: {explanation}");
    }
}

include!("/tmp/proto2/cases.rs");

#[test]
fn names_and_texts_are_quoted() {
    assert_eq!(identifier("a \"b\""), "\"a \"\"b\"\"\"");
    assert_eq!(literal("it's"), "'it''s'");
}

#[test]
fn a_caller_names_the_table() {
    let table = super::super::tests::table(PLAYERS).named("players 2024");
    let answer = answer("How many?", &table, &Weights::default());
    assert!(answer.is_some_and(|answer| answer.sql.contains("FROM \"players 2024\"")));
}
