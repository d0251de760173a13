//! Question -> patterns and phrases for lexical search.

use std::collections::BTreeMap;

use unicode_segmentation::UnicodeSegmentation;

use crate::lines::is_unspaced;
use crate::text::{Languages, terms_in_any_text, tokens, weighted_terms, words};

/// The opening quotation marks, each with its closing ones.
const QUOTES: [(char, &[char]); 8] = [
    ('"', &['"']),
    ('“', &['”']),
    ('”', &['”']),
    ('„', &['“', '”']),
    ('«', &['»']),
    ('»', &['«']),
    ('「', &['」']),
    ('『', &['』']),
];

/// Opening marks that can also be closing ones.
const CLOSING_TOO: [char; 3] = ['"', '”', '»'];

/// The most bytes of a phrase. If a quotation is longer, its closing mark is missing.
const MAX_PHRASE_BYTES: usize = 512;

/// The fewest characters of a prefix; shorter ones match too many terms.
const MIN_PREFIX_CHARS: usize = 2;

/// A parsed question.
///
/// Words in quotation marks are a [`Phrase`], and also searched as single words. A word
/// followed by a star is a prefix.
#[derive(Debug, Clone, Default)]
pub(super) struct Query {
    /// The patterns, each with the sum of its weights in the question.
    patterns: BTreeMap<Pattern, f32>,
    /// The languages in which words may have other forms.
    languages: Languages,
    phrases: Vec<Phrase>,
}

/// A pattern that terms can match.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pattern {
    /// A term and the other forms of its word.
    Word(String),
    /// All terms with this prefix.
    Prefix(String),
    /// A single character of a script without spaces: all terms that contain it.
    Character(char),
}

/// Words in quotation marks. A text must contain them consecutively and not in other forms.
/// Case, accents and punctuation may differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Phrase {
    tokens: Vec<String>,
    /// Terms of every text that contains the phrase.
    terms: Vec<String>,
}

impl Query {
    /// Parses `question`. `languages` are those of the indexed texts.
    pub(super) fn parse(question: &str, languages: Languages) -> Self {
        let mut query = Self { languages, ..Self::default() };
        let mut rest = question;
        while let Some((before, quoted, after)) = next_quoted(rest) {
            query.add_words(before);
            query.add_terms(weighted_terms(quoted));
            query.phrases.extend(Phrase::of(quoted));
            rest = after;
        }
        query.add_words(rest);
        query
    }

    /// The quoted phrases.
    #[cfg(test)]
    pub(super) fn phrases(&self) -> &[Phrase] {
        &self.phrases
    }

    pub(super) fn languages(&self) -> Languages {
        self.languages
    }

    /// The patterns, each with the sum of its weights in the question.
    pub(super) fn patterns(&self) -> impl Iterator<Item = (&Pattern, f32)> {
        self.patterns.iter().map(|(pattern, &weight)| (pattern, weight))
    }

    /// Adds the words and prefixes of an unquoted text.
    fn add_words(&mut self, text: &str) {
        let mut start = 0;
        for (star, _) in text.match_indices('*') {
            let before = &text[start..star];
            if is_prefix(&text[..star], &text[star + 1..]) {
                self.add_prefixed(before);
            } else {
                self.add_terms(weighted_terms(before));
            }
            start = star + 1;
        }
        self.add_terms(weighted_terms(&text[start..]));
    }

    /// Adds a text whose last word is a prefix, unless that is too short or in a script without
    /// spaces.
    fn add_prefixed(&mut self, text: &str) {
        let (start, last) = text.unicode_word_indices().next_back().unwrap_or_default();
        match &mut words(last)[..] {
            [prefix]
                if prefix.chars().count() >= MIN_PREFIX_CHARS
                    && !prefix.starts_with(is_unspaced) =>
            {
                self.add_terms(weighted_terms(&text[..start]));
                self.add(Pattern::Prefix(std::mem::take(prefix)), 1.0);
            }
            _ => self.add_terms(weighted_terms(text)),
        }
    }

    fn add_terms(&mut self, terms: Vec<(String, f32)>) {
        for (term, weight) in terms {
            let mut chars = term.chars();
            let pattern = match (chars.next(), chars.next()) {
                (Some(char), None) if is_unspaced(char) => Pattern::Character(char),
                _ => Pattern::Word(term),
            };
            self.add(pattern, weight);
        }
    }

