//! Reads a file with the default limits.

use multimodal_rag::{FileKind, FileToRead, ReadFile, ReadLimits, Result, Unwatched, read_file};

/// What the reader of a file makes of it.
pub(crate) fn read(name: &str, mime: Option<&str>, bytes: &[u8]) -> Result<(FileKind, ReadFile)> {
    let file = FileToRead { name, media_type: mime, bytes, ..FileToRead::default() };
    read_file(&file, &ReadLimits::default(), &Unwatched)
}
