//! Checks of a TIFF before its decoder reserves memory for what it states.
//!
//! TIFF 6.0: the header points to a directory of entries of 12 bytes, each with a tag, a type, a
//! count and a value or the offset of the values.

use super::Work;
use super::jpeg::largest_frame;
use crate::error::Result;

/// Pixels that a tile may have, whatever the size of the page.
const TILE_PIXELS: u64 = 1 << 20;

/// Checks that the values of each entry fit into the file.
pub(super) fn check_counts(work: &Work<'_>) -> Result<()> {
    let bytes = work.file.bytes;
    let fits = |(kind, count): (u16, u32)| {
        u64::from(count).saturating_mul(value_bytes(kind)) <= bytes.len() as u64
    };
    if entries(bytes).unwrap_or_default().into_iter().all(fits) {
        return Ok(());
    }
    Err(work.file.damaged("a field of it has more values than the file has bytes"))
}

/// Checks the size of the parts that are JPEG: the decoder reserves what their own headers say.
pub(super) fn check_parts(work: &Work<'_>, (width, height): (u32, u32)) -> Result<()> {
    // A tile may be larger than a small page.
    let most = (u64::from(width) * u64::from(height)).max(TILE_PIXELS);
    if largest_frame(work.file.bytes) > most {
        return Err(work.file.damaged("a part of it is larger than the whole"));
    }
    Ok(())
}

/// Bytes of a value of a type.
fn value_bytes(kind: u16) -> u64 {
    match kind {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16..=18 => 8,
        _ => 1,
    }
}

/// Type and count of the entries of the first directory, of which there are at most 65,535.
fn entries(bytes: &[u8]) -> Option<Vec<(u16, u32)>> {
    let is_little = bytes.first() == Some(&b'I');
    let short =
        |at: &[u8; 2]| if is_little { u16::from_le_bytes(*at) } else { u16::from_be_bytes(*at) };
    let long =
        |at: &[u8; 4]| if is_little { u32::from_le_bytes(*at) } else { u32::from_be_bytes(*at) };
    let start = long(bytes.get(4..)?.first_chunk()?) as usize;
    let (count, rest) = bytes.get(start..)?.split_first_chunk()?;
    let (all, _) = rest.as_chunks::<12>();
    let entry = |entry: &[u8; 12]| {
        Some((short(entry.get(2..)?.first_chunk()?), long(entry.get(4..)?.first_chunk()?)))
    };
    Some(all.iter().take(short(count).into()).filter_map(entry).collect())
}
