//! What a question asks for: its words, and how much of it a text covers.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::dates::dates;
use super::picture_words::is_picture_word;
use super::small_talk::is_small_talk;
use super::whole_document::saying;
use super::word::{QuestionWord, is_word_form};
use crate::index::{ForeignSearch, Index, Rarity};
use crate::text::{Compound, QuestionLanguage, fold, function_words, is_undetermined, words};

/// A question's words.
#[derive(Debug, Clone)]
pub(crate) struct QuestionWords {
    words: Vec<QuestionWord>,
    /// Its consecutive words, two by two, each pair with the sum of their rarities.
    pairs: Vec<([String; 2], f32)>,
    language: QuestionLanguage,
    /// Whether it has a question mark.
    is_asked: bool,
    /// Whether it asks for a picture.
    asks_for_picture: bool,
    /// Whether the documents whose language is known are all in another one.
    are_documents_foreign: bool,
}

/// The rarities of terms. Each is looked up once: that reads a block of each segment.
struct Rarities<'a> {
    index: &'a Index,
    known: BTreeMap<String, Rarity>,
}

impl Rarities<'_> {
    fn of(&mut self, term: &str) -> Rarity {
        if let Some(rarity) = self.known.get(term) {
            return *rarity;
        }
        let rarity = self.index.rarity(term);
        self.known.insert(term.to_owned(), rarity);
        rarity
    }
}

impl QuestionWords {
    /// The distinct words of `question`, as rare as they are in `index`.
    pub(crate) fn new(question: &str, index: &Index) -> Self {
        let all = words(question);
        let mut function_words = function_words(&all);
        function_words.extend(saying(&all).map(|word| Cow::Owned(word.clone())));
        let mut rarities = Rarities { index, known: BTreeMap::new() };
        let mut found: Vec<QuestionWord> = Vec::new();
        let mut seen = BTreeSet::new();
        let pieces: Vec<&str> = question.split_whitespace().collect();
        let dates = dates(&pieces);
        for (at, written) in pieces.iter().enumerate() {
            let date = dates.iter().find(|date| date.pieces.contains(&at));
            let new = match date {
                Some(date) if date.pieces.start == at => vec![QuestionWord::date(date, &pieces)],
                Some(_) => continue,
                None => QuestionWord::all_in(written),
            };
            for mut word in new {
                if !seen.insert(word.words.clone()) {
                    continue;
                }
                word.compound.wholes.retain(|term| !word.is_date || rarities.of(term).is_known);
                let Compound { wholes, parts } = &word.compound;
                let all = word.words.iter().chain(wholes).chain(parts);
                let rarities = all.map(|term| rarities.of(term));
                (word.is_known, word.idf) = rarities.fold((false, 0.0), |(known, most), rarity| {
                    (known || rarity.is_known, f32::max(most, rarity.idf))
                });
                word.is_function_word =
                    word.words.iter().all(|word| function_words.contains(word.as_str()));
                found.push(word);
            }
        }
        let asks_for_picture = all.iter().any(|word| is_picture_word(word));
        // A picture does not say that it is one.
        let unsaid = found.iter_mut().filter(|word| !word.is_known);
        unsaid.filter(|it| it.words.iter().all(|word| is_picture_word(word))).for_each(|word| {
            word.is_function_word = true;
        });
        let pairs = all.windows(2).map(|pair| {
            let weight = rarities.of(&pair[0]).idf + rarities.of(&pair[1]).idf;
            ([pair[0].clone(), pair[1].clone()], weight)
        });
        let pairs = pairs.collect();
        let language = QuestionLanguage::of(question);
        let are_documents_foreign = are_documents_foreign(&language, index);
        let is_asked = question.contains(['?', '？', '؟']);
        Self { pairs, words: found, language, is_asked, asks_for_picture, are_documents_foreign }
    }

    /// Whether it asks for a picture, a figure, a map.
    pub(crate) fn asks_for_picture(&self) -> bool {
        self.asks_for_picture
    }

    /// Whether it is a greeting or thanks.
    pub(crate) fn is_small_talk(&self) -> bool {
        let words: Vec<&str> =
            self.content().flat_map(|word| &word.words).map(String::as_str).collect();
        is_small_talk(&words, self.is_asked)
    }

    /// Whether it has no words but those that only ask.
    pub(crate) fn has_no_content(&self) -> bool {
        self.words.iter().all(|word| word.is_function_word)
    }

    /// Its words that carry meaning; all where there are no others.
    fn content(&self) -> impl Iterator<Item = &QuestionWord> {
        let all = self.has_no_content();
        self.words.iter().filter(move |word| all || !word.is_function_word)
    }

    /// The share of its content in a text with these terms, from 0 to 1.
    pub(crate) fn coverage(&self, terms: &BTreeSet<String>) -> f32 {
        share(self.content().map(|word| (word.weight(), word.covered_by(terms))))
    }

