//! The predicates of a question: rows that its words, numbers and dates choose.

use std::cmp::Ordering;

use super::super::column::{ColumnClass, ColumnKind};
use super::super::date::Date;
use super::super::part::Part;
use super::super::value::YEARS;
use super::super::view::View;
use super::cells::{are_maximal, phrases};
use super::compare::{begins_with, date_at, decade, first_letters, range_end, stated_test};
use super::{HeaderLink, Operand, Predicate, Question, StatedNumber, Test};

/// The most predicates of a question. They are combined two by two.
const MAX_PREDICATES: usize = 400;
/// The most predicates that words in cells make. They leave room for numbers and dates.
const MAX_CELL_PREDICATES: usize = 300;
/// The most rows of all predicates together. Large tables have fewer predicates.
const MAX_ROWS: usize = 2_000_000;

/// Words that compare ranks, and how many words before a number they are.
const RANK_WORDS: &[&str] = &["above", "below", "higher", "lower", "better", "worse", "least"];
const RANK_WORDS_BEFORE: usize = 3;

/// Collects predicates.
pub(super) struct Filters<'a> {
    question: &'a Question,
    view: &'a View,
    headers: &'a [HeaderLink],
    found: Vec<Predicate>,
}

impl<'a> Filters<'a> {
    pub(super) fn new(question: &'a Question, view: &'a View, headers: &'a [HeaderLink]) -> Self {
        Self { question, view, headers, found: Vec::new() }
    }

    /// The predicates, of columns in order: of words, of numbers, of dates, of first letters, and
    /// of rows without a value.
    pub(super) fn all(mut self) -> Vec<Predicate> {
        for column in 0..self.headers.len() {
            self.add_cells(column);
        }
        for number in &self.question.numbers {
            self.add_number(*number);
        }
        for from in 0..self.question.words.len() {
            self.add_date(from);
        }
        self.add_first_letters();
        self.mark_maximal();
        for column in 0..self.headers.len() {
            self.add_missing(column);
        }
        self.found
    }

    /// Adds a predicate where it chooses a row, and there is room.
    fn add(&mut self, mut predicate: Predicate, limit: usize) {
        predicate.count = predicate.chosen().count();
        let room = limit.min(MAX_ROWS / self.view.rows.len().max(1));
        if predicate.count > 0 && self.found.len() < room {
            self.found.push(predicate);
        }
    }

    fn add_cells(&mut self, column: usize) {
        let is_searched =
            matches!(self.view.columns[column].part, Part::Whole | Part::Base | Part::Month);
        if !is_searched || self.found.len() >= MAX_CELL_PREDICATES {
            return;
        }
        for phrase in phrases(self.question, self.view, column) {
            let mut rows = vec![false; self.view.rows.len()];
            phrase.rows.iter().for_each(|row| rows[*row] = true);
            let predicate = Predicate {
                content: phrase.content,
                ..predicate(column, phrase.test, Operand::Words, phrase.from..phrase.to, rows)
            };
            self.add(predicate, MAX_CELL_PREDICATES);
        }
    }

    fn add_number(&mut self, number: StatedNumber) {
        let StatedNumber { at, value } = number;
        let operand = Operand::Number(value);
        let mut to = at + 1;
        let mut tests = Vec::new();
        if let Some((first, end)) = decade(self.question, number) {
            tests.push((Test::Decade, Operand::Range(first, end)));
        } else if let Some(end) = range_end(self.question, number) {
            to = end.at + 1;
            tests.push((Test::Between, Operand::Range(value, end.value)));
        } else {
            let stated = stated_test(self.question, at);
            tests.extend(stated.into_iter().chain([Test::Equal]).map(|test| (test, operand)));
        }
        for column in 0..self.headers.len() {
            let Some(values) = self.values(column, YEARS.contains(&value)) else { continue };
            let opposite = self.opposite(column, at, &tests);
            for &(test, operand) in tests.iter().chain(&opposite) {
                let passes =
                    |value: &Option<f64>| value.is_some_and(|it| passes(it, test, operand));
                let rows: Vec<bool> = values.iter().map(passes).collect();
                let is_known = |other: &Predicate| other.column == column && other.rows == rows;
                if test != Test::Equal || !self.found.iter().any(is_known) {
                    let predicate = predicate(column, test, operand, at..to, rows);
                    self.add(predicate, MAX_PREDICATES);
                }
            }
        }
    }

