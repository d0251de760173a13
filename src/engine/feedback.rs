//! Feedback: recorded, learned from, and used.

use std::borrow::Cow;
use std::rc::Rc;

use serde::Serialize;

use super::Engine;
use super::change::Plan;
use super::find::Question;
use crate::document::{chunk_id, parse_chunk_id};
use crate::error::{Error, Result};
use crate::feedback::{
    Adapter, Examples, Feedback, FeedbackList, HeldOut, JudgedPassage, Judgement, KEPT_PASSAGES,
    MAX_NAMED, Trained, Training, has_unit_length,
};
use crate::index::QuantizedVector;
use crate::knowledge_base::{KnowledgeBase, clear_feedback, store_feedback, stored_feedback};
use crate::retrieve::Passage;
use crate::runtime::Task;

/// Passages among which those are looked for that feedback names.
const SEARCHED: usize = 50;

/// What was learned from which feedback.
#[derive(Debug, Clone, Default)]
pub(super) struct Learned {
    from: FeedbackList,
    trained: Trained,
}

/// The feedback of a knowledge base, and whether it is used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedbackStats {
    /// Questions with feedback.
    pub questions: usize,
    /// Whether questions are ranked with what was learned.
    pub in_use: bool,
    /// How well questions are ranked that were not learned from; none where there are too few.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_out: Option<HeldOut>,
}

impl Engine {
    /// Records which passages were good or bad for a question, by their ids
    /// ([`Passage::chunk_id`]), and learns from it. What is learned is used from four questions on, where it
    /// ranks questions better that it was not learned from. The question's text is not stored, only its
    /// vector. Feedback on the same question replaces what was said of it before. A question that the embedder
    /// has no tokens for is not recorded: its vector says nothing.
    ///
    /// # Errors
    /// [`Error::EmptyFeedback`], [`Error::PassageNotFound`], [`Error::InvalidOption`] for a passage that is
    /// good and bad and for too many passages; the errors of [`Engine::search`]; errors of the store.
    /// Nothing has changed then.
    pub async fn feedback(
        &self,
        question: &str,
        good: &[String],
        bad: &[String],
        task: &Task,
    ) -> Result<FeedbackStats> {
        self.check_writable()?;
        self.check_question(question)?;
        check_named(good, bad)?;
        let guard = self.question_gate.question();
        let question = self.without_options(question, None, task).await?;
        let question = self.prepare(&question, task).await?;
        let found = self.retrieve_with(&question, false, SEARCHED, None, task).await?;
        drop(guard);
        let weight = self.calibration(&question.text).dense_weight;
        let mut judged = JudgedPassages { all: Vec::new(), found: &found.passages, weight };
        judged.name(good, Judgement::Good, &found.state)?;
        judged.name(bad, Judgement::Bad, &found.state)?;
        judged.add_found();
        if weight == 0.0 || !has_unit_length(&question.embedding) {
            return self.feedback_stats(task).await;
        }
        let feedback = Feedback { question: question.embedding, passages: judged.all };
        let plan = |state: &KnowledgeBase| {
            // A document may have been removed meanwhile.
            check_documents(&feedback, state)?;
            let change = store_feedback(state, feedback.clone(), self.embedder.fingerprint());
            Ok(Plan::Change(Box::new(change), ()))
        };
        self.change(task, plan).await?;
        self.feedback_stats(task).await
    }

    /// Removes all feedback, and what was learned from it.
    pub async fn clear_feedback(&self) -> Result<()> {
        self.check_writable()?;
        let keys = stored_feedback(&*self.store).await?;
        let plan = |state: &KnowledgeBase| {
            let change = clear_feedback(state, keys.clone(), self.embedder.fingerprint());
            Ok(Plan::Change(Box::new(change), ()))
        };
        self.change(&Task::default(), plan).await
    }

    /// How much feedback there is, and whether it is used. Learns first, where feedback is new.
    pub async fn feedback_stats(&self, task: &Task) -> Result<FeedbackStats> {
        let state = self.state.borrow().clone();
        let Trained { adapter, held_out } = self.trained(&state, task).await?;
        Ok(FeedbackStats { questions: state.feedback.len(), in_use: adapter.is_some(), held_out })
    }

    /// What is used for questions to this state.
    pub(super) async fn adapter(
        &self,
        state: &KnowledgeBase,
        task: &Task,
    ) -> Result<Option<Rc<Adapter>>> {
        self.trained(state, task).await.map(|trained| trained.adapter)
    }

    /// What is learned from the feedback of a state. It is learned once, in steps.
    async fn trained(&self, state: &KnowledgeBase, task: &Task) -> Result<Trained> {
        let known = self.learned.borrow().clone();
        if known.from.is(&state.feedback) || state.feedback.len() == 0 {
            return Ok(if state.feedback.len() == 0 { Trained::default() } else { known.trained });
        }
        let weight = self.embedder.calibration().dense_weight;
        let mut training = Training::new(Examples::new(&state.feedback, &state.index, weight));
        while training.step() {
            task.step(&*self.runtime).await?;
        }
        let trained = training.finish();
        let from = state.feedback.clone();
        self.learned.replace(Learned { from, trained: trained.clone() });
        Ok(trained)
    }
}

