use image::ImageFormat;

use super::make::{self, decode, decode_reduced};
use super::{OTHERS, SQUARES, fixture};
use crate::error::Error;
use crate::read::Unwatched;
use crate::read::picture::{Picture, PictureDetails, PictureFile, PictureLimits};

/// Bytes that a refused file may take.
const REFUSED_BYTES: u64 = 1 << 20;

/// Writes `bytes` at the place of `old`, which is there once.
fn patched(file: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = file.windows(old.len()).position(|window| window == old).expect("it is there");
    [&file[..at], new, &file[at + old.len()..]].concat()
}

/// The checksum of PNG (CRC-32), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}

/// The file of squares in a format, with another size in its header.
fn lying(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
    let (short_width, short_height) = (width as u16, height as u16);
    match format {
        ImageFormat::Png => {
            let mut png = fixture("palette.png").to_vec();
            png[16..20].copy_from_slice(&width.to_be_bytes());
            png[20..24].copy_from_slice(&height.to_be_bytes());
            let checksum = crc32(&png[12..29]).to_be_bytes();
            png[29..33].copy_from_slice(&checksum);
            png
        }
        ImageFormat::Jpeg => {
            let size = [short_height.to_be_bytes(), short_width.to_be_bytes()].concat();
            patched(fixture("baseline.jpg"), &[0, 32, 0, 48], &size)
        }
        ImageFormat::Gif => {
            let size = [short_width.to_le_bytes(), short_height.to_le_bytes()].concat();
            patched(fixture("still.gif"), &[48, 0, 32, 0], &size)
        }
        ImageFormat::Bmp => {
            let size = [width.to_le_bytes(), height.to_le_bytes()].concat();
            patched(fixture("24.bmp"), &[48, 0, 0, 0, 32, 0, 0, 0], &size)
        }
        ImageFormat::WebP => {
            let mut webp = fixture("transparent.webp").to_vec();
            webp[24..27].copy_from_slice(&width.wrapping_sub(1).to_le_bytes()[..3]);
            webp[27..30].copy_from_slice(&height.wrapping_sub(1).to_le_bytes()[..3]);
            webp
        }
        _ => {
            let tag = |number: u16, value: u16| {
                [number.to_le_bytes(), 3_u16.to_le_bytes(), [1, 0], [0, 0], value.to_le_bytes()]
                    .concat()
            };
            let tiff = patched(fixture("deflate.tif"), &tag(256, 48), &tag(256, short_width));
            patched(&tiff, &tag(257, 32), &tag(257, short_height))
        }
    }
}

const FORMATS: [ImageFormat; 6] = [
    ImageFormat::Png,
    ImageFormat::Jpeg,
    ImageFormat::Gif,
    ImageFormat::Bmp,
    ImageFormat::WebP,
    ImageFormat::Tiff,
];

#[test]
fn a_header_with_too_many_pixels_is_refused_before_they_are_reserved() {
    for format in FORMATS {
        // WebP has at most 16384 pixels a side.
        let side = if format == ImageFormat::WebP { 16_384 } else { 60_000 };
        let bytes = lying(format, side, side);
        let taken = allocation_counter::measure(|| {
            let pixels = u64::from(side) * u64::from(side);
            match decode(&bytes) {
                Err(Error::TooLarge { got, unit: "pixels", .. }) => assert_eq!(got, pixels),
                // Its strips do not fit the size.
                Err(Error::DamagedFile { .. }) if format == ImageFormat::Tiff => {}
                decoded => panic!("{format:?}: {:?}", decoded.map(|_| ())),
            }
        });
        assert!(taken.bytes_max < REFUSED_BYTES, "{format:?}: {} bytes", taken.bytes_max);
    }
}

#[test]
fn a_header_with_more_pixels_than_the_file_has_is_damage() {
    for format in FORMATS {
        let bytes = lying(format, 5_000, 5_001);
        let taken = allocation_counter::measure(|| match decode(&bytes) {
            Err(Error::DamagedFile { .. }) => {}
            // The decoder fills what is not there.
            Ok(decoded) => assert!(
                matches!(format, ImageFormat::Jpeg | ImageFormat::Gif),
                "{format:?} {:?}",
                decoded.warnings
            ),
            Err(error) => panic!("{format:?}: {error}"),
        });
        let most = 5_000 * 5_001 * 8 + (32 << 20);
        assert!(taken.bytes_max < most, "{format:?}: {} bytes", taken.bytes_max);
    }
}

