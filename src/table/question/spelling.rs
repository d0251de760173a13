//! Words of a question that are misspelled: the word of a cell that is nearly the same.

use std::collections::HashSet;

use super::super::view::View;
use super::Question;

/// Letters of the shortest word that may be misspelled, and of the shortest with two mistakes.
const MIN_LETTERS: usize = 5;
const TWO_MISTAKES: usize = 9;
/// Cells of a larger table are not compared.
const MAX_CELLS: usize = 50_000;

impl Question {
    /// The question whose words that no cell or header has mean those that are spelled nearly so.
    pub(crate) fn spelled_as(mut self, view: &View) -> Self {
        if view.cell_count() > MAX_CELLS {
            return self;
        }
        let words = || {
            let names = view.columns.iter().flat_map(|column| &column.words);
            view.rows.iter().flatten().flat_map(|cell| &cell.words).chain(names)
        };
        let own: HashSet<&str> = self.alternatives.iter().flatten().map(String::as_str).collect();
        let known: HashSet<&String> = words().filter(|word| own.contains(word.as_str())).collect();
        let is_unknown = |at: &usize| {
            let stem = &self.stems[*at];
            self.is_content[*at]
                && stem.len() >= MIN_LETTERS
                && stem.bytes().all(|byte| byte.is_ascii_lowercase())
                && !self.alternatives[*at].iter().any(|word| known.contains(word))
        };
        let unknown: Vec<usize> = (0..self.words.len()).filter(is_unknown).collect();
        if unknown.is_empty() {
            return self;
        }
        for word in words() {
            for &at in &unknown {
                if is_nearly(&self.stems[at], word) && !self.alternatives[at].contains(word) {
                    self.alternatives[at].push(word.clone());
                }
            }
        }
        self
    }
}

/// Whether two words differ by one mistake; long ones by two.
fn is_nearly(one: &str, other: &str) -> bool {
    let most = if one.len() >= TWO_MISTAKES { 2 } else { 1 };
    other.len() >= MIN_LETTERS
        && one.len().abs_diff(other.len()) <= most
        && one.as_bytes().first() == other.as_bytes().first()
        && mistakes(one.as_bytes(), other.as_bytes()) <= most
}

/// Letters that are added, left out, changed, or exchanged with their neighbour (the distance of
/// Damerau and Levenshtein, each letter moved at most once).
fn mistakes(one: &[u8], other: &[u8]) -> usize {
    let mut before = vec![0; other.len() + 1];
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, its_letter) in other.iter().enumerate() {
            let changed = last[j] + usize::from(letter != its_letter);
            let mut least = changed.min(last[j + 1] + 1).min(next[j] + 1);
            let is_exchanged =
                i > 0 && j > 0 && one[i - 1] == *its_letter && other[j - 1] == *letter;
            if is_exchanged {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut last, next);
    }
    last.last().copied().unwrap_or(one.len())
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::table;
    use super::*;
    use crate::test;

    #[test]
    fn a_misspelled_name_means_that_of_a_cell() {
        let table = table("Player|Goals / Pickersgill|3 / Mackenzie|4");
        let question = Question::new("goals of pikersgill and mackenzie").spelled_as(&table.view);
        assert_eq!(question.alternatives[2], ["pikersgil", "pickersgil"]);
        assert_eq!(question.alternatives[4], ["mackenzi"], "it is a word of the table");
    }

    #[test]
    fn words_are_near_by_one_mistake_and_long_ones_by_two() {
        assert!(is_nearly("olson", "olsen") && is_nearly("recieve", "receive"));
        assert!(is_nearly("pkckersgil", "pickersgl") && !is_nearly("olson", "olivn"));
        assert!(!is_nearly("ford", "lord") && !is_nearly("stone", "atone"));
    }
}
