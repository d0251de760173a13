//! Attention of queries over keys and values.
//!
//! Keys are stored in blocks of eight, number by number, so that eight scores are computed at once.
//! Values are stored row by row. The result of a query depends, bitwise, only on the keys that it
//! sees, never on the queries beside it.

use std::cell::RefCell;
use std::ops::Range;

use super::floats::tile;
use super::layout::TILE;
use super::platform;
use super::simd::{LANES, Lanes, SimdKernel};
use super::threads::{DisjointSlice, parallel_for};
use super::vector::exp;

/// Keys and values that memory is allocated for at once.
const GROWTH: usize = 128;

/// The key-value cache of one head.
#[derive(Debug, Clone)]
pub(crate) struct KeyValues {
    size: usize,
    length: usize,
    /// Blocks of eight keys: the first number of all eight, then the second …
    keys: Vec<f32>,
    /// Row by row, filled up with zeros to whole lanes.
    values: Vec<f32>,
}

impl KeyValues {
    /// An empty cache for keys and values of `size` numbers.
    pub(crate) const fn new(size: usize) -> Self {
        Self { size, length: 0, keys: Vec::new(), values: Vec::new() }
    }

    /// Adds a key and its value.
    pub(crate) fn push(&mut self, key: &[f32], value: &[f32]) {
        self.grow();
        let (block, lane) = (self.length / LANES, self.length % LANES);
        let block = &mut self.keys[block * self.size * LANES..][..self.size * LANES];
        for (offset, &number) in block.chunks_exact_mut(LANES).zip(key) {
            offset[lane] = number;
        }
        let stride = self.value_stride();
        self.values[self.length * stride..][..self.size].copy_from_slice(value);
        self.length += 1;
    }

    /// Empties the cache, for keys and values of `size` numbers; keeps its memory.
    fn clear(&mut self, size: usize) {
        self.truncate(0);
        if self.size != size {
            *self = Self::new(size);
        }
    }

    /// Bytes held, capacity included.
    pub(crate) fn bytes(&self) -> usize {
        4 * (self.keys.len() + self.values.len())
    }

    /// Forgets all keys and values after the first `length`.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    fn value_stride(&self) -> usize {
        self.size.next_multiple_of(LANES)
    }

    fn grow(&mut self) {
        let stride = self.value_stride();
        if self.values.len() == self.length * stride {
            let capacity = self.length + GROWTH;
            self.values.reserve_exact(GROWTH * stride);
            self.values.resize(capacity * stride, 0.0);
            self.keys.reserve_exact(GROWTH * self.size);
            self.keys.resize(capacity * self.size, 0.0);
        }
    }
}

/// Which keys a query sees.
#[derive(Debug, Clone, Copy)]
pub(crate) enum AttentionMask {
    /// All keys.
    All,
    /// The row's own key, which is number `before` for the first row, and the keys before it: the
    /// last `window` of them, its own included.
    Past { before: usize, window: usize },
}

impl AttentionMask {
    fn visible(self, row: usize, length: usize) -> (usize, usize) {
        match self {
            Self::All => (0, length),
            Self::Past { before, window } => {
                let end = before + row + 1;
                (end.saturating_sub(window), end)
            }
        }
    }
}

/// How heads lie in rows of queries and of outputs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeadLayout {
    /// Numbers in a row of queries.
    pub(crate) stride: usize,
    /// Numbers in a row of outputs.
    pub(crate) output_stride: usize,
    /// Where the first head begins in a row, of queries and of outputs.
    pub(crate) first: usize,
    /// How many adjacent heads share one cache.
    pub(crate) count: usize,
    /// The factor of scores.
    pub(crate) scale: f32,
}

/// Rows of queries in one part of the work.
const PART: usize = 16;
/// The cost of a product, in products of codes.
const COST: usize = 8;

thread_local! {
    /// Memory for the scores of a tile.
    static SCORES: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
    /// Memory for the keys and values of one head of a text.
    static CACHE: RefCell<KeyValues> = const { RefCell::new(KeyValues::new(0)) };
}

