//! What abbreviations stand for: `<abbr title="…">`.

use std::collections::HashSet;

use super::tokens::Tag;

/// The most bytes of what an abbreviation stands for.
const MAX_BYTES: usize = 100;
/// The most abbreviations that are open at once.
const MAX_OPEN: usize = 16;

/// Tells what each abbreviation stands for where it is read first.
#[derive(Default)]
pub(super) struct Abbreviations {
    open: Vec<Option<String>>,
    told: HashSet<String>,
}

impl Abbreviations {
    pub(super) fn begin(&mut self, tag: &Tag) {
        if tag.name == "abbr" && self.open.len() < MAX_OPEN {
            let title = tag.attribute("title").map(str::trim);
            // Others are dates and the like for programs.
            let is_name = |title: &&str| {
                title.len() <= MAX_BYTES
                    && title.contains(char::is_alphabetic)
                    && !title.contains(|c: char| c.is_ascii_digit())
            };
            self.open.push(title.filter(is_name).map(str::to_owned));
        }
    }

    /// What the abbreviation that ends stands for, if that was not told yet.
    pub(super) fn end(&mut self, name: &str) -> Option<String> {
        let title = self.open.pop_if(|_| name == "abbr")??;
        self.told.insert(title.clone()).then(|| format!(" ({title})"))
    }

    /// Forgets those that were not ended: their block was.
    pub(super) fn clear(&mut self) {
        self.open.clear();
    }
}
