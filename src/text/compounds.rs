//! Compound words: identifiers, numbers with separators, versions, addresses, paths.
//!
//! One thing is written in several ways: `maxUploadSize`, `max_upload_size` and "max upload
//! size"; 1,043 and 1043; v2.1 and 2.1; 16GB and 16 GB; e-mail and email. A compound word is
//! found by its parts and as a whole.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::fold::{fold, mark_exponents};
use crate::lines::{is_hangul, is_unspaced};

/// The most bytes of a compound word; a longer one has no further terms.
const MAX_COMPOUND_BYTES: usize = 256;
/// The most characters of a term for the whole.
const MAX_WHOLE_CHARS: usize = 64;
/// The most marks between two parts: "://".
const MAX_MARKS: usize = 3;

/// The terms of a compound word, besides its words by Unicode's rules. All are normalized.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Compound {
    /// Spellings of the whole.
    pub(crate) wholes: Vec<String>,
    /// Its parts.
    pub(crate) parts: Vec<String>,
}

/// The compound words of `text`, in order.
pub(crate) fn compounds(text: &str) -> Vec<Compound> {
    let text = mark_exponents(text);
    let mut found = Vec::new();
    let mut rest = &*text;
    while let Some(range) = next_compound(rest) {
        let compound = &rest[range.clone()];
        rest = &rest[range.end..];
        if compound.len() <= MAX_COMPOUND_BYTES && is_compound(compound) {
            found.push(Compound::of(compound));
        }
    }
    found
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() && !is_unspaced(c) && !is_hangul(c)
}

fn is_mark(c: char) -> bool {
    matches!(c, '-' | '.' | '_' | '/' | '@' | ':' | '+' | '#' | '^' | ',' | '&' | '\\' | '\u{2011}')
}

/// The first run of letters and digits, with the marks between them.
fn next_compound(text: &str) -> Option<Range<usize>> {
    let start = text.find(is_part)?;
    let mut end = start;
    let mut marks = 0;
    for (at, c) in text[start..].char_indices() {
        if is_part(c) {
            end = start + at + c.len_utf8();
            marks = 0;
        } else if is_mark(c) && marks < MAX_MARKS {
            marks += 1;
        } else {
            break;
        }
    }
    Some(start..end)
}

/// Whether there is more in a word than the word: marks, letters and digits, or capitals within.
fn is_compound(word: &str) -> bool {
    let mut last = None;
    word.chars().any(|c| {
        let before = last.replace(c);
        is_mark(c) || before.is_some_and(|before| is_border(before, c))
    })
}

/// Whether a part ends between these neighbours.
fn is_border(before: char, after: char) -> bool {
    (before.is_numeric() && after.is_alphabetic())
        || (before.is_alphabetic() && after.is_numeric())
        || (before.is_lowercase() && after.is_uppercase())
}

impl Compound {
    fn of(compound: &str) -> Self {
        let folded = fold(compound);
        let mut wholes: Vec<String> = numbers(&folded).into_iter().flat_map(spellings).collect();
        if folded.contains(char::is_alphabetic) {
            wholes.push(whole(&folded));
        }
        let mut parts: Vec<String> = parts(compound).into_iter().map(fold).collect();
        parts.extend(numbers(&folded).into_iter().flat_map(shorter_times));
        let words: Vec<&str> = folded.unicode_words().collect();
        keep_new(&mut wholes, &words);
        keep_new(&mut parts, &words);
        parts.retain(|part| !wholes.contains(part));
        Self { wholes, parts }
    }
}

/// Keeps the distinct terms that are no words by themselves.
fn keep_new(terms: &mut Vec<String>, words: &[&str]) {
    let mut seen: Vec<String> = Vec::new();
    terms.retain(|term| {
        let is_new = !term.is_empty()
            && term.chars().count() <= MAX_WHOLE_CHARS
            && !words.contains(&&**term)
            && !seen.contains(term);
        if is_new {
            seen.push(term.clone());
        }
        is_new
    });
}

/// The word without its marks, except those between two digits.
fn whole(folded: &str) -> String {
    let mut whole = String::new();
    let mut marks = "";
    for (at, c) in folded.char_indices() {
        if is_mark(c) {
            marks = if marks.is_empty() { &folded[at..at + c.len_utf8()] } else { marks };
            continue;
        }
        if c.is_numeric() && whole.ends_with(char::is_numeric) {
            whole.push_str(marks);
        }
        marks = "";
        whole.push(c);
    }
    whole
}

