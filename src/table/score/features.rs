//! The features of a plan: of its operation, its columns, its rows and its answer.

use super::super::plan::{Found, Operation, Plan, Rows};
use super::super::question::{Links, Question};
use super::super::view::View;
use super::block::Block;
use super::context::Context;

/// Steps of the share of a column's cells that differ.
const DISTINCT_STEPS: usize = 4;
/// Features of the usual plan.
const USUAL_COUNT: usize = 64;

/// Collects the features of a plan.
pub(super) struct Features<'a> {
    pub(super) question: &'a Question,
    pub(super) links: &'a Links,
    pub(super) view: &'a View,
    pub(super) context: &'a Context,
    pub(super) found: &'a Found,
    list: Vec<u32>,
}

impl<'a> Features<'a> {
    pub(super) fn new(
        question: &'a Question,
        links: &'a Links,
        view: &'a View,
        context: &'a Context,
        found: &'a Found,
    ) -> Self {
        let list = Vec::with_capacity(USUAL_COUNT);
        Self { question, links, view, context, found, list }
    }

    /// All features, in order, each once. `has_turned`: whether the table has two views.
    pub(super) fn all(mut self, has_turned: bool) -> Vec<u32> {
        self.add_operation();
        self.add_order();
        self.add_parts();
        self.add_column();
        self.add_rows();
        self.add_unused();
        self.add_answer();
        self.add_shared();
        if has_turned {
            let view = u32::from(self.view.is_turned);
            self.add(Block::View, view, 0);
            self.add(Block::View, 2 + view, self.operation());
        }
        self.list.sort_unstable();
        self.list.dedup();
        self.list
    }

    pub(super) fn add(&mut self, block: Block, first: u32, second: u32) {
        self.list.push(block.id(first, second));
    }

    /// Adds a feature with each group of phrases of the question.
    pub(super) fn add_groups(&mut self, block: Block, first: u32) {
        let groups = self.question.groups.iter();
        self.list.extend(groups.map(|group| block.id(first, *group as u32)));
    }

    pub(super) fn plan(&self) -> Plan {
        self.found.plan
    }

    pub(super) fn operation(&self) -> u32 {
        self.found.plan.operation as u32
    }

    /// How much of a header the question has, and whether near what asks.
    pub(super) fn header(&self, column: usize) -> u32 {
        let context = &self.context.columns[column];
        context.header * 2 + u32::from(context.is_near)
    }

    /// Whether a header is the one that has most of the question, and is in it word for word.
    pub(super) fn quality(&self, column: usize) -> u32 {
        let link = &self.links.headers[column];
        u32::from(link.is_best) + 2 * u32::from(link.is_phrase)
    }

    pub(super) fn theme(&self, column: usize) -> u32 {
        self.context.columns[column].theme
    }

    fn add_operation(&mut self) {
        let operation = self.operation();
        self.add(Block::Operation, operation, 0);
        self.add_groups(Block::OperationGroup, operation);
        self.add(Block::OperationCounted, operation, self.context.counted);
        self.add(Block::OperationSorted, operation, self.context.sorted as u32);
    }

    /// The column that orders the rows: words of direction, with what they order.
    fn add_order(&mut self) {
        let Plan { operation: what, by, .. } = self.plan();
        let Some(column) = by else { return };
        let operation = self.operation();
        let is_first = u32::from(by == self.context.first_number);
        self.add(Block::OrderFirstNumber, operation, is_first);
        if matches!(what, Operation::Same | Operation::CountSame) {
            self.add(Block::SameColumn, 0, self.context.columns[column].header);
            self.add(Block::SameColumn, 1, self.theme(column));
        }
    }

    fn add_parts(&mut self) {
        for (place, column) in [(0, self.plan().column), (1, self.plan().by)] {
            let part = column.map_or(0, |column| self.view.columns[column].part as u32);
            if part > 0 {
                self.add(Block::Part, place, part);
                self.add_groups(Block::PartGroup, part);
            }
        }
    }

    /// The column that the answer is from.
    fn add_column(&mut self) {
        let Some(at) = self.plan().column else { return };
        let (operation, asked) = (self.operation(), self.context.question_word);
        let is_counted = u32::from(self.context.counted_column == Some(at));
        self.add(Block::OperationCountedColumn, operation, is_counted);
        let column = &self.view.columns[at];
        let distinct = column.distinct * DISTINCT_STEPS / column.filled.max(1);
        self.add(Block::OperationDistinct, operation, number(distinct));
        let header = self.header(at);
        self.add(Block::Header, 0, header);
        let quality = self.quality(at) + 4 * u32::from(self.context.nearest == Some(at));
        self.add(Block::Quality, 0, quality);
        let theme = self.theme(at);
        self.add(Block::AskedTheme, asked, theme);
        let is_entity = u32::from(at == self.context.entity);
        self.add(Block::EntityAsked, is_entity, asked);
        self.add(Block::EntityOperation, is_entity, operation);
        // A header is near what asks, but another column is given.
        if self.context.has_near && !self.context.columns[at].is_near {
            self.add(Block::UnaskedColumn, operation, 0);
        }
    }

    /// The column that rows are compared by with a thing.
    pub(super) fn add_beyond(&mut self) {
        let Rows::Beyond { by, .. } = self.plan().rows else { return };
        self.add(Block::BeyondColumn, 0, self.header(by));
        self.add(Block::BeyondColumn, 1, self.theme(by));
    }
}

/// A small count as a number of a feature.
pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
