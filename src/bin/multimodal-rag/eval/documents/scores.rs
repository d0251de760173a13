//! Compares the content of a document with the gold.

use std::collections::HashMap;
use std::ops::AddAssign;

use rapidfuzz::distance::levenshtein;

use super::content::Content;

/// How much of the gold was read.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Scores {
    /// 1 - the Levenshtein distance of the texts / characters of the longer one. Summed over
    /// files.
    pub(super) similarity: f64,
    /// Cells that are in the right row.
    pub(super) cells: Share,
    /// Headings with the right text.
    pub(super) headings: Share,
    /// Headings with the right text and the right level below the shallowest heading.
    pub(super) levels: Share,
}

/// How many of the gold's parts were found.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Share {
    pub(super) found: usize,
    pub(super) total: usize,
}

impl Share {
    /// From 0 to 1; none where the gold has none.
    pub(super) fn value(self) -> Option<f64> {
        (self.total > 0).then(|| self.found as f64 / self.total as f64)
    }
}

impl AddAssign for Share {
    fn add_assign(&mut self, other: Self) {
        self.found += other.found;
        self.total += other.total;
    }
}

impl AddAssign for Scores {
    fn add_assign(&mut self, other: Self) {
        self.similarity += other.similarity;
        self.cells += other.cells;
        self.headings += other.headings;
        self.levels += other.levels;
    }
}

impl Scores {
    pub(super) fn of(ours: &Content, gold: &Content) -> Self {
        let (headings, levels) = shares_of_headings(ours, gold);
        let similarity = similarity(&ours.text, &gold.text);
        Self { similarity, cells: share_of_cells(ours, gold), headings, levels }
    }

    /// What a file scores that cannot be read.
    pub(super) fn of_failure(gold: &Content) -> Self {
        Self { similarity: 0.0, ..Self::of(&Content::default(), gold) }
    }
}

fn similarity(ours: &str, gold: &str) -> f64 {
    levenshtein::normalized_similarity(ours.chars(), gold.chars())
}

/// Each row of the gold is compared with the row of ours that has most of its cells. Cells
/// without text are not counted.
fn share_of_cells(ours: &Content, gold: &Content) -> Share {
    let ours: Vec<HashMap<&str, usize>> = ours.rows.iter().map(|row| counts(row)).collect();
    let mut share = Share::default();
    for row in &gold.rows {
        let cells = counts(row);
        let common = |other: &HashMap<&str, usize>| -> usize {
            let in_both = |(text, &count): (&&str, &usize)| {
                count.min(other.get(text).copied().unwrap_or_default())
            };
            cells.iter().map(in_both).sum()
        };
        let found = ours.iter().map(common).max().unwrap_or_default();
        share += Share { found, total: cells.values().sum() };
    }
    share
}

/// How often each text is among the cells.
fn counts(row: &[String]) -> HashMap<&str, usize> {
    let mut counts = HashMap::new();
    for cell in row.iter().filter(|cell| !cell.is_empty()) {
        *counts.entry(cell.as_str()).or_default() += 1;
    }
    counts
}

/// The shares of headings with the right text, and with the right level as well.
fn shares_of_headings(ours: &Content, gold: &Content) -> (Share, Share) {
    let [mut left, gold] = [ours, gold].map(headings_below_the_shallowest);
    let total = gold.len();
    let (mut texts, mut levels) = (0, 0);
    for (level, text) in gold {
        let of_text = |other: &(u8, String)| other.1 == text;
        let exact = left.iter().position(|other| of_text(other) && other.0 == level);
        if let Some(place) = exact.or_else(|| left.iter().position(of_text)) {
            left.remove(place);
            texts += 1;
            levels += usize::from(exact.is_some());
        }
    }
    (Share { found: texts, total }, Share { found: levels, total })
}

/// The headings without white space, with their levels from 0.
fn headings_below_the_shallowest(content: &Content) -> Vec<(u8, String)> {
    let first = content.headings.iter().map(|heading| heading.0).min().unwrap_or_default();
    let without_space = |text: &str| text.split_whitespace().collect::<String>();
    content.headings.iter().map(|(level, text)| (level - first, without_space(text))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOLD: &str = "## One\n\n### Two\n\n| a | b |\n| - | - |\n| 1 | 1 |\n";

    fn scores(ours: &str) -> Scores {
        Scores::of(&Content::of_markdown(ours), &Content::of_markdown(GOLD))
    }

    #[test]
    fn the_gold_itself_scores_all() {
        let all = scores(GOLD);
        assert_eq!(all.similarity, 1.0);
        assert_eq!(all.cells, Share { found: 4, total: 4 });
        assert_eq!([all.headings, all.levels], [Share { found: 2, total: 2 }; 2]);
        assert_eq!(scores("# One\n\n## Two\n").levels.found, 2, "levels are relative");
    }

    #[test]
    fn cells_count_only_together_in_one_row_and_as_often_as_they_are_there() {
        let apart = scores("| a | 1 |\n| - | - |\n| b | x |\n");
        assert_eq!(apart.cells, Share { found: 2, total: 4 });
    }

    #[test]
    fn a_heading_of_another_level_has_the_right_text() {
        let flat = scores("# One\n\n# Two\n");
        assert_eq!([flat.headings.found, flat.levels.found], [2, 1]);
    }

    #[test]
    fn similarity_is_of_the_longer_text() {
        assert_eq!(similarity("abcd", "abxd12"), 0.5);
        assert_eq!(similarity("", "ab"), 0.0);
    }
}
