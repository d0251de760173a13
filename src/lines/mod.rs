//! Lines of plain text: which of them end a sentence, and which are titles or captions.

mod captions;
mod letters;
mod sentence_ends;
mod titles;

#[cfg(feature = "engine")]
pub(crate) use captions::figure_numbers;
pub(crate) use captions::is_caption;
#[cfg(feature = "read-pdf")]
pub(crate) use captions::is_figure_caption;
pub(crate) use letters::{is_hangul, is_unspaced};
pub(crate) use sentence_ends::{are_alike, ends_sentence, parts_entries};
pub(crate) use titles::{has_end_mark, is_short_title, without_mark};
