//! Function words, such as "how", "does" and "the", of many languages.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use super::fold::fold;

/// The function words of the language that has the most of `words`, which are
/// [`terms()`](super::terms()), among its function words.
pub(crate) fn function_words(words: &[String]) -> BTreeSet<Cow<'static, str>> {
    let counts = words.iter().map(|word| (word.as_str(), 1)).collect();
    let closest = closest_list(&counts);
    closest.into_iter().flat_map(|closest| closest.words).map(|word| fold_listed(word)).collect()
}

/// The same as they are written, with their accents.
pub(crate) fn listed_function_words(words: &[String]) -> &'static [&'static str] {
    let counts = words.iter().map(|word| (word.as_str(), 1)).collect();
    closest_list(&counts).map_or(&[], |closest| closest.words)
}

/// Whether `word` is a function word of one of these languages.
pub(crate) fn is_function_word(word: &str, codes: &[&str]) -> bool {
    let folded = fold(word);
    let lists = LISTS.with.get(folded.as_str()).into_iter().flatten();
    lists.copied().any(|list| codes.contains(&LISTS.all[list].0))
}

/// How many different function words of each language a text has, by ISO 639-1 codes; those of none
/// are left out.
pub(super) fn distinct_function_words(text: &str) -> BTreeMap<&'static str, usize> {
    let words: BTreeSet<String> = super::terms::words(text).into_iter().collect();
    let mut counts = BTreeMap::new();
    for word in &words {
        for &list in LISTS.with.get(word.as_str()).into_iter().flatten() {
            *counts.entry(LISTS.all[list].0).or_default() += 1;
        }
    }
    counts
}

/// Whether there is a list of this language's function words, by its ISO 639-1 code.
pub(super) fn has_list(code: &str) -> bool {
    LISTS.all.iter().any(|(known, _)| *known == code)
}

/// The function words of a language, and how many of them a text contains.
pub(crate) struct Closest {
    pub(crate) code: &'static str,
    words: &'static [&'static str],
    /// Distinct function words in the text.
    pub(crate) distinct: usize,
    /// All function words in the text, repeated ones included.
    pub(crate) total: usize,
}

/// The list with the most of `words`, which are mapped to their occurrences; among equals
/// the shortest list.
pub(crate) fn closest_list(words: &HashMap<&str, usize>) -> Option<Closest> {
    let mut closest: Vec<Closest> = LISTS
        .all
        .iter()
        .map(|(code, words)| Closest { code, words, distinct: 0, total: 0 })
        .collect();
    for (word, count) in words {
        for &list in LISTS.with.get(*word).into_iter().flatten() {
            closest[list].distinct += 1;
            closest[list].total += count;
        }
    }
    closest.into_iter().max_by_key(|closest| (closest.total, Reverse(closest.words.len())))
}

/// Function words that the library of lists lacks, by ISO 639-1 codes: words that ask, and all of some
/// languages.
const FURTHER: &str = include_str!("function_words.txt");

/// The lines of [`FURTHER`]: a code and its words.
fn further() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    let lines = FURTHER.lines().filter(|line| !line.starts_with('#'));
    let split = lines.filter_map(|line| line.split_once(": "));
    split.map(|(code, words)| (code, words.split(' ').collect()))
}

/// All lists, and an index from words to lists: searching the lists themselves would take
/// milliseconds per document.
struct Lists {
    /// Each with its ISO 639-1 code.
    all: Vec<(&'static str, Vec<&'static str>)>,
    /// The indices of the lists with a word.
    with: HashMap<Cow<'static, str>, Vec<usize>>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    // Mixed English and Hindi would be taken for English, and contains verbs.
    let codes = stop_words::available_languages().iter().filter(|code| **code != "hinglish");
    let listed = codes.filter_map(|&code| Some((code, stop_words::lookup(code)?.to_vec())));
    let mut all: Vec<(&str, Vec<&str>)> = listed.collect();
    for (code, words) in further() {
        match all.iter_mut().find(|(known, _)| *known == code) {
            Some((_, known)) => known.extend(words),
            None => all.push((code, words)),
        }
    }
    let mut with: HashMap<_, Vec<usize>> = HashMap::new();
    for (place, (_, words)) in all.iter().enumerate() {
        for word in words {
            let lists = with.entry(fold_listed(word)).or_default();
            // A list may have it in two spellings: "el" and "él".
            if lists.last() != Some(&place) {
                lists.push(place);
            }
        }
    }
    Lists { all, with }
});

/// A listed word, normalized like [`terms()`](super::terms()).
fn fold_listed(word: &'static str) -> Cow<'static, str> {
    if word.is_ascii() { word.into() } else { fold(word).into() }
}
