use image::metadata::Orientation;
use image::{DynamicImage, ImageFormat, RgbImage};

use super::make::{self, decode, decode_reduced};
use super::{SQUARES, fixture};
use crate::error::Error;
use crate::read::Unwatched;
use crate::read::picture::{Picture, PictureFile, PictureLimits};
use crate::read::picture_format::PictureFormat;

/// The colours of the squares, in rows.
const COLORS: [[u8; 3]; 6] =
    [[200, 30, 30], [30, 160, 40], [30, 50, 190], [255, 255, 255], [0, 0, 0], [128, 128, 128]];

fn pixel(picture: &Picture, x: u32, y: u32) -> [u8; 3] {
    let at = ((y * picture.width() + x) * 3) as usize;
    picture.rgb()[at..at + 3].try_into().expect("three bytes")
}

fn is_near(a: [u8; 3], b: [u8; 3], most: u8) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= most)
}

#[test]
fn each_format_shows_the_same_squares() {
    for (name, bytes) in SQUARES {
        let decoded = decode(bytes).expect(name);
        let is_turned = matches!(name, "exif.jpg" | "texts.png" | "lossy.webp" | "lzw.tif");
        let size = (decoded.picture.width(), decoded.picture.height());
        assert_eq!(size, if is_turned { (32, 48) } else { (48, 32) }, "{name}");
        assert_eq!((decoded.original_width, decoded.original_height), (48, 32), "{name}");
        assert_eq!(decoded.warnings, Vec::<String>::new(), "{name}");
        for (index, mut expected) in COLORS.into_iter().enumerate() {
            let (column, row) = (index as u32 % 3, index as u32 / 3);
            // Turned by a quarter to the right: the lower row is the left column.
            let (column, row) = if is_turned { (1 - row, column) } else { (column, row) };
            if name == "grey.jpg" {
                let [r, g, b] = expected.map(u32::from);
                expected = [((r * 299 + g * 587 + b * 114) / 1000) as u8; 3];
            }
            let got = pixel(&decoded.picture, column * 16 + 8, row * 16 + 8);
            assert!(is_near(got, expected, 6), "{name}: square {index}: {got:?}");
        }
    }
}

#[test]
fn a_fax_is_black_on_white() {
    let picture = decode(fixture("fax4.tif")).expect("a fax").picture;
    let got = [8, 24].map(|x| pixel(&picture, x, 24));
    assert_eq!(got, [[255; 3], [0; 3]], "the white and the black square");
}

#[test]
fn what_is_transparent_is_white() {
    let picture = decode(fixture("transparent.webp")).expect("a picture").picture;
    assert!(picture.rgb().iter().all(|&value| value == 255));
}

#[test]
fn lossless_formats_give_back_each_pixel() {
    let picture = make::noise(37, 23, 5);
    for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::WebP] {
        let decoded = decode(&make::file(&picture, format)).expect("a picture");
        assert_eq!(decoded.picture, picture, "{format:?}");
    }
}

#[test]
fn sixteen_bits_grey_and_alpha_become_rgb() {
    let rgba = make::noise(40, 30, 2);
    let rgba: Vec<u8> = rgba.rgb().iter().copied().take(30 * 30 * 4).collect();
    let image = image::RgbaImage::from_raw(30, 30, rgba).expect("the size fits");
    let image = DynamicImage::ImageRgba8(image);
    for image in [
        DynamicImage::ImageRgb16(image.to_rgb16()),
        DynamicImage::ImageRgba16(image.to_rgba16()),
        DynamicImage::ImageLuma16(image.to_luma16()),
        DynamicImage::ImageLuma8(image.to_luma8()),
        DynamicImage::ImageLumaA8(image.to_luma_alpha8()),
        DynamicImage::ImageLumaA16(image.to_luma_alpha16()),
        image,
    ] {
        let expected = image.to_rgba8();
        for format in [ImageFormat::Png, ImageFormat::Tiff] {
            let is_alpha_grey =
                matches!(image, DynamicImage::ImageLumaA8(_) | DynamicImage::ImageLumaA16(_));
            if format == ImageFormat::Tiff && is_alpha_grey {
                // The encoder cannot write it.
                continue;
            }
            let decoded = decode(&make::encoded(&image, format)).expect("a picture");
            for (x, y, rgba) in expected.enumerate_pixels() {
                let [r, g, b, alpha] = rgba.0.map(f64::from);
                let over = |v: f64| (v * alpha / 255.0 + 255.0 - alpha).round() as u8;
                let got = pixel(&decoded.picture, x, y);
                let expected = [over(r), over(g), over(b)];
                assert!(is_near(got, expected, 1), "{format:?} {:?} {x} {y}", image.color());
            }
        }
    }
}

