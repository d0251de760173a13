//! Formats of pictures, told by their first bytes.

/// A format of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub(crate) enum PictureFormat {
    /// Portable Network Graphics.
    Png,
    /// JPEG: baseline or progressive; grey, colour or CMYK.
    Jpeg,
    /// WebP, with or without loss.
    WebP,
    /// GIF, of which the first frame is read.
    Gif,
    /// Bitmap of Windows.
    Bmp,
    /// TIFF, of which the first page is read.
    Tiff,
    /// AV1 Image File Format. The browser decodes it.
    Avif,
    /// The HEVC-coded photos of phones. The browser decodes it where it can.
    Heic,
}

impl PictureFormat {
    /// The format that the bytes begin with; none for bytes of no picture.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some(Self::Tiff),
            [_, _, _, _, b'f', b't', b'y', b'p', brands @ ..] => of_brands(bytes, brands),
            [b'B', b'M', ..] if has_bitmap_header(bytes) => Some(Self::Bmp),
            _ => None,
        }
    }

    /// Whether only browsers decode it.
    #[allow(dead_code, reason = "only the reader of pictures asks")]
    pub(crate) fn is_of_browsers(self) -> bool {
        matches!(self, Self::Avif | Self::Heic)
    }

    /// Its name.
    #[allow(dead_code, reason = "only the reader of pictures names it")]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            Self::Avif => "AVIF",
            Self::Heic => "HEIC",
        }
    }
}

/// The format of a file of ISO 14496-12 by its brands: the main one, a version, then others.
fn of_brands(bytes: &[u8], brands: &[u8]) -> Option<PictureFormat> {
    let length = bytes.first_chunk().map_or(0, |&length| u32::from_be_bytes(length)) as usize;
    let brands = brands.get(..length.checked_sub(8)?).unwrap_or(brands);
    let has = |names: &[&[u8; 4]]| {
        let (brands, _) = brands.as_chunks::<4>();
        brands.iter().any(|brand| names.contains(&brand))
    };
    if has(&[b"avif", b"avis"]) {
        return Some(PictureFormat::Avif);
    }
    has(&[b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"])
        .then_some(PictureFormat::Heic)
}

/// Whether reserved zeros and a header of a known size follow: "BM" alone may begin any text.
fn has_bitmap_header(bytes: &[u8]) -> bool {
    let size = bytes.get(14..).and_then(|rest| rest.first_chunk());
    let is_known = size.is_some_and(|&size| {
        matches!(u32::from_le_bytes(size), 12 | 16 | 40 | 52 | 56 | 64 | 108 | 124)
    });
    is_known && bytes[6..10] == [0; 4]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn heic_and_avif_are_told_by_their_brands() {
        let heic = b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic....";
        let avif = b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif....";
        assert_eq!(PictureFormat::of(heic), Some(PictureFormat::Heic));
        assert_eq!(PictureFormat::of(avif), Some(PictureFormat::Avif));
        assert_eq!(PictureFormat::of(b"\0\0\0\x18ftypisom\0\0\0\0isommp42"), None, "a film");
    }

    #[test]
    fn a_text_that_begins_with_bm_is_no_bitmap() {
        assert_eq!(PictureFormat::of(b"BMW makes cars, and has for a hundred years."), None);
        assert_eq!(PictureFormat::of(b""), None);
    }
}
