//! Misspelt words -> words of the index that they may stand for.

use std::cmp::Reverse;

use super::{Index, lexical};

/// The fewest characters of a word that is corrected.
const MIN_CHARS: usize = 4;
/// Words of so many characters may differ in two places, shorter ones in one.
const MIN_CHARS_OF_TWO_EDITS: usize = 8;

impl Index {
    /// The term that `word` is most likely meant to be, by the fewest edits and then the most
    /// chunks; none if the index has the word, or nothing is near.
    ///
    /// An edit adds, drops or changes a letter, or swaps two neighbours (the optimal string
    /// alignment distance). Reads all terms: about 50 ms for a million.
    pub(crate) fn corrected(&self, word: &str) -> Option<String> {
        let chars = word.chars().count();
        let is_word = word.chars().all(char::is_alphabetic);
        if chars < MIN_CHARS || !is_word || self.knows(word) {
            return None;
        }
        let most_edits = if chars >= MIN_CHARS_OF_TWO_EDITS { 2 } else { 1 };
        let segments = self.searched();
        let mut best: Option<Candidate> = None;
        for segment in &segments {
            segment.postings.each_term(|term| {
                let may_be_near = term.chars().count().abs_diff(chars) <= most_edits;
                if may_be_near && term.chars().all(char::is_alphabetic) {
                    let edits = strsim::osa_distance(word, term);
                    if edits <= most_edits {
                        let chunks = Reverse(lexical::chunks_with(&segments, term));
                        let candidate = Candidate { edits, chunks, term: term.to_owned() };
                        best =
                            best.take().map(|best| best.min(candidate.clone())).or(Some(candidate));
                    }
                }
            });
        }
        best.map(|best| best.term)
    }
}

/// A term that may be meant; the least one is the likeliest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    edits: usize,
    chunks: Reverse<u64>,
    term: String,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::chunk::Chunk;
    use crate::index::SegmentBuilder;
    use crate::test;

    fn index(texts: &[&str]) -> Index {
        let mut segment = SegmentBuilder::new(2);
        for text in texts {
            segment.push(Chunk::default(), text, &[1.0, 0.0]).unwrap();
        }
        Index::new().with(0, segment.finish())
    }

    #[test]
    fn a_misspelt_word_is_corrected_by_a_word_of_the_index() {
        let index =
            index(&["the receiver of the manufacturer", "lubricant for the receiver", "cat"]);
        for (word, meant) in [
            ("reciever", Some("receiver")),
            ("manufactuer", Some("manufacturer")),
            ("lubricnat", Some("lubricant")),
            ("receiver", None),
            ("cta", None),
            ("elephant", None),
            ("rec31ver", None),
        ] {
            assert_eq!(index.corrected(word).as_deref(), meant, "{word}");
        }
    }

    #[test]
    fn of_equally_near_words_the_more_frequent_is_meant() {
        let index = index(&["house", "mouse mouse", "mouse"]);
        assert_eq!(index.corrected("rouse").as_deref(), Some("mouse"));
    }
}
