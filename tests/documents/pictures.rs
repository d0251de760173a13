//! Image files: what they say of themselves, and the words in them, by the models of `make models`.

use std::sync::LazyLock;

use multimodal_rag::{
    Area, FileToRead, Ocr, OcrModels, ReadFile, ReadLimits, Result, Unwatched, read_file,
};

const PHOTO: &[u8] = include_bytes!("../fixtures/pictures/lighthouse.jpg");
const SCREEN: &[u8] = include_bytes!("../fixtures/pictures/harbour-status.png");

/// PP-OCRv6 tiny.
pub(crate) static MODELS: LazyLock<OcrModels> = LazyLock::new(|| {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models/pp-ocrv6-tiny");
    let read = |name: &str| std::fs::read(folder.join(name)).expect("make models has fetched it");
    let characters = read("characters.json");
    OcrModels::load(read("detection.onnx"), read("recognition.onnx"), &characters).unwrap()
});

fn read_picture(name: &str, bytes: &[u8], ocr: Option<&dyn Ocr>) -> Result<ReadFile> {
    let file = FileToRead { name, bytes, ocr, ..FileToRead::default() };
    read_file(&file, &ReadLimits::default(), &Unwatched).map(|(_, read)| read)
}

#[test]
fn a_photo_is_what_its_file_says_of_it_with_a_thumbnail() {
    let read = read_picture("lighthouse.jpg", PHOTO, Some(&*MODELS)).unwrap();
    assert_eq!(
        read.document.text,
        "The lighthouse of Port Selby after the storm\n\n\
         Taken: 2023-10-14T17:42:05. Taken at 54.51000, -3.35500. Camera: Kestrel K-200."
    );
    assert_eq!(read.details.date.as_deref(), Some("2023-10-14T17:42:05"));
    let [picture] = &read.document.pictures[..] else { panic!("{:?}", read.document.pictures) };
    assert_eq!((picture.width, picture.height), (1200, 800));
    assert!(picture.thumbnail.starts_with(b"\xff\xd8\xff") && picture.thumbnail.len() <= 40_000);
    assert_eq!(read.document.slice(picture.span), read.document.text);
}

#[test]
fn the_lines_of_a_screenshot_are_read_where_they_stand() {
    let read = read_picture("status.png", SCREEN, Some(&*MODELS)).unwrap();
    let lines = [
        ("Harbour control - status", 0.0..0.1),
        ("Crane 3: waiting for spare part", 0.17..0.25),
        ("Error E-5521: the gate sensor does not answer", 0.33..0.41),
        ("Restart the gate controller, then press Resume.", 0.48..0.57),
        ("Next ferry: 18:40 to Anholt, berth 2", 0.64..0.73),
    ];
    let document = &read.document;
    let mut from = 0;
    for (line, rows) in lines {
        let start = from + document.text[from..].find(line).expect(line);
        from = start + line.len();
        let place = document.place(multimodal_rag::Span::new(start..from)).unwrap();
        let Area { left, top, bottom, .. } = place.area.unwrap();
        let share = |side: u16| f64::from(side) / f64::from(Area::WHOLE);
        assert!(rows.contains(&share(top)) && rows.contains(&share(bottom)), "{line}: {place:?}");
        assert!(share(left) < 0.06, "{line}: {place:?}");
        assert!(place.sureness.unwrap() > 85, "{line}: {place:?}");
    }
}

#[test]
fn a_picture_without_words_has_no_text_and_without_models_says_so() {
    let plain = strip_exif(PHOTO);
    let read = read_picture("holiday/port-selby.jpg", &plain, Some(&*MODELS)).unwrap();
    assert_eq!((&*read.document.text, read.document.pictures.len()), ("", 1));
    let read = read_picture("status.png", SCREEN, None).unwrap();
    assert_eq!((&*read.document.text, read.document.pictures.len()), ("", 1));
    assert!(read.details.warnings[0].starts_with("The words in the picture were not read"));
}

/// The JPEG without its first application segment, which is EXIF.
fn strip_exif(jpeg: &[u8]) -> Vec<u8> {
    let at = jpeg.windows(2).position(|pair| pair == [0xff, 0xe1]).expect("it has EXIF");
    let length = usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    [&jpeg[..at], &jpeg[at + 2 + length..]].concat()
}

#[test]
fn a_damaged_picture_and_one_that_is_too_large_are_typed_errors() {
    let error = read_picture("cut.png", &SCREEN[..200], None).unwrap_err();
    assert_eq!(error.code(), "damaged_file");
    // The header states 60,000 x 60,000 pixels.
    let mut bomb = SCREEN.to_vec();
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let code = read_picture("bomb.png", &bomb, None).unwrap_err().code();
    assert!(["too_large", "damaged_file"].contains(&code), "{code}");
}
