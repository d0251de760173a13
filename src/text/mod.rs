//! Text as people write it: terms, sentences, and the language of both.

mod abbreviation;
mod compounds;
mod fold;
mod function_words;
mod language;
mod months;
mod orders;
mod prefixes;
mod question_language;
mod scripts;
mod sentences;
mod terms;
mod thai;

pub(crate) use compounds::{Compound, compounds};
pub(crate) use fold::fold;
pub(crate) use function_words::{function_words, is_function_word, listed_function_words};
pub(crate) use language::{LANGUAGE_SAMPLE_BYTES, language_tag};
pub use language::{Language, Languages};
pub(crate) use months::{month_named, names_of_month};
pub(crate) use orders::is_order_to_model;
pub(crate) use prefixes::without_prefixes;
pub(crate) use question_language::{QuestionLanguage, is_undetermined};
pub use sentences::sentences;
pub(crate) use sentences::{MAX_SENTENCE_BYTES, cut_between_words, next_sentence};
pub use terms::terms;
pub(crate) use terms::{
    MAX_TERM_BYTES, syllable_pairs, terms_in_any_text, tokens, weighted_terms, words,
};
