//! Text -> terms for lexical search.

use unicode_segmentation::UnicodeSegmentation;

use super::compounds::{Compound, compounds};
use super::fold::{fold, mark_exponents};
use super::thai::{is_thai, thai_words};
use crate::lines::{is_hangul, is_unspaced};

/// The most characters of a term; longer words are cut.
const MAX_TERM_CHARS: usize = 64;

/// The weight of the whole of a compound word of letters.
const LETTERS_WEIGHT: f32 = 0.5;

/// The weight of a pair of Thai characters, beside its words. Pairs find words that the dictionary
/// has not or that are parted in another way, and texts that were indexed by pairs alone.
const THAI_PAIR_WEIGHT: f32 = 0.1;

/// The most bytes of a term.
pub(crate) const MAX_TERM_BYTES: usize = MAX_TERM_CHARS * 4;

/// The terms of `text`: its words, then the further terms of its compound words (`compounds.rs`),
/// pairs of syllables of Korean words and pairs of characters of Thai ones.
///
/// Words are those of Unicode's rules, in order, in lower case and without accents. Numbers are
/// words too. Thai words are found by a dictionary (`thai.rs`). Other scripts that write no space
/// between words (Chinese, Japanese and their like) become pairs of neighbouring characters; a
/// character without such a neighbour stands alone.
pub fn terms(text: &str) -> Vec<String> {
    weighted_terms(text).into_iter().map(|(term, _)| term).collect()
}

/// The same terms, each with its weight in a question. The whole of a compound word that
/// consists of letters only says little more than its words.
pub(crate) fn weighted_terms(text: &str) -> Vec<(String, f32)> {
    let mut all = words(text);
    push_syllables(&mut all);
    let mut terms: Vec<(String, f32)> = all.into_iter().map(|term| (term, 1.0)).collect();
    terms.extend(thai_pairs(text).into_iter().map(|pair| (pair, THAI_PAIR_WEIGHT)));
    for Compound { wholes, parts } in compounds(text) {
        let weight = |whole: &str| match whole.chars().all(char::is_alphabetic) {
            true => LETTERS_WEIGHT,
            false => 1.0,
        };
        terms.extend(wholes.into_iter().map(|whole| (weight(&whole), whole)).map(|(w, t)| (t, w)));
        terms.extend(parts.into_iter().map(|part| (part, 1.0)));
    }
    terms
}

/// The words among the terms of `text`, in order.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for_each_piece(text, |piece| match piece {
        Piece::Word(word) => push_word(word, &mut words),
        Piece::Thai(run) => words.extend(thai_words(run).into_iter().map(cut)),
        Piece::Unspaced(run) => push_pairs(run, &mut words),
    });
    words
}

/// Terms that every text has in which `text` stands somewhere: its words, and the pairs of
/// characters of scripts without spaces, whose words depend on what stands around them.
pub(crate) fn terms_in_any_text(text: &str) -> Vec<String> {
    let mut terms = Vec::new();
    for_each_piece(text, |piece| match piece {
        Piece::Word(word) => push_word(word, &mut terms),
        // A single character is a term only without a neighbour of its script.
        Piece::Thai(run) | Piece::Unspaced(run) if run.chars().nth(1).is_none() => (),
        Piece::Thai(run) | Piece::Unspaced(run) => push_pairs(run, &mut terms),
    });
    terms
}

/// The pairs of neighbouring characters of the Thai words of `text`.
fn thai_pairs(text: &str) -> Vec<String> {
    let mut pairs = Vec::new();
    if text.contains(is_thai) {
        for_each_piece(text, |piece| match piece {
            Piece::Thai(run) if run.chars().nth(1).is_some() => push_pairs(run, &mut pairs),
            _ => (),
        });
    }
    pairs
}

/// A piece of a normalized text.
enum Piece<'a> {
    /// A word by Unicode's rules.
    Word(&'a str),
    /// Words written in Thai, without spaces.
    Thai(&'a str),
    /// Words written in another script without spaces.
    Unspaced(&'a str),
}

fn for_each_piece(text: &str, mut found: impl FnMut(Piece)) {
    let text = fold(&mark_exponents(text));
    let kind = |word: &str| word.starts_with(is_unspaced).then(|| word.starts_with(is_thai));
    let mut words = spaced_or_not(&text).peekable();
    while let Some((start, word)) = words.next() {
        let Some(is_thai) = kind(word) else {
            found(Piece::Word(word));
            continue;
        };
        let mut end = start + word.len();
        while let Some((_, next)) =
            words.next_if(|&(at, next)| at == end && kind(next) == Some(is_thai))
        {
            end += next.len();
        }
        let run = &text[start..end];
        found(if is_thai { Piece::Thai(run) } else { Piece::Unspaced(run) });
    }
}

/// The words of `text` by Unicode's rules, each in a script with spaces or in one without: the rules
/// join both in "タワー_report".
fn spaced_or_not(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.unicode_word_indices().flat_map(|(start, word)| {
        let mut rest = word;
        std::iter::from_fn(move || {
            let is_first = is_unspaced(rest.chars().next()?);
            let end = rest.find(|c| is_unspaced(c) != is_first).unwrap_or(rest.len());
            let at = start + word.len() - rest.len();
            let (piece, after) = rest.split_at(end);
            rest = after;
            Some(if end == word.len() { (at, piece) } else { without_joint(at, piece) })
        })
        .filter(|(_, piece)| !piece.is_empty())
    })
}

/// A piece of a word without the marks that joined it to its neighbours.
fn without_joint(start: usize, piece: &str) -> (usize, &str) {
    let trimmed = piece.trim_start_matches('_');
    (start + piece.len() - trimmed.len(), trimmed.trim_end_matches('_'))
}

/// The words of `text`, in order and normalized like [`terms()`]. Scripts without spaces
/// between words become single characters, so that a phrase can be found anywhere in a run.
pub(crate) fn tokens(text: &str) -> Vec<String> {
    let text = fold(&mark_exponents(text));
    let mut tokens = Vec::new();
    for (_, word) in spaced_or_not(&text) {
        if word.starts_with(is_unspaced) {
            tokens.extend(word.chars().map(String::from));
        } else {
            push_word(word, &mut tokens);
        }
    }
    tokens
}

fn push_word(word: &str, terms: &mut Vec<String>) {
    let word = word.strip_suffix("'s").unwrap_or(word);
    terms.push(cut(word.to_owned()));
}

fn cut(mut term: String) -> String {
    let end = term.char_indices().nth(MAX_TERM_CHARS).map_or(term.len(), |(end, _)| end);
    term.truncate(end);
    term
}

fn push_pairs(run: &str, terms: &mut Vec<String>) {
    let ends = run.char_indices().map(|(start, char)| start + char.len_utf8());
    let starts = run.char_indices().map(|(start, _)| start);
    if run.chars().nth(1).is_none() && !run.is_empty() {
        terms.push(run.to_owned());
    }
    terms.extend(starts.zip(ends.skip(1)).map(|(start, end)| run[start..end].to_owned()));
}

/// Appends the pairs of syllables of the Korean words among `terms`, where they are no word
/// themselves.
fn push_syllables(terms: &mut Vec<String>) {
    for place in 0..terms.len() {
        let pairs = syllable_pairs(&terms[place]);
        terms.extend(pairs);
    }
}

/// The pairs of neighbouring syllables of a Korean word with three or more; none for others.
pub(crate) fn syllable_pairs(word: &str) -> Vec<String> {
    let mut pairs = Vec::new();
    if word.starts_with(is_hangul) && word.chars().nth(2).is_some() {
        push_pairs(word, &mut pairs);
    }
    pairs
}
