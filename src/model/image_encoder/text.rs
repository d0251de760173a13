//! The tower of texts: tokens, the transformer, and the vector of the token that ends the text.

use super::config::{Config, Family};
use super::transformer::{LayerNames, Sees, Transformer};
use crate::error::Result;
use crate::kernel::add;
use crate::model::corrupt;
use crate::model::encoder::EncoderTokenizer;
use crate::model::linear::{EmbeddingTable, Linear};
use crate::model::norm::Norm;
use crate::model::weights::Weights;

/// What fills texts of open_clip. The tower sees it.
const FILLING: u32 = 0;

/// The tower with its weights and its tokenizer.
pub(super) struct TextTower {
    tokenizer: EncoderTokenizer,
    form: TextForm,
    width: usize,
    positions: usize,
    sees: Sees,
    token_embeddings: EmbeddingTable,
    position_embeddings: Vec<f32>,
    transformer: Transformer,
    norm: Norm,
    projection: Linear,
}

/// What becomes of a text before it is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TextForm {
    /// Nothing.
    Plain,
    /// It is canonical, and filled up to all positions.
    Canonical { padding: u32 },
    /// It is filled up to all positions.
    Filled,
}

/// Where the tensors of the tower are.
struct Names {
    tokens: &'static str,
    positions: &'static str,
    layers: &'static str,
    norm: &'static str,
    of_layers: LayerNames,
}

const TRANSFORMERS: Names = Names {
    tokens: "text_model.embeddings.token_embedding.weight",
    positions: "text_model.embeddings.position_embedding.weight",
    layers: "text_model.encoder.layers",
    norm: "text_model.final_layer_norm",
    of_layers: LayerNames::Transformers,
};
const OPEN_CLIP: Names = Names {
    tokens: "text.token_embedding.weight",
    positions: "text.positional_embedding",
    layers: "text.transformer.resblocks",
    norm: "text.ln_final",
    of_layers: LayerNames::OpenClip,
};

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
        let (names, form) = match config.family {
            Family::Clip => (&TRANSFORMERS, TextForm::Plain),
            Family::Siglip => (&TRANSFORMERS, TextForm::Canonical { padding }),
            Family::MobileClip => (&OPEN_CLIP, TextForm::Filled),
        };
        let table = weights.table(names.tokens, [config.vocabulary, width]).await?;
        Ok(Self {
            tokenizer,
            form,
            width,
            positions: tokens,
            sees: if config.is_causal { Sees::Past } else { Sees::All },
            token_embeddings: table,
            position_embeddings: weights.numbers(names.positions, tokens * width).await?,
            transformer: Transformer::load(weights, names.layers, names.of_layers, tower, report)
                .await?,
            norm: Norm::read(weights, names.norm, width, tower.epsilon).await?,
            projection: projection(weights, config).await?,
        })
    }

    /// The tokens of a text: the special ones around it, and what fills it up.
    pub(super) fn tokens(&self, text: &str) -> Result<Vec<u32>> {
        Ok(self.read(text)?.0)
    }

    /// The tokens of a text, and the place of the one that ends it.
    fn read(&self, text: &str) -> Result<(Vec<u32>, usize)> {
        let canonical = matches!(self.form, TextForm::Canonical { .. }).then(|| canonical(text));
        let text = canonical.as_deref().unwrap_or(text);
        let mut ids = self.tokenizer.encode(text, self.positions)?;
        let last = ids.len().saturating_sub(1);
        // A text may hold the token that ends it.
        let end = ids.iter().position(|id| Some(id) == ids.last()).unwrap_or(last);
        match self.form {
            TextForm::Plain => Ok((ids, end)),
            TextForm::Filled => {
                ids.resize(self.positions, FILLING);
                Ok((ids, end))
            }
            // The state of the last position, whatever is there.
            TextForm::Canonical { padding } => {
                ids.resize(self.positions, padding);
                Ok((ids, self.positions - 1))
            }
        }
    }

    /// The vector, of any length, of a text.
    pub(super) fn embed(&self, text: &str) -> Result<Vec<f32>> {
        let (ids, end) = self.read(text)?;
        if ids.is_empty() || ids.iter().any(|&id| !self.token_embeddings.has(id)) {
            return Err(corrupt("its tokenizer gives no token, or one without an embedding"));
        }
        let mut states = vec![0.0; ids.len() * self.width];
        for (row, &id) in states.chunks_exact_mut(self.width).zip(&ids) {
            self.token_embeddings.add_row(id as usize, row);
        }
        add_rows(&mut states, &self.position_embeddings);
        self.transformer.run(self.sees, &mut states)?;
        let end = &mut states[end * self.width..][..self.width];
        self.norm.apply(end);
        let mut vector = Vec::new();
        self.projection.multiply(end, &mut vector)?;
        Ok(vector)
    }
}

/// The matrix that the state of the end is multiplied with.
async fn projection(weights: &Weights<'_>, config: &Config) -> Result<Linear> {
    let shape = [config.dimensions, config.text.width];
    match config.family {
        Family::Clip => weights.linear_without_biases("text_projection", shape).await,
        Family::Siglip => weights.linear(&["text_model.head".to_owned()], shape).await,
        Family::MobileClip => {
            let [rows, columns] = shape;
            let numbers = weights.dense("text.text_projection", [columns, rows]).await?;
            let of_row = |row: usize| numbers[row..].iter().step_by(rows).copied();
            Linear::from_rows((0..rows).flat_map(of_row).collect(), shape)
        }
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
