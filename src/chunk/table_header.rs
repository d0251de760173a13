//! The header of a table, repeated in the embedded text of the chunks of its later rows.

use crate::document::{Block, BlockKind, Document, Span};

/// The most bytes of a header that are repeated.
const MAX_HEADER_BYTES: usize = 1024;
/// Separates the cells of a row.
const CELL_SEPARATOR: &str = " | ";

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
    let of_table = |block: &&Block| {
        matches!(block.kind, BlockKind::TableHeader | BlockKind::TableRow | BlockKind::Boilerplate)
    };
    let rows = document.blocks[..after].iter().rev().take_while(of_table).count();
    let content = document.blocks[after - rows..after].iter();
    let content = content.filter(|block| block.kind != BlockKind::Boilerplate);
    content
        .fold((OpenTable::default(), None), |(mut table, _), &block| {
            let header = table.enter(block);
            (table, header)
        })
        .1
}

/// A header as it is repeated.
#[derive(Default)]
pub(super) struct RepeatedHeader {
    /// The header rows.
    span: Option<Span>,
    text: String,
    tokens: usize,
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
        if self.span == span {
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

    /// The text that [`Self::fit`] made last, on one line; empty if there is none.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Tokens of the text and a line end.
    pub(super) fn tokens(&self) -> usize {
        self.tokens
    }
}
