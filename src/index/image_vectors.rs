//! The vectors of the pictures of a segment. They are in spaces of their own, one for each image
//! encoder, and belong to the chunks in which the pictures stand.

use serde::{Deserialize, Serialize};

use super::bit_set::BitSet;
use super::quantized::{QuantizedVector, QuantizedVectors, signed_bytes};
use crate::document::PictureVector;
use crate::error::Result;
use crate::fingerprint::Fingerprint;

/// The vectors of all image encoders that were used.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ImageVectors {
    spaces: Vec<ImageSpace>,
}

/// The vectors of one image encoder.
#[derive(Debug, Clone, PartialEq)]
struct ImageSpace {
    encoder: Fingerprint,
    places: Vec<PicturePlace>,
    vectors: QuantizedVectors,
}

/// A picture of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PicturePlace {
    /// The number of the chunk in which it stands.
    pub(crate) chunk: u32,
    /// Its place among the pictures of its document.
    pub(crate) picture: u32,
}

/// [`ImageSpace`] in a segment's record.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredImageSpace {
    encoder: Fingerprint,
    places: Vec<PicturePlace>,
    dimensions: u32,
    #[serde(with = "signed_bytes")]
    codes: Vec<i8>,
    scales: Vec<f32>,
}

/// What a document stores of the unit vector `embedding` of a picture.
///
/// # Errors
/// [`Error::Internal`](crate::Error::Internal) for numbers that no unit vector holds.
pub(crate) fn picture_vector(encoder: Fingerprint, embedding: &[f32]) -> Result<PictureVector> {
    let mut one = QuantizedVectors::new(embedding.len());
    one.push(embedding)?;
    let codes = one.codes().iter().map(|&code| code as u8).collect();
    Ok(PictureVector { encoder, codes, scale: one.scales()[0] })
}

impl ImageVectors {
    /// Adds the vector of a picture. One that is damaged is left out.
    pub(super) fn push(&mut self, place: PicturePlace, vector: &PictureVector) {
        let codes = vector.codes.iter().map(|&code| code as i8).collect();
        let (dimensions, scales) = (vector.codes.len(), vec![vector.scale]);
        if let Ok(one) = QuantizedVectors::from_parts(dimensions, codes, scales) {
            self.push_row(vector.encoder, place, (&one, 0));
        }
    }

    /// Adds all vectors of `other` whose chunks have a number here.
    pub(super) fn push_all(&mut self, other: &Self, number: impl Fn(u32) -> Option<u32>) {
        for space in &other.spaces {
            for (row, place) in space.places.iter().enumerate() {
                if let Some(chunk) = number(place.chunk) {
                    let place = PicturePlace { chunk, ..*place };
                    self.push_row(space.encoder, place, (&space.vectors, row));
                }
            }
        }
    }

    fn push_row(
        &mut self,
        encoder: Fingerprint,
        place: PicturePlace,
        (vectors, row): (&QuantizedVectors, usize),
    ) {
        let at = self.spaces.iter().position(|space| space.encoder == encoder);
        let at = at.unwrap_or_else(|| {
            let vectors = QuantizedVectors::new(vectors.dimensions());
            self.spaces.push(ImageSpace { encoder, places: Vec::new(), vectors });
            self.spaces.len() - 1
        });
        let space = &mut self.spaces[at];
        // One of another length is not of this encoder, and is left out.
        if space.vectors.push_row_of(vectors, row).is_ok() {
            space.places.push(place);
        }
    }

    /// Whether there are vectors of this encoder.
    pub(super) fn has(&self, encoder: Fingerprint) -> bool {
        self.spaces.iter().any(|space| space.encoder == encoder && !space.places.is_empty())
    }

    /// The pictures of this encoder in the allowed chunks, each with its products with the queries.
    pub(super) fn products(
        &self,
        encoder: Fingerprint,
        queries: &[QuantizedVector],
        allowed: Option<&BitSet>,
    ) -> Vec<(PicturePlace, Vec<f32>)> {
        let Some(space) = self.spaces.iter().find(|space| space.encoder == encoder) else {
            return Vec::new();
        };
        let fits = |query: &&QuantizedVector| query.dimensions() == space.vectors.dimensions();
        let products: Vec<_> =
            queries.iter().filter(fits).map(|query| space.vectors.scan(query)).collect();
        if products.len() < queries.len() {
            return Vec::new();
        }
        let rows = space.places.iter().enumerate();
        let is_allowed =
            |place: &PicturePlace| allowed.is_none_or(|allowed| allowed.get(place.chunk as usize));
        let rows = rows.filter(|(_, place)| is_allowed(place));
        let of_row = |row: usize| products.iter().map(|of_query| of_query[row]).collect();
        rows.map(|(row, &place)| (place, of_row(row))).collect()
    }

    /// Bytes of memory in use.
    pub(super) fn memory_bytes(&self) -> usize {
        let places = |space: &ImageSpace| space.places.capacity() * size_of::<PicturePlace>();
        self.spaces.iter().map(|space| places(space) + space.vectors.memory_bytes()).sum()
    }

    /// What the segment's record holds.
    pub(super) fn to_stored(&self) -> Vec<StoredImageSpace> {
        let stored = |space: &ImageSpace| StoredImageSpace {
            encoder: space.encoder,
            places: space.places.clone(),
            dimensions: space.vectors.dimensions() as u32,
            codes: space.vectors.codes().to_vec(),
            scales: space.vectors.scales().to_vec(),
        };
        self.spaces.iter().map(stored).collect()
    }

    /// What a record of a segment of so many chunks holds. An error says what is wrong with it.
    pub(super) fn from_stored(
        stored: Vec<StoredImageSpace>,
        chunks: usize,
    ) -> Result<Self, &'static str> {
        let space = |stored: StoredImageSpace| {
            let StoredImageSpace { encoder, places, dimensions, codes, scales } = stored;
            if places.len() != scales.len() {
                return Err("its pictures are not as many as their vectors");
            }
            if places.iter().any(|place| place.chunk as usize >= chunks) {
                return Err("a picture is in none of its chunks");
            }
            let vectors = QuantizedVectors::from_parts(dimensions as usize, codes, scales)?;
            Ok(ImageSpace { encoder, places, vectors })
        };
        Ok(Self { spaces: stored.into_iter().map(space).collect::<Result<_, _>>()? })
    }
}
