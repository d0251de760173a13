//! Image files: what the file says of itself, and the words in the picture.
//!
//! The text of a picture's document is its description, then its lines of text in reading order, each
//! with its rectangle and how surely it was read. It is empty for a picture with neither.

mod lines;

use super::blocks::DocumentBuilder;
use super::picture::{
    Decoded, Picture as DecodedPicture, PictureDetails, PictureFile, PictureLimits, THUMBNAIL_SIDE,
    is_rule_or_icon, thumbnail,
};
use super::picture_format::PictureFormat;
use super::{Input, Ocr, ReadFile, Rgb};
use crate::document::{BlockKind, FileDetails, Picture, Span};
use crate::error::{Error, Result};

/// The warning of a picture that was read without models.
const WORDS_NOT_READ: &str =
    "The words in the picture were not read: no models for that were given.";

/// Reads an image file of any format that can be decoded. A rule, an icon and a picture of one
/// colour, about which nothing is said, are empty documents.
pub(crate) fn picture(input: &Input<'_>) -> Result<ReadFile> {
    let details = PictureDetails::read(input.bytes);
    let decoded = decode(input)?;
    let mut builder = DocumentBuilder::new(input);
    describe(&details, &mut builder);
    let mut warnings = decoded.warnings;
    match input.ocr {
        Some(ocr) => read_words(&decoded.picture, ocr, input, &mut builder)?,
        None => warnings.push(WORDS_NOT_READ.to_owned()),
    }
    if builder.text_bytes() == 0 {
        let (width, height) = (decoded.original_width, decoded.original_height);
        if is_rule_or_icon(width, height) || decoded.picture.is_one_colour() {
            return Err(Error::EmptyDocument { name: input.name.to_owned() });
        }
    }
    let mut document = builder.finish_within(input)?;
    let (width, height) =
        seen_size(&decoded.picture, decoded.original_width, decoded.original_height);
    let span = Span::new(0..document.text.len());
    let thumbnail = thumbnail(&decoded.picture);
    document.pictures.push(Picture { span, width, height, thumbnail, ..Picture::default() });
    let pixels = input.image_input.and_then(|of| decoded.picture.fitted(&of)).unwrap_or_default();
    let details = file_details(details, warnings);
    Ok(ReadFile { document, details, pixels, ..ReadFile::default() })
}

/// Times as many pixels as an image encoder takes of a side, which are made fewer by its own filter.
const SHARPNESS: u32 = 4;

/// Whether a file is a picture that must be decoded by a browser, whose pixels its reader then wants.
///
/// # Errors
/// `TooLarge` if it has more pixels than a picture may have, `DamagedFile` if it does not say how many.
#[allow(dead_code, reason = "asked by the reader module")]
pub(crate) fn needs_browser(name: &str, bytes: &[u8]) -> Result<bool> {
    super::picture::needs_browser(&PictureFile { name, bytes }, &PictureLimits::default())
}

fn limits(input: &Input<'_>) -> PictureLimits {
    PictureLimits { bytes: input.limits.bytes, ..PictureLimits::default() }
}

/// The pixels; fewer, where no words are read.
fn decode(input: &Input<'_>) -> Result<Decoded> {
    let file = PictureFile { name: input.name, bytes: input.bytes };
    let limits = limits(input);
    if let (Some(format), Some(pixels)) = (PictureFormat::of(input.bytes), input.decoded)
        && format.is_of_browsers()
    {
        return DecodedPicture::decoded_elsewhere(&file, format, pixels, &limits);
    }
    match input.ocr {
        Some(_) => DecodedPicture::decode(&file, &limits, input.watch),
        None => {
            let side = input.image_input.map_or(0, |of| of.side.saturating_mul(SHARPNESS));
            DecodedPicture::decode_reduced(&file, side.max(THUMBNAIL_SIDE), &limits, input.watch)
        }
    }
}

fn read_words(
    picture: &DecodedPicture,
    ocr: &dyn Ocr,
    input: &Input<'_>,
    builder: &mut DocumentBuilder,
) -> Result<()> {
    let (width, height) = (picture.width(), picture.height());
    let read = ocr.read_lines(Rgb { width, height, pixels: picture.rgb() }, input.watch)?;
    lines::push(read, width, height, builder);
    Ok(())
}

/// The size of the whole picture as a person sees it, which may be turned.
fn seen_size(picture: &DecodedPicture, width: u32, height: u32) -> (u32, u32) {
    let is_turned = (picture.width() > picture.height()) != (width > height);
    if is_turned { (height, width) } else { (width, height) }
}

/// What the file says of the picture.
fn describe(details: &PictureDetails, builder: &mut DocumentBuilder) {
    for text in [&details.title, &details.description].into_iter().flatten() {
        builder.push(BlockKind::Caption, text);
    }
    let taken = details.taken.as_ref().map(|taken| format!("Taken: {taken}."));
    let place = details.place.map(|(north, east)| format!("Taken at {north:.5}, {east:.5}."));
    let camera = details.camera.as_ref().map(|camera| format!("Camera: {camera}."));
    let facts: Vec<String> = [taken, place, camera].into_iter().flatten().collect();
    builder.push(BlockKind::Caption, &facts.join(" "));
}

fn file_details(details: PictureDetails, warnings: Vec<String>) -> FileDetails {
    let PictureDetails { title, taken: date, .. } = details;
    FileDetails { title, date, warnings, ..FileDetails::default() }
}
