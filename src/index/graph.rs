//! The HNSW graph of a large segment's vectors, which finds near ones without comparing all.
//!
//! The graph is one of instant-distance, which builds it in one call that cannot be
//! interrupted. With vectors of 384 numbers (sentences, natively, on one core of an AMD
//! EPYC; ten nearest, recall against `f32`):
//!
//! | vectors | building | graph | signs | exact |
//! |---|---|---|---|---|
//! | 8,000 | 1.5 s | 88 µs, .992 | 34 µs, .996 | 92 µs, .996 |
//! | 32,768 | 10 s | 207 µs, .991 | 96 µs, .997 | 458 µs, .997 |
//! | 100,000 | 32 s | 188 µs, .957 | 273 µs, .996 | 3 ms, .996 |
//!
//! The last row is of one graph over all vectors. Merging makes segments of up to 32,768
//! vectors, and in these signs are faster, find more, and need neither seconds of building
//! nor 300 bytes a vector (`benches/browser/results.json` has 300,000 vectors). Graphs are built only where the
//! caller chooses them ([`VectorIndex::Graph`](super::VectorIndex::Graph)).
//!
//! A graph is derived data: a missing one is built again. The similarities of what it
//! finds are computed with the segment's own vectors, so it can miss a neighbour but never
//! report a wrong similarity.

use std::fmt;
use std::sync::{Arc, OnceLock};

use instant_distance::{Builder, Heuristic, Hnsw, Point, Search};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::quantized::{QuantizedVector, QuantizedVectors};
use super::ranking::top_k;
use crate::error::Result;
use crate::record::{self, Body, Kind, corrupt};

/// Segments of fewer vectors get no graph.
pub const GRAPH_MIN_CHUNKS: usize = 512;

/// HNSW's `ef` of a search: the most vectors that it can find.
pub const GRAPH_EF_SEARCH: usize = 100;

/// HNSW's `ef` while the graph is built.
const EF_CONSTRUCTION: usize = 64;

/// Seed of the layers, so that the same vectors give the same graph.
const SEED: u64 = 0x6d6d_7267;

/// The most links of a point in the lowest layer, as instant-distance has it.
const MAX_LINKS: usize = 64;
/// The same in the layers above.
const MAX_UPPER_LINKS: usize = 32;

/// Finds nearly all of the nearest vectors of one segment.
pub struct Graph {
    vectors: Arc<QuantizedVectors>,
    hnsw: Hnsw<Node>,
}

impl Graph {
    /// The graph of `vectors`, built in one step of a second for 5,000 vectors, ten for
    /// 32,768. The same vectors give the same graph (on one kind of platform:
    /// instant-distance's random numbers differ between 32 and 64 bits).
    pub fn build(vectors: Arc<QuantizedVectors>) -> Self {
        let row = |row| Node::Row { row, vectors: vectors.clone().into() };
        let nodes = points_of(&vectors).map(row).collect();
        let build = || {
            // `Builder::default` draws a seed, and `seed` replaces it.
            let builder = Builder::default().seed(SEED);
            let builder = builder.ef_construction(EF_CONSTRUCTION).ef_search(GRAPH_EF_SEARCH);
            // Filling up the links with those that the heuristic rejects takes ten times as
            // long and finds no more.
            let heuristic = Heuristic { extend_candidates: false, keep_pruned: false };
            builder.select_heuristic(Some(heuristic)).build_hnsw(nodes).0
        };
        // Several threads would insert the points in a random order. Where no thread can be
        // started (in a page) this one inserts them in the same order.
        let hnsw = match rayon::ThreadPoolBuilder::new().num_threads(1).build() {
            Ok(pool) => pool.install(build),
            Err(_) => build(),
        };
        Self { vectors, hnsw }
    }

    /// About the `count` vectors nearest to `query`, at most [`GRAPH_EF_SEARCH`]: their
    /// numbers and similarities, best first.
    pub fn search(&self, query: &QuantizedVector, count: usize) -> Vec<(u32, f32)> {
        top_k(self.candidates(query).collect(), count)
    }

