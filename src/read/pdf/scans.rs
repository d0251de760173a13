//! Pages without readable text, and figures of the others -> pictures, so that their words can be read.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageBuffer, Rgba};
use unpdf::PdfParser;
use unpdf::parser::raster::{RasterOptions, RasteredPage};

use super::Input;
use crate::document::Area;
use crate::error::Result;
use crate::read::{FoundPicture, PictureAt};

/// Dots in an inch: small print has letters of about 20 pixels then.
const DPI: f32 = 200.0;
/// The most pages that are drawn, and the most bytes of their pictures.
const MAX_SCANS: usize = 500;
const MAX_BYTES: usize = 128 << 20;
/// The most figures of a file.
const MAX_FIGURES: usize = 64;
/// What is painted in one step, in pixels.
const STEP_PIXELS: u64 = 16 << 20;
/// The most that is painted for a page, likewise: a page may paint the same pixels again and again.
const PAGE_PIXELS: u64 = 1 << 30;
const JPEG_QUALITY: u8 = 85;

/// A figure that is drawn.
pub(super) struct Figure {
    pub(super) area: Area,
    pub(super) bytes: Vec<u8>,
}

/// Draws `pages`, whose numbers begin with 1. Pages that cannot be drawn, or that are too many, are
/// left out.
pub(super) fn draw(
    parser: &PdfParser,
    pages: &[u32],
    input: &Input<'_>,
) -> Result<Vec<FoundPicture>> {
    let mut scans: Vec<FoundPicture> = Vec::new();
    let mut bytes = 0;
    for &page in pages.iter().take(MAX_SCANS) {
        input.step(scans.len() as u64, pages.len() as u64, "pages")?;
        let Some(drawn) = draw_page(parser, page, input)? else { continue };
        // Words are read as well without colours.
        let Some(jpeg) = encode(&DynamicImage::from(drawn.to_luma8())) else { continue };
        bytes += jpeg.len();
        if bytes > MAX_BYTES {
            break;
        }
        scans.push(FoundPicture { at: PictureAt::Page(page), bytes: jpeg, link: None });
    }
    Ok(scans)
}

/// Draws the figures of each page, and how many were left out. Those of pages that cannot be drawn are
/// left out as well.
pub(super) fn draw_figures(
    parser: &PdfParser,
    figures: &BTreeMap<u32, Vec<Area>>,
    input: &Input<'_>,
) -> Result<(BTreeMap<u32, Vec<Figure>>, usize)> {
    let (mut drawn, mut count): (BTreeMap<u32, Vec<Figure>>, usize) = (BTreeMap::new(), 0);
    let total: usize = figures.values().map(Vec::len).sum();
    for (&page, areas) in figures {
        let areas = &areas[..areas.len().min(MAX_FIGURES - count)];
        if areas.is_empty() {
            break;
        }
        count += areas.len();
        input.step(count as u64, total as u64, "pictures")?;
        let Some(whole) = draw_page(parser, page, input)? else { continue };
        let figure = |&area: &Area| Some(Figure { area, bytes: encode(&crop(&whole, area))? });
        drawn.insert(page, areas.iter().filter_map(figure).collect());
    }
    Ok((drawn, total - count))
}

fn draw_page(parser: &PdfParser, page: u32, input: &Input<'_>) -> Result<Option<DynamicImage>> {
    let (mut painted, mut since_step, mut stopped) = (0, 0, Ok(()));
    let mut budget = |pixels: u64| {
        painted += pixels;
        since_step += pixels;
        if since_step >= STEP_PIXELS {
            since_step = 0;
            stopped = input.step(0, 0, "pages");
        }
        if stopped.is_ok() && painted <= PAGE_PIXELS {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    };
    let options = RasterOptions { dpi: DPI, ..RasterOptions::default() };
    let drawn = parser.render_page_with(page, &options, &mut budget);
    stopped?;
    // One that is too large or broken is left out, and said so as a page without text.
    Ok(drawn.ok().and_then(image_of))
}

fn image_of(page: RasteredPage) -> Option<DynamicImage> {
    let pixels: ImageBuffer<Rgba<u8>, _> =
        ImageBuffer::from_raw(page.width, page.height, page.rgba)?;
    Some(DynamicImage::from(pixels))
}

fn crop(page: &DynamicImage, area: Area) -> DynamicImage {
    let along = |share: u16, size: u32| u32::from(share) * size / u32::from(Area::WHOLE);
    let (width, height) = (page.width(), page.height());
    let (left, top) = (along(area.left, width), along(area.top, height));
    let (right, bottom) = (along(area.right, width), along(area.bottom, height));
    DynamicImage::from(page.crop_imm(left, top, right - left, bottom - top).to_rgb8())
}

fn encode(picture: &DynamicImage) -> Option<Vec<u8>> {
    let mut jpeg = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY);
    picture.write_with_encoder(encoder).ok()?;
    Some(jpeg)
}
