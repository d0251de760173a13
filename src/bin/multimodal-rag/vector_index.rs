//! The choice of how vectors are searched.

use std::rc::Rc;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use multimodal_rag::{Engine, InlineGraphBuilder, VectorIndex};

use crate::Failure;
use crate::progress::task_with_progress;
use crate::runtime::block_on;

/// How vectors are searched.
#[derive(Args)]
pub(crate) struct VectorIndexArgument {
    /// How vectors are searched: the fastest way, all compared, or by graphs, which are
    /// built where they are missing.
    #[arg(long, value_name = "WAY", default_value = VectorIndex::Auto.name(), value_parser = parser())]
    vector_index: VectorIndex,
}

fn parser() -> impl TypedValueParser<Value = VectorIndex> {
    let names = PossibleValuesParser::new(VectorIndex::ALL.map(VectorIndex::name));
    names.map(|name| VectorIndex::from_name(&name).unwrap_or_default())
}

impl VectorIndexArgument {
    /// The engine with this choice. Reads graphs, or builds and stores them, which takes
    /// seconds for each 10,000 chunks.
    pub(crate) fn apply(&self, engine: Engine) -> Result<Engine, Failure> {
        let engine = engine.with_vector_index(self.vector_index, Some(Rc::new(InlineGraphBuilder)));
        block_on(engine.update_graphs(&task_with_progress()))?;
        Ok(engine)
    }
}