    fn add(&mut self, pattern: Pattern, weight: f32) {
        *self.patterns.entry(pattern).or_default() += weight;
    }
}

/// Whether the star between these two texts marks a prefix: it directly follows a word, and
/// is not emphasis as in `*this*`.
fn is_prefix(before: &str, after: &str) -> bool {
    let outside = before.trim_end_matches(char::is_alphanumeric);
    outside.len() < before.len()
        && !outside.ends_with('*')
        && !after.starts_with(|char: char| char == '*' || char.is_alphanumeric())
}

/// The next quotation in `text`: the text before it, in it and after it.
fn next_quoted(text: &str) -> Option<(&str, &str, &str)> {
    text.char_indices().find_map(|(at, char)| {
        let (_, closing) = QUOTES.iter().find(|(opening, _)| *opening == char)?;
        let (before, inside) = (&text[..at], &text[at + char.len_utf8()..]);
        let most = inside.floor_char_boundary(MAX_PHRASE_BYTES);
        let (quoted, _) = inside[..most].split_once(*closing)?;
        let mut after = inside[quoted.len()..].chars();
        after.next();
        let is_opening = !CLOSING_TOO.contains(&char) || !ends_with_word(before);
        (is_opening && !tokens(quoted).is_empty()).then_some((before, quoted, after.as_str()))
    })
}

/// Whether `text` ends in a word, as before the inch mark in `5"`.
fn ends_with_word(text: &str) -> bool {
    text.ends_with(|char: char| char.is_alphanumeric() && !is_unspaced(char))
}

impl Phrase {
    /// The phrases in a question.
    pub(crate) fn all_in(question: &str) -> Vec<Self> {
        Query::parse(question, Languages::default()).phrases
    }

    /// The phrase of this text; none if it is a single character or has no words.
    fn of(quoted: &str) -> Option<Self> {
        let tokens = tokens(quoted);
        let terms = terms_in_any_text(quoted);
        (!terms.is_empty()).then_some(Self { tokens, terms })
    }

    /// Terms of every text that contains the phrase.
    pub(super) fn terms(&self) -> &[String] {
        &self.terms
    }

    /// Whether `text` contains the phrase. Reads all of it.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        tokens(text).windows(self.tokens.len()).any(|window| window == self.tokens)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;
    use crate::text::terms;

    fn query(question: &str) -> Query {
        Query::parse(question, Languages::default())
    }

    /// The patterns as text, in alphabetical order, words before prefixes.
    fn patterns(question: &str) -> Vec<String> {
        let shown = |(pattern, times): (&Pattern, f32)| match pattern {
            Pattern::Word(word) => format!("{word} {times}"),
            Pattern::Prefix(prefix) => format!("{prefix}* {times}"),
            Pattern::Character(char) => format!("?{char}? {times}"),
        };
        query(question).patterns().map(shown).collect()
    }

    fn phrases(question: &str) -> Vec<String> {
        query(question).phrases().iter().map(|phrase| phrase.tokens.join(" ")).collect()
    }

    #[test]
    fn a_word_counts_as_often_as_the_question_has_it() {
        assert_eq!(patterns("The cat and the CAT's hat"), ["and 1", "cat 2", "hat 1", "the 2"]);
        assert_eq!(patterns("人工智能? 猫"), ["人工 1", "工智 1", "智能 1", "?猫? 1"]);
        assert!(patterns(" ?! ").is_empty());
    }

    #[test]
    fn a_star_after_a_word_makes_it_a_prefix() {
        assert_eq!(patterns("how photosynth* works"), ["how 1", "works 1", "photosynth* 1"]);
        assert_eq!(patterns("Ü*, über* fotós*?"), ["u 1", "fotos* 1", "uber* 1"]);
        assert_eq!(patterns("auto* auto*"), ["auto* 2"]);
        assert_eq!(patterns("light-auto*"), ["light 1", "auto* 1"]);
        assert_eq!(patterns("東京*"), ["東京 1"]);
        assert_eq!(patterns("maxUploadSize config*").len(), patterns("maxUploadSize").len() + 1);
    }

