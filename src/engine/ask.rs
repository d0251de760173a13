//! Questions: search, quotes, answers.

use super::Engine;
use crate::answer::answerability::is_answerable;
use crate::answer::question::QuestionWords;
use crate::answer::quotes::{self, Sentence};
use crate::answer::{
    AnswerChecker, AnswerEvent, AskOptions, AskTimings, Citation, Correction, EndReason, completed,
    corrected, corrections, prompt,
};
use crate::document::Span;
use crate::error::{Error, Result};
use crate::generate::Generator;
use crate::index::Filter;
use crate::knowledge_base::KnowledgeBase;
use crate::retrieve::conditions::{self, Conditions};
use crate::retrieve::{Passage, Retrieved, Retriever};
use crate::runtime::Task;

/// Bytes of the longest question that is tokenized. The limit of the embedder is in tokens and
/// far below.
const MAX_QUESTION_BYTES: usize = 64 << 10;

/// How often retrieval begins again because a document cannot be read, where other tabs write
/// meanwhile.
const RETRIEVE_TRIES: usize = 3;

/// A question with its vector.
struct Question {
    /// The question without its conditions.
    text: String,
    conditions: Conditions,
    embedding: Vec<f32>,
}

/// What answers a question.
pub(super) struct Found {
    /// The state that the passages come from.
    pub(super) state: KnowledgeBase,
    pub(super) passages: Vec<Passage>,
    /// The sentences of the passages, best first.
    sentences: Vec<Sentence>,
    /// The index of the passage and the span of each quote.
    pub(super) quotes: Vec<(usize, Span)>,
    pub(super) is_answerable: bool,
}

impl Found {
    /// Nothing in this state.
    pub(super) fn nothing(state: KnowledgeBase) -> Self {
        let (passages, sentences, quotes) = Default::default();
        Self { state, passages, sentences, quotes, is_answerable: false }
    }
}

