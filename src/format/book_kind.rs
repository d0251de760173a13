//! Whether a ZIP archive is a book.

use super::zip_kind;

/// Whether it is a book: by its first member, or where that is not as it should be, by the file
/// that names its content.
pub(super) fn is_book(bytes: &[u8]) -> bool {
    zip_kind::is_of_type(bytes, "application/epub+zip")
        || zip_kind::has_member(bytes, |path| path == b"META-INF/container.xml")
}