    /// All rows that a search finds with their similarities, at most [`GRAPH_EF_SEARCH`].
    pub(super) fn candidates(&self, query: &QuantizedVector) -> impl Iterator<Item = (u32, f32)> {
        let query = Node::Query(query.clone());
        let mut search = Search::default();
        let found = self.hnsw.search(&query, &mut search).filter_map(|item| match item.point {
            Node::Row { row, .. } => Some((*row, query.similarity(item.point))),
            Node::Query(_) => None,
        });
        found.collect::<Vec<_>>().into_iter()
    }

    /// Bytes of memory in use without the vectors. It is an estimate: instant-distance does
    /// not report its capacities.
    pub fn memory_bytes(&self) -> usize {
        // Each layer has about 1/ln(32) of the points of the one below.
        let links = MAX_LINKS + MAX_UPPER_LINKS * 2 / 5;
        self.vectors.present() * (size_of::<Node>() + links * size_of::<u32>())
    }

    /// The graph's record.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (vectors, links) = (self.vectors.checksum(), Links::of(&self.hnsw));
        record::encode(Kind::Graph, &GraphBody { vectors, links })
    }

    /// Reads the graph's record, stored under `key`, of the segment with these vectors. A
    /// record that [`Graph::to_bytes`] did not write of a graph of these vectors is an
    /// error; the graph can then be built again.
    pub fn from_bytes(key: &str, bytes: &[u8], vectors: &Arc<QuantizedVectors>) -> Result<Self> {
        let body: GraphBody = record::decode(key, bytes)?;
        if body.vectors != vectors.checksum() {
            return Err(corrupt(key, "it was built from other vectors"));
        }
        let hnsw = body.links.open(vectors).map_err(|detail| corrupt(key, detail))?;
        Ok(Self { vectors: vectors.clone(), hnsw })
    }
}

/// The rows that are points of a graph: those with a vector. All others would be at the same
/// distance from everything.
fn points_of(vectors: &QuantizedVectors) -> impl Iterator<Item = u32> {
    (0..vectors.len()).filter(|&row| vectors.has_vector(row)).map(|row| row as u32)
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph").field("vectors", &self.vectors.len()).finish_non_exhaustive()
    }
}

/// A point of instant-distance, which keeps its points and stores them with the links. So a
/// point is the number of a row, not the row itself.
#[derive(Clone)]
enum Node {
    /// A vector of the segment.
    Row {
        row: u32,
        /// The segment's vectors; empty only while the graph is being read.
        vectors: OnceLock<Arc<QuantizedVectors>>,
    },
    /// The query of a search.
    Query(QuantizedVector),
}

impl Node {
    fn similarity(&self, other: &Self) -> f32 {
        match (self, other) {
            (Self::Row { row: a, vectors }, Self::Row { row: b, .. }) => {
                let similarity = |vectors: &Arc<QuantizedVectors>| {
                    vectors.similarity_of_rows(*a as usize, *b as usize)
                };
                vectors.get().map_or(f32::NEG_INFINITY, similarity)
            }
            (Self::Query(query), Self::Row { row, vectors })
            | (Self::Row { row, vectors }, Self::Query(query)) => vectors
                .get()
                .map_or(f32::NEG_INFINITY, |vectors| vectors.similarity(query, *row as usize)),
            (Self::Query(_), Self::Query(_)) => 1.0,
        }
    }
}

impl Point for Node {
    fn distance(&self, other: &Self) -> f32 {
        1.0 - self.similarity(other)
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Row { row, .. } => row.serialize(to),
            Self::Query(_) => Err(serde::ser::Error::custom("a query is no part of a graph")),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self::Row { row: u32::deserialize(from)?, vectors: OnceLock::new() })
    }
}

/// The body of a graph's record, version 1.
#[derive(Serialize, Deserialize)]
struct GraphBody {
    /// The checksum of the vectors of the graph.
    vectors: u32,
    links: Links,
}

impl Body for GraphBody {
    const KIND: Kind = Kind::Graph;

    fn decode(_version: u16, body: &[u8]) -> Result<Self, &'static str> {
        record::parse(body)
    }
}

