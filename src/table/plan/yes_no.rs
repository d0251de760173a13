//! Plans that yes or no answers, and those that compare a value with a number of the question.

use std::sync::Arc;

use super::super::question::Predicate;
use super::enumeration::{Draft, Enumeration};
use super::pairs::{COMPARING_GROUPS, OPPOSITES};
use super::rows::{RowSet, Rows};
use super::{Operation, TableValue};

/// The most pairs of predicates that are looked at together.
const MAX_PAIRS: usize = 30;

impl Enumeration<'_> {
    /// Whether rows that two predicates choose are there.
    pub(super) fn whether(&mut self) {
        if !self.question.is_yes_no() {
            return;
        }
        let links = self.links;
        let is_meant = |(_, it): &(usize, &Predicate)| it.is_maximal && it.content > 0;
        let meant = links.predicates.iter().enumerate().filter(is_meant);
        let pairs = meant.clone().flat_map(|(at, first)| {
            let others = meant.clone().filter(move |(other, _)| *other > at);
            others.map(move |(other, second)| (Rows::And(at, other), [first, second]))
        });
        let pairs = pairs.filter(|(_, [first, second])| {
            first.column != second.column && !first.overlaps(second)
        });
        let pairs: Vec<_> = pairs.take(MAX_PAIRS).collect();
        for (rows, [first, second]) in pairs {
            let list: Arc<[usize]> = first.chosen().filter(|row| second.rows[*row]).collect();
            let columns = vec![first.column, second.column];
            let set = RowSet { rows, list: Arc::clone(&list), columns };
            let draft =
                Draft::new(Operation::Whether, first.column, vec![yes_or_no(!list.is_empty())]);
            self.put(&set, draft, &list);
        }
    }

    /// How the values of the only row of a set compare with a number.
    pub(super) fn against_number(&mut self, set: &RowSet) {
        let ([row], Rows::One(one)) = (&set.list[..], set.rows) else { return };
        let predicate = &self.links.predicates[one];
        if !predicate.test.is_of_words() || !self.question.has_any(COMPARING_GROUPS) {
            return;
        }
        let Some(number) = self.question.compared_number(predicate) else { return };
        let has = |word: &str| self.question.has_word(&[word]);
        let Some((up, down)) = OPPOSITES.iter().find(|(up, down)| has(up) && has(down)) else {
            return;
        };
        for column in self.ordered.clone() {
            let Some(value) = self.view.rows[*row][column].number else { continue };
            if value != number && !set.filters_by(column) {
                let word = if value > number { up } else { down };
                let values = vec![TableValue::Text((*word).to_owned())];
                self.put(set, Draft::new(Operation::MoreLessNumber, column, values), &set.list);
            }
        }
    }
}

/// The word for it.
pub(super) fn yes_or_no(is_so: bool) -> TableValue {
    TableValue::Text(if is_so { "yes" } else { "no" }.to_owned())
}
