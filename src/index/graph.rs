//! A graph beside a large segment, which finds near vectors without comparing all.
//!
//! The graphs are those of instant-distance (HNSW). It builds a graph in one call that
//! cannot be interrupted and takes longer the more points there are, so a segment is
//! parted into shards with a graph each, and building one is a step. A search asks
//! every shard, which costs about as much as comparing all where that is fast (8,000
//! vectors of 384 numbers, native: 1.3 ms, and 0.7 ms by the scan).
//!
//! The graph is derived data: whoever lacks it builds it again, and what it finds is
//! compared by the segment's own codes, so that it can miss a neighbour but never
//! report a wrong similarity.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use instant_distance::{Builder, Heuristic, Hnsw, Point, Search};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::dense::{Code, Codes, best};

/// Segments of fewer chunks are scanned and need no graph.
pub const GRAPH_MIN_CHUNKS: usize = 512;

/// Most points in a shard: what bounds the time of one step of building.
pub const GRAPH_SHARD: usize = 1024;

/// How many near vectors a search keeps in view in each shard, and thereby the most it
/// can find there.
pub const GRAPH_EF_SEARCH: usize = 100;

/// How many near vectors building keeps in view.
const EF_CONSTRUCTION: usize = 64;

/// Seeds the layers of the graph, so that it comes out the same each time.
const SEED: u64 = 0x6d6d_7267;

/// Most links of a point, in the lowest layer and above, as instant-distance has them.
const MAX_LINKS: usize = 64;
const MAX_UPPER_LINKS: usize = 32;

/// Finds the nearest vectors of one segment, nearly always all of them.
pub struct Graph {
    codes: Arc<Codes>,
    shards: Vec<Hnsw<Node>>,
}

impl Graph {
    /// About the `count` vectors nearest to `query`, at most [`GRAPH_EF_SEARCH`] of each
    /// shard: their numbers and similarities, best first.
    pub fn search(&self, query: &Code, count: usize) -> Vec<(u32, f32)> {
        let query = Node::Query(query.clone());
        let mut search = Search::default();
        let mut found = Vec::new();
        for shard in &self.shards {
            for item in shard.search(&query, &mut search) {
                if let Node::Row { row, .. } = item.point {
                    found.push((*row, query.similarity(item.point)));
                }
            }
        }
        best(found, count)
    }

    /// All that [`Graph::search`] finds, in ascending order.
    pub(super) fn candidates(&self, query: &Code) -> Vec<(u32, f32)> {
        let mut found = self.search(query, usize::MAX);
        found.sort_unstable_by_key(|&(row, _)| row);
        found
    }

    /// Bytes of memory in use besides the segment's own; instant-distance tells no
    /// capacities, so this is what it needs at least.
    pub(super) fn memory_bytes(&self) -> usize {
        // Each layer has about 1/ln(32) of the points of the one below.
        let links = MAX_LINKS + MAX_UPPER_LINKS * 2 / 5;
        self.codes.len() * (size_of::<Node>() + links * size_of::<u32>())
    }

    /// What is stored of the graph: the checksum of its vectors, and its shards.
    pub(super) fn to_body(&self) -> (u32, Vec<Shard>) {
        (self.codes.checksum(), self.shards.iter().map(Shard::of).collect())
    }

    /// The graph of `codes` that was stored, or what is wrong with it.
    pub(super) fn from_body(
        (checksum, shards): (u32, Vec<Shard>),
        codes: &Arc<Codes>,
    ) -> Result<Self, &'static str> {
        if checksum != codes.checksum() {
            return Err("it is of other vectors");
        }
        let rows = shard_rows(codes.len());
        if rows.len() != shards.len() {
            return Err("it has not as many shards as it should");
        }
        let shards = shards.into_iter().zip(rows).map(|(shard, rows)| shard.open(rows, codes));
        Ok(Self { codes: codes.clone(), shards: shards.collect::<Result<_, _>>()? })
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph").field("shards", &self.shards.len()).finish_non_exhaustive()
    }
}

/// Builds a [`Graph`], one shard a step. The same codes give the same graph (on one
/// kind of platform: instant-distance's random numbers differ between 32 and 64 bits).
pub struct GraphBuilder {
    codes: Arc<Codes>,
    rows: std::vec::IntoIter<Range<u32>>,
    shards: Vec<Hnsw<Node>>,
}

impl GraphBuilder {
    /// Begins the graph of `codes`.
    pub fn new(codes: Arc<Codes>) -> Self {
        let rows = shard_rows(codes.len()).into_iter();
        Self { codes, rows, shards: Vec::new() }
    }

