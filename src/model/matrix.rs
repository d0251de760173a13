//! A weight matrix of a GGUF file, ready to multiply.
//!
//! Layouts of the quantized types: ggml's `ggml-common.h`.

use std::cell::Cell;

use candle_core::Device;
use candle_core::quantized::GgmlDType;
use candle_core::quantized::ggml_file::qtensor_from_ggml;
use half::{bf16, f16};

use super::{corrupt, from_candle};
use crate::error::{Error, Result};
use crate::kernel::{
    ActivationRows, BLOCK, FloatMatrix, FloatVec, NotFinite, PackedMatrix, QuantScheme,
    WeightBlock, all_finite, dot,
};

/// Weights in a block of the K types.
const SUPER_BLOCK: usize = 256;

/// Weights in the layout in which their type is fastest to multiply.
pub(crate) enum Matrix {
    /// Types that have blocks with scales.
    Packed(PackedMatrix),
    /// Types of floats.
    Floats(FloatMatrix),
}

impl Matrix {
    /// A matrix with memory for the rows of a tensor, which [`Matrix::push_rows`] adds.
    pub(crate) fn with_capacity(dtype: GgmlDType, shape: [usize; 2]) -> Result<Self> {
        if let Some((scheme, bits)) = scheme_of(dtype) {
            return PackedMatrix::with_capacity(shape, scheme, bits).map(Self::Packed);
        }
        let kind = match dtype {
            GgmlDType::F16 => FloatVec::F16(Vec::new()),
            GgmlDType::BF16 => FloatVec::Bf16(Vec::new()),
            // Types that the kernels do not know become f32.
            _ => FloatVec::F32(Vec::new()),
        };
        FloatMatrix::with_capacity(shape, &kind).map(Self::Floats)
    }

    /// Adds the next rows: whole panels, except at the end of the matrix. Fails where a weight is
    /// not finite.
    pub(crate) fn push_rows(&mut self, dtype: GgmlDType, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Packed(matrix) => pack(dtype, bytes, matrix)?,
            Self::Floats(matrix) => matrix.push_rows(&match dtype {
                GgmlDType::F16 => FloatVec::F16(halves(bytes, f16::from_le_bytes, f16::is_finite)?),
                GgmlDType::BF16 => {
                    FloatVec::Bf16(halves(bytes, bf16::from_le_bytes, bf16::is_finite)?)
                }
                _ => FloatVec::F32(numbers(dtype, bytes)?),
            }),
        }
        Ok(())
    }

    /// Computes, for each row of `input`, its product with every row of weights: bitwise the same
    /// for any number of rows. Fails where an input is not finite, because quantizing would hide
    /// that.
    pub(crate) fn multiply(&self, input: &mut ActivationRows, output: &mut Vec<f32>) -> Result<()> {
        output.resize(input.count() * self.rows(), 0.0);
        match self {
            Self::Packed(matrix) => matrix.multiply(input, output)?,
            Self::Floats(matrix) => {
                check_finite(input.values())?;
                matrix.multiply(input.values(), output);
            }
        }
        Ok(())
    }

    fn rows(&self) -> usize {
        match self {
            Self::Packed(matrix) => matrix.rows(),
            Self::Floats(matrix) => matrix.rows(),
        }
    }

    /// The weights of one row, which must exist, as f32.
    pub(crate) fn row(&self, row: usize) -> Vec<f32> {
        match self {
            Self::Packed(matrix) => matrix.row(row),
            Self::Floats(matrix) => matrix.row(row),
        }
    }
}

/// Fails where a number is infinite or not a number.
pub(crate) fn check_finite(numbers: &[f32]) -> Result<()> {
    if all_finite(numbers) { Ok(()) } else { Err(NotFinite.into()) }
}

