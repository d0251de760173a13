//! What a ZIP archive is, by its members.

/// The bytes at the beginning, and at the end, in which members are looked for by name.
const SEARCHED_BYTES: usize = 64 << 10;

/// Whether it is a ZIP archive.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Whether it is a ZIP archive with a member whose path begins with `folder`.
pub(super) fn holds(bytes: &[u8], folder: &str) -> bool {
    is_zip(bytes) && contains(bytes, b"[Content_Types].xml") && contains(bytes, folder.as_bytes())
}

/// Whether it is a ZIP archive whose first member, `mimetype`, states this media type.
pub(super) fn is_of_type(bytes: &[u8], media_type: &str) -> bool {
    let head = &bytes[..bytes.len().min(256)];
    let stated = [b"mimetype", media_type.as_bytes()].concat();
    is_zip(bytes) && find(head, &stated)
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(SEARCHED_BYTES)];
    let tail = &bytes[bytes.len().saturating_sub(SEARCHED_BYTES)..];
    find(head, what) || find(tail, what)
}

fn find(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}
