//! Plans about the largest and the smallest, the first and the last.

use std::sync::Arc;

use super::super::column::ColumnKind;
use super::super::question::Group;
use super::Operation;
use super::enumeration::{Draft, Enumeration};
use super::rows::{RowSet, Rows};

/// The most rows that share the largest or the smallest value.
const MAX_TIES: usize = 5;
/// The same for the second largest, and so on.
const MAX_NTH_TIES: usize = 3;
/// Groups of phrases that ask how far apart values are.
const APART: &[Group] =
    &[Group::Difference, Group::Between, Group::HowMuch, Group::More, Group::Less];
/// Words that ask for the first row or the last one.
const EDGE_WORDS: &[&str] = &[
    "first",
    "last",
    "top",
    "bottom",
    "earliest",
    "latest",
    "final",
    "recent",
    "recently",
    "start",
    "started",
    "end",
    "ended",
    "begin",
    "initial",
    "oldest",
    "newest",
    "debut",
    "beginning",
    "lowest",
    "highest",
    "best",
    "worst",
    "listed",
];

/// Rows with their values of a column.
type Values = Vec<(usize, f64)>;

impl Enumeration<'_> {
    /// The rows with the largest and the smallest value of each column.
    pub(super) fn superlatives(&mut self, set: &RowSet) {
        for by in self.ordered.clone() {
            let value = |row: &usize| Some((*row, self.view.order(*row, by)?));
            let values: Values = set.list.iter().filter_map(value).collect();
            let numbers = || values.iter().map(|(_, value)| *value);
            let max = numbers().fold(f64::NEG_INFINITY, f64::max);
            let min = numbers().fold(f64::INFINITY, f64::min);
            if max <= min || self.is_full() {
                continue;
            }
            self.superlative(set, by, true, &values, max);
            self.superlative(set, by, false, &values, min);
            let is_number = self.view.columns[by].kind == ColumnKind::Number;
            if is_number && self.question.has_any(APART) {
                self.put(set, Draft::number(Operation::Range, by, max - min), &set.list);
            }
        }
    }

    fn superlative(&mut self, set: &RowSet, by: usize, is_max: bool, values: &Values, best: f64) {
        let at = rows_with(values, best);
        if at.len() > MAX_TIES {
            return;
        }
        let is_one = matches!(set.rows, Rows::One(_));
        let is_asked = |column| column != by && !(is_one && set.filters_by(column));
        let operation = if is_max { Operation::ArgMax } else { Operation::ArgMin };
        self.put_cells(set, operation, Some(by), &at, is_asked);
        self.nth(set, by, is_max, values);
        let operation = if is_max { Operation::Max } else { Operation::Min };
        let first = self.texts(&at[..1], by);
        self.put(set, Draft::new(operation, by, first), &at);
    }

    /// The rows with the second largest value, and so on, where a place is asked for.
    fn nth(&mut self, set: &RowSet, by: usize, is_max: bool, values: &Values) {
        let place = self.question.place().and_then(|place| usize::try_from(place).ok());
        let Some(place) = place else { return };
        let mut sorted: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
        sorted.sort_by(f64::total_cmp);
        sorted.dedup();
        if is_max {
            sorted.reverse();
        }
        let Some(value) = sorted.get(place - 1) else { return };
        let at = rows_with(values, *value);
        if at.len() <= MAX_NTH_TIES {
            let operation = if is_max { Operation::NthMax } else { Operation::NthMin };
            self.put_cells(set, operation, Some(by), &at, |_| true);
        }
    }

    /// The first and the last row.
    pub(super) fn edges(&mut self, set: &RowSet) {
        let (Some(first), Some(last)) = (set.list.first(), set.list.last()) else { return };
        if !self.question.has_word(EDGE_WORDS) {
            return;
        }
        let view = self.view;
        let is_one = matches!(set.rows, Rows::One(_));
        let is_key = |column: usize| view.columns[column].distinct == view.columns[column].filled;
        for (operation, row) in [(Operation::First, first), (Operation::Last, last)] {
            let is_asked = |column| !(is_one && set.filters_by(column) && is_key(column));
            self.put_cells(set, operation, None, &Arc::from([*row]), is_asked);
        }
    }
}

fn rows_with(values: &Values, wanted: f64) -> Arc<[usize]> {
    values.iter().filter(|(_, value)| *value == wanted).map(|(row, _)| *row).collect()
}
