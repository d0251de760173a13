use super::fixture;
use crate::read::picture::PictureDetails;

fn read(name: &str) -> PictureDetails {
    PictureDetails::read(fixture(name))
}

#[test]
fn exif_tells_title_date_place_and_camera_in_each_format() {
    for name in ["exif.jpg", "squares.avif"] {
        let details = read(name);
        assert_eq!(details.title.as_deref(), Some("Brücke"), "{name}");
        assert_eq!(details.description.as_deref(), Some("A bridge over the river"), "{name}");
        assert_eq!(details.taken.as_deref(), Some("2024-05-03T10:14:05+02:00"), "{name}");
        assert_eq!(details.camera.as_deref(), Some("Canon EOS R6"), "{name}");
        let (north, east) = details.place.expect("a place");
        assert!((north + 33.856_667).abs() < 1e-5 && (east - 151.21).abs() < 1e-5, "{name}");
    }
    for name in ["texts.png", "lossy.webp"] {
        assert_eq!(read(name).taken.as_deref(), Some("2024-05-03T10:14:05+02:00"), "{name}");
    }
}

#[test]
fn xmp_tells_title_and_description_in_each_format() {
    for name in ["xmp.jpg", "xmp.png", "lossy.webp", "lzw.tif"] {
        let details = read(name);
        assert_eq!(details.title.as_deref(), Some("Red & blue"), "{name}");
        let description = details.description;
        assert_eq!(description.as_deref(), Some("Six squares — in two rows"), "{name}");
    }
}

#[test]
fn iptc_tells_title_and_caption() {
    let details = read("iptc.jpg");
    assert_eq!(details.title.as_deref(), Some("Object"));
    assert_eq!(details.description.as_deref(), Some("Größe"), "in the encoding of old programs");
}

#[test]
fn the_text_chunks_of_png_are_read_after_exif() {
    let details = read("texts.png");
    assert_eq!(details.title.as_deref(), Some("Brücke"));
    // Without its EXIF.
    let bytes = fixture("texts.png");
    let at = bytes.windows(4).position(|four| four == b"eXIf").expect("a chunk");
    let mut bytes = bytes.to_vec();
    bytes[at] = b'x';
    let details = PictureDetails::read(&bytes);
    assert_eq!(details.title.as_deref(), Some("Größe"));
    assert_eq!(details.description.as_deref(), Some("六 squares"));
    assert_eq!(details.taken, None);
}

#[test]
fn a_picture_that_says_nothing_has_no_details() {
    for name in ["baseline.jpg", "still.gif", "24.bmp", "palette.png"] {
        assert_eq!(read(name), PictureDetails::default(), "{name}");
    }
    assert_eq!(PictureDetails::read(b"text"), PictureDetails::default());
}

#[test]
fn a_text_that_unpacks_to_too_much_is_left_out() {
    let zeros = miniz_oxide::deflate::compress_to_vec_zlib(&vec![b'a'; 50 << 20], 9);
    let chunk = [b"Title\0\0".as_slice(), &zeros].concat();
    let length = (chunk.len() as u32).to_be_bytes();
    let png = fixture("palette.png");
    let bytes = [&png[..33], &length, b"zTXt", &chunk, &[0; 4], &png[33..]].concat();
    let taken = allocation_counter::measure(|| {
        assert_eq!(PictureDetails::read(&bytes), PictureDetails::default());
    });
    assert!(taken.bytes_max < 3 << 20, "{} bytes", taken.bytes_max);
}