    /// Of ranks, the smaller ones are the higher ones: the test for "above 4th".
    fn opposite(
        &self,
        column: usize,
        at: usize,
        tests: &[(Test, Operand)],
    ) -> Option<(Test, Operand)> {
        let is_rank = self.view.columns[column].class == ColumnClass::Index || self.is_ordinal(at);
        let &(test, operand) = tests.first().filter(|_| is_rank)?;
        let before = &self.question.words[at.saturating_sub(RANK_WORDS_BEFORE)..at];
        let is_stated = before.iter().any(|word| RANK_WORDS.contains(&word.as_str()));
        let opposite = match test {
            Test::Greater => Test::Less,
            Test::Less => Test::Greater,
            Test::AtLeast => Test::AtMost,
            Test::AtMost => Test::AtLeast,
            _ => return None,
        };
        is_stated.then_some((opposite, operand))
    }

    /// Whether a number of the question is written as an ordinal: 4th.
    fn is_ordinal(&self, at: usize) -> bool {
        let word = self.question.word(at);
        let is_end = |end: &&str| word.ends_with(end) && !word.ends_with("0s");
        ["st", "nd", "rd", "th"].iter().any(is_end)
    }

    /// The numbers of an open column, or its years, none of rows that sum up others; `None` where
    /// most cells have none.
    fn values(&self, column: usize, is_year: bool) -> Option<Vec<Option<f64>>> {
        let kind = self.view.columns[column].kind;
        let is_number = kind == ColumnKind::Number;
        if !self.headers[column].is_open || !is_number && !is_year {
            return None;
        }
        let values = self.view.rows.iter().map(|row| match &row[column] {
            cell if is_number => cell.number,
            cell => cell.date.and_then(|date| date.year).map(f64::from),
        });
        let mut values: Vec<Option<f64>> = values.collect();
        if values.iter().flatten().count() * 2 < values.len() {
            return None;
        }
        let totals = values.iter_mut().zip(&self.view.is_total);
        totals.filter(|(_, is_total)| **is_total).for_each(|(value, _)| *value = None);
        Some(values)
    }

    fn add_date(&mut self, from: usize) {
        let Some((to, date)) = date_at(self.question, from) else { return };
        // "15 August or later".
        let is_open_ended = self.question.word(to) == "or";
        let after = || is_open_ended.then(|| stated_test(self.question, to - 1)).flatten();
        let test = stated_test(self.question, from).or_else(after).unwrap_or(Test::Equal);
        for column in 0..self.headers.len() {
            let is_date = self.view.columns[column].kind == ColumnKind::Date;
            if !is_date || !self.headers[column].is_open {
                continue;
            }
            let rows = self.view.rows.iter().zip(&self.view.is_total).map(|(row, is_total)| {
                !is_total
                    && row[column].date.is_some_and(|own| test.admits(compare_dates(own, date)))
            });
            let rows = rows.collect();
            let predicate = predicate(column, test, Operand::Date(date), from..to, rows);
            self.add(predicate, MAX_PREDICATES);
        }
    }

    fn add_first_letters(&mut self) {
        let Some((verb, letters)) = first_letters(self.question) else { return };
        let beginning = self.question.word(letters);
        for column in 0..self.headers.len() {
            if self.view.columns[column].kind != ColumnKind::Text {
                continue;
            }
            let rows = self.view.rows.iter().map(|row| begins_with(&row[column].text, beginning));
            let rows = rows.collect();
            let predicate =
                predicate(column, Test::Starts, Operand::Words, verb..letters + 1, rows);
            self.add(predicate, MAX_PREDICATES);
        }
    }