/// Writes the attention of each query to its place in `output`. Each cache serves `heads.count`
/// heads; all caches have one size of keys.
pub(crate) fn attend(
    caches: &[KeyValues],
    heads: HeadLayout,
    mask: AttentionMask,
    queries: &[f32],
    output: &mut [f32],
) {
    let rows = queries.len() / heads.stride;
    assert_eq!(queries.len(), rows * heads.stride);
    assert_eq!(output.len(), rows * heads.output_stride);
    let blocks = rows.div_ceil(PART);
    let output = &DisjointSlice::new(output);
    let products = caches.iter().map(|cache| cache.length * cache.size).max().unwrap_or(0);
    let cost = COST * heads.count * rows.min(PART) * products;
    parallel_for(caches.len() * blocks, cost, &|parts| {
        for part in parts {
            let (number, block) = (part / blocks, part % blocks);
            let rows = block * PART..rows.min((block + 1) * PART);
            let cache = &caches[number];
            let first = heads.first + number * heads.count * cache.size;
            let heads = HeadLayout { first, ..heads };
            attend_rows(cache, heads, mask, queries, rows, output);
        }
    });
}

/// Attention within each of several texts, given as ranges of rows. A row of `projected` holds the
/// queries of `count` heads of `size` numbers, then their keys, then their values.
pub(crate) fn attend_within(
    texts: &[Range<usize>],
    [count, size]: [usize; 2],
    projected: &[f32],
    output: &mut [f32],
) {
    let width = count * size;
    assert_eq!(projected.len(), 3 * output.len());
    let output = &DisjointSlice::new(output);
    let longest = texts.iter().map(Range::len).max().unwrap_or(0);
    parallel_for(texts.len() * count, COST * longest * longest * size, &|parts| {
        for part in parts {
            let (rows, first) = (&texts[part / count], part % count * size);
            let heads = HeadLayout {
                stride: 3 * width,
                output_stride: width,
                first,
                count: 1,
                scale: 1.0 / (size as f32).sqrt(),
            };
            CACHE.with_borrow_mut(|cache| {
                cache.clear(size);
                for row in
                    projected[3 * width * rows.start..3 * width * rows.end].chunks_exact(3 * width)
                {
                    let of_head = |kind: usize| &row[kind * width + first..][..size];
                    cache.push(of_head(1), of_head(2));
                }
                attend_rows(cache, heads, AttentionMask::All, projected, rows.clone(), output);
            });
        }
    });
}

fn attend_rows(
    cache: &KeyValues,
    heads: HeadLayout,
    mask: AttentionMask,
    queries: &[f32],
    rows: Range<usize>,
    output: &DisjointSlice<f32>,
) {
    assert!(heads.first + heads.count * cache.size <= heads.stride.min(heads.output_stride));
    SCORES.with_borrow_mut(|scores| {
        platform::run(Attend { cache, heads, mask, queries, rows, scores, output });
    });
}

/// Some rows of queries and the heads that share a cache. One part of the work owns their elements
/// of `output`.
struct Attend<'a> {
    cache: &'a KeyValues,
    heads: HeadLayout,
    mask: AttentionMask,
    queries: &'a [f32],
    rows: Range<usize>,
    scores: &'a mut Vec<f32>,
    output: &'a DisjointSlice<'a, f32>,
}

impl SimdKernel for Attend<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { cache, heads, mask, queries, rows, scores, output } = self;
        let total = rows.len() * heads.count;
        let row_of = |query: usize| rows.start + query / heads.count;
        let offset = |query: usize, stride: usize| {
            row_of(query) * stride + heads.first + query % heads.count * cache.size
        };
        let width = cache.length.next_multiple_of(LANES);
        scores.resize(TILE * width, 0.0);
        for first in (0..total).step_by(TILE) {
            // The last tile repeats its last query.
            let query = |row: usize| (first + row).min(total - 1);
            let visible: [_; TILE] =
                std::array::from_fn(|row| mask.visible(row_of(query(row)), cache.length));
            let rows: [_; TILE] =
                std::array::from_fn(|row| queries[offset(query(row), heads.stride)..].as_ptr());
            let seen = (visible[0].0, visible[TILE - 1].1);
            assert!(seen.1 <= cache.length);
            // SAFETY: queries have `size` numbers, and `scores` has a row of `width` for each query
            // of a tile.
            let mut totals = [0.0; TILE];
            unsafe {
                score::<L>(cache, rows, seen, width, scores);
                // A loop, because the platform's instructions are not inlined into a closure.
                for row in 0..TILE {
                    let scores = &mut scores[row * width..][..width];
                    totals[row] = weigh::<L>(scores, visible[row], seen, heads.scale);
                }
            }
            let outputs = (total - first).min(TILE);
            // SAFETY: as above; every key that has a weight has a value, and no other part writes
            // the outputs of these heads.
            unsafe {
                mix::<L>(cache, seen, width, scores, totals, |row, at, numbers, count| {
                    if row < outputs {
                        let offset = offset(first + row, heads.output_stride) + at;
                        output.write(offset, numbers, count);
                    }
                })
            };
        }
    }
}

