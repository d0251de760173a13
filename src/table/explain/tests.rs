//! The SQL of each operation, as literal texts. SQLite gives the answers of the plans for them.

use super::super::tests::{PLAYERS, TEAMS, each_plan};
use super::super::{Weights, answer};
use super::expressions::{identifier, literal};
use crate::test;

/// The SQL of the plan of a question that is explained so. Its quotes are written as backticks,
/// which are easier to read in literals.
fn sql(question: &str, text: &str, explanation: &str) -> String {
    let mut found = None;
    each_plan(question, text, &mut |english, sql, _| {
        if english == explanation {
            found.get_or_insert(sql.replace('"', "`"));
        }
    });
    found.unwrap_or_else(|| panic!("no plan of {question:?} is {explanation:?}"))
}

fn check(cases: &[(&str, &str, &str)]) {
    for (question, explanation, expected) in cases {
        assert_eq!(sql(question, PLAYERS, explanation), *expected, "{question}: {explanation}");
    }
}

#[test]
fn cells_are_selected() {
    check(&[
        (
            "What is the nation of Bob?",
            "Nation of the rows where Player is \"Bob\".",
            "SELECT DISTINCT `Nation` FROM `table` WHERE `Player` = 'Bob'",
        ),
        (
            "Which players are French?",
            "Player of the rows where Nation is \"France\".",
            "SELECT DISTINCT `Player` FROM `table` WHERE `Nation` = 'France'",
        ),
        (
            "Who played for Paris?",
            "Player of the rows where Clubs contains \"paris\".",
            "SELECT DISTINCT `Player` FROM `table` WHERE `Clubs` = 'Lyon, Paris'",
        ),
    ]);
}

#[test]
fn rows_are_counted() {
    check(&[
        (
            "How many are from France?",
            "The number of rows where Nation is \"France\".",
            "SELECT COUNT(*) FROM `table` WHERE `Nation` = 'France'",
        ),
        (
            "How many are not from France?",
            "The number of rows except those where Nation is \"France\".",
            "SELECT COUNT(*) FROM `table` WHERE NOT (`Nation` = 'France')",
        ),
        (
            "How many from France have over 2 goals?",
            "The number of rows where Nation is \"France\" and Goals is more than 2.",
            "SELECT COUNT(*) FROM `table` WHERE `Nation` = 'France' AND CAST(`Goals` AS REAL) > \
             2",
        ),
        (
            "How many have more goals than Ann?",
            "The number of rows where Goals is more than where Player is \"Ann\".",
            "SELECT COUNT(*) FROM `table` WHERE CAST(`Goals` AS REAL) > (SELECT CAST(`Goals` AS \
             REAL) FROM `table` WHERE `Player` = 'Ann' LIMIT 1)",
        ),
        (
            "How many were born in May?",
            "The number of rows where month of Born is \"may\".",
            "SELECT COUNT(*) FROM `table` WHERE STRFTIME('%m', `Born`) = '05'",
        ),
        (
            "How many were born after 1985?",
            "The number of rows where the year of Born is more than 1985.",
            "SELECT COUNT(*) FROM `table` WHERE CAST(STRFTIME('%Y', `Born`) AS REAL) > 1985",
        ),
        (
            "How many were born before June 2?",
            "The number of rows where Born is before 2 June.",
            "SELECT COUNT(*) FROM `table` WHERE STRFTIME('%m-%d', `Born`) < '06-02'",
        ),
        (
            "How many different nations are there?",
            "The number of different values of Nation in the rows.",
            "SELECT COUNT(DISTINCT `Nation`) FROM `table`",
        ),
    ]);
}

