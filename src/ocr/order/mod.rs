//! Reading order: fragments of text on a page -> lines, top to bottom, column by column.
//!
//! Fragments beside each other are one line: the cells of a row, or a line with a gap in it.
//! Only where fragments of several rows stand on both sides of a clear gutter, and both sides
//! look like running text, are they columns, which are read one after the other.

mod columns;
mod rows;

use super::geometry::{Point, Rectangle, rectangle_in_direction};
use super::recognize::Reading;
use crate::read::TextLine;

use columns::split_columns;
use rows::{Row, rows};

/// A piece of text that was found as one.
#[derive(Debug, Clone)]
pub(super) struct Fragment {
    pub(super) reading: Reading,
    /// Clockwise from the top left of the text.
    pub(super) quad: [Point; 4],
    /// Its place if the page were upright: its ends in x, its middle in y, and its height.
    left: f32,
    right: f32,
    middle: f32,
    height: f32,
}

impl Fragment {
    /// A fragment of a page whose lines have the direction `direction`, a unit vector.
    pub(super) fn new(reading: Reading, quad: [Point; 4], direction: Point) -> Self {
        let bounds = rectangle_in_direction(&quad, direction);
        let [x, y] = bounds.centre;
        let across = x * direction[0] + y * direction[1];
        let own_height = super::geometry::distance(quad[0], quad[3]);
        Self {
            reading,
            quad,
            left: across - bounds.width / 2.0,
            right: across + bounds.width / 2.0,
            middle: y * direction[0] - x * direction[1],
            height: own_height.min(bounds.height).max(1.0),
        }
    }

    fn width(&self) -> f32 {
        self.right - self.left
    }
}

/// A gap between two rows that is this many times the usual one ends a block.
const BLOCK_PITCH: f32 = 1.5;
/// So does a line that is this many times as high as the one before, or the reverse.
const BLOCK_HEIGHT: f32 = 1.5;

/// Puts fragments in reading order and joins those of one row.
pub(super) fn lines(fragments: Vec<Fragment>, direction: Point) -> Vec<TextLine> {
    let mut lines = Vec::new();
    let mut block = 0;
    for group in split_columns(rows(fragments)) {
        let pitch = usual_pitch(&group) * BLOCK_PITCH;
        let mut previous: Option<&Row> = None;
        for row in &group {
            let goes_on = previous.is_some_and(|above| goes_on(above, row, pitch));
            block += u32::from(!goes_on && !lines.is_empty());
            lines.push(line(row, direction, block));
            previous = Some(row);
        }
    }
    lines
}

fn goes_on(above: &Row, row: &Row, pitch: f32) -> bool {
    let (a, b) = (above.height(), row.height());
    row.middle() - above.middle() <= pitch && a.max(b) <= a.min(b) * BLOCK_HEIGHT
}

/// The median distance of neighbouring rows.
fn usual_pitch(rows: &[Row]) -> f32 {
    median(rows.windows(2).map(|pair| pair[1].middle() - pair[0].middle()).collect())
}

/// The lower median; 0 of nothing.
fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    let middle = values.len().saturating_sub(1) / 2;
    values.get(middle).copied().unwrap_or(0.0)
}

fn line(row: &Row, direction: Point, block: u32) -> TextLine {
    TextLine { text: row.text(), quad: quad(row, direction), confidence: row.confidence(), block }
}

