//! Pixels turned upright.

use image::metadata::Orientation;
use image::{RgbImage, imageops};

use crate::read::picture::Picture;

/// The picture as `orientation` says it is to be seen. None if `rgb` does not have the size. A turn
/// by a quarter takes a second copy of the pixels, the others none.
pub(super) fn turned(
    width: u32,
    height: u32,
    rgb: Vec<u8>,
    orientation: Orientation,
) -> Option<Picture> {
    let mut stored = RgbImage::from_raw(width, height, rgb)?;
    let seen = match orientation {
        Orientation::NoTransforms => stored,
        Orientation::FlipHorizontal => {
            imageops::flip_horizontal_in_place(&mut stored);
            stored
        }
        Orientation::Rotate180 => {
            imageops::rotate180_in_place(&mut stored);
            stored
        }
        Orientation::FlipVertical => {
            imageops::flip_vertical_in_place(&mut stored);
            stored
        }
        Orientation::Rotate90 => imageops::rotate90(&stored),
        Orientation::Rotate270 => imageops::rotate270(&stored),
        Orientation::Rotate90FlipH => {
            let mut seen = imageops::rotate90(&stored);
            imageops::flip_horizontal_in_place(&mut seen);
            seen
        }
        Orientation::Rotate270FlipH => {
            let mut seen = imageops::rotate270(&stored);
            imageops::flip_horizontal_in_place(&mut seen);
            seen
        }
    };
    Picture::from_rgb(seen.width(), seen.height(), seen.into_raw())
}