    fn mark_maximal(&mut self) {
        let spans: Vec<_> = self.found.iter().map(|it| (it.from, it.to)).collect();
        let are_maximal = are_maximal(&spans, self.question.words.len());
        for (predicate, is_maximal) in self.found.iter_mut().zip(are_maximal) {
            predicate.is_maximal = is_maximal;
        }
    }

    /// Adds the rows without a value in a column that the question names.
    fn add_missing(&mut self, column: usize) {
        if self.headers[column].words.is_empty() {
            return;
        }
        let rows = self.view.rows.iter().map(|row| row[column].is_missing()).collect();
        let predicate = Predicate {
            content: 0,
            ..predicate(column, Test::Empty, Operand::Nothing, 0..0, rows)
        };
        self.add(predicate, MAX_PREDICATES);
    }
}

fn predicate(
    column: usize,
    test: Test,
    operand: Operand,
    words: std::ops::Range<usize>,
    rows: Vec<bool>,
) -> Predicate {
    let (from, to) = (words.start, words.end);
    Predicate { column, test, operand, from, to, rows, count: 0, is_maximal: true, content: 1 }
}

fn passes(value: f64, test: Test, operand: Operand) -> bool {
    match (test, operand) {
        (Test::Decade, Operand::Range(first, end)) => (first..end).contains(&value),
        (_, Operand::Range(first, last)) => (first..=last).contains(&value),
        (_, Operand::Number(number)) => test.admits(value.total_cmp(&number)),
        _ => false,
    }
}

/// How two dates compare. Their years count where both have one.
fn compare_dates(one: Date, other: Date) -> Ordering {
    let with_year = one.year.is_some() && other.year.is_some();
    one.key(with_year).cmp(&other.key(with_year))
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::table;
    use super::super::Links;
    use super::*;
    use crate::test;

    const LAKES: &str = "Lake|Depth|Found|Day \
        / Mirror|30 feet|1991|Aug 14, 1990 / Long|300|1999|Aug 15, 1990 \
        / Kettle|3,000|2001|June 2, 1991 / King|4,200|1989|Sept 1, 1991 / Total|7,530||";

    /// The rows that the predicates of a column with a test choose.
    fn rows(question: &str, column: usize, test: Test) -> Vec<usize> {
        let links = Links::new(&Question::new(question), &table(LAKES).view);
        let mut found = links.predicates.iter();
        found
            .find(|it| it.column == column && it.test == test)
            .map_or_else(Vec::new, |it| it.chosen().collect())
    }

    #[test]
    fn numbers_choose_the_rows_that_compare_so() {
        assert_eq!(rows("deeper, more than 300", 1, Test::Greater), [2, 3]);
        assert_eq!(rows("a depth of at least 300", 1, Test::AtLeast), [1, 2, 3]);
        assert_eq!(rows("300 feet or more", 1, Test::AtLeast), [1, 2, 3]);
        assert_eq!(rows("between 3,000 and 4,200", 1, Test::Between), [2, 3]);
        assert_eq!(rows("a depth of 30.0", 1, Test::Equal), [0]);
    }

    #[test]
    fn decades_choose_the_rows_of_their_years() {
        assert_eq!(rows("found in the 1990s", 2, Test::Decade), [0, 1]);
        assert_eq!(rows("a day after 1990", 3, Test::Greater), [2, 3], "years of dates");
    }

    #[test]
    fn dates_choose_the_rows_before_or_after() {
        assert_eq!(rows("before aug 15th", 3, Test::Less), [0, 2]);
        assert_eq!(rows("before aug 15th 1990", 3, Test::Less), [0]);
        assert_eq!(rows("on june 2", 3, Test::Equal), [2]);
    }

    #[test]
    fn first_letters_choose_rows() {
        assert_eq!(rows("lakes that start with the letter k", 0, Test::Starts), [2, 3]);
    }

    #[test]
    fn rows_without_a_value_are_chosen_where_the_column_is_named() {
        assert_eq!(rows("has no day", 3, Test::Empty), [4]);
        assert!(rows("has no water", 3, Test::Empty).is_empty());
    }
}
