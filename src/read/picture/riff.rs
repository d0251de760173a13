//! The chunks of a file in RIFF, the container of WebP (RFC 9649).

/// Chunks that are looked at.
const MAX_CHUNKS: usize = 100_000;

/// The names and contents of the chunks in `bytes`. The content is none where it is longer than
/// what is left.
pub(super) fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8; 4], Option<&[u8]>)> {
    let mut rest = Some(bytes);
    let next = move || {
        let (name, behind) = rest.take()?.split_first_chunk::<4>()?;
        let (length, behind) = behind.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        rest = length.checked_next_multiple_of(2).and_then(|length| behind.get(length..));
        Some((name, behind.get(..length)))
    };
    std::iter::from_fn(next).take(MAX_CHUNKS)
}

/// What the header of the file says is within it, as far as it is there.
pub(super) fn body(file: &[u8]) -> &[u8] {
    let length = file.get(4..).and_then(|rest| rest.first_chunk());
    let length = length.map_or(0, |&length| u32::from_le_bytes(length)) as usize;
    let end = length.saturating_add(8).min(file.len());
    file.get(12..end).unwrap_or_default()
}
