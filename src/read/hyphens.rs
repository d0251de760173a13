//! Words that a line end parts with a hyphen.

use std::borrow::Cow;
use std::collections::HashSet;

/// Words after which a hyphen is not one of a line end: "pre- and post-war".
const AFTER_SUSPENDED_HYPHEN: &[&str] =
    &["and", "or", "to", "und", "oder", "bis", "et", "ou", "y", "o", "e", "en", "of", "och", "og"];
/// First parts of compounds that keep their hyphen.
const COMPOUNDING: &[&str] = &[
    "all", "eighty", "fifty", "five", "forty", "half", "ninety", "non", "self", "seventy", "sixty",
    "thirty", "three", "twenty", "two", "vice", "well",
];
/// Words that are first parts of others without a hyphen.
const PREFIXES: &[&str] =
    &["after", "every", "fore", "here", "over", "some", "there", "under", "where", "with"];
/// Two words of fewer letters are more often syllables of one: "for-mat".
const MIN_COMPOUNDED_LETTERS: usize = 4;
/// A longer run of letters is no word.
const MAX_WORD_BYTES: usize = 64;
const HYPHENS: [char; 2] = ['-', '\u{2010}'];

/// How two parts of a text go together that a line end parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    /// "unconsti-" and "tutional": one word.
    Word,
    /// "well-" and "known": one word with a hyphen.
    Compound,
    /// The line end stays.
    Apart,
}

/// The words of a text by which its hyphens at line ends are understood.
pub(super) struct LineEndHyphens {
    /// Those of the wanted words that the text has within its lines, in lower case.
    words: HashSet<String>,
    /// Those that it has in lower case.
    lower: HashSet<String>,
}

impl LineEndHyphens {
    /// Reads the words of a text.
    pub(super) fn of(text: &str) -> Self {
        let mut wanted = HashSet::new();
        let pairs = text.lines().zip(text.lines().skip(1));
        for (stem, word) in pairs.filter_map(|(line, next)| parted(line, next)) {
            let stem = stem.to_lowercase();
            wanted.extend([format!("{stem}{word}"), format!("{stem}-{word}"), word.to_owned()]);
            wanted.insert(stem);
        }
        let (mut words, mut lower) = (HashSet::new(), HashSet::new());
        if wanted.is_empty() {
            return Self { words, lower };
        }
        let mut goes_on = false;
        for line in text.lines() {
            // The rest of a word is no word.
            for word in words_of(line).skip(usize::from(goes_on)) {
                if wanted.contains(word) {
                    lower.insert(word.to_owned());
                }
                words.extend(Some(word.to_lowercase()).filter(|word| wanted.contains(word)));
            }
            goes_on = line.trim_end().ends_with(HYPHENS);
        }
        Self { words, lower }
    }

    /// The text with the words whole that its line ends part.
    pub(super) fn joined<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if !text.lines().any(|line| line.trim_end().ends_with(HYPHENS)) {
            return Cow::Borrowed(text);
        }
        let mut whole = String::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            match parted(&whole, line).map(|(stem, word)| self.joint(stem, word)) {
                None | Some(Joint::Apart) => whole.push_str(line),
                Some(joint) => {
                    whole.truncate(whole.trim_end().len());
                    if joint == Joint::Word {
                        whole.pop();
                    }
                    whole.push_str(line.trim_start());
                }
            }
        }
        Cow::Owned(whole)
    }

    fn joint(&self, stem: &str, word: &str) -> Joint {
        let lower = stem.to_lowercase();
        let has = |word: &str| self.words.contains(word);
        let is_compound = has(&format!("{lower}-{word}"))
            || (stem.chars().count() >= MIN_COMPOUNDED_LETTERS
                && !PREFIXES.contains(&lower.as_str())
                && has(&lower)
                && self.lower.contains(word));
        match joint(stem, word) {
            Joint::Apart => Joint::Apart,
            _ if has(&format!("{lower}{word}")) => Joint::Word,
            _ if is_compound => Joint::Compound,
            joint => joint,
        }
    }
}

