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
mod document;
mod explain;
mod part;
mod plan;
mod question;
mod score;
#[cfg(test)]
mod tests;
mod value;
mod view;
mod words;

pub use column::{Column, ColumnKind};
pub use document::{DocumentTable, tables_of};
pub use plan::TableValue;
pub use score::{Candidate, TABLE_CONFIDENCE, TableAnswer, Weights, answer, candidates};
pub use view::Table;
