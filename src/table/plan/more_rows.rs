//! Rows that three predicates choose, and the first, or the largest, of all.

use super::super::column::ColumnKind;
use super::super::question::{Group, Links, Predicate};
use super::rows::{Rows, Sets};

/// Predicates that are taken three by three.
const MAX_TRIPLED: usize = 16;
/// The most sets of three predicates.
const MAX_TRIPLES: usize = 40;

impl Sets<'_> {
    /// The rows of three predicates together, and those of three things of a column.
    pub(super) fn add_triples(&mut self) {
        let links: &Links = self.links;
        let predicates = links.predicates.iter().enumerate();
        let tripled = predicates.filter(|(_, it)| it.is_maximal && it.content > 0);
        let tripled: Vec<(usize, &Predicate)> = tripled.take(MAX_TRIPLED).collect();
        let before = self.len();
        for (i, first) in tripled.iter().enumerate() {
            for (j, second) in tripled.iter().enumerate().skip(i + 1) {
                for third in &tripled[j + 1..] {
                    if self.len() < before + MAX_TRIPLES {
                        self.add_triple([*first, *second, *third]);
                    }
                }
            }
        }
    }

    fn add_triple(&mut self, three: [(usize, &Predicate); 3]) {
        let [one, two, three] = three;
        let pairs = [(one.1, two.1), (one.1, three.1), (two.1, three.1)];
        if pairs.iter().any(|(first, second)| first.overlaps(second)) {
            return;
        }
        let places = [one.0, two.0, three.0];
        let all = [one.1, two.1, three.1];
        let count = |is_chosen: &dyn Fn(usize) -> bool| -> Vec<usize> {
            (0..one.1.rows.len()).filter(|row| is_chosen(*row)).collect()
        };
        if self.question.has(Group::Or) {
            let orders = [[one, two, three], [one, three, two], [two, three, one]];
            orders.into_iter().for_each(|three| self.add_either(three));
        }
        if pairs.iter().all(|(first, second)| first.column == second.column) {
            if all.iter().all(|it| it.test.is_of_words()) {
                let rows = count(&|row| all.iter().any(|it| it.rows[row]));
                self.push(Rows::Or3(places), rows);
            }
            return;
        }
        let rows = count(&|row| all.iter().all(|it| it.rows[row]));
        let is_narrower = |(first, second): &(&Predicate, &Predicate)| {
            count(&|row| first.rows[row] && second.rows[row]).len() > rows.len()
        };
        if pairs.iter().all(is_narrower) {
            self.push(Rows::And3(places), rows);
        }
    }

    /// The rows of one of two things of a column that a third predicate chooses as well.
    fn add_either(&mut self, three: [(usize, &Predicate); 3]) {
        let [one, other, third] = three.map(|(_, predicate)| predicate);
        let are_things = [one, other].iter().all(|it| it.test.is_of_words());
        if !are_things || one.column != other.column || third.column == one.column {
            return;
        }
        let is_chosen = |row: &usize| (one.rows[*row] || other.rows[*row]) && third.rows[*row];
        let rows = (0..one.rows.len()).filter(is_chosen).collect();
        self.push(Rows::EitherAnd(three.map(|(at, _)| at)), rows);
    }

    /// The rows of "the first three" and "the three largest".
    pub(super) fn add_top(&mut self) {
        let Some(top) = self.question.top() else { return };
        if top.is_edge {
            let mut rows: Vec<usize> = self.view.plain_rows().collect();
            if top.is_last {
                rows.drain(..rows.len().saturating_sub(top.count));
            } else {
                rows.truncate(top.count);
            }
            self.push(Rows::Top { by: None, is_max: top.is_last, top }, rows);
        }
        for by in self.links.open() {
            if self.view.columns[by].kind == ColumnKind::Text {
                continue;
            }
            let value = |row| Some((row, self.view.order(row, by)?));
            let mut values: Vec<(usize, f64)> = self.view.plain_rows().filter_map(value).collect();
            for is_max in [true, false] {
                // The sort is stable: of equal ones, the first rows.
                values.sort_by(|one, other| match is_max {
                    true => other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)),
                    false => one.1.total_cmp(&other.1).then(one.0.cmp(&other.0)),
                });
                let mut rows: Vec<usize> =
                    values.iter().take(top.count).map(|(row, _)| *row).collect();
                rows.sort_unstable();
                self.push(Rows::Top { by: Some(by), is_max, top }, rows);
            }
        }
    }
}
