//! Pages that are pictures: their words are read, and stand where the pages do.

use super::Engine;
use crate::document::Document;
use crate::error::{Error, Result};
use crate::format::FileToRead;
use crate::read::{ReadFile, Scan};
use crate::runtime::Task;

/// The most pages of a document that keep a small picture.
const MAX_PICTURES: usize = 64;

impl Engine {
    /// Reads the scans of a file, and puts their words among the text of its other pages. Warnings
    /// name the pages without words. A file with no word at all is [`Error::EmptyDocument`].
    pub(super) async fn read_scans(
        &self,
        name: &str,
        read: &mut ReadFile,
        task: &Task,
    ) -> Result<()> {
        let scans = std::mem::take(&mut read.scans);
        let mut without_words = Vec::new();
        let mut reasons: Vec<String> = Vec::new();
        for Scan { page, media_type, bytes } in scans {
            self.end_ingest_step(task).await?;
            let media_type = Some(&*media_type);
            let file = FileToRead { name, media_type, bytes: &bytes, password: None, ocr: None };
            let scan = self.file_reader.read(&file, &self.read_limits, &*self.runtime, task).await;
            match scan {
                Err(error) if Error::code_of_file(error.code()).is_none() => return Err(error),
                Ok((_, scan)) if has_words(&scan.document) => {
                    read.document.insert_page(page, scan.document, MAX_PICTURES);
                }
                Ok((_, scan)) => {
                    without_words.push(page);
                    reasons.extend(scan.details.warnings);
                }
                Err(error) => {
                    without_words.push(page);
                    reasons.push(error.to_string());
                }
            }
        }
        if read.document.blocks.is_empty() && read.members.is_empty() && !without_words.is_empty() {
            return Err(Error::EmptyDocument { name: name.to_owned() });
        }
        read.details.warnings.extend(pages_warning(&without_words, reasons.first()));
        Ok(())
    }
}

/// Whether words were read in the picture.
fn has_words(document: &Document) -> bool {
    document.places.iter().any(|mark| mark.place.sureness.is_some())
}

/// How many pages a warning names.
const NAMED_PAGES: usize = 10;

/// "Pages 4, 7 have no text that could be read." None for no page.
fn pages_warning(pages: &[u32], reason: Option<&String>) -> Option<String> {
    let named: Vec<String> = pages.iter().take(NAMED_PAGES).map(u32::to_string).collect();
    let more = if pages.len() > NAMED_PAGES { ", …" } else { "" };
    let named = format!("{}{more}", named.join(", "));
    let reason = reason.map(|reason| format!(" {reason}")).unwrap_or_default();
    match pages.len() {
        0 => None,
        1 => Some(format!("Page {named} has no text that could be read.{reason}")),
        _ => Some(format!("Pages {named} have no text that could be read.{reason}")),
    }
}
