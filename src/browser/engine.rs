//! Bindings of the engine.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use async_trait::async_trait;
use futures_util::future::try_join4;
use wasm_bindgen::prelude::*;

use super::blob_source::{BlobBuilder, BlobSource};
use super::file_content;
use super::file_reader::WorkerFileReader;
use super::generator_files::GeneratorFiles;
use super::model_source::ModelSource;
use super::models::load_embedder;
use super::open_options::{GeneratorOption, OpenOptions, StorageOption, checked_name};
use super::options;
use super::quota::{estimate, persisted, refused, unavailable};
use super::runtime::BrowserRuntime;
use super::stats::{
    Damaged, EmbedderStats, GeneratorStats, ImageStats, ModelStats, Stats, Storage, StorageStats,
};
use super::{
    Backend, CancelHandle, EmbedWorkerPool, EngineWorkers, IndexedDbStore, call, convert, task,
};
use crate::answer::AnswerReader;
use crate::embed::ImageEmbedder;
use crate::engine::{Engine, GeneratorSource, ShippedKnowledgeBase};
use crate::error::{Error, Result};
use crate::format::FileToRead;
use crate::generate::{ExternalGenerator, Generator};
use crate::knowledge_base::Preload;
use crate::runtime::{Runtime, Task};
use crate::store::{DirectoryStore, MemoryStore, Store};

/// An open knowledge base.
#[wasm_bindgen]
pub struct EngineHandle {
    pub(super) engine: Rc<Engine>,
    /// Whether maintenance runs in the background.
    is_maintaining: Rc<Cell<bool>>,
    graph_updates: Rc<GraphUpdates>,
    pool: Option<EmbedWorkerPool>,
    storage: Storage,
    generator: RefCell<Option<GeneratorOption>>,
    runtime: Rc<dyn Runtime>,
}

/// Whether graphs are updated in the background, and are to be once more after that.
#[derive(Default)]
struct GraphUpdates {
    running: Cell<bool>,
    wanted: Cell<bool>,
}

/// Loads the generator at the first answer that needs it.
struct GeneratorLoader {
    source: GeneratorFiles,
    runtime: Rc<dyn Runtime>,
}

impl GeneratorLoader {
    #[expect(clippy::new_ret_no_self, reason = "the engine takes any source of a generator")]
    fn new(source: GeneratorFiles, runtime: Rc<dyn Runtime>) -> Box<dyn GeneratorSource> {
        Box::new(Self { source, runtime })
    }
}

#[async_trait(?Send)]
impl GeneratorSource for GeneratorLoader {
    async fn load(&self, task: &Task) -> Result<Generator> {
        self.source.load(&*self.runtime, task).await
    }
}

/// The name of a picture that is searched with and has none.
const PICTURE: &str = "picture";

#[wasm_bindgen]
impl EngineHandle {
    /// Opens a knowledge base: `{ name, storage, source, models, vectorIndex, embedAgain }`. With `import`, a file
    /// that [`EngineHandle::export`] wrote, the knowledge base is made of it first. `after_failure`:
    /// a worker of this page died while it had the knowledge base open.
    pub async fn open(
        options: JsValue,
        import: Option<web_sys::Blob>,
        after_failure: bool,
        yield_now: js_sys::Function,
        workers: Option<EngineWorkers>,
        cancel: &CancelHandle,
        on_progress: Option<js_sys::Function>,
    ) -> Result<EngineHandle, JsValue> {
        let task = task(cancel, on_progress);
        let mut options = OpenOptions::read(&options).map_err(convert::thrown)?;
        options.after_failure = after_failure;
        open(options, import, yield_now, workers.as_ref(), &task).await.map_err(convert::thrown)
    }

    /// The best passages for a question: `{ limit, where }`.
    pub async fn search(
        &self,
        question: JsValue,
        options: JsValue,
        cancel: &CancelHandle,
    ) -> Result<JsValue, JsValue> {
        let task = task(cancel, None);
        let question = options::text(&question, "question").map_err(convert::thrown)?;
        let (limit, filter) = options::search(&options).map_err(convert::thrown)?;
        let passages = self.engine.search(&question, limit, filter.as_ref(), &task).await;
        Ok(convert::passages(&passages.map_err(convert::thrown)?))
    }

    /// The passages whose vectors are nearest to a vector: `{ limit, where }`.
    #[wasm_bindgen(js_name = searchVector)]
    pub async fn search_vector(
        &self,
        vector: JsValue,
        options: JsValue,
        cancel: &CancelHandle,
    ) -> Result<JsValue, JsValue> {
        let task = task(cancel, None);
        let vector = options::vector(&vector, "vector").map_err(convert::thrown)?;
        let (limit, filter) = options::search(&options).map_err(convert::thrown)?;
        let passages = self.engine.search_vector(&vector, limit, filter.as_ref(), &task).await;
        Ok(convert::passages(&passages.map_err(convert::thrown)?))
    }

