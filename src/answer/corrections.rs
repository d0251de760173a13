//! Misspelt words of a question, corrected by words of the documents.

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation;

use crate::index::Index;
use crate::text::words;

/// A word of a question that no document has, and the word that is searched instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// The word as it was asked.
    pub from: String,
    /// The word of the documents.
    pub to: String,
}

/// The words of `question` that may be misspelt.
pub(crate) fn corrections(question: &str, index: &Index) -> Vec<Correction> {
    let mut found: Vec<Correction> = Vec::new();
    for from in question.unicode_words() {
        let [word] = &words(from)[..] else { continue };
        let is_new = found.iter().all(|known| known.from != from);
        if let Some(to) = index.corrected(word).filter(|_| is_new) {
            found.push(Correction { from: from.to_owned(), to });
        }
    }
    found
}

/// The question with its corrections.
pub(crate) fn corrected(question: &str, corrections: &[Correction]) -> String {
    let replace = |word: &str| {
        let correction = corrections.iter().find(|correction| correction.from == word);
        correction.map_or_else(|| word.to_owned(), |correction| correction.to.clone())
    };
    question.split_word_bounds().map(replace).collect()
}
