//! GGUF model files, read without trusting a single number in them.
//!
//! candle's reader divides by the file's alignment and casts its 64-bit sizes to
//! the platform's, so the header is read here; the tensors' types stay candle's.
//! Format: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>, versions 2 and 3.

use std::collections::BTreeMap;
use std::ops::Range;

use candle_core::Device;
use candle_core::quantized::{GgmlDType, ggml_file::qtensor_from_ggml};

use super::matrix::Matrix;
use super::{corrupt, from_candle};
use crate::error::Result;
use crate::kernel::Numbers;

/// Deepest nesting of arrays in metadata; the format's tools write one level.
const MAX_ARRAY_DEPTH: usize = 4;
const MAX_ALIGNMENT: u64 = 1 << 16;

/// A value of the metadata.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Integer(i128),
    Float(f64),
    Bool(bool),
    Text(String),
    Array(Vec<Value>),
}

/// What the header says of a tensor; the byte range is checked against the file.
#[derive(Debug, Clone)]
struct TensorInfo {
    /// Outermost dimension first.
    shape: Vec<usize>,
    dtype: GgmlDType,
    bytes: Range<usize>,
}

/// A GGUF file whose header holds together.
pub(crate) struct Gguf<'a> {
    file: &'a [u8],
    metadata: BTreeMap<String, Value>,
    tensors: BTreeMap<String, TensorInfo>,
}

impl<'a> Gguf<'a> {
    /// Reads the header. Time and memory are bounded by the header's size.
    pub(crate) fn parse(file: &'a [u8]) -> Result<Self> {
        let mut reader = Reader { file, at: 0 };
        if reader.take(4)? != b"GGUF" {
            return Err(corrupt("it does not begin with \"GGUF\""));
        }
        let version = reader.u32()?;
        if !(2..=3).contains(&version) {
            return Err(corrupt(format!("GGUF version {version}, expected 2 or 3")));
        }
        let tensor_count = reader.u64()?;
        let metadata_count = reader.u64()?;
        let mut metadata = BTreeMap::new();
        for _ in 0..metadata_count {
            let key = reader.text()?;
            let kind = reader.u32()?;
            metadata.insert(key, reader.value(kind, 0)?);
        }
        let headers = read_tensor_headers(&mut reader, tensor_count)?;
        let alignment = match metadata.get("general.alignment") {
            None => 32,
            Some(Value::Integer(n)) if (1..=MAX_ALIGNMENT as i128).contains(n) => *n as usize,
            Some(other) => return Err(corrupt(format!("general.alignment is {other:?}"))),
        };
        let data_start = reader.at.next_multiple_of(alignment);
        let tensors = headers
            .into_iter()
            .map(|(name, header)| Ok((name.clone(), header.locate(&name, data_start, file)?)))
            .collect::<Result<_>>()?;
        Ok(Self { file, metadata, tensors })
    }

