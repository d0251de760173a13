//! Pictures of each format, hostile files, and files with changed bytes.

mod changed;
mod decode;
mod details;
mod hostile;
pub(super) mod make;

macro_rules! fixture {
    ($name:literal) => {
        ($name, include_bytes!(concat!("../../../../tests/fixtures/pictures/", $name)).as_slice())
    };
}

/// Six squares in two rows, in each format. `tests/fixtures/pictures/make.py` makes them.
const SQUARES: [(&str, &[u8]); 19] = [
    fixture!("baseline.jpg"),
    fixture!("progressive.jpg"),
    fixture!("cmyk.jpg"),
    fixture!("ycck.jpg"),
    fixture!("iptc.jpg"),
    fixture!("xmp.jpg"),
    fixture!("xmp.png"),
    fixture!("palette.png"),
    fixture!("texts.png"),
    fixture!("lossy.webp"),
    fixture!("still.gif"),
    fixture!("24.bmp"),
    fixture!("palette.bmp"),
    fixture!("lzw.tif"),
    fixture!("jpeg.tif"),
    fixture!("deflate.tif"),
    fixture!("cmyk.tif"),
    fixture!("exif.jpg"),
    fixture!("grey.jpg"),
];

/// Others, of which the first two show the squares in black and white, and not at all.
const OTHERS: [(&str, &[u8]); 4] = [
    fixture!("fax4.tif"),
    fixture!("transparent.webp"),
    fixture!("palette.tif"),
    fixture!("squares.avif"),
];

fn fixture(name: &str) -> &'static [u8] {
    let mut all = SQUARES.iter().chain(&OTHERS);
    all.find(|(known, _)| *known == name).expect("a fixture").1
}
