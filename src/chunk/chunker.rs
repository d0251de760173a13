//! Cuts a document into chunks.

use std::collections::VecDeque;

use super::large_tables::LargeTables;
use super::outline::Outline;
use super::structure::Structure;
use super::table_header::{OpenTable, RepeatedHeader};
use super::units::{BlockUnits, Unit};
use super::{Chunk, ChunkBudget, MAX_CHUNK_BYTES, MIN_CHUNK_TOKENS};
use crate::document::{BlockKind, Document, Span};
use crate::error::{Error, Result};

/// The size in tokens at which a chunk ends, if paragraphs and sentences allow it.
const TARGET_TOKENS: usize = 200;
/// The most tokens of a sentence that is repeated in the next chunk.
const MAX_OVERLAP_TOKENS: usize = 40;

/// An iterator that cuts a document into chunks.
///
/// A heading starts a new chunk. It belongs to the heading path of the chunk and not to its
/// span; a heading without text below it, or one too long for the path, is a chunk itself.
/// Below a heading, whole paragraphs are joined up to about 200 tokens. A longer paragraph
/// is cut between sentences, and a long table or code block at line ends; a longer sentence
/// or line is cut between words, and a word only if it alone is too long. If a paragraph
/// is cut between sentences, the next chunk repeats a short last sentence.
///
/// The structure of the document is kept where the budget allows it. A slide is one chunk, and
/// its later headings are text. No chunk spans two slides, sheets or messages. A code block is
/// not cut. A footnote stays with the block before it, a caption with the table after it or
/// otherwise with the block before it, and the header of a table with the first row. A chunk
/// that begins with a later row has the header in its embedded text.
///
/// A large table has chunks of its own. The first one has a description of the table in its
/// embedded text; the others are not to be embedded ([`Chunker::is_embedded`]).
///
/// Spans ascend, and together contain all of the document's text except white space, headings
/// and boilerplate. Boilerplate ends no chunk: it may stand within a span, and then is not in
/// the embedded text. A document that is nothing but boilerplate is cut as if it were not.
/// Each call of `next` reads the text of a few chunks, even of a document that is
/// one long line. All calls together count each byte a bounded number of times.
pub struct Chunker<'a> {
    document: &'a Document,
    structure: Structure<'a>,
    large_tables: LargeTables,
    /// The name of the document.
    name: &'a str,
    budget: ChunkBudget<'a>,
    outline: Outline,
    /// The table that the current block is of.
    table: OpenTable,
    /// The header of the table that the next chunk continues.
    header: RepeatedHeader,
    /// The budget in tokens that the heading path leaves for the text of a chunk.
    text_tokens: usize,
    next_block: usize,
    /// The part of the current block that was not measured yet.
    unmeasured: BlockUnits,
    /// Measured units that are in no chunk yet.
    measured: VecDeque<Unit>,
    /// The end of the last chunk.
    end: u32,
}

impl<'a> Chunker<'a> {
    /// Begins at the start of `document`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a budget below [`MIN_CHUNK_TOKENS`].
    pub fn new(document: &'a Document, budget: ChunkBudget<'a>) -> Result<Self> {
        if budget.max_tokens < MIN_CHUNK_TOKENS {
            return Err(Error::InvalidOption {
                option: "max_tokens",
                got: budget.max_tokens.to_string(),
                expected: "at least 8 tokens",
            });
        }
        let structure = Structure::new(document);
        Ok(Self {
            document,
            large_tables: LargeTables::of(document, &structure, budget.count),
            structure,
            name: "",
            budget,
            outline: Outline::default(),
            table: OpenTable::default(),
            header: RepeatedHeader::default(),
            text_tokens: budget.max_tokens,
            next_block: 0,
            unmeasured: BlockUnits::default(),
            measured: VecDeque::new(),
            end: 0,
        })
    }

    /// The same with the name of the document, which is in the descriptions of its large tables.
    pub fn named(self, name: &'a str) -> Self {
        Self { name, ..self }
    }

    /// Whether a chunk is to be embedded. One that has only later rows of a large table is found
    /// by its words.
    pub fn is_embedded(&self, chunk: &Chunk) -> bool {
        !self.large_tables.has_rows_alone(chunk.span)
    }

