//! Files that are kept: the bytes that a document was read from, in parts of 4 MiB.
//!
//! A part lies under the key of its owner, `/` and its number in eight digits. Owners are a
//! document (`original/ID`), an add that is under way (`job/ID/original`) and a file that waits
//! to be added (`queued/N`).

use serde::{Deserialize, Serialize};

use super::records::{get_record, original_key};
use crate::document::DocumentInfo;
use crate::error::Result;
use crate::record::{self, Body, Kind, corrupt};
use crate::store::Store;

/// Bytes of each part but the last.
const PART_BYTES: usize = 4 << 20;

/// The body of a part's record.
#[derive(Serialize, Deserialize)]
struct Part {
    /// The key of its owner, so that no part of another file is taken for it.
    owner: String,
    number: u32,
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
}

impl Body for Part {
    const KIND: Kind = Kind::Original;

    fn decode(_version: u16, body: &[u8]) -> Result<Self, &'static str> {
        record::parse(body)
    }
}

fn part_key(owner: &str, number: u32) -> String {
    format!("{owner}/{number:08}")
}

fn encode_part(owner: &str, number: u32, bytes: &[u8]) -> (String, Vec<u8>) {
    let record = record::encode(Kind::Original, &(owner, number, serde_bytes::Bytes::new(bytes)));
    (part_key(owner, number), record)
}

/// The records of a file, with their keys.
pub(crate) fn original_records(owner: &str, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    (0..).zip(bytes.chunks(PART_BYTES)).map(|(at, part)| encode_part(owner, at, part)).collect()
}

/// The most parts of a file, whatever size a damaged record states.
const MAX_PARTS: u64 = 1 << 16;

/// How many parts a file of `bytes` has.
fn part_count(bytes: u64) -> u32 {
    bytes.div_ceil(PART_BYTES as u64).min(MAX_PARTS) as u32
}

/// The keys of the file of a document; none where it is not kept, or within its container's.
pub(super) fn original_keys(info: &DocumentInfo) -> impl Iterator<Item = String> {
    let is_kept = info.has_original && info.container.is_none();
    let count = if is_kept { part_count(info.bytes) } else { 0 };
    let owner = original_key(info.id);
    (0..count).map(move |number| part_key(&owner, number))
}

/// The bytes of the part that the record `key` holds. `owner` and `number` make that key.
fn decode_part(owner: &str, number: u32, record: &[u8]) -> Result<Vec<u8>> {
    let key = part_key(owner, number);
    let part: Part = record::decode(&key, record)?;
    if part.owner != owner || part.number != number {
        return Err(corrupt(&key, "it is a part of another file"));
    }
    Ok(part.bytes)
}

/// An error unless the record `key`, an `original/ID/N`, holds the part that its key names.
pub(super) fn check_part(key: &str, record: &[u8]) -> Result<()> {
    let malformed = || corrupt(key, "its key is malformed");
    let (owner, number) = key.rsplit_once('/').ok_or_else(malformed)?;
    let number = number.parse().map_err(|_| malformed())?;
    if part_key(owner, number) != key {
        return Err(malformed());
    }
    decode_part(owner, number, record).map(|_| ())
}

/// Reads a file of `bytes` bytes part by part.
///
/// # Errors
/// [`Error::CorruptStorage`](crate::Error::CorruptStorage) for a part that is missing or damaged;
/// errors of `write`.
pub(crate) async fn read_original(
    store: &dyn Store,
    owner: &str,
    bytes: u64,
    write: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let mut left = bytes;
    for number in 0..part_count(bytes) {
        let key = part_key(owner, number);
        let part = decode_part(owner, number, &get_record(store, &key).await?)?;
        if part.len() as u64 != left.min(PART_BYTES as u64) {
            return Err(corrupt(&key, "it has another length"));
        }
        left -= part.len() as u64;
        write(&part)?;
    }
    Ok(())
}

/// The records of a file that has another owner now, under the keys of its new one.
pub(crate) async fn moved_original(
    store: &dyn Store,
    from: &str,
    info: &DocumentInfo,
) -> Result<Vec<(String, Vec<u8>)>> {
    let (mut records, owner) = (Vec::new(), original_key(info.id));
    let mut push = |part: &[u8]| {
        records.push(encode_part(&owner, records.len() as u32, part));
        Ok(())
    };
    read_original(store, from, info.bytes, &mut push).await?;
    Ok(records)
}

/// The owner of the file of a document.
pub(crate) fn original_owner(info: &DocumentInfo) -> String {
    original_key(info.id)
}