/// The runs of digits with single marks between them.
fn numbers(folded: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = folded;
    while let Some(start) = rest.find(char::is_numeric) {
        let mut end = start;
        let mut after_mark = false;
        for (at, c) in rest[start..].char_indices() {
            if c.is_numeric() {
                end = start + at + c.len_utf8();
                after_mark = false;
            } else if is_mark(c) && !after_mark {
                after_mark = true;
            } else {
                break;
            }
        }
        found.push(&rest[start..end]);
        rest = &rest[end..];
    }
    found.retain(|number| number.contains(is_mark));
    found
}

/// A time without its fraction and without its seconds.
fn shorter_times(number: &str) -> Vec<String> {
    if !number.contains(':') {
        return Vec::new();
    }
    let time = number.split(['.', ',']).next().unwrap_or(number);
    let minutes = time.match_indices(':').nth(1).map(|(at, _)| &time[..at]);
    let shorter = [Some(time), minutes].into_iter().flatten();
    shorter.filter(|&shorter| shorter != number).map(String::from).collect()
}

/// The ways to write a number: without separators of thousands, with a point before
/// decimals.
fn spellings(number: &str) -> Vec<String> {
    let is_separator = |c: char| matches!(c, '.' | ',');
    let groups: Vec<&str> = number.split(is_separator).collect();
    let is_decimal = groups.iter().all(|group| group.bytes().all(|b| b.is_ascii_digit()));
    if !is_decimal || groups.len() < 2 {
        return vec![number.to_owned()];
    }
    let mut spellings = Vec::new();
    let are_thousands = (1..=3).contains(&groups[0].len())
        && groups[0] != "0"
        && groups[1..].iter().all(|group| group.len() == 3);
    if are_thousands {
        spellings.push(groups.concat());
    }
    let decimals = number.rfind(is_separator).filter(|_| groups[1..].iter().any(|g| g.len() != 3));
    if let (Some(at), true) = (decimals, groups.len() > 2 && number.contains(',')) {
        // "1,043.50" and "1.043,50"
        spellings.push(format!("{}.{}", number[..at].replace(is_separator, ""), &number[at + 1..]));
    } else {
        spellings.push(number.replace(',', "."));
    }
    spellings
}

/// The parts between marks, between letters and digits, and between small letters and
/// capitals. A single letter is no part, and a single digit only beside a word.
fn parts(compound: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for piece in pieces(compound) {
        let mut start = 0;
        let mut chars = piece.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let after = at + c.len_utf8();
            let is_end = chars.peek().is_none_or(|&(_, next)| {
                let then = piece[after + next.len_utf8()..].chars().next();
                is_border(c, next) || ends_capitals(c, next, then)
            });
            if is_end {
                parts.push(&piece[start..after]);
                start = after;
            }
        }
    }
    let has_word = parts.iter().any(|part| is_longer(part) && !part.starts_with(char::is_numeric));
    parts.retain(|part| is_longer(part) || (has_word && part.starts_with(char::is_numeric)));
    parts
}

fn is_longer(part: &str) -> bool {
    part.chars().nth(1).is_some()
}

/// The pieces between marks. A number is not cut at its points and commas.
fn pieces(compound: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut last = ' ';
    for (at, c) in compound.char_indices() {
        let after = at + c.len_utf8();
        let is_within_number = matches!(c, '.' | ',')
            && last.is_numeric()
            && compound[after..].starts_with(char::is_numeric);
        last = c;
        if is_mark(c) && !is_within_number {
            pieces.push(&compound[start..at]);
            start = after;
        }
    }
    pieces.push(&compound[start..]);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Whether the capital `next` begins a word after capitals: "HTTP|Server".
fn ends_capitals(c: char, next: char, then: Option<char>) -> bool {
    c.is_uppercase() && next.is_uppercase() && then.is_some_and(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn an_exponent_is_a_part_of_a_number() {
        assert_eq!(compounds("10⁶"), compounds("10^6"));
        assert_eq!(compounds("10⁶").len(), 1);
    }
}
