//! What a text of Word asks for.

use super::budget::{BLOCK_WEIGHT, Budget};
use super::word_code::{Styles, has_code_font};
use super::word_list::Lists;
use super::word_table::Tables;
use super::{Element, Rules};
use crate::error::Result;

/// Steps for a child of a paragraph or run, for each run or text in it: their properties are
/// sought among all children, unless they are the first one.
const STEPS_A_CHILD: u64 = 5;
/// Steps for a paragraph, for each comment that is open around it.
const STEPS_A_COMMENT: u64 = 20;
/// Steps for an element in a paragraph that is in others, by text boxes: each of them looks
/// through it, and up to itself.
const STEPS_A_NESTED_ELEMENT: u64 = 2;

#[derive(Default)]
pub(super) struct Word {
    /// The paragraphs and runs that are open, within each other by text boxes.
    open: Vec<Open>,
    depth: u64,
    open_paragraphs: u64,
    /// Within the text of a run.
    is_in_text: bool,
    tables: Tables,
    lists: Lists,
    styles: Styles,
    open_comments: u64,
    /// Bytes of the paragraphs of code in a row.
    code_bytes: u64,
}

/// A paragraph or a run that is open.
#[derive(Default)]
struct Open {
    is_run: bool,
    depth: u64,
    children: u64,
    begins_with_properties: bool,
    /// The runs of a paragraph.
    runs: u64,
    /// The marks of comments in a paragraph.
    marks: u64,
    text_bytes: u64,
    has_words: bool,
    is_code: bool,
    /// The number of its list, where it is in one.
    list: Option<u64>,
}

impl Rules for Word {
    fn start(&mut self, element: &Element<'_>, budget: &mut Budget<'_>) -> Result<()> {
        self.depth += 1;
        if let Some(parent) = self.open.last_mut().filter(|open| open.depth + 1 == self.depth) {
            if parent.children == 0 {
                parent.begins_with_properties = matches!(element.name, b"pPr" | b"rPr");
            }
            parent.children += 1;
        }
        let around = self.open_paragraphs.saturating_sub(1);
        budget.add_steps(around * around * STEPS_A_NESTED_ELEMENT)?;
        self.is_in_text = element.name == b"t";
        self.styles.start(element);
        self.lists.start(element, budget)?;
        self.tables.start(element, budget)?;
        let paragraph = self.open.iter_mut().rfind(|open| !open.is_run);
        match (element.name, paragraph) {
            (b"p", _) => {
                budget.add_steps(self.open_comments.saturating_mul(STEPS_A_COMMENT))?;
                self.open_paragraphs += 1;
                self.open.push(Open { depth: self.depth, ..Open::default() });
            }
            (b"r", Some(paragraph)) => {
                paragraph.runs += 1;
                self.lists.items += 1;
                self.open.push(Open { is_run: true, depth: self.depth, ..Open::default() });
            }
            (b"pStyle", Some(paragraph)) => {
                paragraph.is_code |=
                    element.value(b"val").is_some_and(|style| self.styles.is_code(&style));
            }
            (b"rFonts", Some(paragraph)) => paragraph.is_code |= has_code_font(element),
            (b"numId", Some(paragraph)) => paragraph.list = element.number(b"val"),
            (b"commentRangeStart" | b"commentRangeEnd" | b"commentReference", paragraph) => {
                match element.name {
                    b"commentRangeStart" => self.open_comments += 1,
                    b"commentRangeEnd" => self.open_comments = self.open_comments.saturating_sub(1),
                    _ => {}
                }
                if let Some(paragraph) = paragraph {
                    paragraph.marks += 1;
                }
            }
            _ => {}
        }
        let is_block =
            matches!(element.name, b"p" | b"tc" | b"tr" | b"h" | b"drawing" | b"pict" | b"sp");
        budget.add_weight(if is_block { BLOCK_WEIGHT } else { 1 })
    }

    fn text(&mut self, text: &str) {
        self.tables.text(text.len() as u64);
        if let Some(paragraph) = self.open.iter_mut().rfind(|open| !open.is_run) {
            paragraph.text_bytes += text.len() as u64;
            paragraph.has_words |= self.is_in_text && !text.trim().is_empty();
        }
    }

    fn end(&mut self, name: &[u8], budget: &mut Budget<'_>) -> Result<()> {
        if name == b"style" {
            self.styles.end_style();
        }
        if let Some(open) = self.open.pop_if(|open| open.depth == self.depth) {
            self.end_open(&open, budget)?;
        }
        self.depth = self.depth.saturating_sub(1);
        self.tables.end(name, budget)
    }

    fn end_part(&mut self, budget: &mut Budget<'_>) -> Result<()> {
        self.open.clear();
        (self.depth, self.open_paragraphs, self.open_comments, self.code_bytes) = (0, 0, 0, 0);
        self.lists.end_part();
        self.tables.end_part(budget)
    }
}

impl Word {
    fn end_open(&mut self, open: &Open, budget: &mut Budget<'_>) -> Result<()> {
        if !open.begins_with_properties {
            let readers = if open.is_run { open.children } else { open.runs };
            let looks = open.children.saturating_mul(readers);
            budget.add_steps(looks.saturating_mul(STEPS_A_CHILD))?;
        }
        if open.is_run {
            return Ok(());
        }
        self.open_paragraphs -= 1;
        // Each mark is compared with the others.
        budget.add_steps(open.marks.saturating_mul(open.marks) / 2)?;
        // The language of code is told from all of it, again after each paragraph.
        self.code_bytes = if open.is_code { self.code_bytes + open.text_bytes } else { 0 };
        budget.add_steps(self.code_bytes)?;
        self.lists.end_paragraph(open.list, !open.has_words, budget)
    }
}
