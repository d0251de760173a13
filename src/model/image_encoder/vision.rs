//! The tower of pictures: patches, the transformer, and one vector of all patches.

use super::colours::Colours;
use super::config::{Config, Family, TowerConfig};
use super::transformer::{LayerNames, Sees, Transformer, head_layout, keys_and_values};
use crate::error::Result;
use crate::kernel::{Activation, AttentionMask, activate, add, attend};
use crate::model::linear::Linear;
use crate::model::matrix::check_finite;
use crate::model::norm::Norm;
use crate::model::weights::Weights;

/// Below this name are the tensors of the tower.
const PREFIX: &str = "vision_model";

/// The tower with its weights (Dosovitskiy et al. 2020, <https://arxiv.org/abs/2010.11929>).
pub(super) struct VisionTower {
    side: usize,
    patch: usize,
    width: usize,
    colours: Colours,
    patches: Linear,
    /// The row before those of the patches, if there is one.
    class: Vec<f32>,
    positions: Vec<f32>,
    first_norm: Option<Norm>,
    transformer: Transformer,
    last_norm: Norm,
    pooling: Pooling,
}

/// How the states of all patches become one vector.
enum Pooling {
    /// The state of the class row, times a matrix.
    Class(Linear),
    Attention(Box<AttentionPooling>),
}

/// A learned query attends to all patches, then comes the second half of a layer.
struct AttentionPooling {
    heads: usize,
    /// The learned query, already multiplied.
    query: Vec<f32>,
    /// Queries, keys and values in one matrix.
    projections: Linear,
    output: Linear,
    norm: Norm,
    first: Linear,
    second: Linear,
    activation: Activation,
}

impl VisionTower {
    /// Reads the tower, and calls `report` after each layer.
    pub(super) async fn load(
        weights: &Weights<'_>,
        config: &Config,
        (tower, patch): (&TowerConfig, usize),
        report: impl Fn(),
    ) -> Result<Self> {
        let side = config.input.side as usize;
        let (width, epsilon) = (tower.width, tower.epsilon);
        let name = |part: &str| format!("{PREFIX}.{part}");
        let norm = async |part: &str| Norm::read(weights, &name(part), width, epsilon).await;
        let is_clip = config.family == Family::Clip;
        let columns = 3 * patch * patch;
        let patches = name("embeddings.patch_embedding");
        let (patches, class, first_norm) = if is_clip {
            let class = weights.vector(&name("embeddings.class_embedding"), width).await?;
            // The name is misspelt in the files.
            let norm = norm("pre_layrnorm").await?;
            let patches = weights.linear_without_biases(&patches, [width, columns]).await?;
            (patches, class, Some(norm))
        } else {
            (weights.linear(&[patches], [width, columns]).await?, Vec::new(), None)
        };
        let rows = (side / patch).pow(2) + usize::from(is_clip);
        let positions = name("embeddings.position_embedding.weight");
        let pooling = if is_clip {
            let shape = [config.dimensions, width];
            Pooling::Class(weights.linear_without_biases("visual_projection", shape).await?)
        } else {
            Pooling::Attention(Box::new(AttentionPooling::load(weights, tower).await?))
        };
        Ok(Self {
            side,
            patch,
            width,
            colours: Colours::of(config),
            patches,
            class,
            positions: weights.numbers(&positions, rows * width).await?,
            first_norm,
            last_norm: norm("post_layernorm").await?,
            pooling,
            transformer: Transformer::load(
                weights,
                &name("encoder.layers"),
                LayerNames::Transformers,
                tower,
                report,
            )
            .await?,
        })
    }

    /// The vector, of any length, of a square of RGB pixels in rows from the top.
    pub(super) fn embed(&self, rgb: &[u8]) -> Result<Vec<f32>> {
        let mut of_patches = Vec::new();
        self.patches.multiply(&self.numbers(rgb), &mut of_patches)?;
        let mut states = self.class.clone();
        states.append(&mut of_patches);
        add(&mut states, &self.positions);
        if let Some(norm) = &self.first_norm {
            norm.apply(&mut states);
        }
        self.transformer.run(Sees::All, &mut states)?;
        match &self.pooling {
            Pooling::Class(projection) => {
                let class = &mut states[..self.width];
                self.last_norm.apply(class);
                let mut vector = Vec::new();
                projection.multiply(class, &mut vector)?;
                Ok(vector)
            }
            Pooling::Attention(pooling) => {
                self.last_norm.apply(&mut states);
                pooling.pool(&states)
            }
        }
    }

    /// The pixels as numbers, a row for each patch: all of the first colour, then of the next.
    fn numbers(&self, rgb: &[u8]) -> Vec<f32> {
        let (side, patch) = (self.side, self.patch);
        let mut numbers = Vec::with_capacity(3 * side * side);
        for (top, left) in corners(side, patch) {
            for colour in 0..3 {
                for y in top..top + patch {
                    let row = rgb[3 * (y * side + left)..][..3 * patch].as_chunks::<3>().0;
                    numbers.extend(row.iter().map(|it| self.colours.number(*it, colour)));
                }
            }
        }
        numbers
    }
}

/// The upper left corners of the patches, row by row.
fn corners(side: usize, patch: usize) -> impl Iterator<Item = (usize, usize)> {
    let steps = move || (0..side / patch).map(move |at| at * patch);
    steps().flat_map(move |top| steps().map(move |left| (top, left)))
}

impl AttentionPooling {
    async fn load(weights: &Weights<'_>, tower: &TowerConfig) -> Result<Self> {
        let (width, between) = (tower.width, tower.between);
        let name = |part: &str| format!("{PREFIX}.head.{part}");
        let linear = async |part: &str, shape| weights.linear(&[name(part)], shape).await;
        let (weight, bias) = (name("attention.in_proj_weight"), name("attention.in_proj_bias"));
        let projections = weights.linear_of(&weight, &bias, [3 * width, width]).await?;
        let probe = weights.numbers(&name("probe"), width).await?;
        let mut query = Vec::new();
        projections.multiply(&probe, &mut query)?;
        query.truncate(width);
        check_finite(&query)?;
        Ok(Self {
            heads: tower.heads,
            query,
            projections,
            output: linear("attention.out_proj", [width, width]).await?,
            norm: Norm::read(weights, &name("layernorm"), width, tower.epsilon).await?,
            first: linear("mlp.fc1", [between, width]).await?,
            second: linear("mlp.fc2", [width, between]).await?,
            activation: tower.activation,
        })
    }

    fn pool(&self, states: &[f32]) -> Result<Vec<f32>> {
        let width = self.query.len();
        let mut projected = Vec::new();
        self.projections.multiply(states, &mut projected)?;
        check_finite(&projected)?;
        let mut attended = vec![0.0; width];
        self.attend(&projected, &mut attended);
        let (mut vector, mut normed) = (Vec::new(), Vec::new());
        self.output.multiply(&attended, &mut vector)?;
        self.norm.apply_to(&vector, &mut normed);
        let (mut between, mut result) = (Vec::new(), Vec::new());
        self.first.multiply(&normed, &mut between)?;
        activate(&mut between, self.activation);
        self.second.multiply(&between, &mut result)?;
        add(&mut vector, &result);
        Ok(vector)
    }

    fn attend(&self, projected: &[f32], attended: &mut [f32]) {
        let width = self.query.len();
        let caches = keys_and_values(projected, width, self.heads);
        let heads = head_layout(width, width, width / self.heads);
        attend(&caches, heads, AttentionMask::All, &self.query, attended);
    }
}
