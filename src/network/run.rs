//! Runs the steps of a network.

use std::ops::Range;

use super::{Function, Map, PixelOperation, Plan, Planned, Source, Step, ValueId, Window};
use crate::kernel::{Overlap, activate, all_finite, attend_within, softmax};

/// Numbers that go through the operations of a step together: few enough for the cache.
const NUMBERS: usize = 1 << 14;
/// The most pixels that do. They are a multiple of the rows that a product takes at once.
const PIXELS: usize = 256;
const PIXELS_AT_ONCE: usize = 8;

/// Why a network did not run: its values do not fit each other, or are not finite.
#[derive(Debug)]
pub(crate) struct Unfit(pub(crate) &'static str);

type Result<T> = std::result::Result<T, Unfit>;

impl Plan {
    /// Runs the network.
    pub(crate) fn run(&self, input: Map) -> Result<Map> {
        let mut values: Vec<Option<Map>> = vec![Some(input)];
        let mut memory = Memory::default();
        for Planned { step, output, last_uses } in &self.steps {
            let map = step.run(&values, &mut memory)?;
            for id in last_uses {
                memory.free.extend(values[*id].take().map(|map| map.values));
            }
            if values.len() <= *output {
                values.resize_with(*output + 1, || None);
            }
            values[*output] = Some(map);
        }
        values.get_mut(self.output).and_then(Option::take).ok_or(Unfit("it has no output"))
    }
}

/// Memory of maps that are needed no longer, for those that come.
#[derive(Default)]
struct Memory {
    free: Vec<Vec<f32>>,
}

impl Memory {
    /// A map of any content, which the caller overwrites.
    fn map(&mut self, [height, width]: [usize; 2], channels: usize) -> Map {
        let length = height * width * channels;
        let fitting = self.free.iter().enumerate().filter(|(_, free)| free.len() >= length);
        let smallest = fitting.min_by_key(|(_, free)| free.len()).map(|(at, _)| at);
        let mut values = smallest.map(|at| self.free.swap_remove(at)).unwrap_or_default();
        values.resize(length, 0.0);
        Map { height, width, channels, values }
    }
}

fn value(values: &[Option<Map>], id: ValueId) -> Result<&Map> {
    values.get(id).and_then(Option::as_ref).ok_or(Unfit("a value is missing"))
}

impl Step {
    fn run(&self, values: &[Option<Map>], memory: &mut Memory) -> Result<Map> {
        match self {
            Self::Pixels { source, operations, spread } => {
                let pixels = Pixels { source, operations, values };
                pixels.run(*spread, memory)
            }
            Self::Mean(id) => Ok(mean(value(values, *id)?)),
            Self::Largest(id, window) => {
                let largest = |sum: &mut f32, number: f32| *sum = sum.max(number);
                pooled(value(values, *id)?, window, f32::NEG_INFINITY, largest, memory)
            }
            Self::Average(id, window) => {
                let add = |sum: &mut f32, number: f32| *sum += number;
                let mut sums = pooled(value(values, *id)?, window, 0.0, add, memory)?;
                let count = (window.size[0] * window.size[1]) as f32;
                sums.values.iter_mut().for_each(|sum| *sum /= count);
                Ok(sums)
            }
            Self::Repeat(id, by) => Ok(repeated(value(values, *id)?, *by, memory)),
            Self::Concat(ids) => {
                let maps: Vec<&Map> =
                    ids.iter().map(|id| value(values, *id)).collect::<Result<_>>()?;
                concatenated(&maps, memory)
            }
            Self::OneRow(id) => {
                let Map { height, width, channels, values } = value(values, *id)?;
                if *height != 1 {
                    return Err(Unfit("a map with one row was expected"));
                }
                Ok(Map { height: 1, width: *width, channels: *channels, values: values.clone() })
            }
            Self::Twice(id) => Ok(twice(value(values, *id)?, memory)),
            Self::Attend(id, heads) => attended(value(values, *id)?, *heads, memory),
        }
    }
}

/// A step that goes through pixels.
struct Pixels<'a> {
    source: &'a Source,
    operations: &'a [PixelOperation],
    values: &'a [Option<Map>],
}

