//! What tells a rule or an icon, which are not worth a search.

/// Pixels of the shorter side below which a picture is an icon or a rule.
const ICON_SIDE: u32 = 32;
/// The longer side over the shorter one above which a picture is a rule. Banners have up to 15.
const RULE_RATIO: u32 = 20;
/// How far the values of one colour are apart. Compression changes flat colours by up to 6.
const ONE_COLOUR_RANGE: u8 = 8;

/// Whether a picture of this size is a rule between paragraphs or an icon, and not worth a search:
/// a side below 32 pixels, or one that is 20 times the other.
pub(crate) fn is_rule_or_icon(width: u32, height: u32) -> bool {
    let (shorter, longer) = (width.min(height), width.max(height));
    shorter < ICON_SIDE || longer / RULE_RATIO >= shorter
}

/// Whether all pixels of `rgb` have nearly the same colour.
pub(super) fn is_one_colour(rgb: &[u8]) -> bool {
    let (pixels, _) = rgb.as_chunks::<3>();
    let (mut least, mut most) = ([u8::MAX; 3], [u8::MIN; 3]);
    pixels.iter().all(|pixel| {
        for ((least, most), &value) in least.iter_mut().zip(&mut most).zip(pixel) {
            (*least, *most) = (value.min(*least), value.max(*most));
        }
        least.iter().zip(&most).all(|(least, most)| most - least <= ONE_COLOUR_RANGE)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::picture::tests::make;

    #[test]
    fn rules_and_icons_are_told_by_their_size() {
        for (width, height) in [(600, 2), (3, 800), (16, 16), (31, 200), (2000, 90), (0, 0)] {
            assert!(is_rule_or_icon(width, height), "{width} x {height}");
        }
        for (width, height) in [(32, 32), (1200, 100), (640, 480)] {
            assert!(!is_rule_or_icon(width, height), "{width} x {height}");
        }
    }

    #[test]
    fn one_colour_is_told_through_the_noise_of_compression() {
        assert!(is_one_colour(&[200, 100, 50, 203, 97, 53, 198, 99, 50]));
        assert!(!is_one_colour(&[200, 100, 50, 209, 100, 50]));
        assert!(!make::gradient(100, 100).is_one_colour());
    }
}
