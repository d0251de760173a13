//! What a picture may take.

/// What a picture may take of memory. One that needs more is refused with
/// [`Error::TooLarge`](crate::Error::TooLarge) before its pixels are reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PictureLimits {
    /// Bytes of the file.
    pub(crate) bytes: u64,
    /// Pixels: width times height.
    pub(crate) pixels: u64,
    /// Bytes of memory while it is decoded, beside the file.
    pub(crate) memory_bytes: u64,
}

impl Default for PictureLimits {
    /// 128 MiB, 64 megapixels, 512 MiB.
    fn default() -> Self {
        Self { bytes: 128 << 20, pixels: 64_000_000, memory_bytes: 512 << 20 }
    }
}
