//! Operations on rows of f32 between products: norms and activation functions.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::platform;
use super::simd::{LANES, Lanes, SimdKernel};
use super::threads::{DisjointSlice, parallel_for};

/// e to the power of each number, within 2 units in the last place; 0 below -87. After the `expf`
/// of the Cephes library, <https://www.netlib.org/cephes/>.
#[inline(always)]
pub(super) fn exp<L: Lanes>(x: L::Floats) -> L::Floats {
    let (low, high) = (L::splat(-87.3), L::splat(88.3));
    let bounded = L::min(L::max(x, low), high);
    let power = L::round(L::mul(bounded, L::splat(std::f32::consts::LOG2_E)));
    // The logarithm of 2 in two parts, so that the remainder is exact.
    let rest = L::mul_add(power, L::splat(-0.693_359_4), bounded);
    let rest = L::mul_add(power, L::splat(2.121_944_4e-4), rest);
    let mut series = L::splat(1.987_569_1e-4);
    for term in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        series = L::mul_add(series, rest, L::splat(term));
    }
    let series = L::add(L::mul_add(L::mul(series, rest), rest, rest), L::splat(1.0));
    let scale = L::shift_left::<23>(L::add_ints(L::to_ints(power), L::splat_int(127)));
    let result = L::mul(series, L::from_bits(scale));
    L::zero_below(x, low, result)
}

/// Whether all values are finite numbers.
pub(crate) fn all_finite(values: &[f32]) -> bool {
    let is_finite = AtomicBool::new(true);
    parallel_for(values.len().div_ceil(PART), PART, &|parts| {
        let values = &values[parts.start * PART..values.len().min(parts.end * PART)];
        // No early exit, so that the compiler can test many at once.
        if values.iter().fold(false, |bad, x| bad | !x.is_finite()) {
            is_finite.store(false, Relaxed);
        }
    });
    is_finite.into_inner()
}

/// Adds `source` to `target`. A `source` of one row is added to each row of `target`.
pub(crate) fn add(target: &mut [f32], source: &[f32]) {
    for row in target.chunks_exact_mut(source.len()) {
        row.iter_mut().zip(source).for_each(|(target, source)| *target += source);
    }
}

/// Root mean square norm: each row divided by the root of its mean square, times the weights (Zhang
/// and Sennrich 2019, <https://arxiv.org/abs/1910.07467>).
pub(crate) fn rms_norm(rows: &[f32], weights: &[f32], epsilon: f32, into: &mut [f32]) {
    let width = weights.len();
    for (row, into) in rows.chunks_exact(width).zip(into.chunks_exact_mut(width)) {
        let scale = rms_scale(row, epsilon);
        for ((into, x), weight) in into.iter_mut().zip(row).zip(weights) {
            *into = x * scale * weight;
        }
    }
}

/// The same, in place.
pub(crate) fn rms_norm_in_place(rows: &mut [f32], weights: &[f32], epsilon: f32) {
    for row in rows.chunks_exact_mut(weights.len()) {
        let scale = rms_scale(row, epsilon);
        row.iter_mut().zip(weights).for_each(|(x, weight)| *x = *x * scale * weight);
    }
}

fn rms_scale(row: &[f32], epsilon: f32) -> f32 {
    1.0 / (dot(row, row) / row.len() as f32 + epsilon).sqrt()
}

/// Layer norm: each row minus its mean, divided by its standard deviation, times the weights, plus
/// the biases (Ba et al. 2016, <https://arxiv.org/abs/1607.06450>). In place.
pub(crate) fn layer_norm(rows: &mut [f32], weights: &[f32], biases: &[f32], epsilon: f32) {
    rows.chunks_exact_mut(weights.len()).for_each(|row| norm_row(row, weights, biases, epsilon));
}

