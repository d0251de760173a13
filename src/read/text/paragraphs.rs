//! Paragraphs and list items of line-based markup, whose lines are joined.

use crate::document::{BlockKind, Document};
use crate::error::Result;
use crate::read::Input;
use crate::read::blocks::DocumentBuilder;

/// Calls `read` for each line of a text, and asks now and then whether it may go on.
pub(super) fn for_each_line(
    input: &Input<'_>,
    text: &str,
    mut read: impl FnMut(&str),
) -> Result<()> {
    let total = text.lines().count() as u64;
    for (at, line) in text.lines().enumerate() {
        if at.is_multiple_of(1000) {
            input.step(at as u64, total, "lines")?;
        }
        read(line);
    }
    Ok(())
}

/// Joins lines into blocks.
pub(super) struct Paragraphs {
    builder: DocumentBuilder,
    text: String,
    kind: BlockKind,
}

impl Default for Paragraphs {
    fn default() -> Self {
        Self {
            builder: DocumentBuilder::default(),
            text: String::new(),
            kind: BlockKind::Paragraph,
        }
    }
}

impl Paragraphs {
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
            self.push(kind, &row.join(" | "));
        }
    }

    pub(super) fn is_open(&self) -> bool {
        !self.text.is_empty()
    }

    pub(super) fn finish(mut self) -> Document {
        self.end();
        self.builder.finish()
    }
}

/// Bytes of white space at the start of a line.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The marker of a list item in plain text: "- " or "12. ", with its rest.
pub(super) fn list_item<'a>(line: &'a str, bullets: &[&str]) -> Option<(String, &'a str)> {
    let text = line.trim_start();
    let depth = "  ".repeat((indent(line) / 2).min(8));
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
