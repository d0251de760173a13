//! Lines in capitals, which an encoder that tells capitals from small letters has hardly seen.

use std::borrow::Cow;

/// The fewest words of such a line: one alone may be a name, such as "NASA".
const MIN_WORDS: usize = 2;
/// The fewest capitals of such a line.
const MIN_CAPITALS: usize = 8;

/// The text with its lines in capitals in small letters.
pub(super) fn lower_lines_in_capitals(text: &str) -> Cow<'_, str> {
    if !text.split_inclusive('\n').any(is_in_capitals) {
        return Cow::Borrowed(text);
    }
    let lowered = |line: &str| match is_in_capitals(line) {
        true => line.to_lowercase(),
        false => line.to_owned(),
    };
    text.split_inclusive('\n').map(lowered).collect()
}

fn is_in_capitals(line: &str) -> bool {
    !line.contains(char::is_lowercase)
        && line.chars().filter(|c| c.is_uppercase()).count() >= MIN_CAPITALS
        && line.split_whitespace().count() >= MIN_WORDS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn lines_in_capitals_are_read_as_small_letters() {
        let text = "Read this.\nDO NOT EXCEED 12 BAR.\nNASA";
        assert_eq!(lower_lines_in_capitals(text), "Read this.\ndo not exceed 12 bar.\nNASA");
        for text in ["", "NASA ESA", "12 34", "A line WITH CAPITALS", "東京 タワー"] {
            assert!(matches!(lower_lines_in_capitals(text), Cow::Borrowed(_)), "{text}");
        }
    }
}
