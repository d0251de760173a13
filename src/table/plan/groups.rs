//! Plans about rows with equal cells: those of so many rows, and rows that follow each other.

use std::collections::BTreeMap;

use super::super::question::{Group, Test};
use super::enumeration::{Draft, Enumeration};
use super::rows::{RowSet, Rows};
use super::{Operation, TableValue};

/// The most cells of so many rows.
const MAX_LISTED: usize = 10;
const STREAK_WORDS: &[&str] = &["consecutive", "consecutively", "streak", "straight", "row"];

impl Enumeration<'_> {
    /// The cells of each column that so many rows have.
    pub(super) fn of_count(&mut self, set: &RowSet) {
        let Some((test, size)) = self.question.group_size() else { return };
        if !matches!(set.rows, Rows::All | Rows::One(_) | Rows::And(..)) {
            return;
        }
        for column in self.open.clone() {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for row in set.list.iter() {
                let cell = &self.view.rows[*row][column];
                if !cell.is_empty() {
                    *counts.entry(&cell.text).or_default() += 1;
                }
            }
            let is_chosen = |count: usize| test.admits((count as f64).total_cmp(&size));
            let chosen = counts.iter().filter(|(_, count)| is_chosen(**count));
            let texts: Vec<&str> = chosen.map(|(text, _)| *text).collect();
            // Where all cells differ, there is nothing to count.
            if texts.len() >= counts.len() || counts.values().all(|count| *count == 1) {
                continue;
            }
            if self.question.has(Group::Count) {
                let number = texts.len() as f64;
                self.put(set, Draft::number(Operation::CountOfCount, column, number), &set.list);
            }
            if texts.len() <= MAX_LISTED {
                let values = texts.iter().map(|text| TableValue::Text((*text).to_owned()));
                let draft = Draft::new(Operation::OfCount, column, values.collect());
                self.put(set, draft, &set.list);
            }
        }
    }

    /// The most rows of a set that follow each other.
    pub(super) fn streak(&mut self, set: &RowSet) {
        let is_chosen = match set.rows {
            Rows::One(one) => self.links.predicates[one].test != Test::Empty,
            Rows::And(..) => true,
            _ => false,
        };
        if !is_chosen || !self.question.has_word(STREAK_WORDS) {
            return;
        }
        let (mut longest, mut length) = (0_usize, 0_usize);
        let mut before = None;
        for row in set.list.iter().copied() {
            length =
                if before.is_some_and(|before: usize| before + 1 == row) { length + 1 } else { 1 };
            longest = longest.max(length);
            before = Some(row);
        }
        self.put(set, Draft::of_rows(Operation::Streak, longest as f64), &set.list);
    }
}
