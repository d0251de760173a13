//! The column that names what a row is about.

use super::super::column::{Column, ColumnKind};
use super::super::part::Part;
use super::super::view::View;

/// Words of headers of such columns: stems.
const NAME_WORDS: &[&str] =
    &["name", "player", "titl", "team", "nation", "driver", "countri", "candid"];
/// What a column counts whose cells differ, at most; that is letters; that has such a header; and
/// what it counts less for each column before it.
const MAX_DISTINCT: f32 = 0.9;
const LETTERS: f32 = 0.5;
const NAMED: f32 = 0.6;
const PLACE: f32 = 0.05;
/// The share of letters in a column of names.
const MIN_LETTERS: f32 = 0.6;

/// The column that names what a row is about; the first where none does.
pub(super) fn entity(view: &View) -> usize {
    let columns = view.columns.iter().enumerate();
    let whole = columns.filter(|(_, column)| column.part == Part::Whole);
    let scores = whole.map(|(at, column)| (at, score(view, column, at)));
    let best = scores.max_by(|(at, one), (after, other)| one.total_cmp(other).then(after.cmp(at)));
    best.map_or(0, |(at, _)| at)
}

fn score(view: &View, column: &Column, at: usize) -> f32 {
    if column.kind != ColumnKind::Text || column.filled == 0 {
        return -1.0;
    }
    let chars = || view.rows.iter().flat_map(|row| row[at].text.chars());
    let letters = chars().filter(|char| char.is_alphabetic()).count() as f32;
    let share = letters / chars().count().max(1) as f32;
    let is_named = column.words.iter().any(|word| NAME_WORDS.contains(&word.as_str()));
    let distinct = column.distinct as f32 / column.filled as f32;
    distinct.min(MAX_DISTINCT)
        + if share > MIN_LETTERS { LETTERS } else { 0.0 }
        + if is_named { NAMED } else { 0.0 }
        - at as f32 * PLACE
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::table;
    use super::*;
    use crate::test;

    #[test]
    fn the_entity_is_the_column_of_different_names() {
        let table = table("No|Group|Lake|Depth / 1|a|Mirror|30 / 2|a|Long|40 / 3|a|King|50");
        assert_eq!(entity(&table.view), 2);
        assert_eq!(entity(&super::super::super::Table::new(&[], &[]).view), 0);
    }
}
