//! Letters of scripts whose words are found by their characters.

/// Whether `char` belongs to a script without spaces between words.
pub(crate) fn is_unspaced(char: char) -> bool {
    matches!(char,
        '\u{E00}'..='\u{EFF}' // Thai, Lao
        | '\u{1000}'..='\u{109F}' // Myanmar
        | '\u{1780}'..='\u{17FF}' // Khmer
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' // kana
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' // Han
        | '\u{20000}'..='\u{323AF}')
}

/// Whether `char` is a Korean syllable. Korean words are written together with their
/// particles, so they are found by pairs of syllables too.
pub(crate) fn is_hangul(char: char) -> bool {
    matches!(char, '\u{AC00}'..='\u{D7A3}')
}
