//! What reads the words in a picture. Its models are fetched only when a picture is read, so a reader
//! is given it.

use std::fmt;

use super::ReadWatch;
use crate::error::Result;

/// A picture of three bytes a pixel: red, green, blue, in rows from the top without padding.
#[derive(Debug, Clone, Copy)]
pub struct Rgb<'a> {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width * height * 3` bytes.
    pub pixels: &'a [u8],
}

/// A line of text in a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct TextLine {
    /// Its text. Parts that are far apart, such as cells of a table, are separated by a tab.
    pub text: String,
    /// The corners of the line in pixels of the picture, clockwise from the top left of the
    /// text.
    pub quad: [[f32; 2]; 4],
    /// Mean of the probabilities of its characters, from 0 to 1.
    pub confidence: f32,
    /// The number of its block, counted from 0: a paragraph, or lines of a table, that belong
    /// together. Lines of one block follow each other.
    pub block: u32,
}

/// Reads the words in pictures.
pub trait Ocr: fmt::Debug {
    /// The lines of text in a picture, in reading order. `watch` is asked between parts of the
    /// work, and stops it.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) for a picture over a limit, and those of `watch`.
    fn read_lines(&self, picture: Rgb<'_>, watch: &dyn ReadWatch) -> Result<Vec<TextLine>>;
}
