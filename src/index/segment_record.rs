//! The record of a segment.
//!
//! The body of version 2 is (see [`crate::record`] for the envelope and the numbers):
//!
//! ```text
//! documents        list of           for each document, in the order of their chunks:
//!   info                             id (16 bytes), name (text), kind, size, place in the
//!                                    order of adding (whole numbers), when it was added
//!                                    (f64), metadata (text); what its reader found out, its
//!                                    container, whether its file is kept: not in version 1
//!   language       optional number   its language (see `language.rs`)
//!   chunks         whole number      how many chunks it has
//!   text bytes     whole number      the length of its text
//! spans            list of           start and end of each chunk in its document's text
//! headings         list of numbers   of each chunk the heading path's place among the paths
//! paths            list of texts     heading paths, each once; that of rows of a table ends
//!                                    with a line end and the table's header or description
//! dimensions       whole number      numbers in a vector
//! codes            bytes             the vectors, row by row, each number from -127 to 127
//! scales           list of f32       one a vector: number x scale is what was embedded. A row of zeros
//!                                    with the scale 0 is of a chunk without a vector
//! alphabet         bytes             the most frequent bytes of the terms
//! number of terms  whole number
//! terms            bytes             all terms, sorted and packed (see `lexical/layout.rs`)
//! lists            bytes             the chunks that hold each term, packed likewise
//! blocks           list of           where a block of terms begins, and where its lists do
//! chunk lengths    list of numbers   terms in each chunk
//! images           list of           of each image encoder: its fingerprint, 32 numbers; a list of
//!                                    pictures, each the number of its chunk and its place among the
//!                                    pictures of its document; numbers in a vector; codes and scales
//!                                    as above, one vector a picture. Since version 3
//! ```
//!
//! About 600 bytes a chunk of 384 numbers and 120 words.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::chunks::Chunks;
use super::image_vectors::{ImageVectors, StoredImageSpace};
use super::lexical::{Parts, Postings};
use super::quantized::QuantizedVectors;
use super::segment::{Documents, Segment};
use crate::document::{DocumentInfo, DocumentInfoV1, Span};
use crate::error::Result;
use crate::record::{self, Body, Kind, corrupt};
use crate::text::Language;

/// The body of a segment's record.
#[derive(Serialize, Deserialize)]
struct SegmentBody {
    documents: Vec<(DocumentInfo, Option<Language>, u32, u32)>,
    rest: SegmentRest,
    images: Vec<StoredImageSpace>,
}

/// The part of the body that version 1 has as well.
#[derive(Serialize, Deserialize)]
struct SegmentRest {
    spans: Vec<Span>,
    headings: Vec<u32>,
    paths: Vec<String>,
    dimensions: u32,
    #[serde(with = "super::quantized::signed_bytes")]
    codes: Vec<i8>,
    scales: Vec<f32>,
    postings: Parts,
}

/// A document in records of version 1: what is known of it, its language, its chunks, and the
/// bytes of its text.
type DocumentV1 = (DocumentInfoV1, Option<Language>, u32, u32);

impl Body for SegmentBody {
    const KIND: Kind = Kind::Segment;

    fn decode(version: u16, body: &[u8]) -> Result<Self, &'static str> {
        match version {
            1 => {}
            2 => {
                let (documents, rest) = record::parse(body)?;
                return Ok(Self { documents, rest, images: Vec::new() });
            }
            _ => return record::parse(body),
        }
        let (documents, rest): (Vec<DocumentV1>, _) = record::parse_prefix(body)?;
        let documents = documents
            .into_iter()
            .map(|(info, language, chunks, bytes)| (info.into(), language, chunks, bytes))
            .collect();
        let rest: SegmentRest = record::parse(rest)?;
        Ok(Self { documents, rest, images: Vec::new() })
    }
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
        let rest = SegmentRest {
            spans,
            headings,
            paths: self.chunks().paths().to_vec(),
            dimensions: self.vectors().dimensions() as u32,
            codes: self.vectors().codes().to_vec(),
            scales: self.vectors().scales().to_vec(),
            postings: self.postings().parts().clone(),
        };
        let documents = self.documents().iter().enumerate().map(document).collect();
        let body = SegmentBody { documents, rest, images: self.images().to_stored() };
        record::encode(Kind::Segment, &body)
    }

    /// Reads the segment's record, stored under `key`. A record that [`Segment::to_bytes`] did
    /// not write is an error.
    pub fn from_bytes(key: &str, bytes: &[u8]) -> Result<Self> {
        let SegmentBody { documents, rest: body, images } = record::decode(key, bytes)?;
        let segment = || {
            let documents = Documents::from_parts(documents)?;
            let chunks = Chunks::from_parts(&body.spans, &body.headings, body.paths)?;
            let vectors =
                QuantizedVectors::from_parts(body.dimensions as usize, body.codes, body.scales)?;
            let postings = Postings::from_parts(body.postings)?;
            let images = ImageVectors::from_stored(images, vectors.len())?;
            Segment::from_parts(documents, chunks, vectors, postings, images)
        };
        segment().map_err(|detail| corrupt(key, detail))
    }
}
