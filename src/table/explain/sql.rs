//! A plan as a query, in SQL as SQLite has it. Cells are read as SQLite reads them: dates as
//! 1994-06-17, numbers without units before them.

use super::super::cell::Cell;
use super::super::column::ColumnKind;
use super::super::plan::{OPPOSITES, Operation, Plan, Rows};
use super::super::question::Test;
use super::Explainer;
use super::conditions::sign;
use super::expressions::literal;

impl Explainer<'_> {
    /// The query of a plan.
    pub(crate) fn sql(&self, plan: &Plan) -> String {
        let query = match (plan.rows, plan.column, plan.by) {
            (Rows::Or(one, other), _, _) if plan.operation.is_of_pair() => {
                self.query_of_pair(plan, one, other)
            }
            (rows, None, None) if plan.operation == Operation::Streak => self.streak(rows),
            (_, None, Some(by)) => self.count_of_same(plan.rows, by),
            (rows, None, None) => format!("SELECT COUNT(*){}", self.rows(rows)),
            (_, Some(column), Some(by)) => self.query_by(plan, column, by),
            (_, Some(column), None) => self.query_of_column(plan, column),
        };
        format!("{}{query}", self.with_turned(plan))
    }

    /// A query of the cells of one column.
    fn query_of_column(&self, plan: &Plan, column: usize) -> String {
        let (text, number, from) = (self.text(column), self.ordered(column), self.rows(plan.rows));
        let edge = |order: &str| {
            let numbered = self.numbered_rows(Some(plan.rows));
            format!("SELECT {text}{numbered} ORDER BY \"_row\" {order} LIMIT 1")
        };
        let beside = |row: &str| {
            let (all, own) = (self.numbered_rows(None), self.numbered_rows(Some(plan.rows)));
            format!("SELECT {text}{all} WHERE \"_row\" = (SELECT {row}{own})")
        };
        match plan.operation {
            Operation::CountDistinct if self.has_empty(column) => {
                format!("SELECT COUNT(DISTINCT NULLIF({text}, '')){from}")
            }
            Operation::CountDistinct => format!("SELECT COUNT(DISTINCT {text}){from}"),
            Operation::Max => format!("SELECT MAX({number}){from}"),
            Operation::Min => format!("SELECT MIN({number}){from}"),
            Operation::Sum => format!("SELECT SUM({number}){from}"),
            Operation::Mean => format!("SELECT AVG({number}){from}"),
            Operation::Range => format!("SELECT MAX({number}) - MIN({number}){from}"),
            Operation::First => edge("ASC"),
            Operation::Last => edge("DESC"),
            Operation::Next => beside("MAX(\"_row\") + 1"),
            Operation::Previous => beside("MIN(\"_row\") - 1"),
            Operation::MostCommon => frequent(&text, &from, "DESC"),
            Operation::LeastCommon => frequent(&text, &from, "ASC"),
            Operation::Whether => {
                format!("SELECT CASE WHEN COUNT(*) > 0 THEN 'yes' ELSE 'no' END{from}")
            }
            Operation::MoreLessNumber => {
                let (up, down) = self.opposites();
                let stated = plan.rows.predicates().next();
                let stated =
                    stated.and_then(|it| self.question.compared_number(self.predicate(it)));
                let is_more = format!("{number} > {}", stated.unwrap_or_default());
                format!("SELECT CASE WHEN {is_more} THEN '{up}' ELSE '{down}' END{from}")
            }
            Operation::OfCount => self.groups_of_count(plan.rows, column),
            Operation::CountOfCount => {
                format!("SELECT COUNT(*) FROM ({})", self.groups_of_count(plan.rows, column))
            }
            Operation::CountItems => {
                let items = format!("LENGTH({text}) - LENGTH(REPLACE({text}, ',', '')) + 1");
                format!("SELECT {items}{from}")
            }
            Operation::SpanYears => {
                let years = format!("CAST(SUBSTR({text}, -4) AS REAL) - CAST({text} AS REAL)");
                format!("SELECT {years}{from}")
            }
            _ => {
                let filled = self.has_empty(column).then(|| format!("{text} <> ''"));
                format!("SELECT DISTINCT {text}{}", self.rows_where(plan.rows, filled))
            }
        }
    }

    /// A query of the cells of a column, with another one that orders or groups the rows.
    fn query_by(&self, plan: &Plan, column: usize, by: usize) -> String {
        let (rows, text, order) = (plan.rows, self.text(column), self.ordered(by));
        let from = self.rows(rows);
        let best = |function: &str| {
            let best = format!("{order} = (SELECT {function}({order}){from})");
            format!("SELECT DISTINCT {text}{}", self.rows_where(rows, Some(best)))
        };
        let nth = |direction: &str| {
            let place = self.question.place().unwrap_or(1);
            let rank = format!("DENSE_RANK() OVER (ORDER BY {order} {direction}) AS \"_rank\"");
            let is_known = |row: &Vec<Cell>| row[by].order(self.view.columns[by].kind).is_some();
            let known = !self.view.rows.iter().all(is_known);
            let from = self.rows_where(rows, known.then(|| format!("{order} IS NOT NULL")));
            format!(
                "SELECT DISTINCT {text} FROM (SELECT *, {rank}{from}) AS \"_ranked\" \
                 WHERE \"_rank\" = {place}"
            )
        };
        let next = |function: &str, sign: char| {
            let beyond = format!("{order} {sign} (SELECT {order}{from} LIMIT 1)");
            let others = self.rows_where(Rows::All, Some(beyond));
            let value = format!("{order} = (SELECT {function}({order}){others})");
            format!("SELECT {text}{} LIMIT 1", self.rows_where(Rows::All, Some(value)))
        };
        match plan.operation {
            Operation::ColumnDifference | Operation::ColumnSum | Operation::ChooseColumn => {
                self.query_of_columns(plan.operation, column, by, &from)
            }
            Operation::ArgMax => best("MAX"),
            Operation::ArgMin => best("MIN"),
            Operation::NthMax => nth("DESC"),
            Operation::NthMin => nth("ASC"),
            Operation::NextUp => next("MIN", '>'),
            Operation::NextDown => next("MAX", '<'),
            _ => format!("SELECT DISTINCT {text}{}", self.rows_of_same(rows, by)),
        }
    }

    /// ` FROM … WHERE …` of the other rows with the same value.
    fn rows_of_same(&self, rows: Rows, by: usize) -> String {
        let (value, from) = (self.text(by), self.rows(rows));
        let same = format!("{value} = (SELECT {value}{from} LIMIT 1)");
        let others = format!("NOT ({})", self.conditions(rows).join(" AND "));
        format!(" FROM {} WHERE {same} AND {others}", self.source())
    }

    fn count_of_same(&self, rows: Rows, by: usize) -> String {
        format!("SELECT COUNT(*){}", self.rows_of_same(rows, by))
    }

    fn query_of_columns(
        &self,
        operation: Operation,
        one: usize,
        other: usize,
        from: &str,
    ) -> String {
        let is_year = |at: usize| self.view.columns[at].kind == ColumnKind::Date;
        let is_time = is_year(one) || is_year(other);
        let [first, second] =
            [one, other].map(|at| if is_time { self.year(at) } else { self.ordered(at) });
        match operation {
            Operation::ColumnDifference => format!("SELECT ABS({first} - {second}){from}"),
            Operation::ColumnSum => format!("SELECT {first} + {second}{from}"),
            _ => {
                let [one, other] = [one, other].map(|at| literal(&self.view.columns[at].name));
                format!("SELECT CASE WHEN {first} > {second} THEN {one} ELSE {other} END{from}")
            }
        }
    }

    /// The cells of a column that so many rows have.
    fn groups_of_count(&self, rows: Rows, column: usize) -> String {
        let text = self.text(column);
        let filled = self.has_empty(column).then(|| format!("{text} <> ''"));
        let from = self.rows_where(rows, filled);
        let (test, size) = self.question.group_size().unwrap_or((Test::Equal, 1.0));
        format!("SELECT {text}{from} GROUP BY {text} HAVING COUNT(*) {} {size}", sign(test))
    }

    /// The most rows one after the other: those of one run have the same difference of their
    /// number among all rows and that among these.
    fn streak(&self, rows: Rows) -> String {
        let own = "\"_row\" - ROW_NUMBER() OVER (ORDER BY \"_row\") AS \"_run\"";
        let runs = format!("SELECT {own}{}", self.numbered_rows(Some(rows)));
        let lengths = format!("SELECT COUNT(*) AS \"_length\" FROM ({runs}) GROUP BY \"_run\"");
        format!("SELECT MAX(\"_length\") FROM ({lengths})")
    }

    fn query_of_pair(&self, plan: &Plan, one: usize, other: usize) -> String {
        let things = [one, other];
        let [first, second] = things.map(|it| literal(&self.thing(it)));
        let choice = |values: [String; 2], sign: char| {
            let [one, other] = values;
            format!("SELECT CASE WHEN {one} {sign} {other} THEN {first} ELSE {second} END")
        };
        let difference = |values: [String; 2]| format!("SELECT ABS({})", values.join(" - "));
        let counts = || things.map(|it| format!("(SELECT COUNT(*){})", self.rows(Rows::One(it))));
        let places = || {
            let from = |it| self.numbered_rows(Some(Rows::One(it)));
            things.map(|it| format!("(SELECT MIN(\"_row\"){})", from(it)))
        };
        let values = |column| things.map(|it| self.value_of(it, column));
        match (plan.operation, plan.column, plan.by) {
            (Operation::WhetherMore | Operation::WhetherLess, Some(column), _) => {
                let is_more = plan.operation == Operation::WhetherMore;
                let sign = if is_more { '>' } else { '<' };
                let [first, second] =
                    self.named_first(one, other).map(|it| self.value_of(it, column));
                format!("SELECT CASE WHEN {first} {sign} {second} THEN 'yes' ELSE 'no' END")
            }
            (Operation::ChooseMax, _, Some(by)) => choice(values(by), '>'),
            (Operation::ChooseMin, _, Some(by)) => choice(values(by), '<'),
            (Operation::ChooseFirst, ..) => choice(places(), '<'),
            (Operation::ChooseLast, ..) => choice(places(), '>'),
            (Operation::ChooseCount, ..) => choice(counts(), '>'),
            (Operation::MoreLess, Some(column), _) => self.comparison(one, other, column),
            (Operation::Difference, Some(column), _) => {
                let is_number = self.view.columns[column].kind == ColumnKind::Number;
                let year =
                    |it| format!("(SELECT {}{})", self.year(column), self.rows(Rows::One(it)));
                difference(if is_number { values(column) } else { things.map(year) })
            }
            _ => difference(counts()),
        }
    }

    /// The value of a thing: of several rows with numbers, their sum.
    fn value_of(&self, thing: usize, column: usize) -> String {
        let (value, from) = (self.ordered(column), self.rows(Rows::One(thing)));
        match self.view.columns[column].kind {
            ColumnKind::Number => format!("(SELECT SUM({value}){from})"),
            _ => format!("(SELECT {value}{from} LIMIT 1)"),
        }
    }

    /// The words of the question for a larger and a smaller value.
    fn opposites(&self) -> (&'static str, &'static str) {
        let has = |word: &str| self.question.has_word(&[word]);
        let words = OPPOSITES.iter().find(|(up, down)| has(up) && has(down));
        words.copied().unwrap_or(("more", "less"))
    }

    /// The word of the question that compares the thing named first with the other.
    fn comparison(&self, one: usize, other: usize, column: usize) -> String {
        let (up, down) = self.opposites();
        let [first, second] = self.named_first(one, other).map(|it| self.value_of(it, column));
        format!("SELECT CASE WHEN {first} > {second} THEN '{up}' ELSE '{down}' END")
    }
}

/// A query of the texts that are the most frequent, or the least.
fn frequent(text: &str, from: &str, order: &str) -> String {
    let counts = format!("SELECT COUNT(*){from} GROUP BY {text}");
    format!(
        "SELECT {text}{from} GROUP BY {text} \
         HAVING COUNT(*) = ({counts} ORDER BY COUNT(*) {order} LIMIT 1)"
    )
}