#[test]
fn all_eight_orientations_are_turned_upright() {
    let upright = make::gradient(40, 24);
    let image = RgbImage::from_raw(40, 24, upright.rgb().to_vec()).expect("the size fits");
    for value in 1..=8_u8 {
        let orientation = Orientation::from_exif(value).expect("one to eight");
        // What a camera stores: what becomes the picture when it is turned so.
        let inverse = Orientation::from_exif([1, 2, 3, 4, 5, 8, 7, 6][usize::from(value) - 1]);
        let mut stored = DynamicImage::ImageRgb8(image.clone());
        stored.apply_orientation(inverse.expect("one to eight"));
        let mut check = stored.clone();
        check.apply_orientation(orientation);
        assert_eq!(check.to_rgb8(), image, "the crate's own turns agree");
        let exif = [
            b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0",
            &[value, 0, 0, 0, 0, 0, 0, 0][..],
        ]
        .concat();
        let mut jpeg = make::encoded(&stored, ImageFormat::Jpeg);
        let length = (exif.len() as u16 + 2).to_be_bytes();
        jpeg.splice(2..2, [&[0xff, 0xe1], &length[..], &exif].concat());
        for decoded in [decode(&jpeg), decode_reduced(&jpeg, 20)] {
            let decoded = decoded.expect("a photo");
            let (width, height) = (decoded.picture.width(), decoded.picture.height());
            assert_eq!(width * 24, height * 40, "{value}");
            for (x, y) in [(0, 0), (9, 0), (0, 9), (9, 9)] {
                let at = |x: u32, y: u32| pixel(&upright, x * 39 / 9, y * 23 / 9);
                let got = pixel(&decoded.picture, x * (width - 1) / 9, y * (height - 1) / 9);
                assert!(is_near(got, at(x, y), 40), "{value} {x} {y}: {got:?} {:?}", at(x, y));
            }
        }
    }
}

#[test]
fn a_reduced_photo_looks_as_the_whole_one_does() {
    let picture = make::blobs(1600, 1200, 3);
    let jpeg = make::file(&picture, ImageFormat::Jpeg);
    let whole = decode(&jpeg).expect("a photo").picture;
    for (side, expected) in [(1600, 1600), (801, 1600), (800, 800), (320, 400), (100, 200)] {
        let reduced = decode_reduced(&jpeg, side).expect("a photo");
        assert_eq!(reduced.picture.width(), expected, "{side}");
        assert_eq!(reduced.original_width, 1600, "{side}");
        let (width, height) = (reduced.picture.width(), reduced.picture.height());
        let same = whole.reduced(width, height).expect("fewer pixels");
        let differences = same.rgb().iter().zip(reduced.picture.rgb()).map(|(a, b)| a.abs_diff(*b));
        assert!(differences.max() < Some(10), "{side}");
    }
}

#[test]
fn the_format_is_told_by_the_bytes() {
    let name = "photo.png";
    let file = PictureFile { name, bytes: fixture("baseline.jpg") };
    let decoded = Picture::decode(&file, &PictureLimits::default(), &Unwatched);
    assert_eq!(decoded.map(|decoded| decoded.format), Ok(PictureFormat::Jpeg));
}

#[test]
fn what_the_browser_must_decode_is_said() {
    let error = decode(fixture("squares.avif")).expect_err("no pixels here");
    assert!(matches!(&error, Error::UnsupportedFormat { found, .. } if found.contains("browser")));
    let error = decode(fixture("palette.tif")).expect_err("a rare variant");
    assert!(matches!(error, Error::UnsupportedFormat { .. }), "{error}");
    assert!(matches!(decode(b"text"), Err(Error::UnsupportedFormat { .. })));
}

#[test]
fn a_cut_photo_is_used_with_a_warning() {
    let picture = make::blobs(400, 300, 8);
    let whole = make::file(&picture, ImageFormat::Jpeg);
    let expected = decode(&whole).expect("a photo").picture;
    let cut = decode(&whole[..whole.len() * 2 / 3]).expect("what is there is used");
    assert_eq!(cut.warnings.len(), 1);
    let upper = 400 * 100 * 3;
    assert_eq!(cut.picture.rgb()[..upper], expected.rgb()[..upper], "its upper third is whole");
    let reduced = decode_reduced(&whole[..whole.len() * 2 / 3], 100).expect("here too");
    assert_eq!(reduced.warnings.len(), 1);
}

#[test]
fn the_caller_can_stop_it() {
    struct Stops;
    impl crate::read::ReadWatch for Stops {
        fn step(&self, done: u64, _: u64, _: &'static str) -> crate::Result<()> {
            let stop = Error::TooSlow { name: "a".to_owned(), seconds: 1 };
            if done > 60_000 { Err(stop) } else { Ok(()) }
        }
    }
    let picture = make::noise(400, 400, 4);
    for format in [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::WebP,
        ImageFormat::Gif,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
    ] {
        let bytes = make::file(&picture, format);
        let file = PictureFile { name: "a", bytes: &bytes };
        for side in [100, 400] {
            let decoded = Picture::decode_reduced(&file, side, &PictureLimits::default(), &Stops);
            assert!(matches!(decoded, Err(Error::TooSlow { .. })), "{format:?}");
        }
    }
}
