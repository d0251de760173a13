//! Bindings of an embedder and of a generator without a knowledge base.

use std::rc::Rc;

use js_sys::Float32Array;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::blob_source::BlobSource;
use super::generator_files::GeneratorFiles;
use super::model_source::ModelSource;
use super::runtime::BrowserRuntime;
use super::{Backend, CancelHandle, EmbedWorkerPool, call, convert, options, task};
use crate::embed::{EmbedWorkers, Embedder, parallel_embed};
use crate::error::{Error, Result};
use crate::generate::{GenerateEnd, GenerateTimings, Generator};
use crate::model::{WeightBits, quantize_in_steps};
use crate::runtime::{Runtime, Task};
use crate::source::SourceReader;

/// An embedder without a knowledge base.
#[wasm_bindgen]
pub struct EmbedderHandle {
    embedder: Embedder,
    pool: Option<EmbedWorkerPool>,
    runtime: BrowserRuntime,
}

/// A generator without a knowledge base.
#[wasm_bindgen]
pub struct GeneratorHandle {
    generator: Generator,
    runtime: Rc<BrowserRuntime>,
}

/// Loads an embedder from one packed file, or from `{ weights, config, tokenizer, options }`,
/// its original files. The workers of `pool` load the same packed file: they neither fetch nor
/// quantize it again.
pub(super) async fn load_embedder(
    source: &JsValue,
    option: &'static str,
    pool: Option<&EmbedWorkerPool>,
    runtime: &dyn Runtime,
    task: &Task,
) -> Result<Embedder> {
    let file = if convert::property(source, "weights").is_some() {
        quantize_original(source, option, runtime, task).await?
    } else {
        ModelSource::parse(source, option, "a model")?.open(runtime, task).await?
    };
    let embedder = Embedder::load(&file, runtime, task).await?;
    if let Some(pool) = pool {
        pool.set_embedder(&file.as_source(), &embedder.fingerprint().to_string());
    }
    Ok(embedder)
}

async fn quantize_original(
    source: &JsValue,
    option: &'static str,
    runtime: &dyn Runtime,
    task: &Task,
) -> Result<BlobSource> {
    let value = |name| convert::property(source, name).unwrap_or(JsValue::UNDEFINED);
    let parse = |name, file| ModelSource::parse(&value(name), option, file);
    let weights = parse("weights", "weights")?;
    let (config, tokenizer) = (parse("config", "a config")?, parse("tokenizer", "a tokenizer")?);
    let options = options::embedder(&value("options"))?;
    let weights = weights.open(runtime, task).await?;
    let config = read_text(&config, "config", runtime, task).await?;
    let tokenizer = read_text(&tokenizer, "tokenizer", runtime, task).await?;
    let weights = SourceReader::new(&weights, runtime, task);
    let packed = quantize_in_steps(&weights, &config, &tokenizer, options, WeightBits::Eight);
    let packed = packed.await?;
    BlobSource::of_model_bytes(&packed, "the packed file", task).await
}

/// A file that is a text; errors call it `name`.
pub(super) async fn read_text(
    source: &ModelSource,
    name: &str,
    runtime: &dyn Runtime,
    task: &Task,
) -> Result<String> {
    let bytes = source.open(runtime, task).await?.read_all(runtime, task).await?;
    String::from_utf8(bytes)
        .map_err(|_| Error::CorruptModel { detail: format!("its {name} is not UTF-8") })
}

#[wasm_bindgen]
impl EmbedderHandle {
    /// Loads it.
    pub async fn load(
        source: JsValue,
        yield_now: js_sys::Function,
        pool: Option<EmbedWorkerPool>,
        cancel: &CancelHandle,
        on_progress: Option<js_sys::Function>,
    ) -> Result<EmbedderHandle, JsValue> {
        let task = task(cancel, on_progress);
        let runtime = BrowserRuntime::new(yield_now);
        let embedder = load_embedder(&source, "source", pool.as_ref(), &runtime, &task).await;
        Ok(Self { embedder: embedder.map_err(convert::thrown)?, pool, runtime })
    }

    /// A vector of unit length for each text.
    pub async fn embed(
        &self,
        texts: JsValue,
        are_questions: bool,
        cancel: &CancelHandle,
    ) -> Result<Vec<Float32Array>, JsValue> {
        let task = task(cancel, None);
        self.embed_texts(&texts, are_questions, &task).await.map_err(convert::thrown)
    }

    /// The vectors of one batch, one after the other. `tokens` holds the tokens of all texts,
    /// `lengths` their number for each text.
    #[wasm_bindgen(js_name = embedTokens)]
    pub fn embed_tokens(&self, tokens: &[u32], lengths: &[u32]) -> Result<Float32Array, JsValue> {
        self.embed_batch(tokens, lengths).map_err(convert::thrown)
    }

