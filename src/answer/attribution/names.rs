//! Names of a claim that its passage has not.

use std::collections::BTreeSet;

use super::wording::{Word, has_form_of};

/// Whether the claim has a name that the passage has in no form. Names may be written by the initials
/// of words in the evidence: "ENR" for Engineering News-Record.
pub(super) fn lacks_name(claim: &[Word], evidence: &[Word], passage: &[Word]) -> bool {
    let initials = initials(evidence);
    let is_there = |name: &Word| initials.contains(&name.text) || has_form_of(passage, &name.text);
    !names(claim).all(is_there)
}

/// Words with a capital letter. The first one counts before another, or where all its letters are
/// capitals.
fn names(claim: &[Word]) -> impl Iterator<Item = &Word> {
    let first_is_name = claim.get(1).is_some_and(|second| second.is_capitalized);
    let named = claim.iter().enumerate().filter(move |(at, word)| {
        word.is_capitalized && (*at > 0 || first_is_name || word.is_in_capitals)
    });
    named.map(|(_, word)| word).filter(|word| !word.is_function_word())
}

/// The initials of words with capital letters that follow each other. "of" and "the" part none.
fn initials(evidence: &[Word]) -> BTreeSet<String> {
    let joins = |word: &&Word| matches!(&*word.text, "of" | "the") && !word.is_capitalized;
    let words: Vec<&Word> = evidence.iter().filter(|word| !joins(word)).collect();
    let runs = words.split(|word| !word.is_capitalized);
    runs.map(|run| run.iter().filter_map(|word| word.text.chars().next()).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::wording::words;
    use super::*;
    use crate::test;

    const EVIDENCE: &str = "Engineering News-Record is a magazine of the United States.";
    const PASSAGE: &str = "Engineering News-Record is a magazine of the United States. It was \
                           founded by Hale in Germany.";

    fn lacks(claim: &str) -> bool {
        lacks_name(&words(claim), &words(EVIDENCE), &words(PASSAGE))
    }

    #[test]
    fn a_name_may_stand_anywhere_in_the_passage_and_in_another_form() {
        assert!(!lacks("The German engineer Hale founded it."));
        assert!(lacks("The engineer Zebulon founded it."));
        assert!(lacks("Zebulon Hale founded it."));
    }

    #[test]
    fn initials_stand_for_the_words_that_they_are_of() {
        assert!(!lacks("ENR is a magazine of the US."));
        assert!(lacks("ENX is a magazine."));
    }

    #[test]
    fn the_first_word_and_function_words_are_no_names() {
        assert!(!lacks("Magazines are printed."));
        assert!(!lacks("Yesterday it was founded In Germany."));
    }
}
