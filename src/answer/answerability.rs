//! Whether what was found is near enough to a question to be answered from.

use std::collections::BTreeSet;

use super::quotes::Sentence;
use crate::index::{function_words, terms};
use crate::kernel::dot;
use crate::retrieve::Passage;

/// What the best cosine, the share of the question's words in the best passage and that
/// in the best sentence must come to …
///
/// Measured with 8-bit MiniLM on every eighth question of `squad-1.1-dev-part` (578),
/// asked with their article there and again with it taken out: 99 % are answered in
/// the first case, and 91 % refused in the second.
/// `multimodal-rag eval --refusal --every 8 FILE` repeats it.
const NEAR: f32 = 0.70;
const PASSAGE_SHARE_WEIGHT: f32 = 0.2;
const SENTENCE_SHARE_WEIGHT: f32 = 0.3;
/// … or the cosine alone, for questions in other words than the document's.
const NEAR_COSINE: f32 = 0.60;

/// Words that begin with so many equal letters …
const SAME_BEGINNING: usize = 4;
/// … and go on for so few more are forms of one: comes and come, ticket and tickets.
const DIFFERENT_ENDING: usize = 3;

/// Whether `passages`, whose sentences are `ranked`, are near enough.
pub(crate) fn is_near(
    question: &str,
    embedding: &[f32],
    passages: &[Passage],
    ranked: &[Sentence],
) -> bool {
    let asked = asked_words(question);
    let of_passages = passages.iter().map(|passage| passage.dense);
    let of_sentences = ranked.iter().map(|sentence| dot(embedding, &sentence.embedding));
    let cosine = of_passages.chain(of_sentences).fold(-1.0, f32::max);
    let passage_words = passages.iter().map(|p| terms(p.text()).into_iter().collect());
    let in_passage = passage_words.map(|words| share(&asked, &words)).fold(0.0, f32::max);
    let in_sentence = ranked.iter().map(|s| share(&asked, &s.terms)).fold(0.0, f32::max);
    let words = PASSAGE_SHARE_WEIGHT * in_passage + SENTENCE_SHARE_WEIGHT * in_sentence;
    cosine >= NEAR_COSINE || cosine + words >= NEAR
}

/// The words of a question that say what it is about; all of them, where none does.
fn asked_words(question: &str) -> Vec<String> {
    let mut words = terms(question);
    words.sort();
    words.dedup();
    let function_words = function_words(&words);
    let telling: Vec<String> =
        words.iter().filter(|word| !function_words.contains(word.as_str())).cloned().collect();
    if telling.is_empty() { words } else { telling }
}

/// The share of `asked` that `words` hold in some form; 0 where nothing is asked.
fn share(asked: &[String], words: &BTreeSet<String>) -> f32 {
    let held = asked
        .iter()
        .filter(|word| words.contains(*word) || words.iter().any(|other| is_form(word, other)));
    held.count() as f32 / asked.len().max(1) as f32
}

fn is_form(one: &str, other: &str) -> bool {
    let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let longest = one.chars().count().max(other.chars().count());
    same >= SAME_BEGINNING && longest - same <= DIFFERENT_ENDING
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn words(text: &str) -> BTreeSet<String> {
        terms(text).into_iter().collect()
    }

    #[test]
    fn words_that_only_ask_are_left_out_in_several_languages() {
        let questions = [
            ("When does the supply boat come?", "boat come supply"),
            ("Wann kommt das Boot zu der Insel?", "boot insel kommt wann"),
            ("¿Cuándo llega el barco a la isla?", "barco isla llega"),
            ("Où est la clé de la salle?", "cle salle"),
        ];
        for (question, telling) in questions {
            let asked = asked_words(question).join(" ");
            for word in telling.split(' ') {
                assert!(asked.split(' ').any(|other| other == word), "{question}: {asked}");
            }
            assert!(asked.split(' ').count() <= telling.split(' ').count() + 1, "{asked}");
        }
    }

    #[test]
    fn a_question_of_function_words_alone_keeps_them() {
        assert_eq!(asked_words("Who is it?"), ["is", "it", "who"]);
        assert!(asked_words("?!").is_empty());
    }

    #[test]
    fn other_forms_of_a_word_count_as_the_word() {
        let text = words("Tickets cost 9 pounds; the boat comes on Mondays.");
        assert_eq!(share(&asked_words("ticket cost"), &text), 1.0);
        assert_eq!(share(&asked_words("Does the pony come by boat on a Monday?"), &text), 0.75);
        assert_eq!(share(&[], &text), 0.0);
        for (one, other) in [("cat", "cats"), ("pond", "pound"), ("over", "overturned")] {
            assert!(!is_form(one, other), "{one} {other}");
        }
    }
}
