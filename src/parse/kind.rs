//! What kind of file it is: from its type, its name, its first bytes.

use crate::document::FileKind;

/// The kinds that can be read, as an error names them.
pub(super) const SUPPORTED: &str = "plain text (.txt), Markdown (.md), HTML (.html)";

/// Bytes at the start that decide whether a file without a known name is HTML.
const SNIFFED_BYTES: usize = 1024;

/// The kind that `mime` or else the ending of `name` declares; `None` when
/// neither says anything, and `Err` with what was found when the kind is one
/// that cannot be read.
pub(super) fn declared(name: &str, mime: Option<&str>) -> Result<Option<FileKind>, String> {
    let essence = mime.unwrap_or("").split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    match essence.as_str() {
        "text/plain" => return Ok(Some(FileKind::Text)),
        "text/markdown" | "text/x-markdown" => return Ok(Some(FileKind::Markdown)),
        "text/html" | "application/xhtml+xml" => return Ok(Some(FileKind::Html)),
        _ => {}
    }
    let extension = extension(name);
    match extension.as_deref() {
        Some("txt" | "text" | "log") => return Ok(Some(FileKind::Text)),
        Some("md" | "markdown" | "mdown" | "mkd") => return Ok(Some(FileKind::Markdown)),
        Some("html" | "htm" | "xhtml" | "xht") => return Ok(Some(FileKind::Html)),
        Some(other) if OTHER_EXTENSIONS.split(' ').any(|known| known == other) => {
            return Err(format!("a .{other} file"));
        }
        _ => {}
    }
    // Browsers say nothing, or octet-stream, for what they do not know.
    let says_nothing = matches!(essence.as_str(), "" | "application/octet-stream");
    if says_nothing || essence.starts_with("text/") { Ok(None) } else { Err(essence) }
}

/// The `charset` parameter of a media type.
pub(super) fn charset(mime: &str) -> Option<&str> {
    mime.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        key.trim().eq_ignore_ascii_case("charset").then_some(value)
    })
}

/// The kind that text of an undeclared kind looks like: HTML when it starts so,
/// else plain text.
pub(super) fn sniffed(text: &str) -> FileKind {
    let text = text.trim_start();
    let head = text[..text.floor_char_boundary(SNIFFED_BYTES)].to_ascii_lowercase();
    let starts_so =
        ["<!doctype html", "<html", "<head", "<body"].iter().any(|s| head.starts_with(s));
    if starts_so || (head.starts_with("<?xml") && head.contains("<html")) {
        FileKind::Html
    } else {
        FileKind::Text
    }
}

/// As [`sniffed`], before the encoding is known.
pub(super) fn sniffed_bytes(bytes: &[u8]) -> FileKind {
    sniffed(&String::from_utf8_lossy(&bytes[..bytes.len().min(SNIFFED_BYTES)]))
}

fn extension(name: &str) -> Option<String> {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let (stem, extension) = base.rsplit_once('.')?;
    (!stem.is_empty() && !extension.is_empty()).then(|| extension.to_ascii_lowercase())
}

/// Endings of files that are known to hold something other than text to read.
const OTHER_EXTENSIONS: &str = "\
    7z aac avi bin bmp bz2 csv dll doc docx epub exe flac gguf gif gz heic ico jpeg jpg json \
    m4a mkv mov mp3 mp4 odp ods odt ogg onnx parquet pdf png ppt pptx rar rtf safetensors \
    sqlite svg tar tif tiff tsv wasm wav webm webp woff woff2 xls xlsx xml xz zip zst";

struct Magic {
    offset: usize,
    bytes: &'static [u8],
    found: &'static str,
    /// These bytes could also begin a text: a NUL near them tells them apart.
    could_be_text: bool,
}

const fn sure(bytes: &'static [u8], found: &'static str) -> Magic {
    Magic { offset: 0, bytes, found, could_be_text: false }
}

const fn unsure(offset: usize, bytes: &'static [u8], found: &'static str) -> Magic {
    Magic { offset, bytes, found, could_be_text: true }
}

const MAGICS: &[Magic] = &[
    sure(b"%PDF-", "a PDF file"),
    sure(b"\x89PNG\r\n\x1a\n", "a PNG image"),
    sure(b"\xff\xd8\xff", "a JPEG image"),
    sure(b"GIF87a", "a GIF image"),
    sure(b"GIF89a", "a GIF image"),
    sure(b"II*\0", "a TIFF image"),
    sure(b"MM\0*", "a TIFF image"),
    sure(b"\0\0\x01\0", "an icon"),
    sure(b"\x1f\x8b", "a gzip archive"),
    sure(b"\xfd7zXZ\0", "an xz archive"),
    sure(b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    sure(b"\x28\xb5\x2f\xfd", "a zstd archive"),
    sure(b"Rar!\x1a\x07", "a RAR archive"),
    sure(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file"),
    sure(b"SQLite format 3\0", "an SQLite database"),
    sure(b"\x7fELF", "a program"),
    sure(b"\0asm", "a WebAssembly module"),
    sure(b"{\\rtf", "an RTF file"),
    sure(b"\x1a\x45\xdf\xa3", "a video"),
    unsure(0, b"BM", "a BMP image"),
    unsure(0, b"RIFF", "an image, sound or video"),
    unsure(4, b"ftyp", "a video"),
    unsure(0, b"ID3", "a sound"),
    unsure(0, b"OggS", "a sound"),
    unsure(0, b"fLaC", "a sound"),
    unsure(0, b"MZ", "a program"),
    unsure(0, b"GGUF", "a model file"),
    unsure(0, b"PAR1", "a Parquet file"),
    unsure(0, b"wOF", "a font"),
    unsure(0, b"BZh", "a bzip2 archive"),
];

/// The binary kind of file that the first bytes tell, if any.
pub(super) fn known_binary(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Some(zip_kind(bytes));
    }
    let near_nul = bytes.iter().take(64).any(|&byte| byte == 0);
    MAGICS
        .iter()
        .filter(|magic| near_nul || !magic.could_be_text)
        .find(|magic| bytes.get(magic.offset..).is_some_and(|at| at.starts_with(magic.bytes)))
        .map(|magic| magic.found)
}

/// What a zip archive holds, from the names of its first members.
fn zip_kind(bytes: &[u8]) -> &'static str {
    let head = &bytes[..bytes.len().min(8192)];
    let holds = |name: &str| head.windows(name.len()).any(|window| window == name.as_bytes());
    if holds("word/") {
        "a Word file"
    } else if holds("ppt/") {
        "a PowerPoint file"
    } else if holds("xl/") {
        "an Excel file"
    } else if holds("application/epub") {
        "an EPUB book"
    } else if holds("application/vnd.oasis.opendocument") {
        "an OpenDocument file"
    } else {
        "a ZIP archive"
    }
}
