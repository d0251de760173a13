//! Detection: a picture -> rectangles around its lines of text.
//!
//! The picture is first searched at half of the full scale, at which its shorter side has at
//! most [`MAX_SHORT_SIDE`] pixels. If lines are low there, it is searched again at the scale at
//! which they are high enough. Large text is so found in a quarter of the time.
//!
//! The network sees tiles that overlap, so that memory does not grow with the picture. The
//! tiles' maps become one map again, in which lines are whole.

use super::components::ProbabilityMap;
use super::geometry::Rectangle;
use super::network::{Network, corrupt};
use super::picture::Pixels;
use super::regions::regions;
use crate::error::Result;
use crate::read::ReadWatch;

/// Enough for the letters of a page of A4, and for those of a screen.
const MAX_SHORT_SIDE: f64 = 960.0;
/// The largest map: a very long picture is scaled down further.
const MAX_MAP_PIXELS: f64 = 12_000_000.0;
/// The scale of the first search, as a share of the full one.
const FIRST_SCALE: f64 = 0.5;
/// Lines that are lower than this, in pixels of the map, are searched again at a larger scale.
const LEGIBLE_HEIGHT: f64 = 17.0;
/// Of all lines, this share may be lower: specks that look like text.
const LOW_SHARE: f64 = 0.1;
/// The network halves its input five times.
const SIDE_MULTIPLE: usize = 32;
/// The longest side of a tile.
const TILE: usize = 1_440;
/// What neighbouring tiles share. Half of it is context that the network sees on each side.
const OVERLAP: usize = 96;
/// Mean and deviation of the planes that the network was trained with.
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];

/// The rectangles around the lines of a picture, in its pixels, in no stated order.
pub(super) fn detect(
    network: &Network,
    picture: &Pixels<'_>,
    watch: &dyn ReadWatch,
) -> Result<Vec<Rectangle>> {
    let full = full_scale(picture.width, picture.height);
    let first = full * FIRST_SCALE;
    let found = detect_at(network, picture, first, watch)?;
    match scale_again(&found, first, full) {
        Some(scale) => detect_at(network, picture, scale, watch),
        None => Ok(found),
    }
}

fn detect_at(
    network: &Network,
    picture: &Pixels<'_>,
    scale: f64,
    watch: &dyn ReadWatch,
) -> Result<Vec<Rectangle>> {
    let side = |side: usize| ((side as f64 * scale).round() as usize).max(1);
    let (width, height) = (side(picture.width), side(picture.height));
    let map = probability_map(network, &picture.scaled(width, height), watch)?;
    let (x, y) = (picture.width as f32 / width as f32, picture.height as f32 / height as f32);
    Ok(regions(&map).into_iter().map(|region| region.scaled(x, y)).collect())
}

/// The largest scale at which a picture is searched.
fn full_scale(width: usize, height: usize) -> f64 {
    let short = width.min(height) as f64;
    let pixels = width as f64 * height as f64;
    (MAX_SHORT_SIDE / short).min((MAX_MAP_PIXELS / pixels).sqrt()).min(1.0)
}

/// The scale at which a picture is searched again: at which its low lines have
/// [`LEGIBLE_HEIGHT`], or the full one. None if they have it already.
fn scale_again(found: &[Rectangle], first: f64, full: f64) -> Option<f64> {
    let mut heights: Vec<f32> = found.iter().map(|line| line.width.min(line.height)).collect();
    heights.sort_by(f32::total_cmp);
    let Some(&low) = heights.get((heights.len() as f64 * LOW_SHARE) as usize) else {
        return Some(full);
    };
    let needed = LEGIBLE_HEIGHT / f64::from(low).max(1.0);
    (needed > first).then_some(needed.min(full))
}

fn probability_map(
    network: &Network,
    picture: &Pixels<'_>,
    watch: &dyn ReadWatch,
) -> Result<ProbabilityMap> {
    let (width, height) = (picture.width, picture.height);
    let mut map = ProbabilityMap { width, values: vec![0.0; width * height] };
    let (columns, rows) = (tiles(width), tiles(height));
    let total = (columns.len() * rows.len()) as u64;
    let pairs = rows.iter().flat_map(|row| columns.iter().map(move |column| (*row, *column)));
    for (done, (row, column)) in pairs.enumerate() {
        watch.step(done as u64, total, "pages")?;
        run_tile(network, picture, row, column, &mut map)?;
    }
    Ok(map)
}

/// A range of pixels that the network sees, and the part of it whose result is kept.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Tile {
    start: usize,
    end: usize,
    keep_start: usize,
    keep_end: usize,
}

/// Cuts a side into tiles of equal length.
fn tiles(side: usize) -> Vec<Tile> {
    let count = side.saturating_sub(OVERLAP).div_ceil(TILE - OVERLAP).max(1);
    let cut = |at: usize| at * side / count;
    let tile = |at: usize| {
        let (keep_start, keep_end) = (cut(at), cut(at + 1));
        let start = keep_start.saturating_sub(OVERLAP / 2);
        Tile { start, end: (keep_end + OVERLAP / 2).min(side), keep_start, keep_end }
    };
    (0..count).map(tile).collect()
}

