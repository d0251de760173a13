//! The envelope of everything that is stored or exported.
//!
//! Every record begins with the same 14 bytes (numbers with the lowest byte first):
//!
//! ```text
//! 0        3      4         6          10             14
//! | "mmr" | kind | version | checksum | body length  | body ...
//! ```
//!
//! `kind` is a letter, one of the table [`Kind::info`]. The checksum is the CRC-32 of every other
//! byte of the record. The body is written by
//! [postcard](https://postcard.jamesmunns.com/wire-format): fields in order, whole numbers in
//! groups of seven bits, floats in four or eight bytes, texts and lists with their length in
//! front. `docs/storage-format.md` draws each body; `CONTRIBUTING.md` lists what a new kind of
//! record touches.
//!
//! An export is a stream: it has the first six bytes of the envelope, and its number of
//! records and its checksum at its end.

mod kind;

use std::ops::Range;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use kind::Kind;

use crate::error::{Error, Result};

/// What every record and export begins with.
const MAGIC: &[u8] = b"mmr";
const KIND: usize = 3;
const VERSION: Range<usize> = 4..6;
const CHECKSUM: Range<usize> = 6..10;
const LENGTH: Range<usize> = 10..14;
/// Bytes of magic, kind and version.
pub(crate) const PREFIX_BYTES: usize = 6;
/// Bytes before the body.
const HEADER_BYTES: usize = 14;

/// What a record holds, and how each version of it is read.
pub(crate) trait Body: Sized {
    /// The kind of record that it is the body of.
    const KIND: Kind;

    /// Reads the bytes of a body of this version, which is one that the kind's row names.
    /// `Err` says what is wrong with them. A version that is not the current one is
    /// converted here.
    fn decode(version: u16, body: &[u8]) -> Result<Self, &'static str>;
}

/// Reads all bytes of `body` as a `T`: for bodies that are read as they were written.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, &'static str> {
    let (value, rest) = parse_prefix(body)?;
    if rest.is_empty() { Ok(value) } else { Err("its body is too long") }
}

/// Reads the first bytes of `body` as a `T`, and returns the rest.
pub(crate) fn parse_prefix<T: DeserializeOwned>(body: &[u8]) -> Result<(T, &[u8]), &'static str> {
    postcard::take_from_bytes(body).map_err(|_| "its body is malformed")
}

/// The record of this kind with this body, in the current version. The body serializes as the
/// kind's [`Body`] does; a tuple of references spares a copy.
pub(crate) fn encode(kind: Kind, body: &impl Serialize) -> Vec<u8> {
    let mut record = prefix(kind).to_vec();
    record.resize(HEADER_BYTES, 0);
    let mut record = postcard::to_extend(body, record)
        .expect("memory takes every byte, and no body has a part of unknown length");
    let length = (record.len() - HEADER_BYTES) as u32;
    record[LENGTH].copy_from_slice(&length.to_le_bytes());
    let checksum = compute_checksum(&record);
    record[CHECKSUM].copy_from_slice(&checksum.to_le_bytes());
    record
}

/// The body of a record that [`encode`] wrote, in this version or an older one. `key` is the
/// record's name in errors.
///
/// # Errors
/// [`Error::CorruptStorage`] for a record that is damaged or of another kind,
/// [`Error::RecordTooNew`] and [`Error::RecordTooOld`] for a whole record of a version that
/// cannot be read.
pub(crate) fn decode<T: Body>(key: &str, record: &[u8]) -> Result<T> {
    let corrupt = |detail| corrupt(key, detail);
    let body = check_envelope(T::KIND, record).map_err(corrupt)?;
    let version = check_version(T::KIND, key, record)?;
    T::decode(version, body).map_err(corrupt)
}

/// The first bytes of a record or export of this kind: magic, kind and current version.
pub(crate) fn prefix(kind: Kind) -> [u8; PREFIX_BYTES] {
    let mut prefix = [0; PREFIX_BYTES];
    prefix[..MAGIC.len()].copy_from_slice(MAGIC);
    prefix[KIND] = kind.info().letter;
    prefix[VERSION].copy_from_slice(&kind.info().current.to_le_bytes());
    prefix
}

/// Whether bytes begin as records and exports of this kind do, in any version.
pub(crate) fn is_of_kind(kind: Kind, bytes: &[u8]) -> bool {
    bytes.len() >= VERSION.end && bytes.starts_with(MAGIC) && bytes[KIND] == kind.info().letter
}

/// The version of a record or export of this kind ([`is_of_kind`]).
///
/// # Errors
/// [`Error::RecordTooNew`] and [`Error::RecordTooOld`].
pub(crate) fn check_version(kind: Kind, key: &str, bytes: &[u8]) -> Result<u16> {
    let version = u16::from_le_bytes([bytes[VERSION.start], bytes[VERSION.start + 1]]);
    let (record, info) = (key.to_owned(), kind.info());
    let kind = info.name;
    if version > info.current {
        return Err(Error::RecordTooNew { kind, record, version, supported: info.current });
    }
    if version < info.oldest {
        return Err(Error::RecordTooOld { kind, record, version, supported: info.oldest });
    }
    Ok(version)
}

/// The body of a record whose envelope is whole.
fn check_envelope(kind: Kind, record: &[u8]) -> Result<&[u8], &'static str> {
    let (header, body) = record.split_at_checked(HEADER_BYTES).ok_or("it is cut short")?;
    if !is_of_kind(kind, header) {
        return Err("it is a record of another kind");
    }
    if header[LENGTH] != (body.len() as u32).to_le_bytes() {
        return Err("its length is not the one that it states");
    }
    if header[CHECKSUM] != compute_checksum(record).to_le_bytes() {
        return Err("its checksum is wrong");
    }
    Ok(body)
}

/// The CRC-32 of all of a record but the checksum itself.
fn compute_checksum(record: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&record[..CHECKSUM.start]);
    hasher.update(&record[CHECKSUM.end..]);
    hasher.finalize()
}

/// The checksum that a record states; 0 where it is too short to have one.
pub(crate) fn stated_checksum(record: &[u8]) -> u32 {
    let bytes = record.get(CHECKSUM).and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(0, u32::from_le_bytes)
}

/// The error of a record that cannot be read.
pub(crate) fn corrupt(key: &str, detail: &str) -> Error {
    Error::CorruptStorage { record: key.to_owned(), detail: detail.to_owned() }
}
