//! The logits of a text's next token, and with them those of the tokens drafted to
//! follow it (speculative decoding: Leviathan et al. 2023,
//! <https://arxiv.org/abs/2211.17192>; here the draft gives tokens without odds).
//!
//! A pass over a few tokens takes less than as many passes, and each of its rows is what
//! it would be by itself (the contract of `kernel`). The token that is chosen from one row
//! says whether the next row is of use. So the same tokens are chosen with drafts and
//! without, whatever chooses them.

use super::prompt_lookup::PromptLookup;
use crate::error::Result;
use crate::model::{Decoder, KvCache};

/// A text that goes on token by token.
pub(super) struct SpeculativeDecoder<'a> {
    model: &'a Decoder,
    /// Holds all of the text but its last token, then perhaps some of a draft.
    cache: &'a mut KvCache,
    /// None where each token is to be read by itself.
    drafter: Option<PromptLookup>,
    text: Vec<u32>,
    /// What was drafted for the last pass.
    draft: Vec<u32>,
    /// Of the last pass: what follows the text as it was, and each token of the draft.
    logits: Vec<f32>,
    /// The row of logits that follows the text; none where that is yet to be computed.
    row: Option<usize>,
    /// Tokens drafted, of all passes.
    pub(super) drafted: usize,
    /// How many of them the text went on with.
    pub(super) accepted: usize,
}

impl<'a> SpeculativeDecoder<'a> {
    /// Goes on after `prompt`, of which `cache` holds all but the last token.
    pub(super) fn new(
        model: &'a Decoder,
        cache: &'a mut KvCache,
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

    /// The logits of the next token. `max_tokens` tokens are still wanted, this one among them:
    /// nothing is computed beyond.
    pub(super) fn logits(&mut self, max_tokens: usize) -> Result<&[f32]> {
        let row = match self.row {
            Some(row) => row,
            None => self.pass(max_tokens)?,
        };
        let vocabulary = self.logits.len() / (1 + self.draft.len());
        Ok(&self.logits[row * vocabulary..][..vocabulary])
    }

    /// Takes the token that was chosen.
    pub(super) fn push(&mut self, token: u32) {
        self.text.push(token);
        let holds = |row: &usize| self.draft.get(*row) == Some(&token);
        self.row = self.row.filter(holds).map(|row| row + 1);
        self.accepted += usize::from(self.row.is_some());
    }

    /// Reads the last token of the text and a new draft after it; returns the first row.
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
        self.model.decode(&tokens, self.cache, &mut self.logits)?;
        self.row = Some(0);
        Ok(0)
    }
}
