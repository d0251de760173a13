//! Phrases of many languages, from a table: which of them stand where in a question.
//!
//! A line of a table is the code of a language (`*` for all), or a class and its phrases. A
//! phrase of one word that ends with a star is the stem of words with endings.

use std::collections::HashMap;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::lines::is_unspaced;
use crate::text::fold;

/// The most characters of an ending.
const MAX_ENDING_CHARS: usize = 6;
/// The language of phrases that all languages share.
const SHARED: &str = "*";

/// A word of a question, normalized, and its place. Of scripts without spaces between words, a
/// character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) range: Range<usize>,
}

/// The tokens of `text`, in order. What is elided is a token: "l'auteur" has two.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    for (start, word) in text.unicode_word_indices() {
        if word.starts_with(is_unspaced) {
            let chars = word.char_indices().map(|(at, c)| (start + at, c.len_utf8()));
            found.extend(chars.map(|(start, len)| start..start + len));
            continue;
        }
        let mut piece = start;
        for (at, mark) in word.match_indices(['\'', '’']) {
            found.push(piece..start + at);
            piece = start + at + mark.len();
        }
        found.push(piece..start + word.len());
    }
    found.retain(|range| !range.is_empty());
    let token = |range: Range<usize>| Token { text: fold(&text[range.clone()]), range };
    found.into_iter().map(token).collect()
}

/// Phrases by language and class.
pub(super) struct PhraseTable<C> {
    languages: Vec<Phrases<C>>,
    shared: Phrases<C>,
}

/// The phrases of a language.
pub(super) struct Phrases<C> {
    pub(super) code: &'static str,
    /// By their first token.
    phrases: HashMap<String, Vec<(Vec<String>, C)>>,
    stems: Vec<(String, C)>,
}

impl<C: Copy> PhraseTable<C> {
    /// The table that `text` writes down; `class_of` knows the names of its classes.
    pub(super) fn parse(text: &'static str, class_of: impl Fn(&str) -> Option<C>) -> Self {
        let mut languages = vec![Phrases::new(SHARED)];
        for line in text.lines().map(str::trim) {
            match line.split_once(": ") {
                Some((name, phrases)) => {
                    let class = class_of(name);
                    debug_assert!(class.is_some(), "a table has the class {name}");
                    if let (Some(class), Some(last)) = (class, languages.last_mut()) {
                        phrases.split(',').for_each(|phrase| last.add(phrase.trim(), class));
                    }
                }
                None if line.is_empty() || line.starts_with('#') || line == SHARED => {}
                None => languages.push(Phrases::new(line)),
            }
        }
        let shared = languages.remove(0);
        Self { languages, shared }
    }

    pub(super) fn languages(&self) -> impl Iterator<Item = &Phrases<C>> {
        self.languages.iter()
    }

    /// The longest phrase of a language at the beginning of `tokens`: its class and how many
    /// tokens it has.
    pub(super) fn first(&self, language: &Phrases<C>, tokens: &[Token]) -> Option<(C, usize)> {
        let found = [language, &self.shared].map(|phrases| phrases.first(tokens));
        // Of equally long ones that of the language.
        found
            .into_iter()
            .flatten()
            .reduce(|own, shared| if shared.1 > own.1 { shared } else { own })
    }

    /// Whether a word is in one of these classes in some language.
    pub(super) fn is_in(&self, word: &str, is_class: impl Fn(C) -> bool) -> bool {
        let token = [Token { text: word.to_owned(), range: 0..word.len() }];
        let all = self.languages.iter().chain([&self.shared]);
        all.filter_map(|phrases| phrases.first(&token)).any(|(class, _)| is_class(class))
    }
}

impl<C: Copy> Phrases<C> {
    fn new(code: &'static str) -> Self {
        Self { code, phrases: HashMap::new(), stems: Vec::new() }
    }

    fn add(&mut self, phrase: &str, class: C) {
        if let Some(stem) = phrase.strip_suffix('*') {
            self.stems.push((fold(stem), class));
            return;
        }
        let tokens: Vec<String> = tokens(phrase).into_iter().map(|token| token.text).collect();
        if let Some(first) = tokens.first() {
            self.phrases.entry(first.clone()).or_default().push((tokens, class));
        }
    }

    fn first(&self, tokens: &[Token]) -> Option<(C, usize)> {
        let word = &tokens.first()?.text;
        let is_there = |phrase: &[String]| {
            phrase.len() <= tokens.len()
                && phrase.iter().zip(tokens).all(|(part, token)| *part == token.text)
        };
        let phrases = self.phrases.get(word).into_iter().flatten();
        let there = phrases.filter(|(phrase, _)| is_there(phrase));
        let longest = there.max_by_key(|(phrase, _)| phrase.len());
        let has_stem = |stem: &str| {
            word.strip_prefix(stem).is_some_and(|end| end.chars().count() <= MAX_ENDING_CHARS)
        };
        longest.map(|(phrase, class)| (*class, phrase.len())).or_else(|| {
            let stems = self.stems.iter().filter(|(stem, _)| has_stem(stem));
            stems.max_by_key(|(stem, _)| stem.len()).map(|(_, class)| (*class, 1))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn table() -> PhraseTable<char> {
        let text =
            "*\na: pdf\n# A comment.\nen\na: table of contents, table\nko\nb: 문서*\nzh\na: 文档";
        PhraseTable::parse(text, |name| name.chars().next())
    }

    fn first(code: &str, text: &str) -> Option<(char, usize)> {
        let table = table();
        let language = table.languages().find(|language| language.code == code)?;
        table.first(language, &tokens(text))
    }

    #[test]
    fn the_longest_phrase_counts() {
        assert_eq!(first("en", "Table of contents?"), Some(('a', 3)));
        assert_eq!(first("en", "Table of fees"), Some(('a', 1)));
        assert_eq!(first("en", "the table"), None, "it does not begin there");
        assert_eq!(first("en", "PDF"), Some(('a', 1)), "it is in all languages");
    }

    #[test]
    fn words_have_endings_and_some_scripts_no_spaces() {
        assert_eq!(first("ko", "문서를 요약"), Some(('b', 1)));
        assert_eq!(first("zh", "文档讲什么"), Some(('a', 2)));
        assert!(table().is_in("문서는", |class| class == 'b'));
    }

    #[test]
    fn tokens_know_their_places() {
        let text = "Qui est l’Auteur ?";
        let found = tokens(text);
        let words: Vec<&str> = found.iter().map(|token| token.text.as_str()).collect();
        assert_eq!(words, ["qui", "est", "l", "auteur"]);
        assert_eq!(&text[found[3].range.clone()], "Auteur");
    }
}