fn run_tile(
    network: &Network,
    picture: &Pixels<'_>,
    row: Tile,
    column: Tile,
    map: &mut ProbabilityMap,
) -> Result<()> {
    let (input, [height, width]) = tile_input(picture, row, column);
    let output = network.run([1, 3, height, width], &input)?;
    if output.shape != [1, 1, height, width] {
        return Err(corrupt(format!("a map was expected, and {:?} came", output.shape)));
    }
    for y in row.keep_start..row.keep_end {
        let from = (y - row.start) * width + column.keep_start - column.start;
        let length = column.keep_end - column.keep_start;
        map.values[y * map.width + column.keep_start..][..length]
            .copy_from_slice(&output.values[from..from + length]);
    }
    Ok(())
}

/// The pixels of a tile as three planes, blue first, each value less the mean and divided by
/// the deviation. The sides are filled up with the mean.
fn tile_input(picture: &Pixels<'_>, row: Tile, column: Tile) -> (Vec<f32>, [usize; 2]) {
    let height = (row.end - row.start).next_multiple_of(SIDE_MULTIPLE);
    let width = (column.end - column.start).next_multiple_of(SIDE_MULTIPLE);
    let mut input = vec![0.0; 3 * height * width];
    for (plane, values) in input.chunks_exact_mut(height * width).enumerate() {
        let (mean, deviation) = (MEAN[plane] * 255.0, DEVIATION[plane] * 255.0);
        for (y, line) in (row.start..row.end).zip(values.chunks_exact_mut(width)) {
            let pixels = picture.row(y)[column.start * 3..column.end * 3].chunks_exact(3);
            for (value, pixel) in line.iter_mut().zip(pixels) {
                *value = (f32::from(pixel[2 - plane]) - mean) / deviation;
            }
        }
    }
    (input, [height, width])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(height: f32) -> Rectangle {
        Rectangle { centre: [0.0, 0.0], along: [1.0, 0.0], width: 300.0, height }
    }

    #[test]
    fn a_screen_is_searched_in_its_own_size_and_a_page_with_a_short_side_of_960() {
        assert_eq!(full_scale(1000, 700), 1.0);
        assert_eq!((full_scale(2480, 3508) * 2480.0).round(), 960.0);
    }

    #[test]
    fn extreme_pictures_have_a_bounded_map() {
        assert_eq!(full_scale(1, 1), 1.0);
        assert_eq!(full_scale(40_000, 20), 1.0);
        let scale = full_scale(100_000_000, 1);
        assert!(scale * scale * 100_000_000.0 <= MAX_MAP_PIXELS * 1.001, "{scale}");
    }

    #[test]
    fn high_lines_are_not_searched_again_and_low_ones_at_the_scale_that_they_need() {
        assert_eq!(scale_again(&[line(40.0), line(50.0)], 0.5, 1.0), None);
        assert_eq!(scale_again(&[line(20.0), line(50.0)], 0.5, 1.0), Some(0.85));
        assert_eq!(scale_again(&[line(10.0), line(50.0)], 0.5, 1.0), Some(1.0));
    }

    #[test]
    fn a_picture_in_which_nothing_was_found_is_searched_at_the_full_scale() {
        assert_eq!(scale_again(&[], 0.5, 1.0), Some(1.0));
    }

    #[test]
    fn one_speck_among_many_lines_asks_for_no_second_search() {
        let mut lines = vec![line(40.0); 20];
        lines.push(line(8.0));
        assert_eq!(scale_again(&lines, 0.5, 1.0), None);
    }

    #[test]
    fn tiles_keep_every_pixel_once_and_see_beyond_it() {
        for side in [1, 31, 1_439, 1_440, 1_441, 5_000, 40_000] {
            let tiles = tiles(side);
            let mut next = 0;
            for tile in &tiles {
                assert_eq!(tile.keep_start, next, "{side}");
                assert!(tile.end - tile.start <= TILE, "{side}: {tile:?}");
                assert!(tile.start <= tile.keep_start && tile.keep_end <= tile.end);
                next = tile.keep_end;
            }
            assert_eq!(next, side);
        }
    }

    #[test]
    fn a_tile_is_three_planes_with_blue_first_and_padded_to_32() {
        let bytes = [255, 0, 0].repeat(4);
        let rgb = crate::read::Rgb { width: 2, height: 2, pixels: &bytes };
        let picture = rgb.checked().expect("sizes fit");
        let tile = tiles(2)[0];
        let (input, size) = tile_input(&picture, tile, tile);
        assert_eq!(size, [32, 32]);
        assert!((input[0] + MEAN[0] / DEVIATION[0]).abs() < 1e-5);
        let red = input[2 * 32 * 32 + 1];
        assert!((red - (1.0 - MEAN[2]) / DEVIATION[2]).abs() < 1e-5);
        assert_eq!(input[2], 0.0);
    }
}