/// Adds `more` to the rows, then applies [`layer_norm`].
pub(crate) fn add_and_layer_norm(
    rows: &mut [f32],
    more: &[f32],
    weights: &[f32],
    biases: &[f32],
    epsilon: f32,
) {
    let width = weights.len();
    assert_eq!(rows.len(), more.len());
    let (count, rows) = (rows.len() / width, DisjointSlice::new(rows));
    parallel_for(count, width * NORM_COST, &|part| {
        for row in part {
            let range = row * width..(row + 1) * width;
            // SAFETY: one part of the work owns each row.
            let row = unsafe { rows.slice_mut(range.clone()) };
            add(row, &more[range]);
            norm_row(row, weights, biases, epsilon);
        }
    });
}

fn norm_row(row: &mut [f32], weights: &[f32], biases: &[f32], epsilon: f32) {
    let width = weights.len();
    let mean = sum(row) / width as f32;
    row.iter_mut().for_each(|x| *x -= mean);
    let scale = 1.0 / (dot(row, row) / width as f32 + epsilon).sqrt();
    for ((x, weight), bias) in row.iter_mut().zip(weights).zip(biases) {
        *x = *x * scale * weight + bias;
    }
}

/// Independent sums, so that the compiler can use whole registers.
const SUMS: usize = 16;

/// The dot product of two rows of one length.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a_chunks, a_rest) = a.as_chunks::<SUMS>();
    let (b_chunks, b_rest) = b.as_chunks::<SUMS>();
    let mut sums = [0.0; SUMS];
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for lane in 0..SUMS {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

fn sum(row: &[f32]) -> f32 {
    let (chunks, rest) = row.as_chunks::<SUMS>();
    let mut sums = [0.0; SUMS];
    for chunk in chunks {
        for lane in 0..SUMS {
            sums[lane] += chunk[lane];
        }
    }
    sums.iter().sum::<f32>() + rest.iter().sum::<f32>()
}

/// An activation function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activation {
    /// `x / (1 + e^-x)`.
    Silu,
    /// `x` times the cumulative normal distribution at `x`.
    Gelu,
    /// [`Activation::Gelu`], approximated with tanh.
    GeluTanh,
    /// [`Activation::Gelu`], approximated with `x / (1 + e^-1.702x)`.
    QuickGelu,
    /// `1 / (1 + e^-x)`.
    Sigmoid,
}

/// Numbers in one part of the work.
const PART: usize = 256;
/// The cost of an activation, in multiplications.
const COST: usize = 32;
/// The cost of a norm for each number, in multiplications.
const NORM_COST: usize = 16;

/// Applies the activation function to each number, in place.
pub(crate) fn activate(values: &mut [f32], activation: Activation) {
    activate_parts(values, activation, None);
}

/// Applies the activation function to each number and multiplies the result with that of `times`.
pub(crate) fn activate_times(values: &mut [f32], activation: Activation, times: &[f32]) {
    debug_assert_eq!(values.len(), times.len());
    activate_parts(values, activation, Some(times));
}

fn activate_parts(values: &mut [f32], activation: Activation, times: Option<&[f32]>) {
    let (length, values) = (values.len(), DisjointSlice::new(values));
    parallel_for(length.div_ceil(PART), PART * COST, &|parts| {
        let range = parts.start * PART..length.min(parts.end * PART);
        let times = times.map(|times| &times[range.clone()]);
        // SAFETY: one part of the work owns each range.
        let values = unsafe { values.slice_mut(range) };
        platform::run(Activate { values, activation, times });
    });
}

struct Activate<'a> {
    values: &'a mut [f32],
    activation: Activation,
    times: Option<&'a [f32]>,
}

impl SimdKernel for Activate<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        match self.activation {
            Activation::Silu => self.each::<L, Silu>(),
            Activation::Gelu => self.each::<L, Gelu>(),
            Activation::GeluTanh => self.each::<L, GeluTanh>(),
            Activation::QuickGelu => self.each::<L, QuickGelu>(),
            Activation::Sigmoid => self.each::<L, Sigmoid>(),
        }
    }
}

