//! Vectors as embeddings lie, in segments, with questions and what is nearest to them.

use std::sync::Arc;

use multimodal_rag::internals::{
    Graph, QuantizedVector, QuantizedVectors, SearchStrategy, VectorSet, max_query_value, nearest,
    nearest_by, top_k,
};

use crate::library::SEGMENT_CHUNKS;
use crate::rng::Rng;
use crate::words::share;

/// Numbers of a vector: those of all-MiniLM-L6-v2.
pub(crate) const DIMENSIONS: usize = 384;
/// Vectors that lie together.
const CLUSTER: usize = 50;
/// How far from the middle of its cluster a vector lies. Some lie nearer than others, as
/// sentences do: so 8-bit codes find as many of the ten nearest as they do of 100,000
/// sentences (.996). If all lay equally far, the ten nearest would hardly differ from the
/// next ones, and even rounding to 8 bits would lose more than 1 %.
const SPREAD: std::ops::Range<f64> = 0.4..1.2;
/// How far from a vector a question lies.
const QUESTION_SPREAD: f64 = 0.5;
/// The largest number of a code.
const LARGEST_CODE: f32 = 127.0;

/// Vectors, and once they are built, segments of them. The same each time, for the same count.
pub(crate) struct Collection {
    vectors: Vec<f32>,
    segments: Vec<Arc<QuantizedVectors>>,
    graphs: Vec<Graph>,
    questions: Vec<f32>,
}

impl Collection {
    /// `count` vectors and some questions, each near one of them.
    pub(crate) fn new(count: usize, questions: usize) -> Self {
        let mut rng = Rng::new(1);
        let vectors = clustered(&[], DIMENSIONS, count, &mut rng);
        let near_one = |_| {
            let number = rng.below(count);
            near(row(&vectors, DIMENSIONS, number), QUESTION_SPREAD, &mut rng)
        };
        let questions = (0..questions).flat_map(near_one).collect();
        Self { vectors, segments: Vec::new(), graphs: Vec::new(), questions }
    }

    /// QuantizedVectors of the vectors, which are searched.
    pub(crate) fn build(&mut self) -> multimodal_rag::Result<()> {
        for vectors in self.vectors.chunks(SEGMENT_CHUNKS * DIMENSIONS) {
            let mut codes = QuantizedVectors::with_capacity(DIMENSIONS, vectors.len() / DIMENSIONS);
            vectors.chunks(DIMENSIONS).try_for_each(|vector| codes.push(vector))?;
            codes.make_signs();
            self.segments.push(Arc::new(codes));
        }
        Ok(())
    }

    /// Bytes of memory that the search needs, without graphs.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.segments.iter().map(|codes| codes.memory_bytes()).sum()
    }

    /// Builds the next segment's graph; whether another segment needs one.
    pub(crate) fn build_graph(&mut self) -> bool {
        if let Some(codes) = self.segments.get(self.graphs.len()) {
            self.graphs.push(Graph::build(codes.clone()));
        }
        self.graphs.len() < self.segments.len()
    }

    /// All vectors, one after another.
    pub(crate) fn vectors(&self) -> &[f32] {
        &self.vectors
    }

    /// A question.
    pub(crate) fn question(&self, number: usize) -> &[f32] {
        row(&self.questions, DIMENSIONS, number)
    }

    /// The nearest to a question, best first: found in one strategy, or in the quickest.
    pub(crate) fn search(
        &self,
        question: &[f32],
        strategy: Option<SearchStrategy>,
        count: usize,
    ) -> multimodal_rag::Result<Vec<u32>> {
        let query = QuantizedVector::quantize(question)?;
        let segments: Vec<_> = (self.segments.iter().enumerate())
            .map(|(place, vectors)| VectorSet {
                vectors,
                allowed: None,
                graph: self.graphs.get(place),
            })
            .collect();
        let found = match strategy {
            Some(strategy) => nearest_by(strategy, &segments, &query, count),
            None => nearest(&segments, &query, count),
        };
        let firsts = (0u32..).step_by(SEGMENT_CHUNKS);
        let numbered = firsts.zip(found).flat_map(|(first, found)| {
            found.into_iter().map(move |(row, cosine)| (first + row, cosine))
        });
        Ok(top_k(numbered.collect(), count).into_iter().map(|(number, _)| number).collect())
    }

    /// The nearest to a question by 8-bit codes, in plain arithmetic: what the scan must find.
    pub(crate) fn nearest_by_codes(&self, question: &[f32], count: usize) -> Vec<u32> {
        let largest = f32::from(max_query_value(DIMENSIONS));
        let (query, query_scale) = quantized(question, largest);
        let cosine = |vector: &[f32]| {
            let (numbers, scale) = quantized(vector, LARGEST_CODE);
            let product: i64 = query.iter().zip(numbers).map(|(a, b)| a * b).sum();
            product as f32 * (query_scale * scale)
        };
        let cosines = (0..).zip(self.vectors.chunks(DIMENSIONS).map(cosine)).collect();
        top_k(cosines, count).into_iter().map(|(number, _)| number).collect()
    }

    /// The nearest to a question by `f32`, each compared.
    pub(crate) fn nearest_by_f32(&self, question: &[f32], count: usize) -> Vec<u32> {
        let vectors = (0..).zip(self.vectors.chunks(DIMENSIONS));
        let cosines = vectors.map(|(number, vector)| (number, dot(vector, question))).collect();
        top_k(cosines, count).into_iter().map(|(number, _)| number).collect()
    }
}

