//! Records and exports with wrong bodies and valid checksums, and every operation on them.

use multimodal_rag::Task;

use crate::harness::Harness;
use crate::mutation::{Original, QUESTIONS, Records, ids};
use crate::record::{HEADER_BYTES, with_body};

impl Original {
    /// Replaces a record of the same kind by `record` with a valid checksum, and calls every
    /// operation of the engine. An export is imported instead. Any answer is allowed, but no
    /// panic.
    pub(crate) fn use_with_valid_checksum(&self, record: &[u8]) {
        if record.starts_with(b"mmrx") {
            let harness = self.harness_with(&Records::new());
            if self.import(&with_valid_checksums(record), &harness).is_ok() {
                use_all(&harness);
            }
            return;
        }
        let Some((header, body)) = record.split_at_checked(HEADER_BYTES) else { return };
        let replacement = with_body(header, body);
        let mut records = self.records.clone();
        let id = body.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>();
        let key = match &header[..4] {
            b"mmrs" => replace_segment(&mut records, &replacement),
            b"mmrt" => format!("document/{id}"),
            b"mmrj" => format!("job/{id}"),
            b"mmrk" => "knowledge-base".to_owned(),
            _ => return,
        };
        records.insert(key, replacement);
        use_all(&self.harness_with(&records));
    }
}

/// Replaces the checksum of the first segment in the manifest. Returns the key of the segment.
fn replace_segment(records: &mut Records, segment: &[u8]) -> String {
    let key = records.keys().find(|key| key.starts_with("segment/")).unwrap().clone();
    let (old, new) = (checksum_in(&records[&key]), checksum_in(segment));
    let manifest = records.get_mut("knowledge-base").unwrap();
    let at = manifest.windows(old.len()).position(|bytes| bytes == old).unwrap();
    let body = [&manifest[HEADER_BYTES..at], &new, &manifest[at + old.len()..]].concat();
    *manifest = with_body(manifest, &body);
    key
}

/// The checksum of a record as the manifest holds it: in groups of seven bits.
fn checksum_in(record: &[u8]) -> Vec<u8> {
    let mut left = u32::from_le_bytes(record[6..10].try_into().unwrap());
    let mut groups = Vec::new();
    while left > 0x7F {
        groups.push(left as u8 | 0x80);
        left >>= 7;
    }
    groups.push(left as u8);
    groups
}

/// An export with valid checksums, lengths and counts, as far as its records can be told apart.
fn with_valid_checksums(file: &[u8]) -> Vec<u8> {
    let mut valid = file[..file.len().min(6)].to_vec();
    let (mut rest, mut count) = (file.get(6..).unwrap_or_default(), 0_u32);
    while let Some((key, record, after)) = split_record(rest) {
        let (header, body) = record.split_at_checked(HEADER_BYTES).unwrap_or((record, &[]));
        valid.extend(&rest[..1 + key]);
        let record =
            if header.len() < HEADER_BYTES { record.to_vec() } else { with_body(header, body) };
        valid.extend((record.len() as u32).to_le_bytes());
        valid.extend(record);
        (rest, count) = (after, count + 1);
    }
    valid.push(0);
    valid.extend(count.to_le_bytes());
    let checksum = crc32fast::hash(&valid);
    valid.extend(checksum.to_le_bytes());
    valid
}

/// The length of the key of the first of these records, the record, and what follows it.
fn split_record(records: &[u8]) -> Option<(usize, &[u8], &[u8])> {
    let key = usize::from(*records.first().filter(|&&length| length > 0)?);
    let (length, rest) = records.get(1 + key..)?.split_first_chunk::<4>()?;
    let (record, after) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((key, record, after))
}

/// Calls every operation on these records. Errors are allowed.
fn use_all(harness: &Harness) {
    let task = Task::default();
    let Ok(engine) = pollster::block_on(harness.try_open(&task)) else { return };
    let [question, _] = QUESTIONS;
    if let Ok(passages) = pollster::block_on(engine.search(question, 10, None, &task)) {
        // Quotes of all passages would take most of the time.
        let few = &passages[..passages.len().min(2)];
        let _ = pollster::block_on(engine.quotes(question, few, &task));
    }
    for id in ids(&engine) {
        let _ = pollster::block_on(engine.document(&id));
    }
    let _ = pollster::block_on(engine.maintain(&task));
    let _ = pollster::block_on(engine.export(&mut |_| Ok(()), &task));
    for id in ids(&engine).into_iter().take(1) {
        let _ = pollster::block_on(engine.remove(&id));
    }
}
