//! Document -> chunks: the pieces of text that are embedded, found and cited.

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
use units::{Unit, UnitSource};

/// Tokens a chunk grows to where paragraphs and sentences allow it.
const TARGET_TOKENS: usize = 200;
/// Tokens of the longest sentence that is repeated in the next chunk.
const OVERLAP_TOKENS: usize = 40;
/// Bytes in the longest chunk, whatever its tokens: a tokenizer may count any
/// run of letters as one.
pub const MAX_CHUNK_BYTES: usize = MAX_SENTENCE_BYTES;
/// Fewest tokens a budget must allow.
pub const MIN_CHUNK_TOKENS: usize = 8;

/// A piece of a document, small enough to embed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Where it stands in the document's text.
    pub span: Span,
    /// The headings above it, outermost first, joined by ` > `; without the
    /// outermost ones where they take too much room. Empty if there are none.
    pub headings: String,
}

impl Chunk {
    /// What is embedded for this chunk of a document with this text: the
    /// headings on a line of their own, then the text of the span.
    pub fn embedded_text(&self, text: &str) -> String {
        let slice = &text[self.span.range()];
        if self.headings.is_empty() {
            slice.to_owned()
        } else {
            format!("{}\n{slice}", self.headings)
        }
    }
}

/// How long the embedded text of a chunk may be.
#[derive(Clone, Copy)]
pub struct ChunkBudget<'a> {
    /// Tokens that the embedded text may have, without special tokens.
    pub max_tokens: usize,
    /// Tokens of a text, without special tokens.
    pub count: &'a dyn Fn(&str) -> usize,
}

/// All chunks of a document, in one step; see [`Chunker`].
///
/// # Errors
/// As [`Chunker::new`].
pub fn chunk(document: &Document, budget: &ChunkBudget<'_>) -> Result<Vec<Chunk>> {
    Ok(Chunker::new(document, *budget)?.collect())
}

