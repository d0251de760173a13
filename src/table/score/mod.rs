//! Plans are ranked by a log-linear model of sparse features.

mod answer;
mod answer_features;
mod asked;
mod block;
mod context;
mod entity;
mod features;
mod row_features;
mod shared_features;
mod signals;
mod weights;

pub use answer::{Candidate, TABLE_CONFIDENCE, TableAnswer, answer, candidates};
pub use weights::Weights;
