//! Passages -> an answer: answerability, quotes, prompt, attribution of each generated
//! sentence, and the events that report these.

mod answerability;
mod attribution;
mod bound_words;
mod cited_pictures;
mod computed;
mod events;
mod options;
mod prompt;
mod prompt_model;
pub(crate) mod quotes;
mod reader;
pub(crate) mod sentence_vectors;
pub(crate) mod short_answer;
mod signals;
mod weighted_terms;
pub(crate) mod whole_answer;
mod writer;
mod written_text;

pub use answerability::Answerability;
pub use attribution::ClaimSupport;
pub(crate) use attribution::{Judge, Sources, Verdict, judge_claim};
pub(crate) use bound_words::bound_words;
pub use cited_pictures::CitedPicture;
pub(crate) use cited_pictures::cited_pictures;
pub use computed::{CellCitation, ComputedAnswer};
pub use events::{AnswerEvent, AskTimings, Citation, EndReason};
pub use options::{AskOptions, Unsupported};
pub(crate) use prompt::external_prompt;
pub use prompt::{Told, prompt};
pub use reader::{AnswerReader, Readable, Reading};
pub use signals::{QuestionSignals, QuoteSignals};
pub(crate) use writer::{AnswerWriter, Next};
