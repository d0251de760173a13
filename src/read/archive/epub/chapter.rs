//! The pages of a book -> one document.

use std::collections::{HashMap, HashSet};

use super::book::Book;
use super::marks::marked;
use super::navigation::{Navigation, Target};
use super::page_items::{Item, Picture, items};
use crate::document::{BlockKind, Place};
use crate::error::Result;
use crate::read::Input;
use crate::read::blocks::DocumentBuilder;
use crate::read::pictures::ORNAMENT_PLACES;

/// The most bytes of a chapter's title in the places of its blocks.
const MAX_SECTION_BYTES: usize = 300;
/// The most bytes of a block before the heading of its chapter, such as the chapter's number.
const MAX_NUMBER_BYTES: usize = 40;

/// Collects pages, and writes them when it has all: a note may stand at the end of the book.
pub(super) struct ChapterWriter<'a> {
    input: &'a Input<'a>,
    navigation: &'a Navigation,
    pages: Vec<Page>,
    /// Bytes of their texts.
    text_bytes: u64,
}

/// A page of the book.
struct Page {
    path: String,
    items: Vec<Item>,
    /// What begins after its last block.
    after: Vec<Target>,
    /// Whether it is the table of contents, which repeats titles and answers nothing.
    is_contents: bool,
}

impl<'a> ChapterWriter<'a> {
    pub(super) fn new(input: &'a Input<'a>, navigation: &'a Navigation) -> Self {
        Self { input, navigation, pages: Vec::new(), text_bytes: 0 }
    }

    /// Adds the page at `path`.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) where the pages so far are too long.
    pub(super) fn add(&mut self, path: &str, source: &str, is_contents: bool) -> Result<()> {
        let page = marked(source, self.navigation.of(path));
        let (items, after) = items(self.input, path, &page)?;
        self.text_bytes += items.iter().map(|item| item.text.len() as u64).sum::<u64>();
        self.pages.push(Page { path: path.to_owned(), items, after, is_contents });
        let limit = self.input.limits.text_bytes;
        if self.text_bytes > limit {
            return Err(self.input.too_large(self.text_bytes, limit, "bytes of text"));
        }
        Ok(())
    }

    /// The text of the book, with its pictures.
    pub(super) fn finish(self, book: &mut Book<'_>) -> Result<DocumentBuilder> {
        let notes = notes(&self.pages);
        let moved = notes.keys().cloned().collect();
        let builder = DocumentBuilder::new(self.input);
        let mut writer = Writer { builder, notes, moved, ..Writer::default() };
        for page in &self.pages {
            let targets = self.navigation.of(&page.path).iter();
            for (_, target) in targets.filter(|(id, _)| id.is_none()) {
                writer.begin(target);
            }
            writer.write(page, book)?;
            page.after.iter().for_each(|target| writer.begin(target));
        }
        Ok(writer.builder)
    }
}

/// The notes that are called somewhere, each as one text.
fn notes(pages: &[Page]) -> HashMap<String, String> {
    let items = || pages.iter().flat_map(|page| &page.items);
    let called: HashSet<&String> = items().flat_map(|item| &item.calls).collect();
    let mut notes: HashMap<String, String> = HashMap::new();
    for item in items() {
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

/// Whether a chapter that begins with these blocks has a heading of its own.
fn begins_with_heading(items: &[Item]) -> bool {
    let is_heading = |item: &Item| matches!(item.kind, BlockKind::Heading(_));
    let is_number = |item: &Item| item.text.len() <= MAX_NUMBER_BYTES;
    match items {
        [first, ..] if is_heading(first) => true,
        // A heading with a target of its own belongs to another chapter.
        [first, second, ..] => is_number(first) && is_heading(second) && second.before.is_empty(),
        _ => false,
    }
}

/// Writes pages one after the other.
#[derive(Default)]
struct Writer {
    builder: DocumentBuilder,
    /// The chapter and the printed page of the next block.
    place: Place,
    /// Printed pages so far.
    printed: u32,
    /// Chapters that have begun and have no heading yet.
    titles: Vec<(String, u8)>,
    /// The notes that are still to be written, where they are called first.
    notes: HashMap<String, String>,
    /// The notes that are not written where they stand.
    moved: HashSet<String>,
    /// In how many places each picture stands, by its path.
    picture_places: HashMap<String, usize>,
}

impl Writer {
    fn begin(&mut self, target: &Target) {
        match target {
            Target::Chapter(title, level) => {
                let end = title.floor_char_boundary(MAX_SECTION_BYTES);
                self.place.section = Some(title[..end].to_owned());
                self.titles.push((title.clone(), *level));
            }
            Target::Page(label) => {
                self.printed = self.printed.saturating_add(1);
                let number = label.parse().ok();
                self.place.page = number.or(Some(self.printed));
                self.place.page_label = number.is_none().then(|| label.clone());
            }
        }
        self.builder.set_place(self.place.clone());
    }

    fn write(&mut self, page: &Page, book: &mut Book<'_>) -> Result<()> {
        for (at, item) in page.items.iter().enumerate() {
            item.before.iter().for_each(|target| self.begin(target));
            if item.note.as_ref().is_some_and(|id| self.moved.contains(id)) {
                continue;
            }
            if page.is_contents {
                self.builder.push(BlockKind::Boilerplate, &item.text);
                continue;
            }
            if !item.text.is_empty() {
                self.write_titles(begins_with_heading(&page.items[at..]));
                self.builder.push(item.kind, &item.text);
            }
            self.write_pictures(&item.pictures, book)?;
            for id in &item.calls {
                if let Some(note) = self.notes.remove(id) {
                    self.builder.push(BlockKind::Footnote, &note);
                }
            }
        }
        Ok(())
    }

    fn write_pictures(&mut self, pictures: &[Picture], book: &mut Book<'_>) -> Result<()> {
        for Picture { path, alternative } in pictures {
            let places = self.picture_places.entry(path.clone()).or_default();
            *places += 1;
            // What stands in more places is an ornament: it is not unpacked again.
            let bytes = if *places <= ORNAMENT_PLACES { book.picture(path)? } else { None };
            match bytes {
                Some(bytes) => self.builder.push_picture(&bytes, alternative),
                None => self.builder.push(BlockKind::Caption, alternative),
            }
        }
        Ok(())
    }

    /// Writes the titles of the chapters that begin here, unless the page has them.
    fn write_titles(&mut self, has_heading: bool) {
        for (title, level) in std::mem::take(&mut self.titles) {
            if !has_heading {
                self.builder.push(BlockKind::Heading(level), &title);
            }
        }
    }
}
