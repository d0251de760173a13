//! Pixels: what a caller hands in, and copies of it in other sizes.

use std::borrow::Cow;

use fast_image_resize as fir;

use crate::error::{Error, Result};
use crate::read::Rgb;

/// The largest picture that is read. Its copies stay below half a gigabyte.
pub(super) const MAX_PIXELS: u64 = 100_000_000;

impl<'a> Rgb<'a> {
    /// The picture, once its size is known to be right.
    pub(super) fn checked(self) -> Result<Pixels<'a>> {
        let pixels = u64::from(self.width) * u64::from(self.height);
        if pixels > MAX_PIXELS {
            return Err(Error::TooLarge {
                what: "The picture".to_owned(),
                got: pixels,
                limit: MAX_PIXELS,
                unit: "pixels",
                advice: "Make it smaller.",
            });
        }
        if self.pixels.len() as u64 != pixels * 3 {
            return Err(Error::DamagedFile {
                name: "picture".to_owned(),
                detail: format!(
                    "{} bytes are needed for {} x {} pixels, and there are {}",
                    pixels * 3,
                    self.width,
                    self.height,
                    self.pixels.len()
                ),
            });
        }
        Ok(Pixels {
            width: self.width as usize,
            height: self.height as usize,
            bytes: Cow::Borrowed(self.pixels),
        })
    }
}

/// A picture whose bytes are as many as its size says.
#[derive(Debug, Clone)]
pub(super) struct Pixels<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    bytes: Cow<'a, [u8]>,
}

impl Pixels<'_> {
    /// Red, green and blue of the pixels in one row.
    pub(super) fn row(&self, y: usize) -> &[u8] {
        &self.bytes[y * self.width * 3..(y + 1) * self.width * 3]
    }

    /// Red, green and blue of a pixel. Outside of the picture its border goes on.
    pub(super) fn at(&self, x: isize, y: isize) -> [u8; 3] {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        let at = (y * self.width + x) * 3;
        [self.bytes[at], self.bytes[at + 1], self.bytes[at + 2]]
    }

    /// A copy of another size. What becomes smaller is averaged over all pixels (a triangle
    /// filter), so that thin strokes stay.
    pub(super) fn scaled(&self, width: usize, height: usize) -> Pixels<'static> {
        let resized = self.try_scaled(width, height).unwrap_or_default();
        debug_assert_eq!(resized.len(), width * height * 3, "sizes were checked");
        Pixels { width, height, bytes: Cow::Owned(resized) }
    }

    fn try_scaled(&self, width: usize, height: usize) -> Option<Vec<u8>> {
        let kind = fir::PixelType::U8x3;
        let (from_width, from_height) = (self.width as u32, self.height as u32);
        let from = fir::images::ImageRef::new(from_width, from_height, &self.bytes, kind).ok()?;
        let mut to = fir::images::Image::new(width as u32, height as u32, kind);
        let filter = fir::ResizeAlg::Convolution(fir::FilterType::Bilinear);
        let options = fir::ResizeOptions::new().resize_alg(filter).use_alpha(false);
        fir::Resizer::new().resize(&from, &mut to, &options).ok()?;
        Some(to.into_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_with_too_few_bytes_is_damaged() {
        let error = Rgb { width: 2, height: 2, pixels: &[0; 11] }.checked().expect_err("11 of 12");
        assert!(matches!(error, Error::DamagedFile { .. }), "{error}");
    }

    #[test]
    fn a_picture_over_the_limit_is_refused_before_its_bytes_are_looked_at() {
        let error = Rgb { width: u32::MAX, height: u32::MAX, pixels: &[] }.checked();
        assert!(matches!(error, Err(Error::TooLarge { .. })));
    }

    #[test]
    fn a_thin_line_stays_when_a_picture_becomes_smaller() {
        let mut bytes = vec![255; 90 * 90 * 3];
        for y in 0..90 {
            bytes[(y * 90 + 45) * 3..][..3].fill(0);
        }
        let picture = Rgb { width: 90, height: 90, pixels: &bytes }.checked().expect("sizes fit");
        let small = picture.scaled(30, 30);
        assert!(small.at(15, 10)[0] < 220, "{:?}", small.at(15, 10));
        assert_eq!(small.at(2, 10), [255; 3]);
    }
}
