//! What a thread has said already.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Words that are compared together.
const RUN_WORDS: usize = 3;
/// The share of a text's runs that were said before in a text that repeats.
const REPEATED: f32 = 0.8;
/// A text that is not marked as a quote is only compared if it has this many words.
const MIN_WORDS: usize = 8;

/// The runs of words of the earlier messages of a thread, hashed.
#[derive(Default)]
pub(super) struct Said(HashSet<u64>);

impl Said {
    /// Notes a text of a message.
    pub(super) fn add(&mut self, text: &str) {
        self.0.extend(runs(&words(text)));
    }

    /// Whether a quoted text was said before.
    pub(super) fn has_quoted(&self, text: &str) -> bool {
        let words = words(text);
        if words.len() < RUN_WORDS {
            return !self.0.is_empty();
        }
        self.has(&words)
    }

    /// Whether a text that no mark tells to be a quote was said before.
    pub(super) fn has_unmarked(&self, text: &str) -> bool {
        let words = words(text);
        words.len() >= MIN_WORDS && self.has(&words)
    }

    fn has(&self, words: &[String]) -> bool {
        let (mut all, mut said) = (0, 0);
        for run in runs(words) {
            all += 1;
            said += usize::from(self.0.contains(&run));
        }
        all > 0 && said as f32 >= all as f32 * REPEATED
    }
}

/// The words of a text, whatever lines and marks are between them.
fn words(text: &str) -> Vec<String> {
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    text.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect()
}

fn runs(words: &[String]) -> impl Iterator<Item = u64> {
    words.windows(RUN_WORDS).map(|run| {
        let mut hasher = DefaultHasher::new();
        run.hash(&mut hasher);
        hasher.finish()
    })
}
