//! Generators outside of the engine: one of the browser, of another library, of a service.

use async_trait::async_trait;

use super::Sampling;
use crate::error::Result;
use crate::model::Message;
use crate::runtime::Task;

/// Writes texts, as its caller has it.
#[async_trait(?Send)]
pub trait ExternalGenerator {
    /// Tokens that it reads and writes at most.
    fn context_length(&self) -> usize;

    /// Begins an answer to messages.
    async fn begin(
        &self,
        messages: Vec<Message>,
        max_tokens: usize,
        sampling: Sampling,
        task: &Task,
    ) -> Result<Box<dyn ExternalText>>;
}

/// A text of an external generator. Dropping it ends the generation.
#[async_trait(?Send)]
pub trait ExternalText {
    /// The next piece; none at the end.
    async fn next(&mut self, task: &Task) -> Result<Option<String>>;
}
