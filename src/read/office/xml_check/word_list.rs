//! Lists of Word.

use super::Element;
use super::budget::{BLOCK_WEIGHT, Budget};
use crate::error::Result;

/// A list that goes on after an empty paragraph is sought among all items before it: so many
/// of them take a step.
const ITEMS_A_STEP: u64 = 2;
/// The empty paragraphs between the items of a list are compared with each other whenever it
/// goes on: so many pairs take a step.
const EMPTY_PAIRS_A_STEP: u64 = 56;
/// Items for each further letter of a number in letters: z is 26, aa is 27.
const LETTERS: u64 = 26;
/// Formats of numbers whose length does not grow with the number.
const SHORT_FORMATS: [&str; 3] = ["decimal", "bullet", "none"];

#[derive(Default)]
pub(super) struct Lists {
    /// Paragraphs and runs so far.
    pub(super) items: u64,
    /// Paragraphs of lists so far.
    list_items: u64,
    /// Empty paragraphs since the last text outside of lists.
    empty: u64,
    was_empty: bool,
    level: u64,
    /// The last list.
    list: u64,
    /// The largest number with which a list begins.
    largest_start: u64,
    has_letters: bool,
}

impl Lists {
    pub(super) fn start(&mut self, element: &Element<'_>, budget: &mut Budget<'_>) -> Result<()> {
        match element.name {
            b"start" | b"startOverride" => {
                let start = element.number(b"val").unwrap_or(0);
                self.largest_start = self.largest_start.max(start);
            }
            b"numFmt" => {
                let format = element.value(b"val").unwrap_or_default();
                self.has_letters |= !SHORT_FORMATS.contains(&format.as_str());
            }
            b"ilvl" => {
                // A list is made for each level on the way.
                let level = element.number(b"val").unwrap_or(0);
                let deeper = level.saturating_sub(self.level);
                self.level = level;
                budget.add_weight(deeper.saturating_mul(BLOCK_WEIGHT))?;
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn end_paragraph(
        &mut self,
        list: Option<u64>,
        is_empty: bool,
        budget: &mut Budget<'_>,
    ) -> Result<()> {
        self.items += 1;
        if let Some(list) = list.filter(|&list| list > 0) {
            self.list_items += 1;
            if std::mem::replace(&mut self.list, list) != list {
                budget.add_weight(BLOCK_WEIGHT)?;
            }
            if self.has_letters {
                budget.add_copied((self.largest_start + self.list_items) / LETTERS)?;
            }
            if self.was_empty {
                budget.add_steps(self.items / ITEMS_A_STEP)?;
                budget.add_steps(self.empty.saturating_mul(self.empty) / EMPTY_PAIRS_A_STEP)?;
            }
        } else if is_empty {
            self.empty += 1;
        } else {
            self.empty = 0;
        }
        self.was_empty = is_empty;
        Ok(())
    }

    pub(super) fn end_part(&mut self) {
        (self.empty, self.was_empty, self.level) = (0, false, 0);
    }
}
