//! Answers: events, generated text, and what was measured to decide them.

use super::Engine;
use super::find::{Found, check_length};
use crate::answer::quotes;
use crate::answer::short_answer::ShortAnswer;
use crate::answer::{
    AnswerChecker, AnswerEvent, Answerability, AskOptions, AskTimings, Citation, EndReason,
    QuestionSignals, prompt,
};
use crate::error::{Error, Result};
use crate::generate::Generator;
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

    /// Answers a question. Emits the passages, then the quotes, then the generated text with a
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

    async fn answer(
        &self,
        question: &str,
        options: &AskOptions,
        task: &Task,
        emit: &mut dyn FnMut(AnswerEvent),
        timings: &mut AskTimings,
    ) -> Result<EndReason> {
        let now = || self.runtime.now_ms();
        let guard = self.question_gate.question();
        let (found, corrections) = self.find(question, options, task, timings).await?;
        let Found { state, passages, sentences, answer, quotes, is_answerable } = found;
        emit(AnswerEvent::Passages(passages.clone()));
        if !corrections.is_empty() {
            emit(AnswerEvent::Corrections(corrections));
        }
        if !is_answerable {
            return Ok(EndReason::NoAnswer);
        }
        if let Some(ShortAnswer { passage, span, confidence }) = answer {
            let citation = Citation::at(passage, span, &passages);
            emit(AnswerEvent::Answer { citation, confidence });
        }
        for (passage, span) in quotes {
            emit(AnswerEvent::Quote(Citation::at(passage, span, &passages)));
        }
        if options.max_tokens == 0 {
            return Ok(EndReason::NoGenerator);
        }
        // Fetching a model may take minutes. Adding does not wait for it.
        drop(guard);
        let started = now();
        let Some(generator) = self.load_generator(task).await? else {
            return Ok(EndReason::NoGenerator);
        };
        timings.load_ms = Some(now() - started);
        let _guard = self.question_gate.question();
        let prompt = prompt(&generator, question, &passages, options.max_tokens)?;
        let sentences = match sentences {
            // The places that answer about a whole document were found without ranking.
            empty if empty.is_empty() => self.ranked(question, &state, &passages, task).await?.1,
            ranked => ranked,
        };
        let checker = AnswerChecker::new(&passages, &sentences, &state.index, &self.embedder);
        self.write(&generator, &prompt, options, checker, task, emit, timings).await
    }

    /// Generates the text, and checks each sentence.
    #[expect(clippy::too_many_arguments, reason = "each is a different part of one answer")]
    async fn write(
        &self,
        generator: &Generator,
        prompt: &[u32],
        options: &AskOptions,
        mut checker: AnswerChecker<'_>,
        task: &Task,
        emit: &mut dyn FnMut(AnswerEvent),
        timings: &mut AskTimings,
    ) -> Result<EndReason> {
        let mut failure = None;
        let mut on_text = |piece: &str| {
            emit(AnswerEvent::Text(piece.to_owned()));
            failure = failure.take().or(checker.push(piece, emit).err());
        };
        let options = options.generation();
        let (end, spent) =
            generator.generate(prompt, &options, &*self.runtime, task, &mut on_text).await?;
        timings.prompt_tokens = Some(spent.prompt_tokens);
        timings.prompt_ms = Some(spent.prompt_ms);
        timings.tokens = Some(spent.tokens);
        timings.decode_ms = Some(spent.decode_ms);
        failure.map_or(Ok(()), Err)?;
        checker.finish(emit)?;
        Ok(end.into())
    }
}
