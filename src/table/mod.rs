//! Tables are data: a question about a table is answered from its cells, with counts, sums,
//! comparisons and superlatives.
//!
//! ```text
//! header, rows -> Table: typed columns, derived columns, and the turned table
//!                   |
//! question -> Question: words, numbers, triggers
//!                   |
//!                 Links: the row filters and headers that the question's words mean
//!                   |
//!                 Plan, Answer: each plan of a small grammar, run
//!                   |
//!                 features -> Weights -> probabilities -> TableAnswer, with its SQL
//! ```
//!
//! The method is the floating parser of Pasupat and Liang 2015
//! (<https://arxiv.org/abs/1508.00305>): plans are enumerated, and a log-linear model ranks them.

mod agreement;
mod cell;
mod column;
mod date;
mod explain;
mod part;
mod plan;
mod question;
mod score;
mod spans;
#[cfg(test)]
mod tests;
mod totals;
mod typed;
mod value;
mod view;
mod words;

pub(crate) use cell::Cell;
pub use column::{Column, ColumnKind};
pub(crate) use date::Date;
pub use plan::TableValue;
pub use score::{Candidate, TABLE_CONFIDENCE, TableAnswer, Weights, answer, candidates};
pub(crate) use spans::TableSpans;
pub(crate) use totals::{adds_up, names_total};
pub use typed::ColumnType;
pub(crate) use typed::TypedColumn;
pub(crate) use value::leading_number;
pub(crate) use view::MAX_CELLS;
pub use view::Table;
