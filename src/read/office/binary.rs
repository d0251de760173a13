//! Readers of Word and PowerPoint of 1997 to 2003.

use docling::backend::{DocBackend, PptBackend};
use docling::{InputFormat, TrackChanges};

use super::output::Output;
use super::{convert, nodes, streams};
use crate::error::Result;
use crate::read::compound_file::{CompoundFile, u16_at, u32_at};
use crate::read::{Input, ReadFile};

/// Folders and streams that programs are in.
const PROGRAMS: [&str; 3] = ["Macros", "_VBA_PROJECT_CUR", "VBA"];
/// The type of the record of a slide.
const SLIDE: u16 = 1006;

/// Reads Word: headings, lists, tables, footnotes, comments, headers and footers.
pub(crate) fn doc(input: &Input<'_>) -> Result<ReadFile> {
    let track_changes = Some(TrackChanges::Accept);
    let backend = DocBackend { track_changes, ..DocBackend::default() };
    let document = convert::convert(input, &backend, InputFormat::Doc, input.bytes.to_vec())?;
    let mut out = Output::new(input);
    if let Some(file) = CompoundFile::open(input.bytes) {
        warn_of_programs(&file, &mut out);
    }
    nodes::write(&document.nodes, nodes::Text::Markdown, None, &mut out);
    Ok(out.finish())
}

/// Reads PowerPoint: slides in order.
pub(crate) fn ppt(input: &Input<'_>) -> Result<ReadFile> {
    let file = streams::open(input)?;
    let document = convert::convert(input, &PptBackend, InputFormat::Ppt, input.bytes.to_vec())?;
    let mut out = Output::new(input);
    warn_of_programs(&file, &mut out);
    // docling passes over a slide without text, and then it is not known which is which.
    let breaks = document.nodes.iter().filter(|node| matches!(node, docling::Node::PageBreak));
    let slides =
        file.stream(&file.children(0), "PowerPoint Document").map_or(0, |records| slides(&records));
    let is_each_known = breaks.count() + 1 == slides;
    nodes::write(&document.nodes, nodes::Text::Markdown, is_each_known.then_some(1), &mut out);
    out.details.pages = u32::try_from(slides).ok().filter(|&slides| slides > 0);
    Ok(out.finish())
}

/// Tells that there are programs, which nothing runs.
pub(super) fn warn_of_programs(file: &CompoundFile<'_>, out: &mut Output) {
    if file.has_anywhere(&PROGRAMS) {
        out.warn("The file has macros; they were not run.");
    }
}

/// How many slides the records hold.
fn slides(records: &[u8]) -> usize {
    let (mut at, mut slides) = (0usize, 0);
    while let (Some(kind), Some(length)) = (u16_at(records, at + 2), u32_at(records, at + 4)) {
        slides += usize::from(kind == SLIDE);
        at = at.saturating_add(8).saturating_add(length as usize).min(records.len());
    }
    slides
}
