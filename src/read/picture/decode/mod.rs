//! Bytes of a file -> [`Picture`].

mod jpeg;
mod jpeg_reduced;
mod pixels;
mod raster;
mod tiff;
mod turn;
mod webp;

pub(super) use jpeg::segments as jpeg_segments;

use image::metadata::Orientation;

use super::watched::{Stop, Watched};
use super::{Decoded, Picture, PictureFile, PictureLimits};
use crate::error::Result;
use crate::read::ReadWatch;
use crate::read::picture_format::PictureFormat;

/// Pixels in the colours and the orientation of the file.
struct Stored {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
    /// Width and height of the file, which may be more.
    original: (u32, u32),
    orientation: Orientation,
    warnings: Vec<String>,
}

/// What a decoder works with.
struct Work<'a> {
    file: &'a PictureFile<'a>,
    limits: &'a PictureLimits,
    watch: &'a dyn ReadWatch,
    stop: &'a Stop,
}

impl Picture {
    /// Decodes a file: 8 bits of sRGB, turned as EXIF says, transparency laid over white. Colour
    /// profiles are not applied.
    ///
    /// `watch` is asked about every 64 kB of the file. Time follows the pixels and the bytes; a
    /// JPEG of 12 megapixels takes about 0.15 s. Memory stays below `limits.memory_bytes`.
    ///
    /// # Errors
    /// - `TooLarge` for a picture over the limits, told before its pixels are reserved;
    /// - `UnsupportedFormat` for bytes of no picture, for AVIF and HEIC, which the browser must
    ///   decode, and for rare variants of the formats;
    /// - `DamagedFile` where no pixels could be read. Of a truncated JPEG those are used that it
    ///   has, with a warning;
    /// - what `watch` returns.
    pub(crate) fn decode(
        file: &PictureFile<'_>,
        limits: &PictureLimits,
        watch: &dyn ReadWatch,
    ) -> Result<Decoded> {
        Self::decode_at(file, None, limits, watch)
    }

    /// As [`Picture::decode`], but the picture may have fewer pixels: its longer side has at least
    /// `side` pixels, or as many as the file has. For a thumbnail use [`THUMBNAIL_SIDE`].
    ///
    /// A baseline JPEG, as cameras make, is decoded at 1/2, 1/4 or 1/8 of its size in two thirds of
    /// the time, and what follows has fewer pixels to read: a thumbnail takes half the time. Other
    /// files are decoded whole.
    ///
    /// # Errors
    /// As those of [`Picture::decode`].
    ///
    /// [`THUMBNAIL_SIDE`]: super::THUMBNAIL_SIDE
    pub(crate) fn decode_reduced(
        file: &PictureFile<'_>,
        side: u32,
        limits: &PictureLimits,
        watch: &dyn ReadWatch,
    ) -> Result<Decoded> {
        Self::decode_at(file, Some(side), limits, watch)
    }

    fn decode_at(
        file: &PictureFile<'_>,
        side: Option<u32>,
        limits: &PictureLimits,
        watch: &dyn ReadWatch,
    ) -> Result<Decoded> {
        file.check(file.bytes.len() as u64, limits.bytes, "bytes")?;
        let format = PictureFormat::of(file.bytes).ok_or_else(|| file.unsupported("no picture"))?;
        let stop = Stop::default();
        let work = Work { file, limits, watch, stop: &stop };
        let stored = match format {
            PictureFormat::Jpeg => jpeg::decode(&work, side)?,
            _ => raster::decode(&work, format)?,
        };
        stop.check()?;
        let Stored { width, height, rgb, original, orientation, warnings } = stored;
        let (original_width, original_height) = original;
        let picture = turn::turned(width, height, rgb, orientation)
            .ok_or_else(|| file.damaged("its size and its pixels do not agree"))?;
        Ok(Decoded { picture, format, original_width, original_height, warnings })
    }
}

impl<'a> Work<'a> {
    fn reader(&self) -> Watched<'a> {
        Watched::new(self.file.bytes, self.watch, self.stop)
    }

    /// Checks a size that a header states, and that decoding stays within the memory.
    /// `bytes_per_pixel` is what the decoder takes at its most.
    fn check_size(&self, width: u32, height: u32, bytes_per_pixel: u64) -> Result<()> {
        let pixels = u64::from(width) * u64::from(height);
        if pixels == 0 {
            return Err(self.file.damaged("it has no pixels"));
        }
        self.file.check(pixels, self.limits.pixels, "pixels")?;
        let bytes = pixels.saturating_mul(bytes_per_pixel);
        self.file.check(bytes, self.limits.memory_bytes, "bytes of memory")
    }
}