/// Cuts a document into chunks, one with each call of `next`.
///
/// A heading starts a new chunk, and stands in the chunk's path of headings
/// rather than in its span; one with nothing under it, or too long for the
/// path, is a chunk itself. Below a heading, whole paragraphs are joined up to
/// about 200 tokens; what is too long is cut between sentences (rows of a table
/// and lines of code: at line ends), then between words, and inside a word only
/// if the word alone is too long. Where a paragraph is cut between sentences,
/// the next chunk repeats a short last sentence.
///
/// Spans ascend and together hold all of the document's text but white space
/// and headings. One call looks at a few chunks' worth of text, however long a
/// line or document is, and all calls count each byte a bounded number of times.
pub struct Chunker<'a> {
    document: &'a Document,
    budget: ChunkBudget<'a>,
    outline: Outline,
    /// Tokens left for the text of a chunk below the headings.
    limit: usize,
    next_block: usize,
    source: UnitSource,
    /// Units that were measured and not yet taken.
    ahead: VecDeque<Unit>,
    /// Where the last chunk ended.
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
            limit: budget.max_tokens,
            next_block: 0,
            source: UnitSource::default(),
            ahead: VecDeque::new(),
            end: 0,
        })
    }

    /// Has the next unit of this section in `ahead`; `false` at its end.
    fn fill(&mut self) -> bool {
        while self.ahead.is_empty() {
            if self.source.is_empty() && !self.continue_section() {
                return false;
            }
            self.measure_more();
        }
        true
    }

    fn measure_more(&mut self) {
        self.source.measure(&self.document.text, self.budget.count, self.limit, &mut self.ahead);
    }

    /// Goes on to the next block if it stands under the same headings.
    fn continue_section(&mut self) -> bool {
        let Some(block) = self.document.blocks.get(self.next_block) else { return false };
        if let BlockKind::Heading(level) = block.kind
            && (self.has_body(level) || self.outline.is_closed_by(level))
        {
            return false;
        }
        self.take_block();
        true
    }

    fn take_block(&mut self) {
        let block = self.document.blocks[self.next_block];
        self.source = UnitSource::new(block, self.next_block);
        self.next_block += 1;
    }

    /// Whether anything stands under the next block, a heading of `level`.
    fn has_body(&self, level: u8) -> bool {
        match self.document.blocks.get(self.next_block + 1).map(|block| block.kind) {
            Some(BlockKind::Heading(next)) => next > level,
            Some(_) => true,
            None => false,
        }
    }

    /// Goes to the next section with units to take; `false` at the document's end.
    fn next_section(&mut self) -> bool {
        while !self.fill() {
            let Some(block) = self.document.blocks.get(self.next_block) else { return false };
            let BlockKind::Heading(level) = block.kind else { return false };
            let has_body = self.has_body(level);
            self.outline.close(level);
            if has_body {
                self.outline.open(level, self.document.slice(block.span), self.budget.count);
            }
            let path = self.outline.measure(self.budget.max_tokens / 4, self.budget.count);
            self.limit = self.budget.max_tokens - path.tokens;
            if has_body && path.whole_last {
                self.next_block += 1;
            } else {
                self.take_block();
            }
        }
        true
    }

    /// Tokens of the rest of the block that the next unit belongs to, if they
    /// are at most `most`.
    fn rest_of_block(&mut self, most: usize) -> Option<usize> {
        let mut tokens = 0;
        let mut index = 0;
        let mut start = None;
        loop {
            if index == self.ahead.len() {
                self.measure_more();
            }
            let unit = self.ahead.get(index)?;
            tokens += unit.tokens;
            let start = *start.get_or_insert(unit.range.start);
            if tokens > most || unit.range.end - start > MAX_CHUNK_BYTES {
                return None;
            }
            if unit.ends_block {
                return Some(tokens);
            }
            index += 1;
        }
    }

    /// Takes the units of one chunk: at least one.
    fn gather(&mut self) -> Vec<Unit> {
        let target = TARGET_TOKENS.min(self.limit);
        let mut taken: Vec<Unit> = Vec::new();
        let mut used = 0;
        let mut most = target;
        while self.fill() {
            let (starts_block, tokens, end) = {
                let next = &self.ahead[0];
                (next.starts_block, next.tokens, next.range.end)
            };
            let first = taken.first().map(|unit| unit.range.start);
            if starts_block {
                let room = if first.is_none() { self.limit } else { target.saturating_sub(used) };
                let rest = self.rest_of_block(room);
                if rest.is_none() && used >= target / 2 && first.is_some() {
                    break;
                }
                // A paragraph that fits is better whole than cut near its end.
                most = if first.is_none() && rest.is_some() { self.limit } else { target };
            }
            let fits = |start: usize| used + tokens <= most && end - start <= MAX_CHUNK_BYTES;
            if !first.is_none_or(fits) {
                break;
            }
            used += tokens;
            taken.extend(self.ahead.pop_front());
        }
        taken
    }

    /// Gives units back until the embedded text holds the limit by its own
    /// count: that of a whole may differ from the sum of its parts.
    fn fit(&mut self, mut taken: Vec<Unit>) -> Option<Chunk> {
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
                self.ahead.push_front(last);
                continue;
            }
            let Some((head, tail)) = last.halves(text, self.budget.count) else {
                return Some(chunk);
            };
            self.ahead.push_front(tail);
            taken.push(head);
        }
    }

    /// Has the next chunk begin with the last sentence of this one, if it is
    /// short and its paragraph goes on.
    fn repeat_last(&mut self, taken: &[Unit]) {
        let (Some(last), Some(next)) = (taken.last(), self.ahead.front()) else { return };
        let goes_on = last.block == next.block && last.is_sentence && next.is_sentence;
        let fits = last.tokens + next.tokens <= TARGET_TOKENS.min(self.limit)
            && next.range.end - last.range.start <= MAX_CHUNK_BYTES;
        if taken.len() > 1 && goes_on && fits && last.tokens <= OVERLAP_TOKENS {
            self.ahead.push_front(last.clone());
        }
    }
}

impl Iterator for Chunker<'_> {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        while self.next_section() {
            let taken = self.gather();
            let chunk = self.fit(taken)?;
            // Only a sentence repeated and nothing more: what was to follow it
            // did not fit after all.
            if chunk.span.end > self.end {
                self.end = chunk.span.end;
                return Some(chunk);
            }
        }
        None
    }
}
