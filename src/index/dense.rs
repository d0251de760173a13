//! Embeddings as 8-bit codes, and their exact comparison.
//!
//! A code is a row of numbers from -127 to 127 and one scale: number x scale is what
//! was embedded, to within half a scale. A quarter of the memory of `f32`, and a dot
//! product is exact in whole numbers, so that every platform finds the same neighbours.

use std::cmp::Ordering;

use crate::error::{Error, Result};
use crate::kernel::{MAX_DOT_I8, dot_i8, dot_i8_rows};

/// The largest number in a code.
const MAX_CODE: f32 = 127.0;

/// The largest magnitude in an embedding; embeddings are unit vectors.
const MAX_VALUE: f32 = 127.0;

/// Rows compared at a time by a scan, so that their products stay in the cache.
const SCAN_ROWS: usize = 256;

/// One embedding as a code: what is looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Code {
    codes: Vec<i8>,
    scale: f32,
}

impl Code {
    /// The code of `embedding`. Numbers that no unit vector holds are an error.
    pub fn quantize(embedding: &[f32]) -> Result<Self> {
        let mut codes = Vec::with_capacity(embedding.len());
        let scale = quantize_into(embedding, &mut codes)?;
        Ok(Self { codes, scale })
    }

    /// Numbers in the code.
    pub fn dimensions(&self) -> usize {
        self.codes.len()
    }
}

/// The codes of many embeddings, numbered from 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Codes {
    dimensions: usize,
    codes: Vec<i8>,
    scales: Vec<f32>,
}

impl Codes {
    /// No codes yet, of `dimensions` numbers each.
    pub fn new(dimensions: usize) -> Self {
        Self { dimensions, codes: Vec::new(), scales: Vec::new() }
    }

    /// No codes yet, with room for `count` of `dimensions` numbers each.
    pub(super) fn with_capacity(dimensions: usize, count: usize) -> Self {
        let (codes, scales) = (Vec::with_capacity(dimensions * count), Vec::with_capacity(count));
        Self { dimensions, codes, scales }
    }