impl Engine {
    /// The `limit` best passages for a question, best first, of documents that match `filter`.
    pub async fn search(
        &self,
        question: &str,
        limit: usize,
        filter: Option<&Filter>,
        task: &Task,
    ) -> Result<Vec<Passage>> {
        if limit == 0 {
            let (got, expected) = ("0".to_owned(), "a whole number of at least 1");
            return Err(Error::InvalidOption { option: "limit", got, expected });
        }
        self.check_question(question)?;
        let _guard = self.question_gate.question();
        let question = self.prepare(question, task).await?;
        self.retrieve(&question, limit, filter, task).await.map(|(_, passages)| passages)
    }

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
        let question = self.prepare(question, task).await?;
        let words = QuestionWords::new(&question.text, &state.index);
        let ranked = self.rank_sentences(&words, &question, passages, task).await?;
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
        self.check_question(question)?;
        let state = self.state_to_ask(task).await?;
        let _guard = self.question_gate.question();
        let question = self.prepare(question, task).await?;
        let words = QuestionWords::new(&question.text, &state.index);
        let ranked = self.rank_sentences(&words, &question, passages, task).await?;
        Ok(is_answerable(&words, &question.embedding, passages, &ranked))
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
        let Found { state, passages, sentences, quotes, is_answerable } = found;
        emit(AnswerEvent::Passages(passages.clone()));
        if !corrections.is_empty() {
            emit(AnswerEvent::Corrections(corrections));
        }
        if !is_answerable {
            return Ok(EndReason::NoAnswer);
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
            empty if empty.is_empty() => self.ranked(question, &state, &passages, task).await?,
            ranked => ranked,
        };
        let checker = AnswerChecker::new(&passages, &sentences, &state.index, &self.embedder);
        self.write(&generator, &prompt, options, checker, task, emit, timings).await
    }

    /// Finds what answers a question. Where nothing does, misspelt words are corrected by words of
    /// the documents, and it is asked again; these corrections are returned too.
    async fn find(
        &self,
        question: &str,
        options: &AskOptions,
        task: &Task,
        timings: &mut AskTimings,
    ) -> Result<(Found, Vec<Correction>)> {
        if let Some(found) = self.find_whole(question, options.filter.as_ref(), task).await? {
            return Ok((found, Vec::new()));
        }
        let completed = completed(question, &options.history);
        let mut found = self.find_passages(question, &completed, options, task, timings).await?;
        if !found.is_answerable && completed != question {
            found = self.find_passages(question, question, options, task, timings).await?;
        }
        if found.is_answerable {
            return Ok((found, Vec::new()));
        }
        let corrections = corrections(&completed, &found.state.index);
        if corrections.is_empty() {
            return Ok((found, corrections));
        }
        let [asked, completed] = [question, &completed].map(|text| corrected(text, &corrections));
        let again = self.find_passages(&asked, &completed, options, task, timings).await?;
        Ok(if again.is_answerable { (again, corrections) } else { (found, Vec::new()) })
    }

    /// Finds the passages for the `completed` question, and in them the quotes for what was
    /// `asked`: the words of an earlier question say where to look, not what to quote.
    async fn find_passages(
        &self,
        asked: &str,
        completed: &str,
        options: &AskOptions,
        task: &Task,
        timings: &mut AskTimings,
    ) -> Result<Found> {
        let now = || self.runtime.now_ms();
        let started = now();
        let question = self.prepare(completed, task).await?;
        timings.embed_ms = Some(now() - started);
        let started = now();
        let (state, passages) =
            self.retrieve(&question, options.limit, options.filter.as_ref(), task).await?;
        timings.search_ms = Some(now() - started);
        let started = now();
        let words = QuestionWords::new(&question.text, &state.index);
        let asked = QuestionWords::new(&self.split_conditions(asked).0, &state.index);
        let sentences = self.rank_sentences(&asked, &question, &passages, task).await?;
        let is_answerable = is_answerable(&words, &question.embedding, &passages, &sentences);
        timings.quote_ms = is_answerable.then(|| now() - started);
        let quotes = quotes::best_quotes(&sentences);
        Ok(Found { state, passages, sentences, quotes, is_answerable })
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

    /// The sentences of passages that were found without ranking.
    async fn ranked(
        &self,
        question: &str,
        state: &KnowledgeBase,
        passages: &[Passage],
        task: &Task,
    ) -> Result<Vec<Sentence>> {
        let question = self.prepare(question, task).await?;
        let words = QuestionWords::new(&question.text, &state.index);
        self.rank_sentences(&words, &question, passages, task).await
    }

    async fn rank_sentences(
        &self,
        words: &QuestionWords,
        question: &Question,
        passages: &[Passage],
        task: &Task,
    ) -> Result<Vec<Sentence>> {
        quotes::rank_sentences(
            passages,
            words,
            &question.embedding,
            &self.embedder,
            &self.sentence_vectors,
            &*self.runtime,
            task,
        )
        .await
    }

    /// The `limit` best passages, best first, and the state that they come from. Documents that
    /// cannot be read are left out.
    async fn retrieve(
        &self,
        question: &Question,
        limit: usize,
        filter: Option<&Filter>,
        task: &Task,
    ) -> Result<(KnowledgeBase, Vec<Passage>)> {
        let mut tries = 0;
        loop {
            let state = self.state_to_ask(task).await?;
            let (store, document_cache) = (&*self.store, &self.document_cache);
            let vector_index = self.graphs.vector_index;
            let conditions = &question.conditions;
            let retriever = Retriever {
                state: &state,
                store,
                document_cache,
                filter,
                vector_index,
                conditions,
            };
            match retriever.retrieve(&question.text, &question.embedding, limit).await? {
                Retrieved::Passages(passages) => return Ok((state, passages)),
                Retrieved::DamagedDocument { id, error } => {
                    // Another tab may have removed it meanwhile, or added it again. But a derived
                    // state that cannot be stored looks newer each time: tries are counted.
                    tries += 1;
                    self.refresh(task).await?;
                    let is_there = self.state.borrow().index.find(id).is_some();
                    if is_there && (tries >= RETRIEVE_TRIES || !self.state_is_after(&state)) {
                        self.quarantine(id, error);
                    }
                }
            }
            task.step(&*self.runtime).await?;
        }
    }

    fn state_is_after(&self, state: &KnowledgeBase) -> bool {
        self.state.borrow().is_after(state)
    }

    /// The checks that need no work.
    fn check_question(&self, question: &str) -> Result<()> {
        self.check_open()?;
        if question.trim().is_empty() {
            return Err(Error::EmptyQuestion);
        }
        if question.len() > MAX_QUESTION_BYTES {
            let (what, unit) = ("The question".to_owned(), "bytes");
            let (got, limit) = (question.len() as u64, MAX_QUESTION_BYTES as u64);
            let advice = "Write it in fewer words.";
            return Err(Error::TooLarge { what, got, limit, unit, advice });
        }
        Ok(())
    }

    /// The state for a question.
    pub(super) async fn state_to_ask(&self, task: &Task) -> Result<KnowledgeBase> {
        let state = self.current(task).await?;
        if state.index.is_empty() { Err(Error::EmptyKnowledgeBase) } else { Ok(state) }
    }

    fn split_conditions(&self, question: &str) -> (String, Conditions) {
        let state = self.state.borrow();
        conditions::split(question, &|is_met| state.index.documents().any(|(info, _)| is_met(info)))
    }

    async fn prepare(&self, question: &str, task: &Task) -> Result<Question> {
        task.cancel.check()?;
        let (text, conditions) = self.split_conditions(question);
        let limit = self.embedder.query_budget();
        let got = self.embedder.count_tokens(&text);
        if got > limit {
            return Err(Error::QuestionTooLong { got, limit });
        }
        let tokens = [self.embedder.tokenize_query(&text)?];
        let embedding = self.embedder.embed(&tokens)?.pop().unwrap_or_default();
        task.step(&*self.runtime).await?;
        Ok(Question { text, conditions, embedding })
    }
}
