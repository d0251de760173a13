//! The spans and heading paths of a segment's chunks, packed in memory and read without
//! unpacking.
//!
//! A chunk is written as follows (`bit_stream.rs` defines the codes):
//!
//! - a bit that is set if it starts at 0, like the first chunk of a text. Otherwise follows
//!   the number of bytes from the end of the chunk before to its start, as Rice code;
//! - its length, as Rice code;
//! - the index of its heading path minus that of the chunk before, plus one, as gamma code.
//!
//! Differences with a sign are mapped to unsigned numbers: 0, -1, 1, -2 become 0, 1, 2, 3.
//! The chunks are in blocks of [`BLOCK_CHUNKS`]. Each block begins at a byte, and as if the
//! chunk before it ended at 0 and had the first path.
//!
//! A chunk takes 2.5 bytes instead of the 12 of three 32-bit numbers. The record of a
//! segment (`segment_record.rs`) stores plain numbers, whose encoding is compact already.

use std::collections::HashMap;

use super::bit_stream::{BitReader, BitWriter, MAX_RICE_WIDTH};
use crate::chunk::Chunk;
use crate::document::Span;

/// Chunks in a block. Larger blocks take less memory, smaller ones are faster to read from.
const BLOCK_CHUNKS: usize = 32;

/// Low bits in the Rice code of the gap between two chunks: a space or an empty line.
const GAP_WIDTH: u32 = 2;

/// Separates a heading path from the header of a table. Both are one line.
const HEADER_SEPARATOR: char = '\n';

/// The chunks of a segment, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Chunks {
    len: usize,
    packed: Vec<u8>,
    /// The byte offset in `packed` of each block.
    blocks: Vec<u32>,
    /// Low bits in the Rice code of a length.
    length_width: u32,
    /// The distinct heading paths, those above the rows of a table with its header.
    paths: Vec<String>,
}

/// The span of a chunk, and the index of its heading path.
pub(super) type Place = (Span, u32);

const NO_PLACE: Place = (Span { start: 0, end: 0 }, 0);

impl Chunks {
    /// Chunks with these spans and these indices into `paths`, or a description of the damage.
    pub(super) fn from_parts(
        spans: &[Span],
        headings: &[u32],
        mut paths: Vec<String>,
    ) -> Result<Self, &'static str> {
        if spans.len() != headings.len() {
            return Err("its headings are not as many as its chunks");
        }
        if headings.iter().any(|&path| path as usize >= paths.len()) {
            return Err("a chunk stands below headings that are missing");
        }
        paths.shrink_to_fit();
        let length_width = length_width(spans);
        let (mut bits, mut blocks) = (BitWriter::default(), Vec::new());
        blocks.reserve_exact(spans.len().div_ceil(BLOCK_CHUNKS));
        for (spans, headings) in spans.chunks(BLOCK_CHUNKS).zip(headings.chunks(BLOCK_CHUNKS)) {
            blocks.push(bits.align() as u32);
            let mut last = NO_PLACE;
            for (&span, &path) in spans.iter().zip(headings) {
                write(last, (span, path), length_width, &mut bits);
                last = (span, path);
            }
        }
        Ok(Self { len: spans.len(), packed: bits.finish(), blocks, length_width, paths })
    }

    /// The number of chunks.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The chunk of this number, which must be below [`Chunks::len`].
    pub(super) fn get(&self, number: usize) -> Chunk {
        let place = self.from(number).next();
        let (span, path) = place.expect("the caller gives a number below len()");
        let path = &self.paths[path as usize];
        let (headings, table_header) = path.split_once(HEADER_SEPARATOR).unwrap_or((path, ""));
        Chunk { span, headings: headings.to_owned(), table_header: table_header.to_owned() }
    }

    /// The places of the chunks from `first` on.
    pub(super) fn from(&self, first: usize) -> impl Iterator<Item = Place> {
        let start = first / BLOCK_CHUNKS * BLOCK_CHUNKS;
        let reader = BitReader::new(&[], 0);
        Places { chunks: self, next: start, last: NO_PLACE, reader }.skip(first - start)
    }

    /// The distinct heading paths.
    pub(super) fn paths(&self) -> &[String] {
        &self.paths
    }

    /// Bytes of memory in use.
    pub(super) fn memory_bytes(&self) -> usize {
        let paths: usize = self.paths.iter().map(String::capacity).sum();
        self.packed.capacity()
            + self.blocks.capacity() * size_of::<u32>()
            + self.paths.capacity() * size_of::<String>()
            + paths
    }
}

