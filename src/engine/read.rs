//! Passages read by the answer reader.

use super::Engine;
use crate::answer::short_answer::put_best_first;
use crate::answer::{Readable, Reading};
use crate::error::Result;
use crate::retrieve::Passage;
use crate::runtime::Task;

/// Passages that are searched for where there is a reader, which then ranks them.
const SEARCHED: usize = 6;

impl Engine {
    /// What the answer reader tells of each of `passages`. Empty without a reader. Takes as long as
    /// embedding the passages.
    pub async fn read(
        &self,
        question: &str,
        passages: &[Passage],
        task: &Task,
    ) -> Result<Vec<Reading>> {
        self.check_question(question)?;
        let Some(reader) = &self.answer_reader else { return Ok(Vec::new()) };
        let contexts: Vec<String> = passages.iter().map(read_context).collect();
        reader.read(question, &readable(passages, &contexts), &*self.runtime, task).await
    }

    /// How many passages to search for where `limit` are asked for.
    pub(super) fn search_limit(&self, limit: usize) -> usize {
        if self.answer_reader.is_some() { limit.max(SEARCHED) } else { limit }
    }

    /// Reads the best of `passages`, puts the one first that the reader and the search find the
    /// likeliest to answer, and keeps `limit`. Returns what was read, of the first passages. Nothing
    /// is read without a reader, and where the embedder has no tokens for the question.
    pub(super) async fn read_best(
        &self,
        question: &str,
        passages: &mut Vec<Passage>,
        limit: usize,
        task: &Task,
    ) -> Result<Vec<Reading>> {
        let mut readings = Vec::new();
        if let Some(reader) = &self.answer_reader
            && self.embedder.knows(question)
        {
            let contexts: Vec<String> = passages.iter().map(read_context).collect();
            let texts = readable(passages, &contexts);
            readings = reader.read_first(question, &texts, &*self.runtime, task).await?;
            put_best_first(passages, &mut readings, reader.calibration());
        }
        passages.truncate(limit);
        readings.truncate(limit);
        Ok(readings)
    }
}

/// What the reader is told of a passage's place: the headings above it, or the title of its
/// document.
fn read_context(passage: &Passage) -> String {
    match passage.headings.as_str() {
        "" => passage.document.info.details.title.clone().unwrap_or_default(),
        headings => headings.to_owned(),
    }
}

fn readable<'a>(passages: &'a [Passage], contexts: &'a [String]) -> Vec<Readable<'a>> {
    let texts = passages.iter().zip(contexts);
    texts.map(|(passage, context)| Readable { context, text: passage.text() }).collect()
}
