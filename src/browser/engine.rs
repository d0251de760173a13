//! The engine, as the worker sees it.

use std::cell::Cell;
use std::rc::Rc;

use async_trait::async_trait;
use futures_util::future::try_join;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::blob_source::{BlobBuilder, BlobSource};
use super::model_files::ModelSource;
use super::models::load_embedder;
use super::runtime::BrowserRuntime;
use super::storage::{estimate, persisted, unavailable};
use super::{Backend, CancelHandle, IndexedDbStore, Pool, call, convert, task};
use crate::answer::AskOptions;
use crate::engine::{Engine, GeneratorSource, SourceFile};
use crate::error::{Error, Result};
use crate::generate::Generator;
use crate::knowledge_base::Preload;
use crate::runtime::{Runtime, Task};
use crate::store::{MemoryStore, Store};

/// Passages that one search may ask for.
const MAX_SEARCH_LIMIT: usize = 100;
const DEFAULT_SEARCH_LIMIT: usize = 5;

/// An open knowledge base.
#[wasm_bindgen]
pub struct EngineHandle {
    engine: Rc<Engine>,
    /// Whether work that nobody waits for is under way.
    keeping: Rc<Cell<bool>>,
    pool: Option<Pool>,
    storage: Storage,
    generator_hash: Option<String>,
    has_generator: bool,
}

/// Where the knowledge base lives.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Storage {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// A generator's file, loaded when first needed.
struct RemoteGenerator {
    source: ModelSource,
    runtime: Rc<dyn Runtime>,
}

#[async_trait(?Send)]
impl GeneratorSource for RemoteGenerator {
    async fn load(&self, task: &Task) -> Result<Generator> {
        let file = self.source.open(&*self.runtime, task).await?;
        Generator::load(&file, &*self.runtime, task).await
    }
}

#[wasm_bindgen]
impl EngineHandle {
    /// Opens a knowledge base: `{ name, storage, models, embedAgain, import }`.
    pub async fn open(
        options: JsValue,
        yield_now: js_sys::Function,
        pool: Option<Pool>,
        cancel: &CancelHandle,
        on_progress: Option<js_sys::Function>,
    ) -> Result<EngineHandle, JsValue> {
        let task = task(cancel, on_progress);
        open(&options, yield_now, pool, &task).await.map_err(convert::thrown)
    }

    /// Adds a file: its bytes, and `{ name, type, metadata, replaces }`.
    pub async fn add(
        &self,
        bytes: Vec<u8>,
        options: JsValue,
        cancel: &CancelHandle,
        on_progress: Option<js_sys::Function>,
    ) -> Result<JsValue, JsValue> {
        let task = task(cancel, on_progress);
        let name = convert::text_property(&options, "name").unwrap_or_default();
        let mime = convert::text_property(&options, "type").filter(|mime| !mime.is_empty());
        let metadata = convert::property(&options, "metadata").map(|value| convert::json(&value));
        let metadata = metadata.transpose().map_err(convert::thrown)?;
        let replaces = convert::text_property(&options, "replaces");
        let file = SourceFile {
            name: &name,
            mime: mime.as_deref(),
            bytes: &bytes,
            metadata: metadata.as_deref(),
            replaces: replaces.as_deref(),
        };
        let added = self.engine.add(file, &task).await.map_err(convert::thrown)?;
        self.keep_up();
        Ok(convert::document(&added))
    }

    /// All documents, in the order of adding.
    pub async fn documents(&self) -> Result<Vec<JsValue>, JsValue> {
        let documents = self.engine.documents().await.map_err(convert::thrown)?;
        Ok(documents.iter().map(convert::document).collect())
    }

    /// The text that spans point into.
    pub async fn text(&self, id: String) -> Result<String, JsValue> {
        let document = self.engine.document(&id).await.map_err(convert::thrown)?;
        Ok(document.text().to_owned())
    }

    /// Removes a document.
    pub async fn remove(&self, id: String) -> Result<(), JsValue> {
        self.engine.remove(&id).await.map_err(convert::thrown)?;
        self.keep_up();
        Ok(())
    }

    /// The best passages for a question: `{ limit, where }`.
    pub async fn search(
        &self,
        question: String,
        options: JsValue,
        cancel: &CancelHandle,
    ) -> Result<JsValue, JsValue> {
        let task = task(cancel, None);
        let chosen =
            search_limit(&options).and_then(|limit| Ok((limit, convert::filter(&options)?)));
        let (limit, filter) = chosen.map_err(convert::thrown)?;
        let passages = self.engine.search(&question, limit, filter.as_ref(), &task).await;
        Ok(convert::passages(&passages.map_err(convert::thrown)?))
    }

    /// Loads the generator now.
    #[wasm_bindgen(js_name = loadGenerator)]
    pub async fn load_generator(
        &self,
        cancel: &CancelHandle,
        on_progress: Option<js_sys::Function>,
    ) -> Result<(), JsValue> {
        let task = task(cancel, on_progress);
        self.engine.load_generator(&task).await.map(|_| ()).map_err(convert::thrown)
    }

