//! Text -> sentences.
//!
//! The rules are based on Unicode's (UAX 29) and differ for wrapped lines and
//! abbreviations. They are implemented here because the crate for UAX 29 takes quadratic
//! time for a run of brackets, and because fewer rules are needed:
//!
//! - A sentence ends after `.`, `!`, `?` and similar marks, and after the closing quotes,
//!   brackets and note numbers (`[3]`) that follow them, if white space and then no
//!   lower-case letter come next. After `。！？` it always ends.
//! - It does not end after an initial ("J. R. R. Tolkien"), an abbreviation before a name
//!   or number ("Dr. Smith", "No. 5", "e.g. this"), capitals with dots ("U.S. Army") unless
//!   a word like "The" follows, or the number of a list item ("2. Wash it").
//! - A line end is a space, as text is often wrapped by hand. A blank line ends a sentence,
//!   and so does a line end before the marker of a list item.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// The most bytes of a sentence; a longer one is cut between words. No step reads more.
pub(crate) const MAX_SENTENCE_BYTES: usize = 2048;

/// The sentences of `text`, in order, trimmed and not blank. Together they contain all of
/// its text except white space. Takes time linear in the text.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut rest = 0..text.len();
    while let Some(sentence) = next_sentence(text, &mut rest) {
        found.push(sentence.range);
    }
    found
}

/// A sentence, and whether it was cut because it is too long.
pub(crate) struct Sentence {
    pub(crate) range: Range<usize>,
    pub(crate) cut: bool,
}

/// Removes the first sentence from `rest`, a range of `text`, and returns it.
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

/// The byte at which to cut `window`, the beginning of `whole`: after its last white space,
/// otherwise before its last word by Unicode's rules, otherwise at its end.
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

/// The end of the first sentence of `text`, if there is one. If `has_more` text follows,
/// the end of `text` ends no sentence.
fn sentence_end(text: &str, has_more: bool) -> Option<usize> {
    let mut from = 0;
    while let Some(character) = text[from..].chars().next() {
        let after = from + character.len_utf8();
        match character {
            '\n' if ends_at_line_end(&text[after..]) => return Some(from),
            '。' | '！' | '？' | '｡' | '︒' | '﹒' | '﹗' | '﹖' => {
                return Some(after + closing_bytes(&text[after..]));
            }
            _ if is_terminator(character) => {
                let end = after + closing_bytes(&text[after..]);
                let next = &text[end..];
                if next.is_empty() {
                    return (!has_more).then_some(end);
                }
                if next.starts_with(char::is_whitespace)
                    && ends_sentence(&text[..from], character, next)
                {
                    return Some(end);
                }
                from = end;
            }
            _ => from = after,
        }
    }
    None
}

/// Whether white space after this mark ends a sentence. Only for scripts with spaces
/// between words.
fn is_terminator(character: char) -> bool {
    matches!(
        character,
        '.' | '!' | '?' | '…' | '‽' | '⁇' | '⁈' | '⁉' | '‼' | '．' // Latin, Greek, Cyrillic
            | '։' | '؟' | '۔' | '؞' | '।' | '॥' | '។' | '៕' | '။' | '።' | '፧' | '᙮' | '܀' | '꓿'
    )
}

/// Bytes of the marks after the first end mark that still belong to the sentence: further
/// end marks, closing quotes and brackets, note numbers.
fn closing_bytes(after: &str) -> usize {
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

/// Bytes of a note number such as `[12]` or `[a]` at the beginning of `text`.
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
    let marker = if number > 0 { line[number..].strip_prefix(['.', ')']) } else { None };
    let marker = marker.or_else(|| line.strip_prefix(['-', '*', '+', '•', '–']));
    marker.is_some_and(|after| after.starts_with([' ', '\t']))
}

/// Whether `mark`, an end mark between `before` and `next`, ends a sentence. `next` begins
/// with white space.
fn ends_sentence(before: &str, mark: char, next: &str) -> bool {
    let next = next.trim_start();
    let opening =
        |c: char| matches!(c, '"' | '\'' | '“' | '‘' | '«' | '(' | '[' | '¿' | '¡' | '*' | '_');
    let next = next.strip_prefix(opening).unwrap_or(next);
    if next.starts_with(char::is_lowercase) {
        return false;
    }
    mark != '.' || !is_abbreviation(before, next)
}

/// Abbreviations after which no sentence ends.
const TITLES: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "st", "rev", "hon", "gen", "col", "lt", "capt", "sgt", "gov",
    "sen", "rep", "pres", "mt", "messrs", "mme", "mlle", "vs", "viz", "cf", "ca", "al", "approx",
    "e.g", "i.e",
];
/// Abbreviations after which no sentence ends if a number follows.
const BEFORE_NUMBERS: &[&str] = &[
    "no", "nos", "nr", "p", "pp", "vol", "vols", "ch", "chap", "sec", "art", "fig", "figs", "eq",
    "eqs", "ver", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov",
    "dec",
];
/// Words that after dotted capitals usually begin a new sentence.
const STARTERS: &[&str] = &[
    "A", "After", "An", "And", "As", "At", "But", "By", "For", "He", "Her", "His", "However", "I",
    "If", "In", "It", "Its", "On", "She", "So", "That", "The", "Their", "There", "These", "They",
    "This", "Those", "To", "We", "When", "While", "With", "You",
];
/// Words of this many bytes or more are no abbreviations.
const MAX_ABBREVIATION_BYTES: usize = 24;

/// Whether the full stop after `before` belongs to its last word.
fn is_abbreviation(before: &str, next: &str) -> bool {
    let tail =
        &before[before.ceil_char_boundary(before.len().saturating_sub(MAX_ABBREVIATION_BYTES))..];
    let word = tail.rsplit(|c: char| c.is_whitespace() || "([{\"'“‘«—–".contains(c)).next();
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
    // Only digits before the full stop: the number of a list item.
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
