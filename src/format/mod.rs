//! The table of formats: the files that can be read, how they are recognized, and their
//! readers. A new format is a reader in `read/` and one row of [`FORMATS`]. The error about
//! an unsupported file, the page's file chooser and the README's table are made from it.

mod other;

use crate::document::{Document, FileKind};
use crate::error::{Error, Result};
use crate::read::{self, Input, Read};

use other::{OTHER_EXTENSIONS, known_binary};

/// The most bytes of a file: 16 MiB.
pub const MAX_FILE_BYTES: usize = 16 << 20;

/// The bytes at the beginning by which a format is recognized.
const HEAD_BYTES: usize = 1024;

/// A format of files that can be read.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The number of the format in stored documents. Never used for another format.
    pub kind: FileKind,
    /// The name for users.
    pub name: &'static str,
    /// File name endings without the dot, in lower case, the usual one first.
    pub extensions: &'static [&'static str],
    /// Media types in lower case, the usual one first.
    pub media_types: &'static [&'static str],
    /// Whether a file has this format, by its bytes, and by the first 1,024 bytes of its text
    /// in lower case, without leading white space.
    recognizes: fn(bytes: &[u8], text: &str) -> bool,
    read: Read,
}

/// All formats. The first one that recognizes a file is chosen. Plain text is the last row
/// and recognizes every file.
pub const FORMATS: &[Format] = &[
    Format {
        kind: FileKind::new(1),
        name: "Markdown",
        extensions: &["md", "markdown", "mdown", "mkd"],
        media_types: &["text/markdown", "text/x-markdown"],
        recognizes: |_, _| false,
        read: read::markdown,
    },
    Format {
        kind: FileKind::new(2),
        name: "HTML",
        extensions: &["html", "htm", "xhtml", "xht"],
        media_types: &["text/html", "application/xhtml+xml"],
        recognizes: |_, text| read::begins_as_html(text),
        read: read::html,
    },
    Format {
        kind: FileKind::PLAIN_TEXT,
        name: "plain text",
        extensions: &["txt", "text", "log"],
        media_types: &["text/plain"],
        recognizes: |_, _| true,
        read: read::plain_text,
    },
];

impl Format {
    /// The format of a stored document; none where a newer version of this crate added it.
    pub fn of(kind: FileKind) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.kind == kind)
    }

    /// The usual media type.
    pub fn media_type(&self) -> &'static str {
        self.media_types[0]
    }
}

/// Reads a file into the text that a person would see, with its blocks marked.
///
/// The format follows from `media_type`, otherwise from the ending of `name`, otherwise from
/// the first bytes; but a binary file is what its first bytes say. The encoding of a text
/// follows from `charset` in `media_type` or from HTML's own declaration; otherwise it is
/// UTF-8 or UTF-16. Takes time linear in the bytes, in one step.
///
/// # Errors
/// [`Error::TooLarge`] over [`MAX_FILE_BYTES`], [`Error::EmptyDocument`] without any text,
/// [`Error::UnsupportedFormat`] for a format that is not in [`FORMATS`], and
/// [`Error::InvalidText`] for bytes that are no text. No byte is replaced or guessed.
pub fn read_file(
    name: &str,
    media_type: Option<&str>,
    bytes: &[u8],
) -> Result<(FileKind, Document)> {
    check_size(name, bytes.len() as u64)?;
    if bytes.is_empty() {
        return Err(Error::EmptyDocument { name: name.to_owned() });
    }
    let unsupported = |found: String| Error::UnsupportedFormat {
        name: name.to_owned(),
        found,
        supported: supported(),
    };
    let declared = declared(name, media_type).map_err(unsupported)?;
    let input = Input { name, bytes, charset: media_type.and_then(charset) };
    let recognized = recognized(&input);
    let format = match known_binary(bytes) {
        Some(found) if recognized.kind == FileKind::PLAIN_TEXT => {
            return Err(unsupported(found.to_owned()));
        }
        Some(_) => recognized,
        None => declared.unwrap_or(recognized),
    };
    match (format.read)(&input) {
        Err(Error::InvalidText { .. }) if declared.is_none() => {
            Err(unsupported("unknown binary data".to_owned()))
        }
        Ok(document) if document.blocks.is_empty() => {
            Err(Error::EmptyDocument { name: name.to_owned() })
        }
        read => Ok((format.kind, read?)),
    }
}

/// Checks that a file of so many bytes is not too large to be read.
pub(crate) fn check_size(name: &str, bytes: u64) -> Result<()> {
    let (what, limit) = (format!("\"{name}\""), MAX_FILE_BYTES as u64);
    if bytes <= limit {
        return Ok(());
    }
    let advice = "Split it into smaller parts.";
    Err(Error::TooLarge { what, got: bytes, limit, unit: "bytes", advice })
}

/// The formats for an error message: "Markdown (.md), plain text (.txt)".
fn supported() -> String {
    let one = |format: &Format| format!("{} (.{})", format.name, format.extensions[0]);
    FORMATS.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The format that `media_type` or otherwise the ending of `name` declares; none if neither
/// does. `Err` describes a declared format that cannot be read.
fn declared(name: &str, media_type: Option<&str>) -> Result<Option<&'static Format>, String> {
    let essence = media_type.unwrap_or("").split(';').next().unwrap_or("");
    let essence = essence.trim().to_ascii_lowercase();
    let of_type = |format: &&Format| format.media_types.contains(&essence.as_str());
    if let Some(format) = FORMATS.iter().find(of_type) {
        return Ok(Some(format));
    }
    if let Some(extension) = extension(name) {
        let of_extension = |format: &&Format| format.extensions.contains(&extension.as_str());
        if let Some(format) = FORMATS.iter().find(of_extension) {
            return Ok(Some(format));
        }
        if OTHER_EXTENSIONS.split(' ').any(|known| known == extension) {
            return Err(format!("a .{extension} file"));
        }
    }
    // Browsers give no media type or octet-stream for files they do not know.
    let is_unknown = matches!(essence.as_str(), "" | "application/octet-stream");
    if is_unknown || essence.starts_with("text/") { Ok(None) } else { Err(essence) }
}

/// The first format that recognizes the file.
fn recognized(input: &Input<'_>) -> &'static Format {
    let text = input.beginning();
    let text = text.trim_start();
    let head = text[..text.floor_char_boundary(HEAD_BYTES)].to_ascii_lowercase();
    let plain_text = &FORMATS[FORMATS.len() - 1];
    let recognizes = |format: &&Format| (format.recognizes)(input.bytes, &head);
    FORMATS.iter().find(recognizes).unwrap_or(plain_text)
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
