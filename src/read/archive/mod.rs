//! Readers of archive.

use super::{Input, ReadFile};
use crate::error::Result;

/// Reads it.
pub(crate) fn epub(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn gzip(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn tar(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn zip(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}
