//! Answers to questions about a document as a whole.

use std::rc::Rc;

use super::Engine;
use super::find::Found;
use crate::answer::whole_answer::{is_mail_header, places, summary, summary_units};
use crate::document::{DocumentId, DocumentInfo, Span};
use crate::error::{Error, Result};
use crate::index::Filter;
use crate::knowledge_base::{KnowledgeBase, StoredDocument};
use crate::question::{Aspect, WholeQuestion};
use crate::retrieve::Passage;
use crate::runtime::Task;
use crate::text::terms;

/// A question about more documents is answered like any other.
const MAX_DOCUMENTS: usize = 3;
/// The most sections of a document whose beginnings are read for a summary.
const MAX_SECTIONS: usize = 24;

/// A document that a question is about.
struct MeantDocument {
    stored: Rc<StoredDocument>,
    /// The span and the headings of each of its chunks.
    chunks: Vec<(Span, String)>,
}

impl Engine {
    /// The answer to a question about whole documents; none where it is another question, no
    /// document or too many are meant, or the documents do not say it. `completed` is the question
    /// with what it leaves unsaid: "What is this?" may be about what was asked before.
    pub(super) async fn find_whole(
        &self,
        question: &str,
        completed: &str,
        filter: Option<&Filter>,
        task: &Task,
    ) -> Result<Option<Found>> {
        let whole = WholeQuestion::of(question);
        let Some(whole) = whole.filter(|whole| !whole.is_vague || completed == question) else {
            return Ok(None);
        };
        let (state, meant) = self.read_meant(&whole, filter, task).await?;
        if meant.is_empty() || meant.len() > MAX_DOCUMENTS {
            return Ok(None);
        }
        let mut found = Found::nothing(state);
        for MeantDocument { stored, chunks } in meant {
            let is_mail = stored.info.is_mail();
            let is_subject = whole.aspect == Aspect::Subject && !is_mail;
            let is_summary = whole.aspect == Aspect::Summary || is_subject;
            // What a document is about, its title says first.
            let aspect = if is_summary && !is_mail { Aspect::Title } else { whole.aspect };
            for span in places(aspect, &stored.info, &stored.document) {
                quote_place(&mut found, &stored, &chunks, span);
            }
            if is_summary {
                self.summarize(&stored, &chunks, &mut found, task).await?;
            }
        }
        found.is_answerable = !found.quotes.is_empty();
        Ok(found.is_answerable.then_some(found))
    }

    /// The documents that are meant, and the state that they come from; of too many, one more than
    /// [`MAX_DOCUMENTS`]. Documents that cannot be read are left out.
    async fn read_meant(
        &self,
        whole: &WholeQuestion,
        filter: Option<&Filter>,
        task: &Task,
    ) -> Result<(KnowledgeBase, Vec<MeantDocument>)> {
        let mut tries = 0;
        loop {
            let state = self.state_to_ask(task).await?;
            match self.read_each(&state, &meant_documents(&state, whole, filter)).await {
                Ok(meant) => return Ok((state, meant)),
                Err((id, error @ Error::CorruptStorage { .. })) => {
                    self.leave_out(id, error, &state, &mut tries, task).await?;
                }
                Err((_, error)) => return Err(error),
            }
        }
    }

    async fn read_each(
        &self,
        state: &KnowledgeBase,
        infos: &[Rc<DocumentInfo>],
    ) -> std::result::Result<Vec<MeantDocument>, (DocumentId, Error)> {
        let mut meant = Vec::new();
        for info in infos {
            let Some(place) = state.index.find(info.id) else { continue };
            let stored = self.document_cache.get(&*self.store, &place).await;
            let stored = stored.map_err(|error| (info.id, error))?;
            let chunks = place.chunks().map(|chunk| place.segment().chunk(chunk));
            let chunks = chunks.map(|chunk| (chunk.span, chunk.headings)).collect();
            meant.push(MeantDocument { stored, chunks });
        }
        Ok(meant)
    }

    /// Adds the sentences that summarize a document.
    async fn summarize(
        &self,
        stored: &Rc<StoredDocument>,
        chunks: &[(Span, String)],
        found: &mut Found,
        task: &Task,
    ) -> Result<()> {
        let is_new = |at: &usize| *at == 0 || chunks[*at].1 != chunks[*at - 1].1;
        let sections: Vec<usize> = (0..chunks.len()).filter(is_new).collect();
        // Of a long document, sections at equal distances. One without sections is read evenly.
        let starts = if sections.len() > 1 { sections } else { (0..chunks.len()).collect() };
        let step = starts.len().div_ceil(MAX_SECTIONS).max(1);
        let passages: Vec<Passage> = starts
            .into_iter()
            .step_by(step)
            .map(|chunk| passage(stored, chunk, &chunks[chunk]))
            .collect();
        let mut units = summary_units(&passages);
        units.retain(|unit| !is_mail_header(&stored.info, &stored.document, unit.span));
        let places: Vec<(usize, Span)> = units.iter().map(|it| (it.passage, it.span)).collect();
        let vectors = self.sentence_embedder(task).embed(&places, &passages).await?;
        for unit in summary(&units, &vectors) {
            found.quotes.push((found.passages.len(), unit.span));
            found.passages.push(passages[unit.passage].clone());
        }
        Ok(())
    }
}

/// Quotes a place of a document, in the chunk where it stands.
fn quote_place(
    found: &mut Found,
    stored: &Rc<StoredDocument>,
    chunks: &[(Span, String)],
    place: Span,
) {
    let after = chunks.partition_point(|(chunk, _)| chunk.end <= place.start);
    let chunk = after.min(chunks.len().saturating_sub(1));
    let number = found.passages.len();
    match found.passages.iter().position(|passage| passage.is_chunk(stored, chunk)) {
        Some(known) => found.quotes.push((known, place)),
        None => {
            found.passages.push(passage(stored, chunk, &chunks[chunk]));
            found.quotes.push((number, place));
        }
    }
}

/// The documents that match the filter and are meant.
fn meant_documents(
    state: &KnowledgeBase,
    whole: &WholeQuestion,
    filter: Option<&Filter>,
) -> Vec<Rc<DocumentInfo>> {
    let is_allowed = |info: &DocumentInfo| {
        let metadata = || serde_json::from_str(&info.metadata).unwrap_or_default();
        filter.is_none_or(|filter| filter.matches(&metadata()))
    };
    let documents = state.documents().into_iter().filter(|&(_, chunks)| chunks > 0);
    let documents = documents.map(|(info, _)| info).filter(|info| is_allowed(info));
    let is_meant = |info: &DocumentInfo| whole.is_about(&info.name, || terms(&info.outside_text()));
    let meant: Vec<&Rc<DocumentInfo>> = documents.filter(|info| is_meant(info)).collect();
    // A letter may be called a mail, but only a mail has a sender.
    let mails_only =
        whole.aspect.is_of_mail() || whole.names_mail && meant.iter().any(|info| info.is_mail());
    let meant = meant.into_iter().filter(|info| !mails_only || info.is_mail());
    meant.take(MAX_DOCUMENTS + 1).cloned().collect()
}

fn passage(
    document: &Rc<StoredDocument>,
    chunk: usize,
    (span, headings): &(Span, String),
) -> Passage {
    let chunk = chunk as u32;
    Passage {
        document: document.clone(),
        chunk,
        chunks: chunk..chunk + 1,
        span: *span,
        headings: headings.clone(),
        score: 1.0,
        dense: 0.0,
        lexical: 0.0,
        also_in: Vec::new(),
        picture: None,
    }
}
