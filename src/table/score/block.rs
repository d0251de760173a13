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
    OperationGroup = 3,
    SameColumn = 9,
    Header = 11,
    AskedTheme = 12,
    EntityAsked = 13,
    EntityOperation = 14,
    UnaskedColumn = 17,
    OperationShape = 18,
    OperationRowCount = 20,
    TestHeader = 24,
    TestRowCount = 25,
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
    BeyondColumn = 44,
    TestHeaderDistance = 45,
    TestAsked = 46,
    ShapeTest = 47,
    Quality = 49,
    TestQuality = 51,
    View = 52,
    Part = 53,
    PartGroup = 54,
    OperationCounted = 55,
    OrderFirstNumber = 56,
    OperationDistinct = 57,
    OperationSorted = 58,
    OperationCountedColumn = 59,
    FamilyGroup = 60,
    FamilyAsked = 61,
    FamilyHeader = 62,
    FamilyQuality = 63,
    FamilyTheme = 64,
    FamilyOrder = 65,
    FamilyRowCount = 66,
    SenseDirection = 67,
    OrderNear = 68,
    SummedNear = 69,
    DirectionFits = 70,
    FilteredColumn = 71,
    FamilyTest = 72,
    HeaderTrigger = 73,
    UnusedShare = 74,
    PredicateNear = 75,
    OtherExact = 76,
    PluralValues = 77,
    ThanShape = 78,
    WordBefore = 79,
    AskedAndOrder = 80,
    FamilyUnusedCells = 81,
    FamilyUnusedNumbers = 82,
    AskedNoun = 83,
    ValueWords = 84,
    Coverage = 85,
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
