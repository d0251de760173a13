//! A question -> the passages and the quotes that answer it.

use std::borrow::Cow;

use super::Engine;
use super::feedback::Searched;
use crate::answer::quotes::{self, QuestionVector, Sentence};
use crate::answer::sentence_vectors::SentenceEmbedder;
use crate::answer::short_answer::{ShortAnswer, is_paragraph, likeliest};
use crate::answer::{AnswerReader, Answerability, AskOptions, AskTimings};
use crate::document::{DocumentId, Span};
use crate::error::{Error, Result};
use crate::index::Filter;
use crate::knowledge_base::KnowledgeBase;
use crate::model::Calibration;
use crate::question::{
    Correction, PastQuestion, QuestionWords, completed, corrected, corrections, without_frame,
};
use crate::retrieve::conditions::{self, Conditions};
use crate::retrieve::{Passage, Retrieved, Retriever};
use crate::runtime::Task;

/// Bytes of the longest question that is tokenized. The limit of the embedder is in tokens and
/// far below.
const MAX_QUESTION_BYTES: usize = 64 << 10;

/// How often retrieval begins again because a document cannot be read, where other tabs write
/// meanwhile.
const RETRIEVE_TRIES: usize = 3;

/// Tokens of the sentences whose vectors are compared with the question where a reader tells where
/// the answer is: all of them would take half as long as the reader.
const COMPARED_TOKENS: usize = 128;

/// The words with a minus that are looked up as options of commands: how many, of how many bytes,
/// and in how many passages.
const MAX_OPTIONS: usize = 4;
const MAX_OPTION_BYTES: usize = 16;
const OPTION_PASSAGES: usize = 8;

/// A question with its vector.
pub(super) struct Question {
    /// The question without its polite frame and its conditions.
    pub(super) text: String,
    conditions: Conditions,
    pub(super) embedding: Vec<f32>,
    /// Its vector in the space of pictures; none where no picture has one.
    image: Option<Vec<f32>>,
}

static WORDS_ONLY: Calibration = Calibration::WORDS_ONLY;

/// The passages for a question.
pub(super) struct FoundPassages {
    /// The state that they come from.
    pub(super) state: KnowledgeBase,
    /// The question's words there.
    words: QuestionWords,
    pub(super) passages: Vec<Passage>,
}

/// What answers a question.
pub(super) struct Found {
    /// The state that the passages come from.
    pub(super) state: KnowledgeBase,
    pub(super) passages: Vec<Passage>,
    /// The answer in a few words, which is part of a quote; none where nothing is sure enough.
    pub(super) answer: Option<ShortAnswer>,
    /// The index of the passage and the span of each quote.
    pub(super) quotes: Vec<(usize, Span)>,
    pub(super) is_answerable: bool,
    /// Whether the question is for a picture.
    pub(super) asks_for_picture: bool,
}

impl Found {
    /// Nothing in this state.
    pub(super) fn nothing(state: KnowledgeBase) -> Self {
        let (passages, quotes, answer) = Default::default();
        Self { state, passages, answer, quotes, is_answerable: false, asks_for_picture: false }
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
        check_limit(limit)?;
        self.check_question(question)?;
        let _guard = self.question_gate.question();
        let question = self.without_options(question, filter, task).await?;
        let question = self.prepare(&question, task).await?;
        self.retrieve(&question, limit, filter, task).await.map(|retrieved| retrieved.passages)
    }

    /// Finds what answers a question. Where nothing does, misspelt words are corrected by words of
    /// the documents, and it is asked again; these corrections are returned too.
    pub(super) async fn find(
        &self,
        question: &str,
        options: &AskOptions,
        task: &Task,
        timings: &mut AskTimings,
    ) -> Result<(Found, Vec<Correction>)> {
        let filter = options.filter.as_ref();
        let question = &*self.without_options(question, filter, task).await?;
        let completed = self.completed(question, &options.history);
        if let Some(found) = self.find_whole(question, &completed, filter, task).await? {
            return Ok((found, Vec::new()));
        }
        let mut found = self.find_passages(question, &completed, options, task, timings).await?;
        if !found.is_answerable && completed != question {
            found = self.find_passages(question, question, options, task, timings).await?;
        }
        if found.is_answerable {
            return Ok((found, Vec::new()));
        }
        let mut corrections = corrections(&completed, &found.state.index);
        // A word that the embedder has as one token is a common one, not a misspelt one.
        corrections.retain(|correction| self.embedder.count_tokens(&correction.from) > 1);
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
        *timings.embed_ms.get_or_insert_default() += now() - started;
        let started = now();
        let limit = self.search_limit(options.limit);
        let FoundPassages { state, words, mut passages } =
            self.retrieve(&question, limit, options.filter.as_ref(), task).await?;
        *timings.search_ms.get_or_insert_default() += now() - started;
        let started = now();
        let readings = self.read_best(&question.text, &mut passages, options.limit, task).await?;
        if !readings.is_empty() {
            *timings.read_ms.get_or_insert_default() += now() - started;
        }
        let started = now();
        let asked_text = self.split_conditions(asked).0;
        let asked_words =
            (asked_text != question.text).then(|| QuestionWords::new(&asked_text, &state.index));
        let asked = asked_words.as_ref().unwrap_or(&words);
        let reader = self.answer_reader.as_ref().map(AnswerReader::calibration);
        let answer = reader.and_then(|reader| likeliest(&passages, &readings, reader));
        let decides = answer.filter(|answer| is_paragraph(&passages[answer.passage]));
        let decides = reader.zip(decides);
        let preferred = decides.map(|(reader, answer)| (answer, reader.quote_weight));
        let sentences = self.rank(asked, &question, &passages, preferred, task).await?;
        let answerability = Answerability::of(&words, &passages, &sentences);
        let thresholds = self.calibration(&question.text).answerable;
        let is_answerable = match decides {
            Some((reader, answer)) => {
                answerability.with_reader(thresholds, answer.confidence, reader)
            }
            None => answerability.is_answerable(thresholds),
        };
        let quotes = quotes::best_quotes(&sentences);
        let answer = answer.filter(|answer| {
            let is_sure = reader.is_some_and(|reader| answer.confidence >= reader.shown_from);
            is_sure && quotes.first().is_some_and(|first| answer.is_part_of(*first))
        });
        *timings.quote_ms.get_or_insert_default() += now() - started;
        let asks_for_picture = asked.asks_for_picture();
        Ok(Found { state, passages, quotes, answer, is_answerable, asks_for_picture })
    }

