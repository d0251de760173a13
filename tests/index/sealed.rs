//! Records whose checksum is right, whatever is in them.

/// Bytes before a record's body.
pub(crate) const HEADER_BYTES: usize = 14;

/// The record with this body under a checksum that is right.
pub(crate) fn sealed(record: &[u8], body: &[u8]) -> Vec<u8> {
    let mut sealed = record[..6].to_vec();
    sealed.extend([0; 4]);
    sealed.extend((body.len() as u32).to_le_bytes());
    sealed.extend(body);
    let checked = [&sealed[..6], &sealed[10..]].concat();
    sealed[6..10].copy_from_slice(&crc32fast::hash(&checked).to_le_bytes());
    sealed
}
