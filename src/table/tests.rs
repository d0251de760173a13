//! Whole questions about small tables, and questions without sense.

use super::explain::Explainer;
use super::plan::{Plan, enumerate};
use super::question::{Links, Question};
use super::{Table, TableValue, Weights, answer, candidates};
use crate::rng::{Rng, seed};
use crate::test;

/// The table of a text: rows apart by ` / `, cells by `|`.
pub(super) fn table(text: &str) -> Table {
    let mut rows = text
        .split(" / ")
        .map(|row| row.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<String>>());
    let header = rows.next().unwrap_or_default();
    Table::new(&header, &rows.collect::<Vec<_>>())
}

/// A table with a column of each sort.
pub(super) const PLAYERS: &str = "Player|Nation|Goals|Born|Result|Term|Clubs \
    / Ann|France|3|1990-05-01|2-1|1990–1995|Lyon, Paris \
    / Bob|Spain|5|1985-06-02|3-0|1991–1992|Madrid \
    / Cem|Turkey|9|1992-08-15|1-4|1993–1999|Izmir, Ankara, Bursa \
    / Dan|France|1|1985-01-20|2-2|1990–1994|Nice";
/// A table whose columns may be rows.
pub(super) const TEAMS: &str = "Team|1990|1991|1992 / Lions|3|4|5 / Bears|1|9|2";

/// Calls `check` with the explanation of each plan of a question, its SQL and its values.
pub(super) fn each_plan(question: &str, text: &str, check: &mut dyn FnMut(&str, &str, &str)) {
    let (question, table) = (Question::new(question), table(text));
    for view in table.views() {
        let links = Links::new(&question, view);
        let explainer = Explainer { question: &question, links: &links, view, table: &table };
        for found in enumerate(&question, &links, view, usize::MAX) {
            let plan: &Plan = &found.plan;
            let values = found.answer.values.iter().map(|value| match value {
                TableValue::Text(text) => text.clone(),
                TableValue::Number(number) => number.to_string(),
            });
            let values = values.collect::<Vec<_>>().join("|");
            check(&explainer.english(plan), &explainer.sql(plan), &values);
        }
    }
}

/// The values of the plan of a question that is explained so.
fn values(question: &str, text: &str, explanation: &str) -> String {
    let mut found = None;
    each_plan(question, text, &mut |english, _, values| {
        if english == explanation {
            found.get_or_insert(values.to_owned());
        }
    });
    found.unwrap_or_else(|| panic!("no plan of {question:?} is {explanation:?}"))
}

fn check(cases: &[(&str, &str, &str)]) {
    for (question, explanation, expected) in cases {
        assert_eq!(values(question, PLAYERS, explanation), *expected, "{question}: {explanation}");
    }
}

#[test]
fn cells_are_selected_by_other_cells() {
    check(&[
        ("What is the nation of Bob?", "Nation of the rows where Player is \"Bob\".", "Spain"),
        ("Which players are French?", "Player of the rows where Nation is \"France\".", "Ann|Dan"),
        ("Who played for Paris?", "Player of the rows where Clubs contains \"paris\".", "Ann"),
    ]);
}

#[test]
fn a_count_with_a_filter_is_the_number_of_its_rows() {
    check(&[
        ("How many are from France?", "The number of rows where Nation is \"France\".", "2"),
        (
            "How many are not from France?",
            "The number of rows except those where Nation is \"France\".",
            "2",
        ),
        (
            "How many from France have over 2 goals?",
            "The number of rows where Nation is \"France\" and Goals is more than 2.",
            "1",
        ),
        (
            "How many have more goals than Ann?",
            "The number of rows where Goals is more than where Player is \"Ann\".",
            "2",
        ),
        ("How many were born in May?", "The number of rows where month of Born is \"may\".", "1"),
        (
            "How many were born after 1985?",
            "The number of rows where the year of Born is more than 1985.",
            "2",
        ),
        (
            "How many were born before June 2?",
            "The number of rows where Born is before 2 June.",
            "2",
        ),
    ]);
}

#[test]
fn different_cells_are_counted_once() {
    check(&[(
        "How many different nations are there?",
        "The number of different values of Nation in the rows.",
        "3",
    )]);
}

#[test]
fn the_largest_and_the_smallest_choose_rows() {
    check(&[
        ("Who has the most goals?", "Player of the row with the largest Goals.", "Cem"),
        ("Who has the fewest goals?", "Player of the row with the smallest Goals.", "Dan"),
        ("Who was born last?", "Player of the row with the latest Born.", "Cem"),
        ("Who has the second most goals?", "Player of the row with the 2nd largest Goals.", "Bob"),
        ("Who has the third least?", "Player of the row with the 3rd smallest Goals.", "Bob"),
        ("What is the most goals?", "The largest Goals of the rows.", "9"),
        ("What is the least goals?", "The smallest Goals of the rows.", "1"),
        (
            "Which margin is largest?",
            "Player of the row with the largest margin of Result.",
            "Bob|Cem",
        ),
    ]);
}

