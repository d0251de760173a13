//! Options of a generation, and the facts about its result.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::{Sampling, TokenBound};
use crate::model::Message;

/// The input of a generator.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GenerateInput {
    /// A conversation, which the model's chat template turns into a prompt.
    Messages(Vec<Message>),
    /// A text to continue. Its control tokens have an effect, unlike those of messages.
    Prompt(String),
}

/// How long a text may become, and how its tokens are chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerateOptions {
    /// The most tokens to generate. Default: 200.
    pub max_tokens: usize,
    /// How tokens are chosen. Default: the most likely.
    pub sampling: Sampling,
    /// Texts that end the generation; they are not part of the result.
    pub stop: Vec<String>,
    /// Prompt lookup drafts tokens from the text so far and verifies several at once. Faster where
    /// an answer repeats its prompt, with the same tokens as without it. Default: true.
    pub prompt_lookup: bool,
    /// The tokens that the text is held to. Default: none, all tokens are free.
    pub bound: Option<Rc<TokenBound>>,
    /// The scale of each adapter of the generator, in the order in which they were added: from -100
    /// to 100, 0 for off. Default: the scales that they were added with.
    pub adapters: Option<Vec<f32>>,
}

impl Default for GenerateOptions {
    fn default() -> Self {
        Self {
            max_tokens: 200,
            sampling: Sampling::default(),
            stop: Vec::new(),
            prompt_lookup: true,
            bound: None,
            adapters: None,
        }
    }
}

/// Why a text ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GenerateEnd {
    /// The model ended it, or a stop text appeared.
    Stop,
    /// It reached `max_tokens` or the model's context.
    Length,
    /// The caller cancelled it.
    Aborted,
}

/// Counts and times of a generation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GenerateTimings {
    /// Tokens of the prompt.
    pub prompt_tokens: usize,
    /// Milliseconds to read the prompt, without its common beginning with the last one.
    pub prompt_ms: f64,
    /// Tokens generated.
    pub tokens: usize,
    /// Tokens drafted by prompt lookup.
    pub drafted_tokens: usize,
    /// Drafted tokens that were right.
    pub accepted_tokens: usize,
    /// Milliseconds to generate them.
    pub decode_ms: f64,
}
