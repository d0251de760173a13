//! The ZIP package of an office file, unpacked within limits before a crate for its format sees
//! it.
//!
//! Only the XML is kept, and the pictures beside it. Programs, fonts and embedded files are left out.

use std::io::{Cursor, Read, Seek, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::media::Media;
use super::xml_check::{self, Dialect};
use crate::error::{Error, Result};
use crate::read::Input;

/// Where programs are kept: the last two are folders of OpenDocument.
const PROGRAMS: [&str; 4] = ["vbaProject.bin", "vbaProjectSignature.bin", "Basic/", "Scripts/"];

/// The parts of a package that its reader may see.
pub(super) struct Package {
    parts: Vec<Part>,
    pub(super) media: Media,
    /// What was left out: sentences for people.
    pub(super) warnings: Vec<String>,
}

struct Part {
    name: String,
    bytes: Vec<u8>,
}

impl Package {
    /// Unpacks the XML of a package. Without `main`, its part with the content, it is damaged.
    ///
    /// # Errors
    /// [`Error::TooLarge`] where it has too many members or too much in them, and
    /// [`Error::DamagedFile`] where it is no ZIP archive or its main part is not XML.
    pub(super) fn open(input: &Input<'_>, dialect: Dialect, main: &str) -> Result<Self> {
        let mut archive = ZipArchive::new(Cursor::new(input.bytes))
            .map_err(|error| input.damaged(format!("its ZIP archive is incomplete ({error})")))?;
        check_members(input, &mut archive)?;
        let mut package = Self { parts: Vec::new(), media: Media::default(), warnings: Vec::new() };
        let mut budget = input.limits.expanded_bytes_of(input.bytes.len() as u64);
        // Each part is unpacked, and then checked.
        let total = 2 * archive.len() as u64;
        let mut parts = Vec::new();
        for index in 0..archive.len() {
            input.step(index as u64, total, "members")?;
            let mut member = archive
                .by_index(index)
                .map_err(|error| input.damaged(format!("a member cannot be read ({error})")))?;
            let Ok(name) = member.name().map(|name| name.into_owned()) else { continue };
            if PROGRAMS.iter().any(|program| name.contains(program)) {
                package.warn("The file has macros; they were not run.");
            } else if is_xml(&name) {
                match inflate(input, &mut member, &mut budget) {
                    Err(error @ Error::TooLarge { .. }) => return Err(error),
                    Err(error) if name == main => return Err(error),
                    Err(_) => package.warn_of_part(&name),
                    Ok(bytes) => parts.push(Part { name, bytes: utf8(bytes) }),
                }
            } else if package.media.wants(&name, member.size()) {
                // The budget is that of the XML: no picture makes a file too large.
                let mut left = package.media.bytes_left();
                match inflate(input, &mut member, &mut left) {
                    Err(_) => package.warn("A damaged or large picture was left out."),
                    Ok(bytes) => {
                        let bytes = package.media.keep(bytes);
                        package.parts.push(Part { name, bytes });
                    }
                }
            }
        }
        parts.sort_by_key(|part| Dialect::order(&part.name));
        let mut checker = xml_check::Checker::new(input, dialect);
        for (index, part) in parts.into_iter().enumerate() {
            input.step(total / 2 + index as u64, total, "members")?;
            match checker.check(&part.name, &part.bytes) {
                Err(error @ Error::DamagedFile { .. }) if part.name == main => return Err(error),
                Err(Error::DamagedFile { .. }) => package.warn_of_part(&part.name),
                Err(error) => return Err(error),
                Ok(()) => package.parts.push(part),
            }
        }
        if package.part(main).is_none() {
            return Err(input.damaged(format!("its part {main} is missing")));
        }
        Ok(package)
    }

    /// The text of a part; none where there is no such part.
    pub(super) fn part(&self, name: &str) -> Option<&str> {
        let part = self.parts.iter().find(|part| part.name == name)?;
        std::str::from_utf8(&part.bytes).ok()
    }

    /// The parts as a package again, with nothing compressed.
    pub(super) fn into_bytes(self, input: &Input<'_>) -> Result<Vec<u8>> {
        let size = self.parts.iter().map(|part| part.bytes.len() + 256).sum();
        let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(size)));
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        for part in self.parts {
            writer
                .start_file(part.name, stored)
                .and_then(|()| Ok(writer.write_all(&part.bytes)?))
                .map_err(|error| input.damaged(format!("a member has a bad name ({error})")))?;
        }
        let written = writer.finish();
        Ok(written.map_err(|error| input.damaged(error.to_string()))?.into_inner())
    }

    fn warn_of_part(&mut self, name: &str) {
        self.warn(&format!("The part {name} is damaged and was left out."));
    }

    fn warn(&mut self, warning: &str) {
        if !self.warnings.iter().any(|known| known == warning) {
            self.warnings.push(warning.to_owned());
        }
    }
}

/// Checks what the directory of the archive says, before anything is unpacked.
fn check_members<R: Read + Seek>(input: &Input<'_>, archive: &mut ZipArchive<R>) -> Result<()> {
    let members = archive.len() as u64;
    let limit = u64::from(input.limits.members);
    if members > limit {
        return Err(too_large(input, members, limit, "members"));
    }
    let mut ranges = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let Ok(member) = archive.by_index_raw(index) else { continue };
        if let Some(start) = member.data_start().filter(|_| member.compressed_size() > 0) {
            ranges.push((start, start.saturating_add(member.compressed_size())));
        }
    }
    ranges.sort_unstable();
    if ranges.windows(2).any(|pair| pair[1].0 < pair[0].1) {
        return Err(input.damaged("members of its ZIP archive overlap"));
    }
    Ok(())
}

fn inflate(input: &Input<'_>, member: &mut impl Read, budget: &mut u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = member.take(*budget + 1).read_to_end(&mut bytes);
    let limit = input.limits.expanded_bytes_of(input.bytes.len() as u64);
    *budget = budget
        .checked_sub(bytes.len() as u64)
        .ok_or_else(|| too_large(input, limit + 1, limit, "bytes when it is unpacked"))?;
    read.map_err(|error| input.damaged(format!("a member cannot be unpacked ({error})")))?;
    Ok(bytes)
}

/// The error of a file that has too much in it.
pub(super) fn too_large(input: &Input<'_>, got: u64, limit: u64, unit: &'static str) -> Error {
    let what = format!("\"{}\"", input.name);
    Error::TooLarge { what, got, limit, unit, advice: "Split it into smaller files." }
}

/// UTF-8 of XML that is in UTF-16.
fn utf8(bytes: Vec<u8>) -> Vec<u8> {
    match encoding_rs::Encoding::for_bom(&bytes) {
        Some((encoding, _)) => encoding.decode(&bytes).0.into_owned().into_bytes(),
        None => bytes,
    }
}

fn is_xml(name: &str) -> bool {
    name.ends_with(".xml") || name.ends_with(".rels") || name == "mimetype"
}