#[test]
fn rows_are_the_first_the_last_and_those_beside_others() {
    check(&[
        ("Who is the first player?", "Player of the first row.", "Ann"),
        ("Who is the last player?", "Player of the last row.", "Dan"),
        ("Who is after Bob?", "Player of the row after that where Player is \"Bob\".", "Cem"),
        ("Who is before Bob?", "Player of the row before that where Player is \"Bob\".", "Ann"),
        (
            "Whose goals come after those of Ann?",
            "Player of the row with the next larger Goals than that where Player is \"Ann\".",
            "Bob",
        ),
        (
            "Whose goals come before those of Ann?",
            "Player of the row with the next smaller Goals than that where Player is \"Ann\".",
            "Dan",
        ),
        (
            "Who has the same nation as Ann?",
            "Player of the other rows with the same Nation as that where Player is \"Ann\".",
            "Dan",
        ),
    ]);
}

#[test]
fn numbers_are_added_and_averaged() {
    check(&[
        ("What is the total of goals?", "The sum of Goals in the rows.", "18"),
        ("What is the average of goals?", "The average of Goals in the rows.", "4.5"),
        (
            "What is the difference of goals?",
            "The difference between the largest and the smallest Goals of the rows.",
            "8",
        ),
    ]);
}

#[test]
fn cells_are_frequent_or_rare() {
    check(&[
        ("Which nation is there most?", "The most frequent Nation of the rows.", "France"),
        ("Which nation is there least?", "The least frequent Nation of the rows.", "Spain|Turkey"),
    ]);
}

#[test]
fn two_things_are_compared() {
    check(&[
        (
            "What is the difference in goals between Ann and Bob?",
            "The difference between Goals of the rows where Player is \"Ann\" and of those where \
             Player is \"Bob\".",
            "2",
        ),
        (
            "What is the difference between France and Spain?",
            "The difference between the number of rows where Nation is \"France\" and of those \
             where Nation is \"Spain\".",
            "1",
        ),
        ("Ann or Bob?", "The one of \"Ann\" and \"Bob\" with the larger Goals.", "Bob"),
        ("Ann or Bob?", "The one of \"Ann\" and \"Bob\" with the smaller Goals.", "Ann"),
        ("Ann or Bob?", "The one of \"Ann\" and \"Bob\" whose row is first.", "Ann"),
        ("Ann or Bob?", "The one of \"Ann\" and \"Bob\" whose row is last.", "Bob"),
        ("France or Spain?", "The one of \"France\" and \"Spain\" with more rows.", "France"),
        (
            "Did Bob score more or less goals than Ann, or the same?",
            "How Goals where Player is \"Bob\" compares with that where Player is \"Ann\".",
            "more",
        ),
    ]);
}

#[test]
fn a_cell_has_items_and_years() {
    check(&[
        (
            "How many clubs has Cem?",
            "The number of items in Clubs of the row where Player is \"Cem\".",
            "3",
        ),
        (
            "How long was the term of Cem?",
            "The years between the two of Term in the row where Player is \"Cem\".",
            "6",
        ),
    ]);
}

#[test]
fn the_first_and_the_largest_rows_are_taken_together() {
    check(&[
        ("Who are the first two players?", "Player of the rows among the first 2.", "Ann|Bob"),
        ("Who are the last two players?", "Player of the rows among the last 2.", "Cem|Dan"),
        (
            "Total goals of the top 2 players?",
            "The sum of Goals in the rows among the 2 with the largest Goals.",
            "14",
        ),
        (
            "Who are the two youngest players?",
            "Player of the rows among the 2 with the latest Born.",
            "Ann|Cem",
        ),
        (
            "What are the goals of the 2 lowest?",
            "Goals of the rows among the 2 with the smallest Goals.",
            "3|1",
        ),
    ]);
}

#[test]
fn yes_or_no_answers_whether_something_is_so() {
    check(&[
        (
            "Is Ann from France?",
            "Whether there are rows where Player is \"Ann\" and Nation is \"France\".",
            "yes",
        ),
        (
            "Is Bob from France?",
            "Whether there are rows where Player is \"Bob\" and Nation is \"France\".",
            "no",
        ),
        (
            "Did Bob score more than Ann?",
            "Whether Goals where Player is \"Bob\" is more than where Player is \"Ann\".",
            "yes",
        ),
        (
            "Did Bob score less than Ann?",
            "Whether Goals where Player is \"Bob\" is less than where Player is \"Ann\".",
            "no",
        ),
        (
            "Did Cem score more or less than 10 goals?",
            "How Goals compares with the number in the row where Player is \"Cem\".",
            "less",
        ),
    ]);
}

