//! Files in addresses: `data:image/png;base64,iVBOR…` (RFC 2397).

/// The image that a data URL holds, in base64; none for any other address.
pub(super) fn embedded_image(address: &str) -> Option<Vec<u8>> {
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
