//! Texts embedded here and by embed_workers at the same time; the vectors come out in order.

use std::collections::VecDeque;
use std::iter::Fuse;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use super::{Embedder, TokenizedText, batches};
use crate::error::Result;

/// Batches on their way at most: so many vectors wait where one is late.
const MAX_UNDER_WAY: usize = 64;

/// The vectors of a batch, in order; none where the helper failed.
pub type PendingVectors = LocalBoxFuture<'static, Option<Vec<Vec<f32>>>>;

/// Embedders of the same model that work at the same time as the one here, such as
/// those of other workers.
///
/// They make embedding quicker and nothing else: a batch whose answer is late, fails
/// or never comes is embedded here.
pub trait EmbedWorkers {
    /// Gives a batch to a helper that has room for it; none where no helper has.
    /// `left` more texts are to be embedded after it: whether embed_workers are worth
    /// starting. The vectors are bitwise those that the embedder here computes.
    /// Dropping the answer takes the batch back.
    fn submit(&self, batch: &[TokenizedText], left: usize) -> Option<PendingVectors>;
}

/// Texts on their way to vectors.
pub(crate) struct ParallelEmbed<'a, B> {
    embedder: &'a Embedder,
    embed_workers: Option<&'a dyn EmbedWorkers>,
    batches: Fuse<B>,
    /// Texts that are in no batch yet.
    left: usize,
    /// In order, from the first whose vectors are not out.
    under_way: VecDeque<Batch>,
}

struct Batch {
    texts: Vec<TokenizedText>,
    state: State,
}

enum State {
    /// Nobody computes it.
    Waiting,
    Submitted(PendingVectors),
    Here,
    Done(Vec<Vec<f32>>),
}

/// Embeds `count` texts here, and with `embed_workers` where there are any.
pub(crate) fn parallel_embed<'a>(
    embedder: &'a Embedder,
    embed_workers: Option<&'a dyn EmbedWorkers>,
    count: usize,
    texts: impl Iterator<Item = Result<TokenizedText>> + 'a,
) -> ParallelEmbed<'a, impl Iterator<Item = Result<Vec<TokenizedText>>>> {
    let batches = batches(texts).fuse();
    ParallelEmbed { embedder, embed_workers, batches, left: count, under_way: VecDeque::new() }
}

impl<B: Iterator<Item = Result<Vec<TokenizedText>>>> ParallelEmbed<'_, B> {
    /// Computes one batch here, and returns the vectors that are next in order: perhaps
    /// none yet, `None` after the last. Never waits for embed_workers: answers are heard when
    /// the caller has given others their turn between two steps.
    pub(crate) fn step(&mut self) -> Result<Option<Vec<Vec<f32>>>> {
        self.hear();
        let mut ready = self.ready();
        let own = self.choose()?;
        if own.is_none() && ready.is_empty() {
            return Ok(None);
        }
        self.submit()?;
        if let Some(own) = own {
            let batch = &mut self.under_way[own];
            batch.state = State::Done(self.embedder.embed(&batch.texts)?);
        }
        ready.extend(self.ready());
        Ok(Some(ready))
    }

    /// Takes the answers that have come.
    fn hear(&mut self) {
        let width = self.embedder.dimensions();
        for Batch { texts, state } in &mut self.under_way {
            let State::Submitted(answer) = state else { continue };
            let Some(answer) = answer.now_or_never() else { continue };
            let fits = |vectors: &Vec<Vec<f32>>| {
                vectors.len() == texts.len() && vectors.iter().all(|vector| vector.len() == width)
            };
            *state = answer.filter(fits).map_or(State::Waiting, State::Done);
        }
    }

    /// The vectors that nothing before them is missing of.
    fn ready(&mut self) -> Vec<Vec<f32>> {
        let mut ready = Vec::new();
        while let Some(Batch { state: State::Done(vectors), .. }) = self.under_way.front_mut() {
            ready.append(vectors);
            self.under_way.pop_front();
        }
        ready
    }

    /// The batch to compute here, if any is left: the first that nobody has, else one
    /// that a helper has not answered yet, which may never come.
    fn choose(&mut self) -> Result<Option<usize>> {
        let is_given = |batch: &Batch| matches!(batch.state, State::Submitted(_));
        let own = if let Some(waiting) = self.first_waiting() {
            Some(waiting)
        } else if self.under_way.len() >= MAX_UNDER_WAY {
            // All others wait for it.
            self.under_way.iter().position(is_given)
        } else if self.take_next()? {
            Some(self.under_way.len() - 1)
        } else {
            // Its helper comes to it last.
            self.under_way.iter().rposition(is_given)
        };
        if let Some(own) = own {
            self.under_way[own].state = State::Here;
        }
        Ok(own)
    }

    /// Gives embed_workers what they have room for.
    fn submit(&mut self) -> Result<()> {
        let Some(embed_workers) = self.embed_workers else { return Ok(()) };
        loop {
            let next = match self.first_waiting() {
                Some(waiting) => waiting,
                None if self.under_way.len() < MAX_UNDER_WAY && self.take_next()? => {
                    self.under_way.len() - 1
                }
                None => return Ok(()),
            };
            let batch = &mut self.under_way[next];
            let Some(answer) = embed_workers.submit(&batch.texts, self.left) else { return Ok(()) };
            batch.state = State::Submitted(answer);
        }
    }

    fn first_waiting(&self) -> Option<usize> {
        self.under_way.iter().position(|batch| matches!(batch.state, State::Waiting))
    }

    /// Puts the next batch under way, if there is one.
    fn take_next(&mut self) -> Result<bool> {
        let Some(texts) = self.batches.next().transpose()? else { return Ok(false) };
        self.left -= texts.len();
        self.under_way.push_back(Batch { texts, state: State::Waiting });
        Ok(true)
    }
}
