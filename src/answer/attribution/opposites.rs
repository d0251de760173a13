//! Words of a claim of which its evidence says the opposite. The words are those of English.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::wording::{Word, has_form_of};

/// Words on either side of an opposite among which a word of the claim must be.
const NEAR: usize = 3;

/// The opposites of each word.
static OPPOSITES: LazyLock<BTreeMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let lines = include_str!("opposites.txt").lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.flat_map(str::split_whitespace).filter_map(|pair| pair.split_once('/'));
    let mut opposites: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (one, other) in pairs {
        opposites.entry(one).or_default().push(other);
        opposites.entry(other).or_default().push(one);
    }
    opposites
});

/// Whether the evidence has the opposite of a word of the claim instead of that word, and beside it
/// another word of the claim.
pub(super) fn says_opposite(claim: &[Word], evidence: &[Word]) -> bool {
    let place = |text: &str| evidence.iter().position(|word| word.text == text);
    let replaced = claim.iter().filter(|word| place(&word.text).is_none());
    let opposites = replaced.filter_map(|word| OPPOSITES.get(&*word.text)).flatten();
    opposites.filter_map(|opposite| place(opposite)).any(|at| is_beside(claim, evidence, at))
}

/// Whether a word of the claim stands near this place of the evidence. Function words do not count.
fn is_beside(claim: &[Word], evidence: &[Word], at: usize) -> bool {
    let end = evidence.len().min(at + NEAR + 1);
    let near = evidence[at.saturating_sub(NEAR)..end].iter();
    let others = near.filter(|word| word.text != evidence[at].text && !word.is_function_word());
    others.into_iter().any(|word| has_form_of(claim, &word.text))
}

#[cfg(test)]
mod tests {
    use super::super::wording::words;
    use super::*;
    use crate::test;

    fn says(claim: &str, evidence: &str) -> bool {
        says_opposite(&words(claim), &words(evidence))
    }

    #[test]
    fn an_opposite_beside_a_word_of_the_claim_speaks_against_it() {
        let evidence = "The northern gate was opened, and the keeper came later.";
        assert!(says("The southern gate was opened.", evidence));
        assert!(says("The gate was closed.", evidence));
        assert!(!says("The northern gate was opened.", evidence));
    }

    #[test]
    fn an_opposite_far_from_all_words_of_the_claim_tells_nothing() {
        let evidence = "The northern wing burned down, but nobody lived there, and the gate stood.";
        assert!(!says("A southern gate stood.", evidence));
    }

    #[test]
    fn a_word_that_the_evidence_has_too_is_no_opposite() {
        assert!(!says("The first gate burned.", "The first gate burned, the last gate stood."));
    }

    #[test]
    fn each_line_of_the_table_is_pairs_of_words() {
        assert!(OPPOSITES.len() > 200);
        let is_word = |word: &str| word.bytes().all(|b| b.is_ascii_lowercase());
        assert!(
            OPPOSITES
                .iter()
                .all(|(word, others)| is_word(word) && others.iter().all(|it| is_word(it)))
        );
    }
}
