//! The words of a claim and of its evidence, one by one.

use unicode_segmentation::UnicodeSegmentation;

use crate::text::{fold, is_function_word};

/// The fewest letters of words that may be forms of one word, and of what they have in common.
const MIN_COMMON: usize = 4;

/// A word, or a number in digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// In small letters, without accents and without an "'s" at its end.
    pub(super) text: String,
    /// Whether it begins with a capital letter.
    pub(super) is_capitalized: bool,
    /// Whether it has capital letters and no small ones.
    pub(super) is_in_capitals: bool,
}

impl Word {
    fn new(piece: &str) -> Self {
        let folded = fold(piece);
        let text = folded.strip_suffix("'s").or_else(|| folded.strip_suffix("n't"));
        let has_capitals = piece.contains(char::is_uppercase);
        Self {
            text: text.unwrap_or(&folded).to_owned(),
            is_capitalized: piece.starts_with(char::is_uppercase),
            is_in_capitals: has_capitals && !piece.contains(char::is_lowercase),
        }
    }

    /// Whether it is a number in digits.
    pub(super) fn is_digits(&self) -> bool {
        self.text.starts_with(|c: char| c.is_ascii_digit())
    }

    /// Whether it is a function word of English, such as "the".
    pub(super) fn is_function_word(&self) -> bool {
        is_function_word(&self.text, &["en"])
    }
}

/// The words of a text, in order. A number is a word of its own where a unit follows it: "5km".
pub(super) fn words(text: &str) -> Vec<Word> {
    let pieces = text.unicode_words().flat_map(pieces);
    pieces.map(Word::new).filter(|word| !word.text.is_empty()).collect()
}

/// The numbers and the words in a word by Unicode's rules.
fn pieces(word: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut kind) = (0, Kind::Mark);
    for (at, char) in word.char_indices() {
        let next = Kind::of(char, kind);
        if next != kind {
            pieces.push(&word[start..at]);
            (start, kind) = (at, next);
        }
    }
    pieces.push(&word[start..]);
    let is_mark = |c: char| Kind::of(c, Kind::Mark) == Kind::Mark;
    pieces
        .into_iter()
        .map(|piece| piece.trim_matches(is_mark))
        .filter(|it| !it.is_empty())
        .collect()
}

/// What a character within a word belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digits,
    Letters,
    Mark,
}

impl Kind {
    fn of(char: char, before: Self) -> Self {
        match char {
            _ if char.is_numeric() => Self::Digits,
            '.' | ',' if before == Self::Digits => Self::Digits,
            '.' | ',' | ':' | '_' | '·' => Self::Mark,
            _ => Self::Letters,
        }
    }
}

/// Whether two words may be forms of one: "gate" and "gates", "German" and "Germany".
pub(super) fn is_form_of(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let is_number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    if is_number(one) || is_number(other) {
        return false;
    }
    let common = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let longer = one.chars().count().max(other.chars().count());
    // The share of the longer word is three fifths.
    common >= MIN_COMMON && 5 * common >= 3 * longer
}

/// Whether one of `words` may be a form of `word`.
pub(super) fn has_form_of(words: &[Word], word: &str) -> bool {
    words.iter().any(|known| is_form_of(word, &known.text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn texts(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn numbers_part_from_units_and_initials_from_each_other() {
        assert_eq!(
            texts("5km in the 1990s, 1,234.5 ft"),
            ["5", "km", "in", "the", "1990", "s", "1,234.5", "ft"]
        );
        assert_eq!(texts("The U.S. isn't Noël's"), ["the", "u", "s", "is", "noel"]);
        assert_eq!(texts("_ ... «»"), [""; 0]);
    }

    #[test]
    fn words_with_a_common_beginning_may_be_forms_of_one() {
        assert!(is_form_of("gate", "gates") && is_form_of("german", "germany"));
        assert!(is_form_of("constructed", "construction"));
        assert!(!is_form_of("car", "cars"), "too short to tell");
        assert!(!is_form_of("international", "interest"));
        assert!(!is_form_of("1591", "15912"));
    }
}
