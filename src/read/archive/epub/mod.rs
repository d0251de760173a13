//! EPUB: the chapters of a book in reading order.
//!
//! A book is a ZIP archive of pages. The titles of its chapters and the numbers of its printed
//! pages come from its table of contents, notes from the roles of its elements.

mod book;
mod chapter;
mod marks;
mod navigation;
mod package;
mod page_items;
mod tags;
mod xml;

use std::collections::HashSet;

use book::Book;
use chapter::ChapterWriter;
use navigation::Navigation;
use package::Package;

use super::zip;
use crate::document::FileDetails;
use crate::error::{Error, Result};
use crate::read::pictures::pictures_warning;
use crate::read::{Input, ReadFile};

/// Reads a book without copy protection.
pub(crate) fn epub(input: &Input<'_>) -> Result<ReadFile> {
    let archive = zip::open(input)?.ok_or_else(|| input.damaged("its ZIP directory is lost"))?;
    let mut book = Book::new(input, archive);
    let package = Package::read(&mut book)?;
    if package.spine.len() > input.limits.pages as usize {
        let (got, limit) = (package.spine.len() as u64, input.limits.pages.into());
        return Err(input.too_large(got, limit, "pages"));
    }
    let locked = book.locked()?;
    if package.spine.iter().any(|page| locked.contains(page)) {
        return Err(protected(input));
    }
    let navigation = Navigation::read(&mut book, &package)?;
    let mut writer = ChapterWriter::new(input, &navigation);
    let (mut seen, mut missing) = (HashSet::new(), 0);
    for (done, page) in package.spine.iter().enumerate() {
        input.step(done as u64, package.spine.len() as u64, "pages")?;
        // A page that is listed again is not read again.
        if !seen.insert(page) {
            continue;
        }
        match book.text(page)? {
            Some(source) => writer.add(page, &source, package.nav.as_ref() == Some(page))?,
            None => missing += 1,
        }
    }
    let mut builder = writer.finish(&mut book)?;
    let (pictures, left_out) = builder.take_pictures();
    let mut warnings = Vec::from_iter(pictures_warning(left_out));
    if missing > 0 {
        warnings.push(format!("{missing} of the pages of the book are missing or damaged."));
    }
    let details = FileDetails {
        title: package.title,
        authors: package.creators,
        date: package.date,
        language: package.language,
        warnings,
        ..FileDetails::default()
    };
    let document = builder.finish_within(input)?;
    Ok(ReadFile { document, details, pictures, ..ReadFile::default() })
}

fn protected(input: &Input<'_>) -> Error {
    Error::UnsupportedFormat {
        name: input.name.to_owned(),
        found: "an EPUB with copy protection".to_owned(),
        supported: "EPUB without copy protection, and PDF".to_owned(),
    }
}
