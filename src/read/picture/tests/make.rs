//! Pictures for tests.

use image::{DynamicImage, ImageFormat};

use crate::error::Result;
use crate::read::Unwatched;
use crate::read::picture::{Decoded, Picture, PictureFile, PictureLimits};

/// Numbers that look random (Marsaglia's xorshift), the same for the same seed.
pub(in crate::read::picture) struct Random(u64);

impl Random {
    pub(in crate::read::picture) fn new(seed: u64) -> Self {
        Self((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(in crate::read::picture) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(in crate::read::picture) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

pub(in crate::read::picture) fn decode(bytes: &[u8]) -> Result<Decoded> {
    Picture::decode(&PictureFile { name: "a", bytes }, &PictureLimits::default(), &Unwatched)
}

pub(in crate::read::picture) fn decode_reduced(bytes: &[u8], side: u32) -> Result<Decoded> {
    let file = PictureFile { name: "a", bytes };
    Picture::decode_reduced(&file, side, &PictureLimits::default(), &Unwatched)
}

/// A picture of `color(x, y)`.
pub(in crate::read::picture) fn of(
    width: u32,
    height: u32,
    color: impl Fn(u32, u32) -> [u8; 3],
) -> Picture {
    let color = &color;
    let rgb = (0..height).flat_map(|y| (0..width).flat_map(move |x| color(x, y))).collect();
    Picture::from_rgb(width, height, rgb).expect("the size fits")
}

/// Brighter to the right, bluer to the bottom: each corner has a colour of its own.
pub(in crate::read::picture) fn gradient(width: u32, height: u32) -> Picture {
    let part = |value: u32, of: u32| (value * 255 / of.max(2).saturating_sub(1)) as u8;
    of(width, height, |x, y| [part(x, width), part(x, width) / 2, part(y, height)])
}

/// Noise.
pub(in crate::read::picture) fn noise(width: u32, height: u32, seed: u64) -> Picture {
    let mut random = Random::new(seed);
    let rgb = (0..width * height * 3).map(|_| random.next() as u8).collect();
    Picture::from_rgb(width, height, rgb).expect("the size fits")
}

/// A few soft spots of light.
pub(in crate::read::picture) fn blobs(width: u32, height: u32, seed: u64) -> Picture {
    let mut random = Random::new(seed);
    let spots: Vec<(f32, f32)> = (0..6)
        .map(|_| (random.below(width as usize) as f32, random.below(height as usize) as f32))
        .collect();
    of(width, height, |x, y| {
        let light = |&(left, top): &(f32, f32)| {
            let distance = (x as f32 - left).powi(2) + (y as f32 - top).powi(2);
            150.0 * (-distance / 9000.0).exp()
        };
        [spots.iter().map(light).sum::<f32>().min(255.0) as u8; 3]
    })
}

/// The picture as a file.
pub(in crate::read::picture) fn file(picture: &Picture, format: ImageFormat) -> Vec<u8> {
    let (width, height) = (picture.width(), picture.height());
    let image = image::RgbImage::from_raw(width, height, picture.rgb().to_vec());
    encoded(&image.expect("the size fits").into(), format)
}

pub(in crate::read::picture) fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("the encoder works");
    bytes.into_inner()
}
