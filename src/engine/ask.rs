//! Answers: the stages that find, quote and write, and what was measured to decide them.

use super::Engine;
use super::find::{Found, check_length};
use super::write::{AnswerGenerator, Writing, check_external};
use crate::answer::quotes;
use crate::answer::short_answer::ShortAnswer;
use crate::answer::{
    AnswerEvent, Answerability, AskOptions, AskTimings, Citation, CitedPicture, EndReason,
    QuestionSignals,
};
use crate::error::{Error, Result};
use crate::question::Correction;
use crate::retrieve::Passage;
use crate::runtime::Task;

impl Engine {
    /// The sentences of `passages` that answer the question best, best first.
    pub async fn quotes(
        &self,
        question: &str,
        passages: &[Passage],
        task: &Task,
    ) -> Result<Vec<Citation>> {
        self.check_question(question)?;
        let state = self.state_to_ask(task).await?;
        let _guard = self.question_gate.question();
        let (_, ranked) = self.ranked(question, &state, passages, task).await?;
        let quotes = quotes::best_quotes(&ranked).into_iter();
        Ok(quotes.map(|(passage, span)| Citation::at(passage, span, passages)).collect())
    }

    /// Whether `passages` can answer a question.
    pub async fn is_answerable(
        &self,
        question: &str,
        passages: &[Passage],
        task: &Task,
    ) -> Result<bool> {
        let signals = self.signals(question, passages, task).await?;
        Ok(signals.answerability.is_answerable(self.calibration(question).answerable))
    }

    /// What decides whether `passages` can answer a question, and which sentences are quoted. A
    /// calibration is chosen by it.
    pub async fn signals(
        &self,
        question: &str,
        passages: &[Passage],
        task: &Task,
    ) -> Result<QuestionSignals> {
        self.check_question(question)?;
        let state = self.state_to_ask(task).await?;
        let _guard = self.question_gate.question();
        let (words, ranked) = self.ranked(question, &state, passages, task).await?;
        let answerability = Answerability::of(&words, passages, &ranked);
        let sentences = ranked.iter().map(|sentence| sentence.signals).collect();
        Ok(QuestionSignals { answerability, sentences })
    }

    /// Answers a question. Emits the passages, what is computed from their tables, then the quotes, then the generated text with a
    /// citation for each supported sentence, then the end. A cancelled answer ends with
    /// [`EndReason::Aborted`]; every other failure is returned.
    pub async fn ask(
        &self,
        question: &str,
        options: &AskOptions,
        task: &Task,
        emit: &mut dyn FnMut(AnswerEvent),
    ) -> Result<()> {
        options.check()?;
        if self.external_generator().is_some() {
            check_external(options)?;
        }
        self.check_question(question)?;
        for past in &options.history {
            check_length("A question of the history", &past.question)?;
        }
        let mut timings = AskTimings::default();
        let reason = match self.answer(question, options, task, emit, &mut timings).await {
            Err(Error::Aborted) => EndReason::Aborted,
            other => other?,
        };
        emit(AnswerEvent::End { reason, timings });
        Ok(())
    }

    /// The stages of an answer, one after another. Each emits what it found.
    async fn answer(
        &self,
        question: &str,
        options: &AskOptions,
        task: &Task,
        emit: &mut dyn FnMut(AnswerEvent),
        timings: &mut AskTimings,
    ) -> Result<EndReason> {
        let guard = self.question_gate.question();
        let (found, corrections) = self.find(question, options, task, timings).await?;
        emit_passages(&found, corrections, emit);
        let computed = self.computed_answer(question, &found.passages, task).await?;
        let is_computed = computed.is_some();
        computed.into_iter().for_each(|computed| emit(AnswerEvent::Table(Box::new(computed))));
        let quotes = if found.is_answerable { citations(&found) } else { Vec::new() };
        let pictures = self.pictures_of_answer(&quotes, &found).await?;
        emit_quotes(&found, quotes, pictures, emit);
        if !found.is_answerable {
            return Ok(if is_computed { EndReason::Stop } else { EndReason::NoAnswer });
        }
        if options.max_tokens == 0 {
            return Ok(EndReason::NoGenerator);
        }
        // Fetching a model may take minutes. Adding does not wait for it.
        drop(guard);
        let Some(generator) = self.answer_generator(task, timings).await? else {
            return Ok(EndReason::NoGenerator);
        };
        let _guard = self.question_gate.question();
        // A sentence that is written may rest on any of theirs.
        let (_, sentences) = self.ranked(question, &found.state, &found.passages, task).await?;
        let sentences = &sentences;
        let writing =
            Writing { question, found: &found, sentences, options, generator: &generator };
        self.write(&writing, task, timings, emit).await
    }

    /// What writes an answer: the caller's generator, else the engine's, which is loaded where it is not yet.
    async fn answer_generator(
        &self,
        task: &Task,
        timings: &mut AskTimings,
    ) -> Result<Option<AnswerGenerator>> {
        if let Some(external) = self.external_generator() {
            return Ok(Some(AnswerGenerator::External(external)));
        }
        let started = self.runtime.now_ms();
        let Some(generator) = self.load_generator(task).await? else { return Ok(None) };
        timings.load_ms = Some(self.runtime.now_ms() - started);
        Ok(Some(AnswerGenerator::Own(generator)))
    }
}

/// The quotes.
fn citations(found: &Found) -> Vec<Citation> {
    let quotes = found.quotes.iter();
    quotes.map(|&(passage, span)| Citation::at(passage, span, &found.passages)).collect()
}

/// Emits the passages, and how the question was corrected.
fn emit_passages(found: &Found, corrections: Vec<Correction>, emit: &mut dyn FnMut(AnswerEvent)) {
    emit(AnswerEvent::Passages(found.passages.clone()));
    if !corrections.is_empty() {
        emit(AnswerEvent::Corrections(corrections));
    }
}

/// Emits the answer in a few words and the quotes, where they answer the question, and the pictures.
fn emit_quotes(
    found: &Found,
    quotes: Vec<Citation>,
    pictures: Vec<CitedPicture>,
    emit: &mut dyn FnMut(AnswerEvent),
) {
    if let Some(ShortAnswer { passage, span, confidence }) = found.answer
        && found.is_answerable
    {
        let citation = Citation::at(passage, span, &found.passages);
        emit(AnswerEvent::Answer { citation, confidence });
    }
    quotes.into_iter().for_each(|quote| emit(AnswerEvent::Quote(quote)));
    pictures.into_iter().for_each(|picture| emit(AnswerEvent::Image(picture)));
}
