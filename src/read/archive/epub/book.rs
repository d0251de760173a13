//! The files of a book.

use std::collections::{HashMap, HashSet};

use super::xml::{Piece, pieces};
use crate::error::{Error, Result};
use crate::read::archive::budget::Budget;
use crate::read::archive::zip::{MemoryArchive, path_of, unpack};
use crate::read::members::normalized;
use crate::read::{Input, encoding};

/// Files that encrypt nothing but fonts.
const FONT_ENCRYPTIONS: [&str; 2] =
    ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"];

/// The archive of a book.
pub(super) struct Book<'a> {
    pub(super) input: &'a Input<'a>,
    archive: MemoryArchive<'a>,
    budget: Budget<'a>,
    /// Where each file is, by its path in lower case: some books mix the cases.
    places: HashMap<String, usize>,
}

impl<'a> Book<'a> {
    pub(super) fn new(input: &'a Input<'a>, archive: MemoryArchive<'a>) -> Self {
        let path = |index| Some((normalized(&path_of(&archive, index)?).to_lowercase(), index));
        let places = (0..archive.len()).filter_map(path).collect();
        Self { input, archive, budget: Budget::new(input), places }
    }

    /// A picture; none where it is missing or damaged, or would leave too little for the pages.
    pub(super) fn picture(&mut self, path: &str) -> Result<Option<Vec<u8>>> {
        match self.bytes(path) {
            Err(Error::TooLarge { .. }) => Ok(None),
            picture => picture,
        }
    }

    /// A file; none where it is missing or damaged.
    fn bytes(&mut self, path: &str) -> Result<Option<Vec<u8>>> {
        let Some(&index) = self.places.get(&path.to_lowercase()) else { return Ok(None) };
        unpack(&mut self.archive, index, &mut self.budget)
    }

    /// The text of a file; none where it is missing or damaged.
    pub(super) fn text(&mut self, path: &str) -> Result<Option<String>> {
        let Some(bytes) = self.bytes(path)? else { return Ok(None) };
        let text = encoding::decode(&bytes, None, true).map(|decoded| decoded.text);
        Ok(Some(text.unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into_owned())))
    }

    /// The files that are encrypted by a copy protection.
    pub(super) fn locked(&mut self) -> Result<HashSet<String>> {
        let mut locked = HashSet::new();
        let Some(source) = self.text("META-INF/encryption.xml")? else { return Ok(locked) };
        let mut is_of_font = false;
        for piece in pieces(&source) {
            let Piece::Start { name, attributes } = piece else { continue };
            let attribute = |name: &str| attributes.iter().find(|(key, _)| key == name);
            match name.as_str() {
                "EncryptedData" => is_of_font = false,
                "EncryptionMethod" => {
                    is_of_font = attribute("Algorithm")
                        .is_some_and(|(_, it)| FONT_ENCRYPTIONS.contains(&it.as_str()));
                }
                "CipherReference" if !is_of_font => {
                    locked.extend(attribute("URI").map(|(_, path)| resolved("", path).0));
                }
                _ => {}
            }
        }
        Ok(locked)
    }
}

/// The file that a link in the file at `base` leads to, and the place in it.
pub(super) fn resolved(base: &str, link: &str) -> (String, Option<String>) {
    let (path, fragment) = match link.split_once('#') {
        Some((path, fragment)) => (path, Some(decoded(fragment))),
        None => (link, None),
    };
    if path.is_empty() {
        return (base.to_owned(), fragment);
    }
    let folder = base.rfind('/').map_or("", |slash| &base[..slash]);
    (normalized(&format!("{folder}/{}", decoded(path))), fragment)
}

/// A part of an address without its percent signs.
fn decoded(part: &str) -> String {
    let bytes = part.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digit = |place: usize| bytes.get(place).and_then(|&it| char::from(it).to_digit(16));
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
