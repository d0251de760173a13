//! The type of a column, by its cells, and their values.

mod dates;
mod numbers;

use std::borrow::Cow;

use serde::Serialize;

use crate::sql_value::{CellValue, SqlType, SqlValue};
use dates::{DayOrder, WrittenDate};
use numbers::{DecimalMark, Written};

/// What stands in cells that have no number and no date.
const MISSING: [&str; 10] = ["", "-", "–", "—", "N/A", "n/a", "NA", "null", "NULL", "?"];
/// The most bytes of one of them.
const MAX_MISSING_BYTES: usize = 4;
/// Of ten cells, so many must be of the type.
const TENTHS_OF_TYPE: usize = 9;
/// The most characters of a unit in a header.
const MAX_UNIT_CHARS: usize = 12;
/// Different units of numbers: one, and none.
const MAX_UNITS: usize = 2;
/// Texts of the two values of a yes-or-no column.
const BOOLEANS: [(&str, &str); 6] =
    [("true", "false"), ("yes", "no"), ("y", "n"), ("ja", "nein"), ("oui", "non"), ("sí", "no")];

/// What most cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// Whole numbers.
    Integer,
    /// Numbers.
    Decimal,
    /// Numbers of one currency.
    Money,
    /// Numbers with "%": the value of "12.5 %" is 12.5.
    Percent,
    /// Days, or points in time.
    Date,
    /// Yes or no: 1 or 0.
    Boolean,
    /// Anything else.
    Text,
}

impl ColumnType {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Money => "money",
            Self::Percent => "percent",
            Self::Date => "date",
            Self::Boolean => "boolean",
            Self::Text => "text",
        }
    }
}

/// A column: its type, and how its cells are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypedColumn {
    pub(crate) kind: ColumnType,
    /// The unit that its numbers have; empty without one.
    pub(crate) unit: String,
    reading: Reading,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// The mark before decimals, and whether brackets around a number mean minus.
    Numbers(DecimalMark, bool),
    Dates(DayOrder),
    /// The texts of yes and no.
    Booleans(&'static str, &'static str),
    Texts,
}

impl TypedColumn {
    /// The column with this header and these cells.
    pub(crate) fn of<'a>(header: &str, cells: impl Iterator<Item = &'a str> + Clone) -> Self {
        let filled = || cells.clone().map(str::trim).filter(|cell| !is_missing(cell));
        numbers(header, filled).or_else(|| dates(filled)).or_else(|| booleans(filled)).unwrap_or(
            Self { kind: ColumnType::Text, unit: String::new(), reading: Reading::Texts },
        )
    }

    /// How SQLite stores its values.
    pub(crate) fn declared(&self) -> SqlType {
        match self.kind {
            ColumnType::Integer | ColumnType::Boolean => SqlType::Integer,
            ColumnType::Decimal | ColumnType::Money | ColumnType::Percent => SqlType::Real,
            ColumnType::Date | ColumnType::Text => SqlType::Text,
        }
    }

    /// The number that a cell of a column of numbers is.
    pub(crate) fn number(&self, cell: &str) -> Option<f64> {
        let Reading::Numbers(..) = self.reading else { return None };
        match self.cell_value(cell) {
            CellValue::Integer(number) => Some(number as f64),
            CellValue::Real(number) => Some(number),
            CellValue::Null | CellValue::Text(_) => None,
        }
    }

    /// The value of a cell. One that is not of the column's type stays a text.
    pub(crate) fn value(&self, cell: &str) -> SqlValue {
        self.cell_value(cell).into()
    }

    /// The same, without copying what is a text as it stands.
    pub(crate) fn cell_value<'c>(&self, cell: &'c str) -> CellValue<'c> {
        let cell = cell.trim();
        if cell.is_empty() || self.kind != ColumnType::Text && is_missing(cell) {
            return CellValue::Null;
        }
        let value = match self.reading {
            Reading::Numbers(mark, in_brackets) => {
                number(cell, in_brackets).and_then(|it| it.value(mark))
            }
            Reading::Dates(order) => date(cell, order).map(CellValue::Text),
            Reading::Booleans(yes, _) if is_like(cell, yes) => Some(CellValue::Integer(1)),
            Reading::Booleans(_, no) if is_like(cell, no) => Some(CellValue::Integer(0)),
            _ => None,
        };
        value.unwrap_or(CellValue::Text(Cow::Borrowed(cell)))
    }
}

/// Whether a cell has no number and no date.
fn is_missing(cell: &str) -> bool {
    // Most cells are known by a look at them.
    let may_be = cell.len() <= MAX_MISSING_BYTES && !cell.starts_with(|c: char| c.is_ascii_digit());
    may_be && MISSING.contains(&cell)
}

/// The date that a cell is, as SQLite compares it.
fn date(cell: &str, order: DayOrder) -> Option<Cow<'_, str>> {
    match dates::is_iso_day(cell) {
        true => Some(Cow::Borrowed(cell)),
        false => WrittenDate::parse(cell)?.text(order).map(Cow::Owned),
    }
}

