//! The units that chunks are made of: sentences, lines, and parts of those that are too
//! long.

use std::collections::VecDeque;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::document::{Block, BlockKind, Span};
use crate::text::{MAX_SENTENCE_BYTES, cut_between_words, next_sentence};

/// A part of a block that belongs to a chunk as a whole.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    /// Its trimmed range in the document's text.
    pub(super) range: Range<usize>,
    pub(super) tokens: usize,
    /// The index of its block.
    pub(super) block: usize,
    /// It is a whole sentence of running text.
    pub(super) is_sentence: bool,
    pub(super) starts_block: bool,
    pub(super) ends_block: bool,
    /// The header rows of the table that it is a later row of.
    pub(super) table_header: Option<Span>,
}

impl Unit {
    /// The two halves of the unit; `None` for a single character.
    pub(super) fn halves(&self, text: &str, count: &dyn Fn(&str) -> usize) -> Option<(Self, Self)> {
        let (head, tail) = halves(text, self.range.clone())?;
        let part = |range: Range<usize>| Self {
            tokens: count(&text[range.clone()]),
            is_sentence: false,
            starts_block: self.starts_block && range.start == self.range.start,
            ends_block: self.ends_block && range.end == self.range.end,
            range,
            block: self.block,
            table_header: self.table_header,
        };
        Some((part(head), part(tail)))
    }
}

/// Splits a block into units and counts their tokens, one unit after another.
#[derive(Default)]
pub(super) struct BlockUnits {
    /// The part that was not split yet.
    rest: Range<usize>,
    block: usize,
    /// Whether the units are lines instead of sentences.
    by_lines: bool,
    is_started: bool,
    table_header: Option<Span>,
}

impl BlockUnits {
    pub(super) fn new(block: Block, index: usize, table_header: Option<Span>) -> Self {
        let by_lines = matches!(
            block.kind,
            BlockKind::Heading(_) | BlockKind::Code | BlockKind::TableHeader | BlockKind::TableRow
        );
        let rest = block.span.range();
        Self { rest, block: index, by_lines, is_started: false, table_header }
    }

    /// The index of the block.
    pub(super) fn block(&self) -> usize {
        self.block
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Measures the next sentence or line and appends it to `units`, in parts if it has more
    /// than `max_tokens`.
    pub(super) fn measure_next(
        &mut self,
        text: &str,
        count: &dyn Fn(&str) -> usize,
        max_tokens: usize,
        units: &mut VecDeque<Unit>,
    ) {
        let piece = if self.by_lines {
            next_line(text, &mut self.rest).map(|range| (range, false))
        } else {
            next_sentence(text, &mut self.rest).map(|piece| (piece.range, !piece.cut))
        };
        if text[self.rest.clone()].trim_start().is_empty() {
            self.rest.start = self.rest.end;
        }
        let Some((range, is_sentence)) = piece else { return };
        let whole = range.clone();
        let mut parts = vec![range];
        while let Some(range) = parts.pop() {
            let tokens = count(&text[range.clone()]);
            if tokens > max_tokens
                && let Some((head, tail)) = halves(text, range.clone())
            {
                parts.extend([tail, head]);
                continue;
            }
            units.push_back(Unit {
                tokens,
                block: self.block,
                is_sentence: is_sentence && range == whole,
                starts_block: !self.is_started,
                ends_block: self.rest.is_empty() && range.end == whole.end,
                range,
                table_header: self.table_header,
            });
            self.is_started = true;
        }
    }
}

/// Removes the first non-blank line from `rest`, a range of `text`, and returns it; at most
/// `MAX_SENTENCE_BYTES` of it.
fn next_line(text: &str, rest: &mut Range<usize>) -> Option<Range<usize>> {
    let part = &text[rest.clone()];
    let whole = part.trim_start();
    let start = rest.end - whole.len();
    if whole.is_empty() {
        rest.start = rest.end;
        return None;
    }
    let window = &whole[..whole.floor_char_boundary(MAX_SENTENCE_BYTES)];
    let length = match window.find('\n') {
        Some(end) => end,
        None if window.len() == whole.len() => window.len(),
        None => cut_between_words(window, whole),
    };
    rest.start = start + length;
    Some(start..start + whole[..length].trim_end().len())
}

/// Cuts a trimmed range into two trimmed ranges: at the white space nearest to its middle,
/// otherwise at the nearest word boundary of Unicode, otherwise between characters. `None`
/// for a single character.
fn halves(text: &str, range: Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let part = &text[range.clone()];
    let middle = part.len() / 2;
    let spaces = part.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at);
    let nearest = |places: &mut dyn Iterator<Item = usize>| {
        places.filter(|&at| at > 0 && at < part.len()).min_by_key(|&at| at.abs_diff(middle))
    };
    let at = nearest(&mut { spaces })
        .or_else(|| nearest(&mut part.split_word_bound_indices().map(|(at, _)| at)))
        .or_else(|| nearest(&mut part.char_indices().map(|(at, _)| at)))?;
    let head = range.start..range.start + part[..at].trim_end().len();
    let tail = range.end - part[at..].trim_start().len()..range.end;
    Some((head, tail))
}