/// The vector at unit length. Fails where its length is beyond all numbers.
pub(crate) fn normalize(mut vector: Vec<f32>) -> Result<Vec<f32>> {
    let norm = dot(&vector, &vector).sqrt().max(f32::MIN_POSITIVE);
    check_finite(&[norm])?;
    vector.iter_mut().for_each(|x| *x /= norm);
    Ok(vector)
}

impl From<NotFinite> for Error {
    fn from(NotFinite: NotFinite) -> Self {
        corrupt("its weights give numbers that are not finite")
    }
}

/// All numbers of a tensor's bytes as f32. Fails where one is not finite.
pub(crate) fn numbers(dtype: GgmlDType, bytes: &[u8]) -> Result<Vec<f32>> {
    let numbers: Vec<f32> = if matches!(dtype, GgmlDType::F32) {
        bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect()
    } else {
        // Aligned memory, so that candle can cast it: these types need an alignment of two bytes at
        // most.
        let mut aligned: Vec<u16> = vec![0; bytes.len().div_ceil(2)];
        let target = &mut bytemuck::cast_slice_mut::<u16, u8>(&mut aligned)[..bytes.len()];
        target.copy_from_slice(bytes);
        let count = bytes.len() / dtype.type_size() * dtype.block_size();
        qtensor_from_ggml(dtype, target, vec![count], &Device::Cpu)
            .and_then(|tensor| tensor.dequantize(&Device::Cpu)?.to_vec1())
            .map_err(from_candle)?
    };
    check_finite(&numbers).map(|()| numbers)
}

fn halves<T: Copy>(
    bytes: &[u8],
    from_bytes: fn([u8; 2]) -> T,
    is_finite: fn(T) -> bool,
) -> Result<Vec<T>> {
    let halves: Vec<T> = bytes.as_chunks().0.iter().map(|&two| from_bytes(two)).collect();
    if halves.iter().copied().all(is_finite) {
        Ok(halves)
    } else {
        Err(corrupt("its weights hold numbers that are not finite"))
    }
}

/// The scheme of a type of blocks, and the bits of its codes; `None` for types that the kernels do
/// not know.
fn scheme_of(dtype: GgmlDType) -> Option<(QuantScheme, u32)> {
    Some(match dtype {
        GgmlDType::Q4_0 => (QuantScheme::Zero(8), 4),
        GgmlDType::Q5_0 => (QuantScheme::Zero(16), 5),
        GgmlDType::Q4_1 => (QuantScheme::Offset, 4),
        GgmlDType::Q5_1 => (QuantScheme::Offset, 5),
        GgmlDType::Q4K => (QuantScheme::SuperOffset, 4),
        GgmlDType::Q5K => (QuantScheme::SuperOffset, 5),
        GgmlDType::Q6K => (QuantScheme::SuperHalves(32), 6),
        GgmlDType::Q8_0 => (QuantScheme::Signed, 8),
        _ => return None,
    })
}

fn pack(dtype: GgmlDType, bytes: &[u8], matrix: &mut PackedMatrix) -> Result<()> {
    let size = dtype.type_size();
    let row_bytes = matrix.columns() / dtype.block_size() * size;
    let finite = Cell::new(true);
    matrix.push_rows(bytes.len() / row_bytes, |row, block_index| {
        let (block, part) =
            (block_index * BLOCK / dtype.block_size(), block_index % (SUPER_BLOCK / BLOCK));
        let bytes = &bytes[row * row_bytes + block * size..][..size];
        let block = match dtype {
            GgmlDType::Q4K => k_block(bytes, None, &bytes[16..], part),
            GgmlDType::Q5K => k_block(bytes, Some(&bytes[16..48]), &bytes[48..], part),
            GgmlDType::Q6K => q6_k_block(bytes, part),
            GgmlDType::Q8_0 => signed_block(bytes),
            _ => legacy_block(dtype, bytes),
        };
        let WeightBlock {
            scales: [first, second], offset, factors: [of_scales, of_offset], ..
        } = block;
        let numbers = [first, second, offset, of_scales, of_offset];
        finite.set(finite.get() && numbers.iter().all(|x| x.is_finite()));
        block
    });
    if finite.get() { Ok(()) } else { Err(corrupt("its weights have scales that are not finite")) }
}