/// The width at which a Rice code is short for the lengths of `spans`: the binary
/// logarithm of 0.69 times their mean.
fn length_width(spans: &[Span]) -> u32 {
    let sum: u64 = spans.iter().map(|span| u64::from(span.end.wrapping_sub(span.start))).sum();
    let typical = sum / spans.len().max(1) as u64 * 11 / 16;
    typical.checked_ilog2().unwrap_or(0).min(MAX_RICE_WIDTH)
}

// Differences wrap, so that any numbers are read as they were written. Whether they are
// sensible is checked elsewhere.
fn write(last: Place, (span, path): Place, length_width: u32, to: &mut BitWriter) {
    to.plain(u32::from(span.start == 0), 1);
    if span.start != 0 {
        to.rice(zigzag(span.start.wrapping_sub(last.0.end)), GAP_WIDTH);
    }
    to.rice(span.end.wrapping_sub(span.start), length_width);
    // There are fewer than 2^31 paths, as each takes memory.
    to.gamma(zigzag(path.wrapping_sub(last.1)) + 1);
}

/// Reads places in order.
struct Places<'a> {
    chunks: &'a Chunks,
    next: usize,
    last: Place,
    reader: BitReader<'a>,
}

impl Iterator for Places<'_> {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        if self.next >= self.chunks.len {
            return None;
        }
        if self.next.is_multiple_of(BLOCK_CHUNKS) {
            let start = self.chunks.blocks[self.next / BLOCK_CHUNKS];
            self.reader = BitReader::new(&self.chunks.packed, u64::from(start) * 8);
            self.last = NO_PLACE;
        }
        self.next += 1;
        let start = match self.reader.plain(1) {
            1 => 0,
            _ => self.last.0.end.wrapping_add(unzigzag(self.reader.rice(GAP_WIDTH))),
        };
        let end = start.wrapping_add(self.reader.rice(self.chunks.length_width));
        let path = self.last.1.wrapping_add(unzigzag(self.reader.gamma().wrapping_sub(1)));
        self.last = (Span { start, end }, path);
        Some(self.last)
    }
}

/// Maps a signed 32-bit difference to an unsigned number (zigzag encoding).
fn zigzag(difference: u32) -> u32 {
    let sign = (difference as i32 >> 31) as u32;
    difference << 1 ^ sign
}

/// The inverse of [`zigzag`].
fn unzigzag(number: u32) -> u32 {
    number >> 1 ^ (number & 1).wrapping_neg()
}

/// Collects [`Chunks`], one after another.
#[derive(Debug, Default)]
pub(super) struct ChunksBuilder {
    spans: Vec<Span>,
    headings: Vec<u32>,
    paths: Vec<String>,
    /// The index of each path in `paths`.
    places: HashMap<String, u32>,
}

impl ChunksBuilder {
    /// Appends a chunk.
    pub(super) fn push(&mut self, chunk: Chunk) {
        let Chunk { span, headings: mut path, table_header } = chunk;
        if !table_header.is_empty() {
            path.push(HEADER_SEPARATOR);
            path.push_str(&table_header);
        }
        self.push_below(span, &path);
    }

    /// Appends a chunk below one of the paths of [`Chunks`].
    pub(super) fn push_below(&mut self, span: Span, path: &str) {
        let place = self.places.get(path).copied().unwrap_or_else(|| {
            let place = self.paths.len() as u32;
            self.places.insert(path.to_owned(), place);
            self.paths.push(path.to_owned());
            place
        });
        self.spans.push(span);
        self.headings.push(place);
    }