    /// Answers a question; `on_event` gets every event, the end included.
    pub async fn ask(
        &self,
        question: String,
        options: JsValue,
        cancel: &CancelHandle,
        on_event: js_sys::Function,
        on_progress: Option<js_sys::Function>,
    ) -> Result<(), JsValue> {
        let task = task(cancel, on_progress);
        let filter = convert::filter(&options).map_err(convert::thrown)?;
        let options: AskOptions = convert::options(options).map_err(convert::thrown)?;
        let options = AskOptions { filter, ..options };
        let mut events = convert::Events::default();
        let mut emit = |event| call(&on_event, &events.convert(event));
        self.engine.ask(&question, &options, &task, &mut emit).await.map_err(convert::thrown)
    }

    /// What is in use.
    pub async fn stats(&self) -> Result<JsValue, JsValue> {
        Ok(convert::to_js(&self.read_stats().await))
    }

    /// The whole knowledge base as one file: a Blob.
    pub async fn export(
        &self,
        cancel: &CancelHandle,
        on_progress: Option<js_sys::Function>,
    ) -> Result<web_sys::Blob, JsValue> {
        let task = task(cancel, on_progress);
        let mut file = BlobBuilder::default();
        let mut write = |piece: &[u8]| {
            if piece.is_empty() {
                // It begins again.
                file = BlobBuilder::default();
                return Ok(());
            }
            let pushed = file.push(&piece.into());
            pushed.map_err(|error| Error::Internal { detail: convert::describe(&error) })
        };
        self.engine.export(&mut write, &task).await.map_err(convert::thrown)?;
        file.finish()
    }

    /// Deletes the knowledge base of this name, wherever it is open.
    #[wasm_bindgen(js_name = deleteStored)]
    pub async fn delete_stored(name: String) -> Result<(), JsValue> {
        IndexedDbStore::delete(&database_name(&name)).await.map_err(convert::thrown)
    }

    /// Where the knowledge base lives: "persistent" or "memory".
    #[wasm_bindgen(js_name = storageKind)]
    pub fn storage_kind(&self) -> String {
        self.storage.kind.to_owned()
    }

    /// Ends the engine's use.
    pub fn close(&self) {
        self.engine.close();
    }
}

async fn open(
    options: &JsValue,
    yield_now: js_sys::Function,
    pool: Option<Pool>,
    task: &Task,
) -> Result<EngineHandle> {
    let invalid = |option, got: &str, expected| {
        Err(Error::InvalidOption { option, got: got.to_owned(), expected })
    };
    let name = convert::text_property(options, "name").unwrap_or_default();
    if name.is_empty() {
        return invalid("name", "empty", "a name of at least one letter");
    }
    let models = convert::property(options, "models").unwrap_or(JsValue::UNDEFINED);
    let embedder_source = convert::property(&models, "embedder").unwrap_or(JsValue::UNDEFINED);
    let generator_source = convert::property(&models, "generator")
        .map(|source| ModelSource::parse(&source, "models.generator"))
        .transpose()?;
    let wanted = convert::text_property(options, "storage").unwrap_or_else(|| "auto".to_owned());
    if !["auto", "persistent", "memory"].contains(&wanted.as_str()) {
        return invalid("storage", &wanted, "\"auto\", \"persistent\" or \"memory\"");
    }
    let (store, storage) = open_store(&name, &wanted).await?;
    let runtime: Rc<dyn Runtime> = Rc::new(BrowserRuntime::new(yield_now));
    let embed_again =
        convert::property(options, "embedAgain").is_some_and(|again| again.is_truthy());
    // What is stored is fetched while the model is made ready, unless it may have to change.
    let read_ahead = async {
        Ok(match embed_again {
            true => Preload::default(),
            false => Preload::of(&*store, &*runtime, task).await,
        })
    };
    let (ahead, embedder) = try_join(
        read_ahead,
        load_embedder(&embedder_source, "models.embedder", pool.as_ref(), &*runtime, task),
    )
    .await?;
    if let Some(file) = convert::property(options, "import") {
        let file = BlobSource::new(file.unchecked_into(), "the exported file", None)?;
        let made_by = (!embed_again).then_some(&embedder);
        Engine::import(&file, &*store, made_by, &*runtime, task).await?;
    }
    let generator_hash =
        generator_source.as_ref().and_then(|source| source.promised_hash()).map(str::to_owned);
    let has_generator = generator_source.is_some();
    let source = generator_source.map(|source| {
        Box::new(RemoteGenerator { source, runtime: runtime.clone() }) as Box<dyn GeneratorSource>
    });
    let embedder = Rc::new(embedder);
    let mut engine = match embed_again {
        true => Engine::open_with_new_embedder(store, runtime, embedder, source, task).await?,
        false => Engine::open_preloaded(store, ahead, runtime, embedder, source, task).await?,
    };
    if let Some(pool) = &pool {
        engine = engine.with_embed_workers(Rc::new(pool.clone()));
    }
    let (engine, keeping) = (Rc::new(engine), Rc::default());
    let handle = EngineHandle { engine, keeping, pool, storage, generator_hash, has_generator };
    handle.keep_up();
    Ok(handle)
}

