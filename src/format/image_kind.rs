//! Pictures whose first bytes alone do not tell them from other files.

/// Bytes of the headers of a BMP file up to the number of bits of a pixel.
const BMP_HEADERS: usize = 30;

/// Whether it is a WebP picture: a RIFF file of this kind.
pub(super) fn is_webp(bytes: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP")
}

/// Whether it is a BMP picture: two letters, with which a text may begin too, then the reserved zeros
/// and the size of a known header.
pub(super) fn is_bmp(bytes: &[u8]) -> bool {
    const HEADER_SIZES: [u8; 7] = [12, 40, 52, 56, 64, 108, 124];
    bytes.len() >= BMP_HEADERS
        && bytes.starts_with(b"BM")
        && bytes[6..10] == [0; 4]
        && HEADER_SIZES.contains(&bytes[14])
        && bytes[15..18] == [0; 3]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn a_text_that_begins_as_a_picture_is_none() {
        assert!(!is_bmp(b"BMW builds cars in Munich, and has done so since 1928."));
        assert!(!is_webp(b"RIFF is a container of chunks."));
    }
}
