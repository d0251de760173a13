//! Columns: where several rows have a clear gutter in common, and text runs on both sides.

use super::median;
use super::rows::{Row, column};

/// A gutter is at least as wide as a line is high, times this.
const MIN_GUTTER: f32 = 1.0;
/// Columns have at least so many lines.
const MIN_LINES: usize = 3;
/// The median line of a column is so many times as wide as high. Cells of tables are shorter.
const MIN_ELONGATION: f32 = 6.0;
/// And it fills this share of the column's widest line.
const MIN_FILL: f32 = 0.55;
/// Cells of a table are digits above this share.
const MAX_DIGITS: f32 = 0.4;
/// A line that goes on with a column is not further from it than the usual distance, times this.
const MAX_PITCH: f32 = 1.5;
/// Columns within columns are looked for so deep.
const MAX_DEPTH: usize = 6;

/// Groups of rows in reading order: each is read from top to bottom.
pub(super) fn split_columns(rows: Vec<Row>) -> Vec<Vec<Row>> {
    let mut groups = Vec::new();
    split(rows, MAX_DEPTH, &mut groups);
    groups
}

fn split(mut rows: Vec<Row>, depth: usize, groups: &mut Vec<Vec<Row>>) {
    let band = if depth > 0 { best_band(&rows) } else { None };
    let Some(Band { start, end, gutter, .. }) = band else {
        groups.extend((!rows.is_empty()).then_some(rows));
        return;
    };
    let below = rows.split_off(end);
    let band = rows.split_off(start);
    let x = (gutter.0 + gutter.1) / 2.0;
    let (left, right): (Vec<_>, Vec<_>) =
        band.into_iter().map(|row| row.split(x)).map(|[left, right]| (left, right)).unzip();
    for rows in
        [rows, column(left.into_iter().flatten()), column(right.into_iter().flatten()), below]
    {
        split(rows, depth - 1, groups);
    }
}

/// Rows `start..end`, in which nothing stands between the two x of the gutter.
#[derive(Debug, Clone, Copy)]
struct Band {
    start: usize,
    end: usize,
    gutter: (f32, f32),
    /// Rows with text on both sides.
    lines: usize,
}

/// The band of columns with the most rows.
fn best_band(rows: &[Row]) -> Option<Band> {
    let height = median(rows.iter().map(Row::height).collect());
    let gaps = rows.iter().enumerate().flat_map(|(at, row)| {
        row.fragments().windows(2).map(move |pair| (at, (pair[0].right, pair[1].left)))
    });
    let mut best: Option<Band> = None;
    for (at, gap) in gaps {
        let is_known = best.is_some_and(|band| {
            (band.start..band.end).contains(&at) && gap.0 <= band.gutter.0 && band.gutter.1 <= gap.1
        });
        if is_known {
            continue;
        }
        let band = grow(rows, at, gap, height * MIN_GUTTER).filter(|band| are_columns(rows, band));
        if band.is_some_and(|band| best.is_none_or(|best| band.lines > best.lines)) {
            best = band;
        }
    }
    best
}

/// The band around the gap in row `at`: all rows above and below that leave enough of it free,
/// without those that are far from the rest.
fn grow(rows: &[Row], at: usize, gap: (f32, f32), min_width: f32) -> Option<Band> {
    let mut gutter = gap;
    let mut take = |row: &Row| {
        let narrower = narrowed(gutter, row);
        let takes = narrower.1 - narrower.0 >= min_width;
        if takes {
            gutter = narrower;
        }
        takes
    };
    let end = at + rows[at..].iter().take_while(|row| take(row)).count();
    let start = at - rows[..at].iter().rev().take_while(|row| take(row)).count();
    let both = |row: &&Row| is_left(row, gutter) && is_right(row, gutter);
    let lines = rows[start..end].iter().filter(both).count();
    let first = start + rows[start..end].iter().position(|row| both(&row))?;
    let last = end - 1 - rows[start..end].iter().rev().position(|row| both(&row))?;
    let (start, end) = with_neighbours(rows, start..end, first, last);
    Some(Band { start, end, gutter, lines })
}

/// What a row leaves of a gutter.
fn narrowed(gutter: (f32, f32), row: &Row) -> (f32, f32) {
    row.fragments().iter().fold(gutter, |(from, to), cell| {
        if cell.right <= from || cell.left >= to {
            (from, to)
        } else if (cell.left + cell.right) < from + to {
            (cell.right, to)
        } else {
            (from, cell.left)
        }
    })
}

fn is_left(row: &Row, gutter: (f32, f32)) -> bool {
    row.fragments().first().is_some_and(|cell| cell.right <= gutter.0)
}

fn is_right(row: &Row, gutter: (f32, f32)) -> bool {
    row.fragments().last().is_some_and(|cell| cell.left >= gutter.1)
}

/// Adds the rows around `first..=last` in which only one column goes on.
fn with_neighbours(
    rows: &[Row],
    within: std::ops::Range<usize>,
    first: usize,
    last: usize,
) -> (usize, usize) {
    let pitch = super::usual_pitch(&rows[first..=last]) * MAX_PITCH;
    let near = |pair: &&[Row]| pair[1].middle() - pair[0].middle() <= pitch;
    let below = rows[last..within.end].windows(2).take_while(near).count();
    let above = rows[within.start..=first].windows(2).rev().take_while(near).count();
    (first - above, last + below + 1)
}

/// Whether the two sides of a band are columns of running text, not cells of a table.
fn are_columns(rows: &[Row], band: &Band) -> bool {
    let cells = || rows[band.start..band.end].iter().flat_map(Row::fragments);
    let left: Vec<_> = cells().filter(|cell| cell.right <= band.gutter.0).collect();
    let right: Vec<_> = cells().filter(|cell| cell.left >= band.gutter.1).collect();
    band.lines >= MIN_LINES && is_running_text(&left) && is_running_text(&right)
}

fn is_running_text(cells: &[&super::Fragment]) -> bool {
    let width = median(cells.iter().map(|cell| cell.width()).collect());
    let height = median(cells.iter().map(|cell| cell.height).collect());
    let widest = cells.iter().map(|cell| cell.width()).fold(0.0, f32::max);
    let characters = || cells.iter().flat_map(|cell| cell.reading.text.chars());
    let digits = characters().filter(|c| c.is_numeric()).count() as f32;
    width >= height * MIN_ELONGATION
        && width >= widest * MIN_FILL
        && digits <= characters().count() as f32 * MAX_DIGITS
}
