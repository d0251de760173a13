//! A generated text becomes events: what is shown of it, and what each sentence rests on.

use std::ops::Range;

use super::events::AnswerEvent;
use super::options::Unsupported;
use super::written_text::WrittenText;

/// What is shown in the place of a hidden sentence.
const HIDDEN: &str = "…";

/// The text of an answer as it is shown, while a generator writes it.
#[derive(Debug)]
pub(crate) struct AnswerWriter {
    written: WrittenText,
    unsupported: Unsupported,
    /// The bytes of the text that was shown.
    shown: usize,
    /// The bytes of the written text that were shown, or stand hidden behind a mark.
    passed: usize,
}

impl AnswerWriter {
    pub(crate) fn new(unsupported: Unsupported) -> Self {
        Self { written: WrittenText::default(), unsupported, shown: 0, passed: 0 }
    }

    /// Appends the next piece. It is shown at once where unsupported sentences are marked.
    pub(crate) fn push(&mut self, piece: &str, emit: &mut dyn FnMut(AnswerEvent)) {
        self.written.push(piece);
        if self.unsupported == Unsupported::Mark {
            self.show(piece.to_owned(), emit);
        }
    }

    /// The next complete sentence, which is to be judged. A text that goes in circles has no more of
    /// them.
    pub(crate) fn next_sentence(&mut self, has_ended: bool) -> Next {
        match self.written.next_sentence(has_ended) {
            None => Next::Nothing,
            Some(sentence) if sentence.is_loop => Next::Loop,
            Some(sentence) => Next::Sentence(sentence.range),
        }
    }

    /// The text of a sentence.
    pub(crate) fn text(&self, sentence: Range<usize>) -> &str {
        &self.written.text()[sentence]
    }

    /// Shows a sentence that was judged, and emits what was found. `event` is given the range of the
    /// sentence in the shown text.
    pub(crate) fn show_judged(
        &mut self,
        range: Range<usize>,
        is_supported: bool,
        event: impl FnOnce(Range<usize>) -> AnswerEvent,
        emit: &mut dyn FnMut(AnswerEvent),
    ) {
        if self.unsupported == Unsupported::Mark {
            return emit(event(range));
        }
        let gap = &self.written.text()[self.passed..range.start];
        let gap = if self.shown == 0 { "" } else { gap };
        let sentence = if is_supported { &self.written.text()[range.clone()] } else { HIDDEN };
        let start = self.shown + gap.len();
        let piece = format!("{gap}{sentence}");
        self.passed = range.end;
        self.show(piece, emit);
        emit(event(start..self.shown));
    }

    fn show(&mut self, piece: String, emit: &mut dyn FnMut(AnswerEvent)) {
        self.shown += piece.len();
        emit(AnswerEvent::Text(piece));
    }
}

/// What comes next in a text.
#[derive(Debug)]
pub(crate) enum Next {
    /// The bytes of a sentence in the written text.
    Sentence(Range<usize>),
    /// It begins to say the same again: no more of it is worth reading.
    Loop,
    /// No sentence is complete yet.
    Nothing,
}
