//! Plans about two columns of a row: their difference, their sum, the larger one.

use super::super::column::{ColumnClass, ColumnKind};
use super::super::question::Group;
use super::enumeration::{Draft, Enumeration};
use super::pairs::rounded;
use super::rows::RowSet;
use super::{Operation, TableValue};

/// The most columns that are compared with each other.
const MAX_COLUMNS: usize = 8;
const DIFFERENCE_GROUPS: &[Group] = &[Group::Difference, Group::Between, Group::More, Group::Less];
/// What asks for the time between two dates.
const TIME_GROUPS: &[Group] = &[Group::HowMuch, Group::Year];

impl Enumeration<'_> {
    /// The plans about two columns of the only row of a set.
    pub(super) fn two_columns(&mut self, set: &RowSet) {
        let [row] = set.list[..] else { return };
        if !set.is_one_or_and() {
            return;
        }
        let is_difference = self.question.has_any(DIFFERENCE_GROUPS);
        let is_sum = self.question.has(Group::Total) || self.question.has_word(&["and"]);
        let is_choice = self.question.has(Group::Or);
        if is_difference || is_sum || is_choice {
            for (one, other) in self.named_pairs() {
                let value = |column: usize| self.view.rows[row][column].number;
                let (Some(first), Some(second)) = (value(one), value(other)) else { continue };
                if is_difference {
                    let number = rounded((first - second).abs());
                    let draft = Draft::number(Operation::ColumnDifference, one, number);
                    self.put(set, draft.by(other), &set.list);
                }
                if is_sum {
                    let draft = Draft::number(Operation::ColumnSum, one, rounded(first + second));
                    self.put(set, draft.by(other), &set.list);
                }
                if is_choice && first != second {
                    let larger = if first > second { one } else { other };
                    let name = TableValue::Text(self.view.columns[larger].name.clone());
                    let draft = Draft::new(Operation::ChooseColumn, one, vec![name]);
                    self.put(set, draft.by(other), &set.list);
                }
            }
        }
        if self.question.has_any(TIME_GROUPS) {
            self.times(set, row);
        }
    }

    /// Columns of numbers that the question names, each with a word of its own.
    fn named_pairs(&self) -> Vec<(usize, usize)> {
        let words = |column: usize| &self.links.headers[column].words;
        let is_named = |column: &usize| {
            self.view.columns[*column].kind == ColumnKind::Number && !words(*column).is_empty()
        };
        let named: Vec<usize> = self.ordered.iter().copied().filter(is_named).collect();
        pairs(&named)
            .filter(|(one, other)| {
                let (one, other) = (words(*one), words(*other));
                one.iter().any(|word| !other.contains(word))
                    && other.iter().any(|word| !one.contains(word))
            })
            .collect()
    }

    /// The years between two dates of a row.
    fn times(&mut self, set: &RowSet, row: usize) {
        let is_time = |column: &usize| {
            let column = &self.view.columns[*column];
            column.kind == ColumnKind::Date || column.class == ColumnClass::Year
        };
        let times: Vec<usize> = self.ordered.iter().copied().filter(is_time).collect();
        for (one, other) in pairs(&times) {
            let year = |column: usize| self.view.rows[row][column].year();
            let (Some(first), Some(second)) = (year(one), year(other)) else { continue };
            if first != second {
                let draft = Draft::number(Operation::ColumnDifference, one, (first - second).abs());
                self.put(set, draft.by(other), &set.list);
            }
        }
    }
}

fn pairs(columns: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    let columns = &columns[..columns.len().min(MAX_COLUMNS)];
    let others = move |at: usize| columns[at + 1..].iter().copied();
    (0..columns.len()).flat_map(move |at| others(at).map(move |other| (columns[at], other)))
}
