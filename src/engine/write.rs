//! The last stages of an answer: the text that a generator writes, and what each sentence of it rests
//! on.

use std::rc::Rc;

use super::Engine;
use super::find::Found;
use crate::answer::quotes::Sentence;
use crate::answer::{
    AnswerEvent, AnswerWriter, AskOptions, AskTimings, Citation, EndReason, Next, Sources, Told,
    bound_words, external_prompt, prompt,
};
use crate::document::Span;
use crate::error::{Error, Result};
use crate::generate::{ExternalGenerator, GenerateOptions, Generator};
use crate::retrieve::Passage;
use crate::runtime::Task;

/// The most bytes of a token of a caller's generator, on average: words of any language have fewer. One that writes more
/// than so many tokens of it does not keep to the limit that it was given.
const MAX_TOKEN_BYTES: usize = 16;
/// A short answer that is likelier right than wrong is told to the generator.
const SURE: f32 = 0.5;

/// What an answer is written from, and how.
pub(super) struct Writing<'a> {
    pub(super) question: &'a str,
    pub(super) found: &'a Found,
    /// All sentences of the passages.
    pub(super) sentences: &'a [Sentence],
    pub(super) options: &'a AskOptions,
    pub(super) generator: &'a AnswerGenerator,
}

/// What writes an answer.
pub(super) enum AnswerGenerator {
    Own(Rc<Generator>),
    /// One of the caller.
    External(Rc<dyn ExternalGenerator>),
}

impl Engine {
    /// Writes the answer from what was found. Whatever fails, ends the generation.
    pub(super) async fn write(
        &self,
        writing: &Writing<'_>,
        task: &Task,
        timings: &mut AskTimings,
        emit: &mut dyn FnMut(AnswerEvent),
    ) -> Result<EndReason> {
        match writing.generator {
            AnswerGenerator::Own(generator) => {
                self.write_with(generator, writing, task, timings, emit).await
            }
            AnswerGenerator::External(generator) => {
                self.write_with_external(&**generator, writing, task, timings, emit).await
            }
        }
    }

    async fn write_with(
        &self,
        generator: &Generator,
        writing: &Writing<'_>,
        task: &Task,
        timings: &mut AskTimings,
        emit: &mut dyn FnMut(AnswerEvent),
    ) -> Result<EndReason> {
        let &Writing { question, found, options, .. } = writing;
        let prompt = prompt(generator, question, &told(found), options)?;
        let generation = writing.generation(generator)?;
        let runtime = &*self.runtime;
        let mut writer = AnswerWriter::new(options.unsupported);
        let mut generation = generator.begin(&prompt, &generation, runtime, task).await?;
        let mut goes_on = Ok(true);
        while let Ok(true) = goes_on {
            let piece = generation.next(runtime, task).await?;
            if generation.is_aborted() {
                // The last sentence is not whole.
                break;
            }
            goes_on = self.push_piece(&mut writer, piece, writing, task, timings, emit).await;
        }
        // What was spent is known also where judging failed or was cancelled.
        let (end, spent) = generation.finish();
        timings.prompt_tokens = Some(spent.prompt_tokens);
        timings.prompt_ms = Some(spent.prompt_ms);
        timings.tokens = Some(spent.tokens);
        timings.decode_ms = Some(spent.decode_ms);
        goes_on.map(|_| end.into())
    }

    /// The same by a generator of the caller, of which only the time is known.
    async fn write_with_external(
        &self,
        generator: &dyn ExternalGenerator,
        writing: &Writing<'_>,
        task: &Task,
        timings: &mut AskTimings,
        emit: &mut dyn FnMut(AnswerEvent),
    ) -> Result<EndReason> {
        let &Writing { question, found, options, .. } = writing;
        let messages = external_prompt(generator, question, &told(found), options)?;
        let mut writer = AnswerWriter::new(options.unsupported);
        let started = self.runtime.now_ms();
        let begun = generator.begin(messages, options.max_tokens, options.sampling, task);
        let mut text = begun.await?;
        let mut left = options.max_tokens.saturating_mul(MAX_TOKEN_BYTES);
        let (mut goes_on, mut end) = (true, EndReason::Stop);
        while goes_on {
            let mut piece = text.next(task).await?;
            match left.checked_sub(piece.as_ref().map_or(0, String::len)) {
                Some(rest) => left = rest,
                None => (piece, end) = (None, EndReason::Length),
            }
            goes_on = self.push_piece(&mut writer, piece, writing, task, timings, emit).await?;
        }
        let checked = timings.check_ms.unwrap_or_default();
        timings.decode_ms = Some((self.runtime.now_ms() - started - checked).max(0.0));
        Ok(end)
    }

