//! How much a generator is told: chosen by its size, by measurement (`docs/quality.md`).

use crate::generate::Generator;

/// A model below this many bytes loses long prompts: SmolLM2-135M has 98 MB at 4 bits, Qwen2.5-0.5B
/// 491 MB.
const SMALL_BYTES: usize = 250_000_000;

/// The most tokens of what stands beside the passages in a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PromptShare {
    /// Of quotes.
    pub(super) quotes: usize,
    /// Of earlier questions and answers.
    pub(super) history: usize,
}

impl PromptShare {
    /// That of a generator.
    pub(super) fn of(generator: &Generator) -> Self {
        if generator.file_bytes() < SMALL_BYTES {
            Self { quotes: 128, history: 96 }
        } else {
            Self { quotes: 192, history: 192 }
        }
    }
}
