//! Pictures with fewer or more pixels.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};

use super::Picture;
use crate::image_input::{ImageFit, ImageInput, Resampling};

/// Pixels of what a picture is fitted from, at the most: what is long and thin is not.
const MAX_FITTED_PIXELS: u64 = 16_000_000;

impl Picture {
    /// The picture with `width` times `height` pixels, each a weighted mean of those around it
    /// (Lanczos with three lobes). None if a side is 0 or has more pixels than before, which would
    /// need more memory than was checked. Time follows the pixels before.
    pub(crate) fn reduced(&self, width: u32, height: u32) -> Option<Picture> {
        if width == 0 || height == 0 || width > self.width || height > self.height {
            return None;
        }
        self.resized(width, height, FilterType::Lanczos3)
    }

    /// The pixels that an image encoder takes, as Pillow and the image processors of transformers
    /// make them. None of a picture that is too long and thin to have any.
    pub(crate) fn fitted(&self, input: &ImageInput) -> Option<Vec<u8>> {
        let filter = match input.resampling {
            Resampling::Bilinear => FilterType::Bilinear,
            Resampling::Bicubic => FilterType::CatmullRom,
        };
        let side = input.side;
        let (width, height) = match input.fit {
            ImageFit::Stretch => (side.into(), side.into()),
            ImageFit::Crop => {
                let shorter = u64::from(self.width.min(self.height));
                let scaled = |length: u32| u64::from(side) * u64::from(length) / shorter;
                (scaled(self.width), scaled(self.height))
            }
        };
        if width.saturating_mul(height.max(self.height.into())) > MAX_FITTED_PIXELS {
            return None;
        }
        let (width, height) = (width as u32, height as u32);
        // Rows first, then columns, each rounded to whole numbers: the same pixels as Pillow's.
        let resized = self.resized(width, self.height, filter)?.resized(width, height, filter)?;
        let (left, top) = ((width - side) / 2, (height - side) / 2);
        let rows = resized.rgb.chunks_exact(3 * width as usize).skip(top as usize);
        let row = |row: &[u8]| row[3 * left as usize..][..3 * side as usize].to_vec();
        Some(rows.take(side as usize).flat_map(row).collect())
    }

    fn resized(&self, width: u32, height: u32, filter: FilterType) -> Option<Picture> {
        let source = TypedImageRef::<U8x3>::from_buffer(self.width, self.height, &self.rgb).ok()?;
        let mut target = TypedImage::<U8x3>::new(width, height);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
        Resizer::new().resize_typed(&source, &mut target, &options).ok()?;
        let rgb = target.pixels().iter().flat_map(|pixel| pixel.0).collect();
        Picture::from_rgb(width, height, rgb)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_twenty_million_pixels_is_not_fitted() {
        // 224 times its width is 192 more than 32 bits hold.
        let line =
            Picture::from_rgb(19_173_962, 1, vec![7; 3 * 19_173_962]).expect("its size fits");
        let resampling = Resampling::Bicubic;
        let input = ImageInput { side: 224, fit: ImageFit::Crop, resampling };
        assert_eq!(line.fitted(&input), None);
        let stretched = ImageInput { fit: ImageFit::Stretch, ..input };
        assert_eq!(line.fitted(&stretched).map(|pixels| pixels.len()), Some(input.bytes()));
    }
}
