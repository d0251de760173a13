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
    score: &'a dyn Fn(f32, f32) -> f32,
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
        score: &'a dyn Fn(f32, f32) -> f32,
    ) -> Result<Self> {
        let vectors = std::iter::once(vector).chain(neutral.iter().map(Vec::as_slice));
        let vectors = vectors.map(QuantizedVector::quantize).collect::<Result<_>>()?;
        Ok(Self { encoder, vectors, score, floor: FLOOR })
    }

    /// A picture with its unit vector of this encoder: all pictures are found, by their cosines.
    pub(crate) fn of_picture(encoder: Fingerprint, vector: &[f32]) -> Result<Self> {
        let vectors = vec![QuantizedVector::quantize(vector)?];
        Ok(Self { encoder, vectors, score: &|product, _| product, floor: f32::NEG_INFINITY })
    }

    /// The likeliest picture of each allowed chunk that has one above the floor.
    pub(super) fn matches(
        &self,
        images: &ImageVectors,
        allowed: Option<&BitSet>,
    ) -> HashMap<u32, PictureMatch> {
        let mut matches: HashMap<u32, PictureMatch> = HashMap::new();
        let all = images.products(self.encoder, &self.vectors, allowed);
        for (PicturePlace { chunk, picture }, products) in all {
            let best = products[1..].iter().copied().reduce(f32::max);
            let score = (self.score)(products[0], best.unwrap_or(0.0));
            if score < self.floor {
                continue;
            }
            let best = matches.entry(chunk).or_insert(PictureMatch { picture, score });
            if score > best.score {
                *best = PictureMatch { picture, score };
            }
        }
        matches
    }
}
