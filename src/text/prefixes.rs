//! What Arabic and Hebrew write together with a word: the article, prepositions, conjunctions.

/// The fewest letters of a word beside its prefix.
const MIN_LETTERS: usize = 3;

/// The prefixes of an Arabic word, the empty one included.
pub(super) const ARABIC: [&str; 8] = ["", "ال", "وال", "فال", "بال", "كال", "لل", "و"];

/// The prefixes of a Hebrew word, the empty one included.
pub(super) const HEBREW: [&str; 20] = [
    "", "ה", "ו", "ב", "ל", "מ", "כ", "ש", "וה", "וב", "ול", "ומ", "וכ", "וש", "שה", "שב", "של",
    "שמ", "מה", "כשה",
];

/// The endings of Hebrew plurals, and none.
const HEBREW_ENDINGS: [&str; 3] = ["", "ים", "ות"];

/// `word` (one of [`terms()`](super::terms())) as it is, and without each prefix that it may have.
/// A word of another script is only as it is.
pub(crate) fn without_prefixes(word: &str) -> impl Iterator<Item = &str> {
    let prefixes: &[&str] = match word.chars().next() {
        Some('\u{5D0}'..='\u{5EA}') => &HEBREW,
        Some('\u{620}'..='\u{64A}') => &ARABIC,
        _ => &[""],
    };
    prefixes
        .iter()
        .filter_map(|prefix| word.strip_prefix(prefix).filter(|rest| is_left(word, rest)))
}

/// The stems that a Hebrew word may have: which of its letters are a prefix cannot be told from
/// the word alone.
pub(super) fn hebrew_stems(word: &str) -> Vec<String> {
    let words = without_prefixes(word);
    words.flat_map(without_ending).map(with_common_letters).collect()
}

fn without_ending(word: &str) -> impl Iterator<Item = &str> {
    let left = HEBREW_ENDINGS.iter().filter_map(|ending| word.strip_suffix(ending));
    left.filter(|rest| is_left(word, rest))
}

/// Whether `rest` is all of `word`, or enough of it to be a word.
fn is_left(word: &str, rest: &str) -> bool {
    rest.len() == word.len() || rest.chars().count() >= MIN_LETTERS
}

/// The word with the common form of a letter that has another form at the end of words.
fn with_common_letters(word: &str) -> String {
    let last = word.char_indices().next_back().and_then(|(at, last)| {
        let common = match last {
            'ך' => 'כ',
            'ם' => 'מ',
            'ן' => 'נ',
            'ף' => 'פ',
            'ץ' => 'צ',
            _ => return None,
        };
        Some((at, common))
    });
    match last {
        Some((at, common)) => format!("{}{common}", &word[..at]),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn are_forms(one: &str, other: &str) -> bool {
        let others = hebrew_stems(other);
        hebrew_stems(one).iter().any(|stem| others.contains(stem))
    }

    #[test]
    fn hebrew_words_are_the_same_with_prefixes_and_in_the_plural() {
        for (one, other) in
            [("המגדלור", "מגדלור"), ("בספרים", "ספר"), ("דרכים", "הדרך"), ("ולשולחן", "השולחן")]
        {
            assert!(are_forms(one, other), "{one} {other}");
        }
        assert!(!are_forms("מגדל", "ספר"));
        assert!(!are_forms("הר", "ר"), "too few letters are left");
    }

    #[test]
    fn words_of_scripts_without_prefixes_stay_as_they_are() {
        assert_eq!(without_prefixes("light").collect::<Vec<_>>(), ["light"]);
        assert_eq!(without_prefixes("").collect::<Vec<_>>(), [""]);
        let arabic: Vec<_> = without_prefixes("والكتاب").collect();
        assert_eq!(arabic, ["والكتاب", "كتاب", "الكتاب"]);
    }
}
