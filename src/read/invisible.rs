//! Characters that nobody sees, and that part words where they are kept.

/// Where a word may be parted; it is seen at line ends only.
pub(super) const SOFT_HYPHEN: char = '\u{ad}';

/// Whether [`is_invisible`] is true of a character after some others.
pub(super) fn may_be_invisible(character: char) -> bool {
    is_invisible(character, None)
        || matches!(character, '\u{200b}'..='\u{200d}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a character is left out: a control character except tab and line end, a soft hyphen, a
/// byte order mark, a joiner or a space of no width, a mark of direction, an invisible operator or
/// tag. What joins or parts letters of scripts that need it stays, and so do sequences of emoji.
pub(super) fn is_invisible(character: char, previous: Option<char>) -> bool {
    let previous = previous.unwrap_or(' ');
    match character {
        '\n' | '\t' => false,
        SOFT_HYPHEN | '\u{feff}' | '\u{61c}' | '\u{180e}' => true,
        // They part the words of Thai, Lao, Burmese and Khmer.
        '\u{200b}' => {
            !matches!(previous, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
        }
        // They shape the letters of Arabic and of the scripts of India, and join emoji.
        '\u{200c}' | '\u{200d}' => previous < '\u{590}',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{fff9}'..='\u{fffb}' => true,
        // They end the emoji of a flag.
        '\u{e0000}'..='\u{e007f}' => !matches!(previous, '\u{1f3f4}' | '\u{e0000}'..='\u{e007f}'),
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::blocks::readable;
    use crate::test;

    #[test]
    fn invisible_characters_do_not_part_words() {
        for (text, seen) in [
            ("Retry\u{200b}Back\u{2060}Off\u{feff}Policy", "RetryBackOffPolicy"),
            ("Auf\u{200c}lage, sof\u{ad}tware", "Auflage, software"),
            ("\u{202e}evil\u{202c} \u{2066}a\u{2069}\u{200f}", "evil a"),
            ("hid\u{e0041}\u{e0042}den", "hidden"),
            ("unconsti\u{ad}\r\ntutional", "unconsti-\ntutional"),
        ] {
            assert_eq!(readable(text), seen);
        }
    }

    #[test]
    fn what_shapes_letters_and_emoji_stays() {
        for text in [
            "می\u{200c}روم",
            "क\u{94d}\u{200d}ष",
            "👩\u{200d}💻 ❤\u{fe0f}\u{200d}🔥",
            "🏴\u{e0067}\u{e0062}\u{e007f}",
            "ភាសា\u{200b}ខ្មែរ",
        ] {
            assert_eq!(readable(text), text);
        }
    }
}
