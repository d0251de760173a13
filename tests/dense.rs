//! The nearest vectors of many segments, against comparing all of them.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::internals::{
    BitSet, GRAPH_EF_SEARCH, Graph, QuantizedVector, QuantizedVectors, SearchStrategy, VectorSet,
    nearest, nearest_by, top_k,
};

#[path = "support/rng.rs"]
mod rng;
#[path = "support/vectors.rs"]
mod vectors;
use rng::{Rng, seed};
use vectors::{clustered, direction, unit};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

const DIMENSIONS: usize = 384;
const QUESTIONS: usize = 200;

/// Each strategy, and none for the fastest one.
const STRATEGIES: [Option<SearchStrategy>; 4] =
    [Some(SearchStrategy::Exact), Some(SearchStrategy::Signs), Some(SearchStrategy::Graph), None];

/// Vectors in segments of different sizes.
struct Collection {
    vectors: Vec<Vec<f32>>,
    segments: Vec<Arc<QuantizedVectors>>,
    allowed: Vec<Option<BitSet>>,
    graphs: Vec<Option<Graph>>,
}

impl Collection {
    fn new(rng: &mut Rng, sizes: &[usize]) -> Self {
        let vectors = clustered(rng, sizes.iter().sum(), DIMENSIONS);
        let mut rest = vectors.as_slice();
        let mut segments = vec![];
        for &size in sizes {
            let (of_segment, others) = rest.split_at(size);
            segments.push(Arc::new(quantized(of_segment)));
            rest = others;
        }
        let (allowed, graphs) = (vec![None; sizes.len()], sizes.iter().map(|_| None).collect());
        Self { vectors, segments, allowed, graphs }
    }

    /// Allows a share of the rows of every second segment.
    fn allow(&mut self, rng: &mut Rng, share: f32) {
        for (vectors, allowed) in self.segments.iter().zip(&mut self.allowed).step_by(2) {
            let mut bits = BitSet::none(vectors.len());
            (0..vectors.len()).for_each(|row| bits.set(row, rng.fraction() < share));
            *allowed = Some(bits);
        }
    }

    fn scanned(&self) -> Vec<VectorSet<'_>> {
        let parts = self.segments.iter().zip(&self.allowed).zip(&self.graphs);
        let scanned = parts.map(|((vectors, allowed), graph)| VectorSet {
            vectors,
            allowed: allowed.as_ref(),
            graph: graph.as_ref(),
        });
        scanned.collect()
    }

    /// All allowed rows, numbered through all segments, by their cosines in `f32`.
    fn truth(&self, query: &[f32], count: usize) -> Vec<u32> {
        let is_allowed = self.segments.iter().zip(&self.allowed).flat_map(|(vectors, allowed)| {
            (0..vectors.len()).map(|row| allowed.as_ref().is_none_or(|allowed| allowed.get(row)))
        });
        let rows = (0..).zip(&self.vectors).zip(is_allowed).filter(|&(_, is_allowed)| is_allowed);
        let cosines = rows.map(|((row, vector), _)| (row, dot(query, vector))).collect();
        top_k(cosines, count).into_iter().map(|(row, _)| row).collect()
    }

    /// The best of what was found, numbered through all segments.
    fn best_of(&self, found: &[Vec<(u32, f32)>], count: usize) -> Vec<(u32, f32)> {
        let firsts = self.segments.iter().scan(0, |first, vectors| {
            let this = *first;
            *first += vectors.len() as u32;
            Some(this)
        });
        let numbered = firsts.zip(found).flat_map(|(first, found)| {
            found.iter().map(move |&(row, cosine)| (first + row, cosine))
        });
        top_k(numbered.collect(), count)
    }

    /// A question near to one of the vectors.
    fn question(&self, rng: &mut Rng) -> Vec<f32> {
        let near = &self.vectors[rng.below(self.vectors.len())];
        let noise = direction(rng, DIMENSIONS);
        unit(near.iter().zip(noise).map(|(a, b)| a + 0.5 * b).collect())
    }
}

