//! Documents in another language than the question's.

use crate::text::{QuestionLanguage, is_undetermined};

/// How documents are searched that are in another language than the question: by the words that
/// carry meaning. Its function words are words of another meaning there ("die", "was", "in").
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ForeignSearch {
    /// What is known of the question's language.
    pub(crate) language: QuestionLanguage,
    /// The words that carry meaning.
    pub(crate) content: String,
    /// The weight of their lexical score: the square of the share of them that the documents have.
    pub(crate) weight: f32,
    /// Whether a document whose language is not known counts as foreign: all others are.
    pub(crate) is_unknown_foreign: bool,
}

impl ForeignSearch {
    /// Whether a document with this language, a tag of BCP 47, is in another one than the question.
    pub(crate) fn is_foreign(&self, language: Option<&str>) -> bool {
        let known = language.filter(|language| !is_undetermined(language));
        language.is_some_and(|language| self.language.is_other_than(language))
            || known.is_none() && self.is_unknown_foreign
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn a_document_of_no_known_language_is_foreign_where_all_others_are() {
        let search = |is_unknown_foreign| ForeignSearch {
            language: QuestionLanguage::of("Wie lange gilt die Garantie?"),
            content: "garantie".to_owned(),
            weight: 1.0,
            is_unknown_foreign,
        };
        for unknown in [None, Some("und-Latn")] {
            assert!(search(true).is_foreign(unknown), "{unknown:?}");
            assert!(!search(false).is_foreign(unknown), "{unknown:?}");
        }
        assert!(!search(true).is_foreign(Some("de")));
        assert!(search(false).is_foreign(Some("en")));
    }
}
