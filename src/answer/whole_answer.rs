//! What answers a question about a whole document: places in its text.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Block, BlockKind, Document, DocumentInfo, Span};
use crate::kernel::dot;
use crate::question::Aspect;
use crate::retrieve::{Passage, Unit, units};
use crate::text::{fold, sentences};

/// The most headings that are quoted.
const MAX_HEADINGS: usize = 20;
/// The most sentences of a summary.
const MAX_SUMMARY: usize = 5;
/// The fewest, where a text has so many.
const MIN_SUMMARY: usize = 3;
/// The most units of a section that may summarize it.
const UNITS_PER_SECTION: usize = 4;
/// How much the first sentence of a section is preferred.
const FIRST_BONUS: f32 = 0.05;
/// Bytes at the beginning of a text in which its title, authors and date are looked for.
const HEAD_BYTES: usize = 16 << 10;

/// The places in a document's text that answer by themselves. Empty where the document does not
/// say it, and for summaries, which need vectors.
pub(crate) fn places(aspect: Aspect, info: &DocumentInfo, document: &Document) -> Vec<Span> {
    let details = &info.details;
    if let Some(label) = mail_label(aspect).filter(|_| info.is_mail()) {
        return mail_lines(document)
            .find(|(_, of)| *of == label)
            .map(|(span, _)| span)
            .into_iter()
            .collect();
    }
    let found = match aspect {
        Aspect::Title => details
            .title
            .as_deref()
            .and_then(|title| line_with(document, title))
            .or_else(|| headings(document).next().map(|block| block.span)),
        Aspect::Author => details.authors.iter().find_map(|author| line_with(document, author)),
        Aspect::Date => details.date.as_deref().and_then(|date| line_with(document, date)),
        Aspect::Outline => {
            return headings(document).map(|block| block.span).take(MAX_HEADINGS).collect();
        }
        // Those of a mail have lines in its text.
        Aspect::Sender | Aspect::Recipients | Aspect::Copies => None,
        Aspect::Summary | Aspect::Subject => None,
    };
    found.into_iter().collect()
}

/// The label of the line that says it in the text of a mail.
fn mail_label(aspect: Aspect) -> Option<&'static str> {
    match aspect {
        Aspect::Author | Aspect::Sender => Some("From"),
        Aspect::Recipients => Some("To"),
        Aspect::Copies => Some("Cc"),
        Aspect::Date => Some("Date"),
        Aspect::Subject => Some("Subject"),
        Aspect::Title | Aspect::Outline | Aspect::Summary => None,
    }
}

/// The lines of a mail's headers in its text, each with its label.
fn mail_lines(document: &Document) -> impl Iterator<Item = (Span, &str)> {
    let after_subject = document.blocks.iter().skip(1);
    after_subject.take_while(|block| block.kind == BlockKind::ListItem).filter_map(|block| {
        let (label, _) = document.slice(block.span).split_once(": ")?;
        Some((block.span, label))
    })
}

/// Whether a span is in the headers of a mail, but not its subject.
pub(crate) fn is_mail_header(info: &DocumentInfo, document: &Document, span: Span) -> bool {
    info.is_mail()
        && mail_lines(document).any(|(line, label)| {
            line.start <= span.start && span.end <= line.end && label != "Subject"
        })
}

fn headings(document: &Document) -> impl Iterator<Item = &Block> {
    document.blocks.iter().filter(|block| matches!(block.kind, BlockKind::Heading(_)))
}

/// The line or sentence near the beginning that has this text.
fn line_with(document: &Document, text: &str) -> Option<Span> {
    let wanted = fold(text.trim());
    let near = document.blocks.iter().take_while(|block| (block.span.start as usize) < HEAD_BYTES);
    near.flat_map(|block| {
        let start = block.span.start as usize;
        let whole = std::iter::once(0..block.span.range().len());
        let ranges: Vec<_> = match block.kind {
            BlockKind::Heading(_) => whole.collect(),
            _ => sentences(document.slice(block.span)),
        };
        ranges.into_iter().map(move |range| Span::new(start + range.start..start + range.end))
    })
    .find(|&span| fold(document.slice(span)).contains(&wanted) && !wanted.is_empty())
}

/// The first units of each passage, which is the beginning of a section.
pub(crate) fn summary_units(passages: &[Passage]) -> Vec<Unit> {
    let mut all = units(passages);
    let mut taken = vec![0; passages.len()];
    all.retain(|unit| {
        taken[unit.passage] += 1;
        !unit.is_label && taken[unit.passage] <= UNITS_PER_SECTION
    });
    all
}

/// The units that say best what all of them say, in the order of the text: one of each passage, and
/// more only where there are few passages. `vectors` are of the units.
///
/// A unit is scored by the cosine of its vector and the mean of all, the centroid method of
/// Radev et al., "Centroid-based summarization of multiple documents" (2004).
pub(crate) fn summary<'a>(units: &'a [Unit], vectors: &[impl AsRef<[f32]>]) -> Vec<&'a Unit> {
    let mut centroid = vec![0.0; vectors.first().map_or(0, |vector| vector.as_ref().len())];
    for vector in vectors {
        centroid.iter_mut().zip(vector.as_ref()).for_each(|(sum, value)| *sum += value);
    }
    let mut last = None;
    let mut scored: Vec<(f32, usize)> = Vec::new();
    for (at, (unit, vector)) in units.iter().zip(vectors).enumerate() {
        let is_first = last.replace(unit.passage) != Some(unit.passage);
        let bonus = if is_first { FIRST_BONUS * vectors.len() as f32 } else { 0.0 };
        scored.push((dot(&centroid, vector.as_ref()) + bonus, at));
    }
    let passages: BTreeSet<usize> = units.iter().map(|unit| unit.passage).collect();
    let most = MIN_SUMMARY.div_ceil(passages.len().max(1));
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut of_passages: BTreeMap<usize, usize> = BTreeMap::new();
    scored.retain(|&(_, at)| {
        let taken = of_passages.entry(units[at].passage).or_default();
        *taken += 1;
        *taken <= most
    });
    scored.truncate(MAX_SUMMARY);
    scored.sort_by_key(|&(_, at)| at);
    scored.into_iter().map(|(_, at)| &units[at]).collect()
}
