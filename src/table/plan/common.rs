//! Plans about the most and the least frequent cells.

use std::collections::BTreeMap;

use super::enumeration::{Draft, Enumeration};
use super::rows::RowSet;
use super::{Operation, TableValue};

/// The most texts that are equally frequent.
const MAX_TIES: usize = 3;

impl Enumeration<'_> {
    /// The most and the least frequent texts of each column.
    pub(super) fn most_common(&mut self, set: &RowSet) {
        for column in self.open.clone() {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for row in set.list.iter() {
                let cell = &self.view.rows[*row][column];
                if !cell.is_empty() {
                    *counts.entry(&cell.text).or_default() += 1;
                }
            }
            let (max, min) = (counts.values().max().copied(), counts.values().min().copied());
            if max == min {
                continue;
            }
            let extremes = [(Operation::MostCommon, max), (Operation::LeastCommon, min)];
            for (operation, extreme) in extremes {
                let texts = counts.iter().filter(|(_, count)| Some(**count) == extreme);
                let texts = texts.map(|(text, _)| TableValue::Text((*text).to_owned()));
                let texts: Vec<TableValue> = texts.collect();
                if texts.len() <= MAX_TIES {
                    self.put(set, Draft::new(operation, column, texts), &set.list);
                }
            }
        }
    }
}