    /// Measures the next unit of this section if there is none in `measured`; `false` at
    /// the end of the section.
    fn has_unit(&mut self) -> bool {
        while self.measured.is_empty() {
            if self.unmeasured.is_empty() && !self.continue_section() {
                return false;
            }
            self.measure_next();
        }
        true
    }

    fn measure_next(&mut self) {
        let (text, max_tokens) = (&self.document.text, self.text_tokens);
        let estimate;
        let count = match self.large_tables.with_block(self.unmeasured.block()) {
            Some(table) => {
                estimate = |part: &str| table.estimate_tokens(part);
                &estimate as &dyn Fn(&str) -> usize
            }
            None => self.budget.count,
        };
        self.unmeasured.measure_next(text, count, max_tokens, &mut self.measured);
    }

    /// Begins the next block if it is below the same headings, and in the same place.
    fn continue_section(&mut self) -> bool {
        let Some(next) = self.structure.content_from(self.next_block) else { return false };
        let ends_section = self.structure.starts_place(next)
            || self.structure.heading(next).is_some_and(|level| {
                self.has_body(next, level) || self.outline.is_closed_by(level)
            });
        if !ends_section {
            self.begin_block(next);
        }
        !ends_section
    }

    fn begin_block(&mut self, index: usize) {
        let block = self.document.blocks[index];
        self.unmeasured = BlockUnits::new(block, index, self.table.enter(block));
        self.next_block = index + 1;
    }

    /// Whether there is text below a heading of `level`, the block `heading`.
    fn has_body(&self, heading: usize, level: u8) -> bool {
        let Some(next) = self.structure.content_from(heading + 1) else { return false };
        match self.structure.heading(next) {
            Some(below) => below > level,
            None => !self.structure.starts_place(next),
        }
    }

    /// Moves to the next section that has units; `false` at the end of the document.
    fn next_section(&mut self) -> bool {
        while !self.has_unit() {
            let Some(next) = self.structure.content_from(self.next_block) else { return false };
            self.table = OpenTable::default();
            // The headings of another slide or sheet are not above a place without any.
            let level = self.structure.heading(next);
            self.outline.close(level.unwrap_or(1));
            let body_of = level.filter(|&level| self.has_body(next, level));
            if let Some(level) = body_of {
                let heading = self.document.slice(self.document.blocks[next].span);
                self.outline.open(level, heading, self.budget.count);
            }
            let path = self.outline.fit_path(self.budget.max_tokens / 4, self.budget.count);
            self.text_tokens = self.budget.max_tokens - path.tokens;
            if body_of.is_some() && path.has_whole_heading {
                self.next_block = next + 1;
            } else {
                self.begin_block(next);
            }
        }
        true
    }

    /// Whether the rest of the next unit's block has at most `max_tokens`, together with the
    /// blocks that it should not be cut off from.
    fn block_fits(&mut self, max_tokens: usize) -> bool {
        let mut tokens = 0;
        let mut index = 0;
        let mut start = None;
        loop {
            if index == self.measured.len() {
                self.measure_next();
            }
            let Some(unit) = self.measured.get(index) else { return false };
            tokens += unit.tokens;
            let start = *start.get_or_insert(unit.range.start);
            if tokens > max_tokens || unit.range.end - start > MAX_CHUNK_BYTES {
                return false;
            }
            index += 1;
            if unit.ends_block {
                let Some(next) = self.structure.held_by(unit.block) else { return true };
                if index == self.measured.len() {
                    self.begin_block(next);
                }
            }
        }
    }

    /// Makes the text that stands above the rows of the next chunk.
    fn fit_header(&mut self) {
        let ChunkBudget { max_tokens, count } = self.budget;
        let Some(front) = self.measured.front() else { return };
        match self.large_tables.beginning_at(front.range.start) {
            Some(table) => {
                self.header.describe(table, self.document, self.name, max_tokens / 2, count);
            }
            None => self.header.fit(front.table_header, self.document, max_tokens / 4, count),
        }
    }

