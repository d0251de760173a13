//! Depthwise convolution: each channel of a map with a small window of weights of its own.

use super::platform;
use super::simd::{LANES, Lanes, SimdKernel};

/// The weights of a window for each channel.
pub(crate) struct DepthwiseWeights {
    /// Height and width of the window.
    window: [usize; 2],
    channels: usize,
    /// For each position of the window, row by row, the weights of all channels; then the biases.
    /// Channels are filled up to whole lanes.
    numbers: Vec<f32>,
}

/// A place of the window on a map: what of both overlaps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Overlap {
    /// The first row and column of the map.
    pub(crate) map: [usize; 2],
    /// The first row and column of the window.
    pub(crate) window: [usize; 2],
    /// Rows and columns.
    pub(crate) size: [usize; 2],
}

impl DepthwiseWeights {
    /// `weights` are one window for each channel, row by row.
    pub(crate) fn new(window: [usize; 2], weights: &[f32], biases: &[f32]) -> Self {
        let (channels, positions) = (biases.len(), window[0] * window[1]);
        assert_eq!(weights.len(), channels * positions, "a window for each channel");
        let width = channels.next_multiple_of(LANES);
        let mut numbers = vec![0.0; (positions + 1) * width];
        for (channel, weights) in weights.chunks_exact(positions.max(1)).enumerate() {
            for (position, weight) in weights.iter().enumerate() {
                numbers[position * width + channel] = *weight;
            }
        }
        numbers[positions * width..][..channels].copy_from_slice(biases);
        Self { window, channels, numbers }
    }

    /// Channels of the map.
    pub(crate) fn channels(&self) -> usize {
        self.channels
    }

    /// Adds `more` to the biases.
    #[cfg(feature = "read-image")]
    pub(crate) fn add_biases(&mut self, more: &[f32]) {
        let first = self.window[0] * self.window[1] * self.width();
        self.numbers[first..].iter_mut().zip(more).for_each(|(bias, more)| *bias += more);
    }

    fn width(&self) -> usize {
        self.channels.next_multiple_of(LANES)
    }

    /// The products of the window with the map at each of `places`, plus the biases. The map has
    /// `width` pixels in a row, with the channels of a pixel next to each other, and so has `output` a
    /// pixel for each place. A pixel's result is bitwise the same for any places beside it.
    pub(crate) fn multiply(
        &self,
        map: &[f32],
        width: usize,
        places: &[Overlap],
        output: &mut [f32],
    ) {
        assert_eq!(output.len(), places.len() * self.channels, "a pixel for each place");
        let fits = |place: &Overlap| {
            let [rows, columns] = place.size;
            let last = (place.map[0] + rows).saturating_sub(1) * width + place.map[1] + columns;
            last * self.channels <= map.len()
                && place.map[1] + columns <= width
                && place.window[0] + rows <= self.window[0]
                && place.window[1] + columns <= self.window[1]
        };
        assert!(places.iter().all(fits), "a place lies within the map and the window");
        platform::run(Multiply { weights: self, map, width, places, output });
    }
}

struct Multiply<'a> {
    weights: &'a DepthwiseWeights,
    map: &'a [f32],
    width: usize,
    places: &'a [Overlap],
    output: &'a mut [f32],
}

impl SimdKernel for Multiply<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { weights, map, width, places, output } = self;
        let channels = weights.channels;
        for (place, output) in places.iter().zip(output.chunks_exact_mut(channels)) {
            let (eights, rest) = output.as_chunks_mut::<LANES>();
            let first = eights.len() * LANES;
            for (at, eight) in eights.iter_mut().enumerate() {
                // SAFETY: the place lies within the map and the window, and so do eight channels.
                unsafe { eight_channels::<L>(weights, map, width, place, at * LANES, eight) };
            }
            for (at, value) in rest.iter_mut().enumerate() {
                *value = one_channel(weights, map, width, place, first + at);
            }
        }
    }
}

/// The products of eight channels from `channel` on.
#[inline(always)]
unsafe fn eight_channels<L: Lanes>(
    weights: &DepthwiseWeights,
    map: &[f32],
    width: usize,
    place: &Overlap,
    channel: usize,
    output: &mut [f32; LANES],
) {
    let (channels, stride) = (weights.channels, weights.width());
    let biases = weights.window[0] * weights.window[1] * stride + channel;
    // SAFETY: the caller guarantees it.
    unsafe {
        let numbers = weights.numbers.as_ptr();
        let mut sum = L::load_floats(numbers.add(biases));
        for row in 0..place.size[0] {
            let pixel = (place.map[0] + row) * width + place.map[1];
            let position = (place.window[0] + row) * weights.window[1] + place.window[1];
            let pixels = map.as_ptr().add(pixel * channels + channel);
            let positions = numbers.add(position * stride + channel);
            for column in 0..place.size[1] {
                let values = L::load_floats(pixels.add(column * channels));
                sum = L::mul_add(values, L::load_floats(positions.add(column * stride)), sum);
            }
        }
        L::store(output.as_mut_ptr(), sum);
    }
}

fn one_channel(
    weights: &DepthwiseWeights,
    map: &[f32],
    width: usize,
    place: &Overlap,
    channel: usize,
) -> f32 {
    let (channels, stride) = (weights.channels, weights.width());
    let mut sum = weights.numbers[weights.window[0] * weights.window[1] * stride + channel];
    for row in 0..place.size[0] {
        for column in 0..place.size[1] {
            let pixel = (place.map[0] + row) * width + place.map[1] + column;
            let position = (place.window[0] + row) * weights.window[1] + place.window[1] + column;
            let weight = weights.numbers[position * stride + channel];
            sum += map[pixel * channels + channel] * weight;
        }
    }
    sum
}
