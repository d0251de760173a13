//! The nearest vectors of many segments, against comparing all of them.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{Bits, Code, Codes, Graph, Scanned, Way, best, nearest, nearest_by};

// Segments are for the tests of the whole index.
#[allow(dead_code)]
#[path = "index/build.rs"]
mod build;
#[path = "index/chance.rs"]
mod chance;
use build::{below, clustered, direction, fraction, unit};
use chance::{Chance, seed};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

const DIMENSIONS: usize = 384;
const QUESTIONS: usize = 200;

/// Vectors in segments of different sizes.
struct Collection {
    vectors: Vec<Vec<f32>>,
    segments: Vec<Arc<Codes>>,
    allowed: Vec<Option<Bits>>,
    graphs: Vec<Option<Graph>>,
}

impl Collection {
    fn new(chance: &mut Chance, sizes: &[usize]) -> Self {
        let vectors = clustered(chance, sizes.iter().sum(), DIMENSIONS);
        let mut rest = vectors.as_slice();
        let mut segments = vec![];
        for &size in sizes {
            let (of_segment, others) = rest.split_at(size);
            segments.push(Arc::new(codes_of(of_segment)));
            rest = others;
        }
        let (allowed, graphs) = (vec![None; sizes.len()], sizes.iter().map(|_| None).collect());
        Self { vectors, segments, allowed, graphs }
    }

    /// Allows a share of the rows of every second segment.
    fn allow(&mut self, chance: &mut Chance, share: f32) {
        for (codes, allowed) in self.segments.iter().zip(&mut self.allowed).step_by(2) {
            let mut bits = Bits::none(codes.len());
            (0..codes.len()).for_each(|row| bits.set(row, fraction(chance) < share));
            *allowed = Some(bits);
        }
    }

    fn scanned(&self) -> Vec<Scanned<'_>> {
        let parts = self.segments.iter().zip(&self.allowed).zip(&self.graphs);
        let scanned = parts.map(|((codes, allowed), graph)| Scanned {
            codes,
            allowed: allowed.as_ref(),
            graph: graph.as_ref(),
        });
        scanned.collect()
    }

    /// All allowed rows, numbered through all segments, by their cosines in `f32`.
    fn truth(&self, query: &[f32], count: usize) -> Vec<u32> {
        let is_allowed = self.segments.iter().zip(&self.allowed).flat_map(|(codes, allowed)| {
            (0..codes.len()).map(|row| allowed.as_ref().is_none_or(|allowed| allowed.get(row)))
        });
        let rows = (0..).zip(&self.vectors).zip(is_allowed).filter(|&(_, is_allowed)| is_allowed);
        let cosines = rows.map(|((row, vector), _)| (row, dot(query, vector))).collect();
        best(cosines, count).into_iter().map(|(row, _)| row).collect()
    }

    /// The best of what was found, numbered through all segments.
    fn best_of(&self, found: &[Vec<(u32, f32)>], count: usize) -> Vec<(u32, f32)> {
        let firsts = self.segments.iter().scan(0, |first, codes| {
            let this = *first;
            *first += codes.len() as u32;
            Some(this)
        });
        let numbered = firsts.zip(found).flat_map(|(first, found)| {
            found.iter().map(move |&(row, cosine)| (first + row, cosine))
        });
        best(numbered.collect(), count)
    }

    /// A question near to one of the vectors.
    fn question(&self, chance: &mut Chance) -> Vec<f32> {
        let near = &self.vectors[below(chance, self.vectors.len())];
        let noise = direction(chance, DIMENSIONS);
        unit(near.iter().zip(noise).map(|(a, b)| a + 0.5 * b).collect())
    }
}

