//! Search among the vectors of pictures.

use std::collections::HashMap;

use super::image_vectors::{ImageVectors, PicturePlace};
use super::{BitSet, QuantizedVector};
use crate::error::Result;
use crate::fingerprint::Fingerprint;

/// The probability that a question belongs to a picture below which it is not shown.
const FLOOR: f32 = 0.5;

/// A question in the space of an image encoder.
pub(crate) struct ImageQuery<'a> {
    encoder: Fingerprint,
    /// The question's vector, then those of texts that say nothing of a picture.
    vectors: Vec<QuantizedVector>,
    /// The score of a picture, by its product with the question and the best one with the others; 0
    /// where there are no others.
    score: Box<dyn Fn(f32, f32) -> f32 + 'a>,
    /// The score below which a picture is left out.
    floor: f32,
}

/// A picture that a question belongs to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PictureMatch {
    /// Its place among the pictures of its document.
    pub picture: u32,
    /// How likely the question belongs to it: 0 to 1. Of a search with a picture, the cosine of both.
    pub score: f32,
}

impl<'a> ImageQuery<'a> {
    /// A question with its unit vector of this encoder, and those of texts that say nothing of a
    /// picture.
    pub(crate) fn new(
        encoder: Fingerprint,
        vector: &[f32],
        neutral: &[Vec<f32>],
        score: Box<dyn Fn(f32, f32) -> f32 + 'a>,
    ) -> Result<Self> {
        let vectors = std::iter::once(vector).chain(neutral.iter().map(Vec::as_slice));
        let vectors = vectors.map(QuantizedVector::quantize).collect::<Result<_>>()?;
        Ok(Self { encoder, vectors, score, floor: FLOOR })
    }

    /// A picture with its unit vector of this encoder: all pictures are found, by their cosines.
    pub(crate) fn of_picture(encoder: Fingerprint, vector: &[f32]) -> Result<Self> {
        let vectors = vec![QuantizedVector::quantize(vector)?];
        Ok(Self {
            encoder,
            vectors,
            score: Box::new(|product, _| product),
            floor: f32::NEG_INFINITY,
        })
    }

    /// The pictures above the floor in allowed chunks, each with the number of its chunk.
    pub(super) fn matches(
        &self,
        images: &ImageVectors,
        allowed: Option<&BitSet>,
    ) -> Vec<(u32, PictureMatch)> {
        let all = images.products(self.encoder, &self.vectors, allowed).into_iter();
        let scored = all.map(|(PicturePlace { chunk, picture }, products)| {
            let best = products[1..].iter().copied().reduce(f32::max);
            let score = (self.score)(products[0], best.unwrap_or(0.0));
            (chunk, PictureMatch { picture, score })
        });
        scored.filter(|(_, it)| it.score >= self.floor).collect()
    }

    /// The likeliest picture of each chunk, by segment and number of the chunk: of the `limit` likeliest
    /// pictures.
    pub(super) fn best_of_chunks(
        &self,
        segments: &[(&ImageVectors, Option<&BitSet>)],
        limit: usize,
    ) -> Vec<HashMap<u32, PictureMatch>> {
        let mut all: Vec<(usize, u32, PictureMatch)> = Vec::new();
        for (segment, (images, allowed)) in segments.iter().enumerate() {
            let found = self.matches(images, *allowed).into_iter();
            all.extend(found.map(|(chunk, it)| (segment, chunk, it)));
        }
        all.sort_by(|(.., a), (.., b)| b.score.total_cmp(&a.score));
        let mut best = vec![HashMap::new(); segments.len()];
        for (segment, chunk, it) in all.into_iter().take(limit) {
            best[segment].entry(chunk).or_insert(it);
        }
        best
    }
}
