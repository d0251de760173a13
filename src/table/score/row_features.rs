//! Features of the rows of a plan, and of what it leaves of the question.

use super::super::plan::Rows;
use super::super::question::{Predicate, Test};
use super::block::Block;
use super::features::{Features, number};
use super::shared_features::family;

/// Words that are left of a question: more are alike.
const MAX_UNUSED: usize = 8;
const MAX_UNUSED_OF_OPERATION: usize = 3;
/// Words before what is asked for.
const ASKING_WORDS: &[&str] = &["many", "which", "what", "of"];
/// Words that are numbers but say little.
const WEAK_NUMBERS: &[&str] = &["no", "one"];

impl Features<'_> {
    /// How the rows are chosen.
    pub(super) fn add_rows(&mut self) {
        self.add_beyond();
        let (operation, shape) = (self.operation(), self.shape());
        self.add(Block::OperationShape, operation, shape);
        self.add(Block::OperationRowCount, operation, count_step(self.found.row_count));
        let links = self.links;
        for at in self.plan().rows.predicates() {
            let predicate = &links.predicates[at];
            self.add(Block::ShapeTest, shape, predicate.test as u32);
            self.add_predicate(predicate);
        }
    }

    pub(super) fn shape(&self) -> u32 {
        match self.plan().rows {
            Rows::All => 0,
            Rows::One(_) => 1,
            Rows::And(..) => 2,
            Rows::Or(..) => 3,
            Rows::Not(_) => 4,
            Rows::AndNot(..) => 5,
            Rows::Beyond { is_more: false, .. } => 6,
            Rows::Beyond { is_more: true, .. } => 7,
            Rows::And3(_) => 8,
            Rows::Or3(_) => 9,
            Rows::Top { by: None, .. } => 10,
            Rows::Top { .. } => 11,
            Rows::EitherAnd(_) => 12,
        }
    }

    fn add_predicate(&mut self, predicate: &Predicate) {
        let &Predicate { column, from, .. } = predicate;
        let test = predicate.test as u32;
        self.add(Block::TestHeader, test, self.context.columns[column].header);
        self.add(Block::TestRowCount, test, count_step(predicate.count));
        self.add(Block::TestTheme, test, self.theme(column));
        self.add(Block::TestQuality, test, self.quality(column));
        self.add(Block::TestHeaderDistance, test, self.header_distance(predicate));
        let before = from.checked_sub(1).map_or("", |at| self.question.word(at));
        let is_asked = u32::from(ASKING_WORDS.contains(&before));
        let is_entity = u32::from(column == self.context.entity);
        self.add(Block::TestAsked, test, is_asked * 2 + is_entity);
    }

    /// How far the header of a predicate's column is from it in the question.
    fn header_distance(&self, predicate: &Predicate) -> u32 {
        let &Predicate { from, to, .. } = predicate;
        let words = self.links.headers[predicate.column].words.iter();
        let distances = words.filter_map(|&word| match word {
            word if word < from => Some(from - word),
            word if word >= to => Some(word - to + 1),
            _ => None,
        });
        distances.min().map_or(0, |distance| number(distance.min(4)))
    }

    /// What of the question the plan does not use: cells, numbers, headers and other words.
    pub(super) fn add_unused(&mut self) {
        let (operation, shape) = (self.operation(), self.shape());
        let family = family(self.plan().operation);
        let mut is_used = self.words_of_rows();
        let cells = self.unused_cells(&is_used);
        self.add(Block::ShapeUnusedCells, shape, cells);
        self.add(Block::OperationUnusedCells, operation, cells);
        let numbers = self.unused_numbers(&is_used).min(MAX_UNUSED_OF_OPERATION);
        self.add(Block::UnusedNumbers, 0, number(numbers));
        self.add(Block::FamilyUnusedCells, family, cells);
        self.add(Block::FamilyUnusedNumbers, family, number(numbers));
        let columns = self.used_columns();
        for word in columns.iter().flat_map(|column| &self.links.headers[*column].words) {
            is_used[*word] = true;
        }
        let words = self.question.is_content.iter().zip(&is_used);
        let words = words.filter(|(is_content, is_used)| **is_content && !**is_used).count();
        self.add(Block::UnusedWords, 0, number(words.min(MAX_UNUSED)));
        let all = self.question.is_content.iter().filter(|is_content| **is_content).count();
        self.add(Block::UnusedShare, 0, number(words * 6 / all.max(1)));
        self.add(Block::UnusedShare, 1 + family, number(words * 6 / all.max(1)));
        let some = words.min(MAX_UNUSED_OF_OPERATION);
        self.add(Block::OperationUnusedWords, operation, number(some));
        let headers = self.links.headers.iter().enumerate().filter(|(column, link)| {
            !columns.contains(column) && link.words.iter().any(|word| !is_used[*word])
        });
        let headers = headers.count().min(MAX_UNUSED_OF_OPERATION);
        self.add(Block::OperationUnusedHeaders, operation, number(headers));
    }

    /// Of each word, whether a predicate of the plan is from it.
    fn words_of_rows(&self) -> Vec<bool> {
        let mut is_used = vec![false; self.question.words.len()];
        for at in self.plan().rows.predicates() {
            let predicate = &self.links.predicates[at];
            is_used[predicate.from..predicate.to].fill(true);
        }
        if let Rows::Top { top, .. } = self.plan().rows {
            is_used[top.at] = true;
        }
        is_used
    }

    /// The columns of the plan: those of its answer, its order and its predicates.
    fn used_columns(&self) -> Vec<usize> {
        let plan = self.plan();
        let filters = plan.rows.predicates().map(|at| self.links.predicates[at].column);
        plan.column.into_iter().chain(plan.by).chain(plan.rows.by()).chain(filters).collect()
    }

    /// Whether the question has a whole cell that is not used: 2; words within one: 1.
    fn unused_cells(&self, is_used: &[bool]) -> u32 {
        let is_unused = |predicate: &&Predicate| {
            predicate.is_maximal
                && (predicate.test.is_of_words() || predicate.test == Test::Starts)
                && predicate.content > 0
                && !is_used[predicate.from..predicate.to].contains(&true)
        };
        let unused = self.links.predicates.iter().filter(is_unused);
        unused.map(|it| if it.test == Test::Exact { 2 } else { 1 }).max().unwrap_or(0)
    }

    fn unused_numbers(&self, is_used: &[bool]) -> usize {
        let is_unused = |at: usize| !is_used[at] && !WEAK_NUMBERS.contains(&self.question.word(at));
        self.question.numbers.iter().filter(|number| is_unused(number.at)).count()
    }
}

fn count_step(count: usize) -> u32 {
    match count {
        0 => 0,
        1 => 1,
        2 => 2,
        3..=5 => 3,
        6..=10 => 4,
        _ => 5,
    }
}