    /// The number of chunks pushed.
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// The chunks, packed.
    pub(super) fn finish(self) -> Chunks {
        Chunks::from_parts(&self.spans, &self.headings, self.paths)
            .expect("each chunk was pushed with its path")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::rng::{Rng, seed};
    use crate::test;

    fn places(chunks: &Chunks, first: usize) -> Vec<Place> {
        chunks.from(first).collect()
    }

    #[test]
    fn any_chunks_are_read_as_they_were_packed() {
        let mut rng = Rng::new(seed());
        let mut any = |most: u64| (rng.bits() >> (rng.bits() % 64)) as u32 % most as u32;
        for count in [0, 1, 31, 32, 33, 1000] {
            let paths: Vec<String> = (0..300).map(|number| format!("Part {number}")).collect();
            let spans: Vec<Span> = (0..count)
                .map(|_| Span { start: any(u32::MAX.into()), end: any(u32::MAX.into()) })
                .collect();
            let headings: Vec<u32> = (0..count).map(|_| any(300)).collect();
            let chunks = Chunks::from_parts(&spans, &headings, paths.clone()).unwrap();
            let all: Vec<Place> = spans.into_iter().zip(headings).collect();
            assert_eq!((chunks.len(), chunks.paths()), (count, &paths[..]));
            for first in [0, 1, 31, 32, 40, 999, 1000] {
                assert_eq!(places(&chunks, first), all.get(first..).unwrap_or_default());
            }
            for (number, &(span, path)) in all.iter().enumerate() {
                let headings = paths[path as usize].clone();
                assert_eq!(chunks.get(number), Chunk { span, headings, ..Chunk::default() });
            }
        }
    }

    #[test]
    fn the_largest_numbers_are_kept() {
        let ends = [0, 1, 2, u32::MAX / 2, u32::MAX / 2 + 1, u32::MAX - 1, u32::MAX];
        let pairs = ends.iter().flat_map(|&start| ends.map(|end| Span { start, end }));
        let spans: Vec<Span> = pairs.collect();
        let chunks =
            Chunks::from_parts(&spans, &vec![0; spans.len()], vec![String::new()]).unwrap();
        assert_eq!(places(&chunks, 0).into_iter().map(|(span, _)| span).collect::<Vec<_>>(), spans);
    }

    #[test]
    fn consecutive_chunks_take_few_bytes() {
        let mut builder = ChunksBuilder::default();
        for number in 0..32_000 {
            let start = number % 8 * 702;
            let path = format!("Part {}", number / 4 % 8);
            builder.push_below(Span { start, end: start + 700 - number % 3 }, &path);
        }
        let bytes = builder.finish().memory_bytes();
        assert!(bytes < 32_000 * 5 / 2, "{bytes}");
    }

    #[test]
    fn the_header_of_a_table_is_stored_once_with_the_headings() {
        let row = |start, headings: &str, table_header: &str| {
            let span = Span { start, end: start + 9 };
            Chunk { span, headings: headings.to_owned(), table_header: table_header.to_owned() }
        };
        let given =
            [row(0, "A", ""), row(10, "A", "x | y"), row(20, "A", "x | y"), row(30, "", "z")];
        let mut builder = ChunksBuilder::default();
        given.iter().for_each(|chunk| builder.push(chunk.clone()));
        let chunks = builder.finish();
        assert_eq!([0, 1, 2, 3].map(|number| chunks.get(number)), given);
        assert_eq!(chunks.paths().len(), 3);
    }

    #[test]
    fn missing_headings_are_an_error() {
        let span = Span { start: 0, end: 1 };
        assert!(Chunks::from_parts(&[span], &[], vec![String::new()]).is_err());
        assert!(Chunks::from_parts(&[span], &[1], vec![String::new()]).is_err());
    }
}
