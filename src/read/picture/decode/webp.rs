//! Checks of a WebP before its decoder reserves memory for what it states (RFC 9649, RFC 6386).

use super::Work;
use crate::error::Result;
use crate::read::picture::riff;

/// Checks that the chunks are within the file, and that the frames of VP8 have the size of the
/// picture, or of the part of it that they are to fill. Without, the decoder would reserve both
/// before it compares them.
pub(super) fn check_chunks(work: &Work<'_>, size: (u32, u32)) -> Result<()> {
    let is_right = riff::chunks(riff::body(work.file.bytes)).all(|(name, content)| {
        let Some(content) = content else { return false };
        match (name, content) {
            (b"ANMF", [_, _, _, _, _, _, w0, w1, w2, h0, h1, h2, _, _, _, _, frame @ ..]) => {
                let side = |a: &u8, b: &u8, c: &u8| u32::from_le_bytes([*a, *b, *c, 0]) + 1;
                let part = (side(w0, w1, w2), side(h0, h1, h2));
                let is_within = part.0 <= size.0 && part.1 <= size.1;
                is_within
                    && riff::chunks(frame).all(|(name, content)| {
                        content.is_some_and(|content| has_size(name, content, part))
                    })
            }
            _ => has_size(name, content, size),
        }
    });
    if is_right { Ok(()) } else { Err(work.file.damaged("its parts do not have its size")) }
}

/// Whether a chunk is no frame of VP8, or one of this size.
fn has_size(name: &[u8; 4], content: &[u8], size: (u32, u32)) -> bool {
    match (name, content) {
        (b"VP8 ", [_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..]) => {
            let side = |low: &u8, high: &u8| u32::from(u16::from_le_bytes([*low, *high]) & 0x3fff);
            (side(w0, w1), side(h0, h1)) == size
        }
        _ => true,
    }
}
