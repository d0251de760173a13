//! The large tables of a document. Embedding each group of their rows would take minutes, so that
//! rows are found by their words, and only a description of the table is embedded.

use std::ops::Range;

use super::structure::Structure;
use super::table_header::CELL_SEPARATOR;
use crate::document::{BlockKind, Document, Span};

/// The most rows of a table whose rows are embedded. A thousand rows of ten short cells are some 250
/// chunks of 200 tokens, which a page embeds in 20 seconds on one core.
pub const MAX_EMBEDDED_ROWS: usize = 1_000;

/// The bytes of the longest cell of a usual row. A longer one is a text, which words alone find badly:
/// a table of texts is embedded, however many there are.
const MAX_CELL_BYTES: usize = 200;

/// The rows whose tokens are counted, and the bytes of each. The tokens of all others are estimated
/// by these: counting them would take as long as all else.
const SAMPLED_ROWS: usize = 100;
const SAMPLED_BYTES: usize = 1024;

/// A table with more than [`MAX_EMBEDDED_ROWS`] rows, whose cells are short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LargeTable {
    /// Its blocks, with the caption above it.
    pub(super) blocks: Range<usize>,
    /// The same part of the text.
    pub(super) span: Span,
    /// The first of its header rows; none where it has no header.
    pub(super) header: Option<Span>,
    /// How many rows it has, without those of the header.
    pub(super) rows: usize,
    /// The tokens of some of its rows, and the bytes.
    sample: (usize, usize),
}

/// The large tables of a document, in order.
#[derive(Debug, Default)]
pub(super) struct LargeTables(Vec<LargeTable>);

impl LargeTables {
    /// The large tables of a document, whose tokens `count` counts.
    pub(super) fn of(
        document: &Document,
        structure: &Structure<'_>,
        count: &dyn Fn(&str) -> usize,
    ) -> Self {
        let mut tables = Self::find(document, structure);
        tables.0.retain(|table| !table.has_texts(document));
        tables.0.iter_mut().for_each(|table| table.take_sample(document, count));
        tables
    }

    fn find(document: &Document, structure: &Structure<'_>) -> Self {
        let is_row = |kind| kind == BlockKind::TableRow;
        let rows = document.blocks.iter().filter(|block| is_row(block.kind)).count();
        if rows <= MAX_EMBEDDED_ROWS {
            return Self::default();
        }
        let (mut tables, mut open): (Vec<LargeTable>, Option<LargeTable>) = (Vec::new(), None);
        let mut caption = None;
        let mut next = structure.content_from(0);
        while let Some(at) = next {
            let block = document.blocks[at];
            let is_table = matches!(block.kind, BlockKind::TableHeader | BlockKind::TableRow);
            let continues = |table: &LargeTable| {
                is_table
                    && !structure.starts_place(at)
                    && (is_row(block.kind) || table.takes_header(block.span, document))
            };
            if !open.as_ref().is_some_and(continues) {
                tables.extend(open.take().filter(LargeTable::is_large));
            }
            if is_table {
                let above = caption.filter(|_| !structure.starts_place(at)).unwrap_or(at);
                let table = open.get_or_insert_with(|| LargeTable::begin(above, document));
                table.push(at, document);
            }
            caption = (block.kind == BlockKind::Caption).then_some(at);
            next = structure.content_from(at + 1);
        }
        tables.extend(open.filter(LargeTable::is_large));
        Self(tables)
    }

    /// The table that a block is of.
    pub(super) fn with_block(&self, block: usize) -> Option<&LargeTable> {
        self.place_of(block).map(|place| &self.0[place])
    }

    /// The place of the table that a block is of.
    pub(super) fn place_of(&self, block: usize) -> Option<usize> {
        let after = self.0.partition_point(|table| table.blocks.start <= block);
        after.checked_sub(1).filter(|&place| block < self.0[place].blocks.end)
    }

    /// The table that begins at this position in the text.
    pub(super) fn beginning_at(&self, position: usize) -> Option<&LargeTable> {
        let found = self.0.binary_search_by_key(&position, |table| table.span.start as usize);
        found.ok().map(|place| &self.0[place])
    }

    /// Whether a chunk has only rows of a table whose description is in an earlier chunk.
    pub(super) fn has_rows_alone(&self, chunk: Span) -> bool {
        let after = self.0.partition_point(|table| table.span.start < chunk.start);
        after.checked_sub(1).is_some_and(|place| chunk.start < self.0[place].span.end)
    }
}

impl LargeTable {
    fn begin(block: usize, document: &Document) -> Self {
        let span = document.blocks[block].span;
        Self { blocks: block..block, span, header: None, rows: 0, sample: (0, 0) }
    }

    fn push(&mut self, block: usize, document: &Document) {
        let of_block = document.blocks[block];
        self.blocks.end = block + 1;
        self.span.end = of_block.span.end;
        match of_block.kind {
            BlockKind::TableHeader if self.rows == 0 => {
                self.header.get_or_insert(of_block.span);
            }
            BlockKind::TableRow => self.rows += 1,
            _ => {}
        }
    }

    /// Whether a header row belongs to the table: it is above all rows, or the table's header
    /// repeated on another page.
    fn takes_header(&self, header: Span, document: &Document) -> bool {
        let is_repeated = |own: Span| document.slice(own) == document.slice(header);
        self.rows == 0 || self.header.is_some_and(is_repeated)
    }

    fn is_large(&self) -> bool {
        self.rows > MAX_EMBEDDED_ROWS
    }

    /// Whether at least half of the rows have a cell that is a text.
    fn has_texts(&self, document: &Document) -> bool {
        let rows: Vec<&str> = self.sampled_rows(document).collect();
        let has_text = |row: &&&str| row.split(CELL_SEPARATOR).any(|it| it.len() > MAX_CELL_BYTES);
        2 * rows.iter().filter(has_text).count() >= rows.len()
    }

    /// Counts the tokens of rows in all parts of the table.
    fn take_sample(&mut self, document: &Document, count: &dyn Fn(&str) -> usize) {
        for row in self.sampled_rows(document) {
            let part = &row[..row.floor_char_boundary(SAMPLED_BYTES)];
            self.sample.0 += count(part);
            self.sample.1 += part.len();
        }
    }

    /// Rows in all parts of the table.
    fn sampled_rows<'a>(&self, document: &'a Document) -> impl Iterator<Item = &'a str> + use<'a> {
        let blocks = &document.blocks[self.blocks.clone()];
        let step = (blocks.len() / SAMPLED_ROWS).max(1);
        blocks.iter().step_by(step).map(|block| document.slice(block.span))
    }

    /// About as many tokens as a part of the table has.
    pub(super) fn estimate_tokens(&self, part: &str) -> usize {
        let (tokens, bytes) = self.sample;
        // A product of lengths may be too large for the 32 bits of wasm.
        let estimate = (part.len() as u64 * tokens as u64).div_ceil(bytes.max(1) as u64);
        (estimate as usize).max(1)
    }
}