    pub(crate) fn value(&self, key: &str) -> Option<&Value> {
        self.metadata.get(key)
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        match self.metadata.get(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        match self.metadata.get(key) {
            Some(Value::Bool(flag)) => Some(*flag),
            _ => None,
        }
    }

    pub(crate) fn array(&self, key: &str) -> Option<&[Value]> {
        match self.metadata.get(key) {
            Some(Value::Array(items)) => Some(items),
            _ => None,
        }
    }

    /// An integer in `range`, or an error that names the key.
    pub(crate) fn integer(&self, key: &str, range: Range<usize>) -> Result<usize> {
        match self.metadata.get(key) {
            Some(Value::Integer(n)) if *n >= range.start as i128 && *n < range.end as i128 => {
                Ok(*n as usize)
            }
            Some(other) => Err(corrupt(format!("{key} is {other:?}, expected {range:?}"))),
            None => Err(corrupt(format!("{key} is missing"))),
        }
    }

    /// A finite number, or an error that names the key.
    pub(crate) fn float(&self, key: &str) -> Result<f64> {
        match self.metadata.get(key) {
            Some(Value::Float(x)) if x.is_finite() => Ok(*x),
            Some(Value::Integer(n)) => Ok(*n as f64),
            Some(other) => Err(corrupt(format!("{key} is {other:?}, expected a number"))),
            None => Err(corrupt(format!("{key} is missing"))),
        }
    }

    pub(crate) fn has_tensor(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// The tensor `name`, which must have this shape (outermost dimension first).
    pub(crate) fn matrix(&self, name: &str, shape: [usize; 2]) -> Result<Matrix> {
        let info = self.info(name, &shape)?;
        let bytes = &self.file[info.bytes.clone()];
        if let Some(matrix) = Matrix::new(info.dtype, bytes, shape) {
            return Ok(matrix);
        }
        let numbers = dequantize(info.dtype, bytes, shape[0] * shape[1])?;
        Ok(Matrix::from_numbers(&Numbers::F32(numbers), shape))
    }

    /// The vector `name` as plain numbers, which must have this length.
    pub(crate) fn vector(&self, name: &str, length: usize) -> Result<Vec<f32>> {
        let info = self.info(name, &[length])?;
        dequantize(info.dtype, &self.file[info.bytes.clone()], length)
    }

    fn info(&self, name: &str, shape: &[usize]) -> Result<&TensorInfo> {
        let info = self
            .tensors
            .get(name)
            .ok_or_else(|| corrupt(format!("the tensor {name} is missing")))?;
        if info.shape != shape {
            let got = &info.shape;
            return Err(corrupt(format!("{name} has the shape {got:?}, expected {shape:?}")));
        }
        Ok(info)
    }
}

/// All numbers of a tensor. Its bytes are copied to where candle may cast them.
fn dequantize(dtype: GgmlDType, bytes: &[u8], count: usize) -> Result<Vec<f32>> {
    if matches!(dtype, GgmlDType::F32) {
        return Ok(bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect());
    }
    // All other types are aligned to two bytes at most.
    let mut aligned: Vec<u16> = vec![0; bytes.len().div_ceil(2)];
    let target = &mut bytemuck::cast_slice_mut::<u16, u8>(&mut aligned)[..bytes.len()];
    target.copy_from_slice(bytes);
    qtensor_from_ggml(dtype, target, vec![count], &Device::Cpu)
        .and_then(|tensor| tensor.dequantize(&Device::Cpu)?.to_vec1())
        .map_err(from_candle)
}

/// A tensor's header before its place is checked.
struct TensorHeader {
    shape: Vec<usize>,
    dtype: GgmlDType,
    offset: u64,
}

impl TensorHeader {
    fn locate(self, name: &str, data_start: usize, file: &[u8]) -> Result<TensorInfo> {
        let elements = self
            .shape
            .iter()
            .try_fold(1usize, |product, &n| product.checked_mul(n))
            .ok_or_else(|| corrupt(format!("the size of {name} overflows")))?;
        let row = self.shape.last().copied().unwrap_or(0);
        if elements == 0 || !row.is_multiple_of(self.dtype.block_size()) {
            return Err(corrupt(format!("{name} has the shape {:?}", self.shape)));
        }
        let size = (elements / self.dtype.block_size()).checked_mul(self.dtype.type_size());
        let start = usize::try_from(self.offset).ok().and_then(|at| at.checked_add(data_start));
        match start.zip(size).and_then(|(start, size)| Some(start..start.checked_add(size)?)) {
            Some(bytes) if bytes.end <= file.len() => {
                Ok(TensorInfo { shape: self.shape, dtype: self.dtype, bytes })
            }
            _ => Err(corrupt(format!("{name} lies beyond the end of the file"))),
        }
    }
}

fn read_tensor_headers(reader: &mut Reader, count: u64) -> Result<Vec<(String, TensorHeader)>> {
    let mut headers = Vec::new();
    for _ in 0..count {
        let name = reader.text()?;
        let dimensions = reader.u32()?;
        if !(1..=4).contains(&dimensions) {
            return Err(corrupt(format!("{name} has {dimensions} dimensions")));
        }
        let mut shape = (0..dimensions)
            .map(|_| usize::try_from(reader.u64()?).map_err(|_| corrupt("a size overflows")))
            .collect::<Result<Vec<_>>>()?;
        shape.reverse();
        let dtype = dtype_of(reader.u32()?, &name)?;
        headers.push((name, TensorHeader { shape, dtype, offset: reader.u64()? }));
    }
    Ok(headers)
}

fn dtype_of(code: u32, name: &str) -> Result<GgmlDType> {
    Ok(match code {
        0 => GgmlDType::F32,
        1 => GgmlDType::F16,
        2 => GgmlDType::Q4_0,
        3 => GgmlDType::Q4_1,
        6 => GgmlDType::Q5_0,
        7 => GgmlDType::Q5_1,
        8 => GgmlDType::Q8_0,
        10 => GgmlDType::Q2K,
        11 => GgmlDType::Q3K,
        12 => GgmlDType::Q4K,
        13 => GgmlDType::Q5K,
        14 => GgmlDType::Q6K,
        30 => GgmlDType::BF16,
        _ => return Err(corrupt(format!("{name} has the unknown type {code}"))),
    })
}

struct Reader<'a> {
    file: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let end = self.at.checked_add(count).filter(|&end| end <= self.file.len());
        let end = end.ok_or_else(|| corrupt("the file ends within its header"))?;
        let bytes = &self.file[self.at..end];
        self.at = end;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N)?);
        Ok(bytes)
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn text(&mut self) -> Result<String> {
        let length = usize::try_from(self.u64()?).map_err(|_| corrupt("a length overflows"))?;
        let bytes = self.take(length)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| corrupt("a name in it is not UTF-8"))
    }

    fn value(&mut self, kind: u32, depth: usize) -> Result<Value> {
        Ok(match kind {
            0 => Value::Integer(u8::from_le_bytes(self.array()?).into()),
            1 => Value::Integer(i8::from_le_bytes(self.array()?).into()),
            2 => Value::Integer(u16::from_le_bytes(self.array()?).into()),
            3 => Value::Integer(i16::from_le_bytes(self.array()?).into()),
            4 => Value::Integer(self.u32()?.into()),
            5 => Value::Integer(i32::from_le_bytes(self.array()?).into()),
            6 => Value::Float(f32::from_le_bytes(self.array()?).into()),
            7 => Value::Bool(self.array::<1>()?[0] != 0),
            8 => Value::Text(self.text()?),
            9 if depth < MAX_ARRAY_DEPTH => self.value_array(depth)?,
            10 => Value::Integer(self.u64()?.into()),
            11 => Value::Integer(i64::from_le_bytes(self.array()?).into()),
            12 => Value::Float(f64::from_le_bytes(self.array()?)),
            _ => return Err(corrupt(format!("the metadata has a value of the kind {kind}"))),
        })
    }

    fn value_array(&mut self, depth: usize) -> Result<Value> {
        let kind = self.u32()?;
        let count = self.u64()?;
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(self.value(kind, depth + 1)?);
        }
        Ok(Value::Array(items))
    }
}
