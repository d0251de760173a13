//! What a text may go on with, looked up in the text itself.
//!
//! Prompt lookup (Saxena 2023, <https://github.com/apoorvumang/prompt-lookup-decoding>;
//! Yang et al. 2023, <https://arxiv.org/abs/2304.04487>): an answer repeats the passages
//! it is written from, so what followed its last tokens where they stood before is likely
//! to follow them again.

/// Tokens of a draft. With the one before them they are the four rows of a kernel's tile:
/// two or three take nearly as long, and of more too many fail.
const DRAFT_TOKENS: usize = 3;
/// How many of the last tokens are compared.
const MAX_MATCH_TOKENS: usize = 8;
/// The evidence that a draft needs: as many of the last tokens that stood before, or
/// fewer where they stood in more places. Drafts on less fail more than they save.
const MIN_EVIDENCE: usize = 3;
/// And the evidence that is enough however many drafts failed.
const MAX_EVIDENCE: usize = MAX_MATCH_TOKENS;

/// Drafts tokens, the more carefully the more drafts failed.
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
                // What overlaps the end of the text repeats itself.
                let following = text[found.next..].iter().cycle();
                following.take(DRAFT_TOKENS.min(max_tokens)).copied().collect()
            }
            _ => Vec::new(),
        }
    }

    /// Takes how many tokens of a draft held.
    pub(super) fn record_accepted(&mut self, accepted: usize) {
        self.min_evidence =
            if accepted > 0 { MIN_EVIDENCE } else { MAX_EVIDENCE.min(self.min_evidence + 1) };
    }
}

/// The places where the most of a text's last tokens stood before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    /// How many tokens stood there, at most [`MAX_MATCH_TOKENS`].
    pub(super) length: usize,
    /// What comes after the last of the places.
    pub(super) next: usize,
    /// How many places there are.
    pub(super) occurrences: usize,
    /// Whether the same token follows at each.
    pub(super) agrees: bool,
}

impl Match {
    fn evidence(&self) -> usize {
        if self.agrees { self.length + self.occurrences - 1 } else { 0 }
    }
}

/// Where the end of `text` stood before; none where its last token did not.
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
