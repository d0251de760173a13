//! IPTC captions (IIM 4.2) within the image resources of Photoshop.

use super::PictureDetails;
use super::text::of_bytes;

/// The resource of IPTC.
const IPTC: [u8; 2] = [0x04, 0x04];
/// The record of captions, and its data sets.
const APPLICATION_RECORD: u8 = 2;
const OBJECT_NAME: u8 = 5;
const HEADLINE: u8 = 105;
const CAPTION: u8 = 120;

/// Title and description within `resources`.
pub(super) fn read(resources: &[u8]) -> PictureDetails {
    let mut details = PictureDetails::default();
    let mut headline = None;
    let mut rest = iptc_resource(resources).unwrap_or_default();
    while let Some((number, content, behind)) = data_set(rest) {
        rest = behind;
        let kept = match number {
            OBJECT_NAME => &mut details.title,
            HEADLINE => &mut headline,
            CAPTION => &mut details.description,
            _ => continue,
        };
        if kept.is_none() {
            *kept = of_bytes(content);
        }
    }
    details.title = details.title.or(headline);
    details
}

/// The content of the resource of IPTC: "8BIM", a number, a name, a length, the content. Name and
/// content are padded to an even length.
fn iptc_resource(mut resources: &[u8]) -> Option<&[u8]> {
    loop {
        let (number, rest) = resources.strip_prefix(b"8BIM")?.split_first_chunk::<2>()?;
        let name = usize::from(*rest.first()?) + 1;
        let (length, rest) = rest.get(name.next_multiple_of(2)..)?.split_first_chunk::<4>()?;
        let length = u32::from_be_bytes(*length) as usize;
        if *number == IPTC {
            return Some(rest.get(..length).unwrap_or(rest));
        }
        resources = rest.get(length.checked_next_multiple_of(2)?..)?;
    }
}

/// The number and the content of the next data set, and what is behind it. The number is 0 in
/// other records.
fn data_set(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[0x1c, record, number, high, low], rest) = bytes.split_first_chunk()? else {
        return None;
    };
    // A length of more than 15 bits says how long the length is: for whole pictures.
    let length = u16::from_be_bytes([high, low]);
    let (content, behind) = rest.split_at_checked(usize::from(length))?;
    Some((if record == APPLICATION_RECORD { number } else { 0 }, content, behind))
}