fn is_share(count: usize, all: usize) -> bool {
    all > 0 && count * 10 >= all * TENTHS_OF_TYPE
}

/// The number that a cell is. Brackets without a currency mean minus only in some columns.
fn number(cell: &str, in_brackets: bool) -> Option<Written<'_>> {
    Written::parse(cell).filter(|it| in_brackets || !it.has_open_brackets())
}

/// The column of numbers that the cells are.
fn numbers<'a, Cells: Iterator<Item = &'a str>>(
    header: &str,
    cells: impl Fn() -> Cells,
) -> Option<TypedColumn> {
    let (mut all, mut points, mut commas) = (0, 0, 0);
    let mut units: Vec<&str> = Vec::new();
    let (mut count, mut open_brackets, mut in_brackets) = (0, 0, false);
    for cell in cells() {
        all += 1;
        let Some(written) = Written::parse(cell) else {
            // Texts need no more looks.
            if all - count > 100 && !is_share(count, all) {
                return None;
            }
            continue;
        };
        if written.is_name() {
            return None;
        }
        count += 1;
        open_brackets += usize::from(written.has_open_brackets());
        in_brackets |= written.is_amount();
        match written.only_mark() {
            Some(DecimalMark::Point) => points += 1,
            Some(_) => commas += 1,
            None => {}
        }
        let is_known = units.last() == Some(&written.unit) || units.contains(&written.unit);
        if !written.has_open_brackets() && !is_known {
            units.push(written.unit);
        }
        if units.len() > MAX_UNITS {
            return None;
        }
    }
    if !in_brackets {
        count -= open_brackets;
    }
    let number = |cell: &'a str| number(cell, in_brackets);
    let mark = match (points > 0, commas > 0) {
        (true, true) => DecimalMark::Mixed,
        (false, true) => DecimalMark::Comma,
        _ => DecimalMark::Point,
    };
    let named = || units.iter().copied().filter(|unit| !unit.is_empty());
    // Miles and kilometres in one column cannot be added.
    if !is_share(count, all) || named().count() > 1 {
        return None;
    }
    let unit = named().next();
    let mut values = cells().filter_map(number).filter_map(|it| it.value(mark));
    let is_whole = values.all(|value| matches!(value, CellValue::Integer(_)));
    let is_money = unit
        .is_some_and(|unit| cells().filter_map(number).any(|it| it.unit == unit && it.is_money()));
    let kind = match unit {
        Some("%") => ColumnType::Percent,
        Some(_) if is_money => ColumnType::Money,
        _ if is_whole => ColumnType::Integer,
        _ => ColumnType::Decimal,
    };
    let unit = unit.map_or_else(|| unit_of_header(header), str::to_owned);
    Some(TypedColumn { kind, unit, reading: Reading::Numbers(mark, in_brackets) })
}

/// The unit in the brackets at the end of a header: "Distance (km)".
fn unit_of_header(header: &str) -> String {
    let header = header.trim();
    let inner = |open: char, close: char| header.strip_suffix(close)?.rsplit_once(open);
    let inner = inner('(', ')').or_else(|| inner('[', ']')).map(|(_, inner)| inner.trim());
    let is_unit = |unit: &&str| {
        unit.chars().count() <= MAX_UNIT_CHARS
            && !unit.contains(|c: char| c.is_ascii_digit() || c.is_whitespace())
    };
    inner.filter(is_unit).unwrap_or_default().to_owned()
}

/// The column of dates that the cells are.
fn dates<'a, Cells: Iterator<Item = &'a str>>(cells: impl Fn() -> Cells) -> Option<TypedColumn> {
    let (mut all, mut count, mut day_first, mut month_first, mut slashes) = (0, 0, 0, 0, 0);
    for cell in cells() {
        all += 1;
        match WrittenDate::parse(cell) {
            Some(date) => {
                count += 1;
                day_first += usize::from(date.only_order() == Some(DayOrder::DayFirst));
                month_first += usize::from(date.only_order() == Some(DayOrder::MonthFirst));
                slashes += usize::from(date.has_slashes());
            }
            None if all - count > 100 && !is_share(count, all) => return None,
            None => {}
        }
    }
    let is_american = month_first > day_first || month_first == day_first && slashes > 0;
    let order = if is_american { DayOrder::MonthFirst } else { DayOrder::DayFirst };
    let reading = Reading::Dates(order);
    is_share(count, all).then_some(TypedColumn {
        kind: ColumnType::Date,
        unit: String::new(),
        reading,
    })
}

