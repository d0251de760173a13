//! Whether a ZIP archive is a book.

use super::zip_kind;

/// The bytes at the end in which the directory of a ZIP archive is looked at.
const DIRECTORY_BYTES: usize = 1 << 20;
/// The file that every book has.
const CONTAINER: &[u8] = b"META-INF/container.xml";
/// The bytes of an entry of the directory before its path.
const ENTRY_BYTES: usize = 46;

/// Whether it is a book: by its first member, or where that is not as it should be, by the file
/// that names its content.
pub(super) fn is_book(bytes: &[u8]) -> bool {
    zip_kind::is_of_type(bytes, "application/epub+zip")
        || (zip_kind::is_zip(bytes) && has_container(bytes))
}

fn has_container(bytes: &[u8]) -> bool {
    let directory = &bytes[bytes.len().saturating_sub(DIRECTORY_BYTES)..];
    let is_entry = |at: usize| {
        let start = at.checked_sub(ENTRY_BYTES);
        start.is_some_and(|start| directory[start..].starts_with(b"PK\x01\x02"))
    };
    let mut paths = directory.windows(CONTAINER.len()).enumerate();
    paths.any(|(at, path)| path == CONTAINER && is_entry(at))
}
