//! Short lines that name what is below them.

use unicode_segmentation::UnicodeSegmentation;

/// The most words of such a line ("Knitting club").
const MAX_TITLE_WORDS: usize = 5;
/// What ends a sentence, or goes on with it.
const MARKS: [char; 13] = ['.', '!', '?', ',', ';', '…', '。', '！', '？', '،', '؛', '؟', '।'];

/// Whether a text is a few words, without a number or a mark at the end: "Bus 12" is no title.
pub(crate) fn is_short_title(text: &str) -> bool {
    let text = without_mark(text.trim());
    let has_number = |word: &str| word.contains(char::is_numeric);
    let words = || text.unicode_words();
    (1..=MAX_TITLE_WORDS).contains(&words().take(MAX_TITLE_WORDS + 1).count())
        && !words().next_back().is_some_and(has_number)
        && !has_end_mark(text)
}

/// Whether a line ends as a sentence or a part of one does.
pub(crate) fn has_end_mark(text: &str) -> bool {
    text.trim_end().ends_with(MARKS)
}

/// A line without the mark of a list, or the number of a section.
pub(crate) fn without_mark(text: &str) -> &str {
    text.trim_start_matches(|c: char| {
        c.is_ascii_digit() || c.is_whitespace() || ".)-*+•".contains(c)
    })
}
