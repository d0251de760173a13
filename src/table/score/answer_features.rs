//! Features of what a plan gives.

use super::super::plan::TableValue;
use super::super::question::Group;
use super::super::value::leading_number;
use super::super::words::words;
use super::block::Block;
use super::features::{Features, number};

/// Values of an answer: more are alike.
const MAX_VALUES: usize = 4;

impl Features<'_> {
    /// The values of the answer.
    pub(super) fn add_answer(&mut self) {
        let operation = self.operation();
        let values = &self.found.answer.values;
        self.add(Block::OperationValueCount, operation, count_step(values.len()));
        let is_list = u32::from(self.question.has(Group::List));
        self.add(Block::ListValueCount, is_list, number(values.len().min(MAX_VALUES)));
        let is_repeated = values.iter().any(|value| self.is_in_question(value));
        self.add(Block::OperationRepetition, operation, u32::from(is_repeated));
        let is_numeric = u32::from(values.iter().all(is_number));
        self.add(Block::AskedNumeric, self.context.question_word, is_numeric);
        self.add(Block::NumericOperation, is_numeric, operation);
        if let [TableValue::Number(number)] = values[..] {
            self.add(Block::OperationNumber, operation, number_sort(number));
        }
    }

    /// Whether the question has a value already.
    fn is_in_question(&self, value: &TableValue) -> bool {
        match value {
            TableValue::Number(own) => self.question.numbers.iter().any(|it| it.value == *own),
            TableValue::Text(text) => {
                let own = words(text);
                let count = own.len().max(1);
                self.question.words.windows(count).any(|words| words == own)
            }
        }
    }
}

fn is_number(value: &TableValue) -> bool {
    match value {
        TableValue::Number(_) => true,
        TableValue::Text(text) => leading_number(text).is_some(),
    }
}

fn count_step(count: usize) -> u32 {
    match count {
        1 => 1,
        2 => 2,
        3..=5 => 3,
        _ => 4,
    }
}

/// Nothing, one, a fraction, or another number.
fn number_sort(number: f64) -> u32 {
    match number {
        0.0 => 0,
        1.0 => 1,
        _ if number.fract() != 0.0 => 2,
        _ => 3,
    }
}