/// The products of queries with the keys that any of them sees.
#[inline(always)]
unsafe fn score<L: Lanes>(
    cache: &KeyValues,
    rows: [*const f32; TILE],
    seen: (usize, usize),
    width: usize,
    scores: &mut [f32],
) {
    for block in seen.0 / LANES..seen.1.div_ceil(LANES) {
        let keys = cache.keys[block * cache.size * LANES..].as_ptr();
        let mut out = [std::ptr::null_mut(); TILE];
        for (out, scores) in out.iter_mut().zip(scores.chunks_exact_mut(width)) {
            *out = scores[block * LANES..][..LANES].as_mut_ptr();
        }
        // SAFETY: a block has eight numbers for each number of a query.
        unsafe { tile::<L>(keys, LANES, cache.size, rows, out) };
    }
}

/// Turns scores into weights and returns their sum. Scores of keys that the query does not see
/// become 0.
#[inline(always)]
unsafe fn weigh<L: Lanes>(
    scores: &mut [f32],
    visible: (usize, usize),
    seen: (usize, usize),
    scale: f32,
) -> f32 {
    let (first, end) = (seen.0 / LANES * LANES, seen.1.next_multiple_of(LANES));
    scores[first..visible.0].fill(f32::NEG_INFINITY);
    scores[visible.1..end].fill(f32::NEG_INFINITY);
    let eights =
        |scores: &mut [f32]| scores[first..end].as_chunks_mut::<LANES>().0.as_mut_ptr_range();
    let range = eights(scores);
    // SAFETY: every pointer is to eight scores.
    unsafe {
        let mut largest = L::splat(f32::NEG_INFINITY);
        let mut at = range.start;
        while at < range.end {
            largest = L::max(largest, L::load_floats(at.cast()));
            at = at.add(1);
        }
        let (largest, scale) = (L::splat(L::max_lane(largest)), L::splat(scale));
        let mut total = L::splat(0.0);
        let mut at = range.start;
        while at < range.end {
            let weight = exp::<L>(L::mul(L::sub(L::load_floats(at.cast()), largest), scale));
            total = L::add(total, weight);
            L::store(at.cast(), weight);
            at = at.add(1);
        }
        L::sum(total)
    }
}

/// The mean of the values, weighted with `scores`.
#[inline(always)]
unsafe fn mix<L: Lanes>(
    cache: &KeyValues,
    seen: (usize, usize),
    width: usize,
    scores: &[f32],
    totals: [f32; TILE],
    mut write: impl FnMut(usize, usize, &[f32; LANES], usize),
) {
    let stride = cache.value_stride();
    let weights: [_; TILE] = std::array::from_fn(|row| scores[row * width + seen.0..].as_ptr());
    for at in (0..cache.size).step_by(LANES) {
        let values = cache.values[seen.0 * stride + at..].as_ptr();
        let mut mixed = [[0.0; LANES]; TILE];
        // SAFETY: a value is filled up to whole lanes.
        unsafe {
            let out = mixed.each_mut().map(|row| row.as_mut_ptr());
            tile::<L>(values, stride, seen.1 - seen.0, weights, out);
        }
        let numbers = LANES.min(cache.size - at);
        for (row, mut mixed) in mixed.into_iter().enumerate() {
            // SAFETY: a pointer to eight numbers.
            unsafe {
                let mean = L::div(L::load_floats(mixed.as_ptr()), L::splat(totals[row]));
                L::store(mixed.as_mut_ptr(), mean);
            }
            write(row, at, &mixed, numbers);
        }
    }
}
