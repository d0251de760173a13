//! Misspelt words of a question, corrected by words of the documents.

use std::collections::BTreeSet;

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
    let mut seen = BTreeSet::new();
    let asked: Vec<(&str, String)> = question
        .unicode_words()
        .filter(|from| seen.insert(*from))
        .filter_map(|from| match &mut words(from)[..] {
            [word] => Some((from, std::mem::take(word))),
            _ => None,
        })
        .collect();
    let known = index.corrected(asked.iter().map(|(_, word)| word.as_str()).collect());
    let correction = |(from, word): &(&str, String)| {
        let to = known.get(word.as_str())?.clone();
        Some(Correction { from: (*from).to_owned(), to })
    };
    asked.iter().filter_map(correction).collect()
}

/// The question with its corrections.
pub(crate) fn corrected(question: &str, corrections: &[Correction]) -> String {
    let replace = |word: &str| {
        let correction = corrections.iter().find(|correction| correction.from == word);
        correction.map_or_else(|| word.to_owned(), |correction| correction.to.clone())
    };
    question.split_word_bounds().map(replace).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::chunk::Chunk;
    use crate::index::SegmentBuilder;
    use crate::test;

    #[test]
    fn only_words_that_no_document_has_are_corrected() {
        let mut segment = SegmentBuilder::new(2);
        segment.push(Chunk::default(), "The receiver holds forty litres.", &[1.0, 0.0]).unwrap();
        let index = Index::new().with(0, segment.finish());
        let question = "How much does the Reciever hold? The reciever, not the holds!";
        let found = corrections(question, &index);
        assert_eq!(corrections(&format!("{question} {question}"), &index), found);
        let pairs: Vec<_> = found.iter().map(|c| (&*c.from, &*c.to)).collect();
        assert_eq!(pairs, [("Reciever", "receiver"), ("hold", "holds"), ("reciever", "receiver")]);
        assert_eq!(
            corrected(question, &found),
            "How much does the receiver holds? The receiver, not the holds!"
        );
        assert!(corrections("forty litres of elephants", &index).is_empty());
    }
}
