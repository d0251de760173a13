//! Pictures within files: their words are read, and stand where the pictures do.

use super::Engine;
use crate::document::{Document, PictureSpot};
use crate::error::{Error, Result};
use crate::format::FileToRead;
use crate::read::{FoundPicture, PictureAt, ReadFile};
use crate::runtime::{Stage, Task};

/// The most pages of a document that keep a small picture.
const MAX_PICTURES: usize = 64;

/// What became of the pictures that nothing was read of.
#[derive(Default)]
struct Unread {
    /// The pages without words.
    pages: Vec<u32>,
    /// How many other pictures could not be read.
    pictures: usize,
    /// Why the first of them were not read.
    of_pages: Option<String>,
    of_pictures: Option<String>,
}

impl Engine {
    /// Reads the pictures of a file, and puts their words among its text. Warnings tell what could not
    /// be read. A file with no word at all is [`Error::EmptyDocument`].
    pub(super) async fn read_pictures(
        &self,
        name: &str,
        read: &mut ReadFile,
        task: &Task,
    ) -> Result<()> {
        let mut unread = Unread::default();
        let (mut scans, mut others) = (Vec::new(), Vec::new());
        let mut number = 0;
        for picture in std::mem::take(&mut read.pictures) {
            let own = number;
            number += u32::from(picture.link.is_none());
            match picture.at {
                PictureAt::Page(page) => scans.push((page, picture.bytes)),
                PictureAt::Text(spot) => others.push((own, spot, picture)),
            }
        }
        self.read_in_text(name, others, (&mut read.document, &mut unread), task).await?;
        self.read_scans(name, scans, (&mut read.document, &mut unread), task).await?;
        let document = &read.document;
        let is_empty = document.blocks.is_empty() && document.pictures.is_empty();
        if is_empty && read.members.is_empty() {
            return Err(Error::EmptyDocument { name: name.to_owned() });
        }
        read.details.warnings.extend(unread.warnings());
        Ok(())
    }

    /// Reads pictures that stand in the text, from the last to the first: the spots of those before
    /// stay where they are.
    async fn read_in_text(
        &self,
        name: &str,
        pictures: Vec<(u32, PictureSpot, FoundPicture)>,
        (document, unread): (&mut Document, &mut Unread),
        task: &Task,
    ) -> Result<()> {
        let (since, total) = (self.runtime.now_ms(), pictures.len() as u64);
        for (done, (number, spot, picture)) in (0..).zip(pictures.into_iter().rev()) {
            if let Some(path) = picture.link {
                document.link_picture(spot, path);
                continue;
            }
            task.report(&*self.runtime, Stage::Parse, done, total, "pictures", since);
            self.end_ingest_step(task).await?;
            match self.read_picture(name, &picture.bytes, task).await {
                Ok(read) => {
                    unread.note(read.details.warnings.into_iter().next());
                    document.insert_picture(number, spot, read.document);
                }
                // A rule, an icon or a picture of one colour.
                Err(Error::EmptyDocument { .. }) => {}
                // The text can be had all the same.
                Err(error) if is_of_one(&error) => {
                    unread.pictures += 1;
                    unread.note(Some(error.to_string()));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn read_scans(
        &self,
        name: &str,
        scans: Vec<(u32, Vec<u8>)>,
        (document, unread): (&mut Document, &mut Unread),
        task: &Task,
    ) -> Result<()> {
        for (page, bytes) in scans {
            self.end_ingest_step(task).await?;
            let reason = match self.read_picture(name, &bytes, task).await {
                Ok(read) if has_words(&read.document) => {
                    document.insert_page(page, read.document, MAX_PICTURES);
                    continue;
                }
                Ok(read) => {
                    let warning = read.details.warnings.into_iter().next();
                    document.insert_wordless_page(page, read.document.pictures);
                    warning
                }
                Err(error) if Error::code_of_file(error.code()).is_none() => return Err(error),
                Err(error) => Some(error.to_string()),
            };
            unread.pages.push(page);
            unread.of_pages = unread.of_pages.take().or(reason);
        }
        Ok(())
    }

    async fn read_picture(&self, name: &str, bytes: &[u8], task: &Task) -> Result<ReadFile> {
        let file = FileToRead { name, bytes, ..FileToRead::default() };
        Ok(self.read_file(&file, &self.read_limits, task).await?.1)
    }
}

/// Whether an error leaves the rest of the file as it is: the picture is broken, or its reader cannot
/// be had now.
fn is_of_one(error: &Error) -> bool {
    Error::code_of_file(error.code()).is_some()
        || ["download_failed", "version_mismatch", "worker_refused"].contains(&error.code())
}

/// Whether words were read in the picture.
fn has_words(document: &Document) -> bool {
    document.places.iter().any(|mark| mark.place.sureness.is_some())
}

impl Unread {
    fn note(&mut self, reason: Option<String>) {
        // They are read from the last to the first.
        self.of_pictures = reason.or(self.of_pictures.take());
    }

    /// Sentences for people.
    fn warnings(self) -> Vec<String> {
        let pages = pages_warning(&self.pages, self.of_pages.as_ref());
        let pictures = match (self.pictures, self.of_pictures) {
            (0, reason) => reason,
            (1, reason) => Some(with("One picture could not be read.".to_owned(), reason.as_ref())),
            (count, reason) => {
                Some(with(format!("{count} pictures could not be read."), reason.as_ref()))
            }
        };
        pages.into_iter().chain(pictures).collect()
    }
}

/// How many pages a warning names.
const NAMED_PAGES: usize = 10;

/// "Pages 4, 7 have no text that could be read." None for no page.
fn pages_warning(pages: &[u32], reason: Option<&String>) -> Option<String> {
    let named: Vec<String> = pages.iter().take(NAMED_PAGES).map(u32::to_string).collect();
    let more = if pages.len() > NAMED_PAGES { ", …" } else { "" };
    let named = format!("{}{more}", named.join(", "));
    match pages.len() {
        0 => None,
        1 => Some(with(format!("Page {named} has no text that could be read."), reason)),
        _ => Some(with(format!("Pages {named} have no text that could be read."), reason)),
    }
}

fn with(warning: String, reason: Option<&String>) -> String {
    reason.map_or(warning.clone(), |reason| format!("{warning} {reason}"))
}
