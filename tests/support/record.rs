//! Stored records with a valid checksum, whatever their body holds.
#![allow(dead_code, reason = "not every test binary needs each of them")]

/// Bytes of the envelope in front of a record's body.
pub(crate) const HEADER_BYTES: usize = 14;

/// A record with the kind and version of `record` and the body `body`. Its length and its
/// checksum are valid.
pub(crate) fn with_body(record: &[u8], body: &[u8]) -> Vec<u8> {
    let mut forged = record[..6].to_vec();
    forged.extend([0; 4]);
    forged.extend((body.len() as u32).to_le_bytes());
    forged.extend(body);
    let checked = [&forged[..6], &forged[10..]].concat();
    forged[6..10].copy_from_slice(&crc32fast::hash(&checked).to_le_bytes());
    forged
}

/// The same record with another version.
pub(crate) fn with_version(record: &[u8], version: u16) -> Vec<u8> {
    let mut other = record.to_vec();
    other[4..6].copy_from_slice(&version.to_le_bytes());
    with_body(&other, &record[HEADER_BYTES..])
}
