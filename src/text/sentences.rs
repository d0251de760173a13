//! Text -> sentences.
//!
//! The rules are based on Unicode's (UAX 29) and differ for wrapped lines and
//! abbreviations. They are implemented here because the crate for UAX 29 takes quadratic
//! time for a run of brackets, and because fewer rules are needed:
//!
//! - A sentence ends after `.`, `!`, `?` and similar marks, and after the closing quotes,
//!   brackets and note numbers (`[3]`) that follow them, if white space and then no
//!   lower-case letter come next. After `。！？` it always ends.
//! - It does not end after an initial ("J. R. R. Tolkien"), an abbreviation ("Dr. Smith",
//!   "5 Mio. Euro") unless a word like "The" follows, an ordinal number ("am 3. Mai") or the
//!   number of a list item ("2. Wash it"), nor within a wide bracket: "（二階。東側）".
//! - A line end is a space where text is wrapped (`lines.rs`). A blank line ends a sentence,
//!   and so does a line end before the marker of a list item.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::abbreviation;
use crate::lines;

/// The most bytes of a sentence; a longer one is cut between words. No step reads more.
pub(crate) const MAX_SENTENCE_BYTES: usize = 2048;

/// The most bytes in which the end of a bracket is looked for.
const MAX_BRACKET_BYTES: usize = 120;

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
    let context = &text[..rest.end];
    let (length, cut) = match sentence_end(context, start, start + window.len()) {
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

/// The length of the first sentence of `context[start..end]`, if it ends there. The end of
/// this part ends a sentence only where `context` ends too.
fn sentence_end(context: &str, start: usize, end: usize) -> Option<usize> {
    let (text, has_more) = (&context[start..end], end < context.len());
    // Whether a wide bracket is open.
    let mut opened = false;
    let mut from = 0;
    while let Some(character) = text[from..].chars().next() {
        let after = from + character.len_utf8();
        match character {
            '\n' if lines::ends_sentence(context, start + from) => return Some(from),
            '（' => (opened, from) = (true, after),
            '）' => (opened, from) = (false, after),
            '。' | '！' | '？' | '｡' | '︒' | '﹒' | '﹗' | '﹖'
                if opened && closes(&text[after..]) =>
            {
                from = after;
            }
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

/// Whether more text follows in the bracket that is open, and then its end: "（二階。東側）".
fn closes(after: &str) -> bool {
    let near = &after[..after.floor_char_boundary(MAX_BRACKET_BYTES)];
    let inside = near.split('\n').next().unwrap_or(near);
    inside.find('）').is_some_and(|end| end > 0)
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
        } else if let Some(length) = note_number(&after[end..]).or(french_quote(&after[end..])) {
            end += length;
        } else {
            break;
        }
    }
    end
}

/// Bytes of a closing quote with the space that French sets before it. One before a word opens.
fn french_quote(text: &str) -> Option<usize> {
    let quote = text.strip_prefix([' ', '\u{A0}', '\u{202F}'])?;
    let after = quote.strip_prefix('»')?;
    let opens = after.starts_with(char::is_alphanumeric);
    (!opens).then_some(text.len() - after.len())
}

/// Bytes of a note number such as `[12]` or `[a]` at the beginning of `text`.
fn note_number(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('[')?;
    let length = inside.bytes().take(4).take_while(u8::is_ascii_alphanumeric).count();
    (length > 0 && inside[length..].starts_with(']')).then_some(length + 2)
}

/// Whether `mark`, an end mark between `before` and `next`, ends a sentence. `next` begins
/// with white space.
fn ends_sentence(before: &str, mark: char, next: &str) -> bool {
    let next = next.trim_start();
    let opening =
        |c: char| matches!(c, '"' | '\'' | '“' | '‘' | '«' | '(' | '[' | '¿' | '¡' | '*' | '_');
    let next = next.strip_prefix(opening).unwrap_or(next);
    if next.starts_with(is_lower_case) {
        return false;
    }
    match mark {
        '.' => !abbreviation::is_abbreviation(before, next),
        '!' => !abbreviation::is_name_with_mark(before, next),
        _ => true,
    }
}

/// Whether a letter is a small one. Georgian has no capitals at the beginning of sentences.
fn is_lower_case(letter: char) -> bool {
    letter.is_lowercase() && !('\u{10D0}'..='\u{10FF}').contains(&letter)
}
