//! Formats without a reader, recognized so that an error can name them. A row of
//! [`FORMATS`](super::FORMATS) takes precedence.

/// File name endings of well-known formats other than text.
pub(super) const OTHER_EXTENSIONS: &str = "\
    7z aac avi bin bz2 dll exe flac gguf ico m4a mkv mov mp3 mp4 ogg onnx parquet rar safetensors \
    wasm wav webm woff woff2 xz zst";

struct Magic {
    offset: usize,
    bytes: &'static [u8],
    found: &'static str,
    /// A text could also begin with these bytes. A NUL near them shows that it is binary.
    could_be_text: bool,
}

const fn certain(bytes: &'static [u8], found: &'static str) -> Magic {
    Magic { offset: 0, bytes, found, could_be_text: false }
}

const fn uncertain(offset: usize, bytes: &'static [u8], found: &'static str) -> Magic {
    Magic { offset, bytes, found, could_be_text: true }
}

const MAGICS: &[Magic] = &[
    certain(b"\0\0\x01\0", "an icon"),
    certain(b"\xfd7zXZ\0", "an xz archive"),
    certain(b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    certain(b"\x28\xb5\x2f\xfd", "a zstd archive"),
    certain(b"Rar!\x1a\x07", "a RAR archive"),
    certain(
        b"\x37\x7f\x06\x82",
        "the log of an SQLite database, which is read with the database only",
    ),
    certain(
        b"\x37\x7f\x06\x83",
        "the log of an SQLite database, which is read with the database only",
    ),
    certain(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", "the journal of an SQLite database"),
    certain(b"\x7fELF", "a program"),
    certain(b"\0asm", "a WebAssembly module"),
    certain(b"\x1a\x45\xdf\xa3", "a video"),
    uncertain(0, b"RIFF", "a sound or video"),
    uncertain(4, b"ftyp", "a video"),
    uncertain(0, b"ID3", "a sound"),
    uncertain(0, b"OggS", "a sound"),
    uncertain(0, b"fLaC", "a sound"),
    uncertain(0, b"MZ", "a program"),
    uncertain(0, b"GGUF", "a model file"),
    uncertain(0, b"PAR1", "a Parquet file"),
    uncertain(0, b"wOF", "a font"),
    uncertain(0, b"BZh", "a bzip2 archive"),
];

/// The name of the binary format that the first bytes show, if any.
pub(super) fn known_binary(bytes: &[u8]) -> Option<&'static str> {
    let near_nul = bytes.iter().take(64).any(|&byte| byte == 0);
    MAGICS
        .iter()
        .filter(|magic| near_nul || !magic.could_be_text)
        .find(|magic| bytes.get(magic.offset..).is_some_and(|at| at.starts_with(magic.bytes)))
        .map(|magic| magic.found)
}

/// The bytes at the beginning and at the end in which the marks of a PDF are looked for.
const PDF_MARK_BYTES: usize = 1024;

/// Whether it is a PDF: it begins so, after white space and a byte order mark.
pub(super) fn is_pdf(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.trim_ascii_start().starts_with(b"%PDF-")
}

/// Whether it may be a PDF with something before it: it has the marks of its beginning and its
/// end.
pub(super) fn resembles_pdf(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(PDF_MARK_BYTES)];
    let tail = &bytes[bytes.len().saturating_sub(PDF_MARK_BYTES)..];
    let has = |part: &[u8], mark: &[u8]| part.windows(mark.len()).any(|window| window == mark);
    has(head, b"%PDF-") && has(tail, b"%%EOF")
}
