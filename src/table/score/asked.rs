//! What the question words of a question ask for.

use super::super::question::Question;

/// Question words. The place of a word is its number in features.
const QUESTION_WORDS: &[&str] =
    &["who", "where", "when", "how", "which", "what", "whose", "whom", "name", "list"];
/// The numbers of "how many" and others with the word after them.
const HOW_MANY: u32 = 10;
const HOW_MUCH: u32 = 11;
const HOW_LONG: u32 = 12;
const HOW_OLD: u32 = 13;
const HOW: u32 = 14;
const WHAT_YEAR: u32 = 15;
const WHAT_IS: u32 = 16;
const NONE: u32 = 20;
/// Words before what is asked for.
const ASKING_WORDS: &[&str] = &["which", "what", "whose", "many", "name", "list"];
/// Words in which what is counted is looked for, after "how many".
const COUNTED_WORDS: usize = 4;

/// The number of the first question word.
pub(super) fn question_word(question: &Question) -> u32 {
    let mut words = question.words.iter().enumerate();
    let number = words.find_map(|(at, word)| {
        let number = QUESTION_WORDS.iter().position(|other| other == word)?;
        Some(match (word.as_str(), question.word(at + 1)) {
            ("how", "many") => HOW_MANY,
            ("how", "much") => HOW_MUCH,
            ("how", "long") => HOW_LONG,
            ("how", "old") => HOW_OLD,
            ("how", _) => HOW,
            ("what" | "which", "year") => WHAT_YEAR,
            ("what", "is" | "was" | "are" | "were") => WHAT_IS,
            _ => u32::try_from(number).unwrap_or(NONE),
        })
    });
    number.unwrap_or(NONE)
}

/// The first word that stands before what is asked for.
pub(super) fn asking_word(question: &Question) -> Option<usize> {
    question.words.iter().position(|word| ASKING_WORDS.contains(&word.as_str()))
}

/// The word for what is counted: after "how many" or "number of".
pub(super) fn counted_word(question: &Question) -> Option<usize> {
    let is_counting = |at: &usize| {
        let before = at.checked_sub(1).map_or("", |at| question.word(at));
        matches!(
            (before, question.word(*at)),
            ("how", "many" | "much") | ("number" | "amount", "of")
        )
    };
    let count = question.words.len();
    let at = (0..count).find(is_counting)?;
    (at + 1..count.min(at + 1 + COUNTED_WORDS)).find(|word| question.is_content[*word])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn a_question_word_is_read_with_the_word_after_it() {
        let word = |text: &str| question_word(&Question::new(text));
        assert_eq!(word("Who was first?"), 0);
        assert_eq!(word("In which town?"), 4);
        assert_eq!(word("In which year?"), WHAT_YEAR);
        assert_eq!(word("How many towns?"), HOW_MANY);
        assert_eq!(word("Was it first?"), NONE);
    }

    #[test]
    fn what_is_counted_is_after_how_many() {
        let word = |text: &str| {
            let question = Question::new(text);
            counted_word(&question).map(|at| question.word(at).to_owned())
        };
        assert_eq!(word("how many of the towns").as_deref(), Some("towns"));
        assert_eq!(word("the number of towns").as_deref(), Some("towns"));
        assert_eq!(word("many towns"), None);
    }
}