    /// The share of the words that some of the candidates have, by their rarity. `further` are
    /// terms that are known of the text from outside, and count `weight`.
    pub(crate) fn rank(
        &self,
        terms: &BTreeSet<String>,
        further: &BTreeSet<String>,
        weight: f32,
    ) -> f32 {
        share(self.words.iter().map(|word| {
            let covered = word.covered_by(terms).max(weight * word.covered_by(further));
            (word.rank_weight(), covered)
        }))
    }

    /// The share of its consecutive words that follow each other in a text with these words, by
    /// their rarity.
    pub(crate) fn share_of_pairs(&self, words: &[String]) -> f32 {
        let is_same = |one: &str, other: &str| one == other || is_word_form(one, other);
        share(self.pairs.iter().map(|([first, second], weight)| {
            let mut pairs = words.windows(2);
            let is_there = pairs.any(|pair| is_same(first, &pair[0]) && is_same(second, &pair[1]));
            (*weight, f32::from(u8::from(is_there)))
        }))
    }

    /// How documents in another language are searched for it, where anything tells its own.
    pub(crate) fn foreign_search(&self) -> Option<ForeignSearch> {
        if !self.language.is_told() {
            return None;
        }
        let content: Vec<&str> =
            self.content().flat_map(|word| &word.words).map(String::as_str).collect();
        let known = self.content().map(|word| (1.0, f32::from(u8::from(word.is_known))));
        // Squared: a few equal words among many others are more often chance than names.
        let weight = share(known).powi(2);
        let language = self.language.clone();
        Some(ForeignSearch {
            language,
            content: content.join(" "),
            weight,
            is_unknown_foreign: self.are_documents_foreign,
        })
    }

    /// The notations of its dates that documents have, to be searched too.
    pub(crate) fn date_notations(&self) -> impl Iterator<Item = &str> {
        let dates = self.words.iter().filter(|word| word.is_date);
        dates.flat_map(|word| word.compound.wholes.iter()).map(String::as_str)
    }

    /// Whether a text with these terms has one of its identifiers, such as E4417 or v2.14.1.
    pub(crate) fn has_identifier_in(&self, terms: &BTreeSet<String>) -> bool {
        self.words.iter().any(|word| word.is_identifier() && word.covered_by(terms) >= 1.0)
    }

    /// Whether it has a code that is in none of the texts.
    pub(crate) fn misses_code(&self, texts: &[String]) -> bool {
        let codes: Vec<&QuestionWord> = self.words.iter().filter(|word| word.is_code()).collect();
        if codes.is_empty() {
            return false;
        }
        let squeezed: Vec<String> = texts.iter().map(|text| squeezed(text)).collect();
        codes.iter().any(|code| {
            let key = code.key();
            let is_there = squeezed.iter().any(|text| text.contains(&key));
            // "v5.0.1" is also written 5.0.1.
            let is_version = |number: &str| {
                texts.iter().any(|text| words(text).iter().any(|word| word == number))
            };
            !is_there && !code.version().is_some_and(is_version)
        })
    }
}

fn are_documents_foreign(question: &QuestionLanguage, index: &Index) -> bool {
    let tags = index.documents().filter_map(|(info, _)| info.details.language.as_deref());
    let mut known = tags.filter(|tag| !is_undetermined(tag)).peekable();
    known.peek().is_some() && known.all(|tag| question.is_other_than(tag))
}

