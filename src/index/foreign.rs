//! Documents in another language than the question's.

/// How documents are searched that are in another language than the question: by the words that
/// carry meaning. Its function words are words of another meaning there ("die", "was", "in").
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ForeignSearch {
    /// The question's language, a tag of BCP 47.
    pub(crate) language: String,
    /// The words that carry meaning.
    pub(crate) content: String,
    /// The weight of their lexical score: the square of the share of them that the documents have.
    pub(crate) weight: f32,
}

impl ForeignSearch {
    /// Whether a document is in another language; not where its language is not known, as in
    /// "und-Cyrl".
    pub(crate) fn is_foreign(&self, language: Option<&str>) -> bool {
        // Every search asks this of every document: nothing is allocated.
        fn primary(tag: &str) -> &str {
            tag.split(['-', '_']).next().unwrap_or(tag)
        }
        language.is_some_and(|language| {
            let language = primary(language);
            !language.eq_ignore_ascii_case("und")
                && !language.eq_ignore_ascii_case(primary(&self.language))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn a_document_of_an_unknown_language_is_not_foreign() {
        let language = "pt".to_owned();
        let asked = ForeignSearch { language, content: String::new(), weight: 0.5 };
        for (language, is_foreign) in [
            (Some("de"), true),
            (Some("pt-BR"), false),
            (Some("PT_br"), false),
            (Some("und-Latn"), false),
            (None, false),
        ] {
            assert_eq!(asked.is_foreign(language), is_foreign, "{language:?}");
        }
    }
}
