//! Speculative decoding: the model reads drafted tokens together with the last token, and the
//! draft's right tokens cost no pass of their own (Leviathan et al. 2023,
//! <https://arxiv.org/abs/2211.17192>; drafts here have no probabilities).
//!
//! A pass over a few tokens takes less time than one pass for each, and each row of logits is
//! bitwise the same as alone (the contract of `kernel`). A row is used only if the token chosen
//! from the row before it is the drafted one. So the chosen tokens are the same with drafts and
//! without, for every way to choose.

use super::prompt_lookup::PromptLookup;
use crate::error::Result;
use crate::model::{Decoder, KvCache};

/// A text that grows token by token.
pub(super) struct SpeculativeDecoder<'a> {
    model: &'a Decoder,
    /// Contains all of the text but its last token, and after a pass also its draft.
    cache: KvCache,
    /// `None`: each token is read alone.
    drafter: Option<PromptLookup>,
    text: Vec<u32>,
    /// The draft of the last pass.
    draft: Vec<u32>,
    /// The rows of logits of the last pass: after the text at that time, then after each token of
    /// the draft.
    logits: Vec<f32>,
    /// The row of logits that follows the text; `None` where it is not computed yet.
    row: Option<usize>,
    /// Tokens drafted in all passes.
    pub(super) drafted: usize,
    /// Drafted tokens that were chosen.
    pub(super) accepted: usize,
}

impl<'a> SpeculativeDecoder<'a> {
    /// Continues `prompt`, of which `cache` contains all but the last token.
    pub(super) fn new(
        model: &'a Decoder,
        cache: KvCache,
        prompt: &[u32],
        drafter: Option<PromptLookup>,
    ) -> Self {
        Self {
            model,
            cache,
            drafter,
            text: prompt.to_vec(),
            draft: Vec::new(),
            logits: Vec::new(),
            row: None,
            drafted: 0,
            accepted: 0,
        }
    }

    /// The logits of the next token. The caller needs `max_tokens` more tokens, this one included;
    /// nothing is computed beyond them.
    pub(super) fn logits(&mut self, max_tokens: usize) -> Result<&[f32]> {
        let row = match self.row {
            Some(row) => row,
            None => self.pass(max_tokens)?,
        };
        let vocabulary = self.logits.len() / (1 + self.draft.len());
        Ok(&self.logits[row * vocabulary..][..vocabulary])
    }

    /// Appends the token that was chosen.
    pub(super) fn push(&mut self, token: u32) {
        self.text.push(token);
        let holds = |row: &usize| self.draft.get(*row) == Some(&token);
        self.row = self.row.filter(holds).map(|row| row + 1);
        self.accepted += usize::from(self.row.is_some());
    }

    /// The cache, to keep it for another text.
    pub(super) fn into_cache(self) -> KvCache {
        self.cache
    }

    /// Reads the last token of the text and a new draft. Returns the first row.
    fn pass(&mut self, max_tokens: usize) -> Result<usize> {
        let read = self.text.len() - 1;
        let rejected = self.cache.len() - read;
        self.cache.roll_back(read);
        if let Some(drafter) = &mut self.drafter {
            if !self.draft.is_empty() {
                drafter.record_accepted(self.draft.len() - rejected);
            }
            self.draft = drafter.draft(&self.text, max_tokens.saturating_sub(1));
        }
        self.drafted += self.draft.len();
        let tokens = [&self.text[read..], &self.draft].concat();
        self.model.decode(&tokens, &mut self.cache, &mut self.logits)?;
        self.row = Some(0);
        Ok(0)
    }
}
