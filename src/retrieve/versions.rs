//! Passages that are alike: copies of one text, and versions of it.
//!
//! A copy has the same words. It is named, and not shown again. Versions differ in some words,
//! often in those that are asked for, so they are all kept, side by side, the newest first.

use std::collections::HashSet;

use super::Passage;
use crate::text::words;

/// Words in a shingle.
const SHINGLE_WORDS: usize = 3;
/// The Jaccard similarity of the shingles from which two passages are versions of one text.
const MIN_SIMILARITY: f32 = 0.7;
/// The most versions of one text, so that there is room for other passages.
const MAX_VERSIONS: usize = 4;

/// Passages, in groups of versions of one text.
#[derive(Default)]
pub(super) struct Versions {
    groups: Vec<Vec<Known>>,
}

struct Known {
    passage: Passage,
    /// The words of each of its chunks, in the order of their places in the search.
    words: Vec<Vec<String>>,
    shingles: HashSet<Vec<String>>,
}

impl Versions {
    /// Extends a passage by its neighbour, or adds it. Once there are `limit` passages, only the
    /// documents of copies are named.
    pub(super) fn place(&mut self, passage: Passage, limit: usize) {
        let has_room = self.len() < limit;
        let words = words(passage.text());
        if has_room && self.merge(&passage, &words) {
            return;
        }
        if !self.note_copy(&passage, &words) && has_room {
            self.add(passage, words);
        }
    }

    /// Names the document of a passage that is a copy. Returns whether it is one.
    fn note_copy(&mut self, passage: &Passage, words: &[String]) -> bool {
        let mut known = self.groups.iter_mut().flatten();
        // Pictures may have the same words, such as a name, and show something else.
        let score = |passage: &Passage| passage.picture.map(|it| it.score);
        let is_copy = |known: &&mut Known| {
            known.words.iter().any(|of_chunk| of_chunk == words)
                && score(&known.passage) == score(passage)
        };
        let Some(copied) = known.find(is_copy) else {
            return false;
        };
        let name = &passage.document.info.name;
        let is_named =
            *name == copied.passage.document.info.name || copied.passage.also_in.contains(name);
        if !is_named {
            copied.passage.also_in.push(name.clone());
        }
        true
    }

    /// Adds a passage, unless it is one version too many.
    fn add(&mut self, passage: Passage, words: Vec<String>) {
        let shingles = shingles(&words);
        let is_picture = passage.picture.is_some();
        let alike = |group: &Vec<Known>| !is_picture && are_alike(&group[0].shingles, &shingles);
        let group = self.groups.iter().position(alike);
        let new = Known { passage, words: vec![words], shingles };
        match group.map(|group| &mut self.groups[group]) {
            Some(group) if group.len() < MAX_VERSIONS => group.push(new),
            Some(_) => {}
            None => self.groups.push(vec![new]),
        }
    }

    /// Extends a passage by its neighbour. Returns whether there was one.
    fn merge(&mut self, passage: &Passage, words: &[String]) -> bool {
        let mut known = self.groups.iter_mut().flatten();
        let Some(merged) = known.find_map(|known| known.passage.merge(passage).then_some(known))
        else {
            return false;
        };
        merged.words.push(words.to_vec());
        true
    }

    /// The number of passages.
    pub(super) fn len(&self) -> usize {
        self.groups.iter().map(Vec::len).sum()
    }

    /// The passages. `by_age` puts the newest version of a text first; otherwise the best is.
    pub(super) fn into_passages(self, by_age: bool) -> Vec<Passage> {
        let mut passages = Vec::new();
        for mut group in self.groups {
            if by_age {
                group.sort_by_key(|known| std::cmp::Reverse(age_key(&known.passage)));
            }
            passages.extend(group.into_iter().map(|known| known.passage));
        }
        passages
    }
}

/// Orders documents by age: by their date, the numbers in their names (a year, a version), and
/// the order in which they were added.
fn age_key(passage: &Passage) -> (String, Vec<u64>, u64) {
    let info = &passage.document.info;
    let digits = info.name.split(|c: char| !c.is_ascii_digit());
    let numbers = digits.filter_map(|run| run.parse().ok()).collect();
    (info.details.date.clone().unwrap_or_default(), numbers, info.sequence)
}

/// All runs of [`SHINGLE_WORDS`] consecutive words; a shorter text is one run.
fn shingles(words: &[String]) -> HashSet<Vec<String>> {
    if words.len() < SHINGLE_WORDS {
        return HashSet::from([words.to_vec()]);
    }
    words.windows(SHINGLE_WORDS).map(<[String]>::to_vec).collect()
}

fn are_alike(a: &HashSet<Vec<String>>, b: &HashSet<Vec<String>>) -> bool {
    let (small, large) = if a.len() < b.len() { (a, b) } else { (b, a) };
    // Sets of such different sizes cannot be similar enough.
    if (small.len() as f32) < MIN_SIMILARITY * large.len() as f32 {
        return false;
    }
    let common = small.iter().filter(|shingle| large.contains(*shingle)).count();
    common as f32 >= MIN_SIMILARITY * (a.len() + b.len() - common) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Span;
    use crate::test;

    const TEXT: &str = "The bell rings. The fog comes.";

    fn passage(name: &str, chunk: u32) -> Passage {
        let span = [Span::new(0..15), Span::new(16..TEXT.len())][chunk as usize];
        Passage::of_document(name, TEXT, span, chunk)
    }

    #[test]
    fn a_copy_of_any_chunk_of_a_passage_is_not_shown_again() {
        let mut versions = Versions::default();
        for (name, chunk) in [("a", 0), ("a", 1), ("b", 0), ("b", 1)] {
            versions.place(passage(name, chunk), 9);
        }
        let [found] = &versions.into_passages(false)[..] else { panic!("one passage") };
        assert_eq!((found.text(), &found.also_in[..]), (TEXT, &["b".to_owned()][..]));
    }
}
