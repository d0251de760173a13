//! Short lines above text: titles that nothing marks.

use crate::text::{has_end_mark, is_short_title, next_sentence, without_mark};

/// The level of a title with a blank line below it, and of one without: below those that are marked.
pub(super) const LEVEL_APART: u8 = 4;
pub(super) const LEVEL_WITHIN: u8 = 5;
/// The sentences by which text is told from further short lines.
const MIN_SENTENCES: usize = 2;

/// The title that the first line of a paragraph is, and the text below it. One sentence alone is
/// no section: it is quoted with the line above it.
pub(super) fn split(paragraph: &str) -> Option<(&str, &str)> {
    let (title, text) = paragraph.split_once('\n')?;
    let first = next_sentence(paragraph, &mut (0..paragraph.len()))?;
    let is_apart = first.range.end == title.trim_end().len();
    (is_apart && is_title(title) && is_text(text)).then_some((title.trim(), text))
}

/// Whether a paragraph is one line that is the title of the next one.
pub(super) fn is_title_of(paragraph: &str, next: &str) -> bool {
    !paragraph.trim().contains('\n') && is_title(paragraph) && is_text(next)
}

fn is_title(line: &str) -> bool {
    let begins_small = without_mark(line.trim()).starts_with(char::is_lowercase);
    is_short_title(line) && !begins_small && !line.contains([':', '：'])
}

/// Whether a text begins with several sentences.
fn is_text(text: &str) -> bool {
    let mut rest = 0..text.len();
    let sentences = std::iter::from_fn(|| next_sentence(text, &mut rest));
    let whole =
        |range: std::ops::Range<usize>| has_end_mark(text[range].trim_end_matches(is_closing));
    sentences.take(MIN_SENTENCES).filter(|sentence| whole(sentence.range.clone())).count()
        == MIN_SENTENCES
}

fn is_closing(mark: char) -> bool {
    matches!(mark, '"' | '”' | '“' | '’' | '»' | ')' | '」')
}
