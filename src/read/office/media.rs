//! The pictures of a package. docling is shown a picture of one kind in the place of each, whose width
//! says which it is: it neither decodes nor copies the pictures themselves.

use docling_core::PictureImage;

/// What is a picture, by the ending of its name in lower case.
const ENDINGS: [&str; 8] = [".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"];
/// The most pictures of a package that are read.
const MAX_PICTURES: usize = 4096;
/// The width of what stands in for the first picture: docling takes the smallest for layout.
const FIRST_WIDTH: usize = 100;
/// The most bytes of all pictures together.
const MAX_BYTES: u64 = 64 << 20;

/// The pictures of a package by their numbers.
#[derive(Default)]
pub(super) struct Media {
    pictures: Vec<Vec<u8>>,
    bytes: u64,
}

impl Media {
    /// Whether a part of this name and size is a picture that is to be kept.
    pub(super) fn wants(&self, name: &str, size: u64) -> bool {
        let name = name.to_ascii_lowercase();
        ENDINGS.iter().any(|ending| name.ends_with(ending))
            && self.pictures.len() < MAX_PICTURES
            && size <= self.bytes_left()
    }

    /// Keeps a picture. Returns what docling is shown for it.
    pub(super) fn keep(&mut self, picture: Vec<u8>) -> Vec<u8> {
        self.bytes += picture.len() as u64;
        let number = self.pictures.len();
        self.pictures.push(picture);
        stand_in((FIRST_WIDTH + number) as u32)
    }

    /// The bytes that are left for pictures.
    pub(super) fn bytes_left(&self) -> u64 {
        MAX_BYTES.saturating_sub(self.bytes)
    }

    /// The picture for which docling was shown `image`. It draws others itself.
    pub(super) fn get(&self, image: &PictureImage) -> Option<&[u8]> {
        let number = (image.width as usize).checked_sub(FIRST_WIDTH)?;
        let picture = self.pictures.get(number).map(Vec::as_slice);
        picture.filter(|_| image.data == stand_in(image.width))
    }
}

/// A bitmap of this width and one row, without its pixels.
fn stand_in(width: u32) -> Vec<u8> {
    const HEADERS: u32 = 14 + 40;
    let row = (width * 3).next_multiple_of(4);
    let mut bitmap = b"BM".to_vec();
    let words = [HEADERS + row, 0, HEADERS, 40, width, 1, 1 | 24 << 16, 0, row, 0, 0, 0, 0];
    bitmap.extend(words.into_iter().flat_map(u32::to_le_bytes));
    bitmap
}
