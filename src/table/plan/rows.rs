//! The sets of rows that plans are about.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::column::ColumnKind;
use super::super::question::{Group, Links, Predicate, Question, Test, Top};
use super::super::view::View;

/// Sets of a question. No more pairs of predicates are looked at once there are `ENOUGH_SETS`.
const MAX_SETS: usize = 320;
const ENOUGH_SETS: usize = 220;
/// The most rows of a predicate whose values others are compared with.
const MAX_COMPARED_ROWS: usize = 2;
/// The most cells of all sets together. Questions about large tables have fewer sets.
const MAX_CELLS: usize = 4_000_000;
const MIN_SETS: usize = 8;
/// Groups of phrases that leave rows out.
const EXCLUDING: &[Group] = &[Group::Not, Group::Other];
/// Words before a thing that others are compared with.
const COMPARING_WORDS: &[&str] = &["than", "then", "before", "after", "above", "below"];

/// How predicates choose rows. The numbers are those of predicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    All,
    One(usize),
    And(usize, usize),
    Or(usize, usize),
    Not(usize),
    /// Those of the first without those of the second.
    AndNot(usize, usize),
    /// Those with more, or less, in a column than the first row of a predicate.
    Beyond {
        predicate: usize,
        by: usize,
        is_more: bool,
    },
    And3([usize; 3]),
    Or3([usize; 3]),
    /// Those of the first or the second that are of the third as well.
    EitherAnd([usize; 3]),
    /// So many rows with the most, or the least, in a column; without one, the first, or the last.
    Top {
        by: Option<usize>,
        is_max: bool,
        top: Top,
    },
}

impl Rows {
    /// The predicates that it is made of.
    pub(crate) fn predicates(self) -> impl Iterator<Item = usize> {
        let [first, second, third] = match self {
            Self::All | Self::Top { .. } => [None; 3],
            Self::One(one) | Self::Not(one) | Self::Beyond { predicate: one, .. } => {
                [Some(one), None, None]
            }
            Self::And(one, other) | Self::Or(one, other) | Self::AndNot(one, other) => {
                [Some(one), Some(other), None]
            }
            Self::And3(three) | Self::Or3(three) | Self::EitherAnd(three) => three.map(Some),
        };
        first.into_iter().chain(second).chain(third)
    }

    /// The column that rows are compared by.
    pub(crate) fn by(self) -> Option<usize> {
        match self {
            Self::Beyond { by, .. } => Some(by),
            Self::Top { by, .. } => by,
            _ => None,
        }
    }
}

/// Rows that plans are about.
#[derive(Debug)]
pub(super) struct RowSet {
    pub(super) rows: Rows,
    /// In order, at least one.
    pub(super) list: Arc<[usize]>,
    /// The columns that it filters by.
    pub(super) columns: Vec<usize>,
}

impl RowSet {
    /// Whether it filters by a column.
    pub(super) fn filters_by(&self, column: usize) -> bool {
        self.columns.contains(&column)
    }

    /// Whether one predicate chooses its rows, or two together.
    pub(super) fn is_one_or_and(&self) -> bool {
        matches!(self.rows, Rows::One(_) | Rows::And(..) | Rows::And3(_))
    }
}

/// The sets of rows of a question; none is empty.
pub(super) fn row_sets(question: &Question, links: &Links, view: &View) -> Vec<RowSet> {
    let limit = (MAX_CELLS / view.cell_count().max(1)).clamp(MIN_SETS, MAX_SETS);
    let mut sets = Sets { question, links, view, list: Vec::new(), limit };
    sets.push(Rows::All, view.plain_rows().collect());
    sets.add_single();
    sets.add_top();
    sets.add_triples();
    sets.add_pairs();
    if question.has_word(COMPARING_WORDS) {
        sets.add_beyond();
    }
    sets.list
}

pub(super) struct Sets<'a> {
    pub(super) question: &'a Question,
    pub(super) links: &'a Links,
    pub(super) view: &'a View,
    list: Vec<RowSet>,
    limit: usize,
}

