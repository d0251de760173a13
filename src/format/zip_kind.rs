//! What a ZIP archive is, by its members.
//!
//! Paths are read from the archive's directory (PKWARE's APPNOTE, 4.3.12 to 4.3.16): a search of
//! all bytes would also find the members of an archive within it.

/// The most bytes that may follow the directory: its end, with a comment of 64 KiB.
const MAX_END_BYTES: usize = 22 + 0xffff;
/// The bytes of an entry of the directory before its path.
const ENTRY_BYTES: usize = 46;
/// The most entries that are looked at.
const MAX_ENTRIES: usize = 100_000;
/// The bytes of the header of a member before its path.
const HEADER_BYTES: usize = 30;

/// Whether it is a ZIP archive.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Whether it is a package of Microsoft Office with a member whose path begins with `folder`.
pub(super) fn holds(bytes: &[u8], folder: &str) -> bool {
    has_member(bytes, |path| path == b"[Content_Types].xml")
        && has_member(bytes, |path| path.starts_with(folder.as_bytes()))
}

/// Whether it is a ZIP archive with a member whose path is as `is_wanted` says.
pub(super) fn has_member(bytes: &[u8], is_wanted: impl FnMut(&[u8]) -> bool) -> bool {
    is_zip(bytes) && paths(bytes).any(is_wanted)
}

/// Whether it is a ZIP archive whose first member, `mimetype`, states this media type.
pub(super) fn is_of_type(bytes: &[u8], media_type: &str) -> bool {
    let extra = number(bytes, 28).unwrap_or(0);
    let stated = || bytes.get(HEADER_BYTES + "mimetype".len() + extra..);
    is_zip(bytes)
        && number(bytes, 26) == Some("mimetype".len())
        && bytes[HEADER_BYTES..].starts_with(b"mimetype")
        && stated().is_some_and(|stated| stated.starts_with(media_type.as_bytes()))
}

/// The paths of its members. Those of an archive that is cut are read from its members, as far
/// as these state their sizes.
fn paths(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let entry = |at: usize| {
        let rest = bytes.get(at..).filter(|rest| rest.starts_with(b"PK\x01\x02"))?;
        let [path, extra, comment] = [28, 30, 32].map(|place| number(rest, place).unwrap_or(0));
        Some((
            rest.get(ENTRY_BYTES..ENTRY_BYTES + path)?,
            at + ENTRY_BYTES + path + extra + comment,
        ))
    };
    let member = |at: usize| {
        let rest = bytes.get(at..).filter(|rest| rest.starts_with(b"PK\x03\x04"))?;
        let [path, extra] = [26, 28].map(|place| number(rest, place).unwrap_or(0));
        let size = u32::from_le_bytes(rest.get(18..22)?.try_into().ok()?) as usize;
        let end = at.checked_add(HEADER_BYTES + path + extra)?.checked_add(size)?;
        Some((rest.get(HEADER_BYTES..HEADER_BYTES + path)?, end))
    };
    let directory = directory(bytes);
    let mut next = directory.unwrap_or(0);
    std::iter::from_fn(move || {
        let found = if directory.is_some() { entry(next) } else { member(next) };
        let (path, end) = found?;
        next = end;
        Some(path)
    })
    .take(MAX_ENTRIES)
}

/// Where the directory begins; none in an archive that is cut.
fn directory(bytes: &[u8]) -> Option<usize> {
    let first = bytes.len().saturating_sub(MAX_END_BYTES);
    let end = first + bytes[first..].windows(4).rposition(|four| four == b"PK\x05\x06")?;
    let size = u32::from_le_bytes(bytes.get(end + 12..end + 16)?.try_into().ok()?) as usize;
    // Counted from the end: an archive may have something before it.
    let start = end.checked_sub(size)?;
    bytes[start..].starts_with(b"PK\x01\x02").then_some(start)
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let two = bytes.get(at..at + 2)?;
    Some(usize::from(u16::from_le_bytes([two[0], two[1]])))
}
