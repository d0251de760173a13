//! Small image encoders of random weights, and what transformers and open_clip make of them:
//! `scripts/reference/image_encoders.py` wrote the reference and has the same numbers.
#![allow(dead_code, reason = "no test crate uses all of it")]

use multimodal_rag::OriginalImageEncoder;
use serde::Deserialize;

use crate::rng::Rng;

const REFERENCE: &str = include_str!("../fixtures/reference/image_encoders.json");

/// An encoder, and what transformers or open_clip makes of pictures and texts with it.
#[derive(Deserialize)]
pub(crate) struct Reference {
    config: String,
    tokenizer: String,
    preprocessor: Option<String>,
    /// Of each: its name, its shape, and the offset and scale of its numbers.
    tensors: Vec<(String, Vec<usize>, f32, f32)>,
    pub(crate) pictures: Vec<PictureReference>,
    pub(crate) texts: Vec<TextReference>,
    #[serde(skip)]
    weights: Vec<u8>,
}

#[derive(Deserialize)]
pub(crate) struct PictureReference {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pixels: String,
    pub(crate) vector: Vec<f32>,
}

#[derive(Deserialize)]
pub(crate) struct TextReference {
    pub(crate) text: String,
    pub(crate) ids: Vec<u32>,
    pub(crate) vector: Vec<f32>,
}

impl Reference {
    /// The encoder of this name: "clip", "siglip" or "mobileclip".
    pub(crate) fn of(name: &str) -> Self {
        let mut all: serde_json::Value = serde_json::from_str(REFERENCE).unwrap();
        let mut reference: Self = serde_json::from_value(all[name].take()).unwrap();
        reference.weights = weights(&reference.tensors);
        reference
    }

    pub(crate) fn files(&self) -> OriginalImageEncoder<'_> {
        let Self { weights, config, tokenizer, preprocessor, .. } = self;
        let preprocessor = preprocessor.as_deref();
        OriginalImageEncoder { weights, config, tokenizer, preprocessor }
    }
}

impl PictureReference {
    /// The pixels that the image processor of transformers makes of the picture.
    pub(crate) fn pixels(&self) -> Vec<u8> {
        let digits = self.pixels.as_bytes().as_chunks::<2>().0.iter();
        digits.map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap()).collect()
    }
}

/// The picture of this size, three bytes a pixel in rows from the top: colours in waves and edges.
pub(crate) fn picture(width: u32, height: u32) -> Vec<u8> {
    let rows = (0..i64::from(height)).flat_map(|y| (0..i64::from(width)).map(move |x| (x, y)));
    let colours =
        rows.flat_map(|(x, y)| [x * 5 + y * 3, x * 2 + (x * y) / 40, 255 - y * 4 + x / 3]);
    colours.map(|colour| colour.rem_euclid(256) as u8).collect()
}

/// The file of these tensors.
fn weights(tensors: &[(String, Vec<usize>, f32, f32)]) -> Vec<u8> {
    let mut header = serde_json::Map::new();
    let mut bytes: Vec<u8> = Vec::new();
    for (name, shape, offset, scale) in tensors {
        let mut rng = Rng::new(seed_of(name));
        let start = bytes.len();
        for _ in 0..shape.iter().product() {
            bytes.extend((offset + scale * rng.signed_fraction()).to_le_bytes());
        }
        let offsets = [start, bytes.len()];
        let tensor = serde_json::json!({ "dtype": "F32", "shape": shape, "data_offsets": offsets });
        header.insert(name.clone(), tensor);
    }
    let header = serde_json::Value::Object(header).to_string();
    let length = (header.len() as u64).to_le_bytes();
    [&length[..], header.as_bytes(), &bytes].concat()
}

/// The hash FNV-1a.
fn seed_of(name: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    name.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}
