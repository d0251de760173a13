//! Vectors as embeddings lie, in segments, with questions and what is nearest to them.

use std::sync::Arc;

use multimodal_rag::{Code, Codes, Graph, Scanned, Way, best, nearest, nearest_by};

/// Numbers of a vector: those of all-MiniLM-L6-v2.
pub(crate) const DIMENSIONS: usize = 384;
/// The most vectors in a segment.
const SEGMENT: usize = 32_768;
/// Vectors that lie together.
const CLUSTER: usize = 50;
/// How far from the middle of its cluster a vector lies, and from a vector a question.
const SPREAD: f32 = 0.8;
const QUESTION_SPREAD: f32 = 0.5;

/// Vectors in segments. The same each time, for the same count.
pub(crate) struct Collection {
    vectors: Vec<f32>,
    segments: Vec<Arc<Codes>>,
    graphs: Vec<Graph>,
    questions: Vec<f32>,
}

impl Collection {
    /// `count` vectors and some questions.
    pub(crate) fn new(count: usize, questions: usize) -> multimodal_rag::Result<Self> {
        let mut chance = Chance(1);
        let middles: Vec<f32> =
            (0..count.div_ceil(CLUSTER)).flat_map(|_| chance.direction()).collect();
        let mut vectors = Vec::with_capacity(count * DIMENSIONS);
        for _ in 0..count {
            let middle = chance.bits() as usize % (middles.len() / DIMENSIONS);
            vectors.extend(chance.near(row(&middles, middle), SPREAD));
        }
        let mut segments = Vec::new();
        for vectors in vectors.chunks(SEGMENT * DIMENSIONS) {
            let mut codes = Codes::with_capacity(DIMENSIONS, vectors.len() / DIMENSIONS);
            vectors.chunks(DIMENSIONS).try_for_each(|vector| codes.push(vector))?;
            segments.push(Arc::new(codes));
        }
        let near = |_| {
            let number = chance.bits() as usize % count;
            chance.near(row(&vectors, number), QUESTION_SPREAD)
        };
        let questions = (0..questions).flat_map(near).collect();
        Ok(Self { vectors, segments, graphs: Vec::new(), questions })
    }

    /// Builds the next segment's graph; whether another segment needs one.
    pub(crate) fn build_graph(&mut self) -> bool {
        if let Some(codes) = self.segments.get(self.graphs.len()) {
            self.graphs.push(Graph::build(codes.clone()));
        }
        self.graphs.len() < self.segments.len()
    }

    /// A vector.
    pub(crate) fn vector(&self, number: usize) -> &[f32] {
        row(&self.vectors, number)
    }

    /// A question.
    pub(crate) fn question(&self, number: usize) -> &[f32] {
        row(&self.questions, number)
    }

    /// The nearest to a question, best first: found in one way, or in the quickest.
    pub(crate) fn search(
        &self,
        question: &[f32],
        way: Option<Way>,
        count: usize,
    ) -> multimodal_rag::Result<Vec<u32>> {
        let query = Code::quantize(question)?;
        let segments: Vec<_> = (self.segments.iter().enumerate())
            .map(|(place, codes)| Scanned { codes, allowed: None, graph: self.graphs.get(place) })
            .collect();
        let found = match way {
            Some(way) => nearest_by(way, &segments, &query, count),
            None => nearest(&segments, &query, count),
        };
        let firsts = (0u32..).step_by(SEGMENT);
        let numbered = firsts.zip(found).flat_map(|(first, found)| {
            found.into_iter().map(move |(row, cosine)| (first + row, cosine))
        });
        Ok(best(numbered.collect(), count).into_iter().map(|(number, _)| number).collect())
    }

    /// The nearest to a question by `f32`, each compared.
    pub(crate) fn nearest_by_f32(&self, question: &[f32], count: usize) -> Vec<u32> {
        let vectors = (0..).zip(self.vectors.chunks(DIMENSIONS));
        let cosines = vectors.map(|(number, vector)| (number, dot(vector, question))).collect();
        best(cosines, count).into_iter().map(|(number, _)| number).collect()
    }
}

fn row(vectors: &[f32], number: usize) -> &[f32] {
    &vectors[number * DIMENSIONS..][..DIMENSIONS]
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    // Eight sums, so that the compiler may use whole registers.
    let mut sums = [0.0; 8];
    for (a, b) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        (0..8).for_each(|lane| sums[lane] += a[lane] * b[lane]);
    }
    sums.iter().sum()
}

/// splitmix64: the same vectors each time.
struct Chance(u64);

impl Chance {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let bits = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A unit vector: of sums of four even numbers, which are nearly normal.
    fn direction(&mut self) -> Vec<f32> {
        let part = |bits: u64, part: u32| (bits >> (16 * part) & 0xffff) as f32;
        let normal = |bits| (0..4).map(|number| part(bits, number)).sum::<f32>();
        let numbers = (0..DIMENSIONS).map(|_| normal(self.bits()) - 2.0 * 65_535.0);
        unit(numbers.collect())
    }

    fn near(&mut self, vector: &[f32], spread: f32) -> Vec<f32> {
        let noise = self.direction();
        unit(vector.iter().zip(noise).map(|(number, noise)| number + spread * noise).collect())
    }
}

fn unit(vector: Vec<f32>) -> Vec<f32> {
    let length = dot(&vector, &vector).sqrt();
    vector.into_iter().map(|number| number / length).collect()
}