fn codes_of(vectors: &[Vec<f32>]) -> Codes {
    let mut codes = Codes::with_capacity(DIMENSIONS, vectors.len());
    vectors.iter().for_each(|vector| codes.push(vector).unwrap());
    codes
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Whether rows ascend, are allowed, and come with the cosines of their codes.
fn assert_sound(scanned: &[Scanned<'_>], query: &Code, found: &[Vec<(u32, f32)>]) {
    assert_eq!(found.len(), scanned.len());
    for (segment, found) in scanned.iter().zip(found) {
        assert!(found.is_sorted_by(|a, b| a.0 < b.0));
        for &(row, cosine) in found {
            assert_eq!(cosine, segment.codes.similarity(query, row as usize));
            assert!(segment.allowed.is_none_or(|allowed| allowed.get(row as usize)));
        }
    }
}

/// The share of the nearest by `f32` that is found, over some questions.
fn recall(collection: &Collection, chance: &mut Chance, way: Option<Way>, count: usize) -> f64 {
    let scanned = collection.scanned();
    let (mut hits, mut sought, mut compared) = (0, 0, 0);
    for _ in 0..QUESTIONS {
        let question = collection.question(chance);
        let query = Code::quantize(&question).unwrap();
        let found = match way {
            Some(way) => nearest_by(way, &scanned, &query, count),
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
    println!("{way:?}: recall@{count} {recall}, {} compared", compared / QUESTIONS);
    recall
}

#[test]
fn all_ways_find_nearly_all_of_the_nearest() {
    let mut chance = Chance::new(seed());
    let mut collection = Collection::new(&mut chance, &[5000, 1, 2500, 0, 1300]);
    collection.graphs[2] = Some(Graph::build(collection.segments[2].clone()));
    for way in [Some(Way::Codes), Some(Way::Signs), Some(Way::Graphs), None] {
        let recall = recall(&collection, &mut chance, way, 10);
        assert!(recall >= 0.985, "{way:?} finds {recall}");
    }
}

#[test]
fn signs_find_what_all_codes_find_however_far_it_is() {
    let mut chance = Chance::new(seed());
    let collection = Collection::new(&mut chance, &[4000, 3000, 2000]);
    let scanned = collection.scanned();
    let (mut hits, mut sought) = (0, 0);
    for number in 0..60 {
        // Near to a few, and near to none.
        let question = match number % 2 {
            0 => collection.question(&mut chance),
            _ => direction(&mut chance, DIMENSIONS),
        };
        let query = Code::quantize(&question).unwrap();
        for count in [1, 10, 100] {
            let all = nearest_by(Way::Codes, &scanned, &query, count);
            let expected = collection.best_of(&all, count);
            let found = nearest_by(Way::Signs, &scanned, &query, count);
            let found = collection.best_of(&found, count);
            hits += found.iter().filter(|row| expected.contains(row)).count();
            sought += count;
        }
    }
    assert!(hits as f64 >= 0.995 * sought as f64, "{hits} of {sought}");
}

#[test]
fn only_allowed_rows_are_found_and_as_many_as_asked_for() {
    let mut chance = Chance::new(seed());
    let mut collection = Collection::new(&mut chance, &[4000, 300, 2000]);
    collection.graphs[0] = Some(Graph::build(collection.segments[0].clone()));
    for share in [1.0, 0.5, 0.02, 0.0] {
        collection.allow(&mut chance, share);
        for way in [Some(Way::Codes), Some(Way::Signs), Some(Way::Graphs), None] {
            let recall = recall(&collection, &mut chance, way, 10);
            assert!(recall >= 0.985, "{way:?} finds {recall} where {share} is allowed");
        }
    }
    collection.allowed.fill_with(|| None);
    for (codes, allowed) in collection.segments.iter().zip(&mut collection.allowed) {
        *allowed = Some(Bits::none(codes.len()));
    }
    let query = Code::quantize(&direction(&mut chance, DIMENSIONS)).unwrap();
    for way in [Way::Codes, Way::Signs, Way::Graphs] {
        let found = nearest_by(way, &collection.scanned(), &query, 10);
        assert!(found.iter().all(Vec::is_empty), "{way:?}");
    }
}

#[test]
fn the_same_vectors_are_found_in_any_segments() {
    let mut chance = Chance::new(seed());
    let one = Collection::new(&mut chance, &[3000]);
    let parts = one.vectors.chunks(700).map(|part| Arc::new(codes_of(part)));
    let segments: Vec<_> = parts.collect();
    let (allowed, graphs) = (vec![None; segments.len()], segments.iter().map(|_| None).collect());
    let many = Collection { vectors: one.vectors.clone(), segments, allowed, graphs };
    for _ in 0..20 {
        let query = Code::quantize(&one.question(&mut chance)).unwrap();
        for way in [Way::Codes, Way::Signs] {
            let in_one = nearest_by(way, &one.scanned(), &query, 10);
            let in_many = nearest_by(way, &many.scanned(), &query, 10);
            assert_eq!(one.best_of(&in_one, 3000), many.best_of(&in_many, 3000), "{way:?}");
        }
    }
}

#[test]
fn equal_vectors_and_more_than_there_are_come_back() {
    let vector = [&[0.6, -0.8][..], &[0.0; 62]].concat();
    let mut codes = Codes::new(64);
    (0..300).for_each(|_| codes.push(&vector).unwrap());
    let query = Code::quantize(&vector).unwrap();
    let scanned = [Scanned { codes: &codes, allowed: None, graph: None }; 2];
    for way in [Way::Codes, Way::Signs] {
        for count in [1, 500, 600, 601, usize::MAX] {
            let found = nearest_by(way, &scanned, &query, count);
            assert_eq!(found.iter().map(Vec::len).sum::<usize>(), 600, "{way:?}");
        }
        assert!(nearest_by(way, &[], &query, 5).is_empty());
    }
    // A vector of nothing is as far from all.
    let nothing = Code::quantize(&[0.0; 64]).unwrap();
    assert_eq!(nearest_by(Way::Signs, &scanned, &nothing, 3)[0].len(), 300);
}

#[test]
fn rows_copied_from_other_codes_are_the_same() {
    let mut chance = Chance::new(seed());
    for dimensions in [1, 63, 64, 65, 100, 384] {
        let vectors = clustered(&mut chance, 20, dimensions);
        let mut codes = Codes::new(dimensions);
        vectors.iter().for_each(|vector| codes.push(vector).unwrap());
        let mut copy = Codes::with_capacity(dimensions, 10);
        let before = copy.memory_bytes();
        (0..20).step_by(2).for_each(|row| copy.push_row_of(&codes, row).unwrap());
        let mut expected = Codes::new(dimensions);
        vectors.iter().step_by(2).for_each(|vector| expected.push(vector).unwrap());
        assert_eq!(copy, expected);
        assert_eq!(copy.memory_bytes(), before, "there was room for them");
        assert_eq!(before, 10 * (dimensions + 4));
        codes.shrink_to_fit();
        assert_eq!(codes.memory_bytes(), 2 * before);
        assert_eq!(copy.push_row_of(&Codes::new(7), 0).unwrap_err().code(), "internal");
        assert_eq!(copy, expected);
    }
}

#[test]
fn signs_take_memory_once_they_are_searched_and_are_of_all_rows() {
    let mut chance = Chance::new(seed());
    let vectors = clustered(&mut chance, 400, 100);
    let mut codes = Codes::with_capacity(100, 400);
    vectors[..200].iter().for_each(|vector| codes.push(vector).unwrap());
    let before = codes.memory_bytes();
    let query = Code::quantize(&vectors[300]).unwrap();
    let search = |way, codes: &Codes| {
        let scanned = [Scanned { codes, allowed: None, graph: None }];
        best(nearest_by(way, &scanned, &query, 5).remove(0), 5)
    };
    search(Way::Codes, &codes);
    assert_eq!(codes.memory_bytes(), before);
    search(Way::Signs, &codes);
    // Signs come in blocks of 32 rows.
    assert_eq!(codes.memory_bytes(), before + 200_usize.next_multiple_of(32) * 7 * 2);
    vectors[200..].iter().for_each(|vector| codes.push(vector).unwrap());
    assert_eq!(search(Way::Signs, &codes)[0].0, 300);
}

#[test]
fn bits_are_the_set_that_was_put_in() {
    let mut chance = Chance::new(seed());
    for len in [0, 1, 63, 64, 65, 200] {
        let mut bits = Bits::none(len);
        let mut expected = vec![false; len];
        for _ in 0..2 * len {
            let (number, is_in) = (below(&mut chance, len), fraction(&mut chance) < 0.6);
            bits.set(number, is_in);
            expected[number] = is_in;
        }
        let numbers: Vec<usize> = (0..len).filter(|&number| expected[number]).collect();
        assert_eq!(bits.iter().collect::<Vec<_>>(), numbers);
        assert_eq!((bits.len(), bits.count()), (len, numbers.len()));
        assert_eq!(bits.is_empty(), numbers.is_empty());
        assert!((0..len + 70).all(|number| bits.get(number) == numbers.contains(&number)));
        assert_eq!(Bits::from_words(len, bits.words().to_vec()), Some(bits.clone()));

        let all = Bits::all(len);
        assert!(all.iter().eq(0..len) && all.count() == len);
        assert_eq!(all, {
            (0..len).for_each(|number| bits.set(number, true));
            bits
        });
    }
}

#[test]
fn words_that_are_no_set_of_that_length_are_refused() {
    assert_eq!(Bits::from_words(3, vec![0b1000]), None);
    assert_eq!(Bits::from_words(64, vec![1, 0]), None);
    assert_eq!(Bits::from_words(65, vec![1]), None);
    assert_eq!(Bits::from_words(0, vec![]), Some(Bits::none(0)));
}