#[test]
fn superlatives_are_subqueries_or_ranks() {
    check(&[
        (
            "Who has the most goals?",
            "Player of the row with the largest Goals.",
            "SELECT DISTINCT `Player` FROM `table` WHERE CAST(`Goals` AS REAL) = (SELECT \
             MAX(CAST(`Goals` AS REAL)) FROM `table`)",
        ),
        (
            "Who has the fewest goals?",
            "Player of the row with the smallest Goals.",
            "SELECT DISTINCT `Player` FROM `table` WHERE CAST(`Goals` AS REAL) = (SELECT \
             MIN(CAST(`Goals` AS REAL)) FROM `table`)",
        ),
        (
            "Who has the second most goals?",
            "Player of the row with the 2nd largest Goals.",
            "SELECT DISTINCT `Player` FROM (SELECT *, DENSE_RANK() OVER (ORDER BY CAST(`Goals` \
             AS REAL) DESC) AS `_rank` FROM `table`) AS `_ranked` WHERE `_rank` = 2",
        ),
        (
            "Who has the third least?",
            "Player of the row with the 3rd smallest Goals.",
            "SELECT DISTINCT `Player` FROM (SELECT *, DENSE_RANK() OVER (ORDER BY CAST(`Goals` \
             AS REAL) ASC) AS `_rank` FROM `table`) AS `_ranked` WHERE `_rank` = 3",
        ),
        (
            "What is the most goals?",
            "The largest Goals of the rows.",
            "SELECT MAX(CAST(`Goals` AS REAL)) FROM `table`",
        ),
        (
            "What is the least goals?",
            "The smallest Goals of the rows.",
            "SELECT MIN(CAST(`Goals` AS REAL)) FROM `table`",
        ),
        (
            "Which margin is largest?",
            "Player of the row with the largest margin of Result.",
            "SELECT DISTINCT `Player` FROM `table` WHERE ABS(CAST(`Result` AS REAL) - \
             CAST(SUBSTR(`Result`, INSTR(`Result`, '-') + 1) AS REAL)) = (SELECT \
             MAX(ABS(CAST(`Result` AS REAL) - CAST(SUBSTR(`Result`, INSTR(`Result`, '-') + 1) AS \
             REAL))) FROM `table`)",
        ),
    ]);
}

#[test]
fn rows_are_numbered_by_a_window_function() {
    check(&[
        (
            "Who is the first player?",
            "Player of the first row.",
            "SELECT `Player` FROM (SELECT *, ROW_NUMBER() OVER () AS `_row` FROM `table`) AS \
             `_numbered` ORDER BY `_row` ASC LIMIT 1",
        ),
        (
            "Who is the last player?",
            "Player of the last row.",
            "SELECT `Player` FROM (SELECT *, ROW_NUMBER() OVER () AS `_row` FROM `table`) AS \
             `_numbered` ORDER BY `_row` DESC LIMIT 1",
        ),
        (
            "Who is after Bob?",
            "Player of the row after that where Player is \"Bob\".",
            "SELECT `Player` FROM (SELECT *, ROW_NUMBER() OVER () AS `_row` FROM `table`) AS \
             `_numbered` WHERE `_row` = (SELECT MAX(`_row`) + 1 FROM (SELECT *, ROW_NUMBER() \
             OVER () AS `_row` FROM `table`) AS `_numbered` WHERE `Player` = 'Bob')",
        ),
        (
            "Who is before Bob?",
            "Player of the row before that where Player is \"Bob\".",
            "SELECT `Player` FROM (SELECT *, ROW_NUMBER() OVER () AS `_row` FROM `table`) AS \
             `_numbered` WHERE `_row` = (SELECT MIN(`_row`) - 1 FROM (SELECT *, ROW_NUMBER() \
             OVER () AS `_row` FROM `table`) AS `_numbered` WHERE `Player` = 'Bob')",
        ),
    ]);
}

