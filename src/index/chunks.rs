//! Where a segment's chunks stand in their texts, and below which headings: packed, and
//! read where it lies.
//!
//! Of every chunk are written (see `bit_stream.rs` for the codes)
//!
//! - a bit that is set where it starts at 0, as the first one of a text does; where it is
//!   not, the bytes from the end of the chunk before to the start, as Rice code;
//! - its length, as Rice code;
//! - its heading path's place less that of the chunk before, and one more, as gamma code.
//!
//! Where a difference may be less than 0, the numbers 0, -1, 1, -2 and so on are counted.
//! The chunks are in blocks of [`BLOCK_CHUNKS`], each of which begins with a new byte, and
//! as if the chunk before it ended at 0 and stood below the first path.
//!
//! That is 2.5 bytes a chunk where three numbers of 32 bits would be 12. What is stored is
//! the plain numbers (see `format.rs`), which are smaller there already.

use std::collections::HashMap;

use super::bit_stream::{BitReader, BitWriter, MAX_RICE_WIDTH};
use crate::chunk::Chunk;
use crate::document::Span;

/// Chunks in a block. More take less memory, fewer are found sooner.
const BLOCK_CHUNKS: usize = 32;

/// Low bits in the Rice code of what lies between two chunks: a blank, or an empty line.
const GAP_WIDTH: u32 = 2;

/// The chunks of a segment, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Chunks {
    len: usize,
    packed: Vec<u8>,
    /// Where each block begins in `packed`: bytes.
    blocks: Vec<u32>,
    /// Low bits in the Rice code of a length.
    length_width: u32,
    /// Heading paths, each once.
    paths: Vec<String>,
}

/// Where a chunk stands, and its heading path's place among the paths.
pub(super) type Place = (Span, u32);

const NO_PLACE: Place = (Span { start: 0, end: 0 }, 0);

impl Chunks {
    /// Chunks of these spans, each below the path of which the place is among `paths`, or
    /// what is wrong with them.
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

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The chunk of this number, which must be below [`Chunks::len`].
    pub(super) fn get(&self, number: usize) -> Chunk {
        let place = self.from(number).next();
        let (span, path) = place.expect("whoever asks for a chunk was told of its number");
        Chunk { span, headings: self.paths[path as usize].clone() }
    }

    /// The places of the chunks from `first` on.
    pub(super) fn from(&self, first: usize) -> impl Iterator<Item = Place> {
        let start = first / BLOCK_CHUNKS * BLOCK_CHUNKS;
        let reader = BitReader::new(&[], 0);
        Places { chunks: self, next: start, last: NO_PLACE, reader }.skip(first - start)
    }

    /// Heading paths, each once.
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

// Differences wrap, so that any numbers are read as they were written: whether they make
// sense is not known here.
fn write(last: Place, (span, path): Place, length_width: u32, to: &mut BitWriter) {
    to.plain(u32::from(span.start == 0), 1);
    if span.start != 0 {
        to.rice(folded(span.start.wrapping_sub(last.0.end)), GAP_WIDTH);
    }
    to.rice(span.end.wrapping_sub(span.start), length_width);
    // Paths are fewer than half of what 32 bits count, as each takes memory.
    to.gamma(folded(path.wrapping_sub(last.1)) + 1);
}

/// Reads places one after another.
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
            _ => self.last.0.end.wrapping_add(unfolded(self.reader.rice(GAP_WIDTH))),
        };
        let end = start.wrapping_add(self.reader.rice(self.chunks.length_width));
        let path = self.last.1.wrapping_add(unfolded(self.reader.gamma().wrapping_sub(1)));
        self.last = (Span { start, end }, path);
        Some(self.last)
    }
}

/// A difference, of 32 bits with a sign, as a number that is small where it is near 0.
fn folded(difference: u32) -> u32 {
    let sign = (difference as i32 >> 31) as u32;
    difference << 1 ^ sign
}

/// The difference of which this is the number.
fn unfolded(number: u32) -> u32 {
    number >> 1 ^ (number & 1).wrapping_neg()
}

/// Collects [`Chunks`], one after another.
#[derive(Debug, Default)]
pub(super) struct ChunksBuilder {
    spans: Vec<Span>,
    headings: Vec<u32>,
    paths: Vec<String>,
    /// The place of each path in `paths`.
    places: HashMap<String, u32>,
}

impl ChunksBuilder {
    /// Appends a chunk that stands below these headings.
    pub(super) fn push(&mut self, span: Span, path: &str) {
        let place = self.places.get(path).copied().unwrap_or_else(|| {
            let place = self.paths.len() as u32;
            self.places.insert(path.to_owned(), place);
            self.paths.push(path.to_owned());
            place
        });
        self.spans.push(span);
        self.headings.push(place);
    }

    /// How many were pushed.
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
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn places(chunks: &Chunks, first: usize) -> Vec<Place> {
        chunks.from(first).collect()
    }

    #[test]
    fn chunks_are_read_as_they_were_packed_whatever_their_numbers_are() {
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
                assert_eq!(chunks.get(number), Chunk { span, headings });
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
    fn neighbours_in_a_text_take_few_bytes() {
        let mut builder = ChunksBuilder::default();
        for number in 0..32_000 {
            let start = number % 8 * 702;
            let path = format!("Part {}", number / 4 % 8);
            builder.push(Span { start, end: start + 700 - number % 3 }, &path);
        }
        let bytes = builder.finish().memory_bytes();
        assert!(bytes < 32_000 * 5 / 2, "{bytes}");
    }

    #[test]
    fn headings_that_are_missing_are_an_error() {
        let span = Span { start: 0, end: 1 };
        assert!(Chunks::from_parts(&[span], &[], vec![String::new()]).is_err());
        assert!(Chunks::from_parts(&[span], &[1], vec![String::new()]).is_err());
    }
}
