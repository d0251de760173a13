//! Plans that select cells, count rows, and add numbers up.

use std::collections::BTreeSet;

use super::super::column::ColumnKind;
use super::super::question::{Group, Test};
use super::enumeration::{Draft, Enumeration};
use super::rows::{RowSet, Rows};
use super::{Operation, TableValue};

/// Rows of the largest table whose columns are selected as a whole.
const MAX_SELECTED_ROWS: usize = 30;
/// What is between items of a cell.
const ITEM_ENDS: [char; 3] = [',', '\n', ';'];

impl Enumeration<'_> {
    /// The cells of a column.
    pub(super) fn select(&mut self, set: &RowSet) {
        if set.rows == Rows::All && set.list.len() > MAX_SELECTED_ROWS {
            return;
        }
        // A filter by whole cells tells what they are.
        let tells_more = match set.rows {
            Rows::Or(..) | Rows::Or3(_) | Rows::EitherAnd(_) | Rows::Not(_) | Rows::Top { .. } => {
                true
            }
            Rows::One(first) | Rows::And(first, _) | Rows::And3([first, ..]) => {
                self.links.predicates[first].test != Test::Exact
            }
            _ => false,
        };
        let is_asked = |column| tells_more || !set.filters_by(column);
        self.put_cells(set, Operation::Select, None, &set.list, is_asked);
    }

    /// The number of rows, or of different cells.
    pub(super) fn count(&mut self, set: &RowSet) {
        let count = set.list.len();
        self.put(set, Draft::of_rows(Operation::Count, count as f64), &set.list);
        if !self.question.has(Group::Count) {
            return;
        }
        for column in self.open.clone() {
            let is_named = !self.links.headers[column].words.is_empty();
            if set.filters_by(column) || !is_named && !self.question.has(Group::Different) {
                continue;
            }
            let cells = set.list.iter().map(|row| &self.view.rows[*row][column]);
            let texts = cells.filter(|cell| !cell.is_empty()).map(|cell| &cell.text);
            let distinct = texts.collect::<BTreeSet<_>>().len();
            if distinct < count {
                let draft = Draft::number(Operation::CountDistinct, column, distinct as f64);
                self.put(set, draft, &set.list);
            }
        }
    }

    /// The sum and the average of numbers.
    pub(super) fn totals(&mut self, set: &RowSet) {
        let is_sum = self.question.has_any(&[Group::Total, Group::Count, Group::HowMuch]);
        let is_mean = self.question.has(Group::Average);
        for column in self.ordered.clone() {
            if self.view.columns[column].kind != ColumnKind::Number {
                continue;
            }
            let numbers = set.list.iter().filter_map(|row| self.view.rows[*row][column].number);
            let (count, sum) =
                numbers.fold((0, 0.0), |(count, sum), number| (count + 1, sum + number));
            if count < 2 {
                continue;
            }
            if is_sum {
                self.put(set, Draft::number(Operation::Sum, column, sum), &set.list);
            }
            if is_mean {
                let mean = sum / f64::from(count);
                self.put(set, Draft::number(Operation::Mean, column, mean), &set.list);
            }
        }
    }

    /// The number of items of a cell, and the years between the two of a cell.
    pub(super) fn within_cell(&mut self, set: &RowSet) {
        let [row] = set.list[..] else { return };
        if !set.is_one_or_and() {
            return;
        }
        let is_count = self.question.has(Group::Count);
        let is_span = is_count || self.question.has(Group::HowMuch);
        for column in self.open.clone().into_iter().filter(|_| is_count) {
            let text = &self.view.rows[row][column].text;
            let items = text.split(ITEM_ENDS).filter(|item| !item.trim().is_empty()).count();
            let is_list = items > 1 && self.view.columns[column].kind == ColumnKind::Text;
            let is_named = !self.links.headers[column].words.is_empty();
            if is_list && is_named && !set.filters_by(column) {
                let draft = Draft::number(Operation::CountItems, column, items as f64);
                self.put(set, draft, &set.list);
            }
        }
        for column in self.open.clone().into_iter().filter(|_| is_span) {
            let years = self.view.rows[row][column].two_years();
            if let Some((first, second)) = years.filter(|(first, second)| first < second) {
                let values = vec![TableValue::Number(second - first)];
                self.put(set, Draft::new(Operation::SpanYears, column, values), &set.list);
            }
        }
    }
}