#[test]
fn rows_beside_others_are_subqueries() {
    check(&[
        (
            "Whose goals come after those of Ann?",
            "Player of the row with the next larger Goals than that where Player is \"Ann\".",
            "SELECT `Player` FROM `table` WHERE CAST(`Goals` AS REAL) = (SELECT MIN(CAST(`Goals` \
             AS REAL)) FROM `table` WHERE CAST(`Goals` AS REAL) > (SELECT CAST(`Goals` AS REAL) \
             FROM `table` WHERE `Player` = 'Ann' LIMIT 1)) LIMIT 1",
        ),
        (
            "Whose goals come before those of Ann?",
            "Player of the row with the next smaller Goals than that where Player is \"Ann\".",
            "SELECT `Player` FROM `table` WHERE CAST(`Goals` AS REAL) = (SELECT MAX(CAST(`Goals` \
             AS REAL)) FROM `table` WHERE CAST(`Goals` AS REAL) < (SELECT CAST(`Goals` AS REAL) \
             FROM `table` WHERE `Player` = 'Ann' LIMIT 1)) LIMIT 1",
        ),
        (
            "Who has the same nation as Ann?",
            "Player of the other rows with the same Nation as that where Player is \"Ann\".",
            "SELECT DISTINCT `Player` FROM `table` WHERE `Nation` = (SELECT `Nation` FROM \
             `table` WHERE `Player` = 'Ann' LIMIT 1) AND NOT (`Player` = 'Ann')",
        ),
    ]);
}

#[test]
fn numbers_are_aggregated() {
    check(&[
        (
            "What is the total of goals?",
            "The sum of Goals in the rows.",
            "SELECT SUM(CAST(`Goals` AS REAL)) FROM `table`",
        ),
        (
            "What is the average of goals?",
            "The average of Goals in the rows.",
            "SELECT AVG(CAST(`Goals` AS REAL)) FROM `table`",
        ),
        (
            "What is the difference of goals?",
            "The difference between the largest and the smallest Goals of the rows.",
            "SELECT MAX(CAST(`Goals` AS REAL)) - MIN(CAST(`Goals` AS REAL)) FROM `table`",
        ),
        (
            "Which nation is there most?",
            "The most frequent Nation of the rows.",
            "SELECT `Nation` FROM `table` GROUP BY `Nation` HAVING COUNT(*) = (SELECT COUNT(*) \
             FROM `table` GROUP BY `Nation` ORDER BY COUNT(*) DESC LIMIT 1)",
        ),
        (
            "Which nation is there least?",
            "The least frequent Nation of the rows.",
            "SELECT `Nation` FROM `table` GROUP BY `Nation` HAVING COUNT(*) = (SELECT COUNT(*) \
             FROM `table` GROUP BY `Nation` ORDER BY COUNT(*) ASC LIMIT 1)",
        ),
    ]);
}