    /// The codes with these rows and scales, or what is wrong with them.
    pub(super) fn from_parts(
        dimensions: usize,
        codes: Vec<i8>,
        scales: Vec<f32>,
    ) -> Result<Self, &'static str> {
        if dimensions > MAX_DOT_I8 || scales.len().checked_mul(dimensions) != Some(codes.len()) {
            return Err("its codes are not as many as its vectors need");
        }
        if !scales.iter().all(|scale| (0.0..=MAX_VALUE / MAX_CODE).contains(scale)) {
            return Err("a vector's scale is out of range");
        }
        Ok(Self { dimensions, codes, scales })
    }

    /// Appends the code of `embedding`, which must have `dimensions` numbers.
    pub fn push(&mut self, embedding: &[f32]) -> Result<()> {
        self.check_dimensions(embedding.len())?;
        let scale = quantize_into(embedding, &mut self.codes)?;
        self.scales.push(scale);
        Ok(())
    }

    /// Appends a code of `other`, which must have as many numbers.
    pub(crate) fn push_row_of(&mut self, other: &Self, row: usize) {
        self.codes.extend_from_slice(other.row(row));
        self.scales.push(other.scales[row]);
    }

    /// The codes from `row` on.
    pub(crate) fn from_row(&self, row: usize) -> Self {
        let codes = self.codes[row * self.dimensions..].to_vec();
        Self { dimensions: self.dimensions, codes, scales: self.scales[row..].to_vec() }
    }

    /// An error unless vectors of `dimensions` numbers can be compared with these.
    pub fn check_dimensions(&self, dimensions: usize) -> Result<()> {
        if dimensions == self.dimensions {
            return Ok(());
        }
        let expected = self.dimensions;
        let detail = format!("an embedding of {dimensions} numbers where {expected} are expected");
        Err(Error::Internal { detail })
    }

    /// Numbers in each code.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// How many codes there are.
    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.scales.is_empty()
    }

    /// The numbers of all codes, one row after another.
    pub(super) fn codes(&self) -> &[i8] {
        &self.codes
    }

    /// The scale of each code.
    pub(super) fn scales(&self) -> &[f32] {
        &self.scales
    }

    /// A checksum of every number and scale, by which a graph knows its codes again.
    pub(super) fn checksum(&self) -> u32 {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&(self.dimensions as u64).to_le_bytes());
        let mut bytes = Vec::with_capacity(4096);
        for codes in self.codes.chunks(4096) {
            bytes.clear();
            bytes.extend(codes.iter().map(|&code| code as u8));
            hasher.update(&bytes);
        }
        self.scales.iter().for_each(|scale| hasher.update(&scale.to_le_bytes()));
        hasher.finalize()
    }

    /// The cosine of `query` and code `row`, of unit vectors.
    pub fn similarity(&self, query: &Code, row: usize) -> f32 {
        scaled(dot_i8(&query.codes, self.row(row)), query.scale, self.scales[row])
    }

    /// The cosine of the codes `a` and `b`, of unit vectors.
    pub(super) fn similarity_of_rows(&self, a: usize, b: usize) -> f32 {
        scaled(dot_i8(self.row(a), self.row(b)), self.scales[a], self.scales[b])
    }

    /// Replaces `out` by the cosine of `query` and each code, computed one by one:
    /// exact, at a cost of `len() * dimensions()`.
    pub fn scan(&self, query: &Code, out: &mut Vec<f32>) {
        out.clear();
        out.reserve(self.len());
        let mut products = [0; SCAN_ROWS];
        let blocks = self.codes.chunks(SCAN_ROWS * self.dimensions.max(1));
        for (rows, scales) in blocks.zip(self.scales.chunks(SCAN_ROWS)) {
            let products = &mut products[..scales.len()];
            dot_i8_rows(&query.codes, rows, products);
            let pairs = products.iter().zip(scales);
            out.extend(pairs.map(|(&product, &scale)| scaled(product, query.scale, scale)));
        }
    }

    /// Bytes of memory in use.
    pub(super) fn memory_bytes(&self) -> usize {
        self.codes.capacity() + self.scales.capacity() * size_of::<f32>()
    }

    fn row(&self, row: usize) -> &[i8] {
        &self.codes[row * self.dimensions..][..self.dimensions]
    }
}

/// The `count` best of `scored`, best first; of equals the lower number first.
pub fn best(mut scored: Vec<(u32, f32)>, count: usize) -> Vec<(u32, f32)> {
    let order = |a: &(u32, f32), b: &(u32, f32)| descending(a.1, b.1).then(a.0.cmp(&b.0));
    if count < scored.len() {
        if count > 0 {
            scored.select_nth_unstable_by(count - 1, order);
        }
        scored.truncate(count);
    }
    scored.sort_unstable_by(order);
    scored
}

/// Orders scores from the highest to the lowest.
pub(super) fn descending(a: f32, b: f32) -> Ordering {
    b.total_cmp(&a)
}

fn scaled(product: i32, a: f32, b: f32) -> f32 {
    product as f32 * (a * b)
}

/// Appends the code of `embedding` to `codes` and returns its scale.
fn quantize_into(embedding: &[f32], codes: &mut Vec<i8>) -> Result<f32> {
    let largest = embedding.iter().fold(0.0, |largest: f32, value| largest.max(value.abs()));
    let is_usable = embedding.iter().all(|value| value.is_finite());
    if !is_usable || largest > MAX_VALUE || embedding.len() > MAX_DOT_I8 {
        let detail = "the embedder computed something that is no unit vector".to_owned();
        return Err(Error::Internal { detail });
    }
    let scale = largest / MAX_CODE;
    if !scale.is_normal() {
        codes.resize(codes.len() + embedding.len(), 0);
        return Ok(0.0);
    }
    codes.extend(embedding.iter().map(|value| (value / scale).round() as i8));
    Ok(scale)
}