/// The pixels that go through operations, and memory for what becomes of them.
struct Scratch {
    pixels: Vec<f32>,
    /// Numbers of a pixel.
    channels: usize,
    products: Vec<f32>,
    places: Vec<Overlap>,
}

impl Pixels<'_> {
    fn run(&self, spread: Option<[usize; 2]>, memory: &mut Memory) -> Result<Map> {
        let [height, width] = self.size()?;
        let (channels, widest) = self.channels()?;
        let mut output = match spread {
            None => memory.map([height, width], channels),
            Some([down, right]) => {
                memory.map([height * down, width * right], channels / (down * right))
            }
        };
        let at_once = (NUMBERS / widest.max(1)).min(PIXELS) / PIXELS_AT_ONCE * PIXELS_AT_ONCE;
        let at_once = at_once.max(PIXELS_AT_ONCE);
        let numbers = || vec![0.0; at_once * widest];
        let mut scratch =
            Scratch { pixels: numbers(), channels: 0, products: numbers(), places: Vec::new() };
        for first in (0..height * width).step_by(at_once) {
            let range = first..(height * width).min(first + at_once);
            self.begin(range.clone(), width, &mut scratch)?;
            for operation in self.operations {
                self.apply(operation, range.clone(), &mut scratch)?;
            }
            let done = &scratch.pixels[..range.len() * channels];
            match spread {
                None => output.values[range.start * channels..range.end * channels]
                    .copy_from_slice(done),
                Some(by) => spread_out(done, range, width, by, &mut output),
            }
        }
        Ok(output)
    }

    fn map(&self) -> Result<&Map> {
        let (Source::Map(id) | Source::Patches(id, _) | Source::Depthwise(id, ..)) = self.source;
        value(self.values, *id)
    }

    /// The height and width of the map before it is spread.
    fn size(&self) -> Result<[usize; 2]> {
        let size = self.map()?.size();
        match self.source {
            Source::Map(_) => Ok(size),
            Source::Patches(_, window) | Source::Depthwise(_, window, _) => {
                window.places(size).ok_or(Unfit("a window does not fit"))
            }
        }
    }

    /// The channels that come out, and the most on the way; an error where what goes in does not fit.
    fn channels(&self) -> Result<(usize, usize)> {
        let map = self.map()?;
        let mut channels = match self.source {
            Source::Map(_) => map.channels,
            Source::Patches(_, window) => map.channels * window.size[0] * window.size[1],
            Source::Depthwise(_, _, weights) if weights.channels() == map.channels => map.channels,
            Source::Depthwise(..) => return Err(Unfit("a window has other channels")),
        };
        let (size, mut widest) = (self.size()?, channels);
        for operation in self.operations {
            let fits = match operation {
                PixelOperation::Multiply(matrix) => {
                    let fits = matrix.columns() == channels;
                    channels = matrix.rows();
                    widest = widest.max(channels);
                    fits
                }
                PixelOperation::Scale { scales, .. } => scales.len() == channels,
                PixelOperation::Add(id) => {
                    let other = value(self.values, *id)?;
                    other.channels == channels && other.size() == size
                }
                PixelOperation::Gate(id) => {
                    let gate = value(self.values, *id)?;
                    gate.channels == channels && gate.pixels() == 1
                }
                PixelOperation::Activate(_) | PixelOperation::Softmax => true,
            };
            if !fits {
                return Err(Unfit("maps of different sizes"));
            }
        }
        Ok((channels, widest))
    }

    /// Puts these pixels into the scratch.
    fn begin(&self, pixels: Range<usize>, width: usize, scratch: &mut Scratch) -> Result<()> {
        let map = self.map()?;
        let place = |pixel: usize| [pixel / width, pixel % width];
        scratch.channels = map.channels;
        match self.source {
            Source::Map(_) => {
                let numbers = &map.values[pixels.start * map.channels..pixels.end * map.channels];
                scratch.pixels[..numbers.len()].copy_from_slice(numbers);
            }
            Source::Patches(_, window) => {
                scratch.channels *= window.size[0] * window.size[1];
                let patches = scratch.pixels.chunks_exact_mut(scratch.channels);
                for (pixel, patch) in pixels.zip(patches) {
                    write_patch(map, window, place(pixel), patch);
                }
            }
            Source::Depthwise(_, window, weights) => {
                scratch.places.clear();
                scratch.places.extend(pixels.map(|pixel| overlap(map, window, place(pixel))));
                let output = &mut scratch.pixels[..scratch.places.len() * map.channels];
                weights.multiply(&map.values, map.width, &scratch.places, output);
            }
        }
        Ok(())
    }

    fn apply(
        &self,
        operation: &PixelOperation,
        range: Range<usize>,
        scratch: &mut Scratch,
    ) -> Result<()> {
        let Scratch { pixels, channels, products, .. } = scratch;
        let pixels_now = &mut pixels[..range.len() * *channels];
        match operation {
            PixelOperation::Multiply(matrix) => {
                let products_now = &mut products[..range.len() * matrix.rows()];
                let result = matrix.multiply(pixels_now, products_now);
                result.map_err(|_| Unfit("a number is not finite"))?;
                std::mem::swap(pixels, products);
                *channels = matrix.rows();
            }
            PixelOperation::Scale { scales, shifts } => {
                for pixel in pixels_now.chunks_exact_mut(scales.len()) {
                    for ((number, scale), shift) in pixel.iter_mut().zip(scales).zip(shifts) {
                        *number = *number * scale + shift;
                    }
                }
            }
            PixelOperation::Activate(function) => function.apply(pixels_now),
            PixelOperation::Softmax => softmax(pixels_now, *channels),
            PixelOperation::Add(id) => {
                let other = &value(self.values, *id)?.values;
                let other = &other[range.start * *channels..range.end * *channels];
                pixels_now.iter_mut().zip(other).for_each(|(number, other)| *number += other);
            }
            PixelOperation::Gate(id) => {
                let gate = &value(self.values, *id)?.values;
                for pixel in pixels_now.chunks_exact_mut(gate.len()) {
                    pixel.iter_mut().zip(gate).for_each(|(number, gate)| *number *= gate);
                }
            }
        }
        Ok(())
    }
}

