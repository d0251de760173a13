//! The last stages of an answer: the text that a generator writes, and what each sentence of it rests
//! on.

use super::Engine;
use super::find::Found;
use crate::answer::quotes::Sentence;
use crate::answer::{
    AnswerEvent, AnswerWriter, AskOptions, AskTimings, Citation, EndReason, Next, Sources, Told,
    bound_words, prompt,
};
use crate::document::Span;
use crate::error::Result;
use crate::generate::{GenerateOptions, Generator};
use crate::retrieve::Passage;
use crate::runtime::Task;

/// A short answer that is likelier right than wrong is told to the generator.
const SURE: f32 = 0.5;

/// What an answer is written from, and how.
pub(super) struct Writing<'a> {
    pub(super) question: &'a str,
    pub(super) found: &'a Found,
    /// All sentences of the passages.
    pub(super) sentences: &'a [Sentence],
    pub(super) options: &'a AskOptions,
    pub(super) generator: &'a Generator,
}

impl Engine {
    /// Writes the answer from what was found, and judges each sentence as soon as it is complete. The
    /// text ends where it begins to say the same again. Whatever fails, ends the generation.
    pub(super) async fn write(
        &self,
        writing: &Writing<'_>,
        task: &Task,
        timings: &mut AskTimings,
        emit: &mut dyn FnMut(AnswerEvent),
    ) -> Result<EndReason> {
        let &Writing { question, found, options, generator, .. } = writing;
        let prompt = prompt(generator, question, &told(found), options)?;
        let generation = writing.generation()?;
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
            let has_ended = piece.is_none();
            if let Some(piece) = piece {
                writer.push(&piece, emit);
            }
            let started = runtime.now_ms();
            goes_on = self.judge(&mut writer, has_ended, writing, task, emit).await;
            goes_on = goes_on.map(|goes_on| goes_on && !has_ended);
            *timings.check_ms.get_or_insert_default() += runtime.now_ms() - started;
        }
        // What was spent is known also where judging failed or was cancelled.
        let (end, spent) = generation.finish();
        timings.prompt_tokens = Some(spent.prompt_tokens);
        timings.prompt_ms = Some(spent.prompt_ms);
        timings.tokens = Some(spent.tokens);
        timings.decode_ms = Some(spent.decode_ms);
        goes_on.map(|_| end.into())
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
    fn generation(&self) -> Result<GenerateOptions> {
        let bound = if self.options.context_bound {
            let words = bound_words(self.question, &self.found.passages);
            Some(self.generator.token_bound(words.iter().map(String::as_str))?)
        } else {
            None
        };
        Ok(self.options.generation(bound))
    }
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
