//! The tower of texts: tokens, the transformer, and the vector of the token that ends the text.

use super::config::{Config, Family};
use super::transformer::{Sees, Transformer};
use crate::error::Result;
use crate::kernel::add;
use crate::model::corrupt;
use crate::model::encoder::EncoderTokenizer;
use crate::model::norm::Norm;
use crate::model::weights::{EmbeddingTable, Linear, Weights};

/// Below this name are the tensors of the tower.
const PREFIX: &str = "text_model";

/// The tower with its weights and its tokenizer.
pub(super) struct TextTower {
    tokenizer: EncoderTokenizer,
    /// What fills a text up to all positions, once it is canonical; none where texts stay as they are.
    padding: Option<u32>,
    width: usize,
    positions: usize,
    sees: Sees,
    token_embeddings: EmbeddingTable,
    position_embeddings: Vec<f32>,
    transformer: Transformer,
    norm: Norm,
    projection: Linear,
}

impl TextTower {
    /// Reads the tower, and calls `report` after each layer. `padding` is the token that fills texts
    /// of SigLIP.
    pub(super) async fn load(
        weights: &Weights<'_>,
        config: &Config,
        (tokenizer, padding): (EncoderTokenizer, u32),
        report: impl Fn(),
    ) -> Result<Self> {
        let tower = &config.text;
        let (width, tokens) = (tower.width, config.tokens);
        let name = |part: &str| format!("{PREFIX}.{part}");
        let is_clip = config.family == Family::Clip;
        let shape = [config.dimensions, width];
        let projection = if is_clip {
            weights.linear_without_biases("text_projection", shape).await?
        } else {
            weights.linear(&[name("head")], shape).await?
        };
        let table = name("embeddings.token_embedding.weight");
        let positions = name("embeddings.position_embedding.weight");
        Ok(Self {
            tokenizer,
            padding: (!is_clip).then_some(padding),
            width,
            positions: tokens,
            sees: if is_clip { Sees::Past } else { Sees::All },
            token_embeddings: weights.table(&table, [config.vocabulary, width]).await?,
            position_embeddings: weights.numbers(&positions, tokens * width).await?,
            transformer: Transformer::load(weights, &name("encoder.layers"), tower, report).await?,
            norm: Norm::read(weights, &name("final_layer_norm"), width, tower.epsilon).await?,
            projection,
        })
    }

    /// The tokens of a text: the special ones around it, and what fills it up.
    pub(super) fn tokens(&self, text: &str) -> Result<Vec<u32>> {
        let Some(padding) = self.padding else {
            return self.tokenizer.encode(text, self.positions);
        };
        let mut ids = self.tokenizer.encode(&canonical(text), self.positions)?;
        ids.resize(self.positions, padding);
        Ok(ids)
    }

    /// The vector, of any length, of a text.
    pub(super) fn embed(&self, text: &str) -> Result<Vec<f32>> {
        let ids = self.tokens(text)?;
        if ids.is_empty() || ids.iter().any(|&id| !self.token_embeddings.has(id)) {
            return Err(corrupt("its tokenizer gives no token, or one without an embedding"));
        }
        let mut states = vec![0.0; ids.len() * self.width];
        for (row, &id) in states.chunks_exact_mut(self.width).zip(&ids) {
            self.token_embeddings.add_row(id as usize, row);
        }
        add_rows(&mut states, &self.position_embeddings);
        self.transformer.run(self.sees, &mut states)?;
        let end = &mut states[self.end_of(&ids) * self.width..][..self.width];
        self.norm.apply(end);
        let mut vector = Vec::new();
        self.projection.multiply(end, &mut vector)?;
        Ok(vector)
    }

    /// The place of the token whose state becomes the vector: the last one, and where rows see only
    /// those before them, the first that ends a text.
    fn end_of(&self, ids: &[u32]) -> usize {
        let last = ids.len() - 1;
        let first_end = ids.iter().position(|&id| id == ids[last]);
        if self.sees == Sees::Past { first_end.unwrap_or(last) } else { last }
    }
}

/// Adds the first rows of `source` to those of `target`.
fn add_rows(target: &mut [f32], source: &[f32]) {
    let length = target.len();
    add(target, &source[..length]);
}

/// A text as SigLIP was trained with it: in lower case, without punctuation, one space between words.
fn canonical(text: &str) -> String {
    let kept = text.chars().filter(|it| !it.is_ascii_punctuation());
    let lower = kept.collect::<String>().to_lowercase();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}