impl Function {
    fn apply(self, numbers: &mut [f32]) {
        let hard = |x: f32, slope: f32, offset: f32| (x * slope + offset).clamp(0.0, 1.0);
        match self {
            Self::Kernel(activation) => activate(numbers, activation),
            Self::Relu => numbers.iter_mut().for_each(|x| *x = x.max(0.0)),
            Self::HardSigmoid { slope, offset } => {
                numbers.iter_mut().for_each(|x| *x = hard(*x, slope, offset));
            }
            Self::HardSwish => numbers.iter_mut().for_each(|x| *x *= hard(*x, 1.0 / 6.0, 0.5)),
        }
    }
}

/// What of a window at a place lies on the map.
fn overlap(map: &Map, window: &Window, [y, x]: [usize; 2]) -> Overlap {
    let (top, above, rows) = window.within(0, y, map.height);
    let (left, before, columns) = window.within(1, x, map.width);
    Overlap { map: [top, left], window: [above, before], size: [rows, columns] }
}

/// Writes all numbers that a window covers, row by row. Outside the map they are 0.
fn write_patch(map: &Map, window: &Window, place: [usize; 2], patch: &mut [f32]) {
    let Overlap { map: [top, left], window: [above, before], size: [rows, columns] } =
        overlap(map, window, place);
    let row_length = window.size[1] * map.channels;
    if [rows, columns] != window.size {
        patch.fill(0.0);
    }
    for row in 0..rows {
        let from = ((top + row) * map.width + left) * map.channels;
        let to = (above + row) * row_length + before * map.channels;
        let length = columns * map.channels;
        patch[to..to + length].copy_from_slice(&map.values[from..from + length]);
    }
}

/// Puts the rectangles that pixels have become where they belong.
fn spread_out(
    pixels: &[f32],
    range: Range<usize>,
    width: usize,
    [down, right]: [usize; 2],
    output: &mut Map,
) {
    let row_length = right * output.channels;
    let rectangles = pixels.chunks_exact(down * row_length);
    for (pixel, rectangle) in range.zip(rectangles) {
        let (y, x) = (pixel / width * down, pixel % width * right);
        for (row, numbers) in rectangle.chunks_exact(row_length).enumerate() {
            let at = ((y + row) * output.width + x) * output.channels;
            output.values[at..at + row_length].copy_from_slice(numbers);
        }
    }
}

