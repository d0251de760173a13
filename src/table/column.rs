//! The columns of a table: of what kind and class their cells are.

use super::cell::Cell;
use super::part::Part;
use super::value::YEARS;
use super::words::stems;

/// Words of headers of columns that number their rows: stems.
const INDEX_WORDS: &[&str] =
    &["#", "no", "rank", "pos", "posit", "game", "id", "lane", "number", "week", "round", "place"];
/// Words of the longest header that is only such a word with its unit.
const MAX_INDEX_WORDS: usize = 2;
/// The largest first number of rows that are numbered.
const MAX_FIRST_INDEX: f64 = 2.0;
/// Bytes of the longest cell that is a year.
const MAX_YEAR_BYTES: usize = 10;

/// A column of a table.
#[derive(Debug)]
pub struct Column {
    /// Its header.
    pub name: String,
    /// What most of its cells are.
    pub kind: ColumnKind,
    /// The stems of its header.
    pub(crate) words: Vec<String>,
    pub(crate) class: ColumnClass,
    /// Different texts of its cells.
    pub(crate) distinct: usize,
    /// Cells that are not empty.
    pub(crate) filled: usize,
    /// What part of another column it is, and of which.
    pub(crate) part: Part,
    pub(crate) origin: usize,
}

/// What most cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Numbers, maybe with units.
    Number,
    /// Dates with a month.
    Date,
    /// Anything else.
    Text,
}

impl ColumnKind {
    /// Its name: "number", "date" or "text".
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Date => "date",
            Self::Text => "text",
        }
    }
}

/// What numbers of a column mean. The numbers are those of features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnClass {
    Amount = 0,
    Date = 1,
    Text = 2,
    /// Numbers of rows, or ranks.
    Index = 3,
    Year = 4,
}

impl Column {
    /// The column with this header. `cells` are those of rows that sum up no others.
    pub(crate) fn new<'a>(
        name: &str,
        part: Part,
        origin: usize,
        cells: impl Iterator<Item = &'a Cell>,
    ) -> Self {
        let cells: Vec<&Cell> = cells.filter(|cell| !cell.is_empty()).collect();
        let kind = if part == Part::Month { kind_of_months(&cells) } else { kind_of(&cells) };
        let mut texts: Vec<&str> = cells.iter().map(|cell| cell.text.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        let words = stems(name);
        let class = match kind {
            ColumnKind::Number if are_years(&cells) => ColumnClass::Year,
            ColumnKind::Number if is_index(&words, &cells) => ColumnClass::Index,
            ColumnKind::Number => ColumnClass::Amount,
            ColumnKind::Date => ColumnClass::Date,
            ColumnKind::Text => ColumnClass::Text,
        };
        let name = name.to_owned();
        let (distinct, filled) = (texts.len(), cells.len());
        Self { name, kind, words, class, distinct, filled, part, origin }
    }
}

/// Whether a count is at least so many tenths of all.
pub(crate) fn is_share(count: usize, tenths: usize, all: usize) -> bool {
    count * 10 >= all * tenths
}

fn kind_of(cells: &[&Cell]) -> ColumnKind {
    let has_month = |cell: &&&Cell| cell.date.is_some_and(|date| date.month.is_some());
    let dates = cells.iter().filter(has_month).count();
    if !cells.is_empty() && is_share(dates, 7, cells.len()) {
        return ColumnKind::Date;
    }
    kind_of_months(cells)
}

/// The kind of cells that are no dates: names of months are texts.
fn kind_of_months(cells: &[&Cell]) -> ColumnKind {
    let numbers = cells.iter().filter(|cell| cell.number.is_some()).count();
    let is_number = !cells.is_empty() && is_share(numbers, 7, cells.len());
    if is_number { ColumnKind::Number } else { ColumnKind::Text }
}

fn are_years(cells: &[&Cell]) -> bool {
    let numbers = || cells.iter().filter_map(|cell| cell.number);
    let years = numbers().filter(|number| YEARS.contains(number)).count();
    let short = cells.iter().filter(|cell| cell.text.len() <= MAX_YEAR_BYTES).count();
    is_share(years, 9, numbers().count()) && is_share(short, 8, cells.len())
}

/// Whether numbers are those of rows: by the header, or because each is one more than that before.
fn is_index(words: &[String], cells: &[&Cell]) -> bool {
    let is_index_word = |word: &String| INDEX_WORDS.contains(&word.as_str());
    if words.first().is_some_and(is_index_word) && words.len() <= MAX_INDEX_WORDS {
        return true;
    }
    let numbers: Vec<f64> = cells.iter().filter_map(|cell| cell.number).collect();
    let Some(&first) = numbers.first() else { return false };
    let steps = || numbers.windows(2).map(|pair| pair[1] - pair[0]);
    let even = steps().filter(|step| *step == 1.0 || *step == 0.0).count();
    numbers.len() > 2
        && is_share(even, 9, numbers.len() - 1)
        && first <= MAX_FIRST_INDEX
        && steps().any(|step| step != 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn column(name: &str, cells: &[&str]) -> Column {
        let cells: Vec<Cell> = cells.iter().map(|text| Cell::new(text)).collect();
        Column::new(name, Part::Whole, 0, cells.iter())
    }

    #[test]
    fn a_column_is_of_the_kind_of_most_of_its_cells() {
        assert_eq!(column("Goals", &["3", "4", "9 (2)", "none"]).kind, ColumnKind::Number);
        assert_eq!(column("Goals", &["3", "4", "some", "none"]).kind, ColumnKind::Text);
        assert_eq!(column("Day", &["3 May 1990", "4 May 1991"]).kind, ColumnKind::Date);
        assert_eq!(column("Name", &["", ""]).kind, ColumnKind::Text);
    }

    #[test]
    fn numbers_are_amounts_years_or_numbers_of_rows() {
        assert_eq!(column("Goals", &["3", "9", "4"]).class, ColumnClass::Amount);
        assert_eq!(column("Goals", &["1", "2", "3"]).class, ColumnClass::Index);
        assert_eq!(column("Rank", &["3", "9", "4"]).class, ColumnClass::Index);
        assert_eq!(column("Season", &["1990", "1991", "1995"]).class, ColumnClass::Year);
    }

    #[test]
    fn a_column_counts_its_texts() {
        let column = column("Name", &["a", "b", "a", ""]);
        assert_eq!((column.distinct, column.filled), (2, 3));
    }
}