/// The links of a graph, as they are stored.
#[derive(Serialize, Deserialize)]
struct Links {
    /// The row of each point.
    points: Vec<u32>,
    /// The points that each point is linked to, by their places in `points`.
    links: Vec<Vec<u32>>,
    /// The same for each layer above, which has the first of the points, from the
    /// lowest layer to the topmost.
    layers: Vec<Vec<Vec<u32>>>,
}

/// The parts of a `Hnsw` as serde sees them: `ef` of a search, the points, their links, and
/// the links of the layers above.
type HnswParts = (usize, Vec<u32>, Vec<[UpperLinks; 2]>, Vec<Vec<UpperLinks>>);

/// Links of a point in an upper layer; the lowest has twice as many.
type UpperLinks = [u32; MAX_UPPER_LINKS];

/// Fills the places of missing links.
const NO_LINK: u32 = u32::MAX;

impl Links {
    fn of(hnsw: &Hnsw<Node>) -> Self {
        // Only serde has access to the parts.
        let parts = postcard::to_allocvec(hnsw).and_then(|bytes| postcard::from_bytes(&bytes));
        let (_, points, zero, layers): HnswParts =
            parts.expect("the version of instant-distance in use has these parts");
        let used = |links: &[u32]| {
            links.iter().copied().take_while(|&link| link != NO_LINK).collect::<Vec<u32>>()
        };
        let upper = |layer: Vec<UpperLinks>| layer.iter().map(|links| used(links)).collect();
        Self {
            points,
            links: zero.iter().map(|links| used(links.as_flattened())).collect(),
            layers: layers.into_iter().map(upper).collect(),
        }
    }

    /// The graph of `vectors` with these links. An error says what is wrong with them:
    /// instant-distance trusts every number that it reads, so all are checked here.
    fn open(self, vectors: &Arc<QuantizedVectors>) -> Result<Hnsw<Node>, &'static str> {
        let mut points = self.points.clone();
        points.sort_unstable();
        if !points.into_iter().eq(points_of(vectors)) {
            return Err("its points are not the segment's vectors");
        }
        if !self.are_links_sound() {
            return Err("it has a link to a point that is missing");
        }
        let zero = self.links.iter().map(|links| {
            let mut padded = [[NO_LINK; MAX_UPPER_LINKS]; 2];
            padded.as_flattened_mut()[..links.len()].copy_from_slice(links);
            padded
        });
        let upper = |layer: &Vec<Vec<u32>>| -> Vec<UpperLinks> {
            let padded = |links: &Vec<u32>| {
                let mut padded = [NO_LINK; MAX_UPPER_LINKS];
                padded[..links.len()].copy_from_slice(links);
                padded
            };
            layer.iter().map(padded).collect()
        };
        let layers = self.layers.iter().map(upper).collect();
        let parts: HnswParts = (GRAPH_EF_SEARCH, self.points, zero.collect(), layers);
        let hnsw = postcard::to_allocvec(&parts).and_then(|bytes| postcard::from_bytes(&bytes));
        let hnsw: Hnsw<Node> = hnsw.map_err(|_| "it does not fit together")?;
        for (_, node) in hnsw.iter() {
            if let Node::Row { vectors: place, .. } = node {
                place.get_or_init(|| vectors.clone());
            }
        }
        Ok(hnsw)
    }

    fn are_links_sound(&self) -> bool {
        let mut below = self.points.len();
        let lowest = are_within(&self.links, MAX_LINKS, below);
        self.links.len() == below
            && lowest
            && self.layers.iter().all(|layer| {
                let fits = !layer.is_empty() && layer.len() <= below;
                below = layer.len();
                fits && are_within(layer, MAX_UPPER_LINKS, below)
            })
    }
}

/// Whether no point has more than `most` links, and all lead to the first `points` points.
fn are_within(layer: &[Vec<u32>], most: usize, points: usize) -> bool {
    let is_within = |&link: &u32| (link as usize) < points;
    layer.iter().all(|links| links.len() <= most && links.iter().all(is_within))
}
