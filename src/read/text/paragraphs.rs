//! Paragraphs and list items of line-based markup, whose lines are joined.

use crate::document::{BlockKind, Document};
use crate::error::Result;
use crate::read::Input;
use crate::read::blocks::{DocumentBuilder, row_text};
use crate::read::lists::indentation;

/// The most cells that a row is cut into. The last one keeps what is beyond.
pub(super) const MAX_ROW_CELLS: usize = 10_000;

/// Calls `read` for each line of a text, and asks now and then whether it may go on.
pub(super) fn for_each_line(
    input: &Input<'_>,
    text: &str,
    mut read: impl FnMut(&str) -> Result<()>,
) -> Result<()> {
    let total = text.lines().count() as u64;
    for (at, line) in text.lines().enumerate() {
        if at.is_multiple_of(1000) {
            input.step(at as u64, total, "lines")?;
        }
        read(line)?;
    }
    Ok(())
}

/// Joins lines into blocks. The default one is for a part of a text, and has no limits.
pub(super) struct Paragraphs {
    builder: DocumentBuilder,
    text: String,
    kind: BlockKind,
    /// Cells of tables so far.
    cells: usize,
}

impl Default for Paragraphs {
    fn default() -> Self {
        Self {
            builder: DocumentBuilder::default(),
            text: String::new(),
            kind: BlockKind::Paragraph,
            cells: 0,
        }
    }
}

impl Paragraphs {
    pub(super) fn new(input: &Input<'_>) -> Self {
        Self { builder: DocumentBuilder::new(input), ..Self::default() }
    }

    /// Counts cells, which are kept until their table ends.
    pub(super) fn count_cells(&mut self, count: usize) {
        self.cells = self.cells.saturating_add(count);
    }

    /// An error where the text or its tables are too large for the limits of the file.
    pub(super) fn check(&self, input: &Input<'_>) -> Result<()> {
        let (cells, limit) = (self.cells as u64, input.limits.objects.into());
        if cells > limit {
            return Err(input.too_large(cells, limit, "cells"));
        }
        self.builder.check(input)
    }

    /// Adds a line to the open block.
    pub(super) fn add(&mut self, line: &str) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push(' ');
        }
        self.text.push_str(line.trim());
    }

    /// Begins a block that further lines belong to.
    pub(super) fn begin(&mut self, kind: BlockKind, line: &str) {
        self.end();
        self.kind = kind;
        self.text.push_str(line.trim_end());
    }

    /// Ends the open block.
    pub(super) fn end(&mut self) {
        let kind = std::mem::replace(&mut self.kind, BlockKind::Paragraph);
        self.builder.push(kind, &std::mem::take(&mut self.text));
    }

    /// Adds a whole block.
    pub(super) fn push(&mut self, kind: BlockKind, text: &str) {
        self.end();
        self.builder.push(kind, text);
    }

    /// Adds the rows of a table, each as its cells.
    pub(super) fn push_table(&mut self, rows: &[Vec<String>], headers: usize) {
        for (at, row) in rows.iter().enumerate() {
            let kind = if at < headers { BlockKind::TableHeader } else { BlockKind::TableRow };
            self.push(kind, &row_text(row));
        }
    }

    pub(super) fn is_open(&self) -> bool {
        !self.text.is_empty()
    }

    pub(super) fn finish_within(mut self, input: &Input<'_>) -> Result<Document> {
        self.end();
        self.check(input)?;
        self.builder.finish_within(input)
    }

    /// The text of a part.
    pub(super) fn finish(mut self) -> String {
        self.end();
        self.builder.finish().text
    }
}

/// Bytes of white space at the start of a line.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The marker of a list item in plain text: "- " or "12. ", with its rest.
pub(super) fn list_item<'a>(line: &'a str, bullets: &[&str]) -> Option<(String, &'a str)> {
    let text = line.trim_start();
    let depth = indentation(indent(line) / 2);
    for bullet in bullets {
        if let Some(rest) = text.strip_prefix(bullet)
            && (rest.is_empty() || rest.starts_with(' '))
        {
            return Some((format!("{depth}- "), rest.trim_start()));
        }
    }
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = text[digits..].strip_prefix(['.', ')'])?;
    let is_item = (1..=4).contains(&digits) && rest.starts_with(' ');
    is_item.then(|| (format!("{depth}{}. ", &text[..digits]), rest.trim_start()))
}
