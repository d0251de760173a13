//! The choice of how vectors are searched.

use serde::Serialize;

/// How an engine searches the vectors of its segments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum VectorIndex {
    /// The fastest way, as the benchmark measures it: all vectors are compared, or first
    /// their signs where there are many. No graphs are built: up to 300,000 chunks signs
    /// are faster than graphs and find more.
    #[default]
    Auto,
    /// All vectors are compared: nothing is approximated.
    Exact,
    /// Each large segment is searched by an HNSW graph. All vectors of the others are
    /// compared, and of a segment whose graph is not built yet.
    Graph,
}

impl VectorIndex {
    /// All choices.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Exact, Self::Graph];

    /// The name of the choice, as options have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Exact => "exact",
            Self::Graph => "graph",
        }
    }

    /// The choice of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}
