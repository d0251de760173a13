//! Compound files: the small file systems that Office 97, Outlook and encrypted packages are in.

use std::cell::OnceCell;

const MAGIC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
const HEADER_BYTES: usize = 512;
const ENTRY_BYTES: usize = 128;
/// Numbers of sectors from here on are marks: the end of a chain, a free sector.
const FIRST_MARK: u32 = 0xffff_fffa;
/// Places in the header for the sectors of the allocation table.
const TABLE_PLACES: usize = 109;

/// A compound file.
pub(crate) struct CompoundFile<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) sector_bytes: usize,
    /// For each sector, the one after it.
    pub(super) next: Vec<u32>,
    pub(super) entries: Vec<Entry>,
    /// The stream of all small streams, and its allocation table; read when first needed.
    #[allow(dead_code, reason = "only the readers of office files read streams")]
    pub(super) small: OnceCell<(Vec<u8>, Vec<u8>)>,
}

/// A folder or a stream.
#[allow(dead_code, reason = "only the readers of office files read streams")]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) is_folder: bool,
    left: u32,
    right: u32,
    child: u32,
    pub(super) first_sector: u32,
    pub(super) size: u64,
}

impl<'a> CompoundFile<'a> {
    /// Whether the bytes begin as a compound file does.
    pub(crate) fn is_compound_file(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// Reads the directory; none for what is no compound file, or is cut off before it. Takes
    /// time and memory linear in the bytes.
    pub(crate) fn open(bytes: &'a [u8]) -> Option<Self> {
        let shift = u16_at(bytes, 30)?;
        if !Self::is_compound_file(bytes) || !matches!(shift, 9 | 12) {
            return None;
        }
        let (next, entries, small) = (Vec::new(), Vec::new(), OnceCell::new());
        let mut file = Self { bytes, sector_bytes: 1 << shift, next, entries, small };
        file.read_table()?;
        let directory = file.chain(u32_at(bytes, 48)?, bytes.len());
        file.entries = directory.chunks_exact(ENTRY_BYTES).filter_map(Entry::parse).collect();
        (!file.entries.is_empty()).then_some(file)
    }

    /// The numbers of the entries in a folder; 0 is the root.
    pub(crate) fn children(&self, folder: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut seen = vec![false; self.entries.len()];
        let mut open = vec![self.entries.get(folder).map_or(u32::MAX, |entry| entry.child)];
        while let Some(number) = open.pop() {
            let number = number as usize;
            let Some(entry) = self.entries.get(number) else { continue };
            if !std::mem::replace(&mut seen[number], true) {
                found.push(number);
                open.extend([entry.right, entry.left]);
            }
        }
        found
    }

    /// Whether the root has an entry of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.children(0).into_iter().any(|number| self.entries[number].name == name)
    }

    /// The bytes of a sector; none past the end. The last one may be cut off.
    fn sector(&self, number: u32) -> Option<&'a [u8]> {
        let start = (number as usize).checked_add(1)?.checked_mul(self.sector_bytes)?;
        let bytes = self.bytes.get(start..)?;
        Some(&bytes[..bytes.len().min(self.sector_bytes)]).filter(|bytes| !bytes.is_empty())
    }

    /// The bytes of a chain of sectors, `limit` at most.
    pub(super) fn chain(&self, first: u32, limit: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut number = first;
        for _ in 0..self.next.len() {
            let Some(sector) = self.sector(number).filter(|_| bytes.len() < limit) else { break };
            bytes.extend_from_slice(sector);
            match self.next.get(number as usize) {
                Some(&next) if next < FIRST_MARK => number = next,
                _ => break,
            }
        }
        bytes.truncate(limit);
        bytes
    }

    /// Reads the allocation table: its sectors are listed in the header, and further ones in
    /// sectors that are chained by their last number.
    fn read_table(&mut self) -> Option<()> {
        let header = self.bytes.get(..HEADER_BYTES)?;
        let mut places: Vec<u32> = header[76..]
            .chunks_exact(4)
            .take(TABLE_PLACES)
            .filter_map(|place| u32_at(place, 0))
            .collect();
        let mut list = u32_at(self.bytes, 68)?;
        for _ in 0..self.bytes.len() / self.sector_bytes {
            let Some(sector) = self.sector(list).filter(|_| list < FIRST_MARK) else { break };
            let numbers: Vec<u32> =
                sector.chunks_exact(4).filter_map(|place| u32_at(place, 0)).collect();
            let (&last, listed) = numbers.split_last()?;
            places.extend(listed);
            list = last;
        }
        let sectors = self.bytes.len() / self.sector_bytes + 1;
        for place in places.into_iter().filter(|&place| place < FIRST_MARK) {
            if self.next.len() > sectors {
                break;
            }
            let Some(sector) = self.sector(place) else { continue };
            self.next.extend(sector.chunks_exact(4).filter_map(|number| u32_at(number, 0)));
        }
        Some(())
    }
}

impl Entry {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let name_bytes = usize::from(u16_at(bytes, 64)?).clamp(2, 64) - 2;
        let units: Vec<u16> =
            bytes[..name_bytes].chunks_exact(2).filter_map(|unit| u16_at(unit, 0)).collect();
        Some(Self {
            name: String::from_utf16_lossy(&units),
            is_folder: matches!(bytes[66], 1 | 5),
            left: u32_at(bytes, 68)?,
            right: u32_at(bytes, 72)?,
            child: u32_at(bytes, 76)?,
            first_sector: u32_at(bytes, 116)?,
            size: u64::from(u32_at(bytes, 120)?),
        })
    }
}

/// The number in two bytes, the lowest first.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

/// The number in four bytes, the lowest first.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}
