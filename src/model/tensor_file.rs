//! Safetensors files that are written.

use std::collections::HashMap;

use safetensors::{Dtype, tensor::TensorView};

use super::q4_0::BLOCK_BYTES;
use crate::error::{Error, Result};
use crate::kernel::BLOCK;

/// A tensor of the file that is written.
pub(in crate::model) struct OutputTensor {
    pub(in crate::model) name: String,
    pub(in crate::model) dtype: Dtype,
    pub(in crate::model) shape: Vec<usize>,
    pub(in crate::model) bytes: Vec<u8>,
}

impl OutputTensor {
    pub(in crate::model) fn floats(name: String, shape: Vec<usize>, numbers: &[f32]) -> Self {
        let bytes = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        Self { name, dtype: Dtype::F32, shape, bytes }
    }

    /// A matrix of blocks of 4 bits.
    pub(in crate::model) fn blocks(
        name: String,
        [rows, columns]: [usize; 2],
        bytes: Vec<u8>,
    ) -> Self {
        let shape = vec![rows, columns / BLOCK, BLOCK_BYTES];
        Self { name, dtype: Dtype::U8, shape, bytes }
    }

    pub(in crate::model) fn list(name: &str, dtype: Dtype, bytes: Vec<u8>) -> Self {
        let shape = vec![bytes.len() * 8 / dtype.bitsize()];
        Self { name: name.to_owned(), dtype, shape, bytes }
    }
}

/// The file of these tensors. Its metadata has one key only, because the order of several would differ
/// from run to run.
pub(in crate::model) fn serialize(
    tensors: &[OutputTensor],
    key: &str,
    metadata: String,
) -> Result<Vec<u8>> {
    let internal = |detail: String| Error::Internal { detail };
    let views = tensors
        .iter()
        .map(|p| Ok((p.name.as_str(), TensorView::new(p.dtype, p.shape.clone(), &p.bytes)?)))
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()
        .map_err(|e| internal(e.to_string()))?;
    let metadata = HashMap::from([(key.to_owned(), metadata)]);
    safetensors::serialize(views, Some(metadata)).map_err(|e| internal(e.to_string()))
}
