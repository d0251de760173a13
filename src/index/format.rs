//! Records <-> bytes.
//!
//! Every record begins with the same envelope (numbers with the lowest byte first):
//!
//! ```text
//! 0        4         6          10             14
//! | magic  | version | checksum | body length  | body ...
//! ```
//!
//! The checksum is the CRC-32 of every other byte of the record. The body is written
//! by [postcard](https://postcard.jamesmunns.com/wire-format): fields in order, whole
//! numbers in groups of seven bits, floats in four or eight bytes, text and lists with
//! their length in front. Of a segment (magic `mmrs`, version 1) it is:
//!
//! ```text
//! documents        list of           for each document, in the order of their chunks:
//!   info                             id (16 bytes), name (text), kind, size, place in the
//!                                    order of adding (whole numbers), when it was added
//!                                    (f64), metadata (text)
//!   language       optional number   its language (see `language.rs`)
//!   chunks         whole number      how many chunks it has
//!   text bytes     whole number      the length of its text
//! spans            list of           start and end of each chunk in its document's text
//! headings         list of numbers   of each chunk the heading path's place among the paths
//! paths            list of texts     heading paths, each once
//! dimensions       whole number      numbers in a vector
//! codes            bytes             the vectors, row by row, each number from -127 to 127
//! scales           list of f32       one a vector: number x scale is what was embedded
//! alphabet         bytes             the most frequent bytes of the terms
//! number of terms  whole number
//! terms            bytes             all terms, sorted and packed (see `lexical/layout.rs`)
//! lists            bytes             the chunks that hold each term, packed likewise
//! blocks           list of           where a block of terms begins, and where its lists do
//! chunk lengths    list of numbers   terms in each chunk
//! ```
//!
//! Vectors by themselves (magic `mmrc`, version 1) are dimensions, codes and scales, as in a
//! segment. Of a graph (magic `mmrg`, version 1):
//!
//! ```text
//! codes            whole number      checksum of the vectors that it was made of
//! points           list of numbers   the vector of each point
//! links            list of lists     for each point, the points that it is linked to
//! layers           list of those     links in each layer above, which has the first of
//!                                    the points
//! ```
//!
//! About 600 bytes a chunk of 384 numbers and 120 words, and 40 more for its graph. A
//! version is readable for as long as a test opens its fixture.

use std::rc::Rc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::chunks::Chunks;
use super::dense::Codes;
use super::graph::Graph;
use super::language::Language;
use super::lexical::{Parts, Postings};
use super::segment::{Documents, Segment};
use crate::document::{DocumentInfo, Span};
use crate::error::{Error, Result};

/// The version that is written.
pub(crate) const FORMAT_VERSION: u16 = 1;

/// The oldest version that can be read.
pub(crate) const OLDEST_READABLE: u16 = 1;

const SEGMENT: [u8; 4] = *b"mmrs";
const GRAPH: [u8; 4] = *b"mmrg";
const CODES: [u8; 4] = *b"mmrc";

/// Bytes before the body.
const HEADER_BYTES: usize = 14;

/// Where the checksum stands.
const CHECKSUM: std::ops::Range<usize> = 6..10;

/// The record of `body`, in the present version.
pub(crate) fn seal(magic: [u8; 4], body: &impl Serialize) -> Vec<u8> {
    let mut record = Vec::new();
    record.extend(magic);
    record.extend(FORMAT_VERSION.to_le_bytes());
    record.extend([0; HEADER_BYTES - CHECKSUM.start]);
    let mut record = postcard::to_extend(body, record)
        .expect("memory takes every byte, and no body here has a part of unknown length");
    let length = (record.len() - HEADER_BYTES) as u32;
    record[CHECKSUM.end..HEADER_BYTES].copy_from_slice(&length.to_le_bytes());
    let checksum = checksum(&record);
    record[CHECKSUM].copy_from_slice(&checksum.to_le_bytes());
    record
}

/// The body of a record that [`seal`] wrote, checked. `record` is its name in errors.
pub(crate) fn open<T: DeserializeOwned>(magic: [u8; 4], record: &str, bytes: &[u8]) -> Result<T> {
    parse(body(magic, bytes), record)
}

/// The body's bytes, once the envelope is found to be whole.
fn body(magic: [u8; 4], bytes: &[u8]) -> Result<&[u8], &'static str> {
    let (header, body) = bytes.split_at_checked(HEADER_BYTES).ok_or("it is cut short")?;
    if header[..4] != magic {
        return Err("it is a record of another kind");
    }
    if header[CHECKSUM.end..] != (body.len() as u32).to_le_bytes() {
        return Err("its length is not what it says");
    }
    if header[CHECKSUM] != checksum(bytes).to_le_bytes() {
        return Err("its checksum is wrong");
    }
    match u16::from_le_bytes([header[4], header[5]]) {
        OLDEST_READABLE..=FORMAT_VERSION => Ok(body),
        _ => Err("it was written by another version, which this one cannot read"),
    }
}

fn parse<T: DeserializeOwned>(body: Result<&[u8], &'static str>, record: &str) -> Result<T> {
    let parsed = body.and_then(|body| {
        let (value, rest) = postcard::take_from_bytes(body).map_err(|_| "its body is malformed")?;
        if rest.is_empty() { Ok(value) } else { Err("its body is too long") }
    });
    parsed.map_err(|detail| corrupt(record, detail))
}

