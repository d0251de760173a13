//! Plans about the rows beside a row: the next one, that with the next value, those with the same.

use std::sync::Arc;

use super::super::question::{Group, Test};
use super::Operation;
use super::enumeration::{Draft, Enumeration};
use super::rows::{RowSet, Rows};

/// The most rows that have neighbours together.
const MAX_ROWS: usize = 3;
/// The same for those with the next value.
const MAX_VALUE_ROWS: usize = 2;
/// The most rows with the same value as another.
const MAX_SAME: usize = 20;
/// What asks for neighbours.
const NEIGHBOUR_GROUPS: &[Group] =
    &[Group::Next, Group::Previous, Group::After, Group::Earlier, Group::Above];
const NEIGHBOUR_WORDS: &[&str] = &[
    "behind",
    "ahead",
    "beneath",
    "under",
    "subsequent",
    "succeeded",
    "preceded",
    "precedes",
    "follows",
    "followed",
    "prior",
    "then",
    "successor",
    "predecessor",
    "replaced",
];
/// What asks for things that are alike.
const SAME_GROUPS: &[Group] = &[Group::Same, Group::Other];
const SAME_WORDS: &[&str] = &["as", "also", "besides", "shares", "share"];

impl Enumeration<'_> {
    fn asks_for_neighbours(&self) -> bool {
        self.question.has_any(NEIGHBOUR_GROUPS) || self.question.has_word(NEIGHBOUR_WORDS)
    }

    /// The row after, and the row before.
    pub(super) fn next_rows(&mut self, set: &RowSet) {
        let is_thing = match set.rows {
            Rows::One(one) => self.links.predicates[one].test != Test::Empty,
            Rows::And(..) => true,
            _ => false,
        };
        if !is_thing || set.list.len() > MAX_ROWS || !self.asks_for_neighbours() {
            return;
        }
        let next = set.list.last().map(|last| last + 1).filter(|row| *row < self.view.rows.len());
        let previous = set.list.first().and_then(|first| first.checked_sub(1));
        for (operation, row) in [(Operation::Next, next), (Operation::Previous, previous)] {
            if let Some(row) = row {
                self.put_cells(set, operation, None, &Arc::from([row]), |_| true);
            }
        }
    }

    /// The rows with the next larger and the next smaller value of each column.
    pub(super) fn next_values(&mut self, set: &RowSet) {
        let is_thing = matches!(set.rows, Rows::One(_)) && set.list.len() <= MAX_VALUE_ROWS;
        if !is_thing || !self.asks_for_neighbours() {
            return;
        }
        let view = self.view;
        for by in self.ordered.clone() {
            let own = set.list.first().and_then(|first| view.order(*first, by));
            let Some(own) = own.filter(|_| !set.filters_by(by)) else { continue };
            let values = || view.plain_rows().filter_map(|row| Some((row, view.order(row, by)?)));
            let up = values().filter(|(_, value)| *value > own);
            let up = up.min_by(|one, other| one.1.total_cmp(&other.1));
            let down = values().filter(|(_, value)| *value < own);
            let down = down.max_by(|one, other| one.1.total_cmp(&other.1));
            for (operation, found) in [(Operation::NextUp, up), (Operation::NextDown, down)] {
                if let Some((row, _)) = found {
                    self.put_cells(set, operation, Some(by), &Arc::from([row]), |_| true);
                }
            }
        }
    }

    /// The other rows with the same value of each column.
    pub(super) fn same(&mut self, set: &RowSet) {
        let Rows::One(one) = set.rows else { return };
        let is_exact = self.links.predicates[one].test == Test::Exact;
        let is_thing = set.list.len() == 1 || is_exact && set.list.len() <= MAX_ROWS;
        let is_asked = self.question.has_any(SAME_GROUPS) || self.question.has_word(SAME_WORDS);
        let Some(&first) = set.list.first().filter(|_| is_thing && is_asked) else { return };
        let rows = &self.view.rows;
        for by in self.open.clone() {
            let own = &rows[first][by];
            if set.filters_by(by) || own.is_empty() {
                continue;
            }
            let is_same =
                |row: &usize| !set.list.contains(row) && rows[*row][by].words == own.words;
            let same: Arc<[usize]> = (0..rows.len()).filter(is_same).collect();
            if self.question.has(Group::Count) {
                let draft = Draft::of_rows(Operation::CountSame, same.len() as f64);
                self.put(set, draft.by(by), &same);
            }
            if (1..=MAX_SAME).contains(&same.len()) {
                self.put_cells(set, Operation::Same, Some(by), &same, |column| column != by);
            }
        }
    }
}
