//! The enumeration of plans. Each is run at once: only plans that give something are kept.

use std::sync::Arc;

use super::super::column::ColumnKind;
use super::super::question::{Links, Question};
use super::super::view::View;
use super::rows::{RowSet, Rows, row_sets};
use super::{Answer, Operation, Plan, TableValue};

/// The most values of an answer.
const MAX_VALUES: usize = 60;

/// A plan that gives something.
pub(crate) struct Found {
    pub(crate) plan: Plan,
    pub(crate) answer: Answer,
    /// The number of the plan's rows.
    pub(crate) row_count: usize,
}

/// The first `limit` plans of a question.
pub(crate) fn enumerate(
    question: &Question,
    links: &Links,
    view: &View,
    limit: usize,
) -> Vec<Found> {
    let mut enumeration = Enumeration::new(question, links, view, limit);
    for set in row_sets(question, links, view) {
        if enumeration.is_full() {
            break;
        }
        enumeration.select(&set);
        if matches!(set.rows, Rows::Top { .. }) {
            enumeration.totals(&set);
            continue;
        }
        enumeration.count(&set);
        if set.list.len() > 1 {
            enumeration.superlatives(&set);
            enumeration.totals(&set);
            enumeration.edges(&set);
            enumeration.most_common(&set);
        }
        enumeration.next_rows(&set);
        enumeration.within_cell(&set);
        enumeration.next_values(&set);
        enumeration.same(&set);
        enumeration.two_columns(&set);
        enumeration.of_count(&set);
        enumeration.streak(&set);
        enumeration.against_number(&set);
    }
    enumeration.pairs();
    enumeration.whether();
    enumeration.found
}

/// Collects plans.
pub(super) struct Enumeration<'a> {
    pub(super) question: &'a Question,
    pub(super) links: &'a Links,
    pub(super) view: &'a View,
    /// The columns that the question may be about.
    pub(super) open: Vec<usize>,
    /// Those whose cells have an order.
    pub(super) ordered: Vec<usize>,
    found: Vec<Found>,
    limit: usize,
}

/// What a plan gives, and how.
pub(super) struct Draft {
    pub(super) operation: Operation,
    pub(super) column: Option<usize>,
    pub(super) by: Option<usize>,
    pub(super) values: Vec<TableValue>,
}

impl Draft {
    pub(super) fn new(operation: Operation, column: usize, values: Vec<TableValue>) -> Self {
        Self { operation, column: Some(column), by: None, values }
    }

    /// With the column that orders or groups the rows.
    pub(super) fn by(self, by: usize) -> Self {
        Self { by: Some(by), ..self }
    }

    /// One that is from no column.
    pub(super) fn of_rows(operation: Operation, number: f64) -> Self {
        Self { operation, column: None, by: None, values: vec![TableValue::Number(number)] }
    }

    /// One that gives a number.
    pub(super) fn number(operation: Operation, column: usize, number: f64) -> Self {
        Self::new(operation, column, vec![TableValue::Number(number)])
    }
}

impl<'a> Enumeration<'a> {
    fn new(question: &'a Question, links: &'a Links, view: &'a View, limit: usize) -> Self {
        let open: Vec<usize> = links.open().collect();
        let is_ordered = |column: &usize| view.columns[*column].kind != ColumnKind::Text;
        let ordered = open.iter().copied().filter(is_ordered).collect();
        Self { question, links, view, open, ordered, found: Vec::new(), limit }
    }

    pub(super) fn is_full(&self) -> bool {
        self.found.len() >= self.limit
    }

    /// Adds a plan whose answer is from these rows, where it has values, and not too many.
    pub(super) fn put(&mut self, set: &RowSet, draft: Draft, rows: &Arc<[usize]>) {
        let Draft { operation, column, by, values } = draft;
        if values.is_empty() || values.len() > MAX_VALUES || self.is_full() {
            return;
        }
        let plan = Plan { operation, rows: set.rows, column, by };
        let answer = Answer { values, rows: Arc::clone(rows) };
        self.found.push(Found { plan, answer, row_count: set.list.len() });
    }

    /// Adds a plan for each open column that is asked for, with its cells of these rows.
    pub(super) fn put_cells(
        &mut self,
        set: &RowSet,
        operation: Operation,
        by: Option<usize>,
        rows: &Arc<[usize]>,
        is_asked: impl Fn(usize) -> bool,
    ) {
        for at in 0..self.open.len() {
            let column = self.open[at];
            if is_asked(column) {
                let draft = Draft::new(operation, column, self.texts(rows, column));
                self.put(set, Draft { by, ..draft }, rows);
            }
        }
    }

    /// The different texts of a column's cells; no more than one above what an answer has.
    pub(super) fn texts(&self, rows: &[usize], column: usize) -> Vec<TableValue> {
        let mut texts: Vec<&str> = Vec::new();
        for row in rows {
            let cell = &self.view.rows[*row][column];
            if !cell.is_empty() && !texts.contains(&cell.text.as_str()) {
                texts.push(&cell.text);
            }
            if texts.len() > MAX_VALUES {
                break;
            }
        }
        texts.into_iter().map(|text| TableValue::Text(text.to_owned())).collect()
    }
}
