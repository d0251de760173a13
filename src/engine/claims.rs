//! Claims, judged by what was found.

use super::Engine;
use crate::answer::{Citation, ClaimSupport, Judge, Sources, Verdict, judge_claim};
use crate::error::Result;
use crate::retrieve::Passage;
use crate::runtime::Task;

impl Engine {
    /// Whether `passages` support a claim, as the sentences of an answer are judged.
    pub async fn support(
        &self,
        claim: &str,
        passages: &[Passage],
        task: &Task,
    ) -> Result<ClaimSupport> {
        self.check_question(claim)?;
        let state = self.state_to_ask(task).await?;
        let _guard = self.question_gate.question();
        let (_, sentences) = self.ranked(claim, &state, passages, task).await?;
        let sources = Sources { passages, sentences: &sentences, index: &state.index };
        let Verdict { place, score } = self.judge_claim(claim, sources, task).await?;
        let citation = place.map(|(passage, span)| Citation::at(passage, span, passages));
        Ok(ClaimSupport { citation, score })
    }

    /// Judges a sentence of an answer.
    pub(super) async fn judge_claim(
        &self,
        claim: &str,
        sources: Sources<'_>,
        task: &Task,
    ) -> Result<Verdict> {
        let (embedder, reader) = (&*self.embedder, self.answer_reader.as_ref());
        let judge = Judge { embedder, reader, runtime: &*self.runtime, task };
        judge_claim(claim, sources, judge).await
    }
}