fn signed_block(bytes: &[u8]) -> WeightBlock {
    let codes = std::array::from_fn(|at| bytes[2 + at]);
    WeightBlock { codes, scales: [float(bytes, 0); 2], offset: 0.0, factors: [1.0; 2] }
}

/// Q4_0, Q4_1, Q5_0 and Q5_1: a scale, then an offset or the high bits where the type has them.
fn legacy_block(dtype: GgmlDType, bytes: &[u8]) -> WeightBlock {
    let has_offset = matches!(dtype, GgmlDType::Q4_1 | GgmlDType::Q5_1);
    let has_high_bits = matches!(dtype, GgmlDType::Q5_0 | GgmlDType::Q5_1);
    let after_offset = if has_offset { 4 } else { 2 };
    let offset = if has_offset { float(bytes, 2) } else { 0.0 };
    let (high_bits, nibbles) = if has_high_bits {
        let bits = &bytes[after_offset..];
        (u32::from_le_bytes([bits[0], bits[1], bits[2], bits[3]]), &bits[4..])
    } else {
        (0, &bytes[after_offset..])
    };
    // The low halves of the bytes are the first sixteen weights, the high halves the rest.
    let codes = std::array::from_fn(|at| {
        let byte = nibbles[at % (BLOCK / 2)];
        let low = if at < BLOCK / 2 { byte & 15 } else { byte >> 4 };
        low | ((high_bits >> at & 1) as u8) << 4
    });
    WeightBlock { codes, scales: [float(bytes, 0); 2], offset, factors: [1.0; 2] }
}

/// Q4_K and Q5_K: 32 of 256 weights. All 256 share the factors of scales and of offsets.
fn k_block(bytes: &[u8], high_bits: Option<&[u8]>, nibbles: &[u8], part: usize) -> WeightBlock {
    let packed = &bytes[4..16];
    // Six bits each; the last four are partly in the upper bits of the first.
    let (scale, offset) = if part < 4 {
        (packed[part] & 63, packed[part + 4] & 63)
    } else {
        let both = packed[part + 4];
        (both & 15 | packed[part - 4] >> 6 << 4, both >> 4 | packed[part] >> 6 << 4)
    };
    let nibbles = &nibbles[part / 2 * BLOCK..][..BLOCK];
    let codes = std::array::from_fn(|at| {
        let low = if part.is_multiple_of(2) { nibbles[at] & 15 } else { nibbles[at] >> 4 };
        low | high_bits.map_or(0, |bits| (bits[at] >> part & 1) << 4)
    });
    let factors = [float(bytes, 0), -float(bytes, 2)];
    WeightBlock { codes, scales: [f32::from(scale); 2], offset: f32::from(offset), factors }
}

/// Q6_K: 32 of 256 weights, of which every sixteen have a scale.
fn q6_k_block(bytes: &[u8], part: usize) -> WeightBlock {
    let (half, quarter) = (part / 4, part % 4);
    let low = &bytes[half * 64 + quarter % 2 * BLOCK..][..BLOCK];
    let high = &bytes[128 + half * BLOCK..][..BLOCK];
    let codes = std::array::from_fn(|at| {
        let low = if quarter < 2 { low[at] & 15 } else { low[at] >> 4 };
        low | (high[at] >> (2 * quarter) & 3) << 4
    });
    let scale = |at: usize| f32::from(bytes[192 + 2 * part + at] as i8);
    WeightBlock {
        codes,
        scales: [scale(0), scale(1)],
        offset: 0.0,
        factors: [float(bytes, 208); 2],
    }
}

fn float(block: &[u8], at: usize) -> f32 {
    f16::from_le_bytes([block[at], block[at + 1]]).to_f32()
}
