//! Searching segments, against the simplest code that could be right.

#![allow(clippy::unwrap_used)]

use std::collections::HashMap;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::internals::{
    DENSE_WEIGHT, GRAPH_MIN_CHUNKS, Graph, Hit, Index, QuantizedVector, QuantizedVectors, Segment,
    SegmentBuilder, terms, top_k,
};
use multimodal_rag::{Chunk, Span};

#[allow(dead_code)]
#[path = "../benches/search/library.rs"]
mod library;
#[path = "support/rng.rs"]
mod rng;
#[path = "support/segments.rs"]
mod segments;
#[path = "support/vectors.rs"]
mod vectors;
#[path = "../benches/search/words.rs"]
mod words;
use library::{Library, push};
use rng::{Rng, seed};
use segments::{document, info, segment};
use vectors::{clustered, direction, unit};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn naive_code(embedding: &[f32]) -> Vec<f32> {
    let largest = embedding.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let scale = largest / 127.0;
    embedding.iter().map(|value| (value / scale).round() * scale).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn codes_of(embeddings: &[Vec<f32>]) -> QuantizedVectors {
    let mut codes = QuantizedVectors::new(embeddings[0].len());
    embeddings.iter().for_each(|embedding| codes.push(embedding).unwrap());
    codes
}

#[test]
fn the_scan_equals_brute_force_over_the_codes_and_comes_near_f32() {
    let mut rng = Rng::new(seed());
    for (count, dimensions) in [(1, 1), (300, 5), (700, 384)] {
        let embeddings = clustered(&mut rng, count, dimensions);
        let codes = codes_of(&embeddings);
        let query = direction(&mut rng, dimensions);
        let cosines = codes.scan(&QuantizedVector::quantize(&query).unwrap());
        assert_eq!(cosines.len(), count);
        for (row, (&cosine, embedding)) in cosines.iter().zip(&embeddings).enumerate() {
            let expected = dot(&query, &naive_code(embedding));
            assert!((cosine - expected).abs() < 1e-5, "row {row}: {cosine} for {expected}");
            assert!((cosine - dot(&query, embedding)).abs() < 0.01, "row {row}");
            assert_eq!(cosine, codes.similarity(&QuantizedVector::quantize(&query).unwrap(), row));
        }
    }
}

#[test]
fn what_is_no_unit_vector_is_refused_and_changes_nothing() {
    let mut codes = codes_of(&[vec![0.6, -0.8]]);
    let before = codes.clone();
    for bad in [&[f32::NAN, 0.0][..], &[0.0, f32::INFINITY], &[1e30, 0.0], &[1.0], &[0.0; 3]] {
        assert_eq!(codes.push(bad).unwrap_err().code(), "internal", "{bad:?}");
        assert_eq!(codes, before);
    }
    codes.push(&[0.0, 0.0]).unwrap();
    codes.push(&[1e-42, 0.0]).unwrap();
    let cosines = codes.scan(&QuantizedVector::quantize(&[0.6, -0.8]).unwrap());
    assert!((cosines[0] - 1.0).abs() < 0.01);
    assert_eq!(cosines[1..], [0.0, 0.0]);
}

#[test]
fn the_best_are_sorted_and_of_equals_the_first_wins() {
    let scored = vec![(0, 0.5), (1, 0.9), (2, 0.5), (3, -1.0), (4, 0.9), (5, 0.5)];
    assert_eq!(top_k(scored.clone(), 3), [(1, 0.9), (4, 0.9), (0, 0.5)]);
    assert_eq!(top_k(scored.clone(), 0), []);
    let all: Vec<u32> = top_k(scored, 99).into_iter().map(|(id, _)| id).collect();
    assert_eq!(all, [1, 4, 0, 2, 5, 3]);
}

fn large_segment(rng: &mut Rng, count: usize) -> (Segment, Vec<Vec<f32>>) {
    let embeddings = clustered(rng, count, 64);
    let chunks: Vec<_> = embeddings.iter().map(|vector| ("word", vector.clone())).collect();
    (segment("large", &chunks), embeddings)
}

fn exact(codes: &QuantizedVectors, query: &QuantizedVector, count: usize) -> Vec<(u32, f32)> {
    top_k((0..).zip(codes.scan(query)).collect(), count)
}

#[test]
fn the_graph_finds_nearly_all_of_the_nearest_with_their_exact_similarities() {
    let mut rng = Rng::new(seed());
    let (segment, embeddings) = large_segment(&mut rng, 2300);
    let graph = Graph::build(segment.vectors().clone());

    let (mut found, mut sought) = (0, 0);
    for index in 0..200 {
        let noise = direction(&mut rng, 64);
        let near = &embeddings[index * 11];
        let query = unit(near.iter().zip(noise).map(|(a, b)| a + 0.5 * b).collect());
        let query = QuantizedVector::quantize(&query).unwrap();
        let expected = exact(segment.vectors(), &query, 10);
        let got = graph.search(&query, 10);
        assert!(got.is_sorted_by(|a, b| a.1 >= b.1) && got.len() == 10);
        for &(row, similarity) in &got {
            assert_eq!(similarity, segment.vectors().similarity(&query, row as usize));
        }
        found += got.iter().filter(|hit| expected.contains(hit)).count();
        sought += expected.len();
    }
    let recall = found as f64 / sought as f64;
    println!("recall@10 {recall}");
    assert!(recall >= 0.95, "recall@10 is {recall}");
}

#[test]
fn a_graph_built_again_or_read_again_is_the_same() {
    let mut rng = Rng::new(seed());
    let (segment, embeddings) = large_segment(&mut rng, GRAPH_MIN_CHUNKS + 88);
    let graph = Graph::build(segment.vectors().clone());
    let bytes = graph.to_bytes();
    println!("{} bytes a chunk", bytes.len() / embeddings.len());
    assert!(bytes.len() < 250 * embeddings.len());
    assert!(bytes == Graph::build(segment.vectors().clone()).to_bytes());

    let again = Graph::from_bytes("graph/1", &bytes, segment.vectors()).unwrap();
    assert!(bytes == again.to_bytes());
    for embedding in &embeddings[..50] {
        let query = QuantizedVector::quantize(embedding).unwrap();
        assert_eq!(again.search(&query, 20), graph.search(&query, 20));
    }
}

/// BM25 as the books have it, over the terms of each chunk.
fn naive_bm25(question: &str, chunks: &[Vec<String>]) -> Vec<f32> {
    let all = chunks.len() as f32;
    let average = chunks.iter().map(Vec::len).sum::<usize>() as f32 / all;
    let score = |chunk: &Vec<String>, term: &String| {
        let with = chunks.iter().filter(|chunk| chunk.contains(term)).count() as f32;
        let idf = (1.0 + (all - with + 0.5) / (with + 0.5)).ln();
        let times = chunk.iter().filter(|other| *other == term).count() as f32;
        let length = 1.2 * (0.25 + 0.75 * chunk.len() as f32 / average);
        idf * times * 2.2 / (times + length)
    };
    let question = terms(question);
    chunks.iter().map(|chunk| question.iter().map(|term| score(chunk, term)).sum()).collect()
}

/// Every chunk of a random collection: its document's name, place and text.
struct Collection {
    index: Index,
    chunks: Vec<(String, u32, String, Vec<f32>)>,
}

fn random_text(rng: &mut Rng, words: usize) -> String {
    // Squared, so that some words are frequent and some rare.
    let word = |rng: &mut Rng| (7.0 * rng.fraction()).powi(2) as u32;
    (0..words).map(|_| format!("w{} ", word(rng))).collect()
}

fn collection(rng: &mut Rng, documents: usize) -> Collection {
    let mut collection = Collection { index: Index::new(), chunks: vec![] };
    for number in 0..documents {
        let name = format!("document {number}");
        let mut chunks = vec![];
        for _ in 0..1 + rng.below(8) {
            let words = 1 + rng.below(39);
            chunks.push((random_text(rng, words), direction(rng, 16)));
        }
        let parts: Vec<_> = chunks.iter().map(|(text, v)| (text.as_str(), v.clone())).collect();
        collection.index = collection.index.with(number as u64, segment(&name, &parts));
        for (place, (text, vector)) in (0..).zip(chunks) {
            collection.chunks.push((name.clone(), place, text, vector));
        }
    }
    collection
}

fn assert_hits_are_right(collection: &Collection, embedding: &[f32], question: &str) {
    let Collection { index, chunks } = collection;
    // The words of its name are terms of each chunk.
    let of_chunk = |name: &str, text: &str| [terms(text), terms(name)].concat();
    let texts: Vec<_> = chunks.iter().map(|(name, _, text, _)| of_chunk(name, text)).collect();
    let lexical = naive_bm25(question, &texts);
    let largest = lexical.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    let hits = index.search(embedding, question, chunks.len() + 5, None).unwrap();
    assert_eq!((hits.len(), index.len()), (chunks.len(), chunks.len()));
    assert!(hits.is_sorted_by(|a, b| a.score >= b.score));
    let place_of = |hit: &Hit| (hit.document, hit.chunk);
    let hit_of: HashMap<_, _> = hits.iter().map(|hit| (place_of(hit), hit)).collect();
    for ((name, place, _, vector), lexical) in chunks.iter().zip(lexical) {
        let hit = hit_of[&(document(name), *place)];
        assert!((hit.lexical - lexical).abs() < 1e-3, "{hit:?} for {lexical}");
        assert!((hit.dense - dot(embedding, vector)).abs() < 0.02, "{hit:?}");
        let score = lexical / largest + DENSE_WEIGHT * hit.dense;
        assert!((hit.score - score).abs() < 1e-3, "{hit:?} for {score}");
    }
    assert_eq!(index.search(embedding, question, 3, None).unwrap(), hits[..3]);
}

#[test]
fn hits_have_the_scores_of_a_naive_bm25_and_cosine_over_the_whole_collection() {
    let mut rng = Rng::new(seed());
    let collection = collection(&mut rng, 30);
    for question in ["w0 w1", "w40 w3 w3 w3", "W45", "unheard of", "", "w0 w5 w12 w20 w30 w44"] {
        let embedding = direction(&mut rng, 16);
        assert_hits_are_right(&collection, &embedding, question);
    }
}

#[test]
fn a_removed_document_is_never_found_and_counts_no_more() {
    let mut rng = Rng::new(seed());
    let mut collection = collection(&mut rng, 12);
    let before = collection.index.clone();
    let chunks_before = collection.chunks.len();
    for removed in ["document 3", "document 0", "document 11", "document 0"] {
        collection.index = collection.index.without(document(removed));
        collection.chunks.retain(|(name, ..)| name != removed);
        assert!(collection.index.documents().all(|(info, _)| info.id != document(removed)));
        let embedding = direction(&mut rng, 16);
        assert_hits_are_right(&collection, &embedding, "w1 w2 w30");
    }
    assert_eq!(before.len(), chunks_before, "who reads the old index is not disturbed");
    assert_eq!(before.search(&[0.1; 16], "w1", 999, None).unwrap().len(), chunks_before);
}

#[test]
fn equal_chunks_come_in_the_order_of_documents_and_places() {
    let chunks = [("same", vec![1.0, 0.0]), ("same", vec![1.0, 0.0])];
    let mut index = Index::new();
    for (id, name) in (0..).zip(["c", "a", "b"]) {
        index = index.with(id, segment(name, &chunks));
    }
    let hits = index.search(&[1.0, 0.0], "same", 5, None).unwrap();
    assert!(hits.is_sorted_by(|a, b| (a.document, a.chunk) < (b.document, b.chunk)));
    assert_eq!(hits.len(), 5);
}

#[test]
fn an_index_of_nothing_finds_nothing_and_other_dimensions_are_an_error() {
    let index = Index::new();
    assert!(index.is_empty() && index.search(&[1.0], "word", 5, None).unwrap().is_empty());
    let index = index.with(0, segment("a", &[("word", vec![1.0, 0.0])]));
    assert_eq!(index.search(&[1.0], "word", 5, None).unwrap_err().code(), "internal");
    assert_eq!(index.search(&[f32::NAN, 0.0], "word", 5, None).unwrap_err().code(), "internal");
    assert!(index.search(&[1.0, 0.0], "word", 0, None).unwrap().is_empty());
}

#[test]
fn rare_terms_have_a_higher_idf_than_frequent_ones() {
    let chunks = [("the rare", vec![1.0]), ("the the", vec![1.0]), ("the", vec![1.0])];
    let index = Index::new().with(0, segment("a", &chunks));
    assert!(index.rarity("unheard").idf > index.rarity("rare").idf);
    assert!(index.rarity("rare").idf > index.rarity("the").idf && index.rarity("the").idf > 0.0);
}

#[test]
fn memory_counts_codes_and_terms() {
    let mut rng = Rng::new(seed());
    let (segment, _) = large_segment(&mut rng, 1000);
    let bytes = Index::new().with(0, segment).memory_bytes();
    assert!((1000 * 64..1000 * 200).contains(&bytes), "{bytes}");
}

#[test]
fn a_chunk_without_a_vector_has_the_cosine_of_the_one_before_it_in_its_document() {
    let span = |at: u32| Chunk { span: Span { start: at, end: at + 1 }, ..Chunk::default() };
    let mut segment = SegmentBuilder::new(2);
    segment.begin(info("first"), 3);
    segment.push(span(0), "prices", &[0.6, 0.8]).unwrap();
    segment.push_without_vector(span(1), "lamp chair");
    segment.push_without_vector(span(2), "lamp");
    segment.begin(info("second"), 3);
    segment.push_without_vector(span(0), "lamp table");
    segment.push(span(1), "costs", &[0.6, -0.8]).unwrap();
    segment.push_without_vector(span(2), "lamp stool");
    let segment = segment.finish();
    let read = Segment::from_bytes("segment/0", &segment.to_bytes()).unwrap();
    assert_eq!(read, segment);
    for segment in [segment, read] {
        let hits = Index::new().with(0, segment).search(&[0.6, 0.8], "lamp", 10, None).unwrap();
        let dense = |name: &str, chunk: u32| {
            let is_it = |hit: &&Hit| hit.document == document(name) && hit.chunk == chunk;
            hits.iter().find(is_it).map(|hit| (hit.dense * 100.0).round())
        };
        assert_eq!([0, 1, 2].map(|chunk| dense("first", chunk)), [Some(100.0); 3]);
        let second = [0, 1, 2].map(|chunk| dense("second", chunk));
        assert_eq!(second, [Some(0.0), Some(-28.0), Some(-28.0)]);
        assert_eq!(hits[0].chunk, 2, "the shorter of two with the word");
    }
}

#[test]
fn a_chunk_without_a_vector_is_found_by_its_words_alone() {
    let mut segment = SegmentBuilder::new(2);
    segment.begin(info("table"), 2);
    let span = |at: u32| Chunk { span: Span { start: at, end: at + 1 }, ..Chunk::default() };
    segment.push(span(0), "prices", &[0.6, 0.8]).unwrap();
    segment.push_without_vector(span(1), "lamp");
    let index = Index::new().with(0, segment.finish());
    let chunks = |question: &str| -> Vec<u32> {
        let hits = index.search(&[0.6, 0.8], question, 10, None).unwrap();
        hits.iter().map(|hit| hit.chunk).collect()
    };
    assert_eq!(chunks("chair"), [0]);
    assert_eq!(chunks("lamp"), [1, 0]);
}

#[test]
fn ten_thousand_chunks_take_about_six_hundred_bytes_each() {
    let library = Library::new(10_000, 1);
    let mut segment = SegmentBuilder::new(384);
    let vector = [0.05; 384];
    for (document, chunks) in library.documents() {
        push(&mut segment, &document, &chunks, |_| &vector).unwrap();
    }
    let bytes = Index::new().with(0, segment.finish()).memory_bytes();
    println!("{} bytes a chunk", bytes / 10_000);
    assert!(bytes <= 610 * 10_000, "{bytes}");
}