#[test]
fn three_conditions_hold_together() {
    check(&[
        (
            "Total goals of Ann, Bob and Cem?",
            "The sum of Goals in the rows where Player is \"Ann\" or Player is \"Bob\" or \
             Player is \"Cem\".",
            "17",
        ),
        (
            "Was Ann or Bob from Spain?",
            "Player of the rows where Player is \"Ann\" or Player is \"Bob\", and Nation is \
             \"Spain\".",
            "Bob",
        ),
    ]);
}

#[test]
fn three_filters_choose_less_than_two() {
    let text = "Name|Nation|Year|Event / a|Fiji|1990|run / b|Fiji|1990|swim / c|Fiji|1991|run \
        / d|Peru|1990|run";
    let all = "Name of the rows where Nation is \"Fiji\" and Year is \"1990\" and \
        Event is \"run\".";
    assert_eq!(values("Who of Fiji did run in 1990?", text, all), "a");
}

#[test]
fn equal_cells_are_counted() {
    check(&[
        ("Which nation is there more than once?", "Nation of more than 1 of the rows.", "France"),
        (
            "How many nations are there only once?",
            "The number of different values of Nation in 1 of the rows.",
            "2",
        ),
        (
            "How many have the same nation as Ann?",
            "The number of other rows with the same Nation as that where Player is \"Ann\".",
            "1",
        ),
        (
            "How many consecutive players are not from Spain, but from France?",
            "The most rows one after the other where Nation is \"France\".",
            "1",
        ),
    ]);
}

#[test]
fn two_columns_of_a_row_are_compared() {
    const MEDALS: &str = "Nation|Gold|Silver|Left|Back / Fiji|3|1|1990|1994 / Peru|2|5|1991|1993";
    let values = |question: &str, explanation: &str| values(question, MEDALS, explanation);
    assert_eq!(
        values(
            "How many more gold than silver has Fiji?",
            "The difference between Gold and Silver of the row where Nation is \"Fiji\"."
        ),
        "2"
    );
    assert_eq!(
        values(
            "How many gold and silver has Peru?",
            "The sum of Gold and Silver of the row where Nation is \"Peru\"."
        ),
        "7"
    );
    assert_eq!(
        values(
            "Has Peru more gold or silver?",
            "The larger one of Gold and Silver of the row where Nation is \"Peru\"."
        ),
        "Silver"
    );
    assert_eq!(
        values(
            "How long was Fiji away?",
            "The difference between Left and Back of the row where Nation is \"Fiji\"."
        ),
        "4"
    );
}

#[test]
fn streaks_are_rows_one_after_the_other() {
    let games = "Game|Result / 1|W / 2|W / 3|L / 4|W / 5|W / 6|W / 7|L";
    let streak = "The most rows one after the other where Result is \"W\".";
    assert_eq!(values("What was the longest streak of wins?", games, streak), "3");
}

#[test]
fn short_forms_and_misspelled_names_are_understood() {
    let text = "Player|Nation|Class / Pickersgill|GER|Jr. / Mackenzie|USA|Sr.";
    let ger = "Player of the rows where Nation is \"GER\".";
    assert_eq!(values("Who is from Germany?", text, ger), "Pickersgill");
    let junior = "Player of the rows where Class is \"Jr.\".";
    assert_eq!(values("Who is a junior?", text, junior), "Pickersgill");
    let answer = answer("Which nation is Pikersgill from?", &table(text), Weights::trained());
    assert_eq!(answer.map(|answer| answer.values), Some(vec![TableValue::Text("GER".into())]));
}

#[test]
fn higher_ranks_are_smaller_numbers() {
    let text = "Rank|Team / 1|Lions / 2|Bears / 3|Seals / 4|Owls";
    let above = "The number of rows where Rank is less than 3.";
    assert_eq!(values("How many teams are above third?", text, above), "2");
}

#[test]
fn feet_have_inches() {
    let text = "Player|Height / Ann|5'8\" / Bob|5'11\" / Cem|5'9\"";
    let tallest = "Player of the row with the largest Height.";
    assert_eq!(values("Who is the tallest?", text, tallest), "Bob");
}

#[test]
fn places_are_apart_by_a_comma() {
    let text = "Team|Place / a|Lyon, France / b|Nice, France / c|Rome, Italy";
    let country = "The most frequent Place after the comma of the rows.";
    assert_eq!(values("Which country is there most?", text, country), "France");
}

#[test]
fn a_turned_table_answers_with_its_headers() {
    let year = values(
        "In which year did the Bears have the most?",
        TEAMS,
        "Year of the row with the largest Bears.",
    );
    assert_eq!(year, "1991");
}