    /// The words of a question, and the sentences of `passages`, best first.
    pub(super) async fn ranked(
        &self,
        question: &str,
        state: &KnowledgeBase,
        passages: &[Passage],
        task: &Task,
    ) -> Result<(QuestionWords, Vec<Sentence>)> {
        let question = self.prepare(question, task).await?;
        let words = QuestionWords::new(&question.text, &state.index);
        let ranked = self.rank(&words, &question, passages, None, task).await?;
        Ok((words, ranked))
    }

    /// The sentences of `passages`, best first. Where an answer in few words is `preferred`, with this
    /// weight, only the likeliest sentences are compared with the question by their vectors.
    async fn rank(
        &self,
        words: &QuestionWords,
        question: &Question,
        passages: &[Passage],
        preferred: Option<(ShortAnswer, f32)>,
        task: &Task,
    ) -> Result<Vec<Sentence>> {
        let cosine_weight = self.calibration(&question.text).quote_weight;
        let mut sentences = quotes::rank_by_words(passages, words, cosine_weight);
        if let Some((answer, weight)) = &preferred {
            quotes::prefer(answer, &mut sentences, *weight);
        }
        let max_tokens = if preferred.is_some() { COMPARED_TOKENS } else { usize::MAX };
        let vector = QuestionVector { embedding: &question.embedding, cosine_weight };
        let by = self.sentence_embedder(task);
        quotes::compare(&mut sentences, passages, vector, max_tokens, by).await?;
        Ok(sentences)
    }

    pub(super) fn sentence_embedder<'a>(&'a self, task: &'a Task) -> SentenceEmbedder<'a> {
        let (embedder, vectors, runtime) =
            (&*self.embedder, &self.sentence_vectors, &*self.runtime);
        SentenceEmbedder { embedder, vectors, runtime, task }
    }

    /// The `limit` best passages, best first, and the state that they come from. Documents that
    /// cannot be read are left out.
    async fn retrieve(
        &self,
        question: &Question,
        limit: usize,
        filter: Option<&Filter>,
        task: &Task,
    ) -> Result<FoundPassages> {
        self.retrieve_with(question, true, limit, filter, task).await
    }

    /// The same with what was learned from feedback, where `is_adapted`, or without it.
    pub(super) async fn retrieve_with(
        &self,
        question: &Question,
        is_adapted: bool,
        limit: usize,
        filter: Option<&Filter>,
        task: &Task,
    ) -> Result<FoundPassages> {
        let mut tries = 0;
        loop {
            let state = self.state_to_ask(task).await?;
            let adapter = if is_adapted { self.adapter(&state, task).await? } else { None };
            let words = QuestionWords::new(&question.text, &state.index);
            let (store, document_cache) = (&*self.store, &self.document_cache);
            let vector_index = self.graphs.vector_index;
            let conditions = &question.conditions;
            let dense_weight = self.calibration(&question.text).dense_weight;
            let asked = Searched::new(question, adapter.as_deref(), dense_weight);
            let images = self.image_query(question.image.as_deref())?;
            let retriever = Retriever {
                words: &words,
                state: &state,
                store,
                document_cache,
                filter,
                vector_index,
                conditions,
                images: images.as_ref(),
                dense_weight: asked.dense_weight,
            };
            let notations = words.date_notations().map(|notation| format!(" {notation}"));
            let searched = notations.fold(question.text.clone(), |text, date| text + &date);
            match retriever.retrieve(&searched, &asked.embedding, limit).await? {
                Retrieved::Passages(mut passages) => {
                    asked.restore_cosines(&mut passages, question, &state)?;
                    return Ok(FoundPassages { state, words, passages });
                }
                Retrieved::DamagedDocument { id, error } => {
                    self.leave_out(id, error, &state, &mut tries, task).await?;
                }
            }
        }
    }

