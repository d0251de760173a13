//! Words like "how", "does" and "the", of many languages.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use super::terms::fold;

/// The function words of the language that most of `words` (some of
/// [`terms()`](super::terms())) are such words of.
pub(crate) fn function_words(words: &[String]) -> BTreeSet<Cow<'static, str>> {
    let counts = words.iter().map(|word| (word.as_str(), 1)).collect();
    let closest = closest_list(&counts);
    closest.into_iter().flat_map(|closest| closest.words).map(|word| fold_listed(word)).collect()
}

/// A language's function words, and those of a text among them.
pub(super) struct Closest {
    pub(super) code: &'static str,
    words: &'static [&'static str],
    pub(super) distinct: usize,
    /// Repeated ones counted again.
    pub(super) held: usize,
}

/// The list that holds most of `words`, which have numbers of occurrences; of lists alike
/// in that, the shortest.
pub(super) fn closest_list(words: &HashMap<&str, usize>) -> Option<Closest> {
    let mut closest: Vec<Closest> = LISTS
        .all
        .iter()
        .map(|&(code, words)| Closest { code, words, distinct: 0, held: 0 })
        .collect();
    for (word, count) in words {
        for &list in LISTS.with.get(*word).into_iter().flatten() {
            closest[list].distinct += 1;
            closest[list].held += count;
        }
    }
    closest.into_iter().max_by_key(|closest| (closest.held, Reverse(closest.words.len())))
}

/// All lists, and which of them a word is in: to look through the lists themselves takes
/// milliseconds for each document.
struct Lists {
    /// Each with its ISO 639-1 code.
    all: Vec<(&'static str, &'static [&'static str])>,
    /// The places of the lists that a word is in; twice, where it is in one by two spellings.
    with: HashMap<Cow<'static, str>, Vec<usize>>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    // English and Hindi mixed would pass for English, and takes verbs out as well.
    let codes = stop_words::available_languages().iter().filter(|code| **code != "hinglish");
    let all: Vec<_> = codes.filter_map(|&code| Some((code, stop_words::lookup(code)?))).collect();
    let mut with: HashMap<_, Vec<usize>> = HashMap::new();
    for (place, (_, words)) in all.iter().enumerate() {
        for word in *words {
            with.entry(fold_listed(word)).or_default().push(place);
        }
    }
    Lists { all, with }
});

/// A listed word as [`terms()`](super::terms()) have it; most lists have it so already.
fn fold_listed(word: &'static str) -> Cow<'static, str> {
    if word.is_ascii() { word.into() } else { fold(word).into() }
}
