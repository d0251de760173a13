//! TAR, in the dialects of POSIX and GNU.

use std::io::Read;

use tar::{Archive, EntryType};

use super::member_list::{MemberList, Omission};
use crate::error::Result;
use crate::read::begins::begins_as_tar;
use crate::read::{Input, ReadFile};

/// Bytes of a header, which are enough to recognize TAR.
pub(super) const HEADER_BYTES: usize = 512;

/// Reads the members of a TAR archive.
pub(crate) fn tar(input: &Input<'_>) -> Result<ReadFile> {
    let mut list = MemberList::new(input);
    read_members(input.bytes, &mut list)?;
    if list.is_empty() && !begins_as_tar(input.bytes) {
        return Err(input.damaged("it is no TAR archive"));
    }
    list.finish()
}

/// Adds the members of the archive in `reader` to `list`.
pub(super) fn read_members(reader: impl Read, list: &mut MemberList<'_>) -> Result<()> {
    let mut archive = Archive::new(reader);
    let Ok(entries) = archive.entries() else { return Ok(()) };
    for entry in entries {
        let Ok(mut entry) = entry else {
            list.cut_off();
            break;
        };
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {}
            EntryType::Symlink | EntryType::Link => {
                list.omit(&path, Omission::Link);
                continue;
            }
            _ => continue,
        }
        if !list.wants(&path) {
            continue;
        }
        let declared = entry.size();
        let unpacked = list.unpack(&mut entry)?;
        if unpacked.is_cut_off || (unpacked.bytes.len() as u64) < declared {
            list.cut_off();
        }
        if !unpacked.bytes.is_empty() || !unpacked.is_cut_off {
            list.add(&path, unpacked.bytes)?;
        }
    }
    Ok(())
}
