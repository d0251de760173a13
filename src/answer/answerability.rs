//! Whether the retrieved passages can answer a question.

use std::collections::BTreeSet;

use super::quotes::Sentence;
use crate::index::{function_words, terms};
use crate::kernel::dot;
use crate::retrieve::Passage;

/// A question is answerable from this sum of the best cosine and the two weighted
/// coverages: of the question's content words by one passage, and by one sentence.
///
/// Measured with 8-bit MiniLM on every eighth question of `squad-1.1-dev-part` (578). With
/// its article in the knowledge base 99 % of the questions are answered; without it
/// 90 % are refused. `multimodal-rag eval --refusal --every 8 FILE` repeats this.
const MIN_ANSWERABLE_SCORE: f32 = 0.70;
const PASSAGE_COVERAGE_WEIGHT: f32 = 0.2;
const SENTENCE_COVERAGE_WEIGHT: f32 = 0.3;
/// A question is also answerable from this cosine alone, as it may use other words than
/// the document.
const MIN_ANSWERABLE_COSINE: f32 = 0.60;

/// The fewest equal characters at the beginning of two forms of a word ("comes", "come").
const MIN_COMMON_PREFIX: usize = 4;
/// The most characters of a form after this common prefix.
const MAX_DIFFERENT_SUFFIX: usize = 3;

/// Whether `passages`, whose scored sentences are `sentences`, can answer the question.
pub(crate) fn is_answerable(
    question: &str,
    embedding: &[f32],
    passages: &[Passage],
    sentences: &[Sentence],
) -> bool {
    let words = content_words(question);
    let of_passages = passages.iter().map(|passage| passage.dense);
    let of_sentences = sentences.iter().map(|sentence| dot(embedding, &sentence.embedding));
    let cosine = of_passages.chain(of_sentences).fold(-1.0, f32::max);
    let passage_terms = passages.iter().map(|p| terms(p.text()).into_iter().collect());
    let by_passage = passage_terms.map(|terms| coverage(&words, &terms)).fold(0.0, f32::max);
    let by_sentence = sentences.iter().map(|s| coverage(&words, &s.terms)).fold(0.0, f32::max);
    let covered = PASSAGE_COVERAGE_WEIGHT * by_passage + SENTENCE_COVERAGE_WEIGHT * by_sentence;
    cosine >= MIN_ANSWERABLE_COSINE || cosine + covered >= MIN_ANSWERABLE_SCORE
}

/// The words of a question without its function words; all words if nothing else is left.
fn content_words(question: &str) -> Vec<String> {
    let mut words = terms(question);
    words.sort();
    words.dedup();
    let function_words = function_words(&words);
    let content: Vec<String> =
        words.iter().filter(|word| !function_words.contains(word.as_str())).cloned().collect();
    if content.is_empty() { words } else { content }
}

/// The coverage of `words` of which `terms` contain some form; 0 without any words.
fn coverage(words: &[String], terms: &BTreeSet<String>) -> f32 {
    let covered = words
        .iter()
        .filter(|word| terms.contains(*word) || terms.iter().any(|term| is_word_form(word, term)));
    covered.count() as f32 / words.len().max(1) as f32
}

fn is_word_form(one: &str, other: &str) -> bool {
    let common = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let longest = one.chars().count().max(other.chars().count());
    common >= MIN_COMMON_PREFIX && longest - common <= MAX_DIFFERENT_SUFFIX
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn words(text: &str) -> BTreeSet<String> {
        terms(text).into_iter().collect()
    }

    #[test]
    fn function_words_are_left_out_in_several_languages() {
        let questions = [
            ("When does the supply boat come?", "boat come supply"),
            ("Wann kommt das Boot zu der Insel?", "boot insel kommt wann"),
            ("¿Cuándo llega el barco a la isla?", "barco isla llega"),
            ("Où est la clé de la salle?", "cle salle"),
        ];
        for (question, expected) in questions {
            let found = content_words(question).join(" ");
            for word in expected.split(' ') {
                assert!(found.split(' ').any(|other| other == word), "{question}: {found}");
            }
            assert!(found.split(' ').count() <= expected.split(' ').count() + 1, "{found}");
        }
    }

    #[test]
    fn a_question_of_only_function_words_keeps_them() {
        assert_eq!(content_words("Who is it?"), ["is", "it", "who"]);
        assert!(content_words("?!").is_empty());
    }

    #[test]
    fn a_word_is_covered_by_its_other_forms() {
        let text = words("Tickets cost 9 pounds; the boat comes on Mondays.");
        assert_eq!(coverage(&content_words("ticket cost"), &text), 1.0);
        assert_eq!(
            coverage(&content_words("Does the pony come by boat on a Monday?"), &text),
            0.75
        );
        assert_eq!(coverage(&[], &text), 0.0);
        for (one, other) in [("cat", "cats"), ("pond", "pound"), ("over", "overturned")] {
            assert!(!is_word_form(one, other), "{one} {other}");
        }
    }
}
