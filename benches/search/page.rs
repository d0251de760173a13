//! Search for a page to time: the module of `benches/browser/search.mjs`.

#![cfg(target_arch = "wasm32")]

mod collection;
mod library;
#[path = "../../tests/support/rng.rs"]
mod rng;
mod stored;
mod words;

use multimodal_rag::Fingerprint;
use multimodal_rag::internals::{Index, SearchStrategy};
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

use collection::{Collection, DIMENSIONS};
use library::Library;
use stored::write;

#[wasm_bindgen]
extern "C" {
    /// Milliseconds.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// Vectors in segments, and questions.
#[wasm_bindgen]
pub struct Vectors(Collection);

#[wasm_bindgen]
impl Vectors {
    /// `count` vectors, the same each time, which are not searched yet.
    #[wasm_bindgen(constructor)]
    pub fn new(count: usize, questions: usize) -> Self {
        Self(Collection::new(count, questions))
    }

    /// Makes of the vectors what is searched.
    pub fn build(&mut self) -> Result<(), JsError> {
        Ok(self.0.build()?)
    }

    /// Builds the next segment's graph; whether another segment needs one.
    #[wasm_bindgen(js_name = buildGraph)]
    pub fn build_graph(&mut self) -> bool {
        self.0.build_graph()
    }

    /// Bytes of memory that the search needs, without graphs.
    #[wasm_bindgen(js_name = memoryBytes)]
    pub fn memory_bytes(&self) -> usize {
        self.0.memory_bytes()
    }

    /// The numbers of all vectors.
    pub fn vectors(&self) -> Vec<f32> {
        self.0.vectors().to_vec()
    }

    /// The numbers of a question.
    pub fn question(&self, number: usize) -> Vec<f32> {
        self.0.question(number).to_vec()
    }

    /// The nearest to a question: by `codes`, `signs` or `graphs`, otherwise as is quickest.
    pub fn search(
        &self,
        question: &[f32],
        strategy: &str,
        count: usize,
    ) -> Result<Vec<u32>, JsError> {
        let strategy = match strategy {
            "codes" => Some(SearchStrategy::Exact),
            "signs" => Some(SearchStrategy::Signs),
            "graphs" => Some(SearchStrategy::Graph),
            _ => None,
        };
        Ok(self.0.search(question, strategy, count)?)
    }

    /// The nearest to a question by 8-bit codes, in plain arithmetic.
    #[wasm_bindgen(js_name = nearestByCodes)]
    pub fn nearest_by_codes(&self, question: &[f32], count: usize) -> Vec<u32> {
        self.0.nearest_by_codes(question, count)
    }

    /// The nearest to a question by `f32`.
    #[wasm_bindgen(js_name = nearestByF32)]
    pub fn nearest_by_f32(&self, question: &[f32], count: usize) -> Vec<u32> {
        self.0.nearest_by_f32(question, count)
    }
}

/// Texts, each question of which one chunk answers.
#[wasm_bindgen]
pub struct Texts {
    library: Library,
    /// Of their words.
    index: Index,
}

#[wasm_bindgen]
impl Texts {
    /// So many chunks, the same each time.
    #[wasm_bindgen(constructor)]
    pub fn new(chunks: usize, questions: usize) -> Self {
        Self { library: Library::new(chunks, questions), index: Index::new() }
    }

    /// A question.
    pub fn question(&self, number: usize) -> String {
        self.library.question(number)
    }

    /// The id of the document that answers a question.
    pub fn answer(&self, question: usize) -> String {
        self.library.answer(question).0.to_string()
    }

    /// The number of the chunk that answers a question.
    pub fn asked(&self, question: usize) -> usize {
        self.library.asked(question)
    }

    /// The texts of all chunks, in order.
    pub fn chunks(&self) -> Vec<String> {
        let mut texts = Vec::with_capacity(self.library.chunks());
        for (document, chunks) in self.library.documents() {
            texts.extend(chunks.iter().map(|chunk| chunk.embedded_text(&document.document)));
        }
        texts
    }

    /// Makes an index of the words; gives the milliseconds that it took.
    #[wasm_bindgen(js_name = indexWords)]
    pub fn index_words(&mut self) -> Result<f64, JsError> {
        let (index, spent) = self.library.index_of_words(&now)?;
        self.index = index;
        Ok(spent)
    }

    /// Bytes of memory that the index of the words takes.
    #[wasm_bindgen(js_name = memoryBytes)]
    pub fn memory_bytes(&self) -> usize {
        self.index.memory_bytes()
    }

    /// Searches by words; whether what comes first is the question's answer.
    #[wasm_bindgen(js_name = searchWords)]
    pub fn search_words(&self, words: &str, answer: &str, count: usize) -> Result<bool, JsError> {
        let hits = self.index.search(&[1.0], words, count, None)?;
        Ok(hits.first().is_some_and(|hit| hit.document.to_string() == answer))
    }

    /// Writes a knowledge base of the texts, with vectors in clusters: those of the chunks that
    /// are asked for are near the vectors of the questions, which are one after another in
    /// `questions`. Their embedder goes by its fingerprint. `take` is given piece by piece.
    /// Gives the milliseconds that the segments took.
    pub fn write(
        &self,
        embedder: &str,
        questions: &[f32],
        take: &js_sys::Function,
    ) -> Result<f64, JsError> {
        let embedder = Fingerprint::parse(embedder).ok_or(JsError::new("it is no fingerprint"))?;
        Ok(write(&self.library, embedder, questions, take, &now)?)
    }
}

/// Numbers of a vector.
#[wasm_bindgen]
pub fn dimensions() -> usize {
    DIMENSIONS
}
