//! Where text is: the probability map of the detection model -> rectangles around its lines.
//!
//! The map marks a shrunk core of each line. A component of it is wrapped in the smallest
//! rectangle and grown again, as in "Real-time Scene Text Detection with Differentiable
//! Binarization" (DB), Liao et al. 2020, section 3.4.

use super::components::{Component, ProbabilityMap, components};
use super::geometry::{Rectangle, convex_hull, smallest_rectangle};

/// A pixel of the map belongs to text above this probability.
const PIXEL_THRESHOLD: f32 = 0.3;
/// A line has at least this mean probability.
const LINE_THRESHOLD: f32 = 0.5;
/// The margin of a core, as a share of its area divided by its perimeter.
const UNCLIP_RATIO: f32 = 1.6;
/// Lower cores are specks.
const MIN_SIDE: f32 = 2.0;
/// A picture of text has fewer lines. Of more, the largest are taken.
const MAX_REGIONS: usize = 2_000;

/// The rectangles around the lines of text in a map, in pixels of the map.
pub(super) fn regions(map: &ProbabilityMap) -> Vec<Rectangle> {
    let min_area = (MIN_SIDE * MIN_SIDE) as usize;
    let mut found = components(map, PIXEL_THRESHOLD, min_area);
    found.retain(|component| component.score >= LINE_THRESHOLD);
    keep_largest(&mut found);
    found.iter().filter_map(region).collect()
}

fn keep_largest(found: &mut Vec<Component>) {
    if found.len() > MAX_REGIONS {
        found.sort_by_key(|component| std::cmp::Reverse(component.area));
        found.truncate(MAX_REGIONS);
    }
}

fn region(component: &Component) -> Option<Rectangle> {
    let core = smallest_rectangle(&convex_hull(&component.outline))?;
    let (width, height) = (core.width, core.height);
    if width.min(height) < MIN_SIDE {
        return None;
    }
    Some(core.grown(width * height * UNCLIP_RATIO / (2.0 * (width + height))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map_with(block: impl Fn(usize, usize) -> f32) -> ProbabilityMap {
        let (width, height) = (200, 60);
        let values = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        ProbabilityMap { width, values: values.map(|(x, y)| block(x, y)).collect() }
    }

    #[test]
    fn a_core_grows_by_its_area_over_its_perimeter() {
        let inside = |x, y| (20..120).contains(&x) && (20..30).contains(&y);
        let found = regions(&map_with(|x, y| f32::from(u8::from(inside(x, y))) * 0.9));
        let margin = 100.0 * 10.0 * UNCLIP_RATIO / 220.0;
        assert_eq!(found.len(), 1);
        assert!((found[0].width - 100.0 - 2.0 * margin).abs() < 0.01, "{found:?}");
        assert!((found[0].height - 10.0 - 2.0 * margin).abs() < 0.01, "{found:?}");
        assert_eq!(found[0].centre, [70.0, 25.0]);
    }

    #[test]
    fn a_faint_block_is_no_text() {
        assert_eq!(regions(&map_with(|x, y| if x < 100 && y < 20 { 0.4 } else { 0.0 })), []);
    }

    #[test]
    fn of_thousands_of_specks_a_bounded_number_is_taken() {
        let (width, height) = (600, 600);
        let dot = |x: usize, y: usize| x % 5 < 3 && y % 5 < 3;
        let values = (0..width * height)
            .map(|at| if dot(at % width, at / width) { 1.0 } else { 0.0 })
            .collect();
        assert_eq!(regions(&ProbabilityMap { width, values }).len(), MAX_REGIONS);
    }
}
