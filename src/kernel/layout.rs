//! Sizes that weights, activations and outputs have in common.

/// Weights in a block, which share a scale.
pub(crate) const BLOCK: usize = 32;
/// Blocks in a super-block.
pub(super) const SUPER_BLOCK: usize = 8;
/// Rows of a tile. With eight columns it has as many sums as most machines have registers for.
pub(super) const TILE: usize = 4;

/// How wide the codes of activations are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CodeWidth {
    I8,
    I16,
}

impl CodeWidth {
    #[inline]
    pub(super) fn largest_code(self) -> f32 {
        match self {
            Self::I8 => 127.0,
            Self::I16 => 32_767.0,
        }
    }

    /// Bytes of a code in a product, on a platform whose 8-bit products take codes of `platform`
    /// bytes.
    pub(super) const fn code_bytes(self, platform: usize) -> usize {
        match self {
            Self::I8 => platform,
            Self::I16 => 2,
        }
    }
}
