//! The header of a table, repeated in the embedded text of the chunks of its later rows.

use super::large_tables::LargeTable;
use super::table_description::describe;
use crate::document::{Block, BlockKind, Document, Span};

/// The most bytes of a header that are repeated.
const MAX_HEADER_BYTES: usize = 1024;
/// Separates the cells of a row.
pub(super) const CELL_SEPARATOR: &str = " | ";

/// The table that the current block is of.
#[derive(Default)]
pub(super) struct OpenTable {
    header: Option<Span>,
    is_in_header: bool,
}

impl OpenTable {
    /// Enters the next block. Returns the header rows above it if it is a row.
    pub(super) fn enter(&mut self, block: Block) -> Option<Span> {
        let header = match block.kind {
            BlockKind::TableHeader => {
                let first = self.header.filter(|_| self.is_in_header).unwrap_or(block.span);
                Some(Span { end: block.span.end, ..first })
            }
            BlockKind::TableRow => self.header,
            _ => None,
        };
        self.header = header;
        self.is_in_header = block.kind == BlockKind::TableHeader;
        header.filter(|_| !self.is_in_header)
    }
}

/// The header rows of the table of which a later row is at `position`; none elsewhere. Takes
/// time for each row above.
pub(crate) fn table_header_of(document: &Document, position: u32) -> Option<Span> {
    let after = document.blocks.partition_point(|block| block.span.start <= position);
    RowHeaders::default().of(document, after.checked_sub(1)?)
}

/// The headers of rows that are asked for in their order. Of rows that follow each other, the
/// header is looked for once: a table may have a million.
#[derive(Default)]
pub(crate) struct RowHeaders {
    /// The last row, by the index of its block, and its header.
    last: Option<(usize, Option<Span>)>,
}

impl RowHeaders {
    /// The header rows of the table of which this block of `document` is a later row; none
    /// elsewhere.
    pub(crate) fn of(&mut self, document: &Document, block: usize) -> Option<Span> {
        let known = self.last.take().filter(|&(last, _)| last <= block);
        let first = known.map_or(0, |(last, _)| last);
        let above = document.blocks[first..=block].iter().rev();
        let mut above = above.filter(|block| block.kind != BlockKind::Boilerplate).peekable();
        above.next_if(|block| block.kind == BlockKind::TableRow)?;
        while above.next_if(|block| block.kind == BlockKind::TableRow).is_some() {}
        let header = match (above.next(), known) {
            // The same table as that of the last row.
            (None, Some((_, header))) => header,
            (Some(last), _) if last.kind == BlockKind::TableHeader => {
                let rows = above.take_while(|block| block.kind == BlockKind::TableHeader);
                let first = rows.last().unwrap_or(last);
                Some(Span { end: last.span.end, ..first.span })
            }
            _ => None,
        };
        self.last = Some((block, header));
        header
    }
}

/// A header as it is repeated, or the description that stands above the first rows of a large table.
#[derive(Default)]
pub(super) struct RepeatedHeader {
    /// The header rows.
    span: Option<Span>,
    text: String,
    tokens: usize,
    is_description: bool,
}

impl RepeatedHeader {
    /// Makes the text of these header rows, with at most `max_tokens` together with a line end.
    /// The last cells are left out of a longer one.
    pub(super) fn fit(
        &mut self,
        span: Option<Span>,
        document: &Document,
        max_tokens: usize,
        count: &dyn Fn(&str) -> usize,
    ) {
        if self.span == span && !self.is_description {
            return;
        }
        *self = Self { span, ..Self::default() };
        let Some(span) = span else { return };
        let whole = document.slice(span);
        let window = &whole[..whole.floor_char_boundary(MAX_HEADER_BYTES)];
        let line = window.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut cells: Vec<&str> = line.split(CELL_SEPARATOR).collect();
        if window.len() < whole.len() {
            cells.pop();
        }
        while !cells.is_empty() {
            let text = cells.join(CELL_SEPARATOR);
            let tokens = count(&format!("{text}\n"));
            if tokens <= max_tokens {
                (self.text, self.tokens) = (text, tokens);
                return;
            }
            cells.truncate(cells.len() * 7 / 8);
        }
    }

    /// Makes the description of a large table of `document`, which has this name.
    pub(super) fn describe(
        &mut self,
        table: &LargeTable,
        document: &Document,
        name: &str,
        max_tokens: usize,
        count: &dyn Fn(&str) -> usize,
    ) {
        let (text, tokens) = describe(table, document, name, max_tokens, count);
        *self = Self { span: None, text, tokens, is_description: true };
    }

    /// Whether it is a description.
    pub(super) fn is_description(&self) -> bool {
        self.is_description
    }

    /// The text that was made last, on one line; empty if there is none.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Tokens of the text and a line end.
    pub(super) fn tokens(&self) -> usize {
        self.tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    use BlockKind::{Boilerplate, Paragraph, TableHeader, TableRow};

    /// Blocks of these kinds, two bytes each.
    fn document(kinds: &[BlockKind]) -> Document {
        let block = |(at, &kind)| Block { span: Span::new(2 * at..2 * at + 1), kind };
        let blocks = kinds.iter().enumerate().map(block).collect();
        Document { text: "x\n".repeat(kinds.len()), blocks, ..Document::default() }
    }

    #[test]
    fn each_row_has_the_header_of_its_table() {
        let document = document(&[
            TableRow,
            Paragraph,
            TableHeader,
            TableHeader,
            TableRow,
            Boilerplate,
            TableRow,
            TableHeader,
            TableRow,
            Paragraph,
            TableRow,
        ]);
        let (first, second) = (Some(Span::new(4..7)), Some(Span::new(14..15)));
        let expected =
            [(0, None), (4, first), (6, first), (8, second), (9, None), (10, None), (4, first)];
        let mut headers = RowHeaders::default();
        for (block, header) in expected {
            assert_eq!(headers.of(&document, block), header, "{block}, after others");
            let position = document.blocks[block].span.start;
            assert_eq!(table_header_of(&document, position), header, "{block}");
        }
    }

    #[test]
    fn the_header_of_the_last_row_is_not_looked_for_again() {
        let document = document(&[TableHeader, TableRow, TableRow, TableRow]);
        let known = Some(Span::new(100..101));
        let mut headers = RowHeaders { last: Some((2, known)) };
        assert_eq!(headers.of(&document, 3), known);
    }
}