/// The corners of a row: those of its only fragment, or of a rectangle around all.
fn quad(row: &Row, direction: Point) -> [Point; 4] {
    if let [only] = row.fragments() {
        return only.quad;
    }
    let corners: Vec<Point> = row.fragments().iter().flat_map(|cell| cell.quad).collect();
    let around: Rectangle = rectangle_in_direction(&corners, direction);
    around.corners()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fragment(text: &str, left: f32, top: f32, width: f32) -> Fragment {
        let (right, bottom) = (left + width, top + 20.0);
        let quad = [[left, top], [right, top], [right, bottom], [left, bottom]];
        Fragment::new(Reading { text: text.to_owned(), confidence: 0.9 }, quad, [1.0, 0.0])
    }

    fn texts(fragments: Vec<Fragment>) -> Vec<String> {
        lines(fragments, [1.0, 0.0]).into_iter().map(|line| line.text).collect()
    }

    fn two_columns() -> Vec<Fragment> {
        let mut fragments = Vec::new();
        for at in 0..4 {
            let top = 100.0 + at as f32 * 30.0;
            fragments.push(fragment(&format!("left text {at}"), 50.0, top, 280.0 + at as f32));
            fragments.push(fragment(&format!("right text {at}"), 500.0, top + 2.0, 300.0));
        }
        fragments
    }

    #[test]
    fn two_columns_are_read_one_after_the_other() {
        let lefts = (0..4).map(|at| format!("left text {at}"));
        let expected: Vec<String> =
            lefts.chain((0..4).map(|at| format!("right text {at}"))).collect();
        assert_eq!(texts(two_columns()), expected);
    }

    #[test]
    fn a_heading_and_a_footer_across_both_columns_stay_above_and_below() {
        let mut fragments = two_columns();
        fragments.push(fragment("A heading over both columns", 50.0, 40.0, 750.0));
        fragments.push(fragment("A footer under both columns", 50.0, 260.0, 750.0));
        let texts = texts(fragments);
        assert_eq!(texts[0], "A heading over both columns");
        assert_eq!(texts[1], "left text 0");
        assert_eq!(texts[5], "right text 0");
        assert_eq!(texts[9], "A footer under both columns");
    }

    #[test]
    fn the_cells_of_a_row_are_one_line() {
        let mut fragments = Vec::new();
        for at in 0..4 {
            let top = 100.0 + at as f32 * 30.0;
            fragments.push(fragment("120.00", 400.0, top, 70.0));
            fragments.push(fragment("4 x filter", 50.0, top, 130.0));
            fragments.push(fragment("30.00", 250.0, top, 60.0));
        }
        assert_eq!(texts(fragments), ["4 x filter\t30.00\t120.00"; 4]);
    }

    #[test]
    fn a_line_with_a_small_gap_is_joined_by_a_space() {
        let fragments =
            vec![fragment("goes on", 165.0, 2.0, 90.0), fragment("A line", 50.0, 0.0, 100.0)];
        assert_eq!(texts(fragments), ["A line goes on"]);
    }

    #[test]
    fn a_gap_between_paragraphs_begins_a_block_and_so_does_a_column() {
        let tops = [0.0, 30.0, 60.0, 130.0, 160.0];
        let fragments = tops.map(|top| fragment("text", 50.0, top, 400.0)).to_vec();
        let blocks: Vec<u32> = lines(fragments, [1.0, 0.0]).iter().map(|line| line.block).collect();
        assert_eq!(blocks, [0, 0, 0, 1, 1]);
        let blocks: Vec<u32> =
            lines(two_columns(), [1.0, 0.0]).iter().map(|line| line.block).collect();
        assert_eq!(blocks, [0, 0, 0, 0, 1, 1, 1, 1]);
    }

    #[test]
    fn columns_of_a_turned_page_are_found_in_its_own_direction() {
        let (sin, cos) = 0.3_f32.sin_cos();
        let turn = |[x, y]: Point| [x * cos - y * sin, x * sin + y * cos];
        let turned = two_columns()
            .into_iter()
            .map(|fragment| Fragment::new(fragment.reading, fragment.quad.map(turn), [cos, sin]));
        let lines = lines(turned.collect(), [cos, sin]);
        assert_eq!(lines[3].text, "left text 3");
        assert_eq!(lines[4].text, "right text 0");
    }

    #[test]
    fn nothing_gives_no_lines() {
        assert_eq!(lines(Vec::new(), [1.0, 0.0]), []);
    }
}
