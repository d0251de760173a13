//! The words of a question that are cells of a column, or within cells.

use std::collections::HashMap;

use super::super::view::View;
use super::{Question, Test};

/// Places in the cells of a column that are looked at. In a column of long and equal texts those
/// after them are left out.
const MAX_OCCURRENCES: usize = 1_000_000;

/// Words of a question in cells.
pub(super) struct CellPhrase {
    pub(super) test: Test,
    pub(super) from: usize,
    pub(super) to: usize,
    /// Its words that are no function words.
    pub(super) content: usize,
    /// In order, each once.
    pub(super) rows: Vec<usize>,
}

/// Where words are in a cell.
#[derive(Clone, Copy)]
struct Occurrence {
    row: usize,
    /// The first word, and the last one.
    start: usize,
    end: usize,
}

/// Reads a column.
struct Column<'a> {
    question: &'a Question,
    view: &'a View,
    column: usize,
    postings: HashMap<&'a str, Vec<Occurrence>>,
}

/// The longest phrases of a question that are in a column.
pub(super) fn phrases(question: &Question, view: &View, column: usize) -> Vec<CellPhrase> {
    let column = Column::new(question, view, column);
    let mut found = Vec::new();
    let mut budget = MAX_OCCURRENCES;
    for from in 0..question.words.len() {
        let mut places = column.places_of(from, budget);
        for to in from + 1..=question.words.len() {
            if places.is_empty() || places.len() > budget {
                break;
            }
            budget -= places.len();
            column.add(from, to, &places, &mut found);
            places = column.longer(to, &places);
        }
    }
    let spans: Vec<_> = found.iter().map(|phrase| (phrase.from, phrase.to)).collect();
    let is_maximal = are_maximal(&spans, question.words.len());
    found.into_iter().zip(is_maximal).filter(|(_, keep)| *keep).map(|(phrase, _)| phrase).collect()
}

/// Of each span of a text of so many words, whether no longer span covers it.
pub(super) fn are_maximal(spans: &[(usize, usize)], words: usize) -> Vec<bool> {
    // The end of the longest span that begins at a word, and of those that begin before it.
    let mut own = vec![0; words + 1];
    for &(from, to) in spans {
        own[from] = to.max(own[from]);
    }
    let before: Vec<usize> =
        own.iter().scan(0, |end, &own| Some(std::mem::replace(end, own.max(*end)))).collect();
    spans.iter().map(|&(from, to)| before[from] < to && own[from] <= to).collect()
}

impl<'a> Column<'a> {
    fn new(question: &'a Question, view: &'a View, column: usize) -> Self {
        // Only the words of the question are looked for.
        let own = question.alternatives.iter().flatten().map(|word| (word.as_str(), Vec::new()));
        let mut postings: HashMap<&str, Vec<Occurrence>> = own.collect();
        for (row, cells) in view.rows.iter().enumerate() {
            for (at, word) in cells[column].words.iter().enumerate() {
                if let Some(places) = postings.get_mut(word.as_str()) {
                    places.push(Occurrence { row, start: at, end: at });
                }
            }
        }
        Self { question, view, column, postings }
    }

    fn words(&self, row: usize) -> &'a [String] {
        &self.view.rows[row][self.column].words
    }

    /// Where a word of the question is; nowhere where that is more than `budget` places.
    fn places_of(&self, at: usize, budget: usize) -> Vec<Occurrence> {
        let alternatives = self.question.alternatives[at].iter();
        let lists = alternatives.filter_map(|word| self.postings.get(word.as_str()));
        let is_few = lists.clone().map(Vec::len).sum::<usize>() <= budget;
        lists.filter(|_| is_few).flatten().copied().collect()
    }

    /// Those of the places that go on with the word of the question at `at`.
    fn longer(&self, at: usize, places: &[Occurrence]) -> Vec<Occurrence> {
        let Some(alternatives) = self.question.alternatives.get(at) else { return Vec::new() };
        let goes_on = |place: &&Occurrence| {
            self.words(place.row).get(place.end + 1).is_some_and(|word| alternatives.contains(word))
        };
        let longer = places.iter().filter(goes_on);
        longer.map(|place| Occurrence { end: place.end + 1, ..*place }).collect()
    }

    /// Adds a phrase with its places, where it says enough.
    fn add(&self, from: usize, to: usize, places: &[Occurrence], found: &mut Vec<CellPhrase>) {
        let question = self.question;
        let is_number = |at: usize| question.numbers.iter().any(|number| number.at == at);
        let content = (from..to).filter(|at| question.is_content[*at] || is_number(*at)).count();
        let is_whole =
            |place: &&Occurrence| place.start == 0 && self.words(place.row).len() == place.end + 1;
        let exact = rows(places.iter().filter(is_whole));
        let letters: usize = question.words[from..to].iter().map(String::len).sum();
        let is_digit = question.words[from].starts_with(|char: char| char.is_ascii_digit());
        // Function words alone are meant only where they are a whole cell.
        let is_title = !exact.is_empty() && to - from > 1;
        if letters <= 1 && !is_digit || content == 0 && !is_title {
            return;
        }
        let all = rows(places.iter());
        let has_more = all.len() > exact.len();
        let phrase = |test, rows| CellPhrase { test, from, to, content, rows };
        found.extend((!exact.is_empty()).then(|| phrase(Test::Exact, exact)));
        found.extend(has_more.then(|| phrase(Test::Contains, all)));
    }
}

fn rows<'a>(places: impl Iterator<Item = &'a Occurrence>) -> Vec<usize> {
    let mut rows: Vec<usize> = places.map(|place| place.row).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::table;
    use super::*;
    use crate::test;

    fn found(question: &str) -> Vec<(Test, Vec<usize>)> {
        let table = table("Name / New York / York / The Who / Lake of the Isles");
        let phrases = phrases(&Question::new(question), &table.view, 0);
        phrases.into_iter().map(|phrase| (phrase.test, phrase.rows)).collect()
    }

    #[test]
    fn words_are_a_cell_or_within_one() {
        assert_eq!(found("where is york"), [(Test::Exact, vec![1]), (Test::Contains, vec![0, 1])]);
    }

    #[test]
    fn the_longest_phrase_is_meant() {
        assert_eq!(found("where is new york"), [(Test::Exact, vec![0])]);
    }

    #[test]
    fn function_words_are_meant_where_they_are_a_cell() {
        assert_eq!(found("where do the who play"), [(Test::Exact, vec![2])]);
        assert_eq!(found("where is the house"), []);
    }

    #[test]
    fn a_span_is_maximal_where_no_longer_one_covers_it() {
        let spans = [(0, 2), (0, 2), (1, 2), (1, 3), (4, 5), (4, 6), (3, 3)];
        assert_eq!(are_maximal(&spans, 6), [true, true, false, true, false, true, false]);
    }
}
