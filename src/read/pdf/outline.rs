//! Bookmarks: they say which lines are headings, and of which level.

use std::collections::HashMap;

use unpdf::Outline;
use unpdf::model::OutlineItem;

use super::blocks::{PageBlock, PageBlocks};
use super::readable_text::mended;
use crate::document::BlockKind;

/// Bookmarks that are read at most.
const MAX_BOOKMARKS: usize = 20_000;
/// The fewest letters of a title that is looked for at the beginning of a paragraph.
const MIN_JOINED_TITLE: usize = 8;
/// The most words of such a title.
const MAX_TITLE_WORDS: usize = 30;
/// The most bytes of a title.
const MAX_TITLE_BYTES: usize = 4096;
/// The most titles that are parted from the texts of a page.
const MAX_SPLIT: usize = 200;

/// A bookmark.
pub(super) struct Bookmark {
    title: String,
    page: u32,
    /// From 1.
    level: u8,
}

/// All bookmarks that lead to a page, in order.
pub(super) fn bookmarks(outline: Option<Outline>) -> Vec<Bookmark> {
    let mut found = Vec::new();
    let mut left: Vec<OutlineItem> = outline.map_or(Vec::new(), |outline| outline.items);
    left.reverse();
    while let Some(item) = left.pop().filter(|_| found.len() < MAX_BOOKMARKS) {
        left.extend(item.children.into_iter().rev());
        if let Some(page) = item.page {
            let level = item.level.saturating_add(1).min(6);
            found.push(Bookmark { title: key(&item.title), page, level });
        }
    }
    found
}

/// Makes headings of the blocks that have the title of a bookmark of their page. A heading that
/// was joined with the text after it becomes a block of its own.
pub(super) fn mark_headings(pages: &mut [PageBlocks], bookmarks: &[Bookmark]) {
    let mut by_page: HashMap<u32, Vec<&Bookmark>> = HashMap::new();
    for bookmark in bookmarks.iter().filter(|bookmark| !bookmark.title.is_empty()) {
        by_page.entry(bookmark.page).or_default().push(bookmark);
    }
    for page in pages {
        if let Some(bookmarks) = by_page.get(&page.number) {
            mark_page(&mut page.blocks, bookmarks);
        }
    }
}

fn mark_page(blocks: &mut Vec<PageBlock>, bookmarks: &[&Bookmark]) {
    let mut titles = Titles::of(bookmarks);
    for (place, block) in blocks.iter().enumerate() {
        titles.look_at(block, place);
    }
    let mut split: Vec<(usize, PageBlock)> = Vec::new();
    for bookmark in bookmarks {
        let kind = BlockKind::Heading(bookmark.level);
        let found = titles.found.get(bookmark.title.as_str()).copied().flatten();
        let Some((place, end)) = found else { continue };
        let block = &mut blocks[place];
        // What was found may have been parted by another bookmark.
        let title = block.text.get(..end.unwrap_or(block.text.len()));
        if title.is_none_or(|title| key(title) != bookmark.title) {
            continue;
        }
        let Some(end) = end else {
            block.kind = kind;
            continue;
        };
        if block.kind == BlockKind::Paragraph && split.len() < MAX_SPLIT {
            let text = block.text.split_off(end).trim_start().to_owned();
            let title = std::mem::replace(&mut block.text, text);
            split.push((place, PageBlock { kind, text: title }));
            titles.look_at(block, place);
        }
    }
    // Of several titles before one text, the first was parted first.
    split.sort_by_key(|(place, _)| *place);
    for (inserted, (place, title)) in split.into_iter().enumerate() {
        blocks.insert(place + inserted, title);
    }
}

/// The titles that bookmarks of a page have, and where they were found first: the block, and
/// the end of the title in it where a text follows.
struct Titles<'b> {
    found: HashMap<&'b str, Option<(usize, Option<usize>)>>,
}

impl<'b> Titles<'b> {
    fn of(bookmarks: &[&'b Bookmark]) -> Self {
        Self { found: bookmarks.iter().map(|it| (it.title.as_str(), None)).collect() }
    }

    /// Looks for titles that are this block, or that it begins with. None is taken from a
    /// paragraph that may be a sentence with the same beginning.
    fn look_at(&mut self, block: &PageBlock, place: usize) {
        let text = block.text.as_str();
        if text.len() <= MAX_TITLE_BYTES
            && let Some(found) = self.found.get_mut(key(text).as_str())
            && found.is_none_or(|(_, end)| end.is_some())
        {
            *found = Some((place, None));
        }
        if block.kind != BlockKind::Paragraph {
            return;
        }
        let spaces = text.match_indices(' ').map(|(space, _)| space).take(MAX_TITLE_WORDS);
        for end in spaces.take_while(|&space| space <= MAX_TITLE_BYTES) {
            let title = key(&text[..end]);
            let goes_on = text[end + 1..].starts_with(char::is_lowercase);
            if title.len() >= MIN_JOINED_TITLE
                && !goes_on
                && let Some(found) = self.found.get_mut(title.as_str())
            {
                found.get_or_insert((place, Some(end)));
            }
        }
    }
}

/// A title without its number, punctuation and case.
fn key(title: &str) -> String {
    let title = mended(title).to_lowercase();
    let title = title.trim_start_matches(|c: char| c.is_numeric() || " .)-".contains(c));
    title.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn page(texts: &[&str]) -> PageBlocks {
        let block =
            |text: &&str| PageBlock { kind: BlockKind::Paragraph, text: (*text).to_owned() };
        let blocks = texts.iter().map(block).collect();
        PageBlocks { number: 1, blocks, links: Vec::new(), has_lost_text: false }
    }

    fn bookmark(title: &str, level: u8) -> Bookmark {
        Bookmark { title: key(title), page: 1, level }
    }

    #[test]
    fn titles_are_found_as_blocks_and_before_texts() {
        let mut pages = [page(&[
            "Opening times are listed below.",
            "3.1 Opening times Section two Mondays at nine.",
            "Closing days",
        ])];
        let bookmarks = [
            bookmark("Opening times", 2),
            bookmark("Section two", 3),
            bookmark("Closing days", 1),
            bookmark("Elsewhere", 1),
        ];
        mark_headings(&mut pages, &bookmarks);
        let found: Vec<_> =
            pages[0].blocks.iter().map(|block| (block.kind, block.text.as_str())).collect();
        let expected = [
            (BlockKind::Paragraph, "Opening times are listed below."),
            (BlockKind::Heading(2), "3.1 Opening times"),
            (BlockKind::Heading(3), "Section two"),
            (BlockKind::Paragraph, "Mondays at nine."),
            (BlockKind::Heading(1), "Closing days"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn the_blocks_of_a_page_are_read_once_for_all_bookmarks() {
        let text = "Words that begin no title ".repeat(8);
        let mut pages = [page(&vec![text.as_str(); 500])];
        let bookmarks: Vec<Bookmark> =
            (0..MAX_BOOKMARKS).map(|number| bookmark(&format!("Chapter a{number}"), 1)).collect();
        mark_headings(&mut pages, &bookmarks);
        assert!(pages[0].blocks.iter().all(|block| block.kind == BlockKind::Paragraph));
    }
}
