//! The phrases of a question that tell what it asks for.

use super::phrases::PHRASES;

/// What the phrases of a group have in common. The numbers are those of features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Count = 0,
    Most = 1,
    Least = 2,
    Longest = 3,
    Shortest = 4,
    Earliest = 5,
    Latest = 6,
    Next = 7,
    Previous = 8,
    After = 9,
    Total = 10,
    Average = 11,
    Difference = 12,
    MoreThan = 13,
    LessThan = 14,
    Same = 15,
    Or = 16,
    Not = 17,
    Only = 18,
    Other = 19,
    Different = 20,
    Who = 21,
    Where = 22,
    When = 23,
    Which = 24,
    What = 25,
    HowMuch = 26,
    Year = 27,
    Day = 28,
    Per = 29,
    More = 30,
    Less = 31,
    Between = 32,
    Consecutive = 33,
    Each = 34,
    AtLeast = 35,
    AtMost = 36,
    Times = 37,
    List = 38,
    Chart = 39,
    Top = 40,
    Earlier = 41,
    Rank = 42,
    Place = 43,
    IsThere = 44,
    Above = 45,
}

/// The groups of the phrases among these words.
pub(super) fn of(words: &[String]) -> Vec<Group> {
    let joined = format!(" {} ", words.join(" "));
    let has = |phrase: &&str| joined.contains(&format!(" {phrase} "));
    let found = PHRASES.iter().filter(|(_, phrases)| phrases.iter().any(has));
    found.map(|(group, _)| *group).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::words::words;
    use super::*;
    use crate::test;

    #[test]
    fn a_phrase_is_found_as_whole_words() {
        assert_eq!(of(&words("how many")), [Group::Count]);
        assert_eq!(of(&words("show many")), []);
    }

    #[test]
    fn groups_stand_in_the_order_of_their_numbers() {
        let numbers: Vec<u32> = PHRASES.iter().map(|(group, _)| *group as u32).collect();
        assert!(numbers.iter().copied().eq(0..46));
    }
}
