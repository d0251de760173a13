//! EPUB.

use crate::error::Result;
use crate::read::{Input, ReadFile};

/// Reads it.
pub(crate) fn epub(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}