    /// Leaves out a document of `state` that could not be read, unless it only seems damaged: another
    /// tab may have removed it meanwhile, or added it again. A derived state that cannot be stored
    /// looks newer each time, so `tries` are counted.
    pub(super) async fn leave_out(
        &self,
        id: DocumentId,
        error: Error,
        state: &KnowledgeBase,
        tries: &mut usize,
        task: &Task,
    ) -> Result<()> {
        *tries += 1;
        if self.leave_out_shipped(id) {
            return task.step(&*self.runtime).await;
        }
        self.refresh(task).await?;
        let is_there = self.state.borrow().index.find(id).is_some();
        if is_there && (*tries >= RETRIEVE_TRIES || !self.state_is_after(state)) {
            self.quarantine(id, error);
        }
        task.step(&*self.runtime).await
    }

    fn state_is_after(&self, state: &KnowledgeBase) -> bool {
        self.state.borrow().is_after(state)
    }

    /// The checks that need no work.
    pub(super) fn check_question(&self, question: &str) -> Result<()> {
        self.check_open()?;
        if question.trim().is_empty() {
            return Err(Error::EmptyQuestion);
        }
        check_length("The question", question)
    }

    /// The state for a question.
    pub(super) async fn state_to_ask(&self, task: &Task) -> Result<KnowledgeBase> {
        let state = self.readable(task).await?;
        if state.index.is_empty() { Err(Error::EmptyKnowledgeBase) } else { Ok(state) }
    }

    /// What a question says, without its polite frame and its conditions; and these.
    fn split_conditions(&self, question: &str) -> (String, Conditions) {
        let index = self.readable_index();
        let question = without_frame(question);
        conditions::split(question, &|is_met| index.documents().any(|(info, _)| is_met(info)))
    }

    /// The question with what it leaves unsaid; as it is where that is too long for the embedder.
    fn completed(&self, question: &str, history: &[PastQuestion]) -> String {
        let Some(last) = history.last() else { return question.to_owned() };
        // What the last question excluded or chose, this one need not be about.
        let (text, _) = self.split_conditions(&last.question);
        let completed = completed(question, &PastQuestion { question: text, ..last.clone() });
        let (text, _) = self.split_conditions(&completed);
        let fits = self.embedder.count_tokens(&text) <= self.embedder.query_budget();
        if fits { completed } else { question.to_owned() }
    }

    /// The question where options of commands that the documents have are words: "tar -xzf" excludes
    /// nothing.
    pub(super) async fn without_options<'a>(
        &self,
        question: &'a str,
        filter: Option<&Filter>,
        task: &Task,
    ) -> Result<Cow<'a, str>> {
        let mut options = Vec::new();
        let excluded = conditions::exclusions(question).filter(|it| it.len() <= MAX_OPTION_BYTES);
        for word in excluded.take(MAX_OPTIONS) {
            let option = self.prepare_words(&word[1..], task).await?;
            let found = self.retrieve(&option, OPTION_PASSAGES, filter, task).await?;
            if found.passages.iter().any(|it| conditions::has_option(it.text(), word)) {
                options.push(word);
            }
        }
        if options.is_empty() {
            return Ok(question.into());
        }
        let words = question.split_whitespace();
        let words = words.map(|word| if options.contains(&word) { &word[1..] } else { word });
        Ok(words.collect::<Vec<_>>().join(" ").into())
    }

    /// A question with its vectors.
    pub(super) async fn prepare(&self, question: &str, task: &Task) -> Result<Question> {
        let words = self.prepare_words(question, task).await?;
        let image = self.image_vector(&words.text)?;
        if image.is_some() {
            task.step(&*self.runtime).await?;
        }
        Ok(Question { image, ..words })
    }

    /// A question to texts, with its vector.
    async fn prepare_words(&self, question: &str, task: &Task) -> Result<Question> {
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
        Ok(Question { text, conditions, embedding, image: None })
    }

    /// The calibration for a question: where the embedder has no tokens for it, only words count.
    pub(super) fn calibration(&self, question: &str) -> &Calibration {
        if self.embedder.knows(question) { self.embedder.calibration() } else { &WORDS_ONLY }
    }
}

/// Checks how many passages are asked for.
pub(super) fn check_limit(limit: usize) -> Result<()> {
    if limit > 0 {
        return Ok(());
    }
    let (got, expected) = ("0".to_owned(), "a whole number of at least 1");
    Err(Error::InvalidOption { option: "limit", got, expected })
}

/// Checks that a question is not too long to be looked at. `what` names it.
pub(super) fn check_length(what: &str, question: &str) -> Result<()> {
    let (got, limit) = (question.len() as u64, MAX_QUESTION_BYTES as u64);
    if got <= limit {
        return Ok(());
    }
    let (what, unit, advice) = (what.to_owned(), "bytes", "Write it in fewer words.");
    Err(Error::TooLarge { what, got, limit, unit, advice })
}
