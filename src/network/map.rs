//! Values between the steps of a network.

/// Feature maps: `height * width` pixels in rows, with the numbers of all channels of a pixel next to
/// each other.
#[derive(Debug, Default)]
pub(crate) struct Map {
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) channels: usize,
    pub(crate) values: Vec<f32>,
}

impl Map {
    /// Zeros.
    pub(crate) fn new([height, width]: [usize; 2], channels: usize) -> Self {
        Self { height, width, channels, values: vec![0.0; height * width * channels] }
    }

    pub(crate) fn size(&self) -> [usize; 2] {
        [self.height, self.width]
    }

    pub(crate) fn pixels(&self) -> usize {
        self.height * self.width
    }

    /// From planes, one for each channel.
    pub(crate) fn from_planes(
        [height, width]: [usize; 2],
        channels: usize,
        planes: &[f32],
    ) -> Self {
        let mut map = Self::new([height, width], channels);
        for (channel, plane) in planes.chunks_exact((height * width).max(1)).enumerate() {
            let values = map.values[channel..].iter_mut().step_by(channels);
            values.zip(plane).for_each(|(value, number)| *value = *number);
        }
        map
    }

    /// The planes, one for each channel.
    pub(crate) fn into_planes(self) -> Vec<f32> {
        if self.channels == 1 {
            return self.values;
        }
        let plane = |channel: usize| self.values[channel..].iter().step_by(self.channels).copied();
        (0..self.channels).flat_map(plane).collect()
    }
}

/// A window that moves over a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// Its height and width.
    pub(crate) size: [usize; 2],
    /// How far it moves down and to the right.
    pub(crate) stride: [usize; 2],
    /// Pixels outside the map above and left of it.
    pub(crate) before: [usize; 2],
    /// Those below and right of it.
    pub(crate) after: [usize; 2],
}

impl Window {
    /// How often it fits into a map of this size; none where it does not.
    pub(crate) fn places(&self, size: [usize; 2]) -> Option<[usize; 2]> {
        let along = |axis: usize| {
            let length = size[axis] + self.before[axis] + self.after[axis];
            Some(length.checked_sub(self.size[axis])? / self.stride[axis] + 1)
        };
        Some([along(0)?, along(1)?])
    }

    /// At place `at` along an axis of a map: the first position in the map, how many positions of the
    /// window are before the map, and how many are within it.
    pub(crate) fn within(&self, axis: usize, at: usize, length: usize) -> (usize, usize, usize) {
        let start = at * self.stride[axis];
        let skipped = self.before[axis].saturating_sub(start).min(self.size[axis]);
        let first = (start + skipped).saturating_sub(self.before[axis]);
        let count = (self.size[axis] - skipped).min(length.saturating_sub(first));
        (first, skipped, count)
    }
}
