//! JPEG (ITU-T T.81), by `zune-jpeg`.

use image::metadata::Orientation;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::{Stored, Work, jpeg_reduced};
use crate::error::{Error, Result};

/// Pixels times scans that are decoded, which bounds the time: a file can repeat scans that change
/// nothing. Photos have about ten.
const SCANNED_PIXELS: u64 = 1_500_000_000;
/// Scans of a progressive file, whatever its size.
const SCANS: std::ops::RangeInclusive<u64> = 20..=100;

/// Bytes per pixel: a coefficient of 16 bits for each of up to 4 samples, and the RGB.
const PROGRESSIVE_BYTES: u64 = 4 * 2 + 3;
/// The RGB and its turned copy.
const BASELINE_BYTES: u64 = 3 + 3;

/// Start of scan.
const SOS: u8 = 0xda;
/// End of image.
const EOI: u8 = 0xd9;

/// Decodes the file; at less than its size where the longer side may have `side` pixels.
pub(super) fn decode(work: &Work<'_>, side: Option<u32>) -> Result<Stored> {
    let frame = frame(work.file.bytes).ok_or_else(|| work.file.damaged("it has no pixels"))?;
    let samples = if frame.is_baseline() { BASELINE_BYTES } else { PROGRESSIVE_BYTES };
    work.check_size(frame.width.into(), frame.height.into(), samples)?;
    let is_whole = has_end(work.file.bytes);
    if let Some(side) = side
        && is_whole
        && let Some(reduced) = jpeg_reduced::decode(work, &frame, side)?
    {
        return Ok(reduced);
    }
    let mut stored = decode_whole(work, &frame)?;
    if !is_whole {
        let warning = "The file ends before its picture does: a part of it is missing.";
        stored.warnings.push(warning.to_owned());
    }
    Ok(stored)
}

fn decode_whole(work: &Work<'_>, frame: &Frame) -> Result<Stored> {
    let failed = |error: DecodeErrors| work.stop.or(failure(work, &error));
    let pixels = u64::from(frame.width) * u64::from(frame.height);
    let scans = (SCANNED_PIXELS / pixels).clamp(*SCANS.start(), *SCANS.end());
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(frame.width.into())
        .set_max_height(frame.height.into())
        .jpeg_set_max_scans(scans as usize)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(work.reader(), options);
    decoder.decode_headers().map_err(failed)?;
    if decoder.dimensions() != Some((frame.width.into(), frame.height.into())) {
        return Err(work.file.damaged("it states two sizes"));
    }
    let mut rgb = vec![0; usize::from(frame.width) * usize::from(frame.height) * 3];
    decoder.decode_into(&mut rgb).map_err(failed)?;
    let (width, height) = (frame.width.into(), frame.height.into());
    let orientation = orientation(decoder.exif().map(Vec::as_slice));
    let original = (width, height);
    Ok(Stored { width, height, rgb, original, orientation, warnings: Vec::new() })
}

pub(super) fn orientation(exif: Option<&[u8]>) -> Orientation {
    exif.and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms)
}

fn failure(work: &Work<'_>, error: &DecodeErrors) -> Error {
    match error {
        DecodeErrors::Unsupported(scheme) => work.file.unsupported(format!("JPEG: {scheme:?}")),
        error => work.file.damaged(format!("{error:?}")),
    }
}

/// What the header of a frame states.
pub(super) struct Frame {
    /// Tells the process: baseline, progressive or another.
    marker: u8,
    precision: u8,
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) components: u8,
}

impl Frame {
    /// Whether it is sequential, of 8 bits and coded by Huffman.
    pub(super) fn is_baseline(&self) -> bool {
        matches!(self.marker, 0xc0 | 0xc1) && self.precision == 8
    }
}

/// The first frame header.
fn frame(bytes: &[u8]) -> Option<Frame> {
    // 0xc4, 0xc8 and 0xcc are tables.
    let is_frame = |marker| matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
    let header = segments(bytes).find(|segment| is_frame(segment.marker))?;
    let &[precision, h0, h1, w0, w1, components, ..] = header.content else { return None };
    let (width, height) = (u16::from_be_bytes([w0, w1]), u16::from_be_bytes([h0, h1]));
    Some(Frame { marker: header.marker, precision, width, height, components })
}

/// The pixels of the largest frame header that is anywhere in `bytes`: of the parts of a TIFF. In
/// coded pixels there is none, because a zero follows each 0xff there.
pub(super) fn largest_frame(bytes: &[u8]) -> u64 {
    let frames = bytes.windows(10).filter_map(|window| match *window {
        [0xff, 0xc0..=0xc2, 0, length, 8 | 12, h0, h1, w0, w1, components]
            if u32::from(length) == 8 + 3 * u32::from(components) =>
        {
            let (width, height) = (u16::from_be_bytes([w0, w1]), u16::from_be_bytes([h0, h1]));
            Some(u64::from(width) * u64::from(height))
        }
        _ => None,
    });
    frames.max().unwrap_or(0)
}

/// Whether the marker of the end follows the first scan. Files may have more behind it.
fn has_end(bytes: &[u8]) -> bool {
    let scan = segments(bytes).find(|segment| segment.marker == SOS);
    let scan = scan.and_then(|scan| bytes.get(scan.end..)).unwrap_or_default();
    scan.windows(2).rev().any(|pair| pair == [0xff, EOI])
}

/// A marker segment before the pixels.
pub(in crate::read::picture) struct Segment<'a> {
    pub(in crate::read::picture) marker: u8,
    pub(in crate::read::picture) content: &'a [u8],
    /// The offset behind it.
    end: usize,
}

/// The segments up to the first scan. It ends where the file is damaged.
pub(in crate::read::picture) fn segments(bytes: &[u8]) -> impl Iterator<Item = Segment<'_>> {
    let mut position = 2;
    let mut is_done = false;
    std::iter::from_fn(move || {
        if is_done {
            return None;
        }
        let start = position + bytes.get(position..)?.iter().position(|&byte| byte == 0xff)?;
        let fill = bytes.get(start..)?.iter().take_while(|&&byte| byte == 0xff).count();
        let length_at = start + fill + 1;
        let marker = *bytes.get(length_at - 1)?;
        let length =
            bytes.get(length_at..)?.first_chunk().map(|&length| u16::from_be_bytes(length));
        let end = length_at + usize::from(length?);
        let content = bytes.get(length_at + 2..end)?;
        (position, is_done) = (end, marker == SOS || marker == EOI);
        Some(Segment { marker, content, end })
    })
}
