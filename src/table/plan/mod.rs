//! Plans: what may be asked of a table, and what it gives.

mod columns;
mod common;
mod enumeration;
mod groups;
mod more_rows;
mod neighbours;
mod pairs;
mod rows;
mod select;
mod superlatives;
mod yes_no;

use std::sync::Arc;

pub(crate) use enumeration::{Found, enumerate};
pub(crate) use pairs::{OPPOSITES, thing_name};
pub(crate) use rows::Rows;

/// A value of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum TableValue {
    /// The text of a cell.
    Text(String),
    /// A number that was computed.
    Number(f64),
}

/// What is done with the rows. The numbers are those of features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    /// The cells of a column.
    Select = 0,
    /// The number of rows.
    Count = 1,
    /// The number of different cells.
    CountDistinct = 2,
    /// The cells of the rows with the largest, or the smallest, value of another column.
    ArgMax = 3,
    ArgMin = 4,
    /// The cell of the first row, or of the last one.
    First = 5,
    Last = 6,
    /// The cell of the row after, or before.
    Next = 7,
    Previous = 8,
    Max = 9,
    Min = 10,
    Sum = 11,
    Mean = 12,
    MostCommon = 13,
    LeastCommon = 14,
    /// The difference of the values of two things.
    Difference = 15,
    /// The difference of their numbers of rows.
    CountDifference = 16,
    /// The one of two things with the larger, or the smaller, value.
    ChooseMax = 17,
    ChooseMin = 18,
    /// The one with more rows.
    ChooseCount = 19,
    /// The cells of other rows with the same value of another column.
    Same = 20,
    /// The difference of the largest and the smallest value.
    Range = 21,
    /// The word that compares the values of two things.
    MoreLess = 22,
    /// The one of two things that comes first, or last.
    ChooseFirst = 23,
    ChooseLast = 24,
    /// The cells of the row whose value is the next larger one, or the next smaller one.
    NextUp = 25,
    NextDown = 26,
    /// The number of items of a cell.
    CountItems = 27,
    /// The years between the two of a cell.
    SpanYears = 28,
    /// As `ArgMax` and `ArgMin`, of the second, third and so on.
    NthMax = 29,
    NthMin = 30,
    /// The number of other rows with the same value of another column.
    CountSame = 31,
    /// Whether there are such rows: yes or no.
    Whether = 32,
    /// Whether the one of two things that is named first has the larger value, or the smaller one.
    WhetherMore = 33,
    WhetherLess = 34,
    /// The difference of two columns of a row, and their sum.
    ColumnDifference = 35,
    ColumnSum = 36,
    /// The one of two columns with the larger value in a row.
    ChooseColumn = 37,
    /// The cells of so many rows, and their number.
    OfCount = 38,
    CountOfCount = 39,
    /// The most rows that follow each other.
    Streak = 40,
    /// The word that compares a value with a number of the question.
    MoreLessNumber = 41,
}

impl Operation {
    /// Whether it is about two things beside each other.
    pub(crate) fn is_of_pair(self) -> bool {
        matches!(
            self,
            Self::Difference
                | Self::CountDifference
                | Self::ChooseMax
                | Self::ChooseMin
                | Self::ChooseCount
                | Self::ChooseFirst
                | Self::ChooseLast
                | Self::MoreLess
                | Self::WhetherMore
                | Self::WhetherLess
        )
    }

    /// Its name, for callers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Select => "select",
            Self::Count => "count",
            Self::CountDistinct => "count distinct",
            Self::ArgMax => "row of maximum",
            Self::ArgMin => "row of minimum",
            Self::First => "first",
            Self::Last => "last",
            Self::Next => "next",
            Self::Previous => "previous",
            Self::Max => "maximum",
            Self::Min => "minimum",
            Self::Sum => "sum",
            Self::Mean => "mean",
            Self::MostCommon => "most common",
            Self::LeastCommon => "least common",
            Self::Difference => "difference",
            Self::CountDifference => "difference of counts",
            Self::ChooseMax => "choice of maximum",
            Self::ChooseMin => "choice of minimum",
            Self::ChooseCount => "choice of count",
            Self::Same => "same",
            Self::Range => "range",
            Self::MoreLess => "comparison",
            Self::ChooseFirst => "choice of first",
            Self::ChooseLast => "choice of last",
            Self::NextUp => "next larger",
            Self::NextDown => "next smaller",
            Self::CountItems => "count of items",
            Self::SpanYears => "span of years",
            Self::NthMax => "row of nth maximum",
            Self::NthMin => "row of nth minimum",
            Self::CountSame => "count of same",
            Self::Whether | Self::WhetherMore | Self::WhetherLess => "yes or no",
            Self::ColumnDifference => "difference of columns",
            Self::ColumnSum => "sum of columns",
            Self::ChooseColumn => "choice of column",
            Self::OfCount => "values of a count",
            Self::CountOfCount => "number of values of a count",
            Self::Streak => "longest streak",
            Self::MoreLessNumber => "comparison with a number",
        }
    }
}

/// What is asked of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) operation: Operation,
    pub(crate) rows: Rows,
    /// The column that the answer is from.
    pub(crate) column: Option<usize>,
    /// The column that orders or groups the rows.
    pub(crate) by: Option<usize>,
}

/// What a plan gives.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) values: Vec<TableValue>,
    /// The rows that it comes from.
    pub(crate) rows: Arc<[usize]>,
}
