//! Pixels of any colour type -> 8 bits of red, green and blue, over white.

use image::ColorType;

/// Three bytes for each pixel of `pixels`, which are of `color` in the byte order of the machine.
/// None for a colour type of no decoder here. In place where a pixel has three bytes or more.
pub(super) fn rgb8(pixels: Vec<u8>, color: ColorType) -> Option<Vec<u8>> {
    Some(match color {
        ColorType::Rgb8 => pixels,
        ColorType::L8 => wider(&pixels, |&[luma]: &[u8; 1]| [luma; 3]),
        ColorType::La8 => wider(&pixels, |&[luma, alpha]| over_white([luma; 3], alpha)),
        ColorType::Rgba8 => narrower(pixels, |&[r, g, b, alpha]| over_white([r, g, b], alpha)),
        ColorType::L16 => wider(&pixels, |luma: &[u8; 2]| [of_16(luma, 0); 3]),
        ColorType::La16 => {
            narrower(pixels, |la: &[u8; 4]| over_white([of_16(la, 0); 3], of_16(la, 1)))
        }
        ColorType::Rgb16 => {
            narrower(pixels, |rgb: &[u8; 6]| [of_16(rgb, 0), of_16(rgb, 1), of_16(rgb, 2)])
        }
        ColorType::Rgba16 => narrower(pixels, |rgba: &[u8; 8]| {
            over_white([of_16(rgba, 0), of_16(rgba, 1), of_16(rgba, 2)], of_16(rgba, 3))
        }),
        ColorType::Rgb32F => {
            narrower(pixels, |rgb: &[u8; 12]| [of_f32(rgb, 0), of_f32(rgb, 1), of_f32(rgb, 2)])
        }
        ColorType::Rgba32F => narrower(pixels, |rgba: &[u8; 16]| {
            over_white([of_f32(rgba, 0), of_f32(rgba, 1), of_f32(rgba, 2)], of_f32(rgba, 3))
        }),
        _ => return None,
    })
}

/// The pixels of fewer than three bytes, in a new buffer.
fn wider<const N: usize>(pixels: &[u8], rgb: impl Fn(&[u8; N]) -> [u8; 3]) -> Vec<u8> {
    let (pixels, _) = pixels.as_chunks::<N>();
    let mut wide = vec![0; pixels.len() * 3];
    for (target, pixel) in wide.as_chunks_mut::<3>().0.iter_mut().zip(pixels) {
        *target = rgb(pixel);
    }
    wide
}

/// The pixels of more than three bytes, in the buffer that they are in.
fn narrower<const N: usize>(mut pixels: Vec<u8>, rgb: impl Fn(&[u8; N]) -> [u8; 3]) -> Vec<u8> {
    let count = pixels.len() / N;
    for index in 0..count {
        let mut pixel = [0; N];
        pixel.copy_from_slice(&pixels[index * N..][..N]);
        pixels[index * 3..][..3].copy_from_slice(&rgb(&pixel));
    }
    pixels.truncate(count * 3);
    pixels.shrink_to_fit();
    pixels
}

fn over_white(rgb: [u8; 3], alpha: u8) -> [u8; 3] {
    let alpha = u32::from(alpha);
    rgb.map(|value| ((u32::from(value) * alpha + 255 * (255 - alpha) + 127) / 255) as u8)
}

/// The sample at `index` of 16 bits, rounded to 8.
fn of_16(pixel: &[u8], index: usize) -> u8 {
    let value = u16::from_ne_bytes([pixel[index * 2], pixel[index * 2 + 1]]);
    ((u32::from(value) + 128) / 257) as u8
}

/// The sample at `index` of 32 bits, of which 1 is white, rounded to 8. NaN is black.
fn of_f32(pixel: &[u8], index: usize) -> u8 {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&pixel[index * 4..][..4]);
    (f32::from_ne_bytes(bytes) * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparency_shows_white() {
        let pixels = vec![10, 20, 30, 255, 10, 20, 30, 0, 0, 0, 0, 128];
        let rgb = rgb8(pixels, ColorType::Rgba8);
        assert_eq!(rgb, Some(vec![10, 20, 30, 255, 255, 255, 127, 127, 127]));
        assert_eq!(rgb8(vec![100, 0], ColorType::La8), Some(vec![255; 3]));
    }

    #[test]
    fn sixteen_bits_are_rounded_to_eight() {
        let samples: Vec<u8> =
            [0_u16, 128, 129, 257, 65_535, 65_406].iter().flat_map(|v| v.to_ne_bytes()).collect();
        assert_eq!(rgb8(samples, ColorType::Rgb16), Some(vec![0, 0, 1, 1, 255, 254]));
    }

    #[test]
    fn floats_are_clamped() {
        let samples = [f32::NAN, -3.0, 0.5, 1.0, 7.0, f32::INFINITY];
        let samples: Vec<u8> = samples.iter().flat_map(|v| v.to_ne_bytes()).collect();
        assert_eq!(rgb8(samples, ColorType::Rgb32F), Some(vec![0, 0, 128, 255, 255, 255]));
    }
}
