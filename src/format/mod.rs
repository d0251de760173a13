//! The table of formats: the files that can be read, how they are recognized, and their
//! readers. A new format is a reader in `read/` and one row of [`FORMATS`]. The error about
//! an unsupported file, the page's file chooser and the README's table are made from it.

mod book_kind;
mod compound_kind;
mod file_reader;
mod mail_kind;
mod other;
mod table;
mod zip_kind;

use serde::Serialize;

use crate::document::FileKind;
use crate::error::{Error, Result};
use crate::image_input::ImageInput;
use crate::read::{
    self, Input, Ocr, Read, ReadFile, ReadLimits, ReadWatch, Rgb, TextSourceCell, Unwatched,
};

#[cfg(all(target_arch = "wasm32", not(feature = "engine")))]
pub(crate) use file_reader::check_time;
pub use file_reader::{FileReader, InlineFileReader};
use other::{OTHER_EXTENSIONS, known_binary};
pub use table::FORMATS;

/// The most bytes of a text file: 16 MiB.
pub const MAX_TEXT_FILE_BYTES: usize = 16 << 20;

/// The bytes at the beginning by which a format is recognized.
const HEAD_BYTES: usize = 1024;

/// The format that every text is of.
const PLAIN_TEXT: &Format = &FORMATS[FORMATS.len() - 1];

/// Where a reader is compiled in. Each but the first is a wasm module of its own, which a page
/// fetches when a file first needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReaderModule {
    /// The module of the engine.
    Core,
    /// Formats of text, archives, mail and books: the feature `read-text`.
    Text,
    /// Office files: the feature `read-office`.
    Office,
    /// PDF: the feature `read-pdf`.
    Pdf,
    /// Pictures: the feature `read-image`.
    Image,
    /// Databases: the feature `read-sql`.
    Sql,
}

impl ReaderModule {
    /// Its name in the npm package.
    pub fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Text => "text",
            Self::Office => "office",
            Self::Pdf => "pdf",
            Self::Image => "image",
            Self::Sql => "sql",
        }
    }
}

/// A format of files that can be read.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The number of the format in stored documents. Never used for another format.
    pub kind: FileKind,
    /// The name for users.
    pub name: &'static str,
    /// File name endings without the dot, in lower case, the usual one first. Empty for a format
    /// that is recognized by its content alone.
    pub extensions: &'static [&'static str],
    /// Media types in lower case, the usual one first.
    pub media_types: &'static [&'static str],
    /// Where its reader is compiled in.
    pub module: ReaderModule,
    /// The version of its reader. It rises when the reader reads more or better, so that
    /// documents that an older one read can be read again.
    pub version: u16,
    /// Whether the bytes can be nothing else, whatever the file is called; and by the first
    /// 1,024 bytes of its text in lower case, without leading white space.
    is_certain: fn(bytes: &[u8], text: &str) -> bool,
    /// Whether a file without a known ending or media type is of this format; by the same.
    resembles: fn(bytes: &[u8], text: &str) -> bool,
    /// None where the reader is not compiled in.
    read: Option<Read>,
}

impl Format {
    /// The format of a stored document; none where a newer version of this crate added it.
    pub fn of(kind: FileKind) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.kind == kind)
    }

    /// The usual media type.
    pub fn media_type(&self) -> &'static str {
        self.media_types.first().unwrap_or(&"text/plain")
    }

    /// Whether its reader is compiled in.
    pub fn is_readable_here(&self) -> bool {
        self.read.is_some()
    }

    /// The most bytes of a file.
    fn max_bytes(&self, limits: &ReadLimits) -> u64 {
        match self.module {
            ReaderModule::Core => limits.bytes.min(MAX_TEXT_FILE_BYTES as u64),
            _ => limits.bytes,
        }
    }
}

/// A file to read.
#[derive(Debug, Clone, Copy, Default)]
pub struct FileToRead<'a> {
    /// Its name. Its ending tells the format where its bytes do not.
    pub name: &'a str,
    /// Its media type, if known.
    pub media_type: Option<&'a str>,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The password of an encrypted file.
    pub password: Option<&'a str>,
    /// What reads the words in pictures. Without it they are not read.
    pub ocr: Option<&'a dyn Ocr>,
    /// How the pixels for an image encoder are made of a picture. Without it none are made.
    pub image_input: Option<ImageInput>,
    /// Whether the words in a picture are not wanted, whatever could read them.
    pub skips_words: bool,
    /// The pixels of a picture that only browsers decode (AVIF, HEIC), which the caller has had
    /// decoded: as a person sees them, over white.
    pub decoded: Option<Rgb<'a>>,
}