/// `count` unit vectors in clusters. Of the middles the first ones may be given; the vectors
/// at as many places, evenly spread, are then of these.
pub(crate) fn clustered(given: &[f32], dimensions: usize, count: usize, rng: &mut Rng) -> Vec<f32> {
    let asked = given.len() / dimensions;
    let others = count.div_ceil(CLUSTER).saturating_sub(asked);
    let mut middles = given.to_vec();
    (0..others).for_each(|_| middles.extend(direction(dimensions, rng)));
    let mut vectors = Vec::with_capacity(count * dimensions);
    for number in 0..count {
        let every = count.checked_div(asked).filter(|&every| number % every == 0);
        let place = every.map(|every| number / every).filter(|&place| place < asked);
        let middle = place.unwrap_or_else(|| rng.below(middles.len() / dimensions));
        let spread = SPREAD.start + share(rng) * (SPREAD.end - SPREAD.start);
        vectors.extend(near(row(&middles, dimensions, middle), spread, rng));
    }
    vectors
}

/// What [`QuantizedVectors`] makes of a vector: numbers up to `largest`, and their scale.
fn quantized(vector: &[f32], largest: f32) -> (Vec<i64>, f32) {
    let scale = vector.iter().fold(0.0, |most: f32, number| most.max(number.abs())) / largest;
    (vector.iter().map(|number| (number / scale).round() as i64).collect(), scale)
}

pub(crate) fn row(vectors: &[f32], dimensions: usize, number: usize) -> &[f32] {
    &vectors[number * dimensions..][..dimensions]
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    // Eight sums, so that the compiler may use whole registers.
    let mut sums = [0.0; 8];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a.iter().zip(b) {
        (0..8).for_each(|lane| sums[lane] += a[lane] * b[lane]);
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

/// A whole number below `end`.
/// A unit vector: of sums of four even numbers, which are nearly normal.
fn direction(dimensions: usize, rng: &mut Rng) -> Vec<f32> {
    let part = |bits: u64, part: u32| (bits >> (16 * part) & 0xffff) as f32;
    let normal = |bits| (0..4).map(|number| part(bits, number)).sum::<f32>();
    unit((0..dimensions).map(|_| normal(rng.bits()) - 2.0 * 65_535.0).collect())
}

fn near(vector: &[f32], spread: f64, rng: &mut Rng) -> Vec<f32> {
    let (noise, spread) = (direction(vector.len(), rng), spread as f32);
    unit(vector.iter().zip(noise).map(|(number, noise)| number + spread * noise).collect())
}

fn unit(vector: Vec<f32>) -> Vec<f32> {
    let length = dot(&vector, &vector).sqrt();
    vector.into_iter().map(|number| number / length).collect()
}