impl Sets<'_> {
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn push(&mut self, rows: Rows, list: Vec<usize>) {
        if list.is_empty() || self.list.len() >= self.limit {
            return;
        }
        let columns = match rows {
            Rows::Beyond { by, .. } => vec![by],
            Rows::Top { .. } => Vec::new(),
            _ => rows.predicates().map(|it| self.links.predicates[it].column).collect(),
        };
        self.list.push(RowSet { rows, list: list.into(), columns });
    }

    fn add_single(&mut self) {
        let is_excluding = self.question.has_any(EXCLUDING);
        for (at, predicate) in self.links.predicates.iter().enumerate() {
            self.push(Rows::One(at), predicate.chosen().collect());
            if is_excluding || predicate.test == Test::Empty {
                let others = self.view.plain_rows().filter(|row| !predicate.rows[*row]);
                self.push(Rows::Not(at), others.collect());
            }
        }
    }

    fn add_pairs(&mut self) {
        let is_excluding = self.question.has_any(EXCLUDING);
        let predicates = &self.links.predicates;
        let mut seen = BTreeSet::new();
        for (at, first) in predicates.iter().enumerate() {
            for (other, second) in predicates.iter().enumerate() {
                if at == other || first.overlaps(second) {
                    continue;
                }
                if at < other {
                    self.add_and(at, other, &mut seen);
                    let is_same_column = first.column == second.column;
                    if is_same_column && first.test.is_of_words() && second.test.is_of_words() {
                        self.push(Rows::Or(at, other), either(first, second));
                    }
                }
                if is_excluding && first.column != second.column {
                    let rows = first.chosen().filter(|row| !second.rows[*row]);
                    self.push(Rows::AndNot(at, other), rows.collect());
                }
            }
            if self.list.len() > ENOUGH_SETS || self.list.len() >= self.limit {
                break;
            }
        }
    }

    /// Adds the rows of two predicates together, once for equal rows of equal words.
    fn add_and(&mut self, at: usize, other: usize, seen: &mut BTreeSet<([usize; 4], Vec<usize>)>) {
        let (first, second) = (&self.links.predicates[at], &self.links.predicates[other]);
        let is_same_column = first.column == second.column;
        if is_same_column && (first.test == Test::Exact || second.test == Test::Exact) {
            // A cell that is one thing is no other.
            return;
        }
        let rows: Vec<usize> = first.chosen().filter(|row| second.rows[*row]).collect();
        let is_narrower = rows.len() < first.count.min(second.count);
        let key = [first.column, second.column, first.from, second.from];
        if !rows.is_empty() && (is_narrower || !is_same_column) && seen.insert((key, rows.clone()))
        {
            self.push(Rows::And(at, other), rows);
        }
    }

    /// Adds the rows with more or less than the thing that the question compares with.
    fn add_beyond(&mut self) {
        for (at, predicate) in self.links.predicates.iter().enumerate() {
            let is_thing = predicate.count <= MAX_COMPARED_ROWS
                && predicate.test.is_of_words()
                && predicate.is_maximal
                && predicate.content > 0;
            let Some(first) = predicate.chosen().next().filter(|_| is_thing) else { continue };
            for by in self.links.open() {
                let is_ordered = self.view.columns[by].kind != ColumnKind::Text;
                if by == predicate.column || !is_ordered || self.list.len() >= self.limit {
                    continue;
                }
                let Some(own) = self.view.order(first, by) else { continue };
                for is_more in [true, false] {
                    let is_beyond = |value: f64| if is_more { value > own } else { value < own };
                    let is_chosen = |row: &usize| self.view.order(*row, by).is_some_and(is_beyond);
                    let rows = self.view.plain_rows().filter(is_chosen).collect();
                    self.push(Rows::Beyond { predicate: at, by, is_more }, rows);
                }
            }
        }
    }
}

fn either(first: &Predicate, second: &Predicate) -> Vec<usize> {
    let pairs = first.rows.iter().zip(&second.rows).enumerate();
    pairs.filter(|(_, (one, other))| **one || **other).map(|(row, _)| row).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::table;
    use super::*;
    use crate::test;

    const PLAYERS: &str = "Player|Nation|Goals / Ann|France|3 / Bob|Spain|5 / Cem|France|9";

    fn sets(question: &str) -> Vec<(Rows, Vec<usize>)> {
        let (question, table) = (Question::new(question), table(PLAYERS));
        let links = Links::new(&question, &table.view);
        let sets = row_sets(&question, &links, &table.view).into_iter();
        sets.map(|set| (set.rows, set.list.to_vec())).collect()
    }

    #[test]
    fn a_question_without_predicates_is_about_all_rows() {
        assert_eq!(sets("how many are there"), [(Rows::All, vec![0, 1, 2])]);
    }

    #[test]
    fn things_of_one_column_are_taken_together() {
        let sets = sets("goals of ann or bob");
        assert!(sets.contains(&(Rows::Or(0, 1), vec![0, 1])), "{sets:?}");
    }

    #[test]
    fn other_rows_are_those_without_a_thing() {
        let sets = sets("players that are not from france");
        assert!(sets.contains(&(Rows::Not(0), vec![1])), "{sets:?}");
    }

    #[test]
    fn rows_beyond_a_thing_have_more() {
        let sets = sets("who has more goals than bob");
        let beyond = Rows::Beyond { predicate: 0, by: 2, is_more: true };
        assert!(sets.contains(&(beyond, vec![2])), "{sets:?}");
    }
}