/// The format of a file: by its bytes where they can be nothing else, otherwise by the ending of
/// its name, otherwise by its media type, otherwise the format that it resembles. What is called
/// plain text is read as the format that it resembles, too.
///
/// # Errors
/// [`Error::EmptyDocument`] for a file without bytes, [`Error::UnsupportedFormat`] for a format
/// that is not in [`FORMATS`].
pub fn recognize(file: &FileToRead<'_>) -> Result<&'static Format> {
    Ok(recognized(file)?.0)
}

/// The format of a file, and whether it may be another one, as the file only resembles it.
fn recognized(file: &FileToRead<'_>) -> Result<(&'static Format, bool)> {
    let FileToRead { name, media_type, bytes, .. } = *file;
    if bytes.is_empty() {
        return Err(Error::EmptyDocument { name: name.to_owned() });
    }
    let unsupported = |found: String| Error::UnsupportedFormat {
        name: name.to_owned(),
        found,
        supported: supported(),
    };
    let limits = ReadLimits::default();
    let source = TextSourceCell::default();
    let input = input(file, &limits, &Unwatched, &source);
    let text = input.beginning();
    let text = text.trim_start();
    let head = text[..text.floor_char_boundary(HEAD_BYTES)].to_ascii_lowercase();
    if let Some(format) = FORMATS.iter().find(|format| (format.is_certain)(bytes, &head)) {
        return Ok((format, false));
    }
    if let Some(found) = known_binary(bytes) {
        return Err(unsupported(found.to_owned()));
    }
    match declared(name, media_type).map_err(unsupported)? {
        Some(format) if format.kind != FileKind::PLAIN_TEXT => Ok((format, false)),
        _ => {
            let resembled = FORMATS.iter().find(|format| (format.resembles)(bytes, &head));
            Ok((resembled.unwrap_or(PLAIN_TEXT), true))
        }
    }
}

/// Reads a file into the text that a person would see, with its blocks marked: its kind, and
/// what its reader made of it.
///
/// The encoding of a text follows from its byte order mark, from `charset` in the media type or
/// from its own declaration; otherwise it is UTF-8, UTF-16 or the one that its letters show. Takes time linear in the bytes for text. Runs
/// in one call; `watch` follows and stops it.
///
/// # Errors
/// [`Error::TooLarge`] over a limit, [`Error::EmptyDocument`] without any text,
/// [`Error::UnsupportedFormat`] for a format that is not in [`FORMATS`] or whose reader is not
/// compiled in, [`Error::InvalidText`] for bytes that are no text, [`Error::PasswordRequired`],
/// [`Error::WrongPassword`], [`Error::DamagedFile`], and what `watch` returns. A warning
/// in the details says that an encoding was guessed, or that a few bytes were invalid and became
/// U+FFFD; mails and books, whose parts often lie about their encoding, are decoded as well as can
/// be.
pub fn read_file(
    file: &FileToRead<'_>,
    limits: &ReadLimits,
    watch: &dyn ReadWatch,
) -> Result<(FileKind, ReadFile)> {
    let (format, is_guess) = recognized(file)?;
    check_size(file.name, file.bytes.len() as u64, format.max_bytes(limits))?;
    let unreadable = |found: String| Error::UnsupportedFormat {
        name: file.name.to_owned(),
        found,
        supported: supported(),
    };
    let Some(read) = format.read else {
        return Err(unreadable(format!("{} without its reader", format.name)));
    };
    let is_declared = declared(file.name, file.media_type).is_ok_and(|declared| declared.is_some());
    let source = TextSourceCell::default();
    let input = input(file, limits, watch, &source);
    let (format, read) = match read(&input) {
        // It only looked like data.
        Err(Error::DamagedFile { .. }) if is_guess && format.module == ReaderModule::Text => {
            (PLAIN_TEXT, read::plain_text(&input))
        }
        read => (format, read),
    };
    let mut read = match read {
        Err(Error::InvalidText { .. }) if !is_declared => {
            return Err(unreadable("unknown binary data".to_owned()));
        }
        read => read?,
    };
    if read.is_empty() {
        return Err(Error::EmptyDocument { name: file.name.to_owned() });
    }
    let text = read.document.text.len() as u64;
    if text > limits.text_bytes {
        let what = format!("The text of \"{}\"", file.name);
        let advice = "Split the file into smaller parts.";
        let (limit, unit) = (limits.text_bytes, "bytes");
        return Err(Error::TooLarge { what, got: text, limit, unit, advice });
    }
    read.details.encoding = source.encoding();
    read.details.warnings.extend(source.warning());
    read.details.reader = format.name.to_owned();
    read.details.reader_version = format.version;
    Ok((format.kind, read))
}

fn input<'a>(
    file: &FileToRead<'a>,
    limits: &'a ReadLimits,
    watch: &'a dyn ReadWatch,
    source: &'a TextSourceCell,
) -> Input<'a> {
    let charset = file.media_type.and_then(charset);
    let FileToRead { name, bytes, password, image_input, decoded, .. } = *file;
    let ocr = file.ocr.filter(|_| !file.skips_words);
    Input { name, bytes, charset, password, ocr, image_input, decoded, limits, watch, source }
}

