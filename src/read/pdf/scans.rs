//! Pages without readable text -> pictures of them, so that their words can be read.

use std::ops::ControlFlow;

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use unpdf::PdfParser;
use unpdf::parser::raster::{RasterOptions, RasteredPage};

use super::Input;
use crate::error::Result;
use crate::read::Scan;

/// Dots in an inch: small print has letters of about 20 pixels then.
const DPI: f32 = 200.0;
/// The most pages that are drawn, and the most bytes of their pictures.
const MAX_SCANS: usize = 500;
const MAX_BYTES: usize = 128 << 20;
/// What is painted in one step, in pixels.
const STEP_PIXELS: u64 = 16 << 20;
/// The most that is painted for a page, likewise: a page may paint the same pixels again and again.
const PAGE_PIXELS: u64 = 1 << 30;
const JPEG_QUALITY: u8 = 85;

/// Draws `pages`, whose numbers begin with 1. Pages that cannot be drawn, or that are too many, are
/// left out.
pub(super) fn draw(parser: &PdfParser, pages: &[u32], input: &Input<'_>) -> Result<Vec<Scan>> {
    let mut scans: Vec<Scan> = Vec::new();
    let mut bytes = 0;
    for &page in pages.iter().take(MAX_SCANS) {
        input.step(scans.len() as u64, pages.len() as u64, "pages")?;
        let Some(drawn) = draw_page(parser, page, input)? else { continue };
        let Some(jpeg) = encode(&drawn) else { continue };
        bytes += jpeg.len();
        if bytes > MAX_BYTES {
            break;
        }
        scans.push(Scan { page, media_type: "image/jpeg".to_owned(), bytes: jpeg });
    }
    Ok(scans)
}

fn draw_page(parser: &PdfParser, page: u32, input: &Input<'_>) -> Result<Option<RasteredPage>> {
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
    Ok(drawn.ok())
}

/// A grey JPEG: words are read as well without colours.
fn encode(page: &RasteredPage) -> Option<Vec<u8>> {
    let grey: Vec<u8> = page.rgba.as_chunks::<4>().0.iter().map(luma).collect();
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY);
    encoder.encode(&grey, page.width, page.height, ExtendedColorType::L8).ok()?;
    Some(jpeg)
}

/// The brightness of a pixel (ITU-R BT.601).
fn luma(&[red, green, blue, _]: &[u8; 4]) -> u8 {
    let [red, green, blue] = [red, green, blue].map(u32::from);
    ((299 * red + 587 * green + 114 * blue + 500) / 1000) as u8
}
