//! A plan in a sentence.

use super::super::column::ColumnKind;
use super::super::date::{Date, month_name};
use super::super::part::Part;
use super::super::plan::{Operation, Plan, Rows};
use super::super::question::{Operand, Predicate, Test};
use super::super::value::ordinal_in_digits;
use super::Explainer;

impl Explainer<'_> {
    /// What a plan gives, in a sentence.
    pub(crate) fn english(&self, plan: &Plan) -> String {
        let text = match plan.rows {
            Rows::Or(one, other) if plan.operation.is_of_pair() => self.of_pair(plan, one, other),
            _ => self.of_rows(plan),
        };
        let mut chars = text.chars();
        let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
        format!("{first}{}.", chars.as_str())
    }

    fn of_rows(&self, plan: &Plan) -> String {
        let column = self.name(plan.column);
        let what = match plan.by {
            Some(by) if is_of_columns(plan.operation) => {
                self.of_columns(plan.operation, &column, &self.name(Some(by)))
            }
            Some(by) if plan.operation == Operation::CountSame => {
                format!("the number of {}", self.rows_by(plan.operation, by))
            }
            Some(by) => format!("{column} of the {}", self.rows_by(plan.operation, by)),
            None => self.without_order(plan.operation, plan.column, &column),
        };
        format!("{what}{}", self.filter(plan.rows))
    }

    /// What an operation gives of a column, where no other one orders the rows.
    fn without_order(&self, operation: Operation, at: Option<usize>, column: &str) -> String {
        let [largest, smallest] = self.superlatives(at);
        match operation {
            Operation::Count => "the number of rows".to_owned(),
            Operation::CountDistinct => {
                format!("the number of different values of {column} in the rows")
            }
            Operation::Max => format!("the {largest} {column} of the rows"),
            Operation::Min => format!("the {smallest} {column} of the rows"),
            Operation::First => format!("{column} of the first row"),
            Operation::Last => format!("{column} of the last row"),
            Operation::Next => format!("{column} of the row after that"),
            Operation::Previous => format!("{column} of the row before that"),
            Operation::Sum => format!("the sum of {column} in the rows"),
            Operation::Mean => format!("the average of {column} in the rows"),
            Operation::MostCommon => format!("the most frequent {column} of the rows"),
            Operation::LeastCommon => format!("the least frequent {column} of the rows"),
            Operation::Range => {
                format!("the difference between the largest and the smallest {column} of the rows")
            }
            Operation::CountItems => format!("the number of items in {column} of the row"),
            Operation::Whether => "whether there are rows".to_owned(),
            Operation::Streak => "the most rows one after the other".to_owned(),
            Operation::MoreLessNumber => {
                format!("how {column} compares with the number in the row")
            }
            Operation::OfCount => format!("{column} of {} of the rows", self.count_text()),
            Operation::CountOfCount => {
                format!(
                    "the number of different values of {column} in {} of the rows",
                    self.count_text()
                )
            }
            Operation::SpanYears => format!("the years between the two of {column} in the row"),
            _ => format!("{column} of the rows"),
        }
    }

    /// What an operation gives of two columns.
    fn of_columns(&self, operation: Operation, one: &str, other: &str) -> String {
        match operation {
            Operation::ColumnDifference => {
                format!("the difference between {one} and {other} of the row")
            }
            Operation::ColumnSum => format!("the sum of {one} and {other} of the row"),
            _ => format!("the larger one of {one} and {other} of the row"),
        }
    }

    /// The rows that an operation chooses by a column.
    fn rows_by(&self, operation: Operation, at: usize) -> String {
        let by = self.name(Some(at));
        let [largest, smallest] = self.superlatives(Some(at));
        let [larger, smaller] = match self.view.columns[at].kind {
            ColumnKind::Date => ["later", "earlier"],
            _ => ["larger", "smaller"],
        };
        let place = self.question.place().map(ordinal_in_digits).unwrap_or_default();
        match operation {
            Operation::ArgMax => format!("row with the {largest} {by}"),
            Operation::ArgMin => format!("row with the {smallest} {by}"),
            Operation::NthMax => format!("row with the {place} {largest} {by}"),
            Operation::NthMin => format!("row with the {place} {smallest} {by}"),
            Operation::NextUp => format!("row with the next {larger} {by} than that"),
            Operation::NextDown => format!("row with the next {smaller} {by} than that"),
            _ => format!("other rows with the same {by} as that"),
        }
    }

    fn of_pair(&self, plan: &Plan, one: usize, other: usize) -> String {
        let (column, by) = (self.name(plan.column), self.name(plan.by));
        let conditions = [one, other].map(|it| self.condition_text(self.predicate(it)));
        let things = [one, other].map(|it| quoted(&self.thing(it)));
        let (things, rows) = (things.join(" and "), conditions.join(" and of those where "));
        match plan.operation {
            Operation::Difference => {
                format!("the difference between {column} of the rows where {rows}")
            }
            Operation::CountDifference => {
                format!("the difference between the number of rows where {rows}")
            }
            Operation::MoreLess => {
                let named = self.named_first(one, other);
                let conditions = named.map(|it| self.condition_text(self.predicate(it)));
                let [first, second] = conditions;
                format!("how {column} where {first} compares with that where {second}")
            }
            Operation::WhetherMore | Operation::WhetherLess => {
                let named = self.named_first(one, other);
                let [first, second] = named.map(|it| self.condition_text(self.predicate(it)));
                let is_more = plan.operation == Operation::WhetherMore;
                let more = if is_more { "more" } else { "less" };
                format!("whether {column} where {first} is {more} than where {second}")
            }
            Operation::ChooseMax => format!("the one of {things} with the larger {by}"),
            Operation::ChooseMin => format!("the one of {things} with the smaller {by}"),
            Operation::ChooseCount => format!("the one of {things} with more rows"),
            Operation::ChooseFirst => format!("the one of {things} whose row is first"),
            _ => format!("the one of {things} whose row is last"),
        }
    }

    /// The size of the groups that are asked for.
    fn count_text(&self) -> String {
        match self.question.group_size() {
            Some((Test::Greater, size)) => format!("more than {size}"),
            Some((Test::Less, size)) => format!("less than {size}"),
            Some((Test::AtLeast, size)) => format!("at least {size}"),
            Some((Test::AtMost, size)) => format!("at most {size}"),
            Some((_, size)) => size.to_string(),
            None => String::new(),
        }
    }

    /// The two predicates in the order of the question.
    pub(super) fn named_first(&self, one: usize, other: usize) -> [usize; 2] {
        let is_in_order = self.predicate(one).from < self.predicate(other).from;
        if is_in_order { [one, other] } else { [other, one] }
    }

    /// Which rows there are, after the word for them; nothing where they are all.
    fn filter(&self, rows: Rows) -> String {
        let condition = |at: usize| self.condition_text(self.predicate(at));
        match rows {
            Rows::All => String::new(),
            Rows::One(one) => format!(" where {}", condition(one)),
            Rows::And(one, other) => format!(" where {} and {}", condition(one), condition(other)),
            Rows::Or(one, other) => format!(" where {} or {}", condition(one), condition(other)),
            Rows::Not(one) => format!(" except those where {}", condition(one)),
            Rows::AndNot(one, other) => {
                format!(" where {}, but not {}", condition(one), condition(other))
            }
            Rows::And3(three) => format!(" where {}", three.map(condition).join(" and ")),
            Rows::Or3(three) => format!(" where {}", three.map(condition).join(" or ")),
            Rows::EitherAnd([one, other, third]) => format!(
                " where {} or {}, and {}",
                condition(one),
                condition(other),
                condition(third)
            ),
            Rows::Top { by, is_max, top } => {
                let [largest, smallest] = self.superlatives(by);
                match by {
                    Some(_) => {
                        let most = if is_max { largest } else { smallest };
                        format!(" among the {} with the {most} {}", top.count, self.name(by))
                    }
                    None => {
                        let place = if is_max { "last" } else { "first" };
                        format!(" among the {place} {}", top.count)
                    }
                }
            }
            Rows::Beyond { predicate, by, is_more } => {
                let more = if is_more { "more" } else { "less" };
                let (by, own) = (self.name(Some(by)), condition(predicate));
                format!(" where {by} is {more} than where {own}")
            }
        }
    }

    fn condition_text(&self, predicate: &Predicate) -> String {
        let column = self.name(Some(predicate.column));
        let is_date = matches!(predicate.operand, Operand::Date(_));
        let is_number = self.view.columns[predicate.column].kind == ColumnKind::Number;
        let is_year = matches!(predicate.operand, Operand::Number(_) | Operand::Range(..));
        let column = if is_year && !is_number { format!("the year of {column}") } else { column };
        let value = match predicate.operand {
            Operand::Number(number) => number.to_string(),
            Operand::Range(first, last) if predicate.test == Test::Decade => {
                format!("from {first} to {}", last - 1.0)
            }
            Operand::Range(first, last) => format!("from {first} to {last}"),
            Operand::Date(date) => date_text(date),
            Operand::Words | Operand::Nothing => String::new(),
        };
        match predicate.test {
            Test::Exact => format!("{column} is {}", self.listed(predicate)),
            Test::Contains => format!("{column} contains {}", quoted(&self.words_of(predicate))),
            Test::Starts => format!("{column} begins with {}", quoted(self.letters_of(predicate))),
            Test::Empty => format!("{column} is empty"),
            Test::Greater if is_date => format!("{column} is after {value}"),
            Test::Less if is_date => format!("{column} is before {value}"),
            Test::AtLeast if is_date => format!("{column} is {value} or later"),
            Test::AtMost if is_date => format!("{column} is {value} or earlier"),
            Test::Greater => format!("{column} is more than {value}"),
            Test::Less => format!("{column} is less than {value}"),
            Test::AtLeast => format!("{column} is at least {value}"),
            Test::AtMost => format!("{column} is at most {value}"),
            Test::Decade | Test::Equal | Test::Between => format!("{column} is {value}"),
        }
    }

    /// The cells that are the words of the question.
    fn listed(&self, predicate: &Predicate) -> String {
        let texts = self.texts_of(predicate).unwrap_or_default();
        let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
        if texts.is_empty() { quoted(&self.words_of(predicate)) } else { texts.join(" or ") }
    }

    /// The name of a column, and of the part of its cells.
    fn name(&self, column: Option<usize>) -> String {
        let Some(column) = column.map(|at| &self.view.columns[at]) else { return String::new() };
        let words: Vec<&str> = column.name.split_whitespace().collect();
        let name = match &words[..] {
            [] => "the column without a name".to_owned(),
            words => words.join(" "),
        };
        match column.part {
            Part::Whole | Part::Base => name,
            Part::Inner => format!("{name} in parentheses"),
            Part::Month => format!("month of {name}"),
            Part::Year => format!("year of {name}"),
            Part::Duration => format!("duration of {name}"),
            Part::First => format!("first number of {name}"),
            Part::Second => format!("second number of {name}"),
            Part::Margin => format!("margin of {name}"),
            Part::Sum => format!("sum of both numbers of {name}"),
            Part::Head => format!("{name} before the comma"),
            Part::Tail => format!("{name} after the comma"),
        }
    }

    /// The words for the most and the least of a column.
    fn superlatives(&self, column: Option<usize>) -> [&'static str; 2] {
        match column.map(|at| self.view.columns[at].kind) {
            Some(ColumnKind::Date) => ["latest", "earliest"],
            _ => ["largest", "smallest"],
        }
    }
}

fn is_of_columns(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::ColumnDifference | Operation::ColumnSum | Operation::ChooseColumn
    )
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn date_text(date: Date) -> String {
    let day = date.day.map(|day| day.to_string());
    let month = date.month.and_then(month_name).map(|name| {
        let (first, rest) = name.split_at(1);
        first.to_uppercase() + rest
    });
    let year = date.year.map(|year| year.to_string());
    day.into_iter().chain(month).chain(year).collect::<Vec<_>>().join(" ")
}