    /// The pictures that are most like a picture: `{ limit, where }`. `name` is that of its file.
    #[wasm_bindgen(js_name = searchImage)]
    pub async fn search_image(
        &self,
        content: JsValue,
        name: Option<String>,
        options: JsValue,
        cancel: &CancelHandle,
    ) -> Result<JsValue, JsValue> {
        let task = task(cancel, None);
        let (limit, filter) = options::search(&options).map_err(convert::thrown)?;
        let name = name.unwrap_or_else(|| PICTURE.to_owned());
        let bytes = file_content::bytes(&content, &name).await.map_err(convert::thrown)?;
        let file = FileToRead { name: &name, bytes: &bytes, ..FileToRead::default() };
        let passages = self.engine.search_image(&file, limit, filter.as_ref(), &task).await;
        Ok(convert::passages(&passages.map_err(convert::thrown)?))
    }

    /// Records which passages were good or bad for a question: `{ good, bad }`. Returns the package's
    /// `FeedbackStats`.
    pub async fn feedback(
        &self,
        question: JsValue,
        judged: JsValue,
        cancel: &CancelHandle,
    ) -> Result<JsValue, JsValue> {
        let task = task(cancel, None);
        let question = options::text(&question, "question").map_err(convert::thrown)?;
        let [good, bad] = options::judged(&judged).map_err(convert::thrown)?;
        let learned = self.engine.feedback(&question, &good, &bad, &task).await;
        Ok(convert::to_js(&learned.map_err(convert::thrown)?))
    }

    /// Removes all feedback.
    #[wasm_bindgen(js_name = clearFeedback)]
    pub async fn clear_feedback(&self) -> Result<(), JsValue> {
        self.engine.clear_feedback().await.map_err(convert::thrown)
    }

    /// Answers are written by the generator of this source from now on; by none without one.
    #[wasm_bindgen(js_name = useGenerator)]
    pub fn use_generator(&self, source: JsValue) -> Result<(), JsValue> {
        let source = (!source.is_undefined() && !source.is_null())
            .then(|| GeneratorOption::parse(&source, "generator"))
            .transpose()
            .map_err(convert::thrown)?;
        self.generator.replace(source.clone());
        match source {
            Some(GeneratorOption::Page(page)) => self.engine.use_external_generator(Rc::new(page)),
            Some(GeneratorOption::Files(files)) => {
                let loader = GeneratorLoader::new(files, self.runtime.clone());
                self.engine.use_generator(Some(loader));
            }
            None => self.engine.use_generator(None),
        }
        Ok(())
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

    /// Answers a question. `on_event` is called with every event, the end included.
    pub async fn ask(
        &self,
        question: JsValue,
        options: JsValue,
        cancel: &CancelHandle,
        on_event: js_sys::Function,
        on_progress: Option<js_sys::Function>,
    ) -> Result<(), JsValue> {
        let task = task(cancel, on_progress);
        let question = options::text(&question, "question").map_err(convert::thrown)?;
        let options = options::ask(&options).map_err(convert::thrown)?;
        let mut events = convert::Events::default();
        let mut emit = |event| call(&on_event, &events.convert(event));
        self.engine.ask(&question, &options, &task, &mut emit).await.map_err(convert::thrown)
    }

    /// The package's `Stats`.
    pub async fn stats(&self) -> Result<JsValue, JsValue> {
        Ok(convert::to_js(&self.read_stats().await.map_err(convert::thrown)?))
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
                // The export begins again.
                file = BlobBuilder::default();
                return Ok(());
            }
            file.push(&piece.into())
        };
        self.engine.export(&mut write, &task).await.map_err(convert::thrown)?;
        file.finish().map_err(convert::thrown)
    }

    /// Deletes the knowledge base of this name. Wherever it is open, it is closed.
    #[wasm_bindgen(js_name = deleteStored)]
    pub async fn delete_stored(name: JsValue) -> Result<(), JsValue> {
        let name = (!name.is_undefined()).then(|| options::text(&name, "name")).transpose();
        let name = name.and_then(checked_name).map_err(convert::thrown)?;
        IndexedDbStore::delete(&database_name(&name)).await.map_err(convert::thrown)
    }

    /// Where the knowledge base is stored: "persistent" or "memory".
    #[wasm_bindgen(js_name = storageKind)]
    pub fn storage_kind(&self) -> String {
        self.storage.kind.to_owned()
    }

    /// Closes the engine: later calls fail.
    pub fn close(&self) {
        self.engine.close();
    }
}

