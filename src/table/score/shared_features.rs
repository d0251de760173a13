//! Features that operations of one family share: they are learned from more questions.

use super::super::plan::{Operation, Rows, TableValue};
use super::block::Block;
use super::features::{Features, number};

/// The sense where a question has none.
const NO_SENSE: u32 = 15;
const DIRECTIONS: u32 = 6;

/// Words before a predicate that tell what it is for. The place of a word is its number.
const WORDS_BEFORE: &[&str] = &[
    "after",
    "before",
    "than",
    "in",
    "from",
    "for",
    "by",
    "of",
    "at",
    "on",
    "to",
    "with",
    "the",
    "a",
    "was",
    "is",
    "did",
    "does",
    "has",
    "had",
    "have",
    "and",
    "or",
    "between",
    "as",
    "not",
    "over",
    "under",
    "above",
    "below",
    "least",
    "most",
    "who",
    "what",
    "which",
    "many",
    "only",
    "other",
    "besides",
    "against",
    "since",
    "until",
    "following",
    "during",
    "no",
    "number",
    "are",
    "were",
    "do",
    "exactly",
    "first",
    "last",
    "next",
    "same",
];
/// The number where there is no word.
const NO_WORD: u32 = 100;

impl Features<'_> {
    /// The features of the family.
    pub(super) fn add_shared(&mut self) {
        let family = family(self.plan().operation);
        self.add_groups(Block::FamilyGroup, family);
        self.add(Block::FamilyAsked, family, self.context.question_word);
        if let Some(column) = self.plan().column {
            self.add(Block::FamilyHeader, family, self.header(column));
            self.add(
                Block::FamilyQuality,
                family,
                self.quality(column) + 4 * u32::from(self.context.nearest == Some(column)),
            );
            self.add(Block::FamilyTheme, family, self.theme(column));
            self.add(Block::AskedNoun, self.context.asked_noun, self.theme(column));
        }
        if let Some(by) = self.plan().by {
            self.add(Block::FamilyOrder, family, self.header(by) * 4 + self.quality(by));
        }
        self.add(
            Block::FamilyRowCount,
            family,
            number(self.found.row_count.min(3)) * 8 + self.shape(),
        );
        self.add(Block::HeaderTrigger, family, self.context.signals.in_header);
        let count = number(self.found.answer.values.len().min(3));
        self.add(Block::PluralValues, self.context.plural, count);
        self.add(Block::PluralValues, 3 + family, self.context.plural * 4 + count);
        self.add(Block::ThanShape, self.context.than, self.shape());
        if let [TableValue::Text(text)] = &self.found.answer.values[..] {
            self.add(Block::ValueWords, family, number(text.split_whitespace().count().min(7)));
        }
        self.add_filters(family);
        self.add_signals(family);
    }

    /// What the rows are chosen by, with the family, and whether that is what is asked for.
    fn add_filters(&mut self, family: u32) {
        let plan = self.plan();
        for at in plan.rows.predicates() {
            let predicate = &self.links.predicates[at];
            let test = predicate.test as u32;
            let class = self.view.columns[predicate.column].class as u32;
            self.add(Block::PredicateNear, test, self.context.near[at]);
            self.add(Block::PredicateNear, 20 + family, self.context.near[at]);
            if predicate.test.is_of_words()
                && let Some(row) = predicate.chosen().next()
            {
                let cell = self.view.rows[row][predicate.column].words.len();
                let own = (predicate.to - predicate.from).max(1);
                let share = number((cell / own).min(4));
                self.add(Block::Coverage, test, number(predicate.content.min(3)) * 5 + share);
            }
            let has_other = u32::from(self.context.has_other_exact[at]);
            self.add(Block::OtherExact, test, has_other);
            let before = predicate
                .from
                .checked_sub(1)
                .map_or(NO_WORD, |at| word_before(self.question.word(at)));
            self.add(Block::WordBefore, family, before);
            self.add(Block::WordBefore, 20 + test, before);
            self.add(Block::FamilyTest, family, test * 8 + class);
            if plan.column == Some(predicate.column) {
                self.add(Block::FilteredColumn, family, test);
            }
        }
        if plan.column.is_some() && plan.column == plan.rows.by() {
            self.add(Block::FilteredColumn, family, 20);
        }
    }

    /// Whether what orders or sums up is what the question says.
    fn add_signals(&mut self, family: u32) {
        let plan = self.plan();
        let signals = &self.context.signals;
        let (by, direction) = match (plan.operation, plan.rows) {
            (
                Operation::ArgMax | Operation::NthMax | Operation::ChooseMax | Operation::NextUp,
                _,
            ) => (plan.by, 0),
            (
                Operation::ArgMin | Operation::NthMin | Operation::ChooseMin | Operation::NextDown,
                _,
            ) => (plan.by, 1),
            (Operation::Max, _) => (plan.column, 0),
            (Operation::Min, _) => (plan.column, 1),
            (Operation::First | Operation::ChooseFirst | Operation::Previous, _) => (None, 2),
            (Operation::Last | Operation::ChooseLast | Operation::Next, _) => (None, 3),
            (Operation::MostCommon, _) => (None, 4),
            (Operation::LeastCommon, _) => (None, 5),
            (_, Rows::Top { by: Some(by), is_max, .. }) => (Some(by), u32::from(!is_max)),
            (_, Rows::Top { by: None, is_max, .. }) => (None, 2 + u32::from(is_max)),
            (_, Rows::Beyond { by, is_more, .. }) => (Some(by), u32::from(!is_more)),
            (Operation::Sum | Operation::Mean | Operation::Range | Operation::Difference, _) => {
                let at = near(&signals.is_summed, plan.column);
                self.add(Block::SummedNear, family, at);
                return;
            }
            _ => return,
        };
        let what = by.map_or(20 + self.context.sorted as u32, |by| self.theme(by));
        let senses: Vec<u32> = signals.senses.iter().map(|sense| *sense as u32).collect();
        let at = near(&signals.is_ordering, by);
        for sense in &senses {
            self.add(Block::SenseDirection, sense * DIRECTIONS + direction, what);
        }
        if senses.is_empty() {
            self.add(Block::SenseDirection, NO_SENSE * DIRECTIONS + direction, what);
        }
        if let Some(by) = by {
            let column = &self.view.columns[by];
            let is_time = self.context.columns[by].is_time;
            let wanted = signals.senses.iter().filter_map(|sense| sense.is_max(column, is_time));
            let (mut fits, mut other) = (false, false);
            wanted.for_each(|is_max| {
                *if is_max == (direction == 0) { &mut fits } else { &mut other } = true
            });
            let fit = u32::from(fits) + 2 * u32::from(other);
            self.add(Block::DirectionFits, family, fit);
            self.add(Block::DirectionFits, 20, fit);
            self.add(Block::OrderNear, family, at);
            self.add(Block::OrderNear, 20, at);
            let asked = plan.column.map_or(3, |column| match self.context.nearest {
                Some(nearest) if nearest == column => 1,
                Some(_) => 2,
                None => 0,
            });
            self.add(Block::AskedAndOrder, family, asked * 3 + at);
        }
    }
}

