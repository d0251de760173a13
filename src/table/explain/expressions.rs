//! Columns, texts and numbers in SQL as SQLite has it.

use super::super::column::ColumnKind;
use super::super::part::Part;
use super::super::value::{FEET, feet_with_inches};
use super::Explainer;
pub(super) use crate::sql_value::{identifier, literal};

/// What is between the numbers of a score.
const DASHES: [char; 3] = ['–', '-', '—'];
/// What stands before a number in cells.
const SIGNS: [char; 10] = ['$', '€', '£', '¥', '~', '≈', '<', '>', '#', ' '];

impl Explainer<'_> {
    /// The cells of a column as texts.
    pub(super) fn text(&self, at: usize) -> String {
        let column = &self.view.columns[at];
        let cell = identifier(&column.name);
        let first = format!("CAST({cell} AS REAL)");
        let second = || {
            let dash = literal(&self.dash(column.origin).to_string());
            format!("CAST(SUBSTR({cell}, INSTR({cell}, {dash}) + 1) AS REAL)")
        };
        match column.part {
            Part::Whole => cell,
            Part::Base => format!("TRIM(SUBSTR({cell}, 1, INSTR({cell}, '(') - 1))"),
            Part::Inner => {
                let start = format!("INSTR({cell}, '(') + 1");
                let length = format!("INSTR({cell}, ')') - INSTR({cell}, '(') - 1");
                format!("SUBSTR({cell}, {start}, {length})")
            }
            Part::Month => format!("STRFTIME('%m', {cell})"),
            Part::Year => format!("STRFTIME('%Y', {cell})"),
            Part::Duration => {
                format!("(CAST(SUBSTR({cell}, -4) AS REAL) - CAST({cell} AS REAL))")
            }
            Part::First => first,
            Part::Second => second(),
            Part::Margin => format!("ABS({first} - {})", second()),
            Part::Sum => format!("({first} + {})", second()),
            Part::Head => format!("TRIM(SUBSTR({cell}, 1, INSTR({cell}, ',') - 1))"),
            Part::Tail => format!(
                "CASE WHEN INSTR({cell}, ',') > 0 THEN \
                 TRIM(SUBSTR({cell}, INSTR({cell}, ',') + 1)) ELSE '' END"
            ),
        }
    }

    /// The cells of a column as what orders them.
    pub(super) fn ordered(&self, at: usize) -> String {
        let column = &self.view.columns[at];
        match column.part {
            Part::Duration | Part::First | Part::Second | Part::Margin | Part::Sum => self.text(at),
            _ if column.kind == ColumnKind::Number => self.number(at),
            _ => self.text(at),
        }
    }

    /// The cells of a column as numbers: without commas between thousands and signs before them,
    /// and nothing where they have none.
    fn number(&self, at: usize) -> String {
        let cells = || self.view.rows.iter().map(|row| &row[at]);
        let mut number = self.text(at);
        let feet = cells().find(|cell| feet_with_inches(&cell.text).is_some());
        if let Some(sign) = feet.and_then(|cell| FEET.iter().find(|sign| cell.text.contains(*sign)))
        {
            let place = format!("INSTR({number}, {}) + {}", literal(sign), sign.chars().count());
            let inches = format!("CAST(TRIM(SUBSTR({number}, {place})) AS REAL)");
            return format!("(CAST({number} AS REAL) + {inches} / 12)");
        }
        if cells().any(|cell| cell.text.contains(',')) {
            number = format!("REPLACE({number}, ',', '')");
        }
        if cells().any(|cell| cell.text.starts_with(SIGNS)) {
            let signs: String = SIGNS.iter().collect();
            number = format!("LTRIM({number}, {})", literal(&signs));
        }
        if cells().all(|cell| cell.number.is_some()) {
            return format!("CAST({number} AS REAL)");
        }
        format!("CASE WHEN {number} GLOB '*[0-9]*' THEN CAST({number} AS REAL) END")
    }

    /// Whether a column has cells without a text.
    pub(super) fn has_empty(&self, at: usize) -> bool {
        self.view.rows.iter().any(|row| row[at].is_empty())
    }

    /// The years of a column.
    pub(super) fn year(&self, at: usize) -> String {
        match self.view.columns[at].kind {
            ColumnKind::Number => self.ordered(at),
            ColumnKind::Date => format!("CAST(STRFTIME('%Y', {}) AS REAL)", self.text(at)),
            ColumnKind::Text => format!("CAST({} AS REAL)", self.text(at)),
        }
    }

    fn dash(&self, column: usize) -> char {
        let mut chars = self.view.rows.iter().flat_map(|row| row[column].text.chars());
        chars.find(|char| DASHES.contains(char)).unwrap_or('-')
    }
}
