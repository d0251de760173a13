//! Bookmarks: they say which lines are headings, and of which level.

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
    for bookmark in bookmarks.iter().filter(|bookmark| !bookmark.title.is_empty()) {
        let page = pages.binary_search_by_key(&bookmark.page, |page| page.number);
        let Ok(at) = page else { continue };
        let kind = BlockKind::Heading(bookmark.level);
        let blocks = &mut pages[at].blocks;
        if let Some(block) = blocks.iter_mut().find(|block| key(&block.text) == bookmark.title) {
            block.kind = kind;
            continue;
        }
        let joined = blocks.iter().enumerate().find_map(|(place, block)| {
            let end = title_end(block, &bookmark.title)?;
            Some((place, end))
        });
        if let Some((place, end)) = joined {
            let text = blocks[place].text.split_off(end).trim_start().to_owned();
            let title = std::mem::replace(&mut blocks[place].text, text);
            blocks.insert(place, PageBlock { kind, text: title });
        }
    }
}

/// Where the title ends that a paragraph begins with. None where it may be the beginning of a
/// sentence instead.
fn title_end(block: &PageBlock, title: &str) -> Option<usize> {
    let text = &block.text;
    if block.kind != BlockKind::Paragraph || title.len() < MIN_JOINED_TITLE {
        return None;
    }
    let spaces = text.match_indices(' ').map(|(space, _)| space);
    let end = spaces.take(MAX_TITLE_WORDS).find(|&space| key(&text[..space]) == title)?;
    let goes_on = text[end + 1..].starts_with(char::is_lowercase);
    (!goes_on).then_some(end)
}

/// A title without its number, punctuation and case.
fn key(title: &str) -> String {
    let title = mended(title).to_lowercase();
    let title = title.trim_start_matches(|c: char| c.is_numeric() || " .)-".contains(c));
    title.chars().filter(|c| c.is_alphanumeric()).collect()
}
