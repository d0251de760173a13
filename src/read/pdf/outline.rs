//! Bookmarks: they say which lines are headings, and of which level.

use unpdf::Outline;
use unpdf::model::OutlineItem;

use super::blocks::PageBlocks;
use super::readable_text::mended;
use crate::document::BlockKind;

/// Bookmarks that are read at most.
const MAX_BOOKMARKS: usize = 20_000;

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

/// Makes headings of the blocks that have the title of a bookmark of their page.
pub(super) fn mark_headings(pages: &mut [PageBlocks], bookmarks: &[Bookmark]) {
    for bookmark in bookmarks.iter().filter(|bookmark| !bookmark.title.is_empty()) {
        let page = pages.binary_search_by_key(&bookmark.page, |page| page.number);
        let Ok(at) = page else { continue };
        let block = pages[at].blocks.iter_mut().find(|block| key(&block.text) == bookmark.title);
        if let Some(block) = block {
            block.kind = BlockKind::Heading(bookmark.level);
        }
    }
}

/// A title without its number, punctuation and case.
fn key(title: &str) -> String {
    let title = mended(title).to_lowercase();
    let title = title.trim_start_matches(|c: char| c.is_numeric() || " .)-".contains(c));
    title.chars().filter(|c| c.is_alphanumeric()).collect()
}
