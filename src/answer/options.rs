//! The options of an answer.

use std::rc::Rc;

use crate::error::{Error, Result};
use crate::generate::{GenerateOptions, Sampling, TokenBound, check_scales};
use crate::index::Filter;
use crate::question::PastQuestion;

/// What is done with a generated sentence that no passage supports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unsupported {
    /// "…" takes its place. Text is shown sentence by sentence, once it is judged.
    #[default]
    Hide,
    /// It is shown, and marked afterwards. Text is shown as it is written.
    Mark,
}

/// The options of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct AskOptions {
    /// The most passages to answer from, 1 to 20. Default: 3. The answer about a document as a whole
    /// ("Which sections does it have?") is of as many places as it takes.
    pub limit: usize,
    /// The documents to answer from. Default: all.
    pub filter: Option<Filter>,
    /// The most tokens to generate; 0 for quotes only. Default: 200.
    pub max_tokens: usize,
    /// How tokens are chosen. Default: the most likely one.
    pub sampling: Sampling,
    /// What is done with a generated sentence that no passage supports. Default: hidden.
    pub unsupported: Unsupported,
    /// Whether the generated text is held to words of the passages and of the question. Default:
    /// false.
    pub context_bound: bool,
    /// The questions asked before, oldest first, which a follow-up question may need. Default:
    /// none.
    pub history: Vec<PastQuestion>,
    /// The scale of each adapter of the generator, as in
    /// [`GenerateOptions::adapters`](crate::GenerateOptions::adapters). Default: the scales that they
    /// were added with.
    pub adapters: Option<Vec<f32>>,
}

impl Default for AskOptions {
    fn default() -> Self {
        Self {
            limit: 3,
            filter: None,
            max_tokens: 200,
            sampling: Sampling::default(),
            unsupported: Unsupported::default(),
            context_bound: false,
            history: Vec::new(),
            adapters: None,
        }
    }
}

impl AskOptions {
    const MAX_LIMIT: usize = 20;

    pub(crate) fn check(&self) -> Result<()> {
        check_scales(self.adapters.as_deref().unwrap_or_default())?;
        if (1..=Self::MAX_LIMIT).contains(&self.limit) {
            return self.sampling.check();
        }
        let expected = "a whole number from 1 to 20";
        Err(Error::InvalidOption { option: "limit", got: self.limit.to_string(), expected })
    }

    /// The options of the generated text, which is held to the tokens of `bound`, if any.
    pub(crate) fn generation(&self, bound: Option<TokenBound>) -> GenerateOptions {
        let (max_tokens, sampling, bound) = (self.max_tokens, self.sampling, bound.map(Rc::new));
        let adapters = self.adapters.clone();
        GenerateOptions { max_tokens, sampling, bound, adapters, ..GenerateOptions::default() }
    }
}
