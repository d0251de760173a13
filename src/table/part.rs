//! Parts of cells that are columns of their own: the text before a parenthesis, the month of a
//! date, the margin of a score.

use super::cell::Cell;
use super::column::{ColumnKind, is_share};
use super::date::month_name;

/// Cells of a long column that are looked at before the others.
const SAMPLE: usize = 200;
/// The fewest cells with a part, for a column of it.
const MIN_CELLS: usize = 2;
/// Words of the longest name beside a comma.
const MAX_NAME_WORDS: usize = 4;
/// Scores are below it.
const MAX_SCORE: f64 = 1000.0;

/// What a derived column has of another one. The numbers are those of features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// All: the column is not derived.
    Whole = 0,
    /// The text before a parenthesis.
    Base = 1,
    /// The text within a parenthesis.
    Inner = 2,
    /// The month of a date.
    Month = 3,
    /// The year of a date.
    Year = 4,
    /// The years between two.
    Duration = 5,
    /// The first number of a score.
    First = 6,
    /// The second number of a score.
    Second = 7,
    /// The difference of the numbers of a score.
    Margin = 8,
    /// Their sum.
    Sum = 9,
    /// The text before the only comma: the town of "Lyon, France".
    Head = 10,
    /// The text after it.
    Tail = 11,
}

impl Part {
    /// The parts that columns may be derived from.
    pub(crate) const DERIVED: [Self; 11] = [
        Self::Base,
        Self::Inner,
        Self::Month,
        Self::Year,
        Self::Duration,
        Self::First,
        Self::Second,
        Self::Margin,
        Self::Sum,
        Self::Head,
        Self::Tail,
    ];

    /// This part of the cells of a column; none where too few have it.
    pub(crate) fn texts<'a>(
        self,
        kind: ColumnKind,
        cells: impl Iterator<Item = &'a Cell> + Clone,
    ) -> Option<Vec<String>> {
        if matches!(self, Self::Month | Self::Year) && kind != ColumnKind::Date {
            return None;
        }
        // Of a long column, the first cells tell whether it has the part.
        let first = cells.clone().filter(|cell| !cell.is_empty()).take(SAMPLE);
        let (all, with) = first.fold((0, 0), |(all, with), cell| {
            (all + 1, with + usize::from(self.text(cell).is_some()))
        });
        if all == SAMPLE && !is_share(with, 5, all) {
            return None;
        }
        let texts: Vec<Option<String>> = cells.clone().map(|cell| self.text(cell)).collect();
        let count = texts.iter().flatten().count();
        let filled = cells.filter(|cell| !cell.is_empty()).count();
        let is_common = count >= MIN_CELLS && is_share(count, 7, filled);
        is_common.then(|| texts.into_iter().map(Option::unwrap_or_default).collect())
    }

    fn text(self, cell: &Cell) -> Option<String> {
        match self {
            Self::Whole => Some(cell.text.clone()),
            Self::Base => {
                parentheses(&cell.text).map(|(base, _)| base.to_owned()).filter(|it| !it.is_empty())
            }
            Self::Inner => {
                let inner = parentheses(&cell.text).map(|(_, inner)| inner.to_owned());
                inner.filter(|it| !it.is_empty())
            }
            Self::Month => month_name(cell.date?.month?).map(str::to_owned),
            Self::Year => cell.date?.year.map(|year| year.to_string()),
            Self::Duration => cell.two_years().map(|(first, second)| (second - first).to_string()),
            Self::First => score(&cell.text).map(|(first, _)| first.to_string()),
            Self::Second => score(&cell.text).map(|(_, second)| second.to_string()),
            Self::Margin => score(&cell.text).map(|(one, other)| (one - other).abs().to_string()),
            Self::Sum => score(&cell.text).map(|(one, other)| (one + other).to_string()),
            Self::Head => comma(&cell.text).map(|(head, _)| head.to_owned()),
            Self::Tail => comma(&cell.text).map(|(_, tail)| tail.to_owned()),
        }
    }
}

/// What is before a parenthesis, and what is within.
fn parentheses(text: &str) -> Option<(&str, &str)> {
    let (base, rest) = text.split_once('(')?;
    let (inner, _) = rest.split_once(')')?;
    Some((base.trim(), inner.trim()))
}

/// What is before the only comma, and what is after it: names of places, no sentences.
fn comma(text: &str) -> Option<(&str, &str)> {
    let (head, tail) = text.split_once(',')?;
    let (head, tail) = (head.trim(), tail.trim());
    let is_name = |part: &str| {
        part.starts_with(char::is_alphabetic) && part.split_whitespace().count() <= MAX_NAME_WORDS
    };
    (!tail.contains(',') && is_name(head) && is_name(tail)).then_some((head, tail))
}

/// The two numbers of a score: 3–1.
fn score(text: &str) -> Option<(f64, f64)> {
    // Dates and times.
    if text.contains(['/', ':']) {
        return None;
    }
    let mut numbers = text.split(['(', '[', ' ']).next()?.split(['–', '-', '—']);
    let mut next = || numbers.next()?.trim().parse::<f64>().ok();
    let (first, second) = (next()?, next()?);
    let is_score = numbers.next().is_none() && first < MAX_SCORE && second < MAX_SCORE;
    is_score.then_some((first, second))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn part(part: Part, text: &str) -> Option<String> {
        part.text(&Cell::new(text))
    }

    #[test]
    fn a_parenthesis_is_apart() {
        assert_eq!(part(Part::Base, "Paris (France)").as_deref(), Some("Paris"));
        assert_eq!(part(Part::Inner, "Paris (France)").as_deref(), Some("France"));
        assert_eq!(part(Part::Inner, "Paris ()"), None);
        assert_eq!(part(Part::Inner, "12 (3 lost)").as_deref(), Some("3 lost"));
        assert_eq!(part(Part::Base, "(none)"), None);
    }

    #[test]
    fn dates_have_months_and_years() {
        assert_eq!(part(Part::Month, "17 June 1994").as_deref(), Some("june"));
        assert_eq!(part(Part::Year, "17 June 1994").as_deref(), Some("1994"));
        assert_eq!(part(Part::Duration, "1990–1995").as_deref(), Some("5"));
    }

    #[test]
    fn scores_have_two_numbers() {
        let parts = [Part::First, Part::Second, Part::Margin, Part::Sum];
        let of = |text: &str| parts.map(|one| part(one, text).unwrap_or_default());
        assert_eq!(of("2–5 (a.e.t.)"), ["2", "5", "3", "7"]);
        assert_eq!(of("1990–1995"), ["", "", "", ""]);
        assert_eq!(of("1-2-3"), ["", "", "", ""]);
        assert_eq!(of("nan-inf"), ["", "", "", ""]);
    }

    #[test]
    fn a_part_is_a_column_where_most_cells_have_it() {
        let column = |texts: &[&str]| {
            let cells: Vec<Cell> = texts.iter().map(|text| Cell::new(text)).collect();
            Part::First.texts(ColumnKind::Text, cells.iter())
        };
        assert_eq!(column(&["2-1", "3-0", ""]), Some(vec!["2".into(), "3".into(), String::new()]));
        assert_eq!(column(&["2-1", "lost", "won"]), None);
    }
}
