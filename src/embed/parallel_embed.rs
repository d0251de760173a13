//! Embeds texts with the embedder here and with embed workers in parallel, and returns the
//! vectors in the order of the texts.

use std::collections::VecDeque;
use std::iter::Fuse;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use super::{Embedder, TokenizedText, batches};
use crate::error::Result;

/// The most batches in the queue. It limits the vectors that wait for one late batch.
const MAX_QUEUED_BATCHES: usize = 64;

/// The vectors of a batch, in order; none if the embed worker failed.
pub type PendingVectors = LocalBoxFuture<'static, Option<Vec<Vec<f32>>>>;

/// Embedders of the same model that run in parallel, such as those of other Web Workers.
///
/// They only make embedding faster. The engine itself embeds every batch whose vectors are
/// late, wrong or missing.
pub trait EmbedWorkers {
    /// Submits a batch to an embed worker with free capacity; none if there is no such
    /// worker. `remaining` is the number of texts to embed after this batch; an
    /// implementation can start further workers only if it is large. The vectors must be
    /// bitwise those of the embedder here. The engine drops the result to cancel the batch.
    fn submit(&self, batch: &[TokenizedText], remaining: usize) -> Option<PendingVectors>;
}

/// An iterator-like source of vectors; see [`parallel_embed`].
pub(crate) struct ParallelEmbed<'a, B> {
    embedder: &'a Embedder,
    embed_workers: Option<&'a dyn EmbedWorkers>,
    batches: Fuse<B>,
    /// The number of texts that are in no batch yet.
    remaining: usize,
    /// Consecutive batches, from the first whose vectors were not returned yet.
    queue: VecDeque<Batch>,
}

struct Batch {
    texts: Vec<TokenizedText>,
    state: State,
}

enum State {
    /// Not submitted, or returned by a failed embed worker.
    Pending,
    /// Submitted to an embed worker.
    Submitted(PendingVectors),
    /// Being embedded here.
    Local,
    Done(Vec<Vec<f32>>),
}

/// Embeds `count` texts here and, if there are any, with `embed_workers`.
pub(crate) fn parallel_embed<'a>(
    embedder: &'a Embedder,
    embed_workers: Option<&'a dyn EmbedWorkers>,
    count: usize,
    texts: impl Iterator<Item = Result<TokenizedText>> + 'a,
) -> ParallelEmbed<'a, impl Iterator<Item = Result<Vec<TokenizedText>>>> {
    let batches = batches(texts).fuse();
    ParallelEmbed { embedder, embed_workers, batches, remaining: count, queue: VecDeque::new() }
}

impl<B: Iterator<Item = Result<Vec<TokenizedText>>>> ParallelEmbed<'_, B> {
    /// Embeds one batch here, and returns the next vectors in order: possibly none yet, and
    /// `None` after the last. Never waits for embed workers. Their vectors arrive while the
    /// caller yields between two steps.
    pub(crate) fn step(&mut self) -> Result<Option<Vec<Vec<f32>>>> {
        self.collect_finished();
        let mut vectors = self.take_done();
        let local = self.choose_local()?;
        if local.is_none() && vectors.is_empty() {
            return Ok(None);
        }
        self.submit_batches()?;
        if let Some(local) = local {
            let batch = &mut self.queue[local];
            batch.state = State::Done(self.embedder.embed(&batch.texts)?);
        }
        vectors.extend(self.take_done());
        Ok(Some(vectors))
    }

    /// Takes the vectors that embed workers have finished. A batch with wrong or no vectors
    /// becomes pending again.
    fn collect_finished(&mut self) {
        let width = self.embedder.dimensions();
        for Batch { texts, state } in &mut self.queue {
            let State::Submitted(pending) = state else { continue };
            let Some(result) = pending.now_or_never() else { continue };
            let is_valid = |vectors: &Vec<Vec<f32>>| {
                vectors.len() == texts.len() && vectors.iter().all(|vector| vector.len() == width)
            };
            *state = result.filter(is_valid).map_or(State::Pending, State::Done);
        }
    }

    /// Removes the finished batches at the front of the queue and returns their vectors.
    fn take_done(&mut self) -> Vec<Vec<f32>> {
        let mut done = Vec::new();
        while let Some(Batch { state: State::Done(vectors), .. }) = self.queue.front_mut() {
            done.append(vectors);
            self.queue.pop_front();
        }
        done
    }

    /// Chooses the batch to embed here, if any is left: the first pending one, otherwise a
    /// submitted one, as its worker may never answer.
    fn choose_local(&mut self) -> Result<Option<usize>> {
        let is_submitted = |batch: &Batch| matches!(batch.state, State::Submitted(_));
        let local = if let Some(pending) = self.first_pending() {
            Some(pending)
        } else if self.queue.len() >= MAX_QUEUED_BATCHES {
            // All later batches wait for the first one.
            self.queue.iter().position(is_submitted)
        } else if self.queue_next()? {
            Some(self.queue.len() - 1)
        } else {
            // The workers embed the last submitted batch last.
            self.queue.iter().rposition(is_submitted)
        };
        if let Some(local) = local {
            self.queue[local].state = State::Local;
        }
        Ok(local)
    }

    /// Submits batches while embed workers have free capacity.
    fn submit_batches(&mut self) -> Result<()> {
        let Some(embed_workers) = self.embed_workers else { return Ok(()) };
        loop {
            let next = match self.first_pending() {
                Some(pending) => pending,
                None if self.queue.len() < MAX_QUEUED_BATCHES && self.queue_next()? => {
                    self.queue.len() - 1
                }
                None => return Ok(()),
            };
            let batch = &mut self.queue[next];
            let Some(vectors) = embed_workers.submit(&batch.texts, self.remaining) else {
                return Ok(());
            };
            batch.state = State::Submitted(vectors);
        }
    }

    fn first_pending(&self) -> Option<usize> {
        self.queue.iter().position(|batch| matches!(batch.state, State::Pending))
    }

    /// Appends the next batch to the queue; `false` if there is none.
    fn queue_next(&mut self) -> Result<bool> {
        let Some(texts) = self.batches.next().transpose()? else { return Ok(false) };
        self.remaining -= texts.len();
        self.queue.push_back(Batch { texts, state: State::Pending });
        Ok(true)
    }
}
