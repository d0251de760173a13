//! Cuts a line of text out of a picture, upright and 48 pixels high, as the recognition model
//! takes it.

use std::cell::OnceCell;

use super::geometry::{Point, distance};
use super::picture::Pixels;

/// The height of a line for the recognition model.
pub(super) const LINE_HEIGHT: usize = 48;
/// Narrower lines are widened, so that one letter is seen whole.
const MIN_LINE_WIDTH: usize = 16;
/// Longer lines are squeezed; a line of 500 letters is about as long.
const MAX_LINE_WIDTH: usize = 12_000;

/// A picture and copies of it of half the size, a quarter and so on, each made when it is first
/// needed.
#[derive(Debug)]
pub(super) struct Pyramid<'a> {
    full: &'a Pixels<'a>,
    smaller: [OnceCell<Pixels<'static>>; 5],
}

impl<'a> Pyramid<'a> {
    pub(super) fn new(full: &'a Pixels<'a>) -> Self {
        Self { full, smaller: Default::default() }
    }

    /// The smallest copy in which a step of `step` pixels of the picture is still one pixel, and
    /// how many times smaller it is. Every pixel then counts when a line is sampled.
    fn level(&self, step: f32) -> (&Pixels<'_>, f32) {
        let (mut level, mut scale) = (self.full, 1.0);
        for smaller in &self.smaller {
            if step < scale * 2.0 || level.width < 2 || level.height < 2 {
                break;
            }
            level = smaller
                .get_or_init(|| level.scaled(level.width.div_ceil(2), level.height.div_ceil(2)));
            scale *= 2.0;
        }
        (level, scale)
    }
}

/// A line of text: [`LINE_HEIGHT`] rows of `width` pixels in three planes, blue first, from
/// -1 (dark) to 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Crop {
    pub(super) width: usize,
    pub(super) values: Vec<f32>,
}

/// Cuts out `quad`, whose corners go clockwise from the top left of the text.
pub(super) fn crop(pyramid: &Pyramid<'_>, quad: &[Point; 4]) -> Crop {
    let [top_left, top_right, _, bottom_left] = *quad;
    let (length, height) = (distance(top_left, top_right), distance(top_left, bottom_left));
    let width = (LINE_HEIGHT as f32 * length / height.max(1.0)).round() as usize;
    let width = width.clamp(MIN_LINE_WIDTH, MAX_LINE_WIDTH);
    let (pixels, scale) = pyramid.level(height / LINE_HEIGHT as f32);
    let along = step(top_left, top_right, width, scale);
    let down = step(top_left, bottom_left, LINE_HEIGHT, scale);
    let origin = [top_left[0] / scale, top_left[1] / scale];
    let mut values = vec![0.0; 3 * LINE_HEIGHT * width];
    for y in 0..LINE_HEIGHT {
        for x in 0..width {
            let (a, b) = (x as f32 + 0.5, y as f32 + 0.5);
            let point =
                [origin[0] + a * along[0] + b * down[0], origin[1] + a * along[1] + b * down[1]];
            for (plane, value) in sample(pixels, point).into_iter().rev().enumerate() {
                values[(plane * LINE_HEIGHT + y) * width + x] = value / 127.5 - 1.0;
            }
        }
    }
    Crop { width, values }
}

fn step(from: Point, to: Point, steps: usize, scale: f32) -> Point {
    let parts = steps as f32 * scale;
    [(to[0] - from[0]) / parts, (to[1] - from[1]) / parts]
}

/// The colour at a point, from the four pixels around it.
fn sample(pixels: &Pixels<'_>, [x, y]: Point) -> [f32; 3] {
    let (x, y) = (x - 0.5, y - 0.5);
    let (left, top) = (x.floor(), y.floor());
    let (right_share, lower_share) = (x - left, y - top);
    let (left, top) = (left as isize, top as isize);
    let mix = |a: [u8; 3], b: [u8; 3]| {
        let at = |plane: usize| {
            f32::from(a[plane]) * (1.0 - right_share) + f32::from(b[plane]) * right_share
        };
        [at(0), at(1), at(2)]
    };
    let above = mix(pixels.at(left, top), pixels.at(left + 1, top));
    let below = mix(pixels.at(left, top + 1), pixels.at(left + 1, top + 1));
    let at = |plane: usize| above[plane] * (1.0 - lower_share) + below[plane] * lower_share;
    [at(0), at(1), at(2)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::Rgb;

    /// A picture whose red is x and whose green is y.
    fn ramp(width: usize, height: usize) -> Vec<u8> {
        let pixel = |at: usize| [(at % width) as u8, (at / width) as u8, 7];
        (0..width * height).flat_map(pixel).collect()
    }

    fn crop_of(bytes: &[u8], width: u32, height: u32, quad: [Point; 4]) -> Crop {
        let rgb = Rgb { width, height, pixels: bytes };
        crop(&Pyramid::new(&rgb.checked().expect("sizes fit")), &quad)
    }

    /// Red and green of a crop's pixel, as bytes.
    fn red_green(crop: &Crop, x: usize, y: usize) -> [f32; 2] {
        [2, 1].map(|plane| (crop.values[(plane * LINE_HEIGHT + y) * crop.width + x] + 1.0) * 127.5)
    }

    fn near(a: [f32; 2], b: [f32; 2]) -> bool {
        distance(a, b) < 0.6
    }

    #[test]
    fn an_upright_line_of_48_pixels_is_copied() {
        let quad = [[10.0, 20.0], [110.0, 20.0], [110.0, 68.0], [10.0, 68.0]];
        let crop = crop_of(&ramp(200, 100), 200, 100, quad);
        assert_eq!(crop.width, 100);
        assert!(near(red_green(&crop, 0, 0), [10.0, 20.0]));
        assert!(near(red_green(&crop, 99, 47), [109.0, 67.0]));
    }

    #[test]
    fn a_line_that_stands_on_its_end_is_laid_down() {
        let quad = [[10.0, 90.0], [10.0, 10.0], [58.0, 10.0], [58.0, 90.0]];
        let crop = crop_of(&ramp(200, 100), 200, 100, quad);
        assert_eq!(crop.width, 80);
        assert!(near(red_green(&crop, 0, 0), [10.0, 89.0]));
        assert!(near(red_green(&crop, 79, 47), [57.0, 10.0]));
    }

    #[test]
    fn a_high_line_is_averaged_from_a_smaller_copy() {
        let stripes: Vec<u8> = (0..400 * 400).flat_map(|at| [[0, 255][at % 2]; 3]).collect();
        let quad = [[0.0, 0.0], [400.0, 0.0], [400.0, 400.0], [0.0, 400.0]];
        let crop = crop_of(&stripes, 400, 400, quad);
        assert_eq!(crop.width, 48);
        assert!(crop.values.iter().all(|value| value.abs() < 0.3));
    }

    #[test]
    fn a_quad_outside_of_the_picture_or_without_area_gives_a_line() {
        let quad = [[-50.0, -50.0], [-40.0, -50.0], [-40.0, 300.0], [-50.0, 300.0]];
        assert_eq!(crop_of(&ramp(20, 20), 20, 20, quad).width, MIN_LINE_WIDTH);
        assert_eq!(crop_of(&ramp(20, 20), 20, 20, [[5.0, 5.0]; 4]).width, MIN_LINE_WIDTH);
    }
}
