//! The turned table in SQL: a query of the table that gives its columns as rows.

use super::super::plan::Plan;
use super::Explainer;
use super::expressions::{identifier, literal};

const TURNED: &str = "_turned";

impl Explainer<'_> {
    /// What plans select from.
    pub(super) fn source(&self) -> String {
        identifier(if self.view.is_turned { TURNED } else { &self.table.name })
    }

    /// What stands before a query of a turned table: its rows, with the columns of the plan.
    pub(super) fn with_turned(&self, plan: &Plan) -> String {
        if !self.view.is_turned {
            return String::new();
        }
        let columns = self.columns_of(plan);
        let rows = self.view.sources.iter().map(|source| self.turned_row(*source, &columns));
        let rows: Vec<String> = rows.collect();
        format!("WITH {} AS ({}) ", identifier(TURNED), rows.join(" UNION ALL "))
    }

    /// A column of the table as a row.
    fn turned_row(&self, source: usize, columns: &[usize]) -> String {
        let given = &self.table.view;
        let name = |at: usize| given.columns.get(at).map_or("", |column| column.name.as_str());
        let key = identifier(name(0));
        let value = |column: usize| match column.checked_sub(1) {
            None => literal(name(source)),
            Some(row) => {
                let text = given.rows.get(row).and_then(|row| row.first());
                let text = literal(text.map_or("", |cell| &cell.text));
                format!("MAX(CASE WHEN {key} = {text} THEN {} END)", identifier(name(source)))
            }
        };
        let values = columns.iter().map(|&column| {
            format!("{} AS {}", value(column), identifier(&self.view.columns[column].name))
        });
        let values = values.collect::<Vec<String>>().join(", ");
        // A name alone is one row, whatever the table has.
        let is_name = columns == [0];
        let from = format!(" FROM {}", identifier(&self.table.name));
        format!("SELECT {values}{}", if is_name { "" } else { &from })
    }

    /// The columns that a plan is about, none of them derived: at least one.
    fn columns_of(&self, plan: &Plan) -> Vec<usize> {
        let filters =
            plan.rows.predicates().map(|at| self.predicate(at).column).chain(plan.rows.by());
        let columns = plan.column.into_iter().chain(plan.by).chain(filters);
        let mut columns: Vec<usize> =
            columns.map(|column| self.view.columns[column].origin).chain([0]).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }
}