#[test]
fn the_answer_is_the_same_each_time() {
    let table = table(PLAYERS);
    let weights = Weights::default();
    let first = answer("Who has more goals than Ann or Bob?", &table, &weights);
    assert!(first.as_ref().is_some_and(|answer| (0.0..=1.0).contains(&answer.confidence)));
    assert_eq!(first, answer("Who has more goals than Ann or Bob?", &table, &weights));
}

#[test]
fn there_is_no_answer_without_rows_or_to_a_book() {
    let weights = Weights::default();
    assert_eq!(answer("How many?", &table("Player|Goals"), &weights), None);
    assert_eq!(answer("How many?", &Table::new(&[], &[]), &weights), None);
    let book = "how ".repeat(401);
    assert!(candidates(&book, &table(PLAYERS)).is_empty());
    assert!(!candidates(&book[4..], &table(PLAYERS)).is_empty());
}

/// What odd cells and questions are made of.
const PIECES: &[&str] = &[
    "",
    " ",
    "-",
    "–",
    "0",
    "1",
    "2",
    "17",
    "1,200",
    "3 400",
    "1990",
    "1990s",
    "90's",
    "2-1",
    "3–0",
    "1:02.5",
    "1/0/1990",
    "0/17/1994",
    "1994-06-17",
    "1994-99-99",
    "June",
    "may 5",
    "17 June 1994",
    "é",
    "İ",
    "ß",
    "\u{301}",
    "日本",
    "😀",
    "(",
    ")",
    "(5)",
    "a (b)",
    "\"",
    "'",
    "'s",
    "\n",
    "#",
    "$",
    "-$5",
    "9e400",
    "nan",
    "inf",
    "1.2.3",
    "1,2,3.4",
    "Total",
    "total",
    "France",
    "french",
    "U.S.",
    "united states",
    "name",
    "year",
    "how many",
    "the most",
    "least",
    "more than",
    "at least",
    "or more",
    "between",
    "and",
    "or",
    "not",
    "other",
    "same",
    "as",
    "after",
    "before",
    "next",
    "than",
    "in the",
    "start with",
    "second",
    "third",
    "difference",
    "total",
    "average",
    "which",
    "who",
    "goals",
    "rank",
    "date",
    "month",
    "N/A",
    "99999999999999999999999",
    "first",
    "last",
    "top",
    "three",
    "once",
    "is",
    "true or false",
    "in a row",
    "streak",
    "5'8\"",
    "6 ft 1 in",
    "alabama",
    "a, b",
    "above",
    "more",
    "less",
];

fn odd_text(rng: &mut Rng, pieces: usize) -> String {
    let pieces = (0..rng.below(pieces + 1)).map(|_| PIECES[rng.below(PIECES.len())]);
    pieces.collect::<Vec<_>>().join(" ")
}

#[test]
fn odd_questions_about_odd_tables_are_read() {
    const TABLES: usize = 60;
    const QUESTIONS: usize = 5;
    let mut rng = Rng::new(seed());
    let weights = Weights::default();
    for _ in 0..TABLES {
        let (columns, rows) = (rng.below(7), rng.below(9));
        let header: Vec<String> = (0..columns).map(|_| odd_text(&mut rng, 2)).collect();
        let mut row = || {
            let cells = (columns + rng.below(3)).saturating_sub(1);
            (0..cells).map(|_| odd_text(&mut rng, 2)).collect::<Vec<String>>()
        };
        let rows: Vec<Vec<String>> = (0..rows).map(|_| row()).collect();
        let table = Table::new(&header, &rows).named("odd \"table\"");
        for _ in 0..QUESTIONS {
            let question = odd_text(&mut rng, 14);
            let Some(answer) = answer(&question, &table, &weights) else { continue };
            assert!(!answer.values.is_empty() && answer.confidence.is_finite(), "{question}");
            assert!(answer.rows.iter().all(|row| *row < rows.len()), "{question}");
            assert!(answer.column.is_none_or(|column| column < columns), "{question}");
            each_plan_of(&question, &table);
        }
    }
}

/// Explains all plans of a question.
fn each_plan_of(question: &str, table: &Table) {
    let question = Question::new(question);
    for view in table.views() {
        let links = Links::new(&question, view);
        let explainer = Explainer { question: &question, links: &links, view, table };
        for found in enumerate(&question, &links, view, usize::MAX) {
            assert!(explainer.english(&found.plan).ends_with('.'));
            assert!(explainer.sql(&found.plan).contains("SELECT "));
        }
    }
}

#[test]
fn why_is_answered_from_a_column_of_reasons_only() {
    let asked = |header: &str| {
        let table = table(&format!("Ferry|{header} / Anna|storm / Berta|strike"));
        answer("Why was Anna cancelled?", &table, Weights::trained())
    };
    assert!(asked("Port").is_none());
    let found = asked("Reason").expect("the reason");
    assert_eq!(found.values, [TableValue::Text("storm".to_owned())]);
}
