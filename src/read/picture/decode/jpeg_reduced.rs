//! A baseline JPEG at 1/2, 1/4 or 1/8 of its size, by `jpeg-decoder`.
//!
//! The inverse cosine transform gives 4, 2 or 1 pixels a side of a block instead of 8, so that
//! most of its work and all of the memory for the large picture are saved. `zune-jpeg` cannot do
//! that; it decodes the rest, because it reads damaged files too.

use jpeg_decoder::{Decoder, Error, PixelFormat};

use super::jpeg::{Frame, orientation};
use super::{Stored, Work, pixels};
use crate::error::Result;
use image::ColorType;

/// The picture with at least `side` pixels at its longer side. None where it cannot be reduced so
/// far, is progressive, which would gain little, or is no plain grey or colour.
pub(super) fn decode(work: &Work<'_>, frame: &Frame, side: u32) -> Result<Option<Stored>> {
    let longer = frame.width.max(frame.height);
    // The decoder panics for other numbers of components.
    let is_plain = frame.is_baseline() && matches!(frame.components, 1 | 3);
    if !is_plain || u32::from(longer) < side.saturating_mul(2) {
        return Ok(None);
    }
    let side = u16::try_from(side).unwrap_or(u16::MAX);
    let mut decoder = Decoder::new(work.reader());
    let Ok((width, height, pixels, color)) = pixels(&mut decoder, side) else {
        // Of a damaged file the other decoder may read a part.
        work.stop.check()?;
        return Ok(None);
    };
    let Some(rgb) = pixels::rgb8(pixels, color) else { return Ok(None) };
    let (width, height) = (width.into(), height.into());
    Ok(Some(Stored {
        width,
        height,
        rgb,
        original: (frame.width.into(), frame.height.into()),
        orientation: orientation(decoder.exif_data()),
        warnings: Vec::new(),
    }))
}

type Pixels = (u16, u16, Vec<u8>, ColorType);

fn pixels(decoder: &mut Decoder<impl std::io::Read>, side: u16) -> Result<Pixels, Error> {
    let (width, height) = decoder.scale(side, side)?;
    let pixels = decoder.decode()?;
    let color = match decoder.info().map(|info| info.pixel_format) {
        Some(PixelFormat::L8) => ColorType::L8,
        Some(PixelFormat::RGB24) => ColorType::Rgb8,
        _ => return Err(Error::Format("neither grey nor colour".to_owned())),
    };
    Ok((width, height, pixels, color))
}
