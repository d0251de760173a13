//! Pictures with fewer pixels.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};

use super::Picture;

impl Picture {
    /// The picture with `width` times `height` pixels, each a weighted mean of those around it
    /// (Lanczos with three lobes). None if a side is 0 or has more pixels than before, which would
    /// need more memory than was checked. Time follows the pixels before.
    pub(crate) fn reduced(&self, width: u32, height: u32) -> Option<Picture> {
        if width == 0 || height == 0 || width > self.width || height > self.height {
            return None;
        }
        let source = TypedImageRef::<U8x3>::from_buffer(self.width, self.height, &self.rgb).ok()?;
        let mut target = TypedImage::<U8x3>::new(width, height);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
        Resizer::new().resize_typed(&source, &mut target, &options).ok()?;
        let rgb = target.pixels().iter().flat_map(|pixel| pixel.0).collect();
        Picture::from_rgb(width, height, rgb)
    }
}
