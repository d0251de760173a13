//! The text that a generator writes, taken apart into sentences while it grows.

use std::collections::HashSet;
use std::ops::Range;

use crate::text::{sentences, words};

/// A loop is so many repetitions of the last words of a sentence, which are so many words in all.
const LOOP_TIMES: usize = 3;
const LOOP_WORDS: usize = 12;

/// A text that grows piece by piece, and the sentences that were taken from it.
#[derive(Debug, Default)]
pub(super) struct WrittenText {
    text: String,
    /// The bytes of `text` up to the end of the last sentence that was taken.
    taken: usize,
    /// The words of each sentence that was taken.
    seen: HashSet<Vec<String>>,
}

/// A complete sentence of the written text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrittenSentence {
    /// Its bytes in the text.
    pub(super) range: Range<usize>,
    /// Whether the text goes in circles: an earlier sentence says the same in the same words, or
    /// this one says some words again and again.
    pub(super) is_loop: bool,
}

impl WrittenText {
    pub(super) fn push(&mut self, piece: &str) {
        self.text.push_str(piece);
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Takes the next sentence. It is complete when another follows it, or when the text `has_ended`.
    pub(super) fn next_sentence(&mut self, has_ended: bool) -> Option<WrittenSentence> {
        let found = sentences(&self.text[self.taken..]);
        let first = found.first()?;
        let range = self.taken + first.start..self.taken + first.end;
        let said = words(&self.text[range.clone()]);
        let circles = ends_in_circles(&said);
        if found.len() == 1 && !has_ended && !circles {
            return None;
        }
        self.taken = range.end;
        let is_loop = circles || !self.seen.insert(said);
        Some(WrittenSentence { range, is_loop })
    }
}

/// Whether the last words repeat those before them.
fn ends_in_circles(words: &[String]) -> bool {
    (1..=words.len() / LOOP_TIMES).any(|period| {
        let looped = LOOP_WORDS.next_multiple_of(period).max(period * LOOP_TIMES);
        let Some(start) = words.len().checked_sub(looped) else { return false };
        let last = &words[start..];
        last[period..].iter().zip(last).all(|(word, before)| word == before)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    /// The sentences of a text that comes letter by letter, and which of them are loops.
    fn taken(text: &str) -> Vec<(&str, bool)> {
        let mut written = WrittenText::default();
        let mut found = Vec::new();
        for letter in text.split_inclusive(|_| true) {
            written.push(letter);
            found.extend(written.next_sentence(false));
        }
        found.extend(std::iter::from_fn(|| written.next_sentence(true)));
        found.into_iter().map(|sentence| (&text[sentence.range], sentence.is_loop)).collect()
    }

    #[test]
    fn a_sentence_is_taken_once_when_another_follows_or_the_text_ends() {
        let text = "Teodor Hale made the gates. He used oak. Nails were not needed";
        let expected = ["Teodor Hale made the gates.", "He used oak.", "Nails were not needed"];
        assert_eq!(taken(text), expected.map(|sentence| (sentence, false)));
        assert_eq!(taken(""), []);
        let mut written = WrittenText::default();
        written.push("The mill stopped in 1957.");
        assert_eq!(written.next_sentence(false), None);
        assert_eq!(written.next_sentence(true).map(|sentence| sentence.range), Some(0..25));
    }

    #[test]
    fn a_sentence_in_the_words_of_an_earlier_one_is_a_loop() {
        let text = "The answer is 4. It rained. The answer: is 4! The answer is 5.";
        let loops: Vec<bool> = taken(text).into_iter().map(|(_, is_loop)| is_loop).collect();
        assert_eq!(loops, [false, false, true, false]);
    }

    #[test]
    fn words_that_are_said_again_and_again_are_a_loop_before_the_sentence_ends() {
        let text = "The mill and the sea and the sea and the sea and the sea and the sea and so on";
        let (first, is_loop) = taken(text)[0];
        assert!(is_loop && first.len() < text.len(), "{first}");
        assert!(!taken("Row, row, row your boat gently down the stream.")[0].1);
        assert!(!taken("Very, very, very, very, very good.")[0].1, "five words");
    }
}
