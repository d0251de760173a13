//! Reads the regions of a page, whichever way up the page lies.

use super::characters::Characters;
use super::crop::{Pyramid, crop};
use super::geometry::{Point, Rectangle};
use super::network::Network;
use super::recognize::{Reading, recognize};
use crate::error::Result;
use crate::read::ReadWatch;

/// A region whose sides differ by this factor lies, or stands.
const ELONGATED: f32 = 1.5;
/// Lines that show which way up a page is.
const SAMPLE: usize = 3;
/// Lines of about these shapes are the best sample: long enough to tell, and quick to read.
const SAMPLE_ELONGATION: std::ops::Range<f32> = 3.0..16.0;
/// A page whose sample is read this surely is the right way up.
const SURE: f32 = 0.85;

/// What is needed to read one region of a picture.
pub(super) struct RegionReader<'a> {
    pub(super) network: &'a Network,
    pub(super) characters: &'a Characters,
    pub(super) pyramid: Pyramid<'a>,
}

/// How often text is turned clockwise by 90 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quarters(u8);

impl Quarters {
    /// Text that is not turned.
    #[cfg(test)]
    pub(super) const UPRIGHT: Self = Self(0);

    fn plus(self, more: u8) -> Self {
        Self((self.0 + more) % 4)
    }

    /// The corners of a region, clockwise from the top left of its text.
    pub(super) fn quad(self, region: &Rectangle) -> [Point; 4] {
        let mut corners = region.corners();
        corners.rotate_left(usize::from(self.0));
        corners
    }

    /// A direction, turned so.
    pub(super) fn turned(self, [x, y]: Point) -> Point {
        match self.0 {
            0 => [x, y],
            1 => [-y, x],
            2 => [-x, -y],
            _ => [y, -x],
        }
    }

    /// Whether a region's longer side is across the lines of a page that is turned so.
    fn is_across(self, region: &Rectangle) -> bool {
        let (length, height) = match self.0 % 2 {
            0 => (region.width, region.height),
            _ => (region.height, region.width),
        };
        height > length * ELONGATED
    }
}

/// The text of a region.
#[derive(Debug, Clone)]
pub(super) struct RegionText {
    pub(super) reading: Reading,
    pub(super) quarters: Quarters,
}

impl RegionReader<'_> {
    /// Reads all regions, with a step of `watch` after each. The first result is how the page
    /// is turned.
    pub(super) fn read_all(
        &self,
        regions: &[Rectangle],
        watch: &dyn ReadWatch,
    ) -> Result<(Quarters, Vec<RegionText>)> {
        watch.step(0, regions.len() as u64, "lines")?;
        let (page, sample) = self.turn_of_page(regions)?;
        let mut texts = Vec::with_capacity(regions.len());
        for (at, region) in regions.iter().enumerate() {
            watch.step(at as u64, regions.len() as u64, "lines")?;
            let known = sample.iter().find(|(index, _)| *index == at);
            texts.push(match known {
                Some((_, reading)) => RegionText { reading: reading.clone(), quarters: page },
                None => self.read_on_page(region, page)?,
            });
        }
        Ok((page, texts))
    }

    fn read(&self, region: &Rectangle, quarters: Quarters) -> Result<Reading> {
        let line = crop(&self.pyramid, &quarters.quad(region));
        recognize(self.network, self.characters, &line)
    }

    /// Reads a region as the page is turned. One that is across its lines may be a line of its
    /// own direction, such as the title of an axis: what is read most surely counts.
    fn read_on_page(&self, region: &Rectangle, page: Quarters) -> Result<RegionText> {
        let turns: &[u8] = if page.is_across(region) { &[0, 3, 1] } else { &[0] };
        let mut best: Option<RegionText> = None;
        for quarters in turns.iter().map(|&more| page.plus(more)) {
            let text = RegionText { reading: self.read(region, quarters)?, quarters };
            if best.as_ref().is_none_or(|best| weight(&text.reading) > weight(&best.reading)) {
                best = Some(text);
            }
        }
        Ok(best.unwrap_or(RegionText { reading: Reading::default(), quarters: page }))
    }

    /// How the page is turned, and the readings of its sample.
    fn turn_of_page(&self, regions: &[Rectangle]) -> Result<(Quarters, Vec<(usize, Reading)>)> {
        let [first, second] = likely_turns(regions);
        let sample = sample(regions);
        let upright = self.read_sample(regions, &sample, first)?;
        if sample.is_empty() || mean_confidence(&upright) >= SURE {
            return Ok((first, upright));
        }
        let turned = self.read_sample(regions, &sample, second)?;
        if mean_confidence(&turned) > mean_confidence(&upright) {
            Ok((second, turned))
        } else {
            Ok((first, upright))
        }
    }

    fn read_sample(
        &self,
        regions: &[Rectangle],
        sample: &[usize],
        quarters: Quarters,
    ) -> Result<Vec<(usize, Reading)>> {
        let read = |&at: &usize| Ok((at, self.read(&regions[at], quarters)?));
        sample.iter().filter(|&&at| !quarters.is_across(&regions[at])).map(read).collect()
    }
}

