//! A weight matrix of a GGUF file, ready to multiply.

use candle_core::quantized::{GgmlDType, QMatMul, QTensor};
use candle_core::{Device, Module, Tensor};
use half::f16;

use super::{corrupt, from_candle};
use crate::error::Result;
use crate::kernel::{BLOCK, PackedMatrix, dot};

/// Weights, each type as it is quickest to multiply.
pub(crate) enum Matrix {
    /// Types of 32 weights with one scale: our own kernels.
    Packed(PackedMatrix),
    /// Plain numbers, row by row.
    Floats { values: Vec<f32>, columns: usize },
    /// All other types: candle's.
    Candle { weights: QMatMul, columns: usize },
}

impl Matrix {
    pub(crate) fn from_qtensor(tensor: QTensor) -> Result<Self> {
        let columns = tensor.shape().dims().last().copied().unwrap_or(0);
        if matches!(tensor.dtype(), GgmlDType::F32 | GgmlDType::F16 | GgmlDType::BF16) {
            let values = tensor.dequantize(&Device::Cpu).and_then(|t| t.flatten_all()?.to_vec1());
            return Ok(Self::Floats { values: values.map_err(from_candle)?, columns });
        }
        let weights = QMatMul::from_qtensor(tensor).map_err(from_candle)?;
        Ok(Self::Candle { weights, columns })
    }

    /// For each row of `input`, its product with every row of weights: bitwise the
    /// same for any number of rows. Fails where weights gave something that is no
    /// number, which the rounding of activations would hide.
    pub(crate) fn multiply(&self, input: &[f32]) -> Result<Vec<f32>> {
        check_finite(input)?;
        match self {
            Self::Packed(matrix) => Ok(matrix.multiply(input)),
            Self::Floats { values, columns } => Ok(input
                .chunks_exact(*columns)
                .flat_map(|input| values.chunks_exact(*columns).map(|row| dot(row, input)))
                .collect()),
            Self::Candle { weights, columns } => {
                let mut output = Vec::new();
                // One by one: of several rows candle adds some types up in another order.
                for row in input.chunks_exact(*columns) {
                    output.extend(multiply_row(weights, row).map_err(from_candle)?);
                }
                Ok(output)
            }
        }
    }

    /// The weights of one row, which must exist, as plain numbers.
    pub(crate) fn row(&self, row: u32) -> Result<Vec<f32>> {
        match self {
            Self::Packed(matrix) => Ok(matrix.row(row as usize)),
            Self::Floats { values, columns } => {
                Ok(values[row as usize * columns..][..*columns].to_vec())
            }
            Self::Candle { weights, .. } => Tensor::new(&[row], &Device::Cpu)
                .and_then(|ids| weights.embedding(&ids)?.flatten_all()?.to_vec1())
                .map_err(from_candle),
        }
    }
}

/// An error where a number is infinite or none.
pub(crate) fn check_finite(numbers: &[f32]) -> Result<()> {
    if numbers.iter().all(|x| x.is_finite()) {
        Ok(())
    } else {
        Err(corrupt("its weights give numbers that are not finite"))
    }
}

fn multiply_row(weights: &QMatMul, row: &[f32]) -> candle_core::Result<Vec<f32>> {
    let input = Tensor::from_slice(row, (1, row.len()), &Device::Cpu)?;
    weights.forward(&input)?.flatten_all()?.to_vec1()
}

/// Packs a tensor of rows of `columns` weights; none where its type is not of 32
/// weights with one scale. Layouts: ggml's `ggml-common.h`.
pub(crate) fn pack(dtype: GgmlDType, bytes: &[u8], columns: usize) -> Option<PackedMatrix> {
    if !columns.is_multiple_of(BLOCK) {
        return None;
    }
    // Bytes of the header (scale, then offset or high bits), and what is subtracted.
    let (has_offset, has_high_bits, zero) = match dtype {
        GgmlDType::Q4_0 => (false, false, 8),
        GgmlDType::Q4_1 => (true, false, 0),
        GgmlDType::Q5_0 => (false, true, 16),
        GgmlDType::Q5_1 => (true, true, 0),
        GgmlDType::Q8_0 => return Some(pack_bytes(bytes, columns)),
        _ => return None,
    };
    let size = dtype.type_size();
    let count = bytes.len() / size;
    let mut codes = Vec::with_capacity(count);
    let mut scales = Vec::with_capacity(count);
    let mut offsets = Vec::with_capacity(if has_offset { count } else { 0 });
    for block in bytes.chunks_exact(size) {
        scales.push(float(block, 0));
        let mut at = 2;
        if has_offset {
            offsets.push(float(block, at));
            at += 2;
        }
        let mut high_bits = 0;
        if has_high_bits {
            high_bits =
                u32::from_le_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]]);
            at += 4;
        }
        codes.push(unpack_nibbles(&block[at..], high_bits, zero));
    }
    Some(PackedMatrix::new(columns, codes, scales, offsets))
}

/// Low halves of the bytes are the first sixteen weights, high halves the rest.
fn unpack_nibbles(nibbles: &[u8], high_bits: u32, zero: i8) -> [i8; BLOCK] {
    std::array::from_fn(|at| {
        let byte = nibbles[at % (BLOCK / 2)];
        let low = if at < BLOCK / 2 { byte & 15 } else { byte >> 4 };
        let high = (high_bits >> at & 1) as u8;
        (low | high << 4) as i8 - zero
    })
}

fn pack_bytes(bytes: &[u8], columns: usize) -> PackedMatrix {
    let blocks = bytes.chunks_exact(GgmlDType::Q8_0.type_size());
    let codes = blocks.clone().map(|block| std::array::from_fn(|at| block[2 + at] as i8));
    let scales = blocks.clone().map(|block| float(block, 0));
    PackedMatrix::new(columns, codes.collect(), scales.collect(), Vec::new())
}

fn float(block: &[u8], at: usize) -> f32 {
    f16::from_le_bytes([block[at], block[at + 1]]).to_f32()
}
