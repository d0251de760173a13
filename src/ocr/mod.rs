//! OCR: words in pictures.
//!
//! ```text
//! picture -> detect (network, map) -> regions (rectangles) -> crop (upright, 48 pixels high)
//!         -> recognize (network, CTC) -> order (rows, columns, blocks) -> lines
//! ```
//!
//! The networks are those of PP-OCR (PaddleOCR, Apache-2.0), which are not part of the crate.
//! Everything runs on one thread, in bounded memory, and gives the same lines each time.

mod characters;
mod components;
mod crop;
mod detect;
mod geometry;
mod models;
mod network;
mod order;
mod picture;
mod read_regions;
mod recognize;
mod regions;
#[cfg(test)]
mod tests;

use crate::error::Result;
use crate::read::{Ocr, ReadWatch, Rgb, TextLine};

pub use models::OcrModels;

use crop::Pyramid;
use geometry::{Point, Rectangle};
use order::Fragment;
use picture::Pixels;
use read_regions::{Quarters, RegionReader};

/// Text that is read less surely is none.
const MIN_CONFIDENCE: f32 = 0.5;
/// Pictures with a shorter side have no text.
const MIN_SIDE: u32 = 4;

impl Ocr for OcrModels {
    /// Text may be dark or light, at any angle; the whole page may be turned by 90, 180 or 270
    /// degrees. A picture without text gives no lines. `watch` is asked before each part of the
    /// picture is searched ("pages"), and before each line is read ("lines").
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::error::Error::TooLarge) for more than 100 million pixels,
    /// [`Error::DamagedFile`](crate::error::Error::DamagedFile) if the bytes are not as many as the
    /// size says, and the error of `watch`.
    fn read_lines(&self, picture: Rgb<'_>, watch: &dyn ReadWatch) -> Result<Vec<TextLine>> {
        let pixels = picture.checked()?;
        if picture.width.min(picture.height) < MIN_SIDE {
            return Ok(Vec::new());
        }
        let regions = detect::detect(&self.detection, &pixels, watch)?;
        read_regions(&pixels, &regions, self, watch)
    }
}

fn read_regions(
    pixels: &Pixels<'_>,
    regions: &[Rectangle],
    models: &OcrModels,
    watch: &dyn ReadWatch,
) -> Result<Vec<TextLine>> {
    let reader = RegionReader {
        network: &models.recognition,
        characters: &models.characters,
        pyramid: Pyramid::new(pixels),
    };
    let (page, texts) = reader.read_all(regions, watch)?;
    let direction = page_direction(regions, page);
    let fragments = regions.iter().zip(texts).filter_map(|(region, text)| {
        let is_text = !text.reading.text.is_empty() && text.reading.confidence >= MIN_CONFIDENCE;
        is_text.then(|| Fragment::new(text.reading, text.quarters.quad(region), direction))
    });
    Ok(order::lines(fragments.collect(), direction))
}

/// The direction of the lines of a page: the median of its regions, the longer ones counting
/// more.
fn page_direction(regions: &[Rectangle], page: Quarters) -> Point {
    let mut angles: Vec<(f32, f32)> = regions
        .iter()
        .map(|region| (region.along[1].atan2(region.along[0]), region.width.max(region.height)))
        .collect();
    angles.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = angles.iter().map(|(_, length)| length).sum::<f32>() / 2.0;
    let mut sum = 0.0;
    let median = angles.iter().find(|(_, length)| {
        sum += length;
        sum >= half
    });
    let (sin, cos) = median.map_or(0.0, |(angle, _)| *angle).sin_cos();
    page.turned([cos, sin])
}
