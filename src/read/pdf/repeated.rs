//! Headers and footers: what stands at the top or bottom of many pages.

use std::collections::HashMap;

use super::blocks::PageBlocks;
use crate::document::BlockKind;

/// How many blocks at the top, and at the bottom, of a page may be a header or footer.
const EDGE_BLOCKS: usize = 2;
/// Pages on which a header or footer stands at least.
const MIN_PAGES: usize = 3;
/// The most bytes of a header or footer.
const MAX_BYTES: usize = 200;

/// Marks headers and footers as boilerplate: short blocks at the edge of a page that stand, with
/// other numbers, on at least three pages and a fifth of all.
pub(super) fn mark(pages: &mut [PageBlocks]) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for page in pages.iter() {
        let mut keys: Vec<String> = edges(page).map(|at| key(&page.blocks[at].text)).collect();
        keys.sort();
        keys.dedup();
        keys.into_iter().for_each(|key| *counts.entry(key).or_default() += 1);
    }
    let enough = MIN_PAGES.max(pages.len().div_ceil(5));
    for page in pages {
        let (places, count): (Vec<usize>, usize) = (edges(page).collect(), page.blocks.len());
        for at in places {
            let block = &mut page.blocks[at];
            let key = key(&block.text);
            let is_outermost = at == 0 || at + 1 == count;
            // A form or a series of letters repeats sentences of its text as well.
            let is_sentence = !is_outermost && block.text.ends_with(['.', '!', '?', ':']);
            let is_repeated =
                !is_sentence && counts.get(&key).is_some_and(|&count| count >= enough);
            if block.text.len() <= MAX_BYTES && (is_repeated || is_page_number(&key)) {
                block.kind = BlockKind::Boilerplate;
            }
        }
    }
}

/// The places of the first and the last blocks of a page.
fn edges(page: &PageBlocks) -> impl Iterator<Item = usize> + use<> {
    let count = page.blocks.len();
    (0..count).filter(move |&at| at < EDGE_BLOCKS || at + EDGE_BLOCKS >= count)
}

/// A text with `#` for each number.
fn key(text: &str) -> String {
    let mut key = String::new();
    for character in text.chars() {
        if !character.is_numeric() {
            key.extend(character.to_lowercase());
        } else if !key.ends_with('#') {
            key.push('#');
        }
    }
    key
}

/// Whether a key is that of a page's number alone.
fn is_page_number(key: &str) -> bool {
    let bare = key.trim_matches(|c: char| c.is_whitespace() || "-–—|[]().".contains(c));
    matches!(
        bare,
        "#" | "page #" | "seite #" | "página #" | "# / #" | "#/#" | "page # of #" | "#-#"
    )
}
