//! What only this crate's tests, benchmarks and fuzz targets use. It has no stability
//! promise: do not enable the feature `internals` elsewhere.

pub use crate::index::{
    BitSet, GRAPH_EF_SEARCH, GRAPH_MIN_CHUNKS, Graph, Hit, Index, MergeSource, Postings,
    QuantizedVector, QuantizedVectors, Rarity, SearchStrategy, Segment, SegmentBuilder,
    SegmentMerger, VectorSet, nearest, nearest_by, top_k,
};
pub use crate::kernel::{
    MAX_DOT_I8, MAX_SIGN_ENTRY, SIGN_ROWS, SIGN_STEP, dot_i8, dot_rows, dot_rows_at,
    max_query_value, sign_offset, sum_table_lookups,
};
pub use crate::knowledge_base::KnowledgeBaseWriter;
pub use crate::model::DENSE_WEIGHT;
pub use crate::runtime::IdleRuntime;
pub use crate::text::{Language, Languages, terms};
