//! Context-bound decoding: a text is held to the words that it is written from.
//!
//! A small model that knows a subject writes what it remembers rather than what it was given. Tokens
//! outside a set lose a constant from their logits, which leaves them possible where nothing else
//! is likely.

use super::Generator;
use crate::error::Result;

/// What a token outside the set loses. Between two tokens that are equally likely, the one inside
/// becomes e^6 = 400 times as likely.
const PENALTY: f32 = 6.0;

/// Signs that any text may have.
const SIGNS: &str = ". , ; : - – ( ) \" ' ? ! \n % & / [ ] 's * ... …";

/// A set of tokens that a text is held to.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenBound {
    /// For each token of the vocabulary, what is taken from its logit.
    penalties: Vec<f32>,
}

impl Generator {
    /// The bound to the tokens of `texts`, of their words at any place of a sentence, of signs, and
    /// of the ends of a text.
    pub fn token_bound<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Result<TokenBound> {
        let mut bound = TokenBound { penalties: vec![PENALTY; self.model.vocabulary()] };
        for text in texts.into_iter().chain([SIGNS]) {
            bound.allow(&self.tokenize(text)?);
            for word in text.split_whitespace() {
                for form in [
                    word.to_owned(),
                    format!(" {word}"),
                    capitalized(word),
                    format!(" {}", capitalized(word)),
                ] {
                    bound.allow(&self.tokenize(&form)?);
                }
            }
        }
        bound.allow(self.tokenizer.ends());
        Ok(bound)
    }
}

impl TokenBound {
    fn allow(&mut self, tokens: &[u32]) {
        for &token in tokens {
            if let Some(penalty) = self.penalties.get_mut(token as usize) {
                *penalty = 0.0;
            }
        }
    }

    /// The logits with what the tokens outside lose.
    pub(super) fn held(&self, logits: &[f32]) -> Vec<f32> {
        logits.iter().zip(&self.penalties).map(|(logit, penalty)| logit - penalty).collect()
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
