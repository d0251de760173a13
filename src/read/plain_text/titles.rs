//! Short lines above text: titles that nothing marks.

use unicode_segmentation::UnicodeSegmentation;

use crate::lines::{ends_sentence, has_end_mark, is_short_title, without_mark};

/// The level of a title with a blank line below it, and of one without: below those that are marked.
pub(super) const LEVEL_APART: u8 = 4;
pub(super) const LEVEL_WITHIN: u8 = 5;
/// The sentences by which text is told from further short lines.
const MIN_SENTENCES: usize = 2;
const MIN_SENTENCE_WORDS: usize = 3;
/// In how many pieces of a text they are looked for.
const MAX_PIECES: usize = 16;

/// The title that the first line of a paragraph is, and the text below it. One sentence alone is
/// no section: it is quoted with the line above it.
pub(super) fn split(paragraph: &str) -> Option<(&str, &str)> {
    let (title, text) = paragraph.split_once('\n')?;
    let is_section = is_title(title) && is_text(text) && ends_sentence(paragraph, title.len());
    is_section.then_some((title.trim(), text))
}

/// Whether a paragraph is one line that is the title of the next one.
pub(super) fn is_title_of(paragraph: &str, next: &str) -> bool {
    !paragraph.trim().contains('\n') && is_title(paragraph) && is_text(next)
}

fn is_title(line: &str) -> bool {
    let begins_small = without_mark(line.trim()).starts_with(char::is_lowercase);
    is_short_title(line) && !begins_small && !line.contains([':', '：'])
}

/// Whether a text begins with several sentences. What ends after an abbreviation is too short for one.
fn is_text(text: &str) -> bool {
    let is_whole = |sentence: &&str| {
        has_end_mark(sentence.trim_end().trim_end_matches(is_closing))
            && sentence.unicode_words().nth(MIN_SENTENCE_WORDS - 1).is_some()
    };
    text.unicode_sentences().take(MAX_PIECES).filter(is_whole).nth(MIN_SENTENCES - 1).is_some()
}

fn is_closing(mark: char) -> bool {
    matches!(mark, '"' | '”' | '“' | '’' | '»' | ')' | '」')
}
