//! The files of a generator: a model, and perhaps adapters of it.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use super::convert::property;
use super::model_source::{KnownFile, ModelSource};
use super::models::read_text;
use super::options::{Options, invalid};
use crate::error::Result;
use crate::generate::{AdapterFiles, Generator, check_scales};
use crate::runtime::{Runtime, Task};

/// The package's `GeneratorSource`.
#[derive(Clone)]
pub(super) struct GeneratorFiles {
    model: ModelSource,
    adapters: Vec<Adapter>,
}

#[derive(Clone)]
struct Adapter {
    files: AdapterSource,
    scale: f32,
}

#[derive(Clone)]
enum AdapterSource {
    Gguf(ModelSource),
    Peft { weights: ModelSource, config: ModelSource },
}

impl GeneratorFiles {
    /// Reads and checks a model, or `{ model, adapters }`. Errors name the `option` that has it.
    pub(super) fn parse(source: &JsValue, option: &'static str) -> Result<Self> {
        if property(source, "model").is_none() {
            let model = ModelSource::parse(source, option, "a model")?;
            return Ok(Self { model, adapters: Vec::new() });
        }
        let mut options = Options::new(source)?;
        let model = options.value("model").unwrap_or(JsValue::UNDEFINED);
        let model = ModelSource::parse(&model, option, "a model")?;
        let adapters = match options.value("adapters") {
            Some(adapters) => Adapter::parse_all(&adapters, option)?,
            None => Vec::new(),
        };
        options.finish()?;
        Ok(Self { model, adapters })
    }

    /// Opens the model and its adapters, and loads them.
    pub(super) async fn load(&self, runtime: &dyn Runtime, task: &Task) -> Result<Generator> {
        let file = self.model.open(runtime, task).await?;
        let mut generator = Generator::load(&file, runtime, task).await?;
        for adapter in &self.adapters {
            adapter.add_to(&mut generator, runtime, task).await?;
        }
        Ok(generator)
    }

    /// What is known of the model now. It is local where its adapters are too.
    pub(super) async fn known(&self) -> KnownFile {
        let mut known = self.model.known().await;
        for file in self.adapters.iter().flat_map(Adapter::files) {
            known.is_local &= file.known().await.is_local;
        }
        known
    }
}

impl Adapter {
    fn parse_all(adapters: &JsValue, option: &'static str) -> Result<Vec<Self>> {
        let expected = "an array of { source, scale } as its adapters";
        let list =
            adapters.dyn_ref::<Array>().ok_or_else(|| invalid(option, adapters, expected))?;
        list.iter().map(|adapter| Self::parse(&adapter, option)).collect()
    }

    fn parse(adapter: &JsValue, option: &'static str) -> Result<Self> {
        let mut options = Options::new(adapter)?;
        let source = options.value("source").unwrap_or(JsValue::UNDEFINED);
        let scale = options.number("scale")?.unwrap_or(1.0) as f32;
        options.finish()?;
        check_scales(&[scale])?;
        Ok(Self { files: AdapterSource::parse(&source, option)?, scale })
    }

    async fn add_to(
        &self,
        generator: &mut Generator,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<()> {
        match &self.files {
            AdapterSource::Gguf(file) => {
                let file = file.open(runtime, task).await?;
                generator.add_adapter(AdapterFiles::Gguf(&file), self.scale, runtime, task).await
            }
            AdapterSource::Peft { weights, config } => {
                let config = read_text(config, "adapter config", runtime, task).await?;
                let weights = weights.open(runtime, task).await?;
                let files = AdapterFiles::Peft { weights: &weights, config: &config };
                generator.add_adapter(files, self.scale, runtime, task).await
            }
        }
    }

    fn files(&self) -> Vec<&ModelSource> {
        match &self.files {
            AdapterSource::Gguf(file) => vec![file],
            AdapterSource::Peft { weights, config } => vec![weights, config],
        }
    }
}

impl AdapterSource {
    fn parse(source: &JsValue, option: &'static str) -> Result<Self> {
        if property(source, "weights").is_none() {
            return ModelSource::parse(source, option, "an adapter").map(Self::Gguf);
        }
        let value = |name| property(source, name).unwrap_or(JsValue::UNDEFINED);
        let parse = |name, file| ModelSource::parse(&value(name), option, file);
        let weights = parse("weights", "an adapter's weights")?;
        Ok(Self::Peft { weights, config: parse("config", "an adapter's config")? })
    }
}
