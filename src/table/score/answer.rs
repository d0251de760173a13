//! A question about a table -> candidates -> their probabilities -> the best answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::explain::Explainer;
use super::super::plan::{Found, Plan, TableValue, enumerate};
use super::super::question::{Links, MAX_QUESTION_WORDS, Question, means};
use super::super::value::leading_number;
use super::super::view::{Table, View};
use super::super::words::words;
use super::context::Context;
use super::features::Features;
use super::weights::Weights;

/// The confidence from which an answer is given: `docs/quality.md` says how many are right.
pub const TABLE_CONFIDENCE: f32 = 0.5;
/// The most candidates of a question, in all views of its table.
const MAX_CANDIDATES: usize = 30_000;

/// An answer from a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableAnswer {
    /// What it is: the texts of cells, or a number.
    pub values: Vec<TableValue>,
    /// The rows that it comes from, as they were given to the table, in order.
    pub rows: Vec<usize>,
    /// The column that the values are from, where it is one.
    pub column: Option<usize>,
    /// The probability that the model gives it, from 0 to 1.
    pub confidence: f32,
    /// What was computed, in a sentence.
    pub explanation: String,
    /// What was computed, in SQL as SQLite has it.
    pub sql: String,
    /// The name of the operation.
    pub operation: &'static str,
}

/// What a plan gives, and what is known of it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its features, in order, each once.
    pub features: Vec<u32>,
    /// Its answer.
    pub values: Vec<TableValue>,
    /// A number that is equal for equal answers.
    pub key: u64,
    plan: Plan,
    rows: Arc<[usize]>,
    /// The index of its view.
    view: usize,
}

/// A question beside a view of its table.
struct Reading<'a> {
    view: &'a View,
    links: Links,
    context: Context,
}

/// The candidates of a question, for training.
pub fn candidates(question: &str, table: &Table) -> Vec<Candidate> {
    let question = Question::new(question).spelled_as(&table.view);
    candidates_of(&question, &readings(&question, table))
}

/// The likeliest answer to a question; `None` where no plan gives anything, and to "why" where no column is of
/// reasons or notes.
pub fn answer(question: &str, table: &Table, weights: &Weights) -> Option<TableAnswer> {
    let question = Question::new(question).spelled_as(&table.view);
    if question.word(0) == "why" && !has_reasons(&table.view) {
        return None;
    }
    let readings = readings(&question, table);
    let candidates = candidates_of(&question, &readings);
    let (best, confidence) = likeliest(&candidates, weights)?;
    let Reading { view, links, .. } = readings.get(best.view)?;
    let explainer = Explainer { question: &question, links, view, table };
    let (rows, column) = source(best, table, view, links);
    Some(TableAnswer {
        values: best.values.clone(),
        rows,
        column,
        confidence,
        explanation: explainer.english(&best.plan),
        sql: explainer.sql(&best.plan),
        operation: best.plan.operation.name(),
    })
}

/// Whether a column tells why.
fn has_reasons(view: &View) -> bool {
    view.columns.iter().flat_map(|column| &column.words).any(|word| means("why", word))
}

fn readings<'a>(question: &Question, table: &'a Table) -> Vec<Reading<'a>> {
    if question.words.len() > MAX_QUESTION_WORDS {
        return Vec::new();
    }
    let reading = |view| {
        let links = Links::new(question, view);
        let context = Context::new(question, &links, view);
        Reading { view, links, context }
    };
    table.views().map(reading).collect()
}

fn candidates_of(question: &Question, readings: &[Reading]) -> Vec<Candidate> {
    let has_turned = readings.len() > 1;
    let mut candidates = Vec::new();
    for (at, Reading { view, links, context }) in readings.iter().enumerate() {
        let room = MAX_CANDIDATES - candidates.len();
        candidates.extend(enumerate(question, links, view, room).into_iter().map(|found| {
            let features = Features::new(question, links, view, context, &found);
            let features = features.all(has_turned);
            let Found { plan, answer, .. } = found;
            let key = key(&answer.values);
            Candidate { features, values: answer.values, key, plan, rows: answer.rows, view: at }
        }));
    }
    candidates
}

