//! GGUF model files. No number in them is trusted.
//!
//! candle's reader divides by the file's alignment and casts its 64-bit sizes to the platform's, so
//! the header is read here; the types of tensors are candle's. Format:
//! <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>, versions 2 and 3.

mod header;
mod value;

use std::collections::BTreeMap;
use std::ops::Range;

use candle_core::quantized::GgmlDType;

use self::header::{Header, TensorHeader};
pub(crate) use self::value::StringArray;
use self::value::Value;
use super::corrupt;
use super::matrix::{Matrix, numbers};
use crate::error::Result;
use crate::kernel::try_with_capacity;
use crate::model::row_pieces::row_pieces;
use crate::source::SourceReader;

const DEFAULT_ALIGNMENT: u64 = 32;
const MAX_ALIGNMENT: i128 = 1 << 16;

/// A tensor's place in the file, which was checked.
#[derive(Debug)]
struct Tensor {
    /// Outermost dimension first.
    shape: Vec<u64>,
    dtype: GgmlDType,
    bytes: Range<u64>,
}

/// A GGUF file with a valid header.
pub(crate) struct Gguf<'a> {
    file: &'a SourceReader<'a>,
    metadata: BTreeMap<String, Value>,
    tensors: BTreeMap<String, Tensor>,
}

impl<'a> Gguf<'a> {
    /// Reads the header.
    pub(crate) async fn read(file: &'a SourceReader<'a>) -> Result<Self> {
        let Header { metadata, tensors: headers, bytes } = Header::read(file).await?;
        let alignment = match metadata.get("general.alignment") {
            None => DEFAULT_ALIGNMENT,
            Some(Value::Integer(n)) if is_alignment(*n) => *n as u64,
            Some(other) => return Err(corrupt(format!("general.alignment is {other}"))),
        };
        let data = bytes.next_multiple_of(alignment)..file.size();
        let mut tensors = BTreeMap::new();
        for header in headers {
            let tensor = locate(&header, alignment, &data)?;
            if tensors.insert(header.name, tensor).is_some() {
                return Err(corrupt("a tensor appears twice"));
            }
        }
        check_overlaps(&tensors)?;
        Ok(Self { file, metadata, tensors })
    }

    /// The reader of the file.
    pub(crate) fn file(&self) -> &'a SourceReader<'a> {
        self.file
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.metadata.contains_key(key)
    }

    pub(crate) fn string(&self, key: &str) -> Option<&str> {
        match self.metadata.get(key) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        match self.metadata.get(key) {
            Some(Value::Bool(flag)) => Some(*flag),
            _ => None,
        }
    }

    pub(crate) fn strings(&self, key: &str) -> Option<&StringArray> {
        match self.metadata.get(key) {
            Some(Value::Strings(texts)) => Some(texts),
            _ => None,
        }
    }

    pub(crate) fn integers(&self, key: &str) -> Option<&[i32]> {
        match self.metadata.get(key) {
            Some(Value::Integers(integers)) => Some(integers),
            _ => None,
        }
    }

    pub(crate) fn floats(&self, key: &str) -> Option<&[f32]> {
        match self.metadata.get(key) {
            Some(Value::Floats(floats)) => Some(floats),
            _ => None,
        }
    }

    /// An integer in `range`, or an error that names the key.
    pub(crate) fn integer(&self, key: &str, range: Range<usize>) -> Result<usize> {
        match self.metadata.get(key) {
            Some(Value::Integer(n)) if *n >= range.start as i128 && *n < range.end as i128 => {
                Ok(*n as usize)
            }
            Some(other) => Err(corrupt(format!("{key} is {other}, expected {range:?}"))),
            None => Err(corrupt(format!("{key} is missing"))),
        }
    }

    /// A finite number, or an error that names the key.
    pub(crate) fn float(&self, key: &str) -> Result<f64> {
        match self.metadata.get(key) {
            Some(Value::Float(x)) if x.is_finite() => Ok(*x),
            Some(Value::Integer(n)) => Ok(*n as f64),
            Some(other) => Err(corrupt(format!("{key} is {other}, expected a number"))),
            None => Err(corrupt(format!("{key} is missing"))),
        }
    }

