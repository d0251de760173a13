//! Lines that were read in a picture -> blocks of its document.

use crate::document::{Area, BlockKind, Place};
use crate::read::TextLine;
use crate::read::blocks::DocumentBuilder;

/// What parts the cells of a row.
const CELL_END: char = '\t';

/// Appends the lines: those of one block are a paragraph, or rows of a table where they have cells.
/// Each line has a place of its own.
pub(super) fn push(lines: Vec<TextLine>, width: u32, height: u32, builder: &mut DocumentBuilder) {
    let is_row = |line: &TextLine| line.text.contains(CELL_END);
    let is_one =
        |one: &TextLine, next: &TextLine| one.block == next.block && is_row(one) == is_row(next);
    for block in lines.chunk_by(is_one) {
        if is_row(&block[0]) {
            for line in block {
                builder.set_place(place(line, width, height));
                builder.push(BlockKind::TableRow, &line.text.replace(CELL_END, " | "));
            }
            continue;
        }
        let parts: Vec<(&str, Place)> =
            block.iter().map(|line| (&*line.text, place(line, width, height))).collect();
        builder.push_lines(BlockKind::Paragraph, &parts);
    }
}

/// Where a line is, and how surely it was read.
fn place(line: &TextLine, width: u32, height: u32) -> Place {
    let side = |axis: usize, size: u32, fold: fn(f32, f32) -> f32, start: f32| {
        let at = line.quad.iter().map(|corner| corner[axis]).fold(start, fold);
        let share = (at / size.max(1) as f32).clamp(0.0, 1.0);
        (share * f32::from(Area::WHOLE)).round() as u16
    };
    let area = Area {
        left: side(0, width, f32::min, f32::INFINITY),
        top: side(1, height, f32::min, f32::INFINITY),
        right: side(0, width, f32::max, f32::NEG_INFINITY),
        bottom: side(1, height, f32::max, f32::NEG_INFINITY),
    };
    let sureness = (line.confidence.clamp(0.0, 1.0) * 100.0).round() as u8;
    Place { area: Some(area), sureness: Some(sureness), ..Place::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Span;
    use crate::test;

    fn line(text: &str, top: f32, confidence: f32, block: u32) -> TextLine {
        let (left, right, bottom) = (10.0, 90.0, top + 10.0);
        let quad = [[left, top], [right, top], [right, bottom], [left, bottom]];
        TextLine { text: text.to_owned(), quad, confidence, block }
    }

    #[test]
    fn lines_with_cells_are_rows_of_a_table() {
        let lines = vec![
            line("Invoice", 10.0, 0.9, 0),
            line("Filter\t30.00", 30.0, 0.9, 0),
            line("Belt\t12.50", 50.0, 0.9, 0),
        ];
        let mut builder = DocumentBuilder::default();
        push(lines, 100, 100, &mut builder);
        let document = builder.finish();
        assert_eq!(document.text, "Invoice\n\nFilter | 30.00\nBelt | 12.50");
        let kinds: Vec<BlockKind> = document.blocks.iter().map(|block| block.kind).collect();
        assert_eq!(kinds, [BlockKind::Paragraph, BlockKind::TableRow, BlockKind::TableRow]);
    }

    #[test]
    fn a_block_is_a_paragraph_and_each_of_its_lines_has_a_rectangle() {
        let lines = vec![
            line("The ferry leaves", 20.0, 0.99, 0),
            line("at seven.", 40.0, 0.8, 0),
            line("Tickets: 4 euros", 120.0, 0.95, 1),
        ];
        let mut builder = DocumentBuilder::default();
        push(lines, 100, 200, &mut builder);
        let document = builder.finish();
        assert_eq!(document.text, "The ferry leaves\nat seven.\n\nTickets: 4 euros");
        assert_eq!(document.blocks.len(), 2);
        let of = |text: &str| {
            let start = document.text.find(text).expect("it is there");
            document.place(Span::new(start..start + text.len())).expect("it has a place")
        };
        let area = Area { left: 1000, top: 2000, right: 9000, bottom: 2500 };
        assert_eq!(of("seven").area, Some(area));
        assert_eq!(of("seven").sureness, Some(80));
        let both = Area { left: 1000, top: 1000, right: 9000, bottom: 2500 };
        assert_eq!(of("leaves\nat").area, Some(both));
        assert_eq!(of("Tickets").area.map(|area| area.top), Some(6000));
    }
}
