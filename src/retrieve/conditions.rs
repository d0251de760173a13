//! Conditions that a question states itself: `-word`, `name:part`, `date:2024`.

use super::Passage;
use crate::document::DocumentInfo;
use crate::text::{fold, terms, words};

/// What passages must fulfil, besides being near.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Conditions {
    /// Words that a passage must not have.
    excluded: Vec<String>,
    /// What the names of documents must contain.
    names: Vec<String>,
    /// What the dates of documents must begin with.
    dates: Vec<String>,
}

/// Whether some document meets a condition. Documents are only looked at where one is stated.
type SomeDocument<'a> = &'a dyn Fn(&dyn Fn(&DocumentInfo) -> bool) -> bool;

/// The question without its conditions, and these. `name:` and `date:` are conditions only where
/// some document meets them; otherwise they are words.
pub(crate) fn split(question: &str, some_document: SomeDocument<'_>) -> (String, Conditions) {
    let mut conditions = Conditions::default();
    let mut rest: Vec<&str> = Vec::new();
    for word in question.split_whitespace() {
        if !conditions.take(word, some_document) {
            rest.push(word);
        }
    }
    // A question of conditions alone is taken as it is.
    if rest.is_empty() || conditions == Conditions::default() {
        return (question.to_owned(), Conditions::default());
    }
    (rest.join(" "), conditions)
}

/// The words of a question that exclude something, with their marks.
pub(crate) fn exclusions(question: &str) -> impl Iterator<Item = &str> {
    question.split_whitespace().filter(|word| excluded(word).is_some())
}

fn excluded(word: &str) -> Option<&str> {
    word.strip_prefix('-').filter(|word| word.starts_with(char::is_alphabetic))
}

/// Whether a text has this word with its mark, as the option of a command: "tar -xzf".
pub(crate) fn has_option(text: &str, word: &str) -> bool {
    let option = word.trim_end_matches(|c: char| !c.is_alphanumeric());
    text.match_indices(option).any(|(at, _)| {
        let is_part = |c: char| c.is_alphanumeric() || c == '-';
        !text[..at].ends_with(is_part) && !text[at + option.len()..].starts_with(is_part)
    })
}

impl Conditions {
    /// Takes a word that states a condition. `some_document` says whether a document meets one.
    fn take(&mut self, word: &str, some_document: SomeDocument<'_>) -> bool {
        if let Some(excluded) = excluded(word) {
            self.excluded.extend(words(excluded));
            return true;
        }
        let Some((key, value)) = word.split_once(':') else { return false };
        let value = fold(value.trim_matches('"'));
        let (has, into): (fn(&DocumentInfo, &str) -> bool, _) = match key {
            "name" => (has_name, &mut self.names),
            "date" => (has_date, &mut self.dates),
            _ => return false,
        };
        let is_met = !value.is_empty() && some_document(&|info| has(info, &value));
        if is_met {
            into.push(value);
        }
        is_met
    }

    /// Whether any are about documents.
    pub(super) fn choose_documents(&self) -> bool {
        !self.names.is_empty() || !self.dates.is_empty()
    }

    /// Whether a document fulfils those about documents.
    pub(super) fn allow_document(&self, info: &DocumentInfo) -> bool {
        self.names.iter().all(|name| has_name(info, name))
            && self.dates.iter().all(|date| has_date(info, date))
    }

    /// Whether a passage fulfils those about words.
    pub(super) fn allow_text(&self, passage: &Passage) -> bool {
        self.excluded.is_empty() || {
            let terms = terms(passage.text());
            !self.excluded.iter().any(|word| terms.contains(word))
        }
    }
}

fn has_name(info: &DocumentInfo, part: &str) -> bool {
    fold(&info.name).contains(part)
}

fn has_date(info: &DocumentInfo, start: &str) -> bool {
    info.details.date.as_deref().is_some_and(|date| fold(date).starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{DocumentId, FileDetails, FileKind};
    use crate::test;

    fn info() -> DocumentInfo {
        let details = FileDetails { date: Some("2024-05-03".to_owned()), ..FileDetails::default() };
        DocumentInfo {
            id: DocumentId::of(FileKind::PLAIN_TEXT, b""),
            name: "Reports/Harbour.md".to_owned(),
            kind: FileKind::PLAIN_TEXT,
            bytes: 0,
            sequence: 0,
            added_at: 0.0,
            metadata: String::new(),
            details,
            container: None,
            has_original: false,
        }
    }

    fn parts(question: &str) -> (String, usize) {
        let info = info();
        let (rest, conditions) = split(question, &|is_met| is_met(&info));
        let Conditions { excluded, names, dates } = conditions;
        (rest, excluded.len() + names.len() + dates.len())
    }

    #[test]
    fn words_with_a_minus_names_and_dates_are_conditions() {
        assert_eq!(parts("boats -sail name:harbour date:2024"), ("boats".to_owned(), 3));
        assert_eq!(parts("boats -sail-ing"), ("boats".to_owned(), 2));
    }

    #[test]
    fn an_option_stands_alone_and_has_its_mark() {
        let exclusions: Vec<&str> = exclusions("what does tar -xzf do -5 -v?").collect();
        assert_eq!(exclusions, ["-xzf", "-v?"]);
        assert!(has_option("tar -xzf FILE", "-xzf") && has_option("`-v`", "-v?"));
        for text in ["-xzfv", "a-xzf", "--xzf", "xzf"] {
            assert!(!has_option(text, "-xzf"), "{text}");
        }
    }

    #[test]
    fn what_no_document_meets_is_a_word() {
        for question in
            ["boats name:castle", "boats date:1999", "at -5 °C", "time 10:30", "a - b", "-sail"]
        {
            assert_eq!(parts(question), (question.to_owned(), 0), "{question}");
        }
    }
}
