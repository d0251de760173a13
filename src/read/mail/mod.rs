//! Readers of mail.

use super::{Input, ReadFile};
use crate::error::Result;

/// Reads it.
pub(crate) fn eml(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn mbox(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn mhtml(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}
