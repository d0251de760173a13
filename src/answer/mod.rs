//! Passages -> an answer: answerability, quotes, prompt, attribution of each generated
//! sentence, and the events that report these.

pub(crate) mod answerability;
mod attribution;
mod checker;
mod corrections;
mod events;
mod follow_up;
mod options;
mod prompt;
pub(crate) mod question;
pub(crate) mod quotes;
mod small_talk;
mod units;
mod weighted_terms;
pub(crate) mod whole_answer;
pub(crate) mod whole_document;

pub(crate) use checker::AnswerChecker;
pub use corrections::Correction;
pub(crate) use corrections::{corrected, corrections};
pub use events::{AnswerEvent, AskTimings, Citation, EndReason};
pub use follow_up::PastQuestion;
pub(crate) use follow_up::completed;
pub use options::AskOptions;
pub use prompt::prompt;
