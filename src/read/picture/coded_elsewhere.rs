//! Pictures that only browsers decode: AVIF and HEIC. Here their size is read, and their pixels are
//! taken from whoever decoded them.
//!
//! Both are files of ISO 23008-12 (HEIF): boxes of ISO 14496-12, each with its length and its name.
//! The sizes are in boxes `ispe`, in `meta`, `iprp`, `ipco`: of the picture, and of the tiles that it
//! may be made of.

use super::{Decoded, Picture, PictureFile, PictureFormat, PictureLimits};
use crate::error::Result;
use crate::read::Rgb;

/// Whether a picture must be decoded by a browser.
///
/// # Errors
/// `TooLarge` if its header states more pixels than the limits allow, `DamagedFile` if it states no
/// size.
pub(crate) fn needs_browser(file: &PictureFile<'_>, limits: &PictureLimits) -> Result<bool> {
    if !PictureFormat::of(file.bytes).is_some_and(PictureFormat::is_of_browsers) {
        return Ok(false);
    }
    file.check(file.bytes.len() as u64, limits.bytes, "bytes")?;
    let pixels = pixels_of(file.bytes).ok_or_else(|| file.damaged("it does not say its size"))?;
    file.check(pixels, limits.pixels, "pixels")?;
    Ok(true)
}

impl Picture {
    /// A picture of a file that a browser decoded, with its pixels.
    ///
    /// # Errors
    /// Those of [`needs_browser`]; `TooLarge` over the limits, `DamagedFile` if the pixels are not as
    /// many as the size says.
    pub(crate) fn decoded_elsewhere(
        file: &PictureFile<'_>,
        format: PictureFormat,
        pixels: Rgb<'_>,
        limits: &PictureLimits,
    ) -> Result<Decoded> {
        needs_browser(file, limits)?;
        let Rgb { width, height, pixels: rgb } = pixels;
        file.check(u64::from(width) * u64::from(height), limits.pixels, "pixels")?;
        let picture = Self::from_rgb(width, height, rgb.to_vec())
            .ok_or_else(|| file.damaged("its size and its pixels do not agree"))?;
        let (original_width, original_height, warnings) = (width, height, Vec::new());
        Ok(Decoded { picture, format, original_width, original_height, warnings })
    }
}

/// The pixels of the largest picture in the file.
fn pixels_of(bytes: &[u8]) -> Option<u64> {
    // After the name of `meta` stand its version and flags.
    let meta = boxes(bytes).find(|(name, _)| *name == b"meta")?.1.get(4..)?;
    let properties = boxes(meta).find(|(name, _)| *name == b"iprp")?.1;
    let (_, container) = boxes(properties).find(|(name, _)| *name == b"ipco")?;
    let sizes = boxes(container).filter(|(name, _)| *name == b"ispe");
    let pixels = sizes.filter_map(|(_, size)| {
        let (numbers, _) = size.as_chunks::<4>();
        let [_, width, height, ..] = *numbers else { return None };
        Some(u64::from(u32::from_be_bytes(width)) * u64::from(u32::from_be_bytes(height)))
    });
    pixels.max().filter(|&pixels| pixels > 0)
}

/// The boxes that follow each other, each with its name and its content, as far as they are whole.
fn boxes(bytes: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (&length, after) = rest.split_first_chunk()?;
        let (name, content) = after.split_first_chunk()?;
        let (begin, length) = match u32::from_be_bytes(length) {
            // To the end of the file.
            0 => (8, rest.len()),
            1 => (16, usize::try_from(u64::from_be_bytes(*content.first_chunk()?)).ok()?),
            length => (8, length as usize),
        };
        let (whole, next) = rest.split_at_checked(length)?;
        rest = next;
        Some((name, whole.get(begin..)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::test;

    const SQUARES: &[u8] = include_bytes!("../../../tests/fixtures/pictures/squares.avif");

    fn asked(bytes: &[u8]) -> Result<bool> {
        needs_browser(&PictureFile { name: "a", bytes }, &PictureLimits::default())
    }

    #[test]
    fn the_size_of_an_avif_is_found() {
        assert_eq!(pixels_of(SQUARES), Some(48 * 32));
        assert_eq!(asked(SQUARES), Ok(true));
        assert_eq!(asked(b"GIF89a"), Ok(false));
    }

    #[test]
    fn a_bomb_and_a_file_without_a_size_are_refused() {
        let at = SQUARES.windows(4).position(|name| name == b"ispe").expect("it has a size");
        let mut bomb = SQUARES.to_vec();
        bomb[at + 8..at + 12].copy_from_slice(&4_000_000_000_u32.to_be_bytes());
        assert!(matches!(asked(&bomb), Err(Error::TooLarge { unit: "pixels", .. })));
        for length in (40..SQUARES.len()).step_by(7) {
            let cut = asked(&SQUARES[..length]);
            assert!(matches!(cut, Ok(true) | Err(Error::DamagedFile { .. })), "{length}: {cut:?}");
        }
    }

    #[test]
    fn a_box_cannot_be_longer_than_the_file_nor_shorter_than_its_head() {
        for length in [2_u32, 7, 100, u32::MAX] {
            let bytes = [&length.to_be_bytes()[..], b"metaxxxx"].concat();
            assert_eq!(boxes(&bytes).next(), None, "{length}");
        }
        let long = [&[0, 0, 0, 1][..], b"meta", &u64::MAX.to_be_bytes()].concat();
        assert_eq!(boxes(&long).next(), None);
    }
}
