//! The weights of an encoder, or of an adapter, in a safetensors file. Each is read by name when it is needed.

use std::collections::HashMap;
use std::ops::Range;

use half::{bf16, f16};
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};

use super::linear::{EmbeddingTable, Linear, TableRows};
use super::row_pieces::row_pieces;
use super::{corrupt, q4_0};
use crate::error::{Error, Result};
use crate::kernel::{
    BLOCK, FloatMatrix, FloatVec, RowScaledMatrix, all_finite, push_row_codes, try_with_capacity,
};
use crate::source::SourceReader;

/// Bytes of the header's length, which comes first.
const PREFIX_BYTES: u64 = 8;
/// The largest header. It may contain a tokenizer: one of half a million words takes some 20 MB.
const MAX_HEADER_BYTES: u64 = 64 << 20;

/// All tensors of such a file, still in it.
pub(crate) struct Weights<'a> {
    file: &'a SourceReader<'a>,
    /// Where the tensors' bytes begin in the file.
    start: u64,
    tensors: HashMap<String, TensorInfo>,
}

impl<'a> Weights<'a> {
    /// Reads the header: the tensors, and the metadata.
    pub(crate) async fn open(
        file: &'a SourceReader<'a>,
    ) -> Result<(Self, HashMap<String, String>)> {
        let damaged = |detail: &str| corrupt(format!("no safetensors container ({detail})"));
        let mut length = [0; PREFIX_BYTES as usize];
        file.read(0, &mut length).await?;
        let length = u64::from_le_bytes(length);
        let start = length.saturating_add(PREFIX_BYTES);
        if length > MAX_HEADER_BYTES || start > file.size() {
            return Err(damaged(&format!("its header declares {length} bytes")));
        }
        let mut header = vec![0; length as usize];
        file.read(PREFIX_BYTES, &mut header).await?;
        // This checks that tensors follow each other without a gap and are as long as their shapes
        // require.
        let header: Metadata =
            serde_json::from_slice(&header).map_err(|e| damaged(&e.to_string()))?;
        if start + header.data_len() as u64 != file.size() {
            return Err(damaged("its size is not that of its tensors"));
        }
        let mut tensors = HashMap::new();
        for (name, info) in header.tensors() {
            // Files of models with a head have "bert." before each name of the encoder.
            let own = name.strip_prefix("bert.").unwrap_or(&name);
            if tensors.insert(own.to_owned(), info.clone()).is_some() {
                return Err(corrupt(format!("the tensor {own} appears twice")));
            }
        }
        let texts = header.metadata().clone().unwrap_or_default();
        Ok((Self { file, start, tensors }, texts))
    }