#[test]
fn two_things_are_compared() {
    check(&[
        (
            "What is the difference in goals between Ann and Bob?",
            "The difference between Goals of the rows where Player is \"Ann\" and of those where \
             Player is \"Bob\".",
            "SELECT ABS((SELECT SUM(CAST(`Goals` AS REAL)) FROM `table` WHERE `Player` = 'Ann') \
             - (SELECT SUM(CAST(`Goals` AS REAL)) FROM `table` WHERE `Player` = 'Bob'))",
        ),
        (
            "What is the difference between France and Spain?",
            "The difference between the number of rows where Nation is \"France\" and of those \
             where Nation is \"Spain\".",
            "SELECT ABS((SELECT COUNT(*) FROM `table` WHERE `Nation` = 'France') - (SELECT \
             COUNT(*) FROM `table` WHERE `Nation` = 'Spain'))",
        ),
        (
            "Ann or Bob?",
            "The one of \"Ann\" and \"Bob\" with the larger Goals.",
            "SELECT CASE WHEN (SELECT SUM(CAST(`Goals` AS REAL)) FROM `table` WHERE `Player` = \
             'Ann') > (SELECT SUM(CAST(`Goals` AS REAL)) FROM `table` WHERE `Player` = 'Bob') \
             THEN 'Ann' ELSE 'Bob' END",
        ),
        (
            "Ann or Bob?",
            "The one of \"Ann\" and \"Bob\" with the smaller Goals.",
            "SELECT CASE WHEN (SELECT SUM(CAST(`Goals` AS REAL)) FROM `table` WHERE `Player` = \
             'Ann') < (SELECT SUM(CAST(`Goals` AS REAL)) FROM `table` WHERE `Player` = 'Bob') \
             THEN 'Ann' ELSE 'Bob' END",
        ),
        (
            "Ann or Bob?",
            "The one of \"Ann\" and \"Bob\" whose row is first.",
            "SELECT CASE WHEN (SELECT MIN(`_row`) FROM (SELECT *, ROW_NUMBER() OVER () AS `_row` \
             FROM `table`) AS `_numbered` WHERE `Player` = 'Ann') < (SELECT MIN(`_row`) FROM \
             (SELECT *, ROW_NUMBER() OVER () AS `_row` FROM `table`) AS `_numbered` WHERE \
             `Player` = 'Bob') THEN 'Ann' ELSE 'Bob' END",
        ),
        (
            "Ann or Bob?",
            "The one of \"Ann\" and \"Bob\" whose row is last.",
            "SELECT CASE WHEN (SELECT MIN(`_row`) FROM (SELECT *, ROW_NUMBER() OVER () AS `_row` \
             FROM `table`) AS `_numbered` WHERE `Player` = 'Ann') > (SELECT MIN(`_row`) FROM \
             (SELECT *, ROW_NUMBER() OVER () AS `_row` FROM `table`) AS `_numbered` WHERE \
             `Player` = 'Bob') THEN 'Ann' ELSE 'Bob' END",
        ),
        (
            "France or Spain?",
            "The one of \"France\" and \"Spain\" with more rows.",
            "SELECT CASE WHEN (SELECT COUNT(*) FROM `table` WHERE `Nation` = 'France') > (SELECT \
             COUNT(*) FROM `table` WHERE `Nation` = 'Spain') THEN 'France' ELSE 'Spain' END",
        ),
        (
            "Did Bob score more or less goals than Ann, or the same?",
            "How Goals where Player is \"Bob\" compares with that where Player is \"Ann\".",
            "SELECT CASE WHEN (SELECT SUM(CAST(`Goals` AS REAL)) FROM `table` WHERE `Player` = \
             'Bob') > (SELECT SUM(CAST(`Goals` AS REAL)) FROM `table` WHERE `Player` = 'Ann') \
             THEN 'more' ELSE 'less' END",
        ),
    ]);
}

#[test]
fn a_cell_is_taken_apart() {
    check(&[
        (
            "How many clubs has Cem?",
            "The number of items in Clubs of the row where Player is \"Cem\".",
            "SELECT LENGTH(`Clubs`) - LENGTH(REPLACE(`Clubs`, ',', '')) + 1 FROM `table` WHERE \
             `Player` = 'Cem'",
        ),
        (
            "How long was the term of Cem?",
            "The years between the two of Term in the row where Player is \"Cem\".",
            "SELECT CAST(SUBSTR(`Term`, -4) AS REAL) - CAST(`Term` AS REAL) FROM `table` WHERE \
             `Player` = 'Cem'",
        ),
    ]);
}

#[test]
fn a_turned_table_is_a_query_of_the_table() {
    let explanation = "Year of the row with the largest Bears.";
    assert_eq!(
        sql("In which year did the Bears have the most?", TEAMS, explanation),
        "WITH `_turned` AS (SELECT '1990' AS `Year`, MAX(CASE WHEN `Team` = 'Bears' THEN `1990` \
         END) AS `Bears` FROM `table` UNION ALL SELECT '1991' AS `Year`, MAX(CASE WHEN `Team` = \
         'Bears' THEN `1991` END) AS `Bears` FROM `table` UNION ALL SELECT '1992' AS `Year`, \
         MAX(CASE WHEN `Team` = 'Bears' THEN `1992` END) AS `Bears` FROM `table`) SELECT \
         DISTINCT `Year` FROM `_turned` WHERE CAST(`Bears` AS REAL) = (SELECT MAX(CAST(`Bears` \
         AS REAL)) FROM `_turned`)"
    );
}

