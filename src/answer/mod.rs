//! Passages -> an answer: answerability, quotes, prompt, attribution of each generated
//! sentence, and the events that report these.

mod answerability;
mod attribution;
mod checker;
mod events;
mod options;
mod prompt;
pub(crate) mod quotes;
mod reader;
pub(crate) mod short_answer;
mod signals;
mod weighted_terms;
pub(crate) mod whole_answer;

pub use answerability::Answerability;
pub(crate) use checker::AnswerChecker;
pub use events::{AnswerEvent, AskTimings, Citation, EndReason};
pub use options::AskOptions;
pub use prompt::prompt;
pub use reader::{AnswerReader, Readable, Reading};
pub use signals::{QuestionSignals, QuoteSignals};
