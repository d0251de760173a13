//! The limits within which a file is read.

use serde::{Deserialize, Serialize};

/// What a reader may take of time and memory. A file that needs more is refused with
/// [`Error::TooLarge`](crate::Error::TooLarge) or [`Error::TooSlow`](crate::Error::TooSlow), and
/// nothing of it is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadLimits {
    /// Bytes of the file.
    pub bytes: u64,
    /// Bytes of the text that is read from it.
    pub text_bytes: u64,
    /// Pages, slides or sheets.
    pub pages: u32,
    /// Objects of a PDF, elements of XML, cells of a sheet, blocks of a text.
    pub objects: u32,
    /// How deep objects, elements and archives are nested.
    pub depth: u32,
    /// Members of an archive, attachments of a mail.
    pub members: u32,
    /// Bytes of everything that is compressed in the file, when it is unpacked.
    pub expanded_bytes: u64,
    /// How many times larger than the file that may be. Up to 16 MiB are always allowed.
    pub expansion_ratio: u32,
    /// Milliseconds in which a reader must make progress.
    pub step_milliseconds: u32,
    /// Milliseconds for the whole file.
    pub milliseconds: u32,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self {
            bytes: 128 << 20,
            text_bytes: 32 << 20,
            pages: 10_000,
            objects: 2_000_000,
            depth: 64,
            members: 10_000,
            expanded_bytes: 512 << 20,
            expansion_ratio: 200,
            step_milliseconds: 20_000,
            milliseconds: 600_000,
        }
    }
}

/// Bytes that a file may expand to, whatever its size.
const ALWAYS_EXPANDED_BYTES: u64 = 16 << 20;

impl ReadLimits {
    /// Bytes that a file of `bytes` may expand to.
    pub fn expanded_bytes_of(&self, bytes: u64) -> u64 {
        let by_ratio = bytes.saturating_mul(self.expansion_ratio.into());
        by_ratio.max(ALWAYS_EXPANDED_BYTES).min(self.expanded_bytes)
    }
}
