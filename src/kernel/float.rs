//! f32 row operations of the attention.

/// Independent sums, so that the compiler may use a whole vector register.
const LANES: usize = 8;

/// The dot product of two rows of one length.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

/// `target += scale * row`.
pub(crate) fn add_scaled(target: &mut [f32], row: &[f32], scale: f32) {
    for (target, value) in target.iter_mut().zip(row) {
        *target += scale * value;
    }
}