    /// How many steps are left.
    pub fn steps_left(&self) -> usize {
        self.rows.len()
    }

    /// Builds one shard, which takes a fraction of a second; whether another is left.
    pub fn step(&mut self) -> bool {
        if let Some(rows) = self.rows.next() {
            let nodes = rows.map(|row| Node::Row { row, codes: self.codes.clone().into() });
            self.shards.push(build_shard(nodes.collect()));
        }
        self.steps_left() > 0
    }

    /// The graph; takes the steps that are left.
    pub fn finish(mut self) -> Graph {
        while self.step() {}
        Graph { codes: self.codes, shards: self.shards }
    }
}

impl fmt::Debug for GraphBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphBuilder").field("steps_left", &self.steps_left()).finish()
    }
}

/// The rows of each shard of `len` vectors: as few shards as may be, of equal size.
fn shard_rows(len: usize) -> Vec<Range<u32>> {
    let shards = len.div_ceil(GRAPH_SHARD);
    let start = |shard: usize| (shard * len / shards) as u32;
    (0..shards).map(|shard| start(shard)..start(shard + 1)).collect()
}

fn build_shard(nodes: Vec<Node>) -> Hnsw<Node> {
    let build = || {
        // `Builder::default` draws a seed, and `seed` replaces it.
        let builder = Builder::default().seed(SEED);
        let builder = builder.ef_construction(EF_CONSTRUCTION).ef_search(GRAPH_EF_SEARCH);
        // Filling up every point's links with ones that the heuristic advises against
        // takes ten times as long and finds no more.
        let heuristic = Heuristic { extend_candidates: false, keep_pruned: false };
        builder.select_heuristic(Some(heuristic)).build_hnsw(nodes).0
    };
    // Threads would insert the points in an order of their own. Where none can be
    // started (in a page) there is only this one, and the order is the same.
    match rayon::ThreadPoolBuilder::new().num_threads(1).build() {
        Ok(pool) => pool.install(build),
        Err(_) => build(),
    }
}

/// A point as instant-distance sees it. It keeps its points and stores them along with
/// the links, so a point is the number of a row, not the row itself.
#[derive(Clone)]
pub(super) enum Node {
    /// A vector of the segment.
    Row {
        row: u32,
        /// The segment's codes; empty only while the graph is being read.
        codes: OnceLock<Arc<Codes>>,
    },
    /// What is looked for.
    Query(Code),
}

impl Node {
    fn similarity(&self, other: &Self) -> f32 {
        match (self, other) {
            (Self::Row { row: a, codes }, Self::Row { row: b, .. }) => {
                let similarity =
                    |codes: &Arc<Codes>| codes.similarity_of_rows(*a as usize, *b as usize);
                codes.get().map_or(f32::NEG_INFINITY, similarity)
            }
            (Self::Query(query), Self::Row { row, codes })
            | (Self::Row { row, codes }, Self::Query(query)) => codes
                .get()
                .map_or(f32::NEG_INFINITY, |codes| codes.similarity(query, *row as usize)),
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
        Ok(Self::Row { row: u32::deserialize(from)?, codes: OnceLock::new() })
    }
}

/// What is stored of a shard.
#[derive(Serialize, Deserialize)]
pub(super) struct Shard {
    /// The row of each point.
    points: Vec<u32>,
    /// The points that each point is linked to, by their places in `points`.
    links: Vec<Vec<u32>>,
    /// The same for each layer above, which has the first of the points, from the
    /// lowest layer to the topmost.
    layers: Vec<Vec<Vec<u32>>>,
}

/// The parts of a `Hnsw` as serde sees them: the points kept in view by a search, the
/// points, their links, and those of the layers above.
type HnswParts = (usize, Vec<u32>, Vec<[UpperLinks; 2]>, Vec<Vec<UpperLinks>>);

/// Links of a point in an upper layer; the lowest has twice as many.
type UpperLinks = [u32; MAX_UPPER_LINKS];

/// Stands where a point has fewer links.
const NO_LINK: u32 = u32::MAX;

impl Shard {
    fn of(hnsw: &Hnsw<Node>) -> Self {
        // The parts are private, but for serde.
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

    /// The shard of these rows of `codes`, or what is wrong with it. Everything is
    /// checked here, as instant-distance trusts every number that it reads.
    fn open(self, rows: Range<u32>, codes: &Arc<Codes>) -> Result<Hnsw<Node>, &'static str> {
        let mut points = self.points.clone();
        points.sort_unstable();
        if !points.into_iter().eq(rows) {
            return Err("its points are not those of its shard");
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
            if let Node::Row { codes: place, .. } = node {
                place.get_or_init(|| codes.clone());
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