fn mean(map: &Map) -> Map {
    let mut mean = Map::new([1, 1], map.channels);
    // Sums of each row first: they are more exact than one long sum.
    let mut row_sum = vec![0.0; map.channels];
    for row in map.values.chunks_exact((map.width * map.channels).max(1)) {
        row_sum.fill(0.0);
        for pixel in row.chunks_exact(map.channels) {
            row_sum.iter_mut().zip(pixel).for_each(|(sum, number)| *sum += number);
        }
        mean.values.iter_mut().zip(&row_sum).for_each(|(sum, number)| *sum += number);
    }
    let pixels = map.pixels() as f32;
    mean.values.iter_mut().for_each(|sum| *sum /= pixels);
    mean
}

fn pooled(
    map: &Map,
    window: &Window,
    start: f32,
    add: impl Fn(&mut f32, f32),
    memory: &mut Memory,
) -> Result<Map> {
    let size = window.places(map.size()).ok_or(Unfit("a window does not fit"))?;
    let mut output = memory.map(size, map.channels);
    for (pixel, sums) in output.values.chunks_exact_mut(map.channels).enumerate() {
        sums.fill(start);
        let place = overlap(map, window, [pixel / size[1], pixel % size[1]]);
        for row in place.map[0]..place.map[0] + place.size[0] {
            let from = (row * map.width + place.map[1]) * map.channels;
            let numbers = &map.values[from..from + place.size[1] * map.channels];
            for numbers in numbers.chunks_exact(map.channels) {
                sums.iter_mut().zip(numbers).for_each(|(sum, number)| add(sum, *number));
            }
        }
    }
    Ok(output)
}

fn repeated(map: &Map, [down, right]: [usize; 2], memory: &mut Memory) -> Map {
    let mut output = memory.map([map.height * down, map.width * right], map.channels);
    let length = output.width * map.channels;
    let rows = map.values.chunks_exact((map.width * map.channels).max(1));
    for (row, out) in rows.zip(output.values.chunks_exact_mut((down * length).max(1))) {
        let (first, others) = out.split_at_mut(length);
        let pixels = row.chunks_exact(map.channels);
        for (pixel, out) in pixels.zip(first.chunks_exact_mut(right * map.channels)) {
            out.chunks_exact_mut(map.channels).for_each(|out| out.copy_from_slice(pixel));
        }
        others.chunks_exact_mut(length).for_each(|other| other.copy_from_slice(first));
    }
    output
}

fn twice(map: &Map, memory: &mut Memory) -> Map {
    let mut output = memory.map(map.size(), 2 * map.channels);
    for (two, number) in output.values.as_chunks_mut::<2>().0.iter_mut().zip(&map.values) {
        *two = [*number; 2];
    }
    output
}

/// The channels of a pixel are its queries, then its keys, then its values, of all heads each.
fn attended(map: &Map, heads: usize, memory: &mut Memory) -> Result<Map> {
    let width = map.channels / 3;
    if heads == 0 || map.channels != 3 * width || !width.is_multiple_of(heads) {
        return Err(Unfit("heads do not fit the channels"));
    }
    // Attention would hide it.
    if !all_finite(&map.values) {
        return Err(Unfit("a number is not finite"));
    }
    let mut output = memory.map(map.size(), width);
    let all = 0..map.pixels();
    attend_within(&[all], [heads, width / heads], &map.values, &mut output.values);
    Ok(output)
}

fn concatenated(maps: &[&Map], memory: &mut Memory) -> Result<Map> {
    let size = maps.first().ok_or(Unfit("nothing is joined"))?.size();
    if maps.iter().any(|map| map.size() != size) {
        return Err(Unfit("maps of different sizes"));
    }
    let channels = maps.iter().map(|map| map.channels).sum();
    let mut output = memory.map(size, channels);
    let mut first = 0;
    for map in maps {
        let pixels = output.values.chunks_exact_mut(channels);
        for (out, pixel) in pixels.zip(map.values.chunks_exact(map.channels)) {
            out[first..first + map.channels].copy_from_slice(pixel);
        }
        first += map.channels;
    }
    Ok(output)
}