async fn open(
    options: OpenOptions,
    import: Option<web_sys::Blob>,
    yield_now: js_sys::Function,
    workers: Option<&EngineWorkers>,
    task: &Task,
) -> Result<EngineHandle> {
    let pool = workers.and_then(EngineWorkers::embed_worker_pool);
    let (store, storage) = open_store(&options).await?;
    let OpenOptions { embedder, generator, answer_reader, image, ocr, .. } = options;
    let OpenOptions { vector_index, embed_again, source, shipped, .. } = options;
    let runtime: Rc<dyn Runtime> = Rc::new(BrowserRuntime::new(yield_now));
    // Meanwhile storage is read, unless all vectors are computed anew, and the reader is fetched.
    let preload = async {
        Ok(match embed_again {
            true => Preload::default(),
            false => Preload::of(&*store, &*runtime, task).await,
        })
    };
    let embedder = load_embedder(&embedder, "models.embedder", pool.as_ref(), &*runtime, task);
    let reader_file = fetch_optional(answer_reader.as_ref(), &*runtime, task);
    let image_file = fetch_optional(image.as_ref(), &*runtime, task);
    let (preload, embedder, reader_file, image_file) =
        try_join4(preload, embedder, reader_file, image_file).await?;
    let import = match (&source, import) {
        (Some(source), _) => Some(source.open(&*runtime, task).await?),
        (None, Some(file)) => Some(BlobSource::open_export(file)?),
        (None, None) => None,
    };
    if let Some(file) = import {
        let made_by = (!embed_again).then_some(&embedder);
        Engine::import(&file, &*store, made_by, &*runtime, task).await?;
    }
    let (loader, page_generator) = match generator.clone() {
        Some(GeneratorOption::Files(files)) => {
            (Some(GeneratorLoader::new(files, runtime.clone())), None)
        }
        Some(GeneratorOption::Page(page)) => (None, Some(page)),
        None => (None, None),
    };
    let embedder = Rc::new(embedder);
    let answer_reader = match reader_file {
        Some(file) => Some(AnswerReader::load(&file, embedder.clone(), &*runtime, task).await?),
        None => None,
    };
    let image_embedder = match image_file {
        Some(file) => Some(ImageEmbedder::load(&file, &*runtime, task).await?),
        None => None,
    };
    let readers = workers.and_then(EngineWorkers::reader_workers);
    let reader = readers.map(|readers| WorkerFileReader::new(readers, ocr, runtime.clone()));
    let mut engine = match embed_again {
        true => {
            Engine::open_with_new_embedder(store, runtime.clone(), embedder, loader, task).await?
        }
        false => {
            Engine::open_preloaded(store, preload, runtime.clone(), embedder, loader, task).await?
        }
    };
    let graph_builder = workers.and_then(EngineWorkers::graph_builder);
    let graph_builder = graph_builder.map(|builder| Rc::new(builder) as _);
    engine = engine.with_vector_index(vector_index, graph_builder);
    if source.is_some() {
        engine = engine.read_only();
    }
    let shipped = open_shipped(&shipped, &engine, &runtime, task).await?;
    engine = engine.with_shipped(shipped);
    if let Some(page) = page_generator {
        engine.use_external_generator(Rc::new(page));
    }
    if let Some(reader) = answer_reader {
        engine = engine.with_answer_reader(reader);
    }
    if let Some(embedder) = image_embedder {
        engine = engine.with_image_embedder(Rc::new(embedder));
    }
    if let Some(pool) = &pool {
        engine = engine.with_embed_workers(Rc::new(pool.clone()));
    }
    if let Some(reader) = reader {
        engine = engine.with_file_reader(Rc::new(reader));
    }
    if let Some(worker) = workers.and_then(EngineWorkers::sql_worker) {
        engine = engine.with_sql_runner(Rc::new(worker));
    }
    let (engine, is_maintaining, graph_updates) = (Rc::new(engine), Rc::default(), Rc::default());
    let generator = RefCell::new(generator);
    let handle =
        EngineHandle { engine, is_maintaining, graph_updates, pool, storage, generator, runtime };
    handle.maintain_in_background();
    Ok(handle)
}

/// The knowledge bases that are searched beside the engine's own.
async fn open_shipped(
    shipped: &[(String, ModelSource)],
    engine: &Engine,
    runtime: &Rc<dyn Runtime>,
    task: &Task,
) -> Result<Vec<ShippedKnowledgeBase>> {
    let mut all = Vec::new();
    for (name, source) in shipped {
        let file = source.open(&**runtime, task).await?;
        let embedder = engine.embedder_rc();
        all.push(ShippedKnowledgeBase::open(name, &file, &embedder, runtime, task).await?);
    }
    Ok(all)
}