    /// Names and shapes of the tensors, outermost dimension first, sorted by name.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = (&str, &[u64])> {
        self.tensors.iter().map(|(name, tensor)| (name.as_str(), tensor.shape.as_slice()))
    }

    pub(crate) fn has_tensor(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// Reads the tensor `name` piece by piece into a matrix. It must have this shape, outermost
    /// dimension first.
    pub(crate) async fn matrix(&self, name: &str, shape: [usize; 2]) -> Result<Matrix> {
        let mut matrix = Matrix::with_capacity(self.tensor(name, &shape)?.dtype, shape)?;
        self.read_pieces(name, shape, |dtype, piece| matrix.push_rows(dtype, piece)).await?;
        Ok(matrix)
    }

    /// Reads the tensor `name` as rows of f32, one after another. It must have this shape,
    /// outermost dimension first.
    pub(crate) async fn rows(&self, name: &str, shape: [usize; 2]) -> Result<Vec<f32>> {
        let mut rows = try_with_capacity(shape[0].saturating_mul(shape[1]))?;
        self.read_pieces(name, shape, |dtype, piece| {
            rows.extend(numbers(dtype, piece)?);
            Ok(())
        })
        .await?;
        Ok(rows)
    }

    /// Calls `take` with the bytes of some rows, then of the next ones.
    async fn read_pieces(
        &self,
        name: &str,
        shape: [usize; 2],
        mut take: impl FnMut(GgmlDType, &[u8]) -> Result<()>,
    ) -> Result<()> {
        let tensor = self.tensor(name, &shape)?;
        let row_bytes = shape[1] / tensor.dtype.block_size() * tensor.dtype.type_size();
        let mut piece = Vec::new();
        for rows in row_pieces(shape[0], row_bytes) {
            piece.resize(rows.len() * row_bytes, 0);
            let start = tensor.bytes.start + rows.start as u64 * row_bytes as u64;
            self.file.read(start, &mut piece).await?;
            take(tensor.dtype, &piece)?;
        }
        Ok(())
    }

    /// Reads one row of the matrix `name` as f32. It must have this shape, and this row.
    pub(crate) async fn row(&self, name: &str, shape: [usize; 2], row: usize) -> Result<Vec<f32>> {
        let tensor = self.tensor(name, &shape)?;
        let row_bytes = shape[1] / tensor.dtype.block_size() * tensor.dtype.type_size();
        let mut bytes = vec![0; row_bytes];
        let start = tensor.bytes.start + row as u64 * row_bytes as u64;
        self.file.read(start, &mut bytes).await?;
        numbers(tensor.dtype, &bytes)
    }

    /// Reads the vector `name` as f32. It must have this length.
    pub(crate) async fn vector(&self, name: &str, length: usize) -> Result<Vec<f32>> {
        let tensor = self.tensor(name, &[length])?;
        let mut bytes = vec![0; (tensor.bytes.end - tensor.bytes.start) as usize];
        self.file.read(tensor.bytes.start, &mut bytes).await?;
        numbers(tensor.dtype, &bytes)
    }

    fn tensor(&self, name: &str, shape: &[usize]) -> Result<&Tensor> {
        let tensor = self
            .tensors
            .get(name)
            .ok_or_else(|| corrupt(format!("the tensor {name} is missing")))?;
        if !tensor.shape.iter().copied().eq(shape.iter().map(|&n| n as u64)) {
            let got = &tensor.shape;
            return Err(corrupt(format!("{name} has the shape {got:?}, expected {shape:?}")));
        }
        Ok(tensor)
    }
}

fn is_alignment(n: i128) -> bool {
    (1..=MAX_ALIGNMENT).contains(&n) && (n as u64).is_power_of_two()
}

/// Checks and returns the place of a tensor in the file.
fn locate(header: &TensorHeader, alignment: u64, data: &Range<u64>) -> Result<Tensor> {
    let TensorHeader { name, shape, dtype, offset } = header;
    let elements = shape
        .iter()
        .try_fold(1u64, |product, &n| product.checked_mul(n))
        .ok_or_else(|| corrupt(format!("the size of {name} overflows")))?;
    let block = dtype.block_size() as u64;
    let row = shape.last().copied().unwrap_or(0);
    if elements == 0 || !row.is_multiple_of(block) {
        return Err(corrupt(format!("{name} has the shape {shape:?}")));
    }
    if !offset.is_multiple_of(alignment) {
        return Err(corrupt(format!("{name} lies at {offset}, not aligned to {alignment}")));
    }
    let size = (elements / block).checked_mul(dtype.type_size() as u64);
    let start = data.start.checked_add(*offset);
    match start.zip(size).and_then(|(start, size)| Some(start..start.checked_add(size)?)) {
        Some(bytes) if bytes.end <= data.end => {
            Ok(Tensor { shape: shape.clone(), dtype: *dtype, bytes })
        }
        _ => Err(corrupt(format!("{name} lies beyond the end of the file"))),
    }
}

/// Fails where two tensors share bytes: a small file could then take much memory.
fn check_overlaps(tensors: &BTreeMap<String, Tensor>) -> Result<()> {
    let mut ranges: Vec<&Range<u64>> = tensors.values().map(|tensor| &tensor.bytes).collect();
    ranges.sort_by_key(|range| range.start);
    if ranges.windows(2).all(|pair| pair[0].end <= pair[1].start) {
        Ok(())
    } else {
        Err(corrupt("two tensors share bytes"))
    }
}
