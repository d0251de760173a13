//! Colours of pixels as numbers.

use super::config::Config;

/// How the colours of a pixel become numbers.
pub(super) struct Colours {
    /// What is subtracted from each colour, of 0 to 255, and the factor of the rest.
    mean: [f32; 3],
    factor: [f32; 3],
}

impl Colours {
    pub(super) fn of(config: &Config) -> Self {
        Self {
            mean: config.mean.map(|mean| 255.0 * mean),
            factor: config.deviation.map(|deviation| 1.0 / (255.0 * deviation)),
        }
    }

    /// The number of one of the colours.
    pub(super) fn number(&self, pixel: [u8; 3], colour: usize) -> f32 {
        (f32::from(pixel[colour]) - self.mean[colour]) * self.factor[colour]
    }
}
