//! Drafts the next tokens of a text from the text itself.
//!
//! Prompt lookup (Saxena 2023, <https://github.com/apoorvumang/prompt-lookup-decoding>; Yang et al.
//! 2023, <https://arxiv.org/abs/2304.04487>): an answer repeats the passages that it is written
//! from. So the tokens that followed an earlier occurrence of its last tokens are likely to follow
//! them again.

/// Tokens of a draft. With the token before them they are the four rows of a kernel's tile. Two or
/// three rows take nearly as long, and of longer drafts too many tokens are rejected.
const DRAFT_TOKENS: usize = 3;
/// The most tokens at the end of the text that are compared.
const MAX_MATCH_TOKENS: usize = 8;
/// The evidence that a draft needs: matching tokens, plus further occurrences. Drafts with less
/// cost more than they save.
const MIN_EVIDENCE: usize = 3;
/// The evidence that is enough after any number of rejected drafts.
const MAX_EVIDENCE: usize = MAX_MATCH_TOKENS;

/// Drafts tokens, with more care after each rejected draft.
pub(super) struct PromptLookup {
    /// The evidence that the next draft needs.
    min_evidence: usize,
}

impl PromptLookup {
    pub(super) fn new() -> Self {
        Self { min_evidence: MIN_EVIDENCE }
    }

    /// At most `max_tokens` tokens that are likely to follow `text`, or none. Takes time in
    /// proportion to the length of the text.
    pub(super) fn draft(&self, text: &[u32], max_tokens: usize) -> Vec<u32> {
        match find_match(text) {
            Some(found) if found.evidence() >= self.min_evidence => {
                // An occurrence that overlaps the end of the text repeats itself.
                let following = text[found.next..].iter().cycle();
                following.take(DRAFT_TOKENS.min(max_tokens)).copied().collect()
            }
            _ => Vec::new(),
        }
    }

    /// Learns how many tokens of a draft were accepted.
    pub(super) fn record_accepted(&mut self, accepted: usize) {
        self.min_evidence =
            if accepted > 0 { MIN_EVIDENCE } else { MAX_EVIDENCE.min(self.min_evidence + 1) };
    }
}

/// The earlier occurrences of the longest possible end of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    /// Matching tokens, at most [`MAX_MATCH_TOKENS`].
    pub(super) length: usize,
    /// The index after the last occurrence.
    pub(super) next: usize,
    /// The number of occurrences.
    pub(super) occurrences: usize,
    /// Whether the same token follows each occurrence.
    pub(super) agrees: bool,
}

impl Match {
    fn evidence(&self) -> usize {
        if self.agrees { self.length + self.occurrences - 1 } else { 0 }
    }
}

/// Finds the longest end of `text` that occurred before; `None` where its last token did not.
pub(super) fn find_match(text: &[u32]) -> Option<Match> {
    let mut best: Option<Match> = None;
    for next in (1..text.len()).rev() {
        let pairs = text[..next].iter().rev().zip(text.iter().rev()).take(MAX_MATCH_TOKENS);
        let length = pairs.take_while(|(a, b)| a == b).count();
        match &mut best {
            Some(found) if length == found.length => {
                found.occurrences += 1;
                found.agrees &= text[next] == text[found.next];
            }
            found if length > found.map_or(0, |found| found.length) => {
                *found = Some(Match { length, next, occurrences: 1, agrees: true });
            }
            _ => {}
        }
    }
    best
}