#[test]
fn odd_cells_are_left_out() {
    let lakes = "Lake|Depth|Note / Mirror|$1,200|a / Long|none| / King|$900|b / Kettle|30|b";
    assert_eq!(
        sql("Which is largest?", lakes, "The largest Depth of the rows."),
        "SELECT MAX(CASE WHEN LTRIM(REPLACE(`Depth`, ',', ''), '$€£¥~≈<># ') GLOB '*[0-9]*' THEN \
         CAST(LTRIM(REPLACE(`Depth`, ',', ''), '$€£¥~≈<># ') AS REAL) END) FROM `table`"
    );
    assert_eq!(
        sql("Which note?", lakes, "Note of the rows."),
        "SELECT DISTINCT `Note` FROM `table` WHERE `Note` <> ''"
    );
}

#[test]
fn rows_that_sum_up_others_are_left_out() {
    let goals = "Player|Goals / Ann|3 / Bob|5 / Total|8";
    assert_eq!(
        sql("How many?", goals, "The number of rows."),
        "SELECT COUNT(*) FROM `table` WHERE `Player` <> 'Total'"
    );
}

#[test]
fn a_turned_table_has_a_row_a_column() {
    let count = |sql: &str| sql.matches("SELECT").count();
    let mut counts = Vec::new();
    each_plan("How many years?", TEAMS, &mut |english, sql, values| {
        if english == "The number of rows." {
            counts.push((count(sql), values.to_owned()));
        }
    });
    assert_eq!(counts, [(1, "2".to_owned()), (4, "3".to_owned())], "of each view");
}

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

#[test]
fn first_rows_and_groups_are_queries_of_their_own() {
    check(&[
        (
            "Who are the first two players?",
            "Player of the rows among the first 2.",
            "SELECT DISTINCT `Player` FROM (SELECT * FROM `table` LIMIT 2) AS `_top`",
        ),
        (
            "Who are the last two players?",
            "Player of the rows among the last 2.",
            "SELECT DISTINCT `Player` FROM (SELECT * FROM (SELECT *, ROW_NUMBER() OVER () AS \
             `_row` FROM `table`) AS `_numbered` ORDER BY `_row` DESC LIMIT 2) AS `_top`",
        ),
        (
            "Total and average goals of the top 2 players?",
            "The sum of Goals in the rows among the 2 with the largest Goals.",
            "SELECT SUM(CAST(`Goals` AS REAL)) FROM (SELECT * FROM `table` ORDER BY CAST(`Goals` \
             AS REAL) DESC LIMIT 2) AS `_top`",
        ),
        (
            "Is Bob from France?",
            "Whether there are rows where Player is \"Bob\" and Nation is \"France\".",
            "SELECT CASE WHEN COUNT(*) > 0 THEN 'yes' ELSE 'no' END FROM `table` WHERE `Player` = \
             'Bob' AND `Nation` = 'France'",
        ),
        (
            "Did Bob score more than Ann?",
            "Whether Goals where Player is \"Bob\" is more than where Player is \"Ann\".",
            "SELECT CASE WHEN (SELECT SUM(CAST(`Goals` AS REAL)) FROM `table` WHERE `Player` = \
             'Bob') > (SELECT SUM(CAST(`Goals` AS REAL)) FROM `table` WHERE `Player` = 'Ann') \
             THEN 'yes' ELSE 'no' END",
        ),
        (
            "Did Cem score more or less than 10 goals?",
            "How Goals compares with the number in the row where Player is \"Cem\".",
            "SELECT CASE WHEN CAST(`Goals` AS REAL) > 10 THEN 'more' ELSE 'less' END FROM `table` \
             WHERE `Player` = 'Cem'",
        ),
        (
            "Total goals of Ann, Bob and Cem?",
            "The sum of Goals in the rows where Player is \"Ann\" or Player is \"Bob\" or Player \
             is \"Cem\".",
            "SELECT SUM(CAST(`Goals` AS REAL)) FROM `table` WHERE (`Player` = 'Ann' OR `Player` = \
             'Bob' OR `Player` = 'Cem')",
        ),
        (
            "Was Ann or Bob from Spain?",
            "Player of the rows where Player is \"Ann\" or Player is \"Bob\", and Nation is \
             \"Spain\".",
            "SELECT DISTINCT `Player` FROM `table` WHERE (`Player` = 'Ann' OR `Player` = 'Bob') \
             AND `Nation` = 'Spain'",
        ),
        (
            "Which nation is there more than once?",
            "Nation of more than 1 of the rows.",
            "SELECT `Nation` FROM `table` GROUP BY `Nation` HAVING COUNT(*) > 1",
        ),
        (
            "How many nations are there only once?",
            "The number of different values of Nation in 1 of the rows.",
            "SELECT COUNT(*) FROM (SELECT `Nation` FROM `table` GROUP BY `Nation` HAVING COUNT(*) \
             = 1)",
        ),
        (
            "How many have the same nation as Ann?",
            "The number of other rows with the same Nation as that where Player is \"Ann\".",
            "SELECT COUNT(*) FROM `table` WHERE `Nation` = (SELECT `Nation` FROM `table` WHERE \
             `Player` = 'Ann' LIMIT 1) AND NOT (`Player` = 'Ann')",
        ),
        (
            "How many consecutive players are not from Spain, but from France?",
            "The most rows one after the other where Nation is \"France\".",
            "SELECT MAX(`_length`) FROM (SELECT COUNT(*) AS `_length` FROM (SELECT `_row` - \
             ROW_NUMBER() OVER (ORDER BY `_row`) AS `_run` FROM (SELECT *, ROW_NUMBER() OVER () \
             AS `_row` FROM `table`) AS `_numbered` WHERE `Nation` = 'France') GROUP BY `_run`)",
        ),
    ]);
}