    /// `{ dimensions, tokenLimit, fingerprint, backend }`
    pub fn info(&self) -> JsValue {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Info {
            dimensions: usize,
            token_limit: usize,
            fingerprint: String,
            backend: Backend,
        }
        convert::to_js(&Info {
            dimensions: self.embedder.dimensions(),
            token_limit: self.embedder.token_limit(),
            fingerprint: self.embedder.fingerprint().to_string(),
            backend: Backend::in_use(self.pool.as_ref()),
        })
    }
}

impl EmbedderHandle {
    async fn embed_texts(
        &self,
        texts: &JsValue,
        are_questions: bool,
        task: &Task,
    ) -> Result<Vec<Float32Array>> {
        let texts = options::texts(texts, "texts")?;
        let embed_workers = self.pool.as_ref().map(|pool| pool as &dyn EmbedWorkers);
        let tokens = texts.iter().map(|text| match are_questions {
            true => self.embedder.tokenize_query(text),
            false => self.embedder.tokenize_passage(text),
        });
        let mut embedding = parallel_embed(&self.embedder, embed_workers, texts.len(), tokens);
        let mut vectors = Vec::with_capacity(texts.len());
        while let Some(computed) = embedding.step()? {
            vectors.extend(computed.iter().map(|vector| Float32Array::from(vector.as_slice())));
            task.step(&self.runtime).await?;
        }
        Ok(vectors)
    }

    fn embed_batch(&self, tokens: &[u32], lengths: &[u32]) -> Result<Float32Array> {
        let mut rest = tokens;
        let mut batch = Vec::with_capacity(lengths.len());
        for &length in lengths {
            let Some((text, after)) = rest.split_at_checked(length as usize) else {
                let detail = "a batch has fewer tokens than its lengths say".to_owned();
                return Err(Error::Internal { detail });
            };
            batch.push(self.embedder.read_ids(text.to_vec())?);
            rest = after;
        }
        let vectors = self.embedder.embed(&batch)?.concat();
        Ok(Float32Array::from(vectors.as_slice()))
    }
}

#[wasm_bindgen]
impl GeneratorHandle {
    /// Loads it.
    pub async fn load(
        source: JsValue,
        yield_now: js_sys::Function,
        cancel: &CancelHandle,
        on_progress: Option<js_sys::Function>,
    ) -> Result<GeneratorHandle, JsValue> {
        let task = task(cancel, on_progress);
        let runtime = Rc::new(BrowserRuntime::new(yield_now));
        let load = async { GeneratorFiles::parse(&source, "source")?.load(&*runtime, &task).await };
        let generator = load.await.map_err(convert::thrown)?;
        Ok(Self { generator, runtime })
    }

    /// Continues `{ messages }` or `{ prompt }`. `on_piece` is called with each `{ text }`, and
    /// at the end with `{ text: "", reason, timings }`.
    pub async fn generate(
        &self,
        input: JsValue,
        options: JsValue,
        cancel: &CancelHandle,
        on_piece: js_sys::Function,
    ) -> Result<(), JsValue> {
        let task = task(cancel, None);
        self.run(input, options, &task, &on_piece).await.map_err(convert::thrown)
    }

    /// `{ contextLength, fingerprint, backend }`
    pub fn info(&self) -> JsValue {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Info {
            context_length: usize,
            fingerprint: String,
            backend: Backend,
        }
        convert::to_js(&Info {
            context_length: self.generator.context_length(),
            fingerprint: self.generator.fingerprint().to_string(),
            backend: Backend::in_use(None),
        })
    }
}

#[derive(Serialize)]
struct Piece<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<GenerateEnd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timings: Option<GenerateTimings>,
}

impl GeneratorHandle {
    async fn run(
        &self,
        input: JsValue,
        options: JsValue,
        task: &Task,
        on_piece: &js_sys::Function,
    ) -> Result<()> {
        let input = convert::generate_input(input)?;
        let options = options::generate(&options)?;
        let prompt = self.generator.encode(&input)?;
        let mut on_text = |text: &str| {
            call(on_piece, &convert::to_js(&Piece { text, reason: None, timings: None }));
        };
        let generated =
            self.generator.generate(&prompt, &options, &*self.runtime, task, &mut on_text).await;
        let (end, timings) = generated?;
        let last = Piece { text: "", reason: Some(end), timings: Some(timings) };
        call(on_piece, &convert::to_js(&last));
        Ok(())
    }
}