impl Activate<'_> {
    #[inline(always)]
    fn each<L: Lanes, F: LaneFunction>(self) {
        let Self { values, times, .. } = self;
        let (eights, rest) = values.as_chunks_mut::<LANES>();
        for eight in eights.iter_mut() {
            apply::<L, F>(eight);
        }
        let mut last = [0.0; LANES];
        last[..rest.len()].copy_from_slice(rest);
        apply::<L, F>(&mut last);
        rest.copy_from_slice(&last[..rest.len()]);
        if let Some(times) = times {
            values.iter_mut().zip(times).for_each(|(x, times)| *x *= times);
        }
    }
}

#[inline(always)]
fn apply<L: Lanes, F: LaneFunction>(eight: &mut [f32; LANES]) {
    // SAFETY: a pointer to eight numbers.
    unsafe { L::store(eight.as_mut_ptr(), F::of::<L>(L::load_floats(eight.as_ptr()))) };
}

/// A function of eight numbers. Not a closure, because the platform's instructions are not inlined
/// into closures.
trait LaneFunction {
    fn of<L: Lanes>(x: L::Floats) -> L::Floats;
}

struct Silu;
struct Gelu;
struct GeluTanh;
struct QuickGelu;
struct Sigmoid;

impl LaneFunction for Sigmoid {
    #[inline(always)]
    fn of<L: Lanes>(x: L::Floats) -> L::Floats {
        L::div(L::splat(1.0), one_plus_exp_of_minus::<L>(x))
    }
}

impl LaneFunction for Silu {
    #[inline(always)]
    fn of<L: Lanes>(x: L::Floats) -> L::Floats {
        L::div(x, one_plus_exp_of_minus::<L>(x))
    }
}

impl LaneFunction for Gelu {
    #[inline(always)]
    fn of<L: Lanes>(x: L::Floats) -> L::Floats {
        gelu::<L>(x)
    }
}

impl LaneFunction for GeluTanh {
    /// `x / 2 * (1 + tanh(y))` is `x / (1 + e^(-2 y))`.
    #[inline(always)]
    fn of<L: Lanes>(x: L::Floats) -> L::Floats {
        let cubic = L::mul_add(L::mul(x, x), L::splat(0.044_715), L::splat(1.0));
        let twice = L::mul(L::mul(x, cubic), L::splat(2.0 * 0.797_884_6));
        L::div(x, one_plus_exp_of_minus::<L>(twice))
    }
}

impl LaneFunction for QuickGelu {
    #[inline(always)]
    fn of<L: Lanes>(x: L::Floats) -> L::Floats {
        L::div(x, one_plus_exp_of_minus::<L>(L::mul(x, L::splat(1.702))))
    }
}

#[inline(always)]
fn one_plus_exp_of_minus<L: Lanes>(x: L::Floats) -> L::Floats {
    L::add(L::splat(1.0), exp::<L>(L::sub(L::splat(0.0), x)))
}

/// The normal distribution by Abramowitz and Stegun 26.2.19. The error is within 1e-6, rounding
/// included.
#[inline(always)]
fn gelu<L: Lanes>(x: L::Floats) -> L::Floats {
    let size = L::max(x, L::sub(L::splat(0.0), x));
    let mut series = L::splat(5.383e-6);
    for term in [4.889_06e-5, 3.800_36e-5, 3.277_626_3e-3, 2.114_100_6e-2, 4.986_734_7e-2, 1.0] {
        series = L::mul_add(series, size, L::splat(term));
    }
    for _ in 0..4 {
        series = L::mul(series, series);
    }
    // The tail of the distribution beyond the magnitude of `x`: it is subtracted where `x` is above
    // 0, and is the whole distribution where `x` is below.
    let tail = L::div(L::splat(0.5), series);
    L::sub(L::max(x, L::splat(0.0)), L::mul(size, tail))
}
