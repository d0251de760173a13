//! Checks each sentence of the generated text, as the text comes.

use std::ops::Range;

use super::attribution::support;
use super::events::{AnswerEvent, Citation};
use super::quotes::Sentence;
use crate::chunk::sentences;
use crate::embed::Embedder;
use crate::error::Result;
use crate::index::Index;
use crate::retrieve::Passage;

/// Follows a text as it is generated, and says of each sentence, once it is
/// complete, what it rests on.
pub(crate) struct AnswerChecker<'a> {
    pub(crate) passages: &'a [Passage],
    pub(crate) sources: &'a [Sentence],
    pub(crate) index: &'a Index,
    pub(crate) embedder: &'a Embedder,
    text: String,
    checked: usize,
}

impl<'a> AnswerChecker<'a> {
    pub(crate) fn new(
        passages: &'a [Passage],
        sources: &'a [Sentence],
        index: &'a Index,
        embedder: &'a Embedder,
    ) -> Self {
        Self { passages, sources, index, embedder, text: String::new(), checked: 0 }
    }

    /// Takes the next piece of text; a sentence is complete when another follows.
    pub(crate) fn push(&mut self, piece: &str, emit: &mut dyn FnMut(AnswerEvent)) -> Result<()> {
        self.text.push_str(piece);
        let mut complete = sentences(&self.text[self.checked..]);
        complete.pop();
        self.check(complete, emit)
    }

    /// Takes the end of the text.
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
            emit(match support(claim, self.sources, self.index, self.embedder)? {
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