    /// Takes the units of the next chunk: at least one. `available` tokens are left for them.
    fn take_units(&mut self, available: usize) -> Vec<Unit> {
        let in_slide =
            self.measured.front().is_some_and(|unit| self.structure.is_slide(unit.block));
        let target = if in_slide { available } else { TARGET_TOKENS.min(available) };
        let mut taken: Vec<Unit> = Vec::new();
        let mut used = 0;
        let mut max_tokens = target;
        while self.has_unit() {
            let Unit { starts_block, tokens, block, .. } = self.measured[0];
            let end = self.measured[0].range.end;
            let first = taken.first().map(|unit| unit.range.start);
            let table = |block| self.large_tables.place_of(block);
            if taken.last().is_some_and(|last| table(last.block) != table(block)) {
                break;
            }
            if starts_block {
                let is_code = self.document.blocks[block].kind == BlockKind::Code;
                let is_held = |last: &Unit| self.structure.held_by(last.block) == Some(block);
                // A paragraph that fits is better whole than cut near its end.
                let may_fill = taken.last().is_none_or(|last| is_code || is_held(last));
                let limit = if may_fill { available } else { target };
                let fits = self.block_fits(limit.saturating_sub(used));
                let is_whole = is_code || self.structure.held_by(block).is_some();
                if !fits
                    && first.is_some()
                    && (used >= target / 2 || (is_whole && self.block_fits(available)))
                {
                    break;
                }
                max_tokens = if fits { limit } else { target };
            }
            let fits = |start: usize| used + tokens <= max_tokens && end - start <= MAX_CHUNK_BYTES;
            if !first.is_none_or(fits) {
                break;
            }
            used += tokens;
            taken.extend(self.measured.pop_front());
        }
        taken
    }

    /// Makes a chunk of the first of these units that together fit the budget, and puts the
    /// others back. The tokens of the embedded text may differ from the sum of its parts.
    fn build_chunk(&mut self, mut taken: Vec<Unit>) -> Option<Chunk> {
        loop {
            let range = taken.first()?.range.start..taken.last()?.range.end;
            let span = Span::new(range);
            let headings = self.outline.path().to_owned();
            let chunk = Chunk { span, headings, table_header: self.header.text().to_owned() };
            if self.fits_budget(&chunk, &taken) {
                self.repeat_last(&taken);
                return Some(chunk);
            }
            let last = taken.pop()?;
            if !taken.is_empty() {
                self.measured.push_front(last);
                continue;
            }
            // A row that fits without the header is better whole; but a table is described.
            if !chunk.table_header.is_empty() && !self.header.is_description() {
                self.header = RepeatedHeader::default();
                taken.push(last);
                continue;
            }
            let text = &self.document.text;
            let Some((head, tail)) = last.halves(text, self.budget.count) else {
                return Some(chunk);
            };
            self.measured.push_front(tail);
            taken.push(head);
        }
    }

    /// Whether a chunk of these units is within the budget. What is not embedded is counted only where
    /// it may be near the budget: the tokens of rows are estimates, and twice as many are none's.
    fn fits_budget(&self, chunk: &Chunk, units: &[Unit]) -> bool {
        let max_tokens = self.budget.max_tokens;
        let above = max_tokens - self.text_tokens + self.header.tokens();
        let estimate = above + units.iter().map(|unit| unit.tokens + 1).sum::<usize>();
        !self.is_embedded(chunk) && 2 * estimate <= max_tokens
            || (self.budget.count)(&chunk.embedded_text(self.document)) <= max_tokens
    }

    /// Makes the next chunk begin with the last sentence of this one, if the sentence is
    /// short and its paragraph continues.
    fn repeat_last(&mut self, taken: &[Unit]) {
        let (Some(last), Some(next)) = (taken.last(), self.measured.front()) else { return };
        let continues = last.block == next.block && last.is_sentence && next.is_sentence;
        let fits = last.tokens + next.tokens <= TARGET_TOKENS.min(self.text_tokens)
            && next.range.end - last.range.start <= MAX_CHUNK_BYTES;
        if taken.len() > 1 && continues && fits && last.tokens <= MAX_OVERLAP_TOKENS {
            self.measured.push_front(last.clone());
        }
    }
}

impl Iterator for Chunker<'_> {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        while self.next_section() {
            self.fit_header();
            let taken = self.take_units(self.text_tokens - self.header.tokens());
            let chunk = self.build_chunk(taken)?;
            // Otherwise the chunk is only the repeated sentence: the next one did not fit.
            if chunk.span.end > self.end {
                self.end = chunk.span.end;
                return Some(chunk);
            }
        }
        None
    }
}
