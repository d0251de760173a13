//! Small pictures for lists of results.

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use super::Picture;

/// Pixels of the longer side of a thumbnail, at the most.
pub(crate) const THUMBNAIL_SIDE: u32 = 320;
/// Bytes of a thumbnail, at the most.
pub(crate) const THUMBNAIL_BYTES: usize = 40_000;

/// The qualities of JPEG that are tried, best first. Below the last one blocks hide what is shown.
const QUALITIES: [u8; 6] = [82, 72, 60, 45, 30, 15];

/// A JPEG of at most [`THUMBNAIL_SIDE`] pixels a side and [`THUMBNAIL_BYTES`], in the proportions
/// of the picture. The quality steps down until it fits, then the size. In wasm a picture of 12
/// megapixels takes about 50 ms, and one of [`Picture::decode_reduced`] takes 5.
pub(crate) fn thumbnail(picture: &Picture) -> Vec<u8> {
    let mut side = THUMBNAIL_SIDE;
    loop {
        let small = within(picture, side);
        let small = small.as_ref().unwrap_or(picture);
        let fits = |quality: u8| {
            let bytes = jpeg(small, quality)?;
            (bytes.len() <= THUMBNAIL_BYTES).then_some(bytes)
        };
        if let Some(bytes) = QUALITIES.into_iter().find_map(fits) {
            return bytes;
        }
        if side < 8 {
            // 64 pixels fit at any quality, so that only an encoder that fails comes here.
            return Vec::new();
        }
        side /= 2;
    }
}

/// The picture with at most `side` pixels a side; none if it has no more.
fn within(picture: &Picture, side: u32) -> Option<Picture> {
    let longer = u64::from(picture.width.max(picture.height));
    if longer <= u64::from(side) {
        return None;
    }
    let scaled = |length: u32| {
        let scaled = (u64::from(length) * u64::from(side) + longer / 2) / longer;
        scaled.clamp(1, side.into()) as u32
    };
    picture.reduced(scaled(picture.width), scaled(picture.height))
}

fn jpeg(picture: &Picture, quality: u8) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    let color = ExtendedColorType::Rgb8;
    encoder.encode(&picture.rgb, picture.width, picture.height, color).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::picture::tests::make;

    fn size(jpeg: &[u8]) -> (u32, u32) {
        let decoded = make::decode(jpeg).expect("a thumbnail is a JPEG");
        (decoded.picture.width, decoded.picture.height)
    }

    #[test]
    fn a_thumbnail_keeps_the_proportions() {
        for (width, height, expected) in [
            (1000, 500, (320, 160)),
            (500, 1000, (160, 320)),
            (320, 320, (320, 320)),
            (20, 10, (20, 10)),
            (5000, 3, (320, 1)),
            (1, 4000, (1, 320)),
        ] {
            let picture = make::gradient(width, height);
            assert_eq!(size(&thumbnail(&picture)), expected, "{width} x {height}");
        }
    }

    #[test]
    fn noise_fits_too() {
        let picture = make::noise(900, 900, 1);
        let bytes = thumbnail(&picture);
        assert!(!bytes.is_empty() && bytes.len() <= THUMBNAIL_BYTES, "{}", bytes.len());
        assert_eq!(size(&bytes), (320, 320), "the quality is enough to make it fit");
    }

    #[test]
    fn a_thumbnail_has_the_mean_colours() {
        // Stripes finer than its pixels become grey, not a pattern of their own.
        let stripes = (0..640 * 640).flat_map(|index| [if index % 2 == 0 { 0 } else { 255 }; 3]);
        let picture = Picture::from_rgb(640, 640, stripes.collect()).expect("a size that fits");
        let small = make::decode(&thumbnail(&picture)).expect("a thumbnail is a JPEG").picture;
        for row in small.rgb().chunks_exact(320 * 3) {
            let inner = &row[8 * 3..312 * 3];
            assert!(inner.iter().all(|&value| value.abs_diff(128) < 12), "{inner:?}");
        }
    }
}
