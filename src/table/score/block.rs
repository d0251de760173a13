//! The blocks of features. A feature is a block and two numbers within it.

/// Bits of each of the two numbers of a feature.
const BITS: u32 = 11;
/// The numbers are below it.
pub(super) const VALUES: u32 = 1 << BITS;

/// What features of a block are about. The numbers are part of weights: a new block takes a new
/// one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    Operation = 1,
    OperationTrigger = 2,
    OperationGroup = 3,
    OperationAsked = 4,
    OrderTrigger = 5,
    OrderHeader = 6,
    OrderTheme = 7,
    OrderPlace = 8,
    SameColumn = 9,
    OperationHeader = 10,
    Header = 11,
    AskedTheme = 12,
    EntityAsked = 13,
    EntityOperation = 14,
    OperationTheme = 15,
    ColumnPlace = 16,
    UnaskedColumn = 17,
    OperationShape = 18,
    ShapeGroup = 19,
    OperationRowCount = 20,
    Test = 21,
    TestMaximal = 22,
    TestLength = 23,
    TestHeader = 24,
    TestRowCount = 25,
    TestTrigger = 26,
    WordBeforeNumber = 27,
    WordAfterNumber = 28,
    WordBeforeCell = 29,
    TestTheme = 30,
    UnusedWords = 31,
    OperationUnusedWords = 32,
    ShapeUnusedCells = 33,
    OperationUnusedCells = 34,
    UnusedNumbers = 35,
    OperationUnusedHeaders = 36,
    OperationValueCount = 37,
    ListValueCount = 38,
    OperationRepetition = 39,
    AskedNumeric = 40,
    OperationNumber = 41,
    NumericOperation = 42,
    BeyondTrigger = 43,
    BeyondColumn = 44,
    TestHeaderDistance = 45,
    TestAsked = 46,
    ShapeTest = 47,
    OperationQuality = 48,
    Quality = 49,
    OrderQuality = 50,
    TestQuality = 51,
    View = 52,
    Part = 53,
    PartGroup = 54,
    OperationCounted = 55,
    OrderFirstNumber = 56,
    OperationDistinct = 57,
    OperationSorted = 58,
    OperationCountedColumn = 59,
}

impl Block {
    /// The feature of this block with these two numbers.
    pub(super) fn id(self, first: u32, second: u32) -> u32 {
        (self as u32) << (2 * BITS) | first.min(VALUES - 1) << BITS | second.min(VALUES - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn numbers_of_a_feature_are_apart() {
        assert_eq!(Block::Operation.id(2, 3), 0b1_00000000010_00000000011);
        assert_eq!(Block::Operation.id(0, 5000), Block::Operation.id(0, VALUES - 1));
    }
}
