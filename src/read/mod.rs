//! Readers: bytes of a file -> [`Document`]. `format/` chooses the reader.
//!
//! A reader is a function that runs in one call, without waiting for anything. It asks
//! [`Input::step`] between pages or records whether it may go on, and checks the limits of
//! [`Input::limits`] before it reserves memory. Where that cannot bound it, its host does: a
//! worker of the browser, or a process, which is ended with the file.
//!
//! Plain text, Markdown and HTML are always compiled in. The features `read-text`,
//! `read-office`, `read-pdf`, `read-image` and `read-sql` add the others.

#[cfg(feature = "read-text")]
pub(crate) mod archive;
pub(crate) mod begins;
mod blocks;
mod chat_line;
pub(crate) mod compound_file;
#[cfg(feature = "read-sql")]
pub(crate) mod database;
#[cfg(any(feature = "read-text", feature = "read-office"))]
mod dates;
mod encoding;
mod html;
mod hyphens;
#[cfg(feature = "read-image")]
pub(crate) mod image;
mod invisible;
mod limits;
mod lists;
#[cfg(feature = "read-text")]
pub(crate) mod mail;
mod markdown;
mod marks;
#[cfg(any(feature = "read-text", feature = "read-pdf"))]
mod members;
mod ocr;
#[cfg(feature = "read-office")]
pub(crate) mod office;
#[cfg(feature = "read-pdf")]
pub(crate) mod pdf;
#[cfg(feature = "read-image")]
mod picture;
pub(crate) mod picture_format;
mod pictures;
mod plain_text;
pub(crate) mod shown_picture;
mod source_lines;
#[cfg(feature = "read-text")]
pub(crate) mod text;
#[cfg(feature = "read-text")]
mod xml_tags;

use std::borrow::Cow;
use std::cell::Cell;

use serde::{Deserialize, Serialize};

use crate::document::{Document, FileDetails, PictureSpot};
use crate::error::{Error, Result};
use crate::image_input::ImageInput;

use blocks::DocumentBuilder;
use encoding::TextSource;
pub(crate) use html::begins_as_html;
pub use limits::ReadLimits;
pub use ocr::{Ocr, Rgb, TextLine};

/// The bytes by which a format is recognized.
const BEGINNING_BYTES: usize = 16 << 10;

/// What a reader made of a file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ReadFile {
    /// The text, and where it is. It may be empty where there are members.
    pub document: Document,
    /// What the file says about itself, and what could not be read.
    pub details: FileDetails,
    /// The files within it: members of an archive, attachments of a mail. They are read as
    /// documents of their own.
    pub members: Vec<Member>,
    /// The pictures in it: the reader of pictures reads them.
    pub pictures: Vec<FoundPicture>,
    /// Of a picture, its pixels for an image encoder, where they were asked for.
    #[serde(with = "serde_bytes")]
    pub pixels: Vec<u8>,
}

/// A picture within a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundPicture {
    /// Where it is.
    pub at: PictureAt,
    /// An image file; empty for a link.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
    /// The path of the image file, where the document only links to it: seen from its own folder.
    pub link: Option<String>,
}

/// Where a picture is in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PictureAt {
    /// It is the whole page with this number, from 1, which has no text.
    Page(u32),
    /// It is among the text.
    Text(PictureSpot),
}

/// A file within another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its path in the container, with `/` between folders, and none of them `..`.
    pub path: String,
    /// Its media type, where the container states one.
    pub media_type: Option<String>,
    /// Its bytes.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// Follows a reader, and stops it.
pub trait ReadWatch {
    /// Called between the parts of a file: `done` of `total` in `unit`, which is one of
    /// [`Progress::UNITS`](crate::Progress::UNITS). An error ends the reader.
    fn step(&self, done: u64, total: u64, unit: &'static str) -> Result<()>;
}

/// Lets every reader run to its end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl ReadWatch for Unwatched {
    fn step(&self, _done: u64, _total: u64, _unit: &'static str) -> Result<()> {
        Ok(())
    }
}

