//! Any bytes as an image file, of the format that they begin with: pixels, thumbnail, details, and the
//! pixels for an image encoder.
#![no_main]

use libfuzzer_sys::fuzz_target;
use multimodal_rag::{
    FileToRead, ImageFit, ImageInput, ReadLimits, Resampling, Rgb, Unwatched, read_file,
};

const INPUT: ImageInput =
    ImageInput { side: 32, fit: ImageFit::Crop, resampling: Resampling::Bicubic };
/// A thumbnail has at most so many bytes.
const THUMBNAIL_BYTES: usize = 40_000;

fuzz_target!(|bytes: &[u8]| {
    let pixels = [7; 3 * 5 * 4];
    let decoded = Some(Rgb { width: 5, height: 4, pixels: &pixels });
    let file = FileToRead {
        name: "a.png",
        bytes,
        image_input: Some(INPUT),
        decoded,
        ..FileToRead::default()
    };
    let Ok((_, read)) = read_file(&file, &ReadLimits::default(), &Unwatched) else { return };
    for picture in &read.document.pictures {
        assert!(picture.width > 0 && picture.height > 0);
        assert!(picture.thumbnail.len() <= THUMBNAIL_BYTES);
    }
    assert!(read.pixels.is_empty() || read.pixels.len() == INPUT.bytes());
    for block in &read.document.blocks {
        let _ = (read.document.slice(block.span), read.document.place(block.span));
    }
});
