//! The search of vectors for a page to time: the module of `benches/browser/search.mjs`.

#![cfg(target_arch = "wasm32")]

mod collection;

use multimodal_rag::Way;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

use collection::{Collection, DIMENSIONS};

/// Vectors in segments, and questions.
#[wasm_bindgen]
pub struct Vectors(Collection);

#[wasm_bindgen]
impl Vectors {
    /// `count` vectors, the same each time.
    #[wasm_bindgen(constructor)]
    pub fn new(count: usize, questions: usize) -> Result<Self, JsError> {
        Ok(Self(Collection::new(count, questions)?))
    }

    /// Builds the next segment's graph; whether another segment needs one.
    #[wasm_bindgen(js_name = buildGraph)]
    pub fn build_graph(&mut self) -> bool {
        self.0.build_graph()
    }

    /// The numbers of a vector.
    pub fn vector(&self, number: usize) -> Vec<f32> {
        self.0.vector(number).to_vec()
    }

    /// The numbers of a question.
    pub fn question(&self, number: usize) -> Vec<f32> {
        self.0.question(number).to_vec()
    }

    /// The nearest to a question: by `codes`, `signs` or `graphs`, otherwise as is quickest.
    pub fn search(&self, question: &[f32], way: &str, count: usize) -> Result<Vec<u32>, JsError> {
        let way = match way {
            "codes" => Some(Way::Codes),
            "signs" => Some(Way::Signs),
            "graphs" => Some(Way::Graphs),
            _ => None,
        };
        Ok(self.0.search(question, way, count)?)
    }

    /// The nearest to a question by `f32`.
    #[wasm_bindgen(js_name = nearestByF32)]
    pub fn nearest_by_f32(&self, question: &[f32], count: usize) -> Vec<u32> {
        self.0.nearest_by_f32(question, count)
    }
}

/// Numbers of a vector.
#[wasm_bindgen]
pub fn dimensions() -> usize {
    DIMENSIONS
}
