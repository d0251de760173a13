//! The pixels of pictures for image encoders.

use multimodal_rag::{
    FileToRead, ImageFit, ImageInput, ReadLimits, Resampling, Rgb, Unwatched, read_file,
};

use crate::image_encoders::{Reference, picture};

/// A BMP file of these pixels: three bytes each, in rows from the top.
fn bmp(width: u32, height: u32, rgb: &[u8]) -> Vec<u8> {
    let row_bytes = (3 * width).next_multiple_of(4) as usize;
    let mut rows = Vec::new();
    for row in rgb.chunks_exact(3 * width as usize).rev() {
        let start = rows.len();
        rows.extend(
            row.as_chunks::<3>().0.iter().flat_map(|&[red, green, blue]| [blue, green, red]),
        );
        rows.resize(start + row_bytes, 0);
    }
    let numbers = |numbers: &[u32]| numbers.iter().flat_map(|it| it.to_le_bytes()).collect();
    let size: Vec<u8> = numbers(&[54 + rows.len() as u32, 0, 54, 40, width, height]);
    let rest: Vec<u8> = numbers(&[0, rows.len() as u32, 2835, 2835, 0, 0]);
    [&b"BM"[..], &size, &[1, 0, 24, 0], &rest, &rows].concat()
}

fn pixels(width: u32, height: u32, image_input: ImageInput) -> Vec<u8> {
    let bytes = bmp(width, height, &picture(width, height));
    let file = FileToRead {
        name: "waves.bmp",
        bytes: &bytes,
        image_input: Some(image_input),
        ..FileToRead::default()
    };
    read_file(&file, &ReadLimits::default(), &Unwatched).unwrap().1.pixels
}

#[test]
fn pixels_are_cropped_or_stretched_as_by_transformers() {
    for (name, fit) in [("clip", ImageFit::Crop), ("siglip", ImageFit::Stretch)] {
        let input = ImageInput { side: 64, fit, resampling: Resampling::Bicubic };
        for reference in Reference::of(name).pictures {
            let (width, height) = (reference.width, reference.height);
            let (ours, theirs) = (pixels(width, height, input), reference.pixels());
            assert_eq!(ours.len(), theirs.len());
            let apart = ours.iter().zip(&theirs).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(apart <= Some(1), "{name}, {width} x {height}: {apart:?}");
        }
    }
}

#[test]
fn a_picture_that_is_too_long_and_thin_to_be_cropped_has_no_pixels() {
    let input = ImageInput { side: 1000, fit: ImageFit::Crop, resampling: Resampling::Bilinear };
    assert_eq!(pixels(600, 32, input).len(), 0);
    assert_eq!(pixels(600, 320, input).len(), input.bytes());
}

#[test]
fn a_picture_that_a_browser_decoded_is_read_as_any_other() {
    let bytes = include_bytes!("../fixtures/pictures/squares.avif");
    let pixels = picture(48, 32);
    let read = |decoded| {
        let file = FileToRead { name: "squares.avif", bytes, decoded, ..FileToRead::default() };
        read_file(&file, &ReadLimits::default(), &Unwatched).map(|(_, read)| read)
    };
    let read_whole = read(Some(Rgb { width: 48, height: 32, pixels: &pixels })).unwrap();
    let shown = &read_whole.document.pictures[0];
    assert_eq!((shown.width, shown.height), (48, 32));
    assert!(!shown.thumbnail.is_empty());
    assert!(read_whole.document.text.contains("A bridge over the river"));
    let wrong = Rgb { width: 49, height: 32, pixels: &pixels };
    assert_eq!(read(Some(wrong)).unwrap_err().code(), "damaged_file");
    let not_decoded = read(None).unwrap_err();
    assert_eq!(not_decoded.code(), "unsupported_format");
    assert!(not_decoded.to_string().contains("only some browsers decode"), "{not_decoded}");
}