#[test]
fn a_picture_without_pixels_is_damaged() {
    for format in FORMATS {
        for (width, height) in [(0, 32), (48, 0), (0, 0)] {
            let decoded = decode(&lying(format, width, height));
            if matches!(format, ImageFormat::WebP | ImageFormat::Bmp) {
                // WebP states sizes less one, so that it is a size that is too large. The decoder
                // of BMP calls it a variant that it does not know.
                assert!(decoded.is_err(), "{format:?} {width} {height}");
                continue;
            }
            let is_right = matches!(decoded, Err(Error::DamagedFile { .. }));
            assert!(is_right, "{format:?} {width} {height}: {:?}", decoded.map(|_| ()));
        }
    }
}

#[test]
fn memory_is_bounded_before_it_is_taken() {
    let limits = PictureLimits { memory_bytes: 1_000_000, ..PictureLimits::default() };
    let picture = make::noise(600, 500, 1);
    for format in FORMATS {
        let bytes = make::file(&picture, format);
        let taken = allocation_counter::measure(|| {
            let file = PictureFile { name: "a", bytes: &bytes };
            let decoded = Picture::decode(&file, &limits, &Unwatched);
            let is_right = matches!(decoded, Err(Error::TooLarge { unit: "bytes of memory", .. }));
            assert!(is_right, "{format:?}: {:?}", decoded.map(|_| ()));
        });
        assert!(taken.bytes_max < REFUSED_BYTES, "{format:?}: {} bytes", taken.bytes_max);
    }
}

#[test]
fn decoding_takes_no_more_memory_than_the_limits_say() {
    let picture = make::noise(900, 700, 1);
    for format in FORMATS {
        let bytes = make::file(&picture, format);
        let taken = allocation_counter::measure(|| drop(decode(&bytes)));
        // What `raster` and `jpeg` count for a pixel, and tables.
        let most = 900 * 700 * 11 + (1 << 20);
        assert!(taken.bytes_max < most, "{format:?}: {} bytes", taken.bytes_max);
    }
}

#[test]
fn only_the_first_of_ten_thousand_frames_is_decoded() {
    let gif = fixture("still.gif");
    let frame = gif.windows(10).position(|ten| ten == [0x2c, 0, 0, 0, 0, 48, 0, 32, 0, 0x87]);
    let frame = frame.or_else(|| gif.iter().rposition(|&byte| byte == 0x2c)).expect("a frame");
    let frame = frame..gif.len() - 1;
    let frames = gif[frame.clone()].repeat(10_000);
    let bytes = [&gif[..frame.start], &frames, &[0x3b]].concat();
    let taken = allocation_counter::measure(|| {
        assert_eq!(decode(&bytes), decode(gif));
    });
    assert!(taken.bytes_max < REFUSED_BYTES, "{} bytes", taken.bytes_max);
}

#[test]
fn scans_that_change_nothing_are_bounded() {
    let jpeg = fixture("progressive.jpg");
    // The last scan, which refines: again and again.
    let scan = jpeg.windows(2).rposition(|pair| pair == [0xff, 0xda]).expect("a scan");
    let scans = jpeg[scan..jpeg.len() - 2].repeat(20_000);
    let bytes = [&jpeg[..scan], &scans, &[0xff, 0xd9]].concat();
    assert!(matches!(decode(&bytes), Err(Error::DamagedFile { .. })));
}

#[test]
fn a_truncated_file_gives_an_error_or_a_warning() {
    for (name, bytes) in SQUARES.into_iter().chain(OTHERS) {
        for length in 0..bytes.len() {
            let cut = &bytes[..length];
            for decoded in [decode(cut), decode_reduced(cut, 8)] {
                match decoded {
                    Ok(decoded) if name.ends_with(".jpg") => {
                        assert_eq!(decoded.warnings.len(), 1, "{name} of {length} bytes");
                    }
                    Ok(decoded) => assert_eq!(Ok(decoded), decode(bytes), "{name} {length}"),
                    Err(Error::DamagedFile { .. } | Error::UnsupportedFormat { .. }) => {}
                    Err(error) => panic!("{name} of {length} bytes: {error}"),
                }
            }
            let _ = PictureDetails::read(cut);
        }
    }
}

#[test]
fn a_part_of_a_tiff_that_is_larger_than_the_whole_is_refused() {
    let tiff = fixture("jpeg.tif");
    let frame = [0xff, 0xc0, 0, 17, 8, 0, 32, 0, 48];
    let bytes = patched(tiff, &frame, &[0xff, 0xc0, 0, 17, 8, 0xff, 0, 0xff, 0]);
    let taken = allocation_counter::measure(|| {
        assert!(matches!(decode(&bytes), Err(Error::DamagedFile { .. })));
    });
    assert!(taken.bytes_max < REFUSED_BYTES, "{} bytes", taken.bytes_max);
}