/// Checks that a file of so many bytes is not too large to be read.
pub(crate) fn check_size(name: &str, bytes: u64, limit: u64) -> Result<()> {
    let what = format!("\"{name}\"");
    if bytes <= limit {
        return Ok(());
    }
    let advice = "Split it into smaller parts.";
    Err(Error::TooLarge { what, got: bytes, limit, unit: "bytes", advice })
}

/// The formats for an error message: "Markdown (.md), plain text (.txt)".
fn supported() -> String {
    let one = |format: &Format| {
        format.extensions.first().map(|extension| format!("{} (.{extension})", format.name))
    };
    FORMATS.iter().filter_map(one).collect::<Vec<_>>().join(", ")
}

/// The format that the ending of `name` or otherwise `media_type` declares; none if neither
/// does. `Err` describes a declared format that cannot be read.
fn declared(name: &str, media_type: Option<&str>) -> Result<Option<&'static Format>, String> {
    let extension = extension(name);
    if let Some(extension) = &extension {
        let of_extension = |format: &&Format| format.extensions.contains(&extension.as_str());
        if let Some(format) = FORMATS.iter().find(of_extension) {
            return Ok(Some(format));
        }
    }
    let essence = media_type.unwrap_or("").split(';').next().unwrap_or("");
    let essence = essence.trim().to_ascii_lowercase();
    let of_type = |format: &&Format| format.media_types.contains(&essence.as_str());
    if let Some(format) = FORMATS.iter().find(of_type) {
        return Ok(Some(format));
    }
    if let Some(extension) = extension
        && OTHER_EXTENSIONS.split(' ').any(|known| known == extension)
    {
        return Err(format!("a .{extension} file"));
    }
    // Browsers give no media type or octet-stream for files they do not know.
    let is_unknown = matches!(essence.as_str(), "" | "application/octet-stream");
    if is_unknown || essence.starts_with("text/") { Ok(None) } else { Err(essence) }
}

/// The `charset` parameter of a media type.
fn charset(media_type: &str) -> Option<&str> {
    media_type.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        key.trim().eq_ignore_ascii_case("charset").then_some(value)
    })
}

fn extension(name: &str) -> Option<String> {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let (stem, extension) = base.rsplit_once('.')?;
    (!stem.is_empty() && !extension.is_empty()).then(|| extension.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn links_to_pictures_of_every_format_are_followed() {
        let pictures = FORMATS.iter().filter(|format| format.module == ReaderModule::Image);
        let endings: Vec<&str> = pictures.flat_map(|format| format.extensions).copied().collect();
        assert_eq!(endings, read::shown_picture::ENDINGS);
    }

    #[test]
    fn no_two_formats_share_a_number_an_ending_or_a_media_type() {
        for (place, format) in FORMATS.iter().enumerate() {
            let others = FORMATS.iter().skip(place + 1);
            for other in others {
                assert_ne!(format.kind, other.kind, "{}", format.name);
                let shared = |a: &[&str], b: &[&str]| a.iter().any(|name| b.contains(name));
                assert!(!shared(format.extensions, other.extensions), "{}", format.name);
                assert!(!shared(format.media_types, other.media_types), "{}", format.name);
            }
            assert!(Format::of(format.kind).is_some_and(|found| found.name == format.name));
        }
    }
}
