//! The streams of a compound file.

use crate::error::Result;
use crate::read::Input;
use crate::read::compound_file::{CompoundFile, u32_at};

/// Streams of fewer bytes are in the small stream of the root, in sectors of 64 bytes.
const SMALL_STREAM_BYTES: u64 = 4096;
const SMALL_SECTOR_BYTES: usize = 64;

/// Opens a compound file.
///
/// # Errors
/// [`Error::DamagedFile`](crate::Error::DamagedFile).
pub(super) fn open<'a>(input: &Input<'a>) -> Result<CompoundFile<'a>> {
    CompoundFile::open(input.bytes)
        .ok_or_else(|| input.damaged("its directory is missing or cut off"))
}

impl CompoundFile<'_> {
    /// The bytes of the stream of this name among `entries`; none where there is none.
    pub(super) fn stream(&self, entries: &[usize], name: &str) -> Option<Vec<u8>> {
        let mut named = entries.iter().filter(|&&number| self.entries[number].name == name);
        let entry = &self.entries[*named.find(|&&number| !self.entries[number].is_folder)?];
        if entry.size >= SMALL_STREAM_BYTES {
            return Some(self.chain(entry.first_sector, entry.size as usize));
        }
        let (small, table) = self.small.get_or_init(|| {
            let chain = |first: Option<u32>| {
                first.map_or_else(Vec::new, |first| self.chain(first, self.bytes.len()))
            };
            let root = self.entries.first().map(|root| root.first_sector);
            (chain(root), chain(u32_at(self.bytes, 60)))
        });
        let mut bytes = Vec::new();
        let mut number = entry.first_sector as usize;
        while (bytes.len() as u64) < entry.size {
            let start = number.checked_mul(SMALL_SECTOR_BYTES)?;
            let Some(sector) = small.get(start..) else { break };
            bytes.extend_from_slice(&sector[..sector.len().min(SMALL_SECTOR_BYTES)]);
            let Some(next) = u32_at(table, number.checked_mul(4)?) else { break };
            number = next as usize;
        }
        bytes.truncate(entry.size as usize);
        Some(bytes)
    }

    /// Whether an entry anywhere has one of these names.
    pub(super) fn has_anywhere(&self, names: &[&str]) -> bool {
        self.entries.iter().any(|entry| names.contains(&entry.name.as_str()))
    }
}