fn corrupt(record: &str, detail: &str) -> Error {
    Error::CorruptStorage { record: record.to_owned(), detail: detail.to_owned() }
}

/// The CRC-32 of all of a record but the checksum itself.
fn checksum(record: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&record[..CHECKSUM.start]);
    hasher.update(&record[CHECKSUM.end..]);
    hasher.finalize()
}

/// The checksum that a record bears.
pub(crate) fn checksum_in(record: &[u8]) -> u32 {
    let bytes = record.get(CHECKSUM).and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(0, u32::from_le_bytes)
}

/// The body of a segment's record.
#[derive(Serialize, Deserialize)]
struct SegmentBody {
    documents: Vec<(DocumentInfo, Option<Language>, u32, u32)>,
    spans: Vec<Span>,
    headings: Vec<u32>,
    paths: Vec<String>,
    dimensions: u32,
    #[serde(with = "signed_bytes")]
    codes: Vec<i8>,
    scales: Vec<f32>,
    postings: Parts,
}

impl Segment {
    /// The segment's record.
    pub fn to_bytes(&self) -> Vec<u8> {
        let document = |(place, info): (usize, &Rc<DocumentInfo>)| {
            let (chunks, text_bytes) = (self.chunks_of(place).len(), self.text_bytes(place));
            let language = self.language(place);
            (DocumentInfo::clone(info), language, chunks as u32, text_bytes as u32)
        };
        let (spans, headings) = self.chunks().from(0).unzip();
        let body = SegmentBody {
            documents: self.documents().iter().enumerate().map(document).collect(),
            spans,
            headings,
            paths: self.chunks().paths().to_vec(),
            dimensions: self.codes().dimensions() as u32,
            codes: self.codes().codes().to_vec(),
            scales: self.codes().scales().to_vec(),
            postings: self.postings().parts().clone(),
        };
        seal(SEGMENT, &body)
    }

    /// Reads the segment's record, named `record`. Whatever [`Segment::to_bytes`] did not
    /// write is an error.
    pub fn from_bytes(record: &str, bytes: &[u8]) -> Result<Self> {
        let body: SegmentBody = open(SEGMENT, record, bytes)?;
        let segment = || {
            let documents = Documents::from_parts(body.documents)?;
            let chunks = Chunks::from_parts(&body.spans, &body.headings, body.paths)?;
            let codes = Codes::from_parts(body.dimensions as usize, body.codes, body.scales)?;
            let postings = Postings::from_parts(body.postings)?;
            Segment::from_parts(documents, chunks, codes, postings)
        };
        segment().map_err(|detail| corrupt(record, detail))
    }
}

/// The body of vectors' record.
#[derive(Serialize, Deserialize)]
struct CodesBody {
    dimensions: u32,
    #[serde(with = "signed_bytes")]
    codes: Vec<i8>,
    scales: Vec<f32>,
}

impl Codes {
    /// The vectors' record.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let (codes, scales) = (self.codes().to_vec(), self.scales().to_vec());
        seal(CODES, &CodesBody { dimensions: self.dimensions() as u32, codes, scales })
    }

    /// Reads the vectors' record, named `record`. Whatever [`Codes::to_bytes`] did not write
    /// is an error.
    pub(crate) fn from_bytes(record: &str, bytes: &[u8]) -> Result<Self> {
        let CodesBody { dimensions, codes, scales } = open(CODES, record, bytes)?;
        Self::from_parts(dimensions as usize, codes, scales)
            .map_err(|detail| corrupt(record, detail))
    }
}

impl Graph {
    /// The graph's record.
    pub fn to_bytes(&self) -> Vec<u8> {
        seal(GRAPH, &self.to_body())
    }

    /// Reads the graph's record, named `record`, of `segment`. Whatever
    /// [`Graph::to_bytes`] did not write of a graph of this segment is an error; the
    /// graph can then be built again.
    pub fn from_bytes(record: &str, bytes: &[u8], segment: &Segment) -> Result<Self> {
        let body = open(GRAPH, record, bytes)?;
        Self::from_body(body, segment.codes()).map_err(|detail| corrupt(record, detail))
    }
}

/// Bytes as one piece, not as a list of numbers: the same on disk, and much faster.
pub(super) mod bytes {
    use std::fmt;

    use serde::de::{Deserializer, Error, Visitor};
    use serde::ser::Serializer;

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        from.deserialize_bytes(Bytes)
    }

    struct Bytes;

    impl Visitor<'_> for Bytes {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("bytes")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }
    }
}

/// Like [`bytes`], for bytes with a sign.
mod signed_bytes {
    use serde::de::Deserializer;
    use serde::ser::Serializer;

    pub(super) fn serialize<S: Serializer>(bytes: &[i8], to: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = bytes.iter().map(|&byte| byte as u8).collect();
        super::bytes::serialize(&bytes, to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<i8>, D::Error> {
        let bytes = super::bytes::deserialize(from)?;
        Ok(bytes.into_iter().map(|byte| byte as i8).collect())
    }
}
