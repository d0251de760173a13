//! The table of contents of a book, and its list of printed pages.

use std::collections::HashMap;

use super::book::{Book, resolved};
use super::package::Package;
use super::xml::{Piece, pieces};
use crate::error::Result;

/// What begins at a place of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A chapter: its title, and its level in the table of contents, from 1.
    Chapter(String, u8),
    /// A page of the printed book: its label.
    Page(String),
}

/// The targets of each page of the book: those at its beginning, and those at an id.
#[derive(Default)]
pub(super) struct Navigation {
    targets: HashMap<String, Vec<(Option<String>, Target)>>,
}

impl Navigation {
    /// Reads the table of contents of EPUB 3, otherwise that of EPUB 2. A book without one has
    /// no targets.
    pub(super) fn read(book: &mut Book<'_>, package: &Package) -> Result<Self> {
        let mut navigation = Self::default();
        for path in [&package.nav, &package.ncx].into_iter().flatten() {
            if let Some(source) = book.text(path)? {
                let mut reader = Reader { base: path, ..Reader::default() };
                pieces(&source).for_each(|piece| reader.read(piece, &mut navigation));
            }
            if !navigation.targets.is_empty() {
                break;
            }
        }
        Ok(navigation)
    }

    /// The targets of a page.
    pub(super) fn of(&self, page: &str) -> &[(Option<String>, Target)] {
        self.targets.get(page).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, base: &str, link: &str, target: Target) {
        let (page, id) = resolved(base, link);
        self.targets.entry(page).or_default().push((id, target));
    }
}

/// The list that is being read.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum List {
    #[default]
    None,
    Chapters,
    Pages,
}

/// Reads both forms of the table: links in nested lists, and points with labels.
#[derive(Default)]
struct Reader<'a> {
    base: &'a str,
    list: List,
    /// How deep lists or points are nested.
    level: u8,
    /// The link being read.
    link: Option<String>,
    label: String,
    is_in_label: bool,
}

impl Reader<'_> {
    fn read(&mut self, piece: Piece, navigation: &mut Navigation) {
        match piece {
            Piece::Start { name, attributes } => self.start(&name, &attributes, navigation),
            Piece::Text(text) if self.is_in_label => self.label.push_str(&text),
            Piece::Text(_) => {}
            Piece::End(name) => self.end(&name, navigation),
        }
    }

    fn start(&mut self, name: &str, attributes: &[(String, String)], navigation: &mut Navigation) {
        let attribute = |name: &str| {
            let found = attributes.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.as_str())
        };
        match name {
            "nav" => {
                let kind = attribute("epub:type").or(attribute("role")).unwrap_or_default();
                self.list = match kind.trim_start_matches("doc-") {
                    "toc" => List::Chapters,
                    "page-list" | "pagelist" => List::Pages,
                    _ => List::None,
                };
                self.level = 0;
            }
            "navMap" | "pageList" => {
                self.list = if name == "navMap" { List::Chapters } else { List::Pages };
                self.level = 0;
            }
            "ol" | "navPoint" => self.level = self.level.saturating_add(1),
            "a" => {
                self.link = attribute("href").map(str::to_owned);
                self.begin_label();
            }
            "navLabel" => self.begin_label(),
            "content" if self.list != List::None => {
                if let Some(link) = attribute("src") {
                    self.add(link, navigation);
                }
            }
            _ => {}
        }
    }

    fn begin_label(&mut self) {
        self.label.clear();
        self.is_in_label = true;
    }

    fn end(&mut self, name: &str, navigation: &mut Navigation) {
        match name {
            "nav" | "navMap" | "pageList" => self.list = List::None,
            "ol" | "navPoint" => self.level = self.level.saturating_sub(1),
            "navLabel" => self.is_in_label = false,
            "a" => {
                self.is_in_label = false;
                if let Some(link) = self.link.take() {
                    self.add(&link, navigation);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, link: &str, navigation: &mut Navigation) {
        let label = self.label.split_whitespace().collect::<Vec<_>>().join(" ");
        if label.is_empty() {
            return;
        }
        match self.list {
            List::Chapters => {
                let target = Target::Chapter(label, self.level.clamp(1, 6));
                navigation.add(self.base, link, target);
            }
            List::Pages => navigation.add(self.base, link, Target::Page(label)),
            List::None => {}
        }
    }
}
