//! An answer: whether the passages can answer the question, the sentences quoted, the prompt,
//! and what each sentence of the generated text rests on.

pub(crate) mod answerability;
mod attribution;
mod checker;
mod events;
mod options;
mod prompt;
pub(crate) mod quotes;

pub(crate) use checker::AnswerChecker;
pub use events::{AnswerEvent, AskTimings, Citation, EndReason};
pub use options::AskOptions;
pub use prompt::prompt;
