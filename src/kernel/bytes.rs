//! Sums of products of bytes, in shapes that LLVM turns into vector instructions.

/// See [`super::dot_i8`].
pub(super) fn dot_i8(a: &[i8], b: &[i8]) -> i32 {
    // Products of two i8 fit an i16 pair sum: on x86-64 this becomes pmaddwd.
    a.iter().zip(b).map(|(&a, &b)| i32::from(i16::from(a)) * i32::from(i16::from(b))).sum()
}
