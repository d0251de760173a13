//! Checks each sentence of the generated text while the text is generated.

use std::ops::Range;

use super::attribution::find_evidence;
use super::events::{AnswerEvent, Citation};
use super::quotes::Sentence;
use crate::embed::Embedder;
use crate::error::Result;
use crate::index::Index;
use crate::retrieve::Passage;
use crate::text::sentences;

/// Collects a generated text, and emits for each complete sentence its citation, or that
/// it is unsupported.
pub(crate) struct AnswerChecker<'a> {
    passages: &'a [Passage],
    /// The sentences of `passages`, the possible evidence.
    sentences: &'a [Sentence],
    index: &'a Index,
    embedder: &'a Embedder,
    text: String,
    /// The bytes of `text` up to the end of the last checked sentence.
    checked: usize,
}

impl<'a> AnswerChecker<'a> {
    pub(crate) fn new(
        passages: &'a [Passage],
        sentences: &'a [Sentence],
        index: &'a Index,
        embedder: &'a Embedder,
    ) -> Self {
        Self { passages, sentences, index, embedder, text: String::new(), checked: 0 }
    }

    /// Appends the next piece of text. A sentence is complete when another follows it.
    pub(crate) fn push(&mut self, piece: &str, emit: &mut dyn FnMut(AnswerEvent)) -> Result<()> {
        self.text.push_str(piece);
        let mut complete = sentences(&self.text[self.checked..]);
        complete.pop();
        self.check(complete, emit)
    }

    /// Checks the last sentence.
    pub(crate) fn finish(mut self, emit: &mut dyn FnMut(AnswerEvent)) -> Result<()> {
        let rest = sentences(&self.text[self.checked..]);
        self.check(rest, emit)
    }

    fn check(
        &mut self,
        complete: Vec<Range<usize>>,
        emit: &mut dyn FnMut(AnswerEvent),
    ) -> Result<()> {
        let start = self.checked;
        for range in complete {
            let text = start + range.start..start + range.end;
            self.checked = text.end;
            let claim = &self.text[text.clone()];
            emit(match find_evidence(claim, self.sentences, self.index, self.embedder)? {
                Some((passage, span)) => {
                    let citation = Citation::at(passage, span, self.passages);
                    AnswerEvent::Citation { citation, text }
                }
                None => AnswerEvent::Unsupported { text },
            });
        }
        Ok(())
    }
}
