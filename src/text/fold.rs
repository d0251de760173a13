//! Characters that a search must not distinguish.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// Normalizes characters that a search must not distinguish: case, accents, ligatures, letter
/// forms, digits of other scripts. Drops characters that are not seen.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut last = ' ';
    let lower = text.nfkd().flat_map(char::to_lowercase).filter(|&char| {
        let before = std::mem::replace(&mut last, char);
        (!is_accent(char) || is_breve_of_letter(before, char)) && !is_invisible(char)
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
            // Persian and Arabic keyboards write these letters differently.
            'ک' => folded.push('ك'),
            'ی' | 'ى' => folded.push('ي'),
            _ if char.is_numeric() => folded.push(ascii_digit(char)),
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

/// Whether a reader does not see `char`: soft hyphens, spaces and joiners of no width, marks of
/// direction.
fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FEFF}')
}

/// The ASCII digit of the same value; other characters as they are.
fn ascii_digit(char: char) -> char {
    // The digits of each script are ten neighbours.
    const ZEROS: [char; 12] = [
        '\u{660}', '\u{6F0}', '\u{7C0}', '\u{966}', '\u{9E6}', '\u{A66}', '\u{AE6}', '\u{B66}',
        '\u{BE6}', '\u{E50}', '\u{ED0}', '\u{1040}',
    ];
    let value = |zero: char| (char as u32).checked_sub(zero as u32).filter(|&value| value < 10);
    let value = ZEROS.into_iter().find_map(value);
    value.and_then(|value| char::from_digit(value, 10)).unwrap_or(char)
}

/// `text` with a mark before exponents, so that 10⁶ is 10^6 and not 106.
pub(super) fn mark_exponents(text: &str) -> Cow<'_, str> {
    let is_raised = |c: char| matches!(c, '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | '⁻');
    if text.is_ascii() || !text.contains(is_raised) {
        return text.into();
    }
    let mut marked = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_raised(c) && marked.ends_with(|last: char| last.is_alphanumeric() && !is_raised(last))
        {
            marked.push('^');
        }
        marked.push(c);
    }
    marked.into()
}
