//! Readers of pdf.

use super::{Input, ReadFile};
use crate::error::Result;

/// Reads it.
pub(crate) fn pdf(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}