/// The column of yes and no that the cells are. All cells must be, and both must be there.
fn booleans<'a, Cells: Iterator<Item = &'a str>>(cells: impl Fn() -> Cells) -> Option<TypedColumn> {
    let is_pair = |(yes, no): &&(&str, &str)| {
        let (mut has_yes, mut has_no) = (false, false);
        let all = cells().all(|cell| {
            has_yes |= is_like(cell, yes);
            has_no |= is_like(cell, no);
            is_like(cell, yes) || is_like(cell, no)
        });
        all && has_yes && has_no
    };
    let (yes, no) = BOOLEANS.iter().find(is_pair)?;
    let (kind, reading) = (ColumnType::Boolean, Reading::Booleans(yes, no));
    Some(TypedColumn { kind, unit: String::new(), reading })
}

/// Whether two short texts differ in case only.
fn is_like(cell: &str, text: &str) -> bool {
    cell.len() == text.len() && cell.to_lowercase() == text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn column(header: &str, cells: &[&str]) -> TypedColumn {
        TypedColumn::of(header, cells.iter().copied())
    }

    fn values(cells: &[&str]) -> Vec<SqlValue> {
        let column = column("", cells);
        cells.iter().map(|cell| column.value(cell)).collect()
    }

    #[test]
    fn a_column_is_of_the_type_of_its_cells() {
        let kind = |cells: &[&str]| column("", cells).kind;
        assert_eq!(kind(&["1", "2,000", "", "-"]), ColumnType::Integer);
        assert_eq!(kind(&["1", "2.5"]), ColumnType::Decimal);
        assert_eq!(kind(&["$1", "$2.50"]), ColumnType::Money);
        assert_eq!(kind(&["10 %", "12.5%"]), ColumnType::Percent);
        assert_eq!(kind(&["2024-02-13", "13 May 2024"]), ColumnType::Date);
        assert_eq!(kind(&["Yes", "no", "YES"]), ColumnType::Boolean);
        assert_eq!(kind(&["yes", "yes"]), ColumnType::Text);
        assert_eq!(kind(&["007", "008"]), ColumnType::Text);
        assert_eq!(kind(&["3 km", "2 miles"]), ColumnType::Text);
        assert_eq!(kind(&["", "-"]), ColumnType::Text);
    }

    #[test]
    fn units_stand_in_cells_or_in_the_header() {
        assert_eq!(column("Way", &["3 km", "4.5 km"]).unit, "km");
        assert_eq!(column("Way (km)", &["3", "4.5"]).unit, "km");
        assert_eq!(column("Way (as the crow flies)", &["3", "4.5"]).unit, "");
    }

    #[test]
    fn the_marks_of_a_column_are_those_that_one_of_its_cells_shows() {
        use SqlValue::{Integer, Real, Text};
        assert_eq!(values(&["1.234", "3,5"]), [Integer(1234), Real(3.5)]);
        assert_eq!(values(&["1,234", "3.5"]), [Integer(1234), Real(3.5)]);
        // Both: what can be read in two ways stays a text.
        let mixed = values(&["1.234,5", "1,234.5", "1.234", "7"]);
        assert_eq!(mixed, [Real(1234.5), Real(1234.5), Text("1.234".into()), Integer(7)]);
    }

    #[test]
    fn a_zero_before_a_mark_shows_that_decimals_follow() {
        use SqlValue::Real;
        assert_eq!(values(&["0.125", "1,5", "2,5"]), [Real(0.125), Real(1.5), Real(2.5)]);
    }

    #[test]
    fn large_numbers_with_an_exponent_are_numbers() {
        use SqlValue::Real;
        assert_eq!(values(&["1.5e19", "2.5", "3.5"]), [Real(1.5e19), Real(2.5), Real(3.5)]);
    }

    #[test]
    fn brackets_mean_minus_among_amounts_only() {
        use SqlValue::{Integer, Real, Text};
        let mut years = vec!["1985"; 20];
        years.push("(1990)");
        assert_eq!(values(&years)[20], Text("(1990)".into()));
        assert_eq!(column("", &["(1990)", "(1991)"]).kind, ColumnType::Text);
        assert_eq!(values(&["1200.50", "(300.25)"]), [Real(1200.5), Real(-300.25)]);
        assert_eq!(values(&["1,200", "(300)"]), [Integer(1200), Integer(-300)]);
        assert_eq!(values(&["$1200", "($300)"]), [Integer(1200), Integer(-300)]);
    }

    #[test]
    fn cells_of_another_type_stay_texts() {
        let mut cells = vec!["1"; 20];
        cells.extend(["=cmd|' /C calc'!A0", ""]);
        let values = values(&cells);
        assert_eq!(values[20], SqlValue::Text("=cmd|' /C calc'!A0".into()));
        assert_eq!(values[21], SqlValue::Null);
    }

    #[test]
    fn slashes_are_american_unless_a_cell_shows_otherwise() {
        let text = |text: &str| SqlValue::Text(text.into());
        assert_eq!(values(&["03/04/2024"]), [text("2024-03-04")]);
        assert_eq!(values(&["03/04/2024", "30/04/2024"])[0], text("2024-04-03"));
        assert_eq!(values(&["03.04.2024"]), [text("2024-04-03")]);
    }
}
