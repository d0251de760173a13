//! What a plan computes, in plain words and in SQL.

mod conditions;
mod english;
mod expressions;
mod sql;
#[cfg(test)]
mod tests;
mod turned;

use super::plan::thing_name;
use super::question::{Links, Predicate, Question};
use super::view::{Table, View};

/// The most texts of cells that a condition lists.
const MAX_LISTED: usize = 8;

/// Tells what plans of a question compute.
pub(crate) struct Explainer<'a> {
    pub(crate) question: &'a Question,
    pub(crate) links: &'a Links,
    /// The view of the plans, and the table.
    pub(crate) view: &'a View,
    pub(crate) table: &'a Table,
}

impl<'a> Explainer<'a> {
    fn predicate(&self, at: usize) -> &'a Predicate {
        &self.links.predicates[at]
    }

    /// The words of the question that a predicate is from.
    fn words_of(&self, predicate: &Predicate) -> String {
        self.question.words[predicate.from..predicate.to].join(" ")
    }

    /// The last of these words: the letters that cells begin with.
    fn letters_of(&self, predicate: &Predicate) -> &'a str {
        predicate.to.checked_sub(1).map_or("", |at| self.question.word(at))
    }

    /// The different texts of the cells that a predicate chooses; `None` of too many.
    fn texts_of(&self, predicate: &Predicate) -> Option<Vec<&'a str>> {
        let mut texts: Vec<&str> = Vec::new();
        for row in predicate.chosen() {
            let text = self.view.rows[row][predicate.column].text.as_str();
            if !texts.contains(&text) {
                texts.push(text);
            }
            if texts.len() > MAX_LISTED {
                return None;
            }
        }
        Some(texts)
    }

    fn thing(&self, predicate: usize) -> String {
        thing_name(self.question, self.view, self.predicate(predicate))
    }
}