async fn open_store(name: &str, wanted: &str) -> Result<(Box<dyn Store>, Storage)> {
    let memory = |reason| {
        let store: Box<dyn Store> = Box::new(MemoryStore::new());
        (store, Storage { kind: "memory", reason })
    };
    if wanted == "memory" {
        return Ok(memory(None));
    }
    let opened = match unavailable() {
        Some(detail) => Err(Error::StorageRefused { detail }),
        None => IndexedDbStore::open(&database_name(name)).await,
    };
    match opened {
        Ok(store) => Ok((Box::new(store), Storage { kind: "persistent", reason: None })),
        Err(error) if wanted == "auto" => Ok(memory(Some(error.to_string()))),
        Err(error) => Err(error),
    }
}

/// The database of a knowledge base.
fn database_name(name: &str) -> String {
    format!("multimodal-rag:{name}")
}

fn search_limit(options: &JsValue) -> Result<usize> {
    let Some(limit) = convert::property(options, "limit") else {
        return Ok(DEFAULT_SEARCH_LIMIT);
    };
    let number = limit.as_f64().unwrap_or(0.0);
    if number.fract() == 0.0 && (1.0..=MAX_SEARCH_LIMIT as f64).contains(&number) {
        return Ok(number as usize);
    }
    let (got, expected) = (format!("{limit:?}"), "a whole number from 1 to 100");
    Err(Error::InvalidOption { option: "limit", got, expected })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stats {
    backend: Backend,
    heap_bytes: u32,
    index_bytes: usize,
    storage: StorageStats,
    models: ModelStats,
    documents: usize,
    chunks: usize,
    damaged: Vec<Damaged>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StorageStats {
    #[serde(flatten)]
    storage: Storage,
    #[serde(skip_serializing_if = "Option::is_none")]
    persisted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    used_bytes: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quota_bytes: Option<f64>,
}

#[derive(Serialize)]
struct ModelStats {
    embedder: EmbedderStats,
    #[serde(skip_serializing_if = "Option::is_none")]
    generator: Option<GeneratorStats>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EmbedderStats {
    fingerprint: String,
    dimensions: usize,
    token_limit: usize,
    bytes: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GeneratorStats {
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_length: Option<usize>,
    loaded: bool,
}

#[derive(Serialize)]
struct Damaged {
    id: String,
    message: String,
}

impl EngineHandle {
    /// Goes on with what was interrupted and merges what is small, while nobody waits.
    fn keep_up(&self) {
        if self.keeping.replace(true) {
            return;
        }
        let (engine, keeping) = (self.engine.clone(), self.keeping.clone());
        wasm_bindgen_futures::spawn_local(async move {
            // What could not be done now is done another time.
            let _ = engine.maintain(&Task::default()).await;
            keeping.set(false);
        });
    }

    async fn read_stats(&self) -> Stats {
        let (used, quota) = estimate().await.unzip();
        let embedder = self.engine.embedder();
        let damaged = self.engine.damaged().into_iter();
        Stats {
            backend: Backend::in_use(self.pool.as_ref()),
            heap_bytes: heap_bytes(),
            index_bytes: self.engine.index_bytes(),
            storage: StorageStats {
                storage: self.storage.clone(),
                persisted: persisted().await,
                used_bytes: used,
                quota_bytes: quota,
            },
            models: ModelStats {
                embedder: EmbedderStats {
                    fingerprint: embedder.fingerprint().to_string(),
                    dimensions: embedder.dimensions(),
                    token_limit: embedder.token_limit(),
                    bytes: embedder.file_bytes(),
                },
                generator: self.has_generator.then(|| self.generator_stats()),
            },
            documents: self.engine.document_count(),
            chunks: self.engine.chunk_count(),
            damaged: damaged
                .map(|d| Damaged { id: d.id.to_string(), message: d.error.to_string() })
                .collect(),
        }
    }

    fn generator_stats(&self) -> GeneratorStats {
        let loaded = self.engine.loaded_generator();
        let fingerprint = loaded.as_ref().map(|generator| generator.fingerprint().to_string());
        GeneratorStats {
            fingerprint: fingerprint.or_else(|| self.generator_hash.clone()),
            context_length: loaded.as_ref().map(|generator| generator.context_length()),
            loaded: loaded.is_some(),
        }
    }
}

fn heap_bytes() -> u32 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    memory.buffer().unchecked_into::<js_sys::ArrayBuffer>().byte_length()
}
