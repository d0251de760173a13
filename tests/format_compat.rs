//! Stored records: every version opens, and nothing damaged is taken for whole.

#![allow(clippy::unwrap_used)]

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::Error;
use multimodal_rag::internals::{Graph, Index, QuantizedVector, Segment};

#[path = "support/record.rs"]
mod record;
#[path = "support/rng.rs"]
mod rng;
#[path = "support/segments.rs"]
mod segments;
#[path = "support/vectors.rs"]
mod vectors;
use record::{HEADER_BYTES, with_body};
use rng::{Rng, seed};
use segments::{segment, segment_with_pictures};
use vectors::{clustered, unit};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

const SEGMENT_V1: &[u8] = include_bytes!("fixtures/stored/segment-v1.bin");
const SEGMENT_V2: &[u8] = include_bytes!("fixtures/stored/segment-v2.bin");
const SEGMENT_V3: &[u8] = include_bytes!("fixtures/stored/segment-v3.bin");
const GRAPH_V1: &[u8] = include_bytes!("fixtures/stored/graph-v1.bin");

type Chunks = Vec<(&'static str, Vec<f32>)>;

/// What the fixtures were made of: nothing random, so that it is the same for ever.
fn fixture_chunks() -> Chunks {
    let texts = ["Die Würde des Menschen", "人工智能", "the 1st of the three", "👋 hello"];
    let vector = |index: usize| {
        unit((0..8).map(|place| ((index * 7 + place * place * 3) % 11) as f32 - 5.0).collect())
    };
    (0..40).map(|index| (texts[index % texts.len()], vector(index))).collect()
}

fn open(bytes: &[u8]) -> Result<Segment, Error> {
    Segment::from_bytes("segment/1", bytes)
}

/// Writes the fixtures of the present version. What is written once stays: a new
/// version gets files and tests of its own.
#[cfg(not(target_arch = "wasm32"))]
#[test]
#[ignore = "writes the fixtures"]
fn write_the_fixtures() {
    let segment = segment_with_pictures("fixture", &fixture_chunks());
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/stored");
    std::fs::write(format!("{directory}/segment-v3.bin"), segment.to_bytes()).unwrap();
    let graph = Graph::build(segment.vectors().clone());
    std::fs::write(format!("{directory}/graph-v1.bin"), graph.to_bytes()).unwrap();
}

#[test]
fn every_version_opens() {
    let chunks = fixture_chunks();
    let read = open(SEGMENT_V2).unwrap();
    let now = segment("fixture", &chunks);
    assert_eq!(read.vectors(), now.vectors());
    assert_eq!(read.documents(), now.documents());
    for chunk in 0..chunks.len() {
        assert_eq!(read.chunk(chunk), now.chunk(chunk));
    }
    assert_eq!(open(SEGMENT_V1).unwrap(), read);
    assert_eq!(open(SEGMENT_V3).unwrap(), segment_with_pictures("fixture", &chunks));
    let index = Index::new().with(0, read.clone());
    let found = index.search(&chunks[0].1, "Würde", 1, None).unwrap();
    assert!(found[0].lexical > 0.0, "{found:?}");
    let graph = Graph::from_bytes("graph/1", GRAPH_V1, read.vectors()).unwrap();
    for (row, (_, vector)) in chunks.iter().enumerate() {
        let found = graph.search(&QuantizedVector::quantize(vector).unwrap(), 40);
        assert_eq!(found.len(), 40);
        assert!((found[0].1 - 1.0).abs() < 0.02, "row {row}: {found:?}");
    }
}

#[test]
fn what_is_written_is_version_3_and_reads_back_the_same() {
    let stored = open(SEGMENT_V3).unwrap();
    assert!(stored.to_bytes() == SEGMENT_V3, "another layout needs another version");
    let segment = segment("fixture", &fixture_chunks());
    assert_eq!(open(&segment.to_bytes()).unwrap(), segment);
}

#[test]
fn a_segment_of_nothing_reads_back() {
    let empty = segment("empty", &[]);
    assert_eq!(open(&empty.to_bytes()).unwrap(), empty);
}

fn assert_corrupt<T: std::fmt::Debug>(read: Result<T, Error>, what: &str) {
    assert_eq!(read.unwrap_err().code(), "corrupt_storage", "{what}");
}

/// Calls `check` with every way to flip one bit and every way to cut `bytes`.
fn for_each_damage(bytes: &[u8], check: impl Fn(&[u8], &str)) {
    let mut damaged = bytes.to_vec();
    for index in 0..bytes.len() {
        for bit in 0..8 {
            damaged[index] ^= 1 << bit;
            check(&damaged, &format!("bit {bit} of byte {index} flipped"));
            damaged[index] ^= 1 << bit;
        }
        check(&bytes[..index], &format!("cut after {index} bytes"));
    }
    damaged.push(0);
    check(&damaged, "a byte too many");
}

fn small_chunks() -> Chunks {
    fixture_chunks().into_iter().take(3).collect()
}

#[test]
fn any_flipped_bit_and_any_cut_is_an_error() {
    let chunks = small_chunks();
    let segment = segment_with_pictures("small", &chunks);
    for_each_damage(&segment.to_bytes(), |bytes, what| assert_corrupt(open(bytes), what));
    let graph = Graph::build(segment.vectors().clone());
    for_each_damage(&graph.to_bytes(), |bytes, what| {
        assert_corrupt(Graph::from_bytes("graph/1", bytes, segment.vectors()), what);
    });
}

#[test]
fn a_malformed_body_under_a_right_checksum_does_no_harm() {
    let chunks = small_chunks();
    let segment = segment_with_pictures("small", &chunks);
    let record = segment.to_bytes();
    assert!(with_body(&record, &record[HEADER_BYTES..]) == record);
    for_each_damage(&record[HEADER_BYTES..], |body, _| {
        // Another number in a vector is as good as the first; all else is found.
        if let Ok(segment) = open(&with_body(&record, body)) {
            let index = Index::new().with(0, segment);
            assert!(index.search(&[0.3; 8], "the hello 人工", 9, None).unwrap().len() <= 3);
        }
    });

    let graph = Graph::build(segment.vectors().clone()).to_bytes();
    let query = QuantizedVector::quantize(&[0.3; 8]).unwrap();
    for_each_damage(&graph[HEADER_BYTES..], |body, _| {
        if let Ok(graph) = Graph::from_bytes("graph/1", &with_body(&graph, body), segment.vectors())
        {
            for (row, similarity) in graph.search(&query, 9) {
                assert_eq!(similarity, segment.vectors().similarity(&query, row as usize));
            }
        }
    });
}

#[test]
fn lengths_that_lie_allocate_nothing() {
    let record = segment("small", &small_chunks()).to_bytes();
    let huge = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
    for place in HEADER_BYTES + 16..record.len() {
        let body = [&record[HEADER_BYTES..place], &huge, &record[place..]].concat();
        // 4 GiB would fail the test on its own.
        let _ = open(&with_body(&record, &body));
    }
}

#[test]
fn other_versions_are_refused() {
    let record = segment("small", &small_chunks()).to_bytes();
    let cases = [(0_u16, "record_too_old"), (4, "record_too_new"), (u16::MAX, "record_too_new")];
    for (version, code) in cases {
        let mut other = record.clone();
        other[4..6].copy_from_slice(&version.to_le_bytes());
        let other = with_body(&other, &record[HEADER_BYTES..]);
        assert_eq!(open(&other).unwrap_err().code(), code, "version {version}");
    }
}

#[test]
fn a_record_of_another_kind_is_refused() {
    let segment = segment("small", &small_chunks());
    let graph = Graph::build(segment.vectors().clone());
    assert_corrupt(open(&graph.to_bytes()), "a graph");
    assert_corrupt(
        Graph::from_bytes("graph/1", &segment.to_bytes(), segment.vectors()),
        "a segment",
    );
}

#[test]
fn a_graph_of_other_vectors_is_refused() {
    let mut rng = Rng::new(seed());
    let mut some = || {
        let vectors = clustered(&mut rng, 60, 8).into_iter();
        segment("some", &vectors.map(|vector| ("word", vector)).collect::<Vec<_>>())
    };
    let (one, other) = (some(), some());
    let bytes = Graph::build(one.vectors().clone()).to_bytes();
    Graph::from_bytes("graph/1", &bytes, one.vectors()).unwrap();
    assert_corrupt(Graph::from_bytes("graph/1", &bytes, other.vectors()), "other vectors");
}
