//! Text -> sentences.
//!
//! The rules are those of Unicode (UAX 29) where they serve people who read,
//! and they differ where a text in lines or an abbreviation would mislead them.
//! They are written out here because the crate that has UAX 29 takes time with
//! the square of a run of brackets, and because they ask for less:
//!
//! - A sentence ends after `.`, `!`, `?` and the like, with the closing quotes,
//!   brackets and note numbers (`[3]`) that follow, where white space comes next
//!   and then no small letter; after `。！？` whatever comes next.
//! - It does not end after an initial ("J. R. R. Tolkien"), an abbreviation
//!   before a name or number ("Dr. Smith", "No. 5", "e.g. this"), capitals with
//!   dots ("U.S. Army") unless a word like "The" follows, or the number of a
//!   list item ("2. Wash it").
//! - A line end is a space, as text is often wrapped by hand. A blank line ends
//!   a sentence, and so does a line end before the mark of a list item.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// Bytes of the longest sentence; a longer one is cut between words. No step
/// looks at more.
pub(crate) const MAX_SENTENCE_BYTES: usize = 2048;

/// The sentences of `text`: in order, trimmed, none blank, and nothing but white
/// space left out. Takes time linear in the text.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut rest = 0..text.len();
    while let Some(sentence) = next_sentence(text, &mut rest) {
        found.push(sentence.range);
    }
    found
}

/// A sentence, and whether it ends where it does only because it is too long.
pub(crate) struct Sentence {
    pub(crate) range: Range<usize>,
    pub(crate) cut: bool,
}

/// Takes the first sentence off `rest`, a part of `text`.
pub(crate) fn next_sentence(text: &str, rest: &mut Range<usize>) -> Option<Sentence> {
    let part = &text[rest.clone()];
    let start = rest.start + (part.len() - part.trim_start().len());
    rest.start = start;
    if start == rest.end {
        return None;
    }
    let whole = &text[rest.clone()];
    let window = &whole[..whole.floor_char_boundary(MAX_SENTENCE_BYTES)];
    let (length, cut) = match sentence_end(window, window.len() < whole.len()) {
        Some(end) => (end, false),
        None if window.len() == whole.len() => (window.len(), false),
        None => (cut_between_words(window, whole), true),
    };
    rest.start = start + length;
    Some(Sentence { range: start..start + whole[..length].trim_end().len(), cut })
}

/// Where to cut a `window`, the beginning of `whole`, that has to be cut
/// somewhere: after its last white space, or else its last whole word by
/// Unicode's rules, or else at its end.
pub(crate) fn cut_between_words(window: &str, whole: &str) -> usize {
    if whole[window.len()..].starts_with(char::is_whitespace) {
        return window.len();
    }
    let is_space = |(_, character): &(usize, char)| character.is_whitespace();
    if let Some((at, space)) = window.char_indices().rev().find(is_space) {
        return at + space.len_utf8();
    }
    match window.split_word_bound_indices().next_back() {
        Some((last_word, _)) if last_word > 0 => last_word,
        _ => window.len(),
    }
}

/// Where the first sentence of `text` ends, if it does. A `window` is followed
/// by more text, so that nothing ends at its end.
fn sentence_end(text: &str, window: bool) -> Option<usize> {
    let mut from = 0;
    while let Some(character) = text[from..].chars().next() {
        let after = from + character.len_utf8();
        match character {
            '\n' if ends_at_line_end(&text[after..]) => return Some(from),
            '。' | '！' | '？' | '｡' | '︒' | '﹒' | '﹗' | '﹖' => {
                return Some(after + closing(&text[after..]));
            }
            _ if is_terminator(character) => {
                let end = after + closing(&text[after..]);
                let next = &text[end..];
                if next.is_empty() {
                    return (!window).then_some(end);
                }
                if next.starts_with(char::is_whitespace) && ends(&text[..from], character, next) {
                    return Some(end);
                }
                from = end;
            }
            _ => from = after,
        }
    }
    None
}

/// Marks that end a sentence where white space follows, of the scripts that use
/// spaces between words.
fn is_terminator(character: char) -> bool {
    matches!(
        character,
        '.' | '!' | '?' | '…' | '‽' | '⁇' | '⁈' | '⁉' | '‼' | '．' // Latin, Greek, Cyrillic
            | '։' | '؟' | '۔' | '؞' | '।' | '॥' | '។' | '៕' | '။' | '።' | '፧' | '᙮' | '܀' | '꓿'
    )
}

