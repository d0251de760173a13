//! The pages of a book -> one document.

use std::collections::{HashMap, HashSet};

use super::marks::marked;
use super::navigation::{Navigation, Target};
use super::page_items::{Item, items};
use crate::document::{BlockKind, Document, Place};
use crate::read::blocks::DocumentBuilder;

/// Writes pages one after the other.
pub(super) struct ChapterWriter<'a> {
    navigation: &'a Navigation,
    builder: DocumentBuilder,
    /// The chapter and the printed page of the next block.
    place: Place,
    /// Printed pages so far.
    pages: u32,
    /// Chapters that have begun and have no heading yet.
    titles: Vec<(String, u8)>,
}

impl<'a> ChapterWriter<'a> {
    pub(super) fn new(navigation: &'a Navigation) -> Self {
        let builder = DocumentBuilder::default();
        Self { navigation, builder, place: Place::default(), pages: 0, titles: Vec::new() }
    }

    pub(super) fn text_bytes(&self) -> usize {
        self.builder.text_bytes()
    }

    /// Writes the page at `path`. A table of contents repeats titles and answers nothing.
    pub(super) fn write(&mut self, path: &str, source: &str, is_contents: bool) {
        let targets = self.navigation.of(path);
        for (_, target) in targets.iter().filter(|(id, _)| id.is_none()) {
            self.begin(target);
        }
        let (items, after) = items(&marked(source, targets));
        let mut notes = notes(&items);
        let moved: HashSet<String> = notes.keys().cloned().collect();
        for item in items {
            item.before.iter().for_each(|target| self.begin(target));
            if item.note.as_ref().is_some_and(|id| moved.contains(id)) {
                continue;
            }
            if is_contents {
                self.builder.push(BlockKind::Boilerplate, &item.text);
                continue;
            }
            self.push(item.kind, &item.text);
            // A note stands where it is called first.
            for note in item.calls.iter().filter_map(|id| notes.remove(id)) {
                self.builder.push(BlockKind::Footnote, &note);
            }
        }
        after.iter().for_each(|target| self.begin(target));
    }

    fn begin(&mut self, target: &Target) {
        match target {
            Target::Chapter(title, level) => {
                self.place.section = Some(title.clone());
                self.titles.push((title.clone(), *level));
            }
            Target::Page(label) => {
                self.pages = self.pages.saturating_add(1);
                let number = label.parse().ok();
                self.place.page = number.or(Some(self.pages));
                self.place.page_label = number.is_none().then(|| label.clone());
            }
        }
        self.builder.set_place(self.place.clone());
    }

    /// Adds a block, after the titles of the chapters that begin with it, unless it is a heading
    /// itself.
    fn push(&mut self, kind: BlockKind, text: &str) {
        let titles = std::mem::take(&mut self.titles);
        if !matches!(kind, BlockKind::Heading(_)) {
            for (title, level) in titles {
                self.builder.push(BlockKind::Heading(level), &title);
            }
        }
        self.builder.push(kind, text);
    }

    pub(super) fn finish(self) -> Document {
        self.builder.finish()
    }
}

/// The notes that are called on their own page, each as one text.
fn notes(items: &[Item]) -> HashMap<String, String> {
    let called: HashSet<&String> = items.iter().flat_map(|item| &item.calls).collect();
    let mut notes: HashMap<String, String> = HashMap::new();
    for item in items {
        if let Some(id) = item.note.as_ref().filter(|id| called.contains(id)) {
            let note = notes.entry(id.clone()).or_default();
            if !note.is_empty() {
                note.push('\n');
            }
            note.push_str(&item.text);
        }
    }
    notes
}
