//! What is asked of a generator, and what it says of the text it gave.

use serde::{Deserialize, Serialize};

use super::Sampling;
use crate::model::Message;

/// What a generator is asked to go on from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GenerateInput {
    /// A conversation, put through the model's chat template.
    Messages(Vec<Message>),
    /// A text to go on with. Its control tokens count, unlike those of messages.
    Prompt(String),
}

/// How long a text may become, and how its tokens are chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerateOptions {
    /// Tokens to generate at most. Default: 200.
    pub max_tokens: usize,
    /// How tokens are chosen. Default: the likeliest.
    pub sampling: Sampling,
    /// Texts that end the generation; they are not part of the result.
    pub stop: Vec<String>,
    /// Tokens are guessed from what stands in the text already, and read several at once
    /// to see whether they hold: quicker where a text repeats its prompt, and the same
    /// text to the token. Default: yes.
    pub prompt_lookup: bool,
}

impl Default for GenerateOptions {
    fn default() -> Self {
        let sampling = Sampling::default();
        Self { max_tokens: 200, sampling, stop: Vec::new(), prompt_lookup: true }
    }
}

/// Why a text ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GenerateEnd {
    /// The model ended it, or a stop text did.
    Stop,
    /// It reached `max_tokens` or the model's context.
    Length,
    /// The caller stopped it.
    Aborted,
}

/// What a text took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GenerateTimings {
    /// Tokens of the prompt.
    pub prompt_tokens: usize,
    /// Milliseconds to read the prompt, but for what the last one began with alike.
    pub prompt_ms: f64,
    /// Tokens generated.
    pub tokens: usize,
    /// Tokens guessed by prompt lookup.
    pub drafted_tokens: usize,
    /// How many of them held.
    pub accepted_tokens: usize,
    /// Milliseconds to generate them.
    pub decode_ms: f64,
}