/// Bytes of the marks that belong to the sentence after its first end mark: more
/// end marks, closing quotes and brackets, the numbers of notes.
fn closing(after: &str) -> usize {
    let mut end = 0;
    while let Some(character) = after[end..].chars().next() {
        let closes = matches!(
            character,
            '"' | '\''
                | '”'
                | '’'
                | '»'
                | '›'
                | ')'
                | ']'
                | '}'
                | '」'
                | '』'
                | '）'
                | '】'
                | '》'
                | '〉'
        );
        if closes || is_terminator(character) || matches!(character, '。' | '！' | '？') {
            end += character.len_utf8();
        } else if let Some(note) = note_number(&after[end..]) {
            end += note;
        } else {
            break;
        }
    }
    end
}

/// Bytes of a note such as `[12]` or `[a]` that `text` begins with.
fn note_number(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('[')?;
    let length = inside.bytes().take(4).take_while(u8::is_ascii_alphanumeric).count();
    (length > 0 && inside[length..].starts_with(']')).then_some(length + 2)
}

/// Whether a line end before `next_line` ends a sentence.
fn ends_at_line_end(next_line: &str) -> bool {
    let line = next_line.trim_start_matches([' ', '\t']);
    if line.is_empty() || line.starts_with(['\n', '\r']) {
        return true;
    }
    let number = line.bytes().take(4).take_while(u8::is_ascii_digit).count();
    let mark = if number > 0 { line[number..].strip_prefix(['.', ')']) } else { None };
    let mark = mark.or_else(|| line.strip_prefix(['-', '*', '+', '•', '–']));
    mark.is_some_and(|after| after.starts_with([' ', '\t']))
}

/// Whether the end mark `mark` between `before` and `next`, which starts with
/// white space, ends a sentence.
fn ends(before: &str, mark: char, next: &str) -> bool {
    let next = next.trim_start();
    let opening =
        |c: char| matches!(c, '"' | '\'' | '“' | '‘' | '«' | '(' | '[' | '¿' | '¡' | '*' | '_');
    let next = next.strip_prefix(opening).unwrap_or(next);
    if next.starts_with(char::is_lowercase) {
        return false;
    }
    mark != '.' || !is_abbreviation(before, next)
}

/// Before a name, whatever follows.
const TITLES: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "st", "rev", "hon", "gen", "col", "lt", "capt", "sgt", "gov",
    "sen", "rep", "pres", "mt", "messrs", "mme", "mlle", "vs", "viz", "cf", "ca", "al", "approx",
    "e.g", "i.e",
];
/// Before a number.
const BEFORE_NUMBERS: &[&str] = &[
    "no", "nos", "nr", "p", "pp", "vol", "vols", "ch", "chap", "sec", "art", "fig", "figs", "eq",
    "eqs", "ver", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov",
    "dec",
];
/// Words that begin a sentence more often than they follow dotted capitals in one.
const STARTERS: &[&str] = &[
    "A", "After", "An", "And", "As", "At", "But", "By", "For", "He", "Her", "His", "However", "I",
    "If", "In", "It", "Its", "On", "She", "So", "That", "The", "Their", "There", "These", "They",
    "This", "Those", "To", "We", "When", "While", "With", "You",
];
/// Bytes of the longest word that can be an abbreviation.
const MAX_ABBREVIATION_BYTES: usize = 24;

/// Whether the full stop after `before` belongs to its last word.
fn is_abbreviation(before: &str, next: &str) -> bool {
    let near =
        &before[before.ceil_char_boundary(before.len().saturating_sub(MAX_ABBREVIATION_BYTES))..];
    let word = near.rsplit(|c: char| c.is_whitespace() || "([{\"'“‘«—–".contains(c)).next();
    let Some(word) = word.filter(|word| !word.is_empty() && word.len() < MAX_ABBREVIATION_BYTES)
    else {
        return false;
    };
    let lower = word.to_lowercase();
    if TITLES.contains(&&*lower) {
        return true;
    }
    if next.starts_with(|c: char| c.is_numeric()) && BEFORE_NUMBERS.contains(&&*lower) {
        return true;
    }
    // The number of a list item is all that stands before its full stop.
    if word.len() <= 3 && word.len() == before.len() && word.bytes().all(|b| b.is_ascii_digit()) {
        return true;
    }
    let initials = word.split(['.', '-']).all(|part| {
        let mut letters = part.chars();
        letters.next().is_some_and(char::is_uppercase) && letters.next().is_none()
    });
    // "I" is a word far more often than an initial.
    let first = next.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    initials && word != "I" && !STARTERS.contains(&first)
}
