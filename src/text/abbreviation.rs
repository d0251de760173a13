//! Full stops that belong to a word.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::function_words::is_function_word;

/// Abbreviations, in lower case and without their last full stop: those of Unicode's CLDR for
/// sentence breaks in seven languages, and some of our own (`scripts/abbreviations.mjs`).
static ABBREVIATIONS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("abbreviations.txt").lines().collect());

/// Abbreviations after which no sentence ends, whatever follows.
const TITLES: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "st", "rev", "hon", "gen", "col", "lt", "capt", "sgt", "gov",
    "sen", "rep", "pres", "mt", "messrs", "mme", "mlle", "vs", "viz", "cf", "ca", "al", "approx",
    "e.g", "i.e", "z.b", "d.h", "u.a", "p.ej", "p. ex", "bijv", "sr", "sra", "sig", "dott", "frl",
    "hr",
];
/// Abbreviations after which no sentence ends if a number follows.
const BEFORE_NUMBERS: &[&str] = &[
    "no", "nos", "nr", "p", "pp", "vol", "vols", "ch", "chap", "sec", "art", "fig", "figs", "eq",
    "eqs", "ver", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov",
    "dec", "abb", "bd", "kap", "ziff", "ст", "рис", "стр", "тел", "tel", "núm", "pág", "pag",
];
/// Words before an ordinal number, which German, Danish, Norwegian and Finnish write with a
/// full stop: "am 3. Mai".
const BEFORE_ORDINALS: &[&str] = &[
    "am", "der", "dem", "den", "des", "die", "das", "vom", "zum", "zur", "im", "bis", "seit", "ab",
    "ins", "und", "det", "de", "til", "fra",
];
/// The largest ordinal number that is recognized has this many digits.
const MAX_ORDINAL_DIGITS: usize = 2;
/// The languages whose function words begin sentences.
const STARTER_LANGUAGES: [&str; 8] = ["de", "en", "es", "fr", "it", "nl", "pt", "ru"];
/// Words of this many bytes or more are no abbreviations.
const MAX_ABBREVIATION_BYTES: usize = 24;

/// Whether the full stop after `before` belongs to its last word. `next` is what follows the
/// white space after it.
pub(super) fn is_abbreviation(before: &str, next: &str) -> bool {
    let Some(word) = last_word(before) else { return false };
    let lower = word.to_lowercase();
    if TITLES.contains(&&*lower) {
        return true;
    }
    if next.starts_with(|c: char| c.is_numeric()) && BEFORE_NUMBERS.contains(&&*lower) {
        return true;
    }
    if is_number_of_item(word, before) || is_ordinal(word, before) {
        return true;
    }
    let is_short = is_initials(word) || is_letter(word) || is_listed(&lower);
    // A capital after a word such as "The" begins a new sentence.
    let first = next.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    is_short && !is_function_word(first, &STARTER_LANGUAGES)
}

/// The last word, without what opens before it; none if it is too long.
fn last_word(before: &str) -> Option<&str> {
    let start = before.ceil_char_boundary(before.len().saturating_sub(MAX_ABBREVIATION_BYTES));
    let opens = |c: char| c.is_whitespace() || "([{\"'“‘«—–§".contains(c);
    let word = before[start..].rsplit(opens).next();
    word.filter(|word| !word.is_empty() && word.len() < MAX_ABBREVIATION_BYTES)
}

/// Only digits before the full stop: the number of a list item.
fn is_number_of_item(word: &str, before: &str) -> bool {
    word.len() <= 3 && word.len() == before.len() && word.bytes().all(|b| b.is_ascii_digit())
}

fn is_ordinal(word: &str, before: &str) -> bool {
    let is_short = word.len() <= MAX_ORDINAL_DIGITS && word.bytes().all(|b| b.is_ascii_digit());
    let before = before[..before.len() - word.len()].trim_end();
    is_short
        && last_word(before).is_some_and(|word| BEFORE_ORDINALS.contains(&&*word.to_lowercase()))
}

/// "J", "U.S" or "J.-P". "I" is a word far more often than an initial.
fn is_initials(word: &str) -> bool {
    let is_initial = |part: &str| {
        let mut letters = part.chars();
        letters.next().is_some_and(char::is_uppercase) && letters.next().is_none()
    };
    word != "I" && word.split(['.', '-']).all(|part| part.is_empty() || is_initial(part))
}

/// A lower-case letter alone: "z. B."
fn is_letter(word: &str) -> bool {
    word.chars().all(char::is_lowercase) && word.chars().nth(1).is_none()
}

fn is_listed(lower: &str) -> bool {
    // The English data has abbreviations such as "in." and "to.".
    ABBREVIATIONS.contains(lower) && !is_function_word(lower, &["en"])
}
