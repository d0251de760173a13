//! Adapters of a generator: loaded beside it, each with a scale that every text can choose.

use super::Generator;
use crate::error::{Error, Result};
use crate::model::{Gguf, KvCache, Weights};
use crate::runtime::{Runtime, Task};
use crate::source::{ByteSource, SourceReader};

/// The most adapters of a generator.
const MAX_ADAPTERS: usize = 16;
/// The largest scale, whatever its sign.
const MAX_SCALE: f32 = 100.0;

/// The files of a LoRA adapter (Hu et al. 2021, <https://arxiv.org/abs/2106.09685>).
#[derive(Clone, Copy)]
pub enum AdapterFiles<'a> {
    /// A GGUF file, as `convert_lora_to_gguf.py` of llama.cpp writes it.
    Gguf(&'a dyn ByteSource),
    /// The two files that PEFT writes.
    Peft {
        /// `adapter_model.safetensors`
        weights: &'a dyn ByteSource,
        /// The text of `adapter_config.json`.
        config: &'a str,
    },
}

impl Generator {
    /// Loads an adapter beside the generator, after the adapters that are there: 16 at most, with
    /// a rank of 512 at most. Its matrices are added to the products of the generator's, whose
    /// weights stay as they are. They are kept as f32.
    ///
    /// `scale`, from -100 to 100, is that of texts which choose none
    /// ([`GenerateOptions::adapters`](super::GenerateOptions::adapters)). With 0 the text is bitwise
    /// that of the generator alone, and takes no longer.
    ///
    /// Fails with [`Error::AdapterMismatch`] where the adapter is for another model, and with
    /// [`Error::UnsupportedAdapter`] where it is more than pairs of matrices. Nothing is added then.
    pub async fn add_adapter(
        &mut self,
        files: AdapterFiles<'_>,
        scale: f32,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<()> {
        check_scales(&[scale])?;
        if self.scales.len() == MAX_ADAPTERS {
            let got = format!("{} adapters", MAX_ADAPTERS + 1);
            return Err(Error::InvalidOption { option: "adapters", got, expected: "16 at most" });
        }
        match files {
            AdapterFiles::Gguf(file) => {
                let reader = SourceReader::new(file, runtime, task);
                self.model.add_gguf_adapter(&Gguf::read(&reader).await?).await?;
            }
            AdapterFiles::Peft { weights, config } => {
                let reader = SourceReader::new(weights, runtime, task);
                let (weights, _) = Weights::open(&reader).await?;
                self.model.add_peft_adapter(&weights, config).await?;
            }
        }
        self.scales.push(scale);
        Ok(())
    }

    /// The scale of each adapter, in the order in which they were added.
    pub fn adapter_scales(&self) -> &[f32] {
        &self.scales
    }

    /// A cache for a text that is read with other scales than [`Generator::new_cache`] has: one for
    /// each adapter.
    pub fn new_cache_with(&self, scales: &[f32]) -> Result<KvCache> {
        Ok(self.model.new_cache(self.chosen_scales(Some(scales))?))
    }

    /// The scales that a text chose, or those that the adapters were added with.
    pub(super) fn chosen_scales<'a>(&'a self, chosen: Option<&'a [f32]>) -> Result<&'a [f32]> {
        let Some(scales) = chosen else { return Ok(&self.scales) };
        let (got, expected) = (scales.len(), self.scales.len());
        if got != expected {
            let got = format!("{got} scales for {expected} adapters");
            let expected = "a number for each adapter of the generator";
            return Err(Error::InvalidOption { option: "adapters", got, expected });
        }
        check_scales(scales).map(|()| scales)
    }
}

/// An error unless each is a scale that an adapter can have.
pub(crate) fn check_scales(scales: &[f32]) -> Result<()> {
    // A scale that is not a number is in no range.
    match scales.iter().find(|scale| !(-MAX_SCALE..=MAX_SCALE).contains(*scale)) {
        None => Ok(()),
        Some(scale) => {
            let (got, expected) = (format!("the scale {scale}"), "scales from -100 to 100");
            Err(Error::InvalidOption { option: "adapters", got, expected })
        }
    }
}