/// A text without all that is no letter and no digit, in which codes are looked for.
fn squeezed(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

fn share(parts: impl Iterator<Item = (f32, f32)>) -> f32 {
    let (mut total, mut covered) = (0.0, 0.0);
    for (weight, share) in parts {
        total += weight;
        covered += weight * share;
    }
    if total > 0.0 { covered / total } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::super::dates::WrittenDate;
    use super::super::word::FORM_COVERAGE;
    use super::*;
    use crate::test;
    use crate::text::terms;

    fn question(text: &str) -> QuestionWords {
        QuestionWords::new(text, &Index::default())
    }

    fn set(text: &str) -> BTreeSet<String> {
        terms(text).into_iter().collect()
    }

    fn content(text: &str) -> Vec<String> {
        question(text).content().flat_map(|word| word.words.clone()).collect()
    }

    #[test]
    fn function_words_carry_no_meaning_in_several_languages() {
        let questions = [
            ("When does the supply boat come?", "boat come supply"),
            ("Wann kommt das Boot zu der Insel?", "boot insel kommt"),
            ("¿Cuándo llega el barco a la isla?", "barco isla llega"),
            ("Où est la clé de la salle?", "cle salle"),
        ];
        for (question, expected) in questions {
            let found = content(question);
            for word in expected.split(' ') {
                assert!(found.iter().any(|other| other == word), "{question}: {found:?}");
            }
            assert!(found.len() <= expected.split(' ').count() + 1, "{found:?}");
        }
    }

    #[test]
    fn a_question_of_only_function_words_keeps_them() {
        assert_eq!(content("Who is it?"), ["who", "is", "it"]);
        assert!(content("?!").is_empty());
        assert_eq!(question("?!").coverage(&set("text")), 0.0);
    }

    #[test]
    fn a_word_is_covered_by_its_other_forms() {
        let text = set("Tickets cost 9 pounds; the boat comes on Mondays.");
        assert!(question("ticket cost").coverage(&text) > 0.9);
        let pony = question("Does the pony come by boat on a Monday?").coverage(&text);
        assert!((0.6..0.8).contains(&pony), "{pony}");
        for (one, other) in [("dog", "dogs"), ("bus", "buses"), ("come", "comes")] {
            assert!(is_word_form(one, other) && is_word_form(other, one), "{one} {other}");
        }
        for (one, other) in [("car", "care"), ("pond", "pound"), ("over", "overturned")] {
            assert!(!is_word_form(one, other), "{one} {other}");
        }
        assert!(!is_word_form("10.20.31.47", "10.20.31.49"), "numbers have no forms");
    }

    #[test]
    fn pairs_of_words_are_counted_where_they_follow_each_other() {
        let pairs = |text: &str| question("old tower of stone").share_of_pairs(&words(text));
        assert_eq!(pairs("The old towers of stone"), 1.0, "in another form");
        assert_eq!(pairs("stone, of which the tower is old"), 0.0);
        assert!((0.3..0.4).contains(&pairs("an old tower")));
        assert_eq!(question("stone").share_of_pairs(&words("stone")), 0.0, "it has no pair");
    }

    #[test]
    fn one_thing_in_several_spellings_is_covered() {
        for (asked, text) in [
            ("error 1043", "error 1,043"),
            ("max upload size", "maxUploadSize"),
            ("maxUploadSize", "max upload size"),
            ("ZX-49-RAG", "ZX49RAG"),
            ("16GB", "16 GB"),
            ("v2.14.1", "version 2.14.1"),
            ("cooperative", "co-operative"),
            ("주차장", "주차장은 건물 뒤편에 있으며"),
        ] {
            let coverage = question(asked).coverage(&set(text));
            assert!(coverage > 0.75, "{asked} in {text}: {coverage}");
        }
    }

    #[test]
    fn a_date_is_covered_by_its_other_notations() {
        let dates = ["13 February 2024", "13.02.2024", "2024-02-13", "13. Februar 2024"];
        for asked in dates {
            for text in dates {
                // Without an index, no other notation is known.
                let mut question = question(asked);
                let pieces: Vec<&str> = asked.split(' ').collect();
                question.words = vec![QuestionWord::date(&dates_of(&pieces), &pieces)];
                let coverage = question.coverage(&set(&format!("It was on {text}.")));
                assert!(coverage >= FORM_COVERAGE, "{asked} in {text}: {coverage}");
                assert!(question.coverage(&set("on 14 February 2024, 2024-02-14")) < 0.7);
            }
        }
    }

    fn dates_of(pieces: &[&str]) -> WrittenDate {
        super::dates(pieces).swap_remove(0)
    }

    #[test]
    fn an_identifier_is_found_exactly_or_not_at_all() {
        let has = |asked: &str, text: &str| question(asked).has_identifier_in(&set(text));
        for identifier in ["E4417", "v2.14.1", "10.20.31.47", "14:05:10", "ZX-49-RAG"] {
            assert!(has(identifier, &format!("the line {identifier}.")), "{identifier}");
            assert!(!has(identifier, "the line E4418 v2.14.10 10.20.31.49 14:05:11 ZX-4-RAG"));
        }
        for word in ["1950s", "20th", "1984", "house", "A4"] {
            assert!(!has(word, &format!("the {word}")), "{word} is no identifier");
        }
    }

    #[test]
    fn a_code_that_no_text_has_is_missing() {
        let missing = |asked: &str, text: &str| question(asked).misses_code(&[text.to_owned()]);
        assert!(missing("Where is ZX-49-RAG?", "The code is ZX-4819-RAG."));
        assert!(!missing("Where is ZX-49-RAG?", "The code is ZX 49 RAG."));
        assert!(!missing("Is it 5km or 1950s?", "5 km"));
        assert!(!missing("What is new in v5.0.1?", "Release 5.0.1"));
        assert!(missing("What is new in v5.0.1?", "Release 5.0.0"));
        assert!(!missing("What was on 13 February 2024?", "a lock"), "a date is no code");
        assert!(!missing("Where is the key?", "a lock"));
    }

    #[test]
    fn greetings_and_thanks_are_small_talk() {
        for text in ["hi", "Hello, how are you?", "thanks!", "Guten Tag", "你好", "Merci"] {
            assert!(question(text).is_small_talk(), "{text}");
        }
        for text in [
            "Who says hello?",
            "thanks to whom was it built",
            "?",
            "what",
            "When do we meet?",
            "What is a good tag?",
            "An welchem Tag?",
        ] {
            assert!(!question(text).is_small_talk(), "{text}");
        }
    }
}
