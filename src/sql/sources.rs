//! A query -> the same query with the rows of tables that each of its rows is from.
//!
//! To the columns of the result, the number of the row of each table is added; where rows are grouped, the
//! numbers of all of them (by an aggregate of our own). Of a lone `MIN` or `MAX`, SQLite's bare column is the row that
//! has it (<https://sqlite.org/lang_select.html#bareagg>).

use std::fmt;
use std::rc::Rc;

use sqlite3_parser::ast::fmt::ToTokens;
use sqlite3_parser::ast::{
    As, Cmd, Distinctness, Expr, FromClause, JoinConstraint, JoinOperator, JoinType, OneSelect,
    ResultColumn, Select, SelectTable, Stmt, WindowDef,
};
use sqlite3_parser::lexer::sql::Parser;
use sqlite3_parser::{Bump, FallibleIterator};

use super::expressions::{Parts, is_same, unquoted};
use super::functions::ROWS;
use super::limits::has_limit_with_comma;
use super::request::RowSource;
use crate::sql_value::identifier;

/// The most numbers of rows that are told of one row of a result.
pub(super) const MAX_ROWS: usize = 1_000;
/// A name of the number of a row. No column has it.
const ROW_NUMBER: &str = "_rowid_";

/// A query with its sources.
pub(super) struct Sourced {
    pub(super) sql: String,
    /// What the columns tell that were added after those of the query.
    pub(super) added: Vec<Added>,
}

/// A table that a query reads.
pub(super) struct Added {
    table: String,
    columns: Rc<[String]>,
}

impl Added {
    /// Rows of the table: how many, and the numbers of the first of them, counted from 1.
    pub(super) fn source(&self, row_count: u32, numbers: &[u32]) -> RowSource {
        let rows = numbers.iter().map(|number| number.saturating_sub(1)).collect();
        let (table, columns) = (self.table.clone(), self.columns.clone());
        RowSource { table, rows, row_count, columns }
    }
}

/// The query with its sources; `None` where they cannot be told: for `UNION`, common table expressions, nested
/// queries in `FROM` or among the columns, and the like. `tables` are the names of tables, each with those of its columns.
pub(super) fn with_sources(sql: &str, tables: &[(&str, &[String])]) -> Option<Sourced> {
    if has_limit_with_comma(sql) {
        return None;
    }
    let bump = Bump::new();
    let command = parse(sql, &bump)?;
    let query = Parsed::of(&command)?;
    let read = query.tables(tables)?;
    let grouping = query.grouping()?;
    let sql = query.written(&read, &grouping);
    // The query that is run is the one that was meant: what was written must be parsed as the same.
    let again = parse(&sql, &bump)?;
    let is_same = Parsed::of(&again).is_some_and(|again| again.is_more_of(&query, &grouping));
    is_same.then(|| {
        let added = read.iter().map(|table| Added {
            table: table.name.to_owned(),
            columns: query.columns_of(table, &read).into(),
        });
        Sourced { added: added.collect(), sql }
    })
}

fn parse<'bump>(sql: &str, bump: &'bump Bump) -> Option<Cmd<'bump>> {
    let sql = bump.alloc_str(sql);
    Parser::new(bump, sql.as_bytes()).next().ok().flatten()
}

/// A query of one `SELECT`, with its parts.
struct Parsed<'a> {
    select: &'a Select<'a>,
    distinctness: Option<Distinctness>,
    columns: &'a [ResultColumn<'a>],
    from: &'a FromClause<'a>,
    where_clause: Option<&'a Expr<'a>>,
    group_by: Option<&'a [Expr<'a>]>,
    having: Option<&'a Expr<'a>>,
    windows: Option<&'a [WindowDef<'a>]>,
}

/// A table that stands in `FROM`.
struct ReadTable<'t> {
    name: &'t str,
    columns: &'t [String],
    /// What the query calls it.
    alias: String,
}

impl ReadTable<'_> {
    /// The column that is the number of a row.
    fn row_number(&self) -> String {
        format!("{}.{ROW_NUMBER}", identifier(&self.alias))
    }
}

/// How rows of tables become rows of the result.
#[derive(PartialEq, Eq)]
enum Grouping {
    /// One of each table makes one.
    None,
    /// Many make one.
    Many,
    /// Many make one, which has the value of one of them.
    OneOfMany,
    /// Those that are alike make one.
    Alike,
}

