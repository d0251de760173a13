//! Pictures: bytes of a file -> pixels, a thumbnail and details.
//!
//! - [`Picture::decode`] gives RGB pixels as a person sees them: turned, and laid over white.
//! - [`thumbnail()`] gives a small JPEG, for lists of results.
//! - [`PictureDetails::read`] gives what the file says about itself: title, date, place.
//! - [`is_rule_or_icon`] and [`Picture::is_one_colour`] tell what carries no information.
//!
//! Formats are told by their bytes. A width and a height are read from the header and checked
//! against [`PictureLimits`] before pixels are reserved, so that a file of a few bytes cannot take
//! more memory than the limits say. Nothing here needs a browser, a thread or a clock: the caller
//! bounds time by its [`ReadWatch`](crate::read::ReadWatch).

mod coded_elsewhere;
mod decode;
mod decoration;
mod details;
mod limits;
mod resize;
mod riff;
#[cfg(test)]
mod tests;
mod thumbnail;
mod watched;

pub(crate) use coded_elsewhere::needs_browser;
pub(crate) use decoration::is_rule_or_icon;
pub(crate) use details::PictureDetails;
pub(crate) use limits::PictureLimits;
#[cfg(test)]
use thumbnail::THUMBNAIL_BYTES;
pub(crate) use thumbnail::{THUMBNAIL_SIDE, thumbnail};

use super::picture_format::PictureFormat;
use crate::error::{Error, Result};

/// A file that may be a picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PictureFile<'a> {
    /// Its name, for errors.
    pub(crate) name: &'a str,
    /// All of its bytes.
    pub(crate) bytes: &'a [u8],
}

/// Pixels in rows from the top, three bytes each: red, green, blue of sRGB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

/// A decoded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// Its pixels, turned as EXIF says.
    pub(crate) picture: Picture,
    /// Its format.
    pub(crate) format: PictureFormat,
    /// Its width in pixels as stored: before it was turned or made smaller.
    pub(crate) original_width: u32,
    /// Its height in pixels as stored.
    pub(crate) original_height: u32,
    /// What could not be read: sentences for people.
    pub(crate) warnings: Vec<String>,
}

impl Picture {
    /// A picture of pixels that were decoded elsewhere: AVIF and HEIC, by the browser. None if
    /// `rgb` has not three bytes for each of at least one pixel.
    pub(crate) fn from_rgb(width: u32, height: u32, rgb: Vec<u8>) -> Option<Self> {
        let bytes = u64::from(width).checked_mul(height.into())?.checked_mul(3)?;
        (bytes > 0 && bytes == rgb.len() as u64).then_some(Self { width, height, rgb })
    }

    /// Pixels in a row.
    pub(crate) fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub(crate) fn height(&self) -> u32 {
        self.height
    }

    /// Three bytes for each pixel, in rows from the top.
    pub(crate) fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// Whether all pixels have nearly the same colour.
    pub(crate) fn is_one_colour(&self) -> bool {
        decoration::is_one_colour(&self.rgb)
    }
}

impl PictureFile<'_> {
    fn damaged(&self, detail: impl Into<String>) -> Error {
        Error::DamagedFile { name: self.name.to_owned(), detail: detail.into() }
    }

    fn unsupported(&self, found: impl Into<String>) -> Error {
        let supported = "PNG, JPEG, WebP, GIF, BMP and TIFF".to_owned();
        Error::UnsupportedFormat { name: self.name.to_owned(), found: found.into(), supported }
    }

    /// An error if `got` is over `limit`.
    fn check(&self, got: u64, limit: u64, unit: &'static str) -> Result<()> {
        if got <= limit {
            return Ok(());
        }
        let (what, advice) = (format!("\"{}\"", self.name), "Save it with fewer pixels.");
        Err(Error::TooLarge { what, got, limit, unit, advice })
    }
}
