//! PNG, WebP, GIF, BMP and TIFF, by the decoders of the crate `image`.

use image::codecs::webp::WebPDecoder;
use image::codecs::{bmp::BmpDecoder, gif::GifDecoder, png::PngDecoder, tiff::TiffDecoder};
use image::error::UnsupportedErrorKind;
use image::metadata::Orientation;
use image::{ImageDecoder, ImageError, Limits};

use super::{Stored, Work, pixels, tiff, webp};
use crate::error::{Error, Result};
use crate::read::picture_format::PictureFormat;

/// Memory that a decoder may take beside its pixels: tables, chunks of text, colour profiles.
const TABLE_BYTES: u64 = 32 << 20;

pub(super) fn decode(work: &Work<'_>, format: PictureFormat) -> Result<Stored> {
    let reader = work.reader();
    let failed = |error| failure(work, format, error);
    match format {
        PictureFormat::Png => {
            let limits = limits(TABLE_BYTES);
            stored(work, format, PngDecoder::with_limits(reader, limits).map_err(failed)?)
        }
        PictureFormat::WebP => {
            let decoder = WebPDecoder::new(reader).map_err(failed)?;
            let (width, height) = decoder.dimensions();
            work.check_size(width, height, 0)?;
            webp::check_chunks(work, (width, height))?;
            stored(work, format, decoder)
        }
        PictureFormat::Gif => stored(work, format, GifDecoder::new(reader).map_err(failed)?),
        PictureFormat::Bmp => stored(work, format, BmpDecoder::new(reader).map_err(failed)?),
        PictureFormat::Tiff => {
            tiff::check_counts(work)?;
            let decoder = TiffDecoder::new(reader).map_err(failed)?;
            tiff::check_parts(work, decoder.dimensions())?;
            stored(work, format, decoder)
        }
        PictureFormat::Jpeg | PictureFormat::Avif | PictureFormat::Heic => {
            let found = format!("{}, which only some browsers decode", format.name());
            Err(work.file.unsupported(found))
        }
    }
}

/// Bytes per pixel that a decoder takes beside its output, at its most.
fn working_bytes(format: PictureFormat) -> u64 {
    match format {
        // Rows only.
        PictureFormat::Png | PictureFormat::Bmp => 0,
        // Lossless: the pixels once more. Lossy: planes of luma and chroma, and of alpha. Of an
        // animation: the frame and the canvas.
        PictureFormat::WebP => 8,
        // A frame that is smaller than the screen is decoded on its own.
        PictureFormat::Gif => 4,
        // The samples as stored, up to 4 of 4 bytes.
        _ => 8,
    }
}

fn stored(
    work: &Work<'_>,
    format: PictureFormat,
    mut decoder: impl ImageDecoder,
) -> Result<Stored> {
    let failed = |error| failure(work, format, error);
    let (width, height) = decoder.dimensions();
    let color = decoder.color_type();
    let decoded = u64::from(color.bytes_per_pixel());
    // Of the samples, of the RGB that they become, or of that and its turned copy.
    let most = (decoded + working_bytes(format)).max(decoded + 3).max(6);
    work.check_size(width, height, most)?;
    let pixels = u64::from(width) * u64::from(height);
    decoder.set_limits(limits(pixels * most + TABLE_BYTES)).map_err(failed)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let Ok(bytes) = usize::try_from(decoder.total_bytes()) else {
        return Err(work.file.damaged("its header is wrong"));
    };
    let mut buffer = vec![0; bytes];
    decoder.read_image(&mut buffer).map_err(failed)?;
    let rgb = pixels::rgb8(buffer, color)
        .ok_or_else(|| work.file.unsupported(format!("{} of {color:?}", format.name())))?;
    let original = (width, height);
    Ok(Stored { width, height, rgb, original, orientation, warnings: Vec::new() })
}

fn limits(bytes: u64) -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(bytes);
    limits
}

/// The error of a file that the decoder refused.
fn failure(work: &Work<'_>, format: PictureFormat, error: ImageError) -> Error {
    let error = match error {
        ImageError::Unsupported(unsupported) => {
            let found = match unsupported.kind() {
                UnsupportedErrorKind::Color(color) => format!("pixels of {color:?}"),
                UnsupportedErrorKind::GenericFeature(feature) => feature.clone(),
                _ => "a rare variant".to_owned(),
            };
            work.file.unsupported(format!("{}: {found}", format.name()))
        }
        ImageError::Limits(_) => work.file.damaged("it needs more memory than its size explains"),
        error => work.file.damaged(error.to_string()),
    };
    work.stop.or(error)
}