#[test]
fn two_columns_are_in_one_query() {
    const MEDALS: &str = "Nation|Gold|Silver / Fiji|3|1 / Peru|2|5";
    for (question, explanation, expected) in [
        (
            "How many more gold than silver has Fiji?",
            "The difference between Gold and Silver of the row where Nation is \"Fiji\".",
            "SELECT ABS(CAST(`Gold` AS REAL) - CAST(`Silver` AS REAL)) FROM `table` WHERE \
             `Nation` = 'Fiji'",
        ),
        (
            "How many gold and silver has Peru?",
            "The sum of Gold and Silver of the row where Nation is \"Peru\".",
            "SELECT CAST(`Gold` AS REAL) + CAST(`Silver` AS REAL) FROM `table` WHERE `Nation` = \
             'Peru'",
        ),
        (
            "Has Peru more gold or silver?",
            "The larger one of Gold and Silver of the row where Nation is \"Peru\".",
            "SELECT CASE WHEN CAST(`Gold` AS REAL) > CAST(`Silver` AS REAL) THEN 'Gold' ELSE \
             'Silver' END FROM `table` WHERE `Nation` = 'Peru'",
        ),
    ] {
        assert_eq!(sql(question, MEDALS, explanation), expected, "{question}");
    }
}

#[test]
fn feet_with_inches_and_places_are_parts_of_cells() {
    let heights = "Player|Height / Ann|5'8\" / Bob|5'11\"";
    let feet = "(CAST(`Height` AS REAL) + CAST(TRIM(SUBSTR(`Height`, INSTR(`Height`, '''') + 1)) \
                AS REAL) / 12)";
    assert_eq!(
        sql("Who is the tallest?", heights, "Player of the row with the largest Height."),
        format!(
            "SELECT DISTINCT `Player` FROM `table` WHERE {feet} = (SELECT MAX({feet}) FROM \
             `table`)"
        )
    );
    let places = "Team|Place / Reds|Lyon, France / Blues|Rome, Italy";
    let country = "Place after the comma of the rows where Team is \"Reds\".";
    assert_eq!(
        sql("Which country has the Reds?", places, country),
        "SELECT DISTINCT CASE WHEN INSTR(`Place`, ',') > 0 THEN TRIM(SUBSTR(`Place`, \
         INSTR(`Place`, ',') + 1)) ELSE '' END FROM `table` WHERE `Team` = 'Reds'"
    );
}