fn quantized(embeddings: &[Vec<f32>]) -> QuantizedVectors {
    let mut vectors = QuantizedVectors::with_capacity(DIMENSIONS, embeddings.len());
    embeddings.iter().for_each(|vector| vectors.push(vector).unwrap());
    vectors
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Whether rows ascend, are allowed, and come with the cosines of their vectors.
fn assert_sound(scanned: &[VectorSet<'_>], query: &QuantizedVector, found: &[Vec<(u32, f32)>]) {
    assert_eq!(found.len(), scanned.len());
    for (segment, found) in scanned.iter().zip(found) {
        assert!(found.is_sorted_by(|a, b| a.0 < b.0));
        for &(row, cosine) in found {
            assert_eq!(cosine, segment.vectors.similarity(query, row as usize));
            assert!(segment.allowed.is_none_or(|allowed| allowed.get(row as usize)));
        }
    }
}

/// The share of the nearest by `f32` that is found, over some questions.
fn recall(
    collection: &Collection,
    rng: &mut Rng,
    strategy: Option<SearchStrategy>,
    count: usize,
) -> f64 {
    let scanned = collection.scanned();
    let (mut hits, mut sought, mut compared) = (0, 0, 0);
    for _ in 0..QUESTIONS {
        let question = collection.question(rng);
        let query = QuantizedVector::quantize(&question).unwrap();
        let found = match strategy {
            Some(strategy) => nearest_by(strategy, &scanned, &query, count),
            None => nearest(&scanned, &query, count),
        };
        assert_sound(&scanned, &query, &found);
        compared += found.iter().map(Vec::len).sum::<usize>();
        let truth = collection.truth(&question, count);
        let best = collection.best_of(&found, count);
        assert_eq!(best.len(), truth.len());
        hits += best.iter().filter(|(row, _)| truth.contains(row)).count();
        sought += truth.len();
    }
    let recall = hits as f64 / sought as f64;
    println!("{strategy:?}: recall@{count} {recall}, {} compared", compared / QUESTIONS);
    recall
}

#[test]
fn all_ways_find_nearly_all_of_the_nearest() {
    let mut rng = Rng::new(seed());
    let mut collection = Collection::new(&mut rng, &[5000, 1, 2500, 0, 1300]);
    collection.graphs[2] = Some(Graph::build(collection.segments[2].clone()));
    for strategy in STRATEGIES {
        let recall = recall(&collection, &mut rng, strategy, 10);
        assert!(recall >= 0.985, "{strategy:?} finds {recall}");
    }
}

#[test]
fn signs_find_what_all_codes_find_however_far_it_is() {
    let mut rng = Rng::new(seed());
    let collection = Collection::new(&mut rng, &[4000, 3000, 2000]);
    let scanned = collection.scanned();
    let (mut hits, mut sought) = (0, 0);
    for number in 0..60 {
        // Near to a few, and near to none.
        let question = match number % 2 {
            0 => collection.question(&mut rng),
            _ => direction(&mut rng, DIMENSIONS),
        };
        let query = QuantizedVector::quantize(&question).unwrap();
        for count in [1, 10, 100] {
            let all = nearest_by(SearchStrategy::Exact, &scanned, &query, count);
            let expected = collection.best_of(&all, count);
            let found = nearest_by(SearchStrategy::Signs, &scanned, &query, count);
            let found = collection.best_of(&found, count);
            hits += found.iter().filter(|row| expected.contains(row)).count();
            sought += count;
        }
    }
    assert!(hits as f64 >= 0.995 * sought as f64, "{hits} of {sought}");
}

#[test]
fn only_allowed_rows_are_found_and_as_many_as_asked_for() {
    let mut rng = Rng::new(seed());
    let mut collection = Collection::new(&mut rng, &[4000, 300, 2000]);
    collection.graphs[0] = Some(Graph::build(collection.segments[0].clone()));
    for share in [1.0, 0.5, 0.02, 0.0] {
        collection.allow(&mut rng, share);
        for strategy in STRATEGIES {
            let recall = recall(&collection, &mut rng, strategy, 10);
            assert!(recall >= 0.985, "{strategy:?} finds {recall} where {share} is allowed");
        }
    }
    collection.allowed.fill_with(|| None);
    for (vectors, allowed) in collection.segments.iter().zip(&mut collection.allowed) {
        *allowed = Some(BitSet::none(vectors.len()));
    }
    let query = QuantizedVector::quantize(&direction(&mut rng, DIMENSIONS)).unwrap();
    for strategy in [SearchStrategy::Exact, SearchStrategy::Signs, SearchStrategy::Graph] {
        let found = nearest_by(strategy, &collection.scanned(), &query, 10);
        assert!(found.iter().all(Vec::is_empty), "{strategy:?}");
    }
}

#[test]
fn graphs_find_nearly_all_whatever_is_asked_for_and_allowed() {
    let mut rng = Rng::new(seed());
    let mut collection = Collection::new(&mut rng, &[2000, 1000]);
    for (vectors, graph) in collection.segments.iter().zip(&mut collection.graphs) {
        *graph = Some(Graph::build(vectors.clone()));
    }
    for share in [1.0, 0.5, 0.01] {
        collection.allow(&mut rng, share);
        for count in [10, GRAPH_EF_SEARCH, 2 * GRAPH_EF_SEARCH] {
            let recall = recall(&collection, &mut rng, Some(SearchStrategy::Graph), count);
            assert!(recall >= 0.95, "{recall} of {count} where {share} is allowed");
        }
    }
}

#[test]
fn a_graph_compares_few_vectors_where_many_are_allowed() {
    let mut rng = Rng::new(seed());
    let mut collection = Collection::new(&mut rng, &[3000]);
    collection.graphs[0] = Some(Graph::build(collection.segments[0].clone()));
    collection.allow(&mut rng, 0.8);
    let query = QuantizedVector::quantize(&collection.question(&mut rng)).unwrap();
    let found = nearest_by(SearchStrategy::Graph, &collection.scanned(), &query, 20);
    assert!((20..=GRAPH_EF_SEARCH).contains(&found[0].len()), "{}", found[0].len());
}

/// Runs of rows without a vector among others: a share of all, and where they are.
fn with_gaps(collection: &Collection, share: usize) -> (Vec<QuantizedVectors>, Vec<BitSet>) {
    let with_gaps = collection.vectors.chunks(3000).map(|part| {
        let (mut vectors, mut present) =
            (QuantizedVectors::new(DIMENSIONS), BitSet::none(part.len()));
        for (row, vector) in part.iter().enumerate() {
            present.set(row, row / 50 % 10 >= share);
            let nothing = vec![0.0; DIMENSIONS];
            vectors.push(if present.get(row) { vector } else { &nothing }).unwrap();
        }
        (vectors, present)
    });
    with_gaps.unzip()
}

#[test]
fn rows_without_a_vector_are_never_found_and_change_nothing() {
    let mut rng = Rng::new(seed());
    let collection = Collection::new(&mut rng, &[3000, 3000]);
    let full: Vec<_> = collection.vectors.chunks(3000).map(quantized).collect();
    for share in [1, 5, 9, 10] {
        let (vectors, present) = with_gaps(&collection, share);
        assert_eq!(vectors[0].present(), present[0].count());
        let vectors: Vec<_> = vectors.into_iter().map(Arc::new).collect();
        let graphs: Vec<_> = vectors.iter().map(|vectors| Graph::build(vectors.clone())).collect();
        let set = |vectors, allowed, graph| VectorSet { vectors, allowed, graph };
        let pairs = vectors.iter().zip(&graphs);
        let gaps: Vec<_> = pairs.map(|(vectors, graph)| set(vectors, None, Some(graph))).collect();
        let pairs = full.iter().zip(&present);
        let expected: Vec<_> =
            pairs.map(|(vectors, present)| set(vectors, Some(present), None)).collect();
        for strategy in STRATEGIES {
            let (mut hits, mut sought) = (0, 0);
            for number in 0..40 {
                let question = match number % 2 {
                    0 => collection.question(&mut rng),
                    // Below the cosine 0 of nothing.
                    _ => collection.question(&mut rng).iter().map(|number| -number).collect(),
                };
                let query = QuantizedVector::quantize(&question).unwrap();
                let found = match strategy {
                    Some(strategy) => nearest_by(strategy, &gaps, &query, 10),
                    None => nearest(&gaps, &query, 10),
                };
                assert_sound(&gaps, &query, &found);
                for (found, present) in found.iter().zip(&present) {
                    assert!(found.iter().all(|&(row, _)| present.get(row as usize)));
                }
                let all = nearest_by(SearchStrategy::Exact, &expected, &query, 10);
                let all = collection.best_of(&all, 10);
                let found = collection.best_of(&found, 10);
                hits += found.iter().filter(|row| all.contains(row)).count();
                sought += all.len();
            }
            // A graph finds less of what is far from all.
            assert!(hits as f64 >= 0.9 * sought as f64, "{strategy:?}: {hits} of {sought}");
        }
    }
}

#[test]
fn a_graph_of_rows_without_a_vector_is_stored_and_read() {
    let mut rng = Rng::new(seed());
    let collection = Collection::new(&mut rng, &[3000]);
    let vectors = Arc::new(with_gaps(&collection, 5).0.remove(0));
    let graph = Graph::build(vectors.clone());
    let read = Graph::from_bytes("graph", &graph.to_bytes(), &vectors).unwrap();
    let query = QuantizedVector::quantize(&collection.question(&mut rng)).unwrap();
    assert_eq!(read.search(&query, 10), graph.search(&query, 10));
    let full = Arc::new(quantized(&collection.vectors));
    assert!(Graph::from_bytes("graph", &graph.to_bytes(), &full).is_err());
}

#[test]
fn the_same_vectors_are_found_in_any_segments() {
    let mut rng = Rng::new(seed());
    let one = Collection::new(&mut rng, &[3000]);
    let parts = one.vectors.chunks(700).map(|part| Arc::new(quantized(part)));
    let segments: Vec<_> = parts.collect();
    let (allowed, graphs) = (vec![None; segments.len()], segments.iter().map(|_| None).collect());
    let many = Collection { vectors: one.vectors.clone(), segments, allowed, graphs };
    for _ in 0..20 {
        let query = QuantizedVector::quantize(&one.question(&mut rng)).unwrap();
        for strategy in [SearchStrategy::Exact, SearchStrategy::Signs] {
            let in_one = nearest_by(strategy, &one.scanned(), &query, 10);
            let in_many = nearest_by(strategy, &many.scanned(), &query, 10);
            assert_eq!(one.best_of(&in_one, 3000), many.best_of(&in_many, 3000), "{strategy:?}");
        }
    }
}

#[test]
fn equal_vectors_and_more_than_there_are_come_back() {
    let vector = [&[0.6, -0.8][..], &[0.0; 62]].concat();
    let mut vectors = QuantizedVectors::new(64);
    (0..300).for_each(|_| vectors.push(&vector).unwrap());
    let query = QuantizedVector::quantize(&vector).unwrap();
    let scanned = [VectorSet { vectors: &vectors, allowed: None, graph: None }; 2];
    for strategy in [SearchStrategy::Exact, SearchStrategy::Signs] {
        for count in [1, 500, 600, 601, usize::MAX] {
            let found = nearest_by(strategy, &scanned, &query, count);
            assert_eq!(found.iter().map(Vec::len).sum::<usize>(), 600, "{strategy:?}");
        }
        assert!(nearest_by(strategy, &[], &query, 5).is_empty());
    }
    // A vector of nothing is as far from all.
    let nothing = QuantizedVector::quantize(&[0.0; 64]).unwrap();
    assert_eq!(nearest_by(SearchStrategy::Signs, &scanned, &nothing, 3)[0].len(), 300);
}

#[test]
fn rows_copied_from_other_codes_are_the_same() {
    let mut rng = Rng::new(seed());
    for dimensions in [1, 63, 64, 65, 100, 384] {
        let embeddings = clustered(&mut rng, 20, dimensions);
        let mut vectors = QuantizedVectors::new(dimensions);
        embeddings.iter().for_each(|vector| vectors.push(vector).unwrap());
        let mut copy = QuantizedVectors::with_capacity(dimensions, 10);
        let before = copy.memory_bytes();
        (0..20).step_by(2).for_each(|row| copy.push_row_of(&vectors, row).unwrap());
        let mut expected = QuantizedVectors::new(dimensions);
        embeddings.iter().step_by(2).for_each(|vector| expected.push(vector).unwrap());
        assert_eq!(copy, expected);
        assert_eq!(copy.memory_bytes(), before, "there was room for them");
        assert_eq!(before, 10 * (dimensions + 4));
        vectors.shrink_to_fit();
        assert_eq!(vectors.memory_bytes(), 2 * before);
        assert_eq!(copy.push_row_of(&QuantizedVectors::new(7), 0).unwrap_err().code(), "internal");
        assert_eq!(copy, expected);
    }
}

#[test]
fn signs_take_memory_once_they_are_searched_and_are_of_all_rows() {
    let mut rng = Rng::new(seed());
    let embeddings = clustered(&mut rng, 400, 100);
    let mut vectors = QuantizedVectors::with_capacity(100, 400);
    embeddings[..200].iter().for_each(|vector| vectors.push(vector).unwrap());
    let before = vectors.memory_bytes();
    let query = QuantizedVector::quantize(&embeddings[300]).unwrap();
    let search = |strategy, vectors: &QuantizedVectors| {
        let scanned = [VectorSet { vectors, allowed: None, graph: None }];
        top_k(nearest_by(strategy, &scanned, &query, 5).remove(0), 5)
    };
    search(SearchStrategy::Exact, &vectors);
    assert_eq!(vectors.memory_bytes(), before);
    search(SearchStrategy::Signs, &vectors);
    // Signs come in blocks of 32 rows.
    assert_eq!(vectors.memory_bytes(), before + 200_usize.next_multiple_of(32) * 7 * 2);
    embeddings[200..].iter().for_each(|vector| vectors.push(vector).unwrap());
    assert_eq!(search(SearchStrategy::Signs, &vectors)[0].0, 300);
}

#[test]
fn bits_are_the_set_that_was_put_in() {
    let mut rng = Rng::new(seed());
    for len in [0, 1, 63, 64, 65, 200] {
        let mut bits = BitSet::none(len);
        let mut expected = vec![false; len];
        for _ in 0..2 * len {
            let (number, is_in) = (rng.below(len), rng.fraction() < 0.6);
            bits.set(number, is_in);
            expected[number] = is_in;
        }
        let numbers: Vec<usize> = (0..len).filter(|&number| expected[number]).collect();
        assert_eq!(bits.iter().collect::<Vec<_>>(), numbers);
        assert_eq!((bits.len(), bits.count()), (len, numbers.len()));
        assert_eq!(bits.is_empty(), numbers.is_empty());
        assert!((0..len + 70).all(|number| bits.get(number) == numbers.contains(&number)));
        assert_eq!(BitSet::from_words(len, bits.words().to_vec()), Some(bits.clone()));

        let all = BitSet::all(len);
        assert!(all.iter().eq(0..len) && all.count() == len);
        assert_eq!(all, {
            (0..len).for_each(|number| bits.set(number, true));
            bits
        });
    }
}

#[test]
fn words_that_are_no_set_of_that_length_are_refused() {
    assert_eq!(BitSet::from_words(3, vec![0b1000]), None);
    assert_eq!(BitSet::from_words(64, vec![1, 0]), None);
    assert_eq!(BitSet::from_words(65, vec![1]), None);
    assert_eq!(BitSet::from_words(0, vec![]), Some(BitSet::none(0)));
}
