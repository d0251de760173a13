//! Text to token ids, with the tokenizers in encoders' files.

use std::fmt::Display;
use std::ops::Range;

use tokenizers::Tokenizer;

use super::unigram::Unigram;
use crate::error::{Error, Result};
use crate::model::{charsmap, corrupt, unsupported_tokenizer as unsupported};

/// A tokenizer.json without decoder, padding and truncation. None of them is needed, and the
/// library panics on a decoder that it does not know.
pub(crate) fn plain_tokenizer(json: &str) -> Result<String> {
    let mut value: serde_json::Value = serde_json::from_str(json).map_err(|e| unreadable(&e))?;
    if let Some(parts) = value.as_object_mut() {
        parts.retain(|name, _| !matches!(name.as_str(), "decoder" | "padding" | "truncation"));
    }
    check_normalizer(&value["normalizer"])?;
    Ok(value.to_string())
}

fn unreadable(e: &dyn Display) -> Error {
    unsupported(format!("its tokenizer.json cannot be read ({e})"))
}

/// The tokenizer of an encoder. It does not pad.
pub(crate) enum EncoderTokenizer {
    /// Of a tokenizer.json.
    Library(Box<Tokenizer>),
    /// Of tables in the embedder file.
    Unigram(Unigram),
}

impl EncoderTokenizer {
    /// Builds a tokenizer from the result of [`plain_tokenizer`]. Its ids must be below
    /// `vocabulary`.
    pub(crate) fn build(json: &str, vocabulary: usize) -> Result<Self> {
        let tokenizer = Tokenizer::from_bytes(json).map_err(|e| unreadable(&e))?;
        let around = serde_json::to_value(tokenizer.get_post_processor());
        check_template(&around.map_err(|e| unreadable(&e))?)?;
        let size = tokenizer.get_vocab_size(true);
        if size > vocabulary {
            return Err(corrupt(format!("{size} tokens for {vocabulary} embeddings")));
        }
        Ok(Self::Library(Box::new(tokenizer)))
    }

    /// Ids of `text` with the special tokens around it. Of more than `limit` ids, the first and the
    /// last one are kept.
    pub(crate) fn encode(&self, text: &str, limit: usize) -> Result<Vec<u32>> {
        let tokenizer = match self {
            Self::Library(tokenizer) => tokenizer,
            Self::Unigram(tokenizer) => return Ok(tokenizer.encode(text, limit)),
        };
        let encoding = tokenizer.encode_fast(text, true).map_err(|e| unsupported(e.to_string()))?;
        let mut ids = encoding.get_ids().to_vec();
        if ids.len() > limit {
            let last = ids[ids.len() - 1];
            ids.truncate(limit);
            ids[limit - 1] = last;
        }
        Ok(ids)
    }

    /// The first `limit` ids of `text` without special tokens, and of each the bytes of `text` that
    /// it is from.
    pub(crate) fn encode_with_places(
        &self,
        text: &str,
        limit: usize,
    ) -> Result<Vec<(u32, Range<usize>)>> {
        let tokenizer = match self {
            Self::Library(tokenizer) => tokenizer,
            Self::Unigram(tokenizer) => return Ok(tokenizer.encode_with_places(text, limit)),
        };
        let encoding = tokenizer.encode(text, false).map_err(|e| unsupported(e.to_string()))?;
        let places = encoding.get_offsets().iter().map(|&(start, end)| start..end);
        Ok(encoding.get_ids().iter().copied().zip(places).take(limit).collect())
    }

    /// Whether a part of `text` has no token of its own.
    pub(crate) fn has_unknown(&self, text: &str) -> bool {
        match self {
            Self::Library(tokenizer) => {
                let unknown = ["[UNK]", "<unk>"].map(|token| tokenizer.token_to_id(token));
                let ids = tokenizer.encode_fast(text, false);
                ids.is_ok_and(|it| it.get_ids().iter().any(|id| unknown.contains(&Some(*id))))
            }
            Self::Unigram(tokenizer) => tokenizer.has_unknown(text),
        }
    }

    /// Tokens of `text` without the special ones around it.
    pub(crate) fn count(&self, text: &str) -> usize {
        match self {
            Self::Library(tokenizer) => {
                tokenizer.encode_fast(text, false).map_or(0, |encoding| encoding.len())
            }
            Self::Unigram(tokenizer) => tokenizer.count(text),
        }
    }
}

/// Checks tables of characters, because the library panics on a damaged one.
fn check_normalizer(part: &serde_json::Value) -> Result<()> {
    match part {
        serde_json::Value::Array(items) => items.iter().try_for_each(check_normalizer),
        serde_json::Value::Object(members) => {
            let table = members.get("precompiled_charsmap");
            let is_table = table.is_some() || part["type"] == "Precompiled";
            let text = table.and_then(|table| table.as_str()).unwrap_or_default();
            if is_table && !charsmap::is_valid(text) {
                return Err(unsupported("its table of characters is damaged"));
            }
            members.values().try_for_each(check_normalizer)
        }
        _ => Ok(()),
    }
}

/// Checks the template of special tokens: it may only name tokens that it defines, and one text.
/// The library panics on anything else.
fn check_template(post_processor: &serde_json::Value) -> Result<()> {
    let mut members = post_processor["processors"].as_array().into_iter().flatten();
    members.try_for_each(check_template)?;
    let defined = &post_processor["special_tokens"];
    for piece in post_processor["single"].as_array().into_iter().flatten() {
        let known = match piece["SpecialToken"]["id"].as_str() {
            Some(token) => defined.get(token).is_some(),
            None => piece["Sequence"]["id"] == "A",
        };
        if !known {
            return Err(unsupported(format!("its template holds {piece}, which is undefined")));
        }
    }
    Ok(())
}
