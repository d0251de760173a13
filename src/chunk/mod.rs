//! Document -> chunks: the parts of its text that are embedded, found and cited.

mod outline;
mod sentences;
mod units;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::chunk::sentences::MAX_SENTENCE_BYTES;
use crate::document::{BlockKind, Document, Span};
use crate::error::{Error, Result};

pub use sentences::sentences;

use outline::Outline;
use units::{BlockUnits, Unit};

/// The size in tokens at which a chunk ends, if paragraphs and sentences allow it.
const TARGET_TOKENS: usize = 200;
/// The most tokens of a sentence that is repeated in the next chunk.
const MAX_OVERLAP_TOKENS: usize = 40;
/// The most bytes of a chunk. Tokens alone limit nothing: a tokenizer may count any run of
/// letters as one token.
pub const MAX_CHUNK_BYTES: usize = MAX_SENTENCE_BYTES;
/// The fewest tokens that a budget must allow.
pub const MIN_CHUNK_TOKENS: usize = 8;

/// A part of a document that is small enough to embed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Its span in the document's text.
    pub span: Span,
    /// The headings above it, outermost first, joined by ` > `. The outermost ones are left
    /// out of a path that is too long. Empty if there are none.
    pub headings: String,
}

impl Chunk {
    /// The text to embed for this chunk of a document with this `text`: the headings on a
    /// separate line, then the text of the span.
    pub fn embedded_text(&self, text: &str) -> String {
        let slice = &text[self.span.range()];
        if self.headings.is_empty() {
            slice.to_owned()
        } else {
            format!("{}\n{slice}", self.headings)
        }
    }
}

/// The allowed length of a chunk's embedded text.
#[derive(Clone, Copy)]
pub struct ChunkBudget<'a> {
    /// The most tokens of the embedded text, without special tokens.
    pub max_tokens: usize,
    /// Counts the tokens of a text, without special tokens.
    pub count: &'a dyn Fn(&str) -> usize,
}

/// All chunks of a document, in one step; see [`Chunker`].
///
/// # Errors
/// As [`Chunker::new`].
pub fn chunk(document: &Document, budget: &ChunkBudget<'_>) -> Result<Vec<Chunk>> {
    Ok(Chunker::new(document, *budget)?.collect())
}

/// An iterator that cuts a document into chunks.
///
/// A heading starts a new chunk. It belongs to the heading path of the chunk and not to its
/// span; a heading without text below it, or one too long for the path, is a chunk itself.
/// Below a heading, whole paragraphs are joined up to about 200 tokens. A longer paragraph
/// is cut between sentences, and a long table or code block at line ends; a longer sentence
/// or line is cut between words, and a word only if it alone is too long. If a paragraph
/// is cut between sentences, the next chunk repeats a short last sentence.
///
/// Spans ascend, and together contain all of the document's text except white space and
/// headings. Each call of `next` reads the text of a few chunks, even of a document that is
/// one long line. All calls together count each byte a bounded number of times.
pub struct Chunker<'a> {
    document: &'a Document,
    budget: ChunkBudget<'a>,
    outline: Outline,
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
        Ok(Self {
            document,
            budget,
            outline: Outline::default(),
            text_tokens: budget.max_tokens,
            next_block: 0,
            unmeasured: BlockUnits::default(),
            measured: VecDeque::new(),
            end: 0,
        })
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
        let (text, count) = (&self.document.text, self.budget.count);
        self.unmeasured.measure_next(text, count, self.text_tokens, &mut self.measured);
    }

    /// Begins the next block if it is below the same headings.
    fn continue_section(&mut self) -> bool {
        let Some(block) = self.document.blocks.get(self.next_block) else { return false };
        if let BlockKind::Heading(level) = block.kind
            && (self.has_body(level) || self.outline.is_closed_by(level))
        {
            return false;
        }
        self.begin_block();
        true
    }

    fn begin_block(&mut self) {
        let block = self.document.blocks[self.next_block];
        self.unmeasured = BlockUnits::new(block, self.next_block);
        self.next_block += 1;
    }

    /// Whether there is text below the next block, which is a heading of `level`.
    fn has_body(&self, level: u8) -> bool {
        match self.document.blocks.get(self.next_block + 1).map(|block| block.kind) {
            Some(BlockKind::Heading(next)) => next > level,
            Some(_) => true,
            None => false,
        }
    }

    /// Moves to the next section that has units; `false` at the end of the document.
    fn next_section(&mut self) -> bool {
        while !self.has_unit() {
            let Some(block) = self.document.blocks.get(self.next_block) else { return false };
            let BlockKind::Heading(level) = block.kind else { return false };
            let has_body = self.has_body(level);
            self.outline.close(level);
            if has_body {
                self.outline.open(level, self.document.slice(block.span), self.budget.count);
            }
            let path = self.outline.fit_path(self.budget.max_tokens / 4, self.budget.count);
            self.text_tokens = self.budget.max_tokens - path.tokens;
            if has_body && path.has_whole_heading {
                self.next_block += 1;
            } else {
                self.begin_block();
            }
        }
        true
    }

    /// Whether the rest of the next unit's block has at most `max_tokens`.
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
            if unit.ends_block {
                return true;
            }
            index += 1;
        }
    }

    /// Takes the units of the next chunk: at least one.
    fn take_units(&mut self) -> Vec<Unit> {
        let target = TARGET_TOKENS.min(self.text_tokens);
        let mut taken: Vec<Unit> = Vec::new();
        let mut used = 0;
        let mut max_tokens = target;
        while self.has_unit() {
            let (starts_block, tokens, end) = {
                let next = &self.measured[0];
                (next.starts_block, next.tokens, next.range.end)
            };
            let first = taken.first().map(|unit| unit.range.start);
            if starts_block {
                let is_first = first.is_none();
                let left = if is_first { self.text_tokens } else { target.saturating_sub(used) };
                let fits = self.block_fits(left);
                if !fits && used >= target / 2 && !is_first {
                    break;
                }
                // A paragraph that fits is better whole than cut near its end.
                max_tokens = if is_first && fits { self.text_tokens } else { target };
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
            let chunk = Chunk { span, headings: self.outline.path().to_owned() };
            let text = &self.document.text;
            if (self.budget.count)(&chunk.embedded_text(text)) <= self.budget.max_tokens {
                self.repeat_last(&taken);
                return Some(chunk);
            }
            let last = taken.pop()?;
            if !taken.is_empty() {
                self.measured.push_front(last);
                continue;
            }
            let Some((head, tail)) = last.halves(text, self.budget.count) else {
                return Some(chunk);
            };
            self.measured.push_front(tail);
            taken.push(head);
        }
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
            let taken = self.take_units();
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