impl<'a> Parsed<'a> {
    fn of(command: &'a Cmd<'a>) -> Option<Self> {
        let Cmd::Stmt(Stmt::Select(select)) = command else { return None };
        let OneSelect::Select {
            distinctness,
            columns,
            from,
            where_clause,
            group_by,
            having,
            window_clause,
        } = &select.body.select
        else {
            return None;
        };
        let is_single = select.body.compounds.is_none() && select.with.is_none();
        Some(Self {
            select,
            distinctness: *distinctness,
            columns,
            from: from.as_ref().filter(|_| is_single)?,
            where_clause: *where_clause,
            group_by: *group_by,
            having: *having,
            windows: *window_clause,
        })
    }

    /// The tables in `FROM`; none where something else stands there too.
    fn tables<'t>(&self, known: &[(&'t str, &'t [String])]) -> Option<Vec<ReadTable<'t>>> {
        let joins = self.from.joins.iter().flatten().map(|join| &join.table);
        let read = |table: &SelectTable<'_>| {
            let SelectTable::Table(name, alias, _) = table else { return None };
            let plain = unquoted(name.name.0);
            let (name, columns) = known.iter().find(|(known, _)| is_same(known, &plain))?;
            let alias = match alias {
                Some(As::As(alias) | As::Elided(alias)) => unquoted(alias.0),
                None => plain,
            };
            Some(ReadTable { name, columns, alias })
        };
        self.from.select.into_iter().chain(joins).map(read).collect()
    }

    /// How rows become rows of the result; none where that is not simple.
    fn grouping(&self) -> Option<Grouping> {
        let parts = Parts::of_columns(self.columns);
        let is_distinct = self.distinctness == Some(Distinctness::Distinct);
        let is_grouped = self.group_by.is_some() || !parts.aggregates.is_empty();
        let ordered = self.select.order_by.unwrap_or_default().iter().map(|it| &it.expr);
        let elsewhere = Parts::of_all(self.having.into_iter().chain(ordered));
        // SQLite takes the row of the last extreme that it computes.
        let is_of_one = matches!(&parts.aggregates[..], [one] if one == "min" || one == "max")
            && elsewhere.aggregates.is_empty();
        // Which rows come before a limit is certain only where rows of one table are read, one after the other.
        let is_certain = self.select.limit.is_none() || self.from.joins.is_none();
        match (is_distinct, is_grouped) {
            // Their rows are others than those of the tables that are known.
            _ if parts.has_query => None,
            (true, true) => None,
            (true, false) if !is_certain => None,
            (true, false) if parts.has_star || parts.has_windows => None,
            (_, true) if parts.has_windows => None,
            (true, false) => Some(Grouping::Alike),
            (false, true) if is_of_one => Some(Grouping::OneOfMany),
            (false, true) => Some(Grouping::Many),
            (false, false) => Some(Grouping::None),
        }
    }

    /// The query with the columns that tell of the rows of these tables.
    fn written(&self, tables: &[ReadTable<'_>], grouping: &Grouping) -> String {
        let added = tables.iter().map(|table| {
            let number = table.row_number();
            match grouping {
                Grouping::None | Grouping::OneOfMany => number,
                Grouping::Many | Grouping::Alike => format!("{ROWS}({number})"),
            }
        });
        let columns = self.columns.iter().map(|column| Written(column).to_string());
        let columns: Vec<String> = columns.chain(added).collect();
        let mut sql = format!("SELECT {} FROM {}", columns.join(", "), Written(self.from));
        let mut add = |keyword: &str, part: Option<String>| {
            sql.extend(part.map(|part| format!(" {keyword} {part}")));
        };
        let places: Vec<String> = (1..=self.columns.len()).map(|at| at.to_string()).collect();
        let alike = (*grouping == Grouping::Alike).then(|| places.join(", "));
        // Groups are sorted by their values. Rows that are alike come where the first of them was found.
        let found = tables.iter().map(|table| format!("min({})", table.row_number()));
        let found = alike.is_some().then(|| found.collect::<Vec<_>>().join(", "));
        let order: Vec<String> = self.select.order_by.map(list).into_iter().chain(found).collect();
        add("WHERE", self.where_clause.map(|it| Written(it).to_string()));
        add("GROUP BY", self.group_by.map(list).or(alike));
        add("HAVING", self.having.map(|it| Written(it).to_string()));
        add("WINDOW", self.windows.map(list));
        add("ORDER BY", Some(order.join(", ")).filter(|order| !order.is_empty()));
        // It writes its keyword itself.
        add("", self.select.limit.map(|it| Written(it).to_string()));
        sql
    }

    /// Whether this is `other` with more columns.
    fn is_more_of(&self, other: &Self, grouping: &Grouping) -> bool {
        let order = |query: &Self| query.select.order_by.unwrap_or_default();
        let (order, other_order) = (order(self), order(other));
        let has_groups = match grouping {
            Grouping::Alike => {
                self.group_by.is_some_and(|by| by.len() == other.columns.len())
                    && order.starts_with(other_order)
            }
            _ => {
                self.group_by == other.group_by
                    && self.distinctness == other.distinctness
                    && order == other_order
            }
        };
        has_groups
            && self.columns.starts_with(other.columns)
            && self.from == other.from
            && self.where_clause == other.where_clause
            && self.having == other.having
            && self.windows == other.windows
            && self.select.limit == other.select.limit
    }

    /// The columns of a table that the result is made of; where it is made of none, those of the conditions.
    fn columns_of(&self, table: &ReadTable<'_>, read: &[ReadTable<'_>]) -> Vec<String> {
        let of_result = Parts::of_columns(self.columns);
        if of_result.has_star {
            return table.columns.to_vec();
        }
        let shared = self.shared(read);
        let is_shared = |name: &str| shared.iter().any(|shared| is_same(shared, name));
        let is_in_no_other = |name: &str| {
            let others = read.iter().filter(|other| other.alias != table.alias);
            !others.flat_map(|other| other.columns).any(|column| is_same(column, name))
        };
        let is_read = |column: &str, parts: &Parts| {
            parts.names.iter().any(|(qualifier, name)| {
                is_same(name, column)
                    && match qualifier {
                        Some(qualifier) => is_same(qualifier, &table.alias),
                        None => is_shared(name) || is_in_no_other(name),
                    }
            })
        };
        let chosen = |parts: &Parts| -> Vec<String> {
            table.columns.iter().filter(|column| is_read(column, parts)).cloned().collect()
        };
        let columns = chosen(&of_result);
        if columns.is_empty() { chosen(&self.conditions(&shared)) } else { columns }
    }

    /// The parts of `WHERE`, of `ON` and of `USING`.
    fn conditions(&self, shared: &[String]) -> Parts {
        let of_joins = self.from.joins.iter().flatten().filter_map(|join| match &join.constraint {
            Some(JoinConstraint::On(condition)) => Some(condition),
            _ => None,
        });
        let mut parts = Parts::of_all(of_joins.chain(self.where_clause));
        parts.names.extend(shared.iter().map(|name| (None, name.clone())));
        parts
    }

    /// The columns that tables are joined by because they are called the same.
    fn shared(&self, read: &[ReadTable<'_>]) -> Vec<String> {
        let mut shared = Vec::new();
        for join in self.from.joins.iter().flatten() {
            if let Some(JoinConstraint::Using(names)) = &join.constraint {
                shared.extend(names.iter().map(|name| unquoted(name.0)));
            }
            if matches!(join.operator, JoinOperator::TypedJoin(Some(kind)) if kind.contains(JoinType::NATURAL))
            {
                let columns = read.iter().flat_map(|table| table.columns);
                let is_of_many = |column: &&String| {
                    let has = |table: &&ReadTable<'_>| {
                        table.columns.iter().any(|other| is_same(other, column))
                    };
                    read.iter().filter(has).count() > 1
                };
                shared.extend(columns.filter(is_of_many).cloned());
            }
        }
        shared
    }
}

/// A part of a query as it is written.
struct Written<'a, T: ?Sized>(&'a T);

impl<T: ToTokens + ?Sized> fmt::Display for Written<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.to_fmt(f)
    }
}

fn list(parts: &[impl ToTokens]) -> String {
    parts.iter().map(|part| Written(part).to_string()).collect::<Vec<_>>().join(", ")
}
