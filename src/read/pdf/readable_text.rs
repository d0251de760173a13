//! The text of a PDF as a person would write it down.

use unicode_normalization::UnicodeNormalization;

use crate::read::hyphens::{Joint, joint};

/// The share of characters without a meaning from which a text is no text.
const GARBAGE_SHARE: f32 = 0.3;
/// A text with fewer characters is not judged.
const MIN_JUDGED_CHARS: usize = 16;

/// The text without ligatures, hyphens of line ends and repeated spaces. Line ends become
/// spaces.
pub(super) fn mended(text: &str) -> String {
    let text: String = text.chars().flat_map(without_ligature).collect();
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let parted = words.last_mut().and_then(|last| {
            let joint = joint(last.strip_suffix(['-', '\u{2010}'])?, word);
            (joint != Joint::Apart).then_some((last, joint))
        });
        match parted {
            Some((last, joint)) => {
                if joint == Joint::Word {
                    last.pop();
                }
                last.push_str(word);
            }
            None => words.push(word.to_owned()),
        }
    }
    in_logical_order(&words.join(" "))
}

/// The text with lam before alef where the ligature of both was written in visual order. Two
/// alefs before a lam are in no word of Arabic or Persian.
fn in_logical_order(text: &str) -> String {
    const ALEFS: [char; 4] = ['\u{627}', '\u{623}', '\u{625}', '\u{622}'];
    const LAM: char = '\u{644}';
    if !text.contains(LAM) {
        return text.to_owned();
    }
    let mut letters: Vec<char> = text.chars().collect();
    for at in 2..letters.len() {
        let is_swapped =
            letters[at] == LAM && ALEFS.contains(&letters[at - 1]) && letters[at - 2] == ALEFS[0];
        if is_swapped {
            letters.swap(at - 1, at);
        }
    }
    letters.into_iter().collect()
}

/// Whether most letters of these texts are of a script that is written from right to left.
pub(super) fn is_right_to_left<'a>(texts: impl Iterator<Item = &'a String>) -> bool {
    let (mut letters, mut right_to_left) = (0_usize, 0_usize);
    for letter in texts.flat_map(|text| text.chars()).filter(|c| c.is_alphabetic()) {
        letters += 1;
        right_to_left += usize::from(matches!(letter, '\u{590}'..='\u{8ff}'));
    }
    right_to_left * 2 > letters
}

/// The letters of a ligature or of a presentation form; any other character as it is.
fn without_ligature(character: char) -> impl Iterator<Item = char> {
    let is_form = matches!(character, '\u{fb00}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}');
    let (form, other) = match is_form {
        true => (Some(character), None),
        false => (None, Some(character)),
    };
    form.into_iter().nfkc().chain(other)
}

/// Whether these texts, together, are characters without a meaning: replacement characters,
/// private use, controls, and marks between letters, as a font without a map gives them.
pub(super) fn is_garbage<'a>(texts: impl Iterator<Item = &'a str>) -> bool {
    let (mut all, mut meaningless) = (0_usize, 0_usize);
    for character in texts.flat_map(str::chars).filter(|c| !c.is_whitespace()) {
        all += 1;
        let is_private = matches!(
            character,
            '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' | char::REPLACEMENT_CHARACTER
        );
        meaningless += usize::from(is_private || character.is_control());
    }
    all >= MIN_JUDGED_CHARS && meaningless as f32 > GARBAGE_SHARE * all as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn a_hyphen_at_a_line_end_is_removed_only_where_the_word_goes_on() {
        let cases = [
            ("Ef-\nfects of light", "Effects of light"),
            ("ip- sum dolor", "ipsum dolor"),
            ("pre- and post-war", "pre- and post-war"),
            ("the A- side", "the A- side"),
            ("self-locking", "self-locking"),
            ("a well-\nknown work", "a well-known work"),
            ("pages 3- 5", "pages 3- 5"),
            ("Nord- Süd", "Nord- Süd"),
        ];
        for (text, expected) in cases {
            assert_eq!(mended(text), expected);
        }
    }

    #[test]
    fn ligatures_and_presentation_forms_become_letters() {
        assert_eq!(mended("con\u{fb01}guration e\u{fb00}ect"), "configuration effect");
        assert_eq!(mended("\u{fefb}"), "\u{644}\u{627}");
        assert_eq!(mended("\u{627}\u{627}\u{644}"), "\u{627}\u{644}\u{627}");
        assert_eq!(mended("ＡＢ ½ ①"), "ＡＢ ½ ①");
    }

    #[test]
    fn characters_of_a_font_without_a_map_are_no_text() {
        let private = "\u{f020}\u{f041}".repeat(20);
        assert!(is_garbage([private.as_str()].into_iter()));
        assert!(!is_garbage(["Ein Satz, und 日本語."].into_iter()));
        assert!(!is_garbage(["\u{f0b7} a bullet before text that is read well"].into_iter()));
    }
}
