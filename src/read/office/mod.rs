//! Readers of office.

use super::{Input, ReadFile};
use crate::error::Result;

/// Reads it.
pub(crate) fn doc(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn docx(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn msg(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn odp(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn ods(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn odt(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn ppt(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn pptx(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn rtf(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn xls(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn xlsx(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}
