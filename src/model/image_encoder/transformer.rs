//! The transformer of both towers: norms come before each part of a layer (Xiong et al. 2020,
//! <https://arxiv.org/abs/2002.04745>).

use std::cell::RefCell;

use super::config::TowerConfig;
use crate::error::Result;
use crate::kernel::{
    Activation, AttentionMask, HeadLayout, KeyValues, activate, add, attend, attend_within,
};
use crate::model::linear::Linear;
use crate::model::matrix::check_finite;
use crate::model::norm::Norm;
use crate::model::weights::Weights;

/// Layers over rows of states, which are those of one picture or of one text.
pub(super) struct Transformer {
    width: usize,
    heads: usize,
    activation: Activation,
    layers: Vec<Layer>,
}

/// What each row sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sees {
    /// All rows.
    All,
    /// Itself, and the rows before it.
    Past,
}

/// How the tensors of a layer are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LayerNames {
    Transformers,
    OpenClip,
}

impl LayerNames {
    /// The names of the first norm, the output of attention, the second norm, and the two matrices
    /// after it.
    fn parts(self) -> [&'static str; 5] {
        match self {
            Self::Transformers => {
                ["layer_norm1", "self_attn.out_proj", "layer_norm2", "mlp.fc1", "mlp.fc2"]
            }
            Self::OpenClip => ["ln_1", "attn.out_proj", "ln_2", "mlp.c_fc", "mlp.c_proj"],
        }
    }
}

struct Layer {
    attention_norm: Norm,
    /// Queries, keys and values in one matrix.
    projections: Linear,
    attention_output: Linear,
    norm: Norm,
    intermediate: Linear,
    output: Linear,
}

thread_local! {
    static WORKSPACE: RefCell<Workspace> = RefCell::default();
}

/// Buffers of the layers, which are allocated once for all pictures.
#[derive(Default)]
struct Workspace {
    normed: Vec<f32>,
    projected: Vec<f32>,
    attended: Vec<f32>,
    intermediate: Vec<f32>,
    result: Vec<f32>,
}

impl Transformer {
    /// Reads the layers, whose tensors are below `prefix`, and calls `report` after each.
    pub(super) async fn load(
        weights: &Weights<'_>,
        prefix: &str,
        names: LayerNames,
        config: &TowerConfig,
        report: impl Fn(),
    ) -> Result<Self> {
        let mut layers = Vec::new();
        for number in 0..config.layers {
            layers.push(Layer::load(weights, &format!("{prefix}.{number}"), names, config).await?);
            report();
        }
        let &TowerConfig { width, heads, activation, .. } = config;
        Ok(Self { width, heads, activation, layers })
    }

    /// Runs all layers on the states, a row each. Fails where a number is not finite.
    pub(super) fn run(&self, sees: Sees, states: &mut [f32]) -> Result<()> {
        WORKSPACE.with_borrow_mut(|workspace| {
            self.layers.iter().try_for_each(|layer| self.run_layer(layer, sees, states, workspace))
        })?;
        check_finite(states)
    }

    fn run_layer(
        &self,
        layer: &Layer,
        sees: Sees,
        states: &mut [f32],
        workspace: &mut Workspace,
    ) -> Result<()> {
        let Workspace { normed, projected, attended, intermediate, result } = workspace;
        layer.attention_norm.apply_to(states, normed);
        layer.projections.multiply(normed, projected)?;
        // Attention would hide a number that is not finite.
        check_finite(projected)?;
        attended.resize(states.len(), 0.0);
        self.attend(sees, projected, attended);
        layer.attention_output.multiply(attended, result)?;
        add(states, result);
        layer.norm.apply_to(states, normed);
        layer.intermediate.multiply(normed, intermediate)?;
        activate(intermediate, self.activation);
        layer.output.multiply(intermediate, result)?;
        add(states, result);
        Ok(())
    }

    fn attend(&self, sees: Sees, projected: &[f32], attended: &mut [f32]) {
        let (width, size) = (self.width, self.width / self.heads);
        if sees == Sees::All {
            let all = 0..attended.len() / width;
            return attend_within(
                std::slice::from_ref(&all),
                [self.heads, size],
                projected,
                attended,
            );
        }
        let caches = keys_and_values(projected, width, self.heads);
        let mask = AttentionMask::Past { before: 0, window: usize::MAX };
        attend(&caches, head_layout(3 * width, width, size), mask, projected, attended);
    }
}

/// The keys and values of each head. A row of `projected` holds queries, keys and values.
pub(super) fn keys_and_values(projected: &[f32], width: usize, heads: usize) -> Vec<KeyValues> {
    let size = width / heads;
    let mut caches = vec![KeyValues::new(size); heads];
    for row in projected.chunks_exact(3 * width) {
        let (keys, values) = row[width..].split_at(width);
        let heads = keys.chunks_exact(size).zip(values.chunks_exact(size));
        caches.iter_mut().zip(heads).for_each(|(cache, (key, value))| cache.push(key, value));
    }
    caches
}

/// Heads of `size` numbers, a cache each, in rows of queries of `stride` numbers.
pub(super) fn head_layout(stride: usize, output_stride: usize, size: usize) -> HeadLayout {
    let scale = 1.0 / (size as f32).sqrt();
    HeadLayout { stride, output_stride, first: 0, count: 1, scale }
}

impl Layer {
    async fn load(
        weights: &Weights<'_>,
        prefix: &str,
        names: LayerNames,
        config: &TowerConfig,
    ) -> Result<Self> {
        let &TowerConfig { width, between, epsilon, .. } = config;
        let name = |part: &str| format!("{prefix}.{part}");
        let linear = async |part: &str, shape| weights.linear(&[name(part)], shape).await;
        let norm = async |part: &str| Norm::read(weights, &name(part), width, epsilon).await;
        let projections = match names {
            LayerNames::Transformers => {
                let own = ["q", "k", "v"].map(|part| name(&format!("self_attn.{part}_proj")));
                weights.linear(&own, [width, width]).await?
            }
            LayerNames::OpenClip => {
                let (weight, bias) = (name("attn.in_proj_weight"), name("attn.in_proj_bias"));
                weights.linear_of(&weight, &bias, [3 * width, width]).await?
            }
        };
        let [first_norm, attention, second_norm, first, second] = names.parts();
        Ok(Self {
            attention_norm: norm(first_norm).await?,
            projections,
            attention_output: linear(attention, [width, width]).await?,
            norm: norm(second_norm).await?,
            intermediate: linear(first, [between, width]).await?,
            output: linear(second, [width, between]).await?,
        })
    }
}
