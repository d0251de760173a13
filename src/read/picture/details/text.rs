//! Texts of details, bounded and clean.

use encoding_rs::WINDOWS_1252;

/// Bytes of a text, at the most.
const TEXT_BYTES: usize = 4096;

/// The text without control characters, cut to 4 kB. None if nothing is left.
pub(super) fn clean(text: &str) -> Option<String> {
    let mut clean = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !clean.is_empty() {
            clean.push(' ');
        }
        let end = word.floor_char_boundary(TEXT_BYTES.saturating_sub(clean.len()));
        clean.push_str(&word[..end]);
        if clean.len() >= TEXT_BYTES || end < word.len() {
            break;
        }
    }
    let clean = clean.trim_end();
    (!clean.is_empty()).then(|| clean.to_owned())
}

/// Text of bytes whose encoding nothing states: UTF-8, otherwise that of Western Windows.
pub(super) fn of_bytes(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.get(..bytes.len().min(TEXT_BYTES * 2))?;
    // A character may be cut in two at the end.
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(error) if error.error_len().is_none() => String::from_utf8_lossy(bytes),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    };
    clean(&text)
}

/// Text of UTF-16, up to its first zero.
pub(super) fn of_utf16(bytes: &[u8], is_little: bool) -> Option<String> {
    let unit = |pair: &[u8; 2]| {
        if is_little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) }
    };
    let units = bytes.as_chunks::<2>().0.iter().map(unit);
    let units = units.take(TEXT_BYTES).take_while(|&unit| unit != 0);
    clean(&String::from_utf16_lossy(&units.collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_removed_and_spaces_are_one() {
        assert_eq!(clean("  a\u{0}b\n\n c\u{7}\u{85} "), Some("a b c".to_owned()));
        assert_eq!(clean("\0\0 \n"), None);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        for text in ["é".repeat(5000), "wört ".repeat(5000), format!("a{}", "漢".repeat(4000))] {
            let cut = clean(&text).expect("there is text");
            assert!(cut.len() <= TEXT_BYTES && cut.len() > TEXT_BYTES - 8, "{}", cut.len());
        }
    }

    #[test]
    fn old_encodings_are_read() {
        assert_eq!(of_bytes("Bäume".as_bytes()), Some("Bäume".to_owned()));
        assert_eq!(of_bytes(b"B\xe4ume \x96 gr\xfcn"), Some("Bäume – grün".to_owned()));
        assert_eq!(of_utf16(b"B\0\xe4\0\0\0x\0", true), Some("Bä".to_owned()));
    }
}