/// The file of an answer reader or of an image encoder. Where it cannot be fetched, the knowledge base
/// opens without it: there is no network, and everything else is here.
async fn fetch_optional(
    source: Option<&ModelSource>,
    runtime: &dyn Runtime,
    task: &Task,
) -> Result<Option<BlobSource>> {
    let Some(source) = source else { return Ok(None) };
    match source.open(runtime, task).await {
        Ok(file) => Ok(Some(file)),
        Err(Error::DownloadFailed { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn open_store(options: &OpenOptions) -> Result<(Box<dyn Store>, Storage)> {
    let memory = |reason| {
        let store: Box<dyn Store> = Box::new(MemoryStore::new());
        (store, Storage { kind: "memory", reason })
    };
    if options.storage == StorageOption::Memory || options.source.is_some() {
        return Ok(memory(None));
    }
    if let Some(folder) = &options.folder {
        let store = DirectoryStore::in_folder(Box::new(folder.clone()))?;
        return Ok((Box::new(store), Storage { kind: "persistent", reason: None }));
    }
    let name = database_name(&options.name);
    let opened = match unavailable() {
        Some(detail) => Err(refused(detail)),
        None if options.after_failure => IndexedDbStore::open_after_failure(&name).await,
        None => IndexedDbStore::open(&name).await,
    };
    match opened {
        Ok(store) => Ok((Box::new(store), Storage { kind: "persistent", reason: None })),
        Err(error) if options.storage == StorageOption::Auto => Ok(memory(Some(error.to_string()))),
        Err(error) => Err(error),
    }
}

/// The database of a knowledge base.
fn database_name(name: &str) -> String {
    format!("multimodal-rag:{name}")
}

impl EngineHandle {
    /// Resumes interrupted adds and merges small segments, while no call waits for it.
    pub(super) fn maintain_in_background(&self) {
        if self.is_maintaining.replace(true) {
            return;
        }
        let (engine, is_maintaining) = (self.engine.clone(), self.is_maintaining.clone());
        let updates = self.graph_updates.clone();
        wasm_bindgen_futures::spawn_local(async move {
            // Work that fails now is done the next time.
            let _ = engine.maintain(&Task::default()).await;
            is_maintaining.set(false);
            updates.run(&engine).await;
        });
    }

    async fn read_stats(&self) -> Result<Stats> {
        let feedback = self.engine.feedback_stats(&Task::default()).await?;
        let (used, quota) = estimate().await.unzip();
        let embedder = self.engine.embedder();
        let generator = self.generator.borrow().clone();
        let damaged = self.engine.damaged().into_iter();
        Ok(Stats {
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
                    languages: embedder.languages().to_vec(),
                },
                answer_reader: self.engine.reader_calibration().is_some(),
                image: self.engine.image_embedder().map(|embedder| ImageStats {
                    fingerprint: embedder.fingerprint().to_string(),
                    dimensions: embedder.dimensions(),
                    bytes: embedder.file_bytes(),
                }),
                generator: match generator {
                    Some(source) => Some(self.generator_stats(&source).await),
                    None => None,
                },
            },
            documents: self.engine.document_count(),
            chunks: self.engine.chunk_count(),
            vector_index: self.engine.vector_index_stats(),
            feedback,
            damaged: damaged
                .map(|d| Damaged { id: d.id.to_string(), message: d.error.to_string() })
                .collect(),
        })
    }

    async fn generator_stats(&self, source: &GeneratorOption) -> GeneratorStats {
        let known = match source {
            GeneratorOption::Files(files) => files.known().await,
            GeneratorOption::Page(page) => return GeneratorStats::of_page(page.context_length()),
        };
        let loaded = self.engine.loaded_generator();
        let fingerprint = loaded.as_ref().map(|generator| generator.fingerprint().to_string());
        GeneratorStats {
            fingerprint: fingerprint.or(known.sha256),
            context_length: loaded.as_ref().map(|generator| generator.context_length()),
            hub: known.hub,
            bytes: known.bytes,
            local: known.is_local,
            loaded: loaded.is_some(),
        }
    }
}

impl GraphUpdates {
    /// Updates the graphs, or has the update that is running do it once more. Merging does
    /// not wait for it: building takes long.
    async fn run(&self, engine: &Engine) {
        self.wanted.set(true);
        if self.running.replace(true) {
            return;
        }
        while self.wanted.replace(false) {
            // What fails now is done the next time.
            let _ = engine.update_graphs(&Task::default()).await;
        }
        self.running.set(false);
    }
}

fn heap_bytes() -> u32 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    memory.buffer().unchecked_into::<js_sys::ArrayBuffer>().byte_length()
}
