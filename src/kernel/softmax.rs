//! Softmax.

use super::platform;
use super::simd::{LANES, Lanes, SimdKernel};
use super::vector::exp;

/// Softmax of each row of `width` numbers, in place.
pub(crate) fn softmax(rows: &mut [f32], width: usize) {
    rows.chunks_exact_mut(width.max(1)).for_each(|row| platform::run(Softmax { row }));
}

struct Softmax<'a> {
    row: &'a mut [f32],
}

impl SimdKernel for Softmax<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let (eights, rest) = self.row.as_chunks_mut::<LANES>();
        let mut largest = L::splat(f32::NEG_INFINITY);
        for eight in eights.iter() {
            // SAFETY: a pointer to eight numbers, here and below.
            largest = L::max(largest, unsafe { L::load_floats(eight.as_ptr()) });
        }
        let largest = rest.iter().copied().fold(L::max_lane(largest), f32::max);
        let less = L::splat(largest);
        let mut last = [f32::NEG_INFINITY; LANES];
        last[..rest.len()].copy_from_slice(rest);
        let mut sums = L::splat(0.0);
        for eight in eights.iter_mut().chain([&mut last]) {
            unsafe {
                let power = exp::<L>(L::sub(L::load_floats(eight.as_ptr()), less));
                L::store(eight.as_mut_ptr(), power);
                sums = L::add(sums, power);
            }
        }
        rest.copy_from_slice(&last[..rest.len()]);
        let scale = 1.0 / L::sum(sums);
        self.row.iter_mut().for_each(|number| *number *= scale);
    }
}
