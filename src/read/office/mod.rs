//! Readers of office files: of Microsoft Office, OpenDocument and RTF.
//!
//! docling reads the formats; each file is checked before, because docling holds a whole file in
//! memory and trusts what it declares.

mod comment;
mod convert;
mod grid;
mod inline;
mod markup;
mod nodes;
mod output;
mod package;
mod packaged;
mod properties;
mod rtf;
mod tree;
mod xml_check;

use super::{Input, ReadFile};
use crate::error::Result;

pub(crate) use packaged::{docx, odp, ods, odt, pptx, xlsx};
pub(crate) use rtf::rtf;

/// Reads it.
pub(crate) fn doc(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn msg(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn ppt(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}

/// Reads it.
pub(crate) fn xls(input: &Input<'_>) -> Result<ReadFile> {
    Err(input.damaged("not read yet"))
}
