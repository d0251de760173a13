//! The reader of RTF.

use docling::InputFormat;
use docling::backend::RtfBackend;

use super::output::Output;
use super::{convert, nodes, rtf_check};
use crate::error::Result;
use crate::read::{Input, ReadFile};

/// Reads RTF: headings, lists, tables and equations.
pub(crate) fn rtf(input: &Input<'_>) -> Result<ReadFile> {
    rtf_check::check(input)?;
    let document = convert::convert(input, &RtfBackend, InputFormat::Rtf, input.bytes.to_vec())?;
    let mut out = Output::new(input);
    nodes::write(&document.nodes, nodes::Text::Markdown, None, &mut out);
    Ok(out.finish())
}
