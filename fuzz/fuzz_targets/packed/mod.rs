//! Mutates a member of a ZIP archive, and packs it again: a mutation of the packed bytes would
//! almost always break a checksum, and nothing behind it would be reached.

use std::io::{Cursor, Read, Write};

use libfuzzer_sys::fuzzer_mutate;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// One of this many mutations is of the packed bytes.
const PACKED_EVERY: u32 = 8;
/// The most bytes of all members; larger archives are mutated as they are.
const MAX_UNPACKED_BYTES: u64 = 4 << 20;
/// How many bytes longer a member may become.
const MAX_GROWTH: usize = 4096;

/// A mutation of `data[..size]` in place, as `fuzz_mutator!` wants it. Returns the new size.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    if !seed.is_multiple_of(PACKED_EVERY)
        && let Some(packed) = mutate_member(&data[..size], (seed / PACKED_EVERY) as usize)
        && packed.len() <= max_size
    {
        data[..packed.len()].copy_from_slice(&packed);
        return packed.len();
    }
    fuzzer_mutate(data, size, max_size)
}

fn mutate_member(packed: &[u8], choice: usize) -> Option<Vec<u8>> {
    let mut members = unpack(packed)?;
    let count = members.len();
    let (_, bytes) = members.get_mut(choice.checked_rem(count)?)?;
    let length = bytes.len();
    bytes.resize(length + MAX_GROWTH, 0);
    let length = fuzzer_mutate(bytes, length, length + MAX_GROWTH);
    bytes.truncate(length);
    pack(members)
}

fn unpack(packed: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut archive = ZipArchive::new(Cursor::new(packed)).ok()?;
    let mut left = MAX_UNPACKED_BYTES;
    let mut members = Vec::new();
    for index in 0..archive.len() {
        let member = archive.by_index(index).ok()?;
        let name = member.name().ok()?.into_owned();
        let mut bytes = Vec::new();
        member.take(left + 1).read_to_end(&mut bytes).ok()?;
        left = left.checked_sub(bytes.len() as u64)?;
        members.push((name, bytes));
    }
    Some(members)
}

fn pack(members: Vec<(String, Vec<u8>)>) -> Option<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in members {
        writer.start_file(name, stored).ok()?;
        writer.write_all(&bytes).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}