/// The best candidate with the likeliest answer, and the probability of that. It is the sum over
/// all candidates with the same answer.
fn likeliest<'a>(candidates: &'a [Candidate], weights: &Weights) -> Option<(&'a Candidate, f32)> {
    let scores: Vec<f32> =
        candidates.iter().map(|candidate| weights.score(&candidate.features)).collect();
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut masses: BTreeMap<u64, f32> = BTreeMap::new();
    for (candidate, score) in candidates.iter().zip(&scores) {
        *masses.entry(candidate.key).or_default() += (score - most).exp();
    }
    let total: f32 = masses.values().sum();
    let (&key, mass) = masses.iter().max_by(|one, other| one.1.total_cmp(other.1))?;
    let same = candidates.iter().zip(&scores).filter(|(candidate, _)| candidate.key == key);
    // Of equal ones, the first.
    let best = same.rev().max_by(|one, other| one.1.total_cmp(other.1));
    best.map(|(candidate, _)| (candidate, mass / total))
}

/// A hash (FNV-1a) of the values, whatever their order and spelling.
fn key(values: &[TableValue]) -> u64 {
    const START: u64 = 0xcbf2_9ce4_8422_2325;
    const FACTOR: u64 = 0x100_0000_01b3;
    let mut normal: Vec<String> = values.iter().map(normal_form).collect();
    normal.sort_unstable();
    normal.join("|").bytes().fold(START, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(FACTOR))
}

fn normal_form(value: &TableValue) -> String {
    match value {
        TableValue::Number(number) => format!("#{number}"),
        TableValue::Text(text) => match leading_number(text) {
            Some((number, "")) => format!("#{number}"),
            _ => words(text).join(" "),
        },
    }
}

/// The rows and the column that a candidate is from, as they were given to the table. What is a
/// column of the turned table is a row of it, and the other way round.
fn source(
    candidate: &Candidate,
    table: &Table,
    view: &View,
    links: &Links,
) -> (Vec<usize>, Option<usize>) {
    let Candidate { plan, rows, .. } = candidate;
    let origin = |column: usize| view.columns[column].origin;
    let mut given: Vec<usize> = rows.iter().map(|row| view.sources[*row]).collect();
    given.sort_unstable();
    given.dedup();
    if !view.is_turned {
        return (given, plan.column.map(origin));
    }
    let filters =
        plan.rows.predicates().map(|at| links.predicates[at].column).chain(plan.rows.by());
    let columns = plan.column.into_iter().chain(plan.by).chain(filters).map(origin);
    let rows = columns.filter_map(|column| table.view.sources.get(column.checked_sub(1)?));
    let mut rows: Vec<usize> = rows.copied().collect();
    rows.sort_unstable();
    rows.dedup();
    let column = match given[..] {
        [column] => Some(column),
        _ => None,
    };
    (rows, column)
}

#[cfg(test)]
mod tests {
    use super::super::super::plan::Operation;
    use super::super::super::tests::{TEAMS, table};
    use super::*;
    use crate::test;

    fn text(text: &str) -> TableValue {
        TableValue::Text(text.to_owned())
    }

    #[test]
    fn equal_answers_have_equal_keys() {
        assert_eq!(key(&[text("New York"), text("b")]), key(&[text("B"), text("new york")]));
        assert_eq!(key(&[text("1,200")]), key(&[TableValue::Number(1200.0)]));
        assert_ne!(key(&[text("a")]), key(&[text("b")]));
    }

    /// The source of the first candidate of an operation with these values.
    fn source_of(text: &str, operation: Operation, values: &[&str]) -> (Vec<usize>, Option<usize>) {
        let table = table(text);
        let question = Question::new("In which year or nation is the most?");
        let readings = readings(&question, &table);
        let values: Vec<TableValue> = values.iter().map(|value| self::text(value)).collect();
        let mut found = candidates_of(&question, &readings).into_iter();
        let found = found.find(|it| it.plan.operation == operation && it.values == values);
        let found = found.expect("a plan gives the values");
        let Reading { view, links, .. } = &readings[found.view];
        source(&found, &table, view, links)
    }

    #[test]
    fn an_answer_tells_the_rows_and_the_column_that_were_given() {
        // Row 2 of those that were given: the one before it repeats the header.
        let text = "Player|Nation (old)|Goals / Ann|Spain (S)|3 / Player|Nation (old)|Goals \
            / Bob|France (F)|9";
        let source = |value: &str| source_of(text, Operation::ArgMax, &[value]);
        assert_eq!(source("Bob"), (vec![2], Some(0)));
        assert_eq!(source("France"), (vec![2], Some(1)), "a part of the column");
    }

    #[test]
    fn an_answer_of_a_turned_table_tells_the_rows_that_it_reads() {
        let source = |year: &str| source_of(TEAMS, Operation::ArgMax, &[year]);
        assert_eq!(source("1991"), (vec![1], Some(2)), "the year of the most of the Bears");
    }
}
