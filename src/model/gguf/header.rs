//! The header of a GGUF file, read in small pieces. Counts and lengths are checked before memory is
//! allocated for them.

use std::collections::BTreeMap;

use candle_core::quantized::GgmlDType;

use super::value::{StringArray, Value};
use crate::error::{Error, Result};
use crate::model::corrupt;
use crate::source::SourceReader;

/// Bytes of one read. The last one may contain bytes of tensors, which are then read twice.
const WINDOW_BYTES: usize = 1 << 16;
/// The largest header. Those of 260,000 tokens take some 15 MB.
const MAX_HEADER_BYTES: u64 = 64 << 20;
/// The most metadata values and tensors. Models have some fifty values, and some ten tensors a
/// layer.
const MAX_VALUES: u64 = 1 << 12;
const MAX_TENSORS: u64 = 1 << 16;
/// The longest key that the format allows.
const MAX_KEY_BYTES: u64 = u16::MAX as u64;
/// The longest name of a tensor. The format limits it to 64.
const MAX_NAME_BYTES: u64 = 1 << 8;
/// The longest string that is kept: a chat template.
const MAX_STRING_BYTES: u64 = 1 << 20;
/// The deepest nesting of arrays. The format's tools write one level.
const MAX_ARRAY_DEPTH: usize = 4;
/// The arrays that are kept.
const ARRAYS: [&str; 4] = [
    "tokenizer.ggml.tokens",
    "tokenizer.ggml.scores",
    "tokenizer.ggml.token_type",
    "tokenizer.ggml.merges",
];

const U32: u32 = 4;
const I32: u32 = 5;
const F32: u32 = 6;
const STRING: u32 = 8;
const ARRAY: u32 = 9;

/// A tensor's entry in the header, before its place is checked.
pub(super) struct TensorHeader {
    pub(super) name: String,
    /// Outermost dimension first.
    pub(super) shape: Vec<u64>,
    pub(super) dtype: GgmlDType,
    /// From the end of the header and its padding.
    pub(super) offset: u64,
}

/// The content of a header.
pub(super) struct Header {
    pub(super) metadata: BTreeMap<String, Value>,
    pub(super) tensors: Vec<TensorHeader>,
    /// Its bytes, without the padding.
    pub(super) bytes: u64,
}

impl Header {
    /// Reads the header. Takes about as much memory as the header has bytes.
    pub(super) async fn read(file: &SourceReader<'_>) -> Result<Self> {
        let limit = file.size().min(MAX_HEADER_BYTES);
        let mut reader = Reader { file, limit, window: Vec::new(), at: 0, next: 0 };
        if reader.take().await? != *b"GGUF" {
            return Err(corrupt("it does not begin with \"GGUF\""));
        }
        let version = reader.u32().await?;
        if !(2..=3).contains(&version) {
            return Err(corrupt(format!("GGUF version {version}, expected 2 or 3")));
        }
        let tensors = reader.u64().await?;
        let values = reader.u64().await?;
        if values > MAX_VALUES || tensors > MAX_TENSORS {
            let detail = format!("it declares {values} values of metadata and {tensors} tensors");
            return Err(corrupt(detail));
        }
        let metadata = reader.metadata(values).await?;
        let tensors = reader.tensors(tensors).await?;
        Ok(Self { metadata, tensors, bytes: reader.position() })
    }
}

struct Reader<'a> {
    file: &'a SourceReader<'a>,
    /// The end of the file, or of the largest header.
    limit: u64,
    /// A part of the file, and how much of it was taken.
    window: Vec<u8>,
    at: usize,
    /// The position in the file after the window.
    next: u64,
}

