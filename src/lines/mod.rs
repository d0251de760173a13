//! Lines of plain text: which of them end a sentence, and which are titles.

mod letters;
mod sentence_ends;
mod titles;

pub(crate) use letters::{is_hangul, is_unspaced};
pub(crate) use sentence_ends::{are_alike, ends_sentence, parts_entries};
pub(crate) use titles::{has_end_mark, is_short_title, without_mark};
