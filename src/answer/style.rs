//! How a generator is asked to write: chosen by its family and its size, by measurement.

use crate::generate::Generator;

/// A model below this many bytes repeats instructions and loses long prompts: SmolLM2-135M has 98 MB
/// at 4 bits, Qwen2.5-0.5B 491 MB.
const SMALL_BYTES: usize = 250_000_000;

/// What a prompt says, and how much it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WritingStyle {
    /// The message of the system.
    pub(super) instruction: &'static str,
    /// The most tokens of passages. Prefill time grows with the prompt
    /// (`benches/browser/results.json` has measured speeds), and small models answer worse from
    /// longer prompts.
    pub(super) passage_tokens: usize,
    /// The most tokens of quotes.
    pub(super) note_tokens: usize,
    /// The most tokens of earlier questions and answers.
    pub(super) history_tokens: usize,
}

const SMALL: WritingStyle = WritingStyle {
    instruction: "You answer questions about the user's documents. Use only the passages given. \
                  Answer in one or two short sentences.",
    passage_tokens: 160,
    note_tokens: 128,
    history_tokens: 96,
};

const LARGER: WritingStyle = WritingStyle {
    instruction: "You answer questions about the user's documents. Use only the passages given. \
                  Answer in one or two short sentences.",
    passage_tokens: 160,
    note_tokens: 192,
    history_tokens: 192,
};

impl WritingStyle {
    /// The style for a generator.
    pub(super) fn of(generator: &Generator) -> Self {
        if generator.file_bytes() < SMALL_BYTES { SMALL } else { LARGER }
    }
}
