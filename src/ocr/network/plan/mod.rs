//! The nodes of a graph -> operations on maps, and these -> steps, each of which goes through a map
//! once.

mod arithmetic;
mod fuse;
mod node;
mod operations;
mod products;

use super::graph::Graph;
use crate::network::Plan;
use fuse::fused;
use operations::{Builder, Layout};

/// The channels of the input.
pub(super) const INPUT_CHANNELS: usize = 3;

/// The plan of a graph.
pub(super) struct GraphPlan {
    pub(super) plan: Plan,
    /// Whether the output has the channels of each pixel next to each other; planes otherwise.
    pub(super) has_rows: bool,
}

impl GraphPlan {
    /// None where the graph has an operator, or a form of one, that is not known here.
    pub(super) fn of(graph: &Graph) -> Option<Self> {
        let mut builder = Builder::new(graph);
        for node in &graph.nodes {
            if !builder.is_part_of_another(node) {
                builder.read(node)?;
            }
        }
        let output = *builder.ids.get(graph.output.as_str())?;
        let has_rows = builder.values[output].layout == Layout::Rows;
        let steps = fused(builder.operations, output);
        Some(Self { plan: Plan::new(steps, output), has_rows })
    }
}