/// How much was read, and how surely.
fn weight(reading: &Reading) -> f32 {
    reading.confidence.powi(4) * (reading.text.chars().count() as f32).sqrt()
}

fn mean_confidence(readings: &[(usize, Reading)]) -> f32 {
    let sum: f32 = readings.iter().map(|(_, reading)| reading.confidence).sum();
    sum / readings.len().max(1) as f32
}

/// The two ways in which a page can be turned whose lines lie, or stand.
fn likely_turns(regions: &[Rectangle]) -> [Quarters; 2] {
    let area = |standing: bool| -> f32 {
        let kind = |r: &&Rectangle| {
            let ratio = r.width / r.height;
            if standing { ratio < 1.0 / ELONGATED } else { ratio > ELONGATED }
        };
        regions.iter().filter(kind).map(|region| region.width * region.height).sum()
    };
    if area(true) > area(false) { [Quarters(3), Quarters(1)] } else { [Quarters(0), Quarters(2)] }
}

/// The largest regions of a good shape; others, where there are too few.
fn sample(regions: &[Rectangle]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..regions.len()).collect();
    let rank = |at: usize| {
        let region = &regions[at];
        let elongation = (region.width / region.height).max(region.height / region.width);
        (!SAMPLE_ELONGATION.contains(&elongation), -region.width * region.height)
    };
    order.sort_by(|&a, &b| {
        let (a, b) = (rank(a), rank(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    order.truncate(SAMPLE);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(width: f32, height: f32) -> Rectangle {
        Rectangle { centre: [100.0, 100.0], along: [1.0, 0.0], width, height }
    }

    #[test]
    fn a_page_of_standing_lines_is_turned_by_one_or_three_quarters() {
        let standing = [region(10.0, 200.0), region(12.0, 150.0), region(50.0, 20.0)];
        assert_eq!(likely_turns(&standing), [Quarters(3), Quarters(1)]);
        assert_eq!(likely_turns(&[]), [Quarters(0), Quarters(2)]);
    }

    #[test]
    fn the_sample_prefers_large_lines_that_are_not_too_long() {
        let regions =
            [region(900.0, 20.0), region(100.0, 20.0), region(20.0, 20.0), region(200.0, 20.0)];
        assert_eq!(sample(&regions), [3, 1, 0]);
    }

    #[test]
    fn the_quad_of_text_that_is_turned_begins_at_the_top_left_of_the_text() {
        let region = region(40.0, 200.0);
        assert_eq!(Quarters(0).quad(&region)[0], [80.0, 0.0]);
        assert_eq!(Quarters(1).quad(&region)[0], [120.0, 0.0]);
        assert_eq!(Quarters(2).quad(&region)[0], [120.0, 200.0]);
        assert_eq!(Quarters(3).quad(&region)[0], [80.0, 200.0]);
        for quarters in (0..4).map(Quarters) {
            let [from, to, ..] = quarters.quad(&region);
            let [x, y] = quarters.turned([1.0, 0.0]);
            assert!((to[0] - from[0]) * x + (to[1] - from[1]) * y > 0.0, "{quarters:?}");
        }
    }
}