    /// Shows a piece, or the end where there is none, and judges the sentences that are complete. Returns whether
    /// the text goes on: not where it begins to say the same again.
    async fn push_piece(
        &self,
        writer: &mut AnswerWriter,
        piece: Option<String>,
        writing: &Writing<'_>,
        task: &Task,
        timings: &mut AskTimings,
        emit: &mut dyn FnMut(AnswerEvent),
    ) -> Result<bool> {
        let has_ended = piece.is_none();
        if let Some(piece) = piece {
            writer.push(&piece, emit);
        }
        let started = self.runtime.now_ms();
        let goes_on = self.judge(writer, has_ended, writing, task, emit).await;
        *timings.check_ms.get_or_insert_default() += self.runtime.now_ms() - started;
        goes_on.map(|goes_on| goes_on && !has_ended)
    }

    /// Judges the sentences that are complete. Returns whether the text goes on: not where it goes in
    /// circles.
    async fn judge(
        &self,
        writer: &mut AnswerWriter,
        has_ended: bool,
        writing: &Writing<'_>,
        task: &Task,
        emit: &mut dyn FnMut(AnswerEvent),
    ) -> Result<bool> {
        loop {
            let range = match writer.next_sentence(has_ended) {
                Next::Sentence(range) => range,
                Next::Loop => return Ok(false),
                Next::Nothing => return Ok(true),
            };
            let sentence = writer.text(range.clone()).to_owned();
            let Found { passages, state, .. } = writing.found;
            let sources = Sources { passages, sentences: writing.sentences, index: &state.index };
            let place = self.judge_claim(&sentence, sources, task).await?.place;
            let event = |text| match place {
                Some((passage, span)) => {
                    let citation = Citation::at(passage, span, passages);
                    AnswerEvent::Citation { citation, text }
                }
                None => AnswerEvent::Unsupported { text, sentence },
            };
            writer.show_judged(range, place.is_some(), event, emit);
            task.step(&*self.runtime).await?;
        }
    }
}

impl Writing<'_> {
    /// The options of the generated text.
    fn generation(&self, generator: &Generator) -> Result<GenerateOptions> {
        let bound = if self.options.context_bound {
            let words = bound_words(self.question, &self.found.passages);
            Some(generator.token_bound(words.iter().map(String::as_str))?)
        } else {
            None
        };
        Ok(self.options.generation(bound))
    }
}

/// An error for what only generators of the engine can do.
pub(super) fn check_external(options: &AskOptions) -> Result<()> {
    let invalid = |option, got: &str, expected| {
        Err(Error::InvalidOption { option, got: got.to_owned(), expected })
    };
    if options.context_bound {
        return invalid("contextBound", "true", "false for a generator of the page");
    }
    if options.adapters.is_some() {
        return invalid("adapters", "scales", "none for a generator of the page");
    }
    Ok(())
}

/// What the generator is told of what was found.
fn told(found: &Found) -> Told<'_> {
    let text = |passage: usize, span: Span| {
        let passage: &Passage = &found.passages[passage];
        &passage.document.text()[span.range()]
    };
    let sure = found.answer.filter(|answer| answer.confidence >= SURE);
    Told {
        passages: &found.passages,
        quotes: found.quotes.iter().map(|&(passage, span)| text(passage, span)).collect(),
        answer: sure.map(|answer| text(answer.passage, answer.span)),
    }
}