/// The input of a reader.
pub(crate) struct Input<'a> {
    /// The file's name, for errors.
    pub(crate) name: &'a str,
    /// All bytes of the file.
    pub(crate) bytes: &'a [u8],
    /// The encoding that the media type declares.
    pub(crate) charset: Option<&'a str>,
    /// The password, where the caller gave one.
    #[allow(dead_code, reason = "text is not encrypted")]
    pub(crate) password: Option<&'a str>,
    /// What reads the words in pictures.
    #[allow(dead_code, reason = "only pictures have words to read")]
    pub(crate) ocr: Option<&'a dyn Ocr>,
    /// How the pixels for an image encoder are made.
    #[allow(dead_code, reason = "only pictures have pixels")]
    pub(crate) image_input: Option<ImageInput>,
    /// The pixels of a picture that was decoded elsewhere.
    #[allow(dead_code, reason = "only pictures have pixels")]
    pub(crate) decoded: Option<Rgb<'a>>,
    /// What the reader may take.
    pub(crate) limits: &'a ReadLimits,
    pub(crate) watch: &'a dyn ReadWatch,
    /// How the text was decoded, once it was.
    pub(crate) source: &'a TextSourceCell,
}

/// What [`Input::text`] found out.
#[derive(Default)]
pub(crate) struct TextSourceCell(Cell<Option<TextSource>>);

impl TextSourceCell {
    /// The encoding of the text, if it is not UTF-8.
    pub(crate) fn encoding(&self) -> Option<String> {
        self.0.get()?.name().map(str::to_owned)
    }

    /// What a person should know of how the text was decoded.
    pub(crate) fn warning(&self) -> Option<String> {
        self.0.get()?.warning()
    }
}

/// A reader. It fails for bytes of another format.
pub(crate) type Read = fn(&Input<'_>) -> Result<ReadFile>;

/// Reads plain text: paragraphs and obvious headings.
pub(crate) fn plain_text(input: &Input<'_>) -> Result<ReadFile> {
    input.read_text(false, |text, builder, _| plain_text::read(text, builder))
}

/// Reads CommonMark with the extensions of GitHub.
pub(crate) fn markdown(input: &Input<'_>) -> Result<ReadFile> {
    input.read_text(false, markdown::read_file)
}

/// Reads HTML and XHTML.
pub(crate) fn html(input: &Input<'_>) -> Result<ReadFile> {
    input.read_text(true, html::read)
}

impl ReadFile {
    /// Whether nothing is in it: neither text nor pictures nor files.
    pub(crate) fn is_empty(&self) -> bool {
        let Self { document, members, pictures, .. } = self;
        let has_content = !document.blocks.is_empty() || !document.pictures.is_empty();
        !has_content && members.is_empty() && pictures.is_empty()
    }
}

impl From<Document> for ReadFile {
    fn from(document: Document) -> Self {
        Self { document, ..Self::default() }
    }
}

impl<'a> Input<'a> {
    /// The first 16 KiB as text; invalid bytes are replaced.
    pub(crate) fn beginning(&self) -> Cow<'a, str> {
        let bytes = &self.bytes[..self.bytes.len().min(BEGINNING_BYTES)];
        encoding::decode_lossy(bytes, self.charset)
    }

    /// Ends a part of the work: an error where the reader must stop.
    #[allow(dead_code, reason = "readers of small files take one step")]
    pub(crate) fn step(&self, done: u64, total: u64, unit: &'static str) -> Result<()> {
        self.watch.step(done, total, unit)
    }

    /// The error of a file that is damaged.
    #[allow(dead_code, reason = "text cannot be damaged")]
    pub(crate) fn damaged(&self, detail: impl Into<String>) -> Error {
        Error::DamagedFile { name: self.name.to_owned(), detail: detail.into() }
    }

    /// The error of a file that has too much in it: `got` of `unit`.
    pub(crate) fn too_large(&self, got: u64, limit: u64, unit: &'static str) -> Error {
        let what = format!("\"{}\"", self.name);
        let advice = "Split it into smaller parts.";
        Error::TooLarge { what, got, limit, unit, advice }
    }

    /// The file as text, in the encoding that it states or shows.
    pub(crate) fn text(&self, is_html: bool) -> Result<String> {
        let invalid = |offset| Error::InvalidText { name: self.name.to_owned(), offset };
        let decoded = encoding::decode(self.bytes, self.charset, is_html).map_err(invalid)?;
        self.source.0.set(Some(decoded.source));
        Ok(decoded.text)
    }

    fn read_text(
        &self,
        is_html: bool,
        read: fn(&str, &mut DocumentBuilder, &mut FileDetails),
    ) -> Result<ReadFile> {
        let text = self.text(is_html)?;
        let mut builder = DocumentBuilder::new(self);
        let mut details = FileDetails::default();
        read(&text, &mut builder, &mut details);
        let (pictures, left_out) = builder.take_pictures();
        details.warnings.extend(pictures::pictures_warning(left_out));
        let document = builder.finish_within(self)?;
        Ok(ReadFile { document, details, pictures, ..ReadFile::default() })
    }
}
