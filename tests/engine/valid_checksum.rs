//! Records and exported files that are wrong under a right checksum, and whatever can be done
//! with them.

use multimodal_rag::Task;

use crate::changed::{Original, QUESTIONS, Records, ids};
use crate::record::{HEADER_BYTES, with_body};
use crate::world::World;

impl Original {
    /// Puts `record` in the place of one of its kind, with a checksum that is right, and uses
    /// what opens, whatever it answers then. What is exported is imported in the same way.
    pub(crate) fn use_forged(&self, record: &[u8]) {
        if record.starts_with(b"mmrx") {
            let world = self.world(&Records::new());
            if self.import(&with_right_checksums(record), &world).is_ok() {
                use_all(&world);
            }
            return;
        }
        let Some((header, body)) = record.split_at_checked(HEADER_BYTES) else { return };
        let forged = with_body(header, body);
        let mut records = self.records.clone();
        let id = body.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>();
        let key = match &header[..4] {
            b"mmrs" => admit(&mut records, &forged),
            b"mmrt" => format!("document/{id}"),
            b"mmrj" => format!("job/{id}"),
            b"mmrk" => "knowledge-base".to_owned(),
            _ => return,
        };
        records.insert(key, forged);
        use_all(&self.world(&records));
    }
}

/// Has the list of segments name `segment` in the place of the first; returns its key.
fn admit(records: &mut Records, segment: &[u8]) -> String {
    let key = records.keys().find(|key| key.starts_with("segment/")).unwrap().clone();
    let (old, new) = (checksum_in(&records[&key]), checksum_in(segment));
    let list = records.get_mut("knowledge-base").unwrap();
    let at = list.windows(old.len()).position(|bytes| bytes == old).unwrap();
    let body = [&list[HEADER_BYTES..at], &new, &list[at + old.len()..]].concat();
    *list = with_body(list, &body);
    key
}

/// The checksum that a record bears, as a list of segments holds it: in groups of seven bits.
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

/// An exported file with all checksums, lengths and counts made right, as far as it has the
/// shape of one.
fn with_right_checksums(file: &[u8]) -> Vec<u8> {
    let mut right = file[..file.len().min(6)].to_vec();
    let (mut rest, mut count) = (file.get(6..).unwrap_or_default(), 0_u32);
    while let Some((key, record, after)) = split_record(rest) {
        let (header, body) = record.split_at_checked(HEADER_BYTES).unwrap_or((record, &[]));
        right.extend(&rest[..1 + key]);
        let record =
            if header.len() < HEADER_BYTES { record.to_vec() } else { with_body(header, body) };
        right.extend((record.len() as u32).to_le_bytes());
        right.extend(record);
        (rest, count) = (after, count + 1);
    }
    right.push(0);
    right.extend(count.to_le_bytes());
    let checksum = crc32fast::hash(&right);
    right.extend(checksum.to_le_bytes());
    right
}

/// The length of the key of the first of these records, the record, and what follows it.
fn split_record(records: &[u8]) -> Option<(usize, &[u8], &[u8])> {
    let key = usize::from(*records.first().filter(|&&length| length > 0)?);
    let (length, rest) = records.get(1 + key..)?.split_first_chunk::<4>()?;
    let (record, after) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((key, record, after))
}

/// Does whatever can be done with these records: an error is an answer, a panic is not.
fn use_all(world: &World) {
    let task = Task::default();
    let Ok(engine) = pollster::block_on(world.try_open(&task)) else { return };
    let [question, _] = QUESTIONS;
    if let Ok(passages) = pollster::block_on(engine.search(question, 10, None, &task)) {
        // The sentences of all of them would take most of the time.
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
