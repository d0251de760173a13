//! Text -> terms for lexical search.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// The most characters of a term; longer words are cut.
const MAX_TERM_CHARS: usize = 64;

/// The most bytes of a term.
pub(super) const MAX_TERM_BYTES: usize = MAX_TERM_CHARS * 4;

/// The terms of `text`, in order: its words by Unicode's rules, in lower case and
/// without accents. Numbers are terms too. Scripts that write no space between words
/// (Chinese, Japanese, Thai and their like) become pairs of neighbouring characters;
/// a character without such a neighbour stands alone.
pub fn terms(text: &str) -> Vec<String> {
    let text = fold(text);
    let mut terms = Vec::new();
    // The current run of characters of scripts without spaces.
    let mut run = 0..0;
    for (start, word) in text.unicode_word_indices() {
        let end = start + word.len();
        if word.starts_with(is_unspaced) {
            if run.end != start {
                push_pairs(&text[run.clone()], &mut terms);
                run.start = start;
            }
            run.end = end;
        } else {
            push_pairs(&text[run.clone()], &mut terms);
            run = end..end;
            push_word(word, &mut terms);
        }
    }
    push_pairs(&text[run], &mut terms);
    terms
}

/// The words of `text`, in order and normalized like [`terms()`]. Scripts without spaces
/// between words become single characters, so that a phrase can be found anywhere in a run.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let text = fold(text);
    let mut tokens = Vec::new();
    for word in text.unicode_words() {
        if word.starts_with(is_unspaced) {
            tokens.extend(word.chars().map(String::from));
        } else {
            push_word(word, &mut tokens);
        }
    }
    tokens
}

/// Normalizes characters that a search must not distinguish: case, accents, ligatures.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut last = ' ';
    let lower = text.nfkd().flat_map(char::to_lowercase).filter(|&char| {
        let before = std::mem::replace(&mut last, char);
        !is_accent(char) || is_breve_of_letter(before, char)
    });
    let mut folded = String::with_capacity(text.len());
    // Composed again: marks that are no accents (parts of a Hangul syllable, the voicing of
    // a kana) belong to their letter.
    for char in lower.nfc() {
        match char {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' => folded.push('d'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            '’' => folded.push('\''),
            char => folded.push(char),
        }
    }
    folded
}

/// Optional marks: accents, Hebrew points, Arabic vowel signs and the stroke that stretches
/// Arabic words. Vowel signs of Indic scripts and Thai are not optional.
fn is_accent(char: char) -> bool {
    matches!(char,
        '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}'
        | '\u{591}'..='\u{5BD}' | '\u{5BF}' | '\u{5C1}' | '\u{5C2}' | '\u{5C4}' | '\u{5C5}'
        | '\u{610}'..='\u{61A}' | '\u{640}' | '\u{64B}'..='\u{65F}' | '\u{670}')
}

/// Whether `mark` makes a different letter of the one before it: й and ў instead of и and у.
fn is_breve_of_letter(letter: char, mark: char) -> bool {
    mark == '\u{306}' && matches!(letter, 'и' | 'у')
}

/// Whether `char` belongs to a script without spaces between words.
pub(super) fn is_unspaced(char: char) -> bool {
    matches!(char,
        '\u{E00}'..='\u{EFF}' // Thai, Lao
        | '\u{1000}'..='\u{109F}' // Myanmar
        | '\u{1780}'..='\u{17FF}' // Khmer
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' // kana
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' // Han
        | '\u{20000}'..='\u{323AF}')
}

fn push_word(word: &str, terms: &mut Vec<String>) {
    let word = word.strip_suffix("'s").unwrap_or(word);
    let end = word.char_indices().nth(MAX_TERM_CHARS).map_or(word.len(), |(end, _)| end);
    terms.push(word[..end].to_owned());
}

fn push_pairs(run: &str, terms: &mut Vec<String>) {
    let ends = run.char_indices().map(|(start, char)| start + char.len_utf8());
    let starts = run.char_indices().map(|(start, _)| start);
    if run.chars().nth(1).is_none() && !run.is_empty() {
        terms.push(run.to_owned());
    }
    terms.extend(starts.zip(ends.skip(1)).map(|(start, end)| run[start..end].to_owned()));
}
