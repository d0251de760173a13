//! What a picture says about itself: EXIF, XMP, IPTC, and the text chunks of PNG.

mod exif_fields;
mod iptc;
mod png;
mod text;
mod xmp;

use std::borrow::Cow;

use super::PictureFormat;
use super::decode::jpeg_segments;
use super::riff;

/// What a picture says about itself. What it does not say is none. Each text has at most 4 kB and
/// no control characters.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct PictureDetails {
    /// Its title: of XMP, IPTC, EXIF (`XPTitle`) or PNG.
    pub(crate) title: Option<String>,
    /// Its description or caption: of XMP, IPTC, EXIF or PNG. What cameras write into each photo
    /// is left out.
    pub(crate) description: Option<String>,
    /// When it was taken: a date of ISO 8601, with the offset from UTC where the camera tells it.
    pub(crate) taken: Option<String>,
    /// Where it was taken: degrees north and degrees east, of WGS 84.
    pub(crate) place: Option<(f64, f64)>,
    /// Maker and model of the camera or the scanner.
    pub(crate) camera: Option<String>,
}

/// The pieces of a file that hold details.
#[derive(Default)]
struct Pieces<'a> {
    /// A packet of XMP.
    xmp: Option<Cow<'a, [u8]>>,
    /// Image resources of Photoshop, with IPTC in them.
    resources: Option<&'a [u8]>,
    /// Title and description of PNG.
    chunks: PictureDetails,
}

impl PictureDetails {
    /// Reads the details of a file, of HEIC and AVIF too. What is damaged is left out. It takes
    /// time and memory in proportion to the details, not to the pixels.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let Some(format) = PictureFormat::of(bytes) else { return Self::default() };
        let exif = exif_fields::read(bytes);
        let pieces = match format {
            PictureFormat::Jpeg => of_jpeg(bytes),
            PictureFormat::Png => png::pieces(bytes),
            PictureFormat::WebP => Pieces { xmp: xmp_of_webp(bytes), ..Pieces::default() },
            _ => Pieces::default(),
        };
        let xmp = pieces.xmp.as_deref().or(exif.xmp.as_deref()).map(xmp::read);
        let iptc = pieces.resources.map(iptc::read);
        let sources =
            [xmp.unwrap_or_default(), iptc.unwrap_or_default(), exif.details, pieces.chunks];
        sources.into_iter().fold(Self::default(), Self::or).without_repetition()
    }

    /// These details, and those of `other` where there are none.
    fn or(self, other: Self) -> Self {
        Self {
            title: self.title.or(other.title),
            description: self.description.or(other.description),
            taken: self.taken.or(other.taken),
            place: self.place.or(other.place),
            camera: self.camera.or(other.camera),
        }
    }

    /// Windows writes the title into the description too.
    fn without_repetition(mut self) -> Self {
        if self.title == self.description {
            self.description = None;
        }
        self
    }
}

fn of_jpeg(bytes: &[u8]) -> Pieces<'_> {
    /// Segments of applications: XMP is in the first, Photoshop's resources in the thirteenth.
    const APP1: u8 = 0xe1;
    const APP13: u8 = 0xed;
    let mut pieces = Pieces::default();
    for segment in jpeg_segments(bytes) {
        let after = |begin: &[u8]| segment.content.strip_prefix(begin);
        match segment.marker {
            APP1 if pieces.xmp.is_none() => {
                pieces.xmp = after(b"http://ns.adobe.com/xap/1.0/\0").map(Into::into);
            }
            APP13 if pieces.resources.is_none() => {
                pieces.resources = after(b"Photoshop 3.0\0");
            }
            _ => {}
        }
    }
    pieces
}

fn xmp_of_webp(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    let mut chunks = riff::chunks(riff::body(bytes));
    chunks.find(|(name, _)| *name == b"XMP ")?.1.map(Cow::Borrowed)
}
