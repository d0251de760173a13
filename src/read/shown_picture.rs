//! Pictures that a page shows: in the address itself, `data:image/png;base64,iVBOR…` (RFC 2397), or in a
//! file beside the page.

/// Endings of files of pictures.
pub(crate) const ENDINGS: [&str; 16] = [
    "png", "apng", "jpg", "jpeg", "jpe", "jfif", "webp", "gif", "bmp", "dib", "tif", "tiff",
    "avif", "heic", "heif", "hif",
];
/// A longer path is no path.
const MAX_PATH_BYTES: usize = 1000;

/// A picture that a page shows.
pub(super) enum ShownPicture {
    /// An image file in the page itself.
    File(Vec<u8>),
    /// The path of an image file.
    Link(String),
}

/// The picture at an address of a page; none for an address elsewhere in the network, and for one of
/// no picture.
pub(super) fn shown_picture(address: &str) -> Option<ShownPicture> {
    let embedded = embedded_image(address).map(ShownPicture::File);
    embedded.or_else(|| linked_file(address).map(ShownPicture::Link))
}

/// The path of an image file, which is given from the folder of the page or from its root.
fn linked_file(address: &str) -> Option<String> {
    let path = address.trim().split(['?', '#']).next()?;
    let scheme = path.split(['/', '\\']).next()?;
    let is_elsewhere = path.starts_with("//") || scheme.contains(':');
    if is_elsewhere || path.len() > MAX_PATH_BYTES {
        return None;
    }
    let path = percent_decoded(path).replace('\\', "/");
    let (_, ending) = path.rsplit_once('.')?;
    ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)).then_some(path)
}

/// The text with the bytes that `%20` and the like stand for; as it is where they are no text.
fn percent_decoded(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| byte == b'%').and_then(|two| hex::decode(two).ok());
        decoded.push(code.as_ref().map_or(byte, |code| code[0]));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_owned())
}

/// The image that a data URL holds, in base64; none for any other address.
fn embedded_image(address: &str) -> Option<Vec<u8>> {
    let address = address.trim_start();
    let is_data = address.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("data:image/"));
    let (kind, data) = address.split_once(',').filter(|_| is_data)?;
    if !kind.trim_end().to_ascii_lowercase().ends_with(";base64") {
        return None;
    }
    let data: Vec<u8> = data.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let end = data.iter().rposition(|&byte| byte != b'=').map_or(0, |last| last + 1);
    base64::decode_config(&data[..end], base64::STANDARD_NO_PAD).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn files_beside_the_page_are_linked_and_addresses_elsewhere_are_not() {
        for (address, expected) in [
            ("pump.png", "pump.png"),
            ("../images/The%20pump.JPG?size=2#top", "../images/The pump.JPG"),
            ("/a/caf%C3%A9.webp", "/a/café.webp"),
            ("images\\pump.gif", "images/pump.gif"),
            ("50%.png", "50%.png"),
            ("a%ff.png", "a%ff.png"),
        ] {
            assert_eq!(linked_file(address).as_deref(), Some(expected), "{address}");
        }
        for address in [
            "https://example.org/pump.png",
            "//example.org/pump.png",
            "data:image/png;base64,R0lG.png",
            "C:\\images\\pump.png",
            "manual.pdf",
            "drawing.svg",
            "png",
            "",
        ] {
            assert_eq!(linked_file(address), None, "{address}");
        }
    }

    #[test]
    fn images_are_decoded_and_other_addresses_are_none() {
        assert_eq!(embedded_image("data:image/png;base64,R0 lG\nOA=="), Some(b"GIF8".to_vec()));
        assert_eq!(embedded_image("DATA:image/gif;name=a;BASE64,R0lGOA"), Some(b"GIF8".to_vec()));
        for address in [
            "data:text/plain;base64,R0lGOA==",
            "data:image/svg+xml,<svg/>",
            "data:image/png;base64,R0lG*OA==",
            "https://example.org/data:image/png;base64,R0lGOA==",
            "",
            "données",
        ] {
            assert_eq!(embedded_image(address), None, "{address}");
        }
    }
}
