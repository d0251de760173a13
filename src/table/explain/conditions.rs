//! The rows of a plan as conditions in SQL.

use super::super::cell::MISSING;
use super::super::date::{Date, month};
use super::super::part::Part;
use super::super::plan::Rows;
use super::super::question::{Operand, Predicate, Test};
use super::Explainer;
use super::expressions::literal;

impl Explainer<'_> {
    /// ` FROM … WHERE …` of these rows.
    pub(super) fn rows(&self, rows: Rows) -> String {
        self.rows_where(rows, None)
    }

    /// The same with a further condition.
    pub(super) fn rows_where(&self, rows: Rows, further: Option<String>) -> String {
        let conditions: Vec<String> = self.conditions(rows).into_iter().chain(further).collect();
        format!(" FROM {}{}", self.source_of(rows), where_all(&conditions))
    }

    /// ` FROM … WHERE …` of these rows, with the number of each row as `_row`.
    pub(super) fn numbered_rows(&self, rows: Option<Rows>) -> String {
        let conditions = rows.map(|rows| self.conditions(rows)).unwrap_or_default();
        let source = self.source();
        format!(
            " FROM (SELECT *, ROW_NUMBER() OVER () AS \"_row\" FROM {source}) AS \"_numbered\"{}",
            where_all(&conditions)
        )
    }

    /// What these rows are selected from: for the first or the largest, these alone.
    fn source_of(&self, rows: Rows) -> String {
        let Rows::Top { by, is_max, top } = rows else { return self.source() };
        let mut conditions = self.without_totals();
        let (from, order) = match by {
            None if is_max => (
                format!(
                    "(SELECT *, ROW_NUMBER() OVER () AS \"_row\" FROM {}) AS \"_numbered\"",
                    self.source()
                ),
                " ORDER BY \"_row\" DESC".to_owned(),
            ),
            None => (self.source(), String::new()),
            Some(by) => {
                let order = self.ordered(by);
                if self.has_empty(by) {
                    conditions.push(format!("{} <> ''", self.text(by)));
                }
                if self.view.rows.iter().any(|row| row[by].number.is_none()) {
                    conditions.push(format!("{order} IS NOT NULL"));
                }
                (
                    self.source(),
                    format!(" ORDER BY {order} {}", if is_max { "DESC" } else { "ASC" }),
                )
            }
        };
        let conditions = where_all(&conditions);
        format!("(SELECT * FROM {from}{conditions}{order} LIMIT {}) AS \"_top\"", top.count)
    }

    /// The conditions of these rows.
    pub(super) fn conditions(&self, rows: Rows) -> Vec<String> {
        let condition = |at: usize| self.condition(self.predicate(at));
        let mut conditions = match rows {
            Rows::All => Vec::new(),
            // Its source has only these rows.
            Rows::Top { .. } => return Vec::new(),
            Rows::And3(three) => three.map(condition).to_vec(),
            Rows::Or3(three) => vec![format!("({})", three.map(condition).join(" OR "))],
            Rows::One(one) => vec![condition(one)],
            Rows::And(one, other) => vec![condition(one), condition(other)],
            Rows::Or(one, other) => vec![format!("({} OR {})", condition(one), condition(other))],
            Rows::EitherAnd([one, other, third]) => {
                vec![format!("({} OR {})", condition(one), condition(other)), condition(third)]
            }
            Rows::Not(one) => vec![format!("NOT ({})", condition(one))],
            Rows::AndNot(one, other) => {
                vec![condition(one), format!("NOT ({})", condition(other))]
            }
            Rows::Beyond { predicate, by, is_more } => {
                let sign = if is_more { '>' } else { '<' };
                let (by, own) = (self.ordered(by), self.rows(Rows::One(predicate)));
                vec![format!("{by} {sign} (SELECT {by}{own} LIMIT 1)")]
            }
        };
        let is_of_words = |at: usize| self.predicate(at).operand == Operand::Words;
        let is_listed = matches!(
            rows,
            Rows::One(_)
                | Rows::And(..)
                | Rows::Or(..)
                | Rows::And3(_)
                | Rows::Or3(_)
                | Rows::EitherAnd(_)
        );
        if !is_listed || !rows.predicates().all(is_of_words) {
            conditions.extend(self.without_totals());
        }
        conditions
    }

    /// Conditions that leave out rows that sum up others.
    fn without_totals(&self) -> Vec<String> {
        let rows = self.view.rows.iter().zip(&self.view.is_total);
        let totals = rows.filter(|(_, is_total)| **is_total).filter_map(|(row, _)| {
            let column = row.iter().position(|cell| !cell.is_empty())?;
            Some(format!("{} <> {}", self.text(column), self.value(column, &row[column].text)))
        });
        let mut totals: Vec<String> = totals.collect();
        totals.sort_unstable();
        totals.dedup();
        totals
    }

    /// The text of a cell, as the value that SQL has of it.
    fn value(&self, at: usize, text: &str) -> String {
        let column = &self.view.columns[at];
        let typed = self.view.typed.get(at).filter(|_| column.part == Part::Whole);
        typed.map_or_else(|| literal(text), |typed| typed.value(text).literal())
    }

    /// Such values, each once.
    fn list(&self, at: usize, texts: &[&str]) -> String {
        let mut values: Vec<String> = texts.iter().map(|text| self.value(at, text)).collect();
        values.retain(|value| value != "NULL");
        values.dedup();
        values.join(", ")
    }

    fn condition(&self, predicate: &Predicate) -> String {
        let column = predicate.column;
        match predicate.operand {
            Operand::Words if predicate.test == Test::Starts => {
                let pattern = format!("{}%", self.letters_of(predicate));
                format!("{} LIKE {}", self.text(column), literal(&pattern))
            }
            Operand::Words => self.condition_of_words(predicate),
            Operand::Nothing => {
                let (text, marks) = (self.text(column), self.list(column, MISSING));
                format!("({text} IS NULL OR {text} IN ({marks}))")
            }
            Operand::Number(number) => {
                format!("{} {} {number}", self.year(column), sign(predicate.test))
            }
            Operand::Range(first, end) if predicate.test == Test::Decade => {
                let year = self.year(column);
                format!("{year} >= {first} AND {year} < {end}")
            }
            Operand::Range(first, last) => {
                format!("{} BETWEEN {first} AND {last}", self.year(column))
            }
            Operand::Date(date) => {
                let (format, value) = date_in_sql(date);
                let sign = sign(predicate.test);
                format!("STRFTIME('{format}', {}) {sign} '{value}'", self.text(column))
            }
        }
    }

    fn condition_of_words(&self, predicate: &Predicate) -> String {
        let text = self.text(predicate.column);
        let is_month = self.view.columns[predicate.column].part == Part::Month;
        let words = self.words_of(predicate);
        let month = month(&words).filter(|_| is_month);
        if let Some(month) = month {
            return format!("{text} = '{month:02}'");
        }
        let pattern = || format!("{text} LIKE {}", literal(&format!("%{words}%")));
        match self.texts_of(predicate).as_deref() {
            Some([one]) => format!("{text} = {}", self.value(predicate.column, one)),
            Some(several) => format!("{text} IN ({})", self.list(predicate.column, several)),
            None => pattern(),
        }
    }
}

fn where_all(conditions: &[String]) -> String {
    match conditions {
        [] => String::new(),
        conditions => format!(" WHERE {}", conditions.join(" AND ")),
    }
}

pub(super) fn sign(test: Test) -> &'static str {
    match test {
        Test::Greater => ">",
        Test::Less => "<",
        Test::AtLeast => ">=",
        Test::AtMost => "<=",
        _ => "=",
    }
}

/// A date, and the format that makes cells comparable with it.
fn date_in_sql(date: Date) -> (&'static str, String) {
    let (month, day) = (date.month.unwrap_or(1), date.day.unwrap_or(1));
    match date.year {
        Some(year) => ("%Y-%m-%d", format!("{year:04}-{month:02}-{day:02}")),
        None => ("%m-%d", format!("{month:02}-{day:02}")),
    }
}