/// The passages of feedback that is being made.
struct JudgedPassages<'a> {
    all: Vec<JudgedPassage>,
    found: &'a [Passage],
    /// That of a cosine.
    weight: f32,
}

impl JudgedPassages<'_> {
    /// Adds the passages that were named. One that was not found for the question counts as without its
    /// words.
    fn name(&mut self, ids: &[String], judgement: Judgement, state: &KnowledgeBase) -> Result<()> {
        for id in ids {
            let missing = || Error::PassageNotFound { id: id.clone() };
            let (document, chunk) = parse_chunk_id(id).ok_or_else(missing)?;
            let of_document = state.index.find(document).ok_or_else(missing)?;
            of_document.chunk_vector(chunk).ok_or_else(missing)?;
            let is_named =
                |it: &&Passage| it.document.id() == document && it.chunks.contains(&chunk);
            let passage = match self.found.iter().find(is_named) {
                Some(passage) => self.judged(passage, judgement),
                None => JudgedPassage { document, chunk, words: 0.0, judgement },
            };
            if !self.has(&passage) {
                self.all.push(passage);
            }
        }
        Ok(())
    }

    /// Adds the best of the others that were found.
    fn add_found(&mut self) {
        for passage in &self.found[..self.found.len().min(KEPT_PASSAGES)] {
            let judged = self.judged(passage, Judgement::None);
            if !self.has(&judged) {
                self.all.push(judged);
            }
        }
    }

    fn judged(&self, passage: &Passage, judgement: Judgement) -> JudgedPassage {
        let words = passage.score - self.weight * passage.dense;
        JudgedPassage { document: passage.document.id(), chunk: passage.chunk, words, judgement }
    }

    fn has(&self, passage: &JudgedPassage) -> bool {
        let place = |it: &JudgedPassage| (it.document, it.chunk);
        self.all.iter().any(|other| place(other) == place(passage))
    }
}

fn check_named(good: &[String], bad: &[String]) -> Result<()> {
    if good.is_empty() && bad.is_empty() {
        return Err(Error::EmptyFeedback);
    }
    for (option, named) in [("good", good), ("bad", bad)] {
        if named.len() > MAX_NAMED {
            let (got, expected) = (format!("{} passages", named.len()), "at most 100 passages");
            return Err(Error::InvalidOption { option, got, expected });
        }
    }
    match bad.iter().find(|id| good.contains(id)) {
        None => Ok(()),
        Some(id) => {
            let (got, expected) = (format!("a good passage, {id}"), "passages that are not good");
            Err(Error::InvalidOption { option: "bad", got, expected })
        }
    }
}

/// An error where a document of a judged passage is not in a state.
fn check_documents(feedback: &Feedback, state: &KnowledgeBase) -> Result<()> {
    let judged = feedback.passages.iter().filter(|it| it.judgement != Judgement::None);
    for passage in judged {
        if state.index.find(passage.document).is_none() {
            let id = chunk_id(passage.document, passage.chunk);
            return Err(Error::PassageNotFound { id });
        }
    }
    Ok(())
}

/// What a question is searched with.
pub(super) struct Searched<'a> {
    pub(super) embedding: Cow<'a, [f32]>,
    pub(super) dense_weight: f32,
}

impl<'a> Searched<'a> {
    /// The question as it is, or as an adapter changes it.
    pub(super) fn new(
        question: &'a Question,
        adapter: Option<&Adapter>,
        dense_weight: f32,
    ) -> Self {
        // Where cosines count nothing, the embedder has no tokens for the question.
        let adapter = adapter.filter(|_| dense_weight > 0.0);
        match adapter.and_then(|adapter| adapter.adapt(&question.embedding)) {
            None => Self { embedding: (&*question.embedding).into(), dense_weight },
            Some(adapted) => Self {
                embedding: adapted.embedding.into(),
                dense_weight: dense_weight * adapted.weight,
            },
        }
    }

    fn is_changed(&self) -> bool {
        matches!(self.embedding, Cow::Owned(_))
    }

    /// Gives passages that were found with a changed vector the cosines of the question's own: whether they
    /// answer it does not depend on what was learned.
    pub(super) fn restore_cosines(
        &self,
        passages: &mut [Passage],
        question: &Question,
        state: &KnowledgeBase,
    ) -> Result<()> {
        if !self.is_changed() {
            return Ok(());
        }
        let query = QuantizedVector::quantize(&question.embedding)?;
        for passage in passages {
            let found = state.index.find(passage.document.id());
            if let Some(vector) = found.and_then(|found| found.chunk_vector(passage.chunk)) {
                passage.dense = vector.similarity(&query);
            }
        }
        Ok(())
    }
}