    /// The reader of the file.
    pub(crate) fn file(&self) -> &'a SourceReader<'a> {
        self.file
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// Names and shapes of the tensors that are not integers, sorted by name.
    pub(crate) fn float_tensors(&self) -> Vec<(&str, &[usize])> {
        use Dtype::{BOOL, I8, I16, I32, I64, U8, U16, U32, U64};
        let is_whole = |dtype| matches!(dtype, BOOL | I8 | I16 | I32 | I64 | U8 | U16 | U32 | U64);
        let tensors = self.tensors.iter().filter(|(_, info)| !is_whole(info.dtype));
        let mut tensors: Vec<_> =
            tensors.map(|(name, info)| (name.as_str(), info.shape.as_slice())).collect();
        tensors.sort_unstable();
        tensors
    }

    /// Some rows of a tensor, which must exist, as if it had this number of rows and columns.
    pub(crate) async fn tensor_rows(
        &self,
        name: &str,
        [rows, columns]: [usize; 2],
        some: Range<usize>,
    ) -> Result<Vec<f32>> {
        let info = self.tensors.get(name).ok_or_else(|| missing(name))?;
        self.float_rows(&Stack { name, parts: vec![info], rows }, some, columns).await
    }

    fn get(&self, name: &str, shape: &[usize]) -> Result<&TensorInfo> {
        let info = self.tensors.get(name).ok_or_else(|| missing(name))?;
        if info.shape != shape {
            let got = &info.shape;
            return Err(corrupt(format!("{name} has the shape {got:?}, expected {shape:?}")));
        }
        Ok(info)
    }

    /// A tensor of this type and of any length, as bytes.
    pub(crate) async fn list(&self, name: &str, dtype: Dtype) -> Result<Vec<u8>> {
        let info = self.tensors.get(name).ok_or_else(|| missing(name))?;
        if info.dtype != dtype || info.shape.len() != 1 {
            let (got, shape) = (info.dtype, &info.shape);
            return Err(corrupt(format!(
                "{name} is {got:?} {shape:?}, expected a list of {dtype:?}"
            )));
        }
        let (first, end) = info.data_offsets;
        let mut bytes = try_with_capacity(end - first)?;
        bytes.resize(end - first, 0);
        self.file.read(self.start + first as u64, &mut bytes).await?;
        Ok(bytes)
    }

    /// A tensor of rows, either of numbers or, with the type U8, of [`q4_0`] blocks.
    fn get_rows(&self, name: &str, [rows, columns]: [usize; 2]) -> Result<&TensorInfo> {
        let info = self.tensors.get(name).ok_or_else(|| missing(name))?;
        if info.dtype != Dtype::U8 {
            // The kernels of a convolution are rows, each of all its numbers.
            let is_rows = info.shape.len() > 2 && info.shape[0] == rows;
            if is_rows && info.shape[1..].iter().product::<usize>() == columns {
                return Ok(info);
            }
            return self.get(name, &[rows, columns]);
        }
        if !columns.is_multiple_of(BLOCK) {
            return Err(corrupt(format!("{name} is of blocks, but has {columns} columns")));
        }
        self.get(name, &[rows, columns / BLOCK, q4_0::BLOCK_BYTES])
    }

    pub(crate) async fn vector(&self, name: &str, length: usize) -> Result<Vec<f32>> {
        let stack = Stack { name, parts: vec![self.get(name, &[length])?], rows: length };
        self.floats(&stack, 1).await
    }

    pub(crate) async fn table(
        &self,
        name: &str,
        [rows, width]: [usize; 2],
    ) -> Result<EmbeddingTable> {
        let stack = Stack { name, parts: vec![self.get_rows(name, [rows, width])?], rows };
        let rows = match stack.dtype()? {
            Dtype::U8 => TableRows::Blocks(self.blocks(&stack, 0..rows, width).await?),
            Dtype::I8 => {
                let mut codes = try_with_capacity(rows * width)?;
                codes.resize(rows * width, 0);
                self.read(&stack, 0, bytemuck::cast_slice_mut(&mut codes)).await?;
                TableRows::Codes { codes, scales: self.scales(name, rows).await? }
            }
            _ => TableRows::Floats(self.floats(&stack, width).await?),
        };
        Ok(EmbeddingTable { width, rows })
    }

    /// Stacks matrices of one shape, so that their common input is read once.
    pub(crate) async fn linear(
        &self,
        names: &[String],
        [rows, columns]: [usize; 2],
    ) -> Result<Linear> {
        let mut biases = Vec::new();
        for name in names {
            biases.extend(self.vector(&format!("{name}.bias"), rows).await?);
        }
        self.stacked(names, [rows, columns], biases).await
    }

    /// A matrix whose tensors have names of their own.
    pub(crate) async fn linear_of(
        &self,
        weight: &str,
        bias: &str,
        [rows, columns]: [usize; 2],
    ) -> Result<Linear> {
        let biases = self.vector(bias, rows).await?;
        self.stacked_of(&[weight.to_owned()], [rows, columns], biases).await
    }

    /// All numbers of a small tensor of floats, of any shape, that has `count` of them.
    pub(crate) async fn numbers(&self, name: &str, count: usize) -> Result<Vec<f32>> {
        let info = self.tensors.get(name).ok_or_else(|| missing(name))?;
        if info.shape.iter().product::<usize>() != count {
            let got = &info.shape;
            return Err(corrupt(format!("{name} has the shape {got:?}, expected {count} numbers")));
        }
        self.floats(&Stack { name, parts: vec![info], rows: count }, 1).await
    }

    /// The numbers of a matrix, or of kernels as rows of all their numbers, of bytes or of floats.
    pub(crate) async fn dense(&self, name: &str, [rows, columns]: [usize; 2]) -> Result<Vec<f32>> {
        let stack = Stack { name, parts: vec![self.get_rows(name, [rows, columns])?], rows };
        match stack.dtype()? {
            Dtype::I8 => {}
            Dtype::U8 => {
                return Err(corrupt(format!("{name} is of blocks, which are not read here")));
            }
            _ => return self.floats(&stack, columns).await,
        }
        let mut codes: Vec<i8> = vec![0; rows * columns];
        self.read(&stack, 0, bytemuck::cast_slice_mut(&mut codes)).await?;
        let scales = self.scales(name, rows).await?;
        let number = |(at, code): (usize, &i8)| f32::from(*code) * scales[at / columns];
        Ok(codes.iter().enumerate().map(number).collect())
    }

    /// A matrix that has no biases.
    pub(crate) async fn linear_without_biases(
        &self,
        name: &str,
        [rows, columns]: [usize; 2],
    ) -> Result<Linear> {
        self.stacked(&[name.to_owned()], [rows, columns], vec![0.0; rows]).await
    }

    /// The rows of a small matrix of floats.
    pub(crate) async fn rows<const ROWS: usize>(
        &self,
        name: &str,
        columns: usize,
    ) -> Result<[Vec<f32>; ROWS]> {
        let stack = Stack { name, parts: vec![self.get(name, &[ROWS, columns])?], rows: ROWS };
        let numbers = self.floats(&stack, columns).await?;
        Ok(std::array::from_fn(|row| numbers[row * columns..(row + 1) * columns].to_vec()))
    }

    async fn stacked(
        &self,
        names: &[String],
        shape: [usize; 2],
        biases: Vec<f32>,
    ) -> Result<Linear> {
        let names: Vec<String> = names.iter().map(|name| format!("{name}.weight")).collect();
        self.stacked_of(&names, shape, biases).await
    }

    async fn stacked_of(
        &self,
        names: &[String],
        [rows, columns]: [usize; 2],
        biases: Vec<f32>,
    ) -> Result<Linear> {
        let (mut scales, mut parts) = (Vec::new(), Vec::new());
        for name in names {
            let info = self.get_rows(name, [rows, columns])?;
            if info.dtype == Dtype::I8 {
                scales.extend(self.scales(name, rows).await?);
            }
            parts.push(info);
        }
        let name = names.first().map_or("", String::as_str);
        let stack = Stack { name, parts, rows };
        let shape = [biases.len(), columns];
        match stack.dtype()? {
            Dtype::U8 => {
                let matrix = self.row_scaled_from_blocks(&stack, shape, &biases).await?;
                return Ok(Linear::RowScaled(matrix));
            }
            Dtype::I8 => {
                let matrix = self.row_scaled(&stack, shape, &scales, &biases).await?;
                return Ok(Linear::RowScaled(matrix));
            }
            _ => {}
        }
        let mut matrix = FloatMatrix::with_capacity(shape, &FloatVec::F32(Vec::new()))?;
        for rows in row_pieces(shape[0], 4 * columns) {
            let numbers = self.float_rows(&stack, rows, columns).await?;
            matrix.push_rows(&FloatVec::F32(numbers));
        }
        Ok(Linear::Floats { matrix, biases })
    }

    async fn row_scaled(
        &self,
        stack: &Stack<'_>,
        [rows, columns]: [usize; 2],
        scales: &[f32],
        biases: &[f32],
    ) -> Result<RowScaledMatrix> {
        let mut matrix = RowScaledMatrix::with_capacity([rows, columns])?;
        let mut codes: Vec<i8> = Vec::new();
        for rows in row_pieces(rows, columns) {
            codes.resize(rows.len() * columns, 0);
            self.read(stack, rows.start, bytemuck::cast_slice_mut(&mut codes)).await?;
            matrix.push_rows(&codes, &scales[rows.clone()], &biases[rows]);
        }
        Ok(matrix)
    }

    /// Blocks become bytes with a scale for each row, which kernels multiply faster. The steps of
    /// bytes are a sixteenth of those of the blocks that have the largest scale.
    async fn row_scaled_from_blocks(
        &self,
        stack: &Stack<'_>,
        [rows, columns]: [usize; 2],
        biases: &[f32],
    ) -> Result<RowScaledMatrix> {
        let mut matrix = RowScaledMatrix::with_capacity([rows, columns])?;
        let (mut codes, mut scales, mut numbers) = (Vec::new(), Vec::new(), vec![0.0; columns]);
        for rows in row_pieces(rows, columns) {
            let blocks = self.blocks(stack, rows.clone(), columns).await?;
            codes.clear();
            scales.clear();
            for row in blocks.chunks_exact(columns / BLOCK * q4_0::BLOCK_BYTES) {
                numbers.fill(0.0);
                q4_0::add_weights(row, &mut numbers);
                scales.push(push_row_codes(&numbers, &mut codes));
            }
            matrix.push_rows(&codes, &scales, &biases[rows]);
        }
        Ok(matrix)
    }

    /// Some rows of blocks. Fails where a scale is not finite.
    async fn blocks(
        &self,
        stack: &Stack<'_>,
        rows: Range<usize>,
        columns: usize,
    ) -> Result<Vec<u8>> {
        let size = rows.len() * (columns / BLOCK * q4_0::BLOCK_BYTES);
        let mut blocks = try_with_capacity(size)?;
        blocks.resize(size, 0);
        self.read(stack, rows.start, &mut blocks).await?;
        if q4_0::are_finite(&blocks) {
            Ok(blocks)
        } else {
            Err(corrupt(format!("{} holds numbers that are not finite", stack.name)))
        }
    }

    async fn scales(&self, name: &str, rows: usize) -> Result<Vec<f32>> {
        self.vector(&format!("{name}.scale"), rows).await
    }

    async fn floats(&self, stack: &Stack<'_>, width: usize) -> Result<Vec<f32>> {
        let mut numbers = try_with_capacity(stack.rows * width)?;
        for rows in row_pieces(stack.rows, 4 * width) {
            numbers.extend(self.float_rows(stack, rows, width).await?);
        }
        Ok(numbers)
    }

    /// Some rows as f32. Fails where a number is not finite.
    async fn float_rows(
        &self,
        stack: &Stack<'_>,
        rows: Range<usize>,
        width: usize,
    ) -> Result<Vec<f32>> {
        let dtype = stack.dtype()?;
        let mut bytes = vec![0; rows.len() * width * dtype.bitsize() / 8];
        let bytes = self.read(stack, rows.start, &mut bytes).await?;
        let twos = bytes.as_chunks().0.iter();
        let numbers: Vec<f32> = match dtype {
            Dtype::F32 => bytes.as_chunks().0.iter().map(|&x| f32::from_le_bytes(x)).collect(),
            Dtype::F16 => twos.map(|&x| f16::from_le_bytes(x).to_f32()).collect(),
            Dtype::BF16 => twos.map(|&x| bf16::from_le_bytes(x).to_f32()).collect(),
            Dtype::F64 => {
                bytes.as_chunks().0.iter().map(|&x| f64::from_le_bytes(x) as f32).collect()
            }
            other => return Err(corrupt(format!("{} has the type {other:?}", stack.name))),
        };
        if all_finite(&numbers) {
            Ok(numbers)
        } else {
            Err(corrupt(format!("{} holds numbers that are not finite", stack.name)))
        }
    }

    /// Fills `into` with whole rows from `row` on.
    async fn read<'b>(
        &self,
        stack: &Stack<'_>,
        mut row: usize,
        into: &'b mut [u8],
    ) -> Result<&'b [u8]> {
        let mut rest = &mut *into;
        while !rest.is_empty() {
            let (part, within) = (stack.parts[row / stack.rows], row % stack.rows);
            let (first, end) = part.data_offsets;
            let first = first + (end - first) / stack.rows * within;
            let (now, later) = rest.split_at_mut(rest.len().min(end - first));
            self.file.read(self.start + first as u64, now).await?;
            rest = later;
            row += stack.rows - within;
        }
        Ok(into)
    }
}

fn missing(name: &str) -> Error {
    corrupt(format!("the tensor {name} is missing"))
}

/// Tensors of `rows` rows each, read as one, the first on top.
struct Stack<'a> {
    /// The name of the first tensor, for messages.
    name: &'a str,
    parts: Vec<&'a TensorInfo>,
    rows: usize,
}

impl Stack<'_> {
    fn dtype(&self) -> Result<Dtype> {
        let mut types = self.parts.iter().map(|part| part.dtype);
        match types.next() {
            Some(first) if types.all(|dtype| dtype == first) => Ok(first),
            _ => Err(corrupt("matrices that belong together are of different types")),
        }
    }
}
