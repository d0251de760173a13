//! What an expression of SQL is made of.

use sqlite3_parser::ast::{Expr, FunctionTail, ResultColumn};

/// Functions of SQLite that make one value of many rows, whatever they are given.
const AGGREGATES: [&str; 14] = [
    "avg",
    "count",
    "group_concat",
    "json_group_array",
    "json_group_object",
    "jsonb_group_array",
    "jsonb_group_object",
    "median",
    "percentile",
    "percentile_cont",
    "percentile_disc",
    "string_agg",
    "sum",
    "total",
];

/// Parts of expressions, without those of queries within them.
#[derive(Default)]
pub(super) struct Parts {
    /// The functions that make one value of many rows, in lower case.
    pub(super) aggregates: Vec<String>,
    /// The names of columns, with those of their tables where these are written.
    pub(super) names: Vec<(Option<String>, String)>,
    /// Whether a function looks at other rows by `OVER`.
    pub(super) has_windows: bool,
    /// Whether a query is within.
    pub(super) has_query: bool,
    /// Whether all columns of a table are meant.
    pub(super) has_star: bool,
}

impl Parts {
    /// The parts of the columns of a result.
    pub(super) fn of_columns(columns: &[ResultColumn<'_>]) -> Self {
        let mut parts = Self::default();
        for column in columns {
            match column {
                ResultColumn::Expr(expression, _) => parts.add(expression),
                ResultColumn::Star | ResultColumn::TableStar(_) => parts.has_star = true,
            }
        }
        parts
    }

    /// The parts of some expressions.
    pub(super) fn of_all<'a, 'b: 'a>(expressions: impl Iterator<Item = &'a Expr<'b>>) -> Self {
        let mut parts = Self::default();
        parts.add_each(expressions);
        parts
    }

    fn add(&mut self, expression: &Expr<'_>) {
        match expression {
            Expr::Id(name) => self.names.push((None, unquoted(name.0))),
            Expr::Name(name) => self.names.push((None, unquoted(name.0))),
            Expr::Qualified(table, name) | Expr::DoublyQualified(_, table, name) => {
                self.names.push((Some(unquoted(table.0)), unquoted(name.0)));
            }
            Expr::FunctionCall { name, args, filter_over, .. } => {
                let arguments = args.unwrap_or_default();
                self.add_function(&unquoted(name.0), arguments.len(), filter_over.as_ref());
                self.add_all(arguments);
            }
            Expr::FunctionCallStar { name, filter_over } => {
                self.add_function(&unquoted(name.0), 0, filter_over.as_ref());
            }
            Expr::Between { lhs, start, end, .. } => self.add_each([*lhs, *start, *end]),
            Expr::Binary(left, _, right) => self.add_each([*left, *right]),
            Expr::Case { base, when_then_pairs, else_expr } => {
                self.add_each(base.iter().chain(else_expr).copied());
                for (condition, result) in *when_then_pairs {
                    self.add_each([condition, result]);
                }
            }
            Expr::Cast { expr, .. } => self.add(expr),
            Expr::Collate(inner, _) | Expr::IsNull(inner) | Expr::NotNull(inner) => self.add(inner),
            Expr::Unary(_, inner) => self.add(inner),
            Expr::InList { lhs, rhs, .. } => {
                self.add(lhs);
                self.add_all(rhs.unwrap_or_default());
            }
            Expr::InSelect { lhs, .. } | Expr::InTable { lhs, .. } => {
                self.has_query = true;
                self.add(lhs);
            }
            Expr::Like { lhs, rhs, escape, .. } => {
                self.add_each([*lhs, *rhs]);
                self.add_each(*escape);
            }
            Expr::Parenthesized(inner) => self.add_all(inner),
            Expr::Exists(_) | Expr::Subquery(_) => self.has_query = true,
            Expr::Literal(_) | Expr::Raise(..) | Expr::Variable(_) => {}
        }
    }

    fn add_all(&mut self, expressions: &[Expr<'_>]) {
        self.add_each(expressions);
    }

    fn add_each<'a, 'b: 'a>(&mut self, expressions: impl IntoIterator<Item = &'a Expr<'b>>) {
        expressions.into_iter().for_each(|expression| self.add(expression));
    }

    fn add_function(&mut self, name: &str, arguments: usize, tail: Option<&FunctionTail<'_>>) {
        let name = name.to_lowercase();
        let is_window = tail.is_some_and(|tail| tail.over_clause.is_some());
        self.has_windows |= is_window;
        // With several arguments, the least or the greatest of them.
        let is_extreme = matches!(name.as_str(), "min" | "max") && arguments == 1;
        if !is_window && (is_extreme || AGGREGATES.contains(&name.as_str())) {
            self.aggregates.push(name);
        }
        if let Some(condition) = tail.and_then(|tail| tail.filter_clause) {
            self.add(condition);
        }
    }
}

/// Whether SQL takes two names for the same.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// A name without its quotes.
pub(super) fn unquoted(name: &str) -> String {
    let inner = |open: char, close: char| name.strip_prefix(open)?.strip_suffix(close);
    match (inner('"', '"'), inner('`', '`'), inner('[', ']'), inner('\'', '\'')) {
        (Some(inner), ..) => inner.replace("\"\"", "\""),
        (_, Some(inner), ..) => inner.replace("``", "`"),
        (_, _, Some(inner), _) => inner.to_owned(),
        (.., Some(inner)) => inner.replace("''", "'"),
        _ => name.to_owned(),
    }
}