/// How a word that ends in a hyphen, here without it, goes together with the word on the next
/// line, by these two alone.
pub(super) fn joint(stem: &str, word: &str) -> Joint {
    let is_lower = |letter: Option<char>| letter.is_some_and(char::is_lowercase);
    let is_stem = is_lower(stem.chars().next_back()) && !stem.contains(['/', '@', '_']);
    let word = word.trim_end_matches([',', ';']);
    if !is_stem || !is_lower(word.chars().next()) || AFTER_SUSPENDED_HYPHEN.contains(&word) {
        return Joint::Apart;
    }
    let is_compound = stem.contains(HYPHENS)
        || stem.chars().nth(1).is_none()
        || COMPOUNDING.contains(&stem.to_lowercase().as_str());
    if is_compound { Joint::Compound } else { Joint::Word }
}

/// The last word of a line without the hyphen that it ends with, and the first of the next line.
fn parted<'a>(line: &'a str, next: &'a str) -> Option<(&'a str, &'a str)> {
    let line = line.trim_end().strip_suffix(HYPHENS)?;
    let start = line.ceil_char_boundary(line.len().saturating_sub(MAX_WORD_BYTES));
    let tail = &line[start..];
    let after_white = tail.rfind(char::is_whitespace).map(|at| at + 1);
    let stem = match after_white {
        Some(at) => &tail[tail.ceil_char_boundary(at)..],
        None if start == 0 => tail,
        None => return None,
    };
    let stem = stem.trim_start_matches(|c: char| !c.is_alphabetic());
    let next = next.trim_start();
    let end = next.find(|c: char| !c.is_alphabetic()).unwrap_or(next.len());
    (!stem.is_empty() && 0 < end && end <= MAX_WORD_BYTES).then(|| (stem, &next[..end]))
}

fn words_of(line: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphabetic() || HYPHENS.contains(&c);
    line.split(move |c: char| !is_part(c)).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn joined(text: &str) -> String {
        LineEndHyphens::of(text).joined(text).into_owned()
    }

    #[test]
    fn a_word_that_a_line_end_parts_is_made_whole() {
        for (text, whole) in [
            ("an unconsti-\ntutional law", "an unconstitutional law"),
            ("Ein Kühl-\n  schrank.", "Ein Kühlschrank."),
            ("a well-\nknown treatise", "a well-known treatise"),
            ("by e-\nmail", "by e-mail"),
            ("state-of-the-\nart", "state-of-the-art"),
            ("Vor-\nund Nachteile", "Vor-\nund Nachteile"),
            ("COVID-\n19 and Jean-\nPaul", "COVID-\n19 and Jean-\nPaul"),
            ("a dash -\nlike this", "a dash -\nlike this"),
            ("-\n--\n-", "-\n--\n-"),
        ] {
            assert_eq!(joined(text), whole);
        }
    }

    #[test]
    fn other_words_of_the_text_tell_how_a_word_is_written() {
        for (text, whole) in [
            ("A co-operative. The co-\noperative.", "A co-operative. The co-operative."),
            (
                "An overcoat. His over-\ncoat, over a coat.",
                "An overcoat. His overcoat, over a coat.",
            ),
            (
                "A government may own it. It is government-\nowned, owned by it.",
                "A government may own it. It is government-owned, owned by it.",
            ),
            ("Ein Haus, eine Tür. Die Haus-\ntür.", "Ein Haus, eine Tür. Die Haustür."),
            ("Wellbeing is all. His well-\nbeing.", "Wellbeing is all. His wellbeing."),
        ] {
            assert_eq!(joined(text), whole);
        }
    }

    #[test]
    fn hyphens_at_all_line_ends_take_linear_time() {
        let text = "ab-\n".repeat(500_000);
        assert!(!joined(&text).is_empty());
        assert_eq!(joined(&("a".repeat(1 << 20) + "-\nb")).len(), (1 << 20) + 3);
    }
}