impl Reader<'_> {
    async fn metadata(&mut self, count: u64) -> Result<BTreeMap<String, Value>> {
        let mut metadata = BTreeMap::new();
        for _ in 0..count {
            let key = self.string(MAX_KEY_BYTES).await?;
            let kind = self.u32().await?;
            let value = self.value(&key, kind).await?;
            if metadata.insert(key, value).is_some() {
                return Err(corrupt("a key of its metadata appears twice"));
            }
        }
        Ok(metadata)
    }

    async fn tensors(&mut self, count: u64) -> Result<Vec<TensorHeader>> {
        let mut tensors = Vec::new();
        for _ in 0..count {
            let name = self.string(MAX_NAME_BYTES).await?;
            let dimensions = self.u32().await?;
            if !(1..=4).contains(&dimensions) {
                return Err(corrupt(format!("{name} has {dimensions} dimensions")));
            }
            let mut shape = Vec::new();
            for _ in 0..dimensions {
                shape.push(self.u64().await?);
            }
            shape.reverse();
            let dtype = dtype_of(self.u32().await?, &name)?;
            tensors.push(TensorHeader { name, shape, dtype, offset: self.u64().await? });
        }
        Ok(tensors)
    }

    async fn value(&mut self, key: &str, kind: u32) -> Result<Value> {
        Ok(match kind {
            0 => Value::Integer(u8::from_le_bytes(self.take().await?).into()),
            1 => Value::Integer(i8::from_le_bytes(self.take().await?).into()),
            2 => Value::Integer(u16::from_le_bytes(self.take().await?).into()),
            3 => Value::Integer(i16::from_le_bytes(self.take().await?).into()),
            U32 => Value::Integer(self.u32().await?.into()),
            I32 => Value::Integer(i32::from_le_bytes(self.take().await?).into()),
            F32 => Value::Float(f32::from_le_bytes(self.take().await?).into()),
            7 => Value::Bool(self.take::<1>().await? != [0]),
            STRING => Value::String(self.string(MAX_STRING_BYTES).await?),
            ARRAY => self.array(key).await?,
            10 => Value::Integer(self.u64().await?.into()),
            11 => Value::Integer(i64::from_le_bytes(self.take().await?).into()),
            12 => Value::Float(f64::from_le_bytes(self.take().await?)),
            _ => return Err(unknown_kind(kind)),
        })
    }

    async fn array(&mut self, key: &str) -> Result<Value> {
        let (kind, count) = (self.u32().await?, self.u64().await?);
        match kind {
            STRING if ARRAYS.contains(&key) => self.string_array(count).await,
            U32 | I32 if ARRAYS.contains(&key) => {
                let integers = self.numbers(count, i32::from_le_bytes).await;
                integers.map(Value::Integers)
            }
            F32 if ARRAYS.contains(&key) => {
                let floats = self.numbers(count, f32::from_le_bytes).await;
                floats.map(Value::Floats)
            }
            _ => self.skip_array(kind, count).await.map(|()| Value::Other),
        }
    }

    async fn string_array(&mut self, count: u64) -> Result<Value> {
        // Each string has its length before it.
        let mut ends = Vec::with_capacity(self.checked_count(count, 8)?);
        let mut bytes = Vec::new();
        for _ in 0..count {
            let length = self.u64().await?;
            self.copy(length, &mut bytes).await?;
            ends.push(bytes.len() as u32);
        }
        StringArray::new(bytes, ends).map(Value::Strings).ok_or_else(not_utf8)
    }

    async fn numbers<T>(&mut self, count: u64, from_bytes: fn([u8; 4]) -> T) -> Result<Vec<T>> {
        let mut numbers = Vec::with_capacity(self.checked_count(count, 4)?);
        for _ in 0..count {
            numbers.push(from_bytes(self.take().await?));
        }
        Ok(numbers)
    }

    /// Skips an array whose kind and count were read.
    async fn skip_array(&mut self, kind: u32, count: u64) -> Result<()> {
        let mut open = vec![(kind, count)];
        while let Some((kind, count)) = open.pop() {
            match kind {
                0 | 1 | 7 => self.skip(count).await?,
                2 | 3 => self.skip(count.saturating_mul(2)).await?,
                U32 | I32 | F32 => self.skip(count.saturating_mul(4)).await?,
                10..=12 => self.skip(count.saturating_mul(8)).await?,
                STRING => {
                    for _ in 0..self.checked_count(count, 8)? {
                        let length = self.u64().await?;
                        self.skip(length).await?;
                    }
                }
                ARRAY if count > 0 && open.len() + 1 < MAX_ARRAY_DEPTH => {
                    open.push((ARRAY, count - 1));
                    open.push((self.u32().await?, self.u64().await?));
                }
                ARRAY if count == 0 => {}
                _ => return Err(unknown_kind(kind)),
            }
        }
        Ok(())
    }

    async fn u32(&mut self) -> Result<u32> {
        self.take().await.map(u32::from_le_bytes)
    }

    async fn u64(&mut self) -> Result<u64> {
        self.take().await.map(u64::from_le_bytes)
    }

    async fn string(&mut self, longest: u64) -> Result<String> {
        let length = self.u64().await?;
        if length > longest {
            return Err(corrupt(format!("a text of its header has {length} bytes")));
        }
        let mut bytes = Vec::new();
        self.copy(length, &mut bytes).await?;
        String::from_utf8(bytes).map_err(|_| not_utf8())
    }

    async fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        loop {
            if let Some((bytes, _)) = self.window[self.at..].split_first_chunk() {
                self.at += N;
                return Ok(*bytes);
            }
            self.refill().await?;
        }
    }

    /// Appends the next `count` bytes to `into`.
    async fn copy(&mut self, count: u64, into: &mut Vec<u8>) -> Result<()> {
        let mut missing = self.checked_count(count, 1)?;
        loop {
            let known = &self.window[self.at..];
            let taken = &known[..missing.min(known.len())];
            into.extend_from_slice(taken);
            (self.at, missing) = (self.at + taken.len(), missing - taken.len());
            if missing == 0 {
                return Ok(());
            }
            self.refill().await?;
        }
    }

    async fn skip(&mut self, count: u64) -> Result<()> {
        self.checked_count(count, 1)?;
        let known = (self.window.len() - self.at) as u64;
        if count <= known {
            self.at += count as usize;
        } else {
            self.next += count - known;
            self.at = self.window.len();
        }
        Ok(())
    }

    /// Checks that `count` items of at least `bytes_each` bytes fit into the rest of the header.
    fn checked_count(&self, count: u64, bytes_each: u64) -> Result<usize> {
        if count > (self.limit - self.position()) / bytes_each {
            return Err(too_short());
        }
        Ok(count as usize)
    }

    fn position(&self) -> u64 {
        self.next - (self.window.len() - self.at) as u64
    }

    /// Reads the next window. Keeps bytes that were not taken.
    async fn refill(&mut self) -> Result<()> {
        self.window.drain(..self.at);
        self.at = 0;
        let (known, more) = (self.window.len(), (self.limit - self.next).min(WINDOW_BYTES as u64));
        if more == 0 {
            return Err(too_short());
        }
        self.window.resize(known + more as usize, 0);
        self.file.read(self.next, &mut self.window[known..]).await?;
        self.next += more;
        Ok(())
    }
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

fn too_short() -> Error {
    corrupt("it ends within its header")
}

fn not_utf8() -> Error {
    corrupt("a text of its header is not UTF-8")
}

fn unknown_kind(kind: u32) -> Error {
    corrupt(format!("the metadata has a value of the kind {kind}"))
}
