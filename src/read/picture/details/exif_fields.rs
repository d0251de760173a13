//! EXIF (CIPA DC-008), by `kamadak-exif`, which decodes a field when it is asked for.

use std::io::Cursor;

use exif::{Context, DateTime, Exif, In, Rational, Reader, Tag, Value};

use super::PictureDetails;
use super::text::{clean, of_bytes, of_utf16};

/// Fields of Windows in UTF-16: title, comment and subject.
const XP_TITLE: Tag = Tag(Context::Tiff, 0x9c9b);
const XP_COMMENT: Tag = Tag(Context::Tiff, 0x9c9c);
const XP_SUBJECT: Tag = Tag(Context::Tiff, 0x9c9f);
/// A packet of XMP within TIFF.
const XML_PACKET: Tag = Tag(Context::Tiff, 700);

/// What cameras write as the description of each photo, in small letters.
const OF_EACH_PHOTO: [&str; 9] = [
    "olympus digital camera",
    "konica minolta digital camera",
    "minolta digital camera",
    "digital camera",
    "sony dsc",
    "samsung",
    "exif_jpeg_picture",
    "dcim",
    "default",
];

/// What EXIF says.
#[derive(Default)]
pub(super) struct ExifDetails {
    pub(super) details: PictureDetails,
    pub(super) xmp: Option<Vec<u8>>,
}

/// The details in the EXIF of a file of any format that has it.
pub(super) fn read(file: &[u8]) -> ExifDetails {
    let mut reader = Reader::new();
    reader.continue_on_error(true);
    let exif = reader.read_from_container(&mut Cursor::new(file));
    let Ok(exif) = exif.or_else(|error| error.distill_partial_result(|_| ())) else {
        return ExifDetails::default();
    };
    let details = PictureDetails {
        title: windows_text(&exif, XP_TITLE),
        description: description(&exif),
        taken: taken(&exif),
        place: place(&exif),
        camera: camera(&exif),
    };
    ExifDetails { details, xmp: bytes(&exif, XML_PACKET).map(<[u8]>::to_vec) }
}

fn value(exif: &Exif, tag: Tag) -> Option<&Value> {
    exif.get_field(tag, In::PRIMARY).map(|field| &field.value)
}

fn bytes(exif: &Exif, tag: Tag) -> Option<&[u8]> {
    match value(exif, tag)? {
        Value::Byte(bytes) | Value::Undefined(bytes, _) => Some(bytes),
        Value::Ascii(texts) => texts.first().map(Vec::as_slice),
        _ => None,
    }
}

fn text(exif: &Exif, tag: Tag) -> Option<String> {
    of_bytes(bytes(exif, tag)?)
}

fn windows_text(exif: &Exif, tag: Tag) -> Option<String> {
    of_utf16(bytes(exif, tag)?, true)
}

fn description(exif: &Exif) -> Option<String> {
    let is_own = |text: &String| !OF_EACH_PHOTO.contains(&text.to_lowercase().as_str());
    text(exif, Tag::ImageDescription)
        .filter(is_own)
        .or_else(|| user_comment(exif).filter(is_own))
        .or_else(|| windows_text(exif, XP_COMMENT))
        .or_else(|| windows_text(exif, XP_SUBJECT))
}

/// The comment behind the eight bytes that name its encoding.
fn user_comment(exif: &Exif) -> Option<String> {
    let (encoding, text) = bytes(exif, Tag::UserComment)?.split_first_chunk::<8>()?;
    match encoding {
        b"UNICODE\0" => of_utf16(text, exif.little_endian()),
        b"ASCII\0\0\0" | b"\0\0\0\0\0\0\0\0" => of_bytes(text),
        _ => None,
    }
}

fn taken(exif: &Exif) -> Option<String> {
    let original = (Tag::DateTimeOriginal, Tag::OffsetTimeOriginal);
    let digitized = (Tag::DateTimeDigitized, Tag::OffsetTimeDigitized);
    [original, digitized].into_iter().find_map(|(date, offset)| {
        let mut date = DateTime::from_ascii(bytes(exif, date)?).ok()?;
        // Without a valid offset it is the time of the place.
        let _ = date.parse_offset(bytes(exif, offset).unwrap_or_default());
        iso(&date)
    })
}

/// "2024-05-03T10:14:05+02:00". None for a day or a time that does not exist: cameras whose clock
/// was never set write zeros.
fn iso(date: &DateTime) -> Option<String> {
    let DateTime { year, month, day, hour, minute, second, .. } = *date;
    let exists = (1826..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    let offset = date.offset.filter(|minutes| minutes.abs() <= 14 * 60).map_or_else(
        String::new,
        |minutes| {
            let sign = if minutes < 0 { '-' } else { '+' };
            format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
        },
    );
    exists
        .then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{offset}"))
}

/// Degrees north and east. 0, 0 is what receivers write without a signal.
fn place(exif: &Exif) -> Option<(f64, f64)> {
    let north = degrees(exif, Tag::GPSLatitude, Tag::GPSLatitudeRef, b'S')?;
    let east = degrees(exif, Tag::GPSLongitude, Tag::GPSLongitudeRef, b'W')?;
    let exists = north.abs() <= 90.0 && east.abs() <= 180.0 && (north, east) != (0.0, 0.0);
    exists.then_some((north, east))
}

fn degrees(exif: &Exif, tag: Tag, side: Tag, negative: u8) -> Option<f64> {
    let Value::Rational(parts) = value(exif, tag)? else { return None };
    // Minutes and seconds may be missing: degrees may have a fraction.
    let part = |index: usize| match parts.get(index) {
        None | Some(Rational { num: 0, .. }) => Some(0.0),
        Some(Rational { denom: 0, .. }) => None,
        Some(part) => Some(part.to_f64()),
    };
    let degrees = part(0)? + part(1)? / 60.0 + part(2)? / 3600.0;
    let side = bytes(exif, side)?.first()?.to_ascii_uppercase();
    Some(if side == negative { -degrees } else { degrees })
}

/// "Canon EOS R6": the model, and the maker before it where the model does not begin with it.
fn camera(exif: &Exif) -> Option<String> {
    let (make, model) = (text(exif, Tag::Make), text(exif, Tag::Model));
    let (Some(make), Some(model)) = (&make, &model) else { return model.or(make) };
    let first = make.split(' ').next().unwrap_or(make).to_lowercase();
    let names_maker = model.to_lowercase().starts_with(&first);
    clean(&if names_maker { model.clone() } else { format!("{make} {model}") })
}