    #[test]
    fn other_stars_are_ignored() {
        let questions =
            ["bold * words", "*bold* words", "**bold** words", "bold*words", "* bold words"];
        for question in questions {
            assert_eq!(patterns(question), ["bold 1", "words 1"], "{question}");
        }
    }

    #[test]
    fn a_quotation_is_a_phrase_and_its_words_are_searched_too() {
        for question in [
            "who said \"Black Swan\" first",
            "who said “black swan” first",
            "who said „black swan“ first",
            "who said „black swan” first",
            "who said «Black Swan» first",
            "who said »black swan« first",
            "who said 「black swan」 first",
            "who said『black swan』first",
        ] {
            assert_eq!(phrases(question), ["black swan"], "{question}");
            assert_eq!(patterns(question), ["black 1", "first 1", "said 1", "swan 1", "who 1"]);
        }
        assert_eq!(phrases("\"one two\" and 「人工智能」"), ["one two", "人 工 智 能"]);
        assert_eq!(phrases("\"cat\""), ["cat"]);
    }

    #[test]
    fn quotation_marks_without_a_partner_or_words_are_ignored() {
        for question in ["a 5\" disk", "\"\" disk", "« disk", "disk\"", "“disk", "\"?!\" disk"] {
            assert!(phrases(question).is_empty(), "{question}");
            assert!(patterns(question).contains(&"disk 1".to_owned()), "{question}");
        }
        assert_eq!(phrases("\"?!\" \"disk\""), ["disk"]);
        assert_eq!(phrases("a 5\" and a 3\" \"hard disk\""), ["hard disk"]);
        assert_eq!(phrases("说\"人工\"吗"), ["人 工"]);
        assert!(phrases(&format!("\"{}\"", "long ".repeat(200))).is_empty());
        assert!(phrases("『猫』").is_empty(), "a character alone is found as it is");
    }

    #[test]
    fn a_phrase_is_found_despite_case_accents_and_punctuation() {
        let is_in = |phrase: &str, text: &str| query(phrase).phrases()[0].is_in(text);
        assert!(is_in("\"café noir\"", "Un CAFE, noir."));
        assert!(is_in("\"cafe noir\"", "Un café\n\nNoir"));
        assert!(is_in("\"king lear\"", "The King (Lear)"));
        assert!(!is_in("\"café noir\"", "un café très noir"));
        assert!(!is_in("\"noir café\"", "un café noir"));
        assert!(!is_in("\"cat sat\"", "the cats sat"), "not another form");
        assert!(!is_in("\"cat sat\"", "the cat"));
        assert!(is_in("\"cat\"", "the cat") && !is_in("\"cat\"", "cats"));
    }

    #[test]
    fn a_phrase_of_a_script_without_spaces_is_found_inside_a_run() {
        let is_in = |phrase: &str, text: &str| query(phrase).phrases()[0].is_in(text);
        assert!(is_in("「工智」", "人工智能。"));
        assert!(is_in("「用Rust」", "使用Rust写的"));
        assert!(is_in("\"タワー\"", "東京タワーの"));
        assert!(is_in("\"ภาษา\"", "เรียนภาษาไทย"));
        assert!(!is_in("「工能」", "人工智能。"));
        assert!(!is_in("「智能人」", "人工智能。"));
    }

    #[test]
    fn every_text_with_a_phrase_contains_its_terms() {
        for (phrase, text) in [
            ("\"用Rust写的\"", "使用Rust写的代码"),
            ("\"cat's hat\"", "A cat’s, hat"),
            ("「京タワ」", "東京タワー"),
            ("\"าษาไ\"", "เรียนภาษาไทย"),
            ("\"ß 3.14\"", "ss 3.14"),
        ] {
            let query = query(phrase);
            let phrase = &query.phrases()[0];
            assert!(phrase.is_in(text));
            let all = terms(text);
            assert!(phrase.terms().iter().all(|term| all.contains(term)), "{phrase:?} {all:?}");
        }
    }

    #[test]
    fn any_question_can_be_parsed() {
        for question in ["*", "**", "\"*\"", "a*\"b*\"c*", "«»«", "„“”\"", "\u{0}*\u{FFFF}", "é*"]
        {
            query(question);
        }
    }
}
