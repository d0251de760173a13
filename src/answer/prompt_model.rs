//! What a prompt must know of the model that reads it.

use crate::error::Result;
use crate::generate::{ExternalGenerator, GenerateInput, Generator};
use crate::model::Message;

/// A model below this many bytes loses long prompts: SmolLM2-135M has 98 MB at 4 bits, Qwen2.5-0.5B
/// 491 MB.
const SMALL_BYTES: usize = 250_000_000;
/// Bytes of a token, where the tokens are not known: few, so that a prompt is not too long.
const BYTES_PER_TOKEN: usize = 3;
/// Tokens around a message, where they are not known.
const MESSAGE_TOKENS: usize = 8;

/// The most tokens of the parts of a prompt: chosen by the size of the model, by measurement (`docs/quality.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PromptShare {
    /// Of passages. Prefill time grows with the prompt (`benches/browser/results.json` has measured speeds), and small
    /// models answer worse from longer prompts.
    pub(super) passages: usize,
    /// Of quotes.
    pub(super) quotes: usize,
    /// Of earlier questions and answers.
    pub(super) history: usize,
}

/// A model that reads a prompt.
pub(super) trait PromptModel {
    /// Tokens that it reads and writes at most.
    fn context_length(&self) -> usize;
    fn share(&self) -> PromptShare;
    fn count_tokens(&self, text: &str) -> Result<usize>;
    fn count_messages(&self, messages: &[Message]) -> Result<usize>;
    /// The first tokens of a text that has more.
    fn beginning(&self, text: &str, tokens: usize) -> Result<String>;
}

impl PromptModel for Generator {
    fn context_length(&self) -> usize {
        self.context_length()
    }

    fn share(&self) -> PromptShare {
        if self.file_bytes() < SMALL_BYTES {
            PromptShare { passages: 160, quotes: 128, history: 96 }
        } else {
            PromptShare { passages: 160, quotes: 192, history: 192 }
        }
    }

    fn count_tokens(&self, text: &str) -> Result<usize> {
        self.count_tokens(text)
    }

    fn count_messages(&self, messages: &[Message]) -> Result<usize> {
        Ok(self.encode(&GenerateInput::Messages(messages.to_vec()))?.len())
    }

    fn beginning(&self, text: &str, tokens: usize) -> Result<String> {
        let text = self.detokenize(&self.tokenize(text)?[..tokens])?;
        Ok(text.trim_end_matches(char::REPLACEMENT_CHARACTER).to_owned())
    }
}

/// A generator of the caller. Its tokens are estimated.
pub(super) struct External<'a>(pub(super) &'a dyn ExternalGenerator);

impl PromptModel for External<'_> {
    fn context_length(&self) -> usize {
        self.0.context_length()
    }

    /// Such models are larger, and run on graphics processors or elsewhere.
    fn share(&self) -> PromptShare {
        PromptShare { passages: 1_000, quotes: 256, history: 384 }
    }

    fn count_tokens(&self, text: &str) -> Result<usize> {
        Ok(text.len().div_ceil(BYTES_PER_TOKEN))
    }

    fn count_messages(&self, messages: &[Message]) -> Result<usize> {
        messages.iter().map(|it| Ok(self.count_tokens(&it.content)? + MESSAGE_TOKENS)).sum()
    }

    fn beginning(&self, text: &str, tokens: usize) -> Result<String> {
        Ok(text[..text.floor_char_boundary(tokens * BYTES_PER_TOKEN)].to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    struct Model;

    #[async_trait::async_trait(?Send)]
    impl ExternalGenerator for Model {
        fn context_length(&self) -> usize {
            512
        }

        async fn begin(
            &self,
            _: Vec<Message>,
            _: usize,
            _: crate::generate::Sampling,
            _: &crate::runtime::Task,
        ) -> Result<Box<dyn crate::generate::ExternalText>> {
            Err(crate::Error::Aborted)
        }
    }

    #[test]
    fn tokens_of_an_external_model_are_estimated() {
        let model = External(&Model);
        assert_eq!(model.count_tokens("Wie groß?").ok(), Some(4));
        assert_eq!(model.beginning("Wie groß?", 3).ok().as_deref(), Some("Wie groß"));
        assert_eq!(model.beginning("größer", 1).ok().as_deref(), Some("gr"));
    }
}