/// A number for the word before a predicate.
fn word_before(word: &str) -> u32 {
    WORDS_BEFORE.iter().position(|other| *other == word).map_or(NO_WORD - 1, number)
}

/// No column is near: 0; this one is: 1; another one is: 2.
fn near(is_near: &[bool], column: Option<usize>) -> u32 {
    match column.and_then(|column| is_near.get(column)) {
        Some(true) => 1,
        _ if is_near.contains(&true) => 2,
        _ => 0,
    }
}

/// The family of an operation.
pub(super) fn family(operation: Operation) -> u32 {
    use Operation as O;
    match operation {
        O::Select => 0,
        O::Count | O::CountDistinct | O::CountItems => 1,
        O::ArgMax | O::ArgMin | O::NthMax | O::NthMin => 2,
        O::Max | O::Min => 3,
        O::First | O::Last => 4,
        O::Next | O::Previous | O::NextUp | O::NextDown => 5,
        O::Sum | O::Mean => 6,
        O::MostCommon | O::LeastCommon => 7,
        O::Difference | O::CountDifference | O::SpanYears | O::Range => 8,
        O::ChooseMax | O::ChooseMin | O::ChooseCount | O::ChooseFirst | O::ChooseLast => 9,
        O::Same => 10,
        O::MoreLess | O::MoreLessNumber => 11,
        O::CountSame => 1,
        O::Whether | O::WhetherMore | O::WhetherLess => 12,
        O::ColumnDifference => 8,
        O::ColumnSum => 6,
        O::ChooseColumn => 9,
        O::OfCount | O::CountOfCount => 13,
        O::Streak => 14,
    }
}
