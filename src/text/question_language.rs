//! The languages that a question may be in.

use std::collections::BTreeMap;

use super::function_words::{distinct_function_words, has_list};
use super::scripts::{JAPANESE, Script, script_of};

/// The fewest different function words by which the language of a question is told.
const MIN_FUNCTION_WORDS: usize = 2;

/// What a question tells of its language. It has few words, so that several languages may be as
/// likely: "Wie heißt …" can be German or Dutch, and is not English.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct QuestionLanguage {
    script: Option<Script>,
    /// How many different function words of each language it has, by the codes of ISO 639-1.
    function_words: BTreeMap<&'static str, usize>,
    /// The highest of these numbers.
    most: usize,
}

impl QuestionLanguage {
    pub(crate) fn of(question: &str) -> Self {
        let function_words = distinct_function_words(question);
        let most = function_words.values().copied().max().unwrap_or(0);
        Self { script: script_of(question), function_words, most }
    }

    /// Whether anything tells it.
    pub(crate) fn is_told(&self) -> bool {
        self.script.is_some() || self.most >= MIN_FUNCTION_WORDS
    }

    /// Whether it is sure that a text with this tag of BCP 47 is in another language: its script is
    /// another one, or the question has more function words of other languages.
    pub(crate) fn is_other_than(&self, tag: &str) -> bool {
        // Every search asks this of every document: nothing is allocated.
        let primary = primary_language(tag);
        match (self.script, Script::of_tag(tag)) {
            // A few words in Han characters may be Japanese as well.
            (Some(own), Some(JAPANESE)) if own.is_han() => false,
            (Some(own), Some(other)) if own != other => true,
            (Some(Script::OfLanguage(_)), Some(_)) => false,
            (Some(_), None) if has_list(primary) => true,
            (None, Some(_)) => self.most >= MIN_FUNCTION_WORDS,
            _ => {
                let of_text = self.function_words.get(primary).copied().unwrap_or(0);
                !is_undetermined(tag) && self.most >= MIN_FUNCTION_WORDS && of_text < self.most
            }
        }
    }
}

/// Whether a tag names a script at most.
pub(crate) fn is_undetermined(tag: &str) -> bool {
    tag.split(['-', '_']).next() == Some("und")
}

/// The code of a tag's language. The lists of function words have one code for Norwegian.
fn primary_language(tag: &str) -> &str {
    match tag.split(['-', '_']).next().unwrap_or(tag) {
        "nb" | "nn" => "no",
        primary => primary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn a_text_is_in_another_language_where_its_script_or_the_function_words_say_so() {
        for (question, other, not_other) in [
            ("Wie lange gilt die Garantie?", "en fr pt-BR zh und-Cyrl ru", "de de_AT und und-Latn"),
            ("Wie heißt das Papier?", "en fr", "de"),
            ("Quel est le mot de passe ?", "en de nb", "fr fr-CA"),
            ("Hva er passordet til nettet?", "en de", "nb nn no-NO"),
            ("Who made the new gates?", "de ja und-Arab", "en en-GB und-Latn"),
            ("Кто построил маяк?", "en de ja ar", "ru und-Cyrl und sr-Latn"),
            ("灯塔是哪一年建成的？", "en de ko ru", "zh zh-Hant ja"),
            ("灯台はいつ建てられましたか", "en zh ko", "ja"),
            ("लाइटहाउस कब बनाया गया था?", "en ru bn mr", "hi und-Deva"),
            ("E4417?", "", "en de zh ru und-Cyrl"),
            ("Pinguin", "", "en de zh"),
        ] {
            let asked = QuestionLanguage::of(question);
            let told = |tags: &str, is_other| {
                for tag in tags.split(' ').filter(|tag| !tag.is_empty()) {
                    assert_eq!(asked.is_other_than(tag), is_other, "{question} {tag}");
                }
            };
            told(other, true);
            told(not_other, false);
        }
    }
}
