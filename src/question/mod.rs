//! What a question asks, without a model: its words and what of them a text covers, small talk,
//! documents as a whole, dates, polite frames, what it leaves unsaid, what is misspelt.

mod corrections;
mod dates;
mod follow_up;
mod phrases;
mod picture_words;
mod polite;
mod small_talk;
mod whole_document;
mod word;
mod words;

pub use corrections::Correction;
pub(crate) use corrections::{corrected, corrections};
pub use follow_up::PastQuestion;
pub(crate) use follow_up::completed;
pub(crate) use polite::without_frame;
pub(crate) use whole_document::{Aspect, WholeQuestion};
pub(crate) use words::QuestionWords;
