//! Readers of text.

use super::{Input, ReadFile};
use crate::error::Result;

/// Reads it.
pub(crate) fn asciidoc(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn bookmarks(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn csv(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn feed(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn json(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn json_lines(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn notebook(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn org(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn rst(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn slack(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn source_code(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn srt(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn telegram(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn tex(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn toml(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn tsv(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn vtt(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn whatsapp(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn xml(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn yaml(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}
