//! The package document: what the book is, and the order of its pages.

use std::collections::HashMap;

use super::book::{Book, resolved};
use super::xml::{Piece, pieces};
use crate::error::Result;

/// What the package document of a book says.
#[derive(Default)]
pub(super) struct Package {
    pub(super) title: Option<String>,
    pub(super) creators: Vec<String>,
    pub(super) date: Option<String>,
    pub(super) language: Option<String>,
    /// The paths of the pages in reading order.
    pub(super) spine: Vec<String>,
    /// The page with the table of contents (EPUB 3).
    pub(super) nav: Option<String>,
    /// The file with the table of contents (EPUB 2).
    pub(super) ncx: Option<String>,
}

/// The files of the manifest by id, and the ids of the spine.
#[derive(Default)]
struct Listing {
    manifest: HashMap<String, Item>,
    spine: Vec<String>,
}

struct Item {
    path: String,
    is_page: bool,
}

impl Package {
    pub(super) fn read(book: &mut Book<'_>) -> Result<Self> {
        let path = Self::path(book)?;
        let Some(source) = book.text(&path)? else {
            return Err(book.input.damaged("its list of pages is missing"));
        };
        let (mut package, mut listing) = (Self::default(), Listing::default());
        let (mut field, mut text) = (None, String::new());
        for piece in pieces(&source) {
            match piece {
                Piece::Start { name, attributes } => {
                    package.list(&path, &name, &attributes, &mut listing);
                    field = matches!(name.as_str(), "title" | "creator" | "date" | "language")
                        .then_some(name);
                    text.clear();
                }
                Piece::Text(part) if field.is_some() => text.push_str(&part),
                Piece::Text(_) => {}
                Piece::End(name) => {
                    if field.take().is_some_and(|field| field == name) {
                        package.set(&name, &text);
                    }
                }
            }
        }
        let page = |id: &String| listing.manifest.get(id).filter(|item| item.is_page);
        package.spine = listing.spine.iter().filter_map(page).map(|it| it.path.clone()).collect();
        if package.spine.is_empty() {
            return Err(book.input.damaged("its list of pages is empty"));
        }
        Ok(package)
    }

    /// The path of the package document.
    fn path(book: &mut Book<'_>) -> Result<String> {
        let container = book.text("META-INF/container.xml")?.unwrap_or_default();
        let path = pieces(&container).find_map(|piece| match piece {
            Piece::Start { name, attributes } if name == "rootfile" => {
                attributes.into_iter().find(|(key, _)| key == "full-path")
            }
            _ => None,
        });
        let (_, path) = path.ok_or_else(|| book.input.damaged("it does not name its content"))?;
        Ok(resolved("", &path).0)
    }

    fn list(
        &mut self,
        path: &str,
        name: &str,
        attributes: &[(String, String)],
        listing: &mut Listing,
    ) {
        let attribute = |name: &str| {
            let found = attributes.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.as_str())
        };
        match name {
            "item" => {
                let (Some(id), Some(href)) = (attribute("id"), attribute("href")) else { return };
                let file = resolved(path, href).0;
                let media_type = attribute("media-type").unwrap_or_default();
                let has = |property| {
                    attribute("properties").unwrap_or_default().split(' ').any(|it| it == property)
                };
                if has("nav") {
                    self.nav = Some(file.clone());
                }
                if media_type == "application/x-dtbncx+xml" {
                    self.ncx = Some(file.clone());
                }
                let is_page = matches!(media_type, "application/xhtml+xml" | "text/html" | "");
                listing.manifest.insert(id.to_owned(), Item { path: file, is_page });
            }
            "itemref" => listing.spine.extend(attribute("idref").map(str::to_owned)),
            _ => {}
        }
    }

    fn set(&mut self, field: &str, text: &str) {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            return;
        }
        // Of several titles, dates and languages, the first is the main one.
        match field {
            "title" => drop(self.title.get_or_insert(text)),
            "date" => drop(self.date.get_or_insert(text)),
            "language" => drop(self.language.get_or_insert(text)),
            _ => self.creators.push(text),
        }
    }
}
