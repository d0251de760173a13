//! What of a document is compared: its text, its table rows and its headings, without markup.

use multimodal_rag::{Block, BlockKind, Document};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The content of a document, of ours or of the gold.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Content {
    /// The text with single spaces instead of white space and of the ends of blocks and cells.
    pub(super) text: String,
    /// The cells of each row of each table.
    pub(super) rows: Vec<Vec<String>>,
    /// The headings with their levels, from 1.
    pub(super) headings: Vec<(u8, String)>,
}

impl Content {
    /// The content of Markdown. HTML in it, also comments, and images are left out.
    pub(super) fn of_markdown(markdown: &str) -> Self {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_MATH;
        let mut content = Self::default();
        // The text of the innermost heading or cell.
        let mut part = String::new();
        let mut images = 0;
        for event in Parser::new_ext(markdown, options) {
            let piece = match &event {
                Event::Text(text)
                | Event::Code(text)
                | Event::InlineMath(text)
                | Event::DisplayMath(text)
                    if images == 0 =>
                {
                    text
                }
                Event::SoftBreak | Event::HardBreak => " ",
                Event::Start(tag) if is_block(tag) => " ",
                Event::End(TagEnd::TableCell | TagEnd::Item | TagEnd::Paragraph) => " ",
                _ => "",
            };
            content.text.push_str(piece);
            part.push_str(piece);
            match event {
                Event::Start(Tag::Image { .. }) => images += 1,
                Event::End(TagEnd::Image) => images -= 1,
                Event::Start(Tag::TableHead | Tag::TableRow) => content.rows.push(Vec::new()),
                Event::Start(Tag::TableCell | Tag::Heading { .. }) => part.clear(),
                Event::End(TagEnd::TableCell) => {
                    content.rows.last_mut().into_iter().for_each(|row| row.push(cell(&part)));
                }
                Event::End(TagEnd::Heading(level)) => {
                    content.headings.push((level as u8, single_spaced(&part)));
                }
                _ => {}
            }
        }
        content.text = single_spaced(&content.text);
        content
    }

    /// The content of what a reader made, without boilerplate. The gold of office files has no
    /// comments and no speaker notes either, which are footnotes of ours.
    pub(super) fn of_document(document: &Document, has_notes: bool) -> Self {
        let mut content = Self::default();
        let is_content = |block: &&Block| match block.kind {
            BlockKind::Boilerplate => false,
            BlockKind::Footnote => has_notes,
            _ => true,
        };
        for block in document.blocks.iter().filter(is_content) {
            let text = document.slice(block.span);
            content.text.push(' ');
            match block.kind {
                BlockKind::TableRow | BlockKind::TableHeader => {
                    content.text.push_str(&text.replace('|', " "));
                    content.rows.push(text.split('|').map(cell).collect());
                }
                BlockKind::Heading(level) => {
                    content.text.push_str(text);
                    content.headings.push((level, single_spaced(text)));
                }
                BlockKind::ListItem => content.text.push_str(without_marker(text)),
                _ => content.text.push_str(text),
            }
        }
        content.text = single_spaced(&content.text);
        content
    }
}

fn is_block(tag: &Tag<'_>) -> bool {
    !matches!(
        tag,
        Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. }
    )
}

/// The text with single spaces, and without the signs around formulas.
fn single_spaced(text: &str) -> String {
    text.replace('$', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text of a cell by which it is compared: without white space, bullets and the signs around
/// formulas, as a cell in Markdown is one line, whatever the cell was.
fn cell(text: &str) -> String {
    text.split_whitespace()
        .filter(|word| !is_bullet(word))
        .flat_map(str::chars)
        .filter(|&c| c != '$')
        .collect()
}

/// A list item without its bullet or number.
fn without_marker(text: &str) -> &str {
    let text = text.trim_start();
    match text.split_once(' ') {
        Some((marker, rest)) if is_bullet(marker) || is_number(marker) => rest,
        _ => text,
    }
}

fn is_bullet(word: &str) -> bool {
    matches!(word, "-" | "*" | "•" | "◦" | "▪" | "–")
}

/// Whether it is the number of a list item: "3." or "3)".
fn is_number(word: &str) -> bool {
    let number = word.trim_end_matches(['.', ')']);
    number.len() < word.len() && !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use multimodal_rag::{FileToRead, ReadLimits, Unwatched, read_file};

    use super::*;

    const MARKDOWN: &str = "# A &amp; B\n\n<!-- image -->\n\nIt is *so*,\nH<sub>2</sub>O.\n\n\
        2. two\n   - in\\_ner\n\n| x | y |\n| - | - |\n| 1 | - a  - b |\n";

    #[test]
    fn markup_is_not_compared() {
        let content = Content::of_markdown(MARKDOWN);
        assert_eq!(content.text, "A & B It is so, H2O. two in_ner x y 1 - a - b");
        assert_eq!(content.headings, [(1, "A & B".to_owned())]);
        assert_eq!(content.rows, [["x", "y"], ["1", "ab"]]);
    }

    #[test]
    fn a_rendered_file_has_the_content_of_its_markdown() {
        let file = FileToRead { name: "a.md", bytes: MARKDOWN.as_bytes(), ..FileToRead::default() };
        let (_, read) = read_file(&file, &ReadLimits::default(), &Unwatched).expect("Markdown");
        assert_eq!(Content::of_document(&read.document, true), Content::of_markdown(MARKDOWN));
    }
}
