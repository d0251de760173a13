//! Blocks of 32 weights in 4 bits, as GGML's type Q4_0 has them.
//!
//! ```text
//! scale     f16
//! codes     16 bytes: the low halves are the first sixteen weights, the high halves the rest
//! ```
//! A weight is `(code - 8) * scale`.

use half::f16;

use crate::kernel::BLOCK;

/// Bytes of a block.
pub(crate) const BLOCK_BYTES: usize = 2 + BLOCK / 2;
const ZERO: i8 = 8;

/// Adds the weights of consecutive blocks to `to`, which has a number for each.
pub(crate) fn add_weights(blocks: &[u8], to: &mut [f32]) {
    let blocks = blocks.as_chunks::<BLOCK_BYTES>().0;
    for (block, to) in blocks.iter().zip(to.as_chunks_mut::<BLOCK>().0) {
        let scale = scale(block);
        let (first, rest) = to.split_at_mut(BLOCK / 2);
        for ((code, first), rest) in block[2..].iter().zip(first).zip(rest) {
            *first += f32::from((code & 15) as i8 - ZERO) * scale;
            *rest += f32::from((code >> 4) as i8 - ZERO) * scale;
        }
    }
}

/// Appends the blocks of some numbers, of which there are a multiple of 32.
pub(crate) fn push_blocks(numbers: &[f32], to: &mut Vec<u8>) {
    for block in numbers.as_chunks::<BLOCK>().0 {
        // The number of the largest magnitude becomes code 0, the only one eight steps from zero.
        let largest =
            block.iter().fold(0f32, |most, x| if x.abs() > most.abs() { *x } else { most });
        let scale = f16::from_f32(largest / -f32::from(ZERO));
        let inverse = if scale.to_f32() == 0.0 { 0.0 } else { 1.0 / scale.to_f32() };
        let code = |x: f32| (x * inverse + f32::from(ZERO)).round().clamp(0.0, 15.0) as u8;
        to.extend(scale.to_le_bytes());
        let (first, rest) = block.split_at(BLOCK / 2);
        to.extend(first.iter().zip(rest).map(|(first, rest)| code(*first) | code(*rest) << 4));
    }
}

/// Whether all scales are finite.
pub(crate) fn are_finite(blocks: &[u8]) -> bool {
    blocks.as_chunks().0.iter().all(|block| scale(block).is_finite())
}

fn scale(block: &[u8; BLOCK_BYTES]) -> f32 {
    f16::from_le_bytes([block[0], block[1]]).to_f32()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn weights_come_back_within_half_a_step() {
        let numbers: Vec<f32> = (0..96).map(|at| ((at * 37 % 96) as f32 - 50.0) / 7.0).collect();
        let mut blocks = Vec::new();
        push_blocks(&numbers, &mut blocks);
        assert_eq!(blocks.len(), 3 * BLOCK_BYTES);
        let mut back = vec![0.0; numbers.len()];
        add_weights(&blocks, &mut back);
        for (block, (numbers, back)) in
            blocks.chunks(BLOCK_BYTES).zip(numbers.chunks(BLOCK).zip(back.chunks(BLOCK)))
        {
            let step = f16::from_le_bytes([block[0], block[1]]).to_f32().abs();
            let largest = numbers.iter().fold(0f32, |most, x| most.max(x.abs()));
            for (number, back) in numbers.iter().zip(back) {
                // The end opposite to the largest number is a step short.
                let limit = if number.abs() > 7.0 * largest / 8.0 { step } else { step / 2.0 };
                assert!((number - back).abs() <= limit * 1.01, "{number} became {back}");
            }
        }
    }

    #[test]
    fn zeros_stay_zeros_and_a_scale_that_is_not_finite_is_found() {
        let mut blocks = Vec::new();
        push_blocks(&[0.0; BLOCK], &mut blocks);
        let mut back = [1.0; BLOCK];
        add_weights(&blocks, &mut back);
        assert_eq!(back, [1.0; BLOCK]);
        assert!(are_finite(&blocks));
        blocks[..2].copy_from_slice(&f16::INFINITY.to_le_bytes());
        assert!(!are_finite(&blocks));
    }
}
