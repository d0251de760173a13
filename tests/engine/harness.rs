//! The surroundings of an engine under test: a runtime that counts yields, a store that the
//! test can read, change and make fail, small models, and files to add.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use async_trait::async_trait;
use multimodal_rag::{
    AddedDocument, AnswerEvent, AskOptions, Batch, CancelToken, Embedder, EmbedderOptions, Engine,
    Error, Generator, GeneratorSource, Lease, MemoryStore, NamedLock, OriginalFiles, Progress,
    Result, Runtime, SourceFile, Store, Task, Unsupported, quantize,
};

pub(crate) const LIGHTHOUSE: SourceFile<'static> = SourceFile {
    name: "lighthouse.md",
    mime: None,
    bytes:
        b"# The lighthouse\n\nThe keeper of the lighthouse lit the lamp every evening. The light \
             was seen far over the water. In 1591 a storm burned the old tower, and a new tower of \
             stone was built.\n\n## The harbour\n\nA ferry leaves the harbour at noon.",
    metadata: None,
    replaces: None,
    replaces_same_name: false,
    password: None,
    drops_original: false,
    vector: None,
};
pub(crate) const BREAD: SourceFile<'static> = SourceFile {
    name: "bread.txt",
    mime: None,
    bytes:
        b"Sourdough bread needs flour, water, salt and time. The dough rests in a cold kitchen. \
             The bread stays in the oven for fifty minutes.",
    metadata: None,
    replaces: None,
    replaces_same_name: false,
    password: None,
    drops_original: false,
    vector: None,
};
pub(crate) const LIGHTHOUSE_QUESTION: &str =
    "Which keeper lit the lamp of the lighthouse in the evening?";
pub(crate) const BREAD_QUESTION: &str = "For how many minutes the bread stays in the oven?";
pub(crate) const LLAMA: &[u8] = include_bytes!("../fixtures/models/tiny-llama.gguf");

/// Lets every other future run once.
pub(crate) async fn yield_once() {
    let mut waited = false;
    poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

type Action = Box<dyn FnOnce()>;

/// Counts its yields. Its clock is computed from that number. It can act at one of them.
#[derive(Default)]
pub(crate) struct CountingRuntime {
    yields: Cell<usize>,
    yield_ms: Cell<usize>,
    action: RefCell<Option<(usize, Action)>>,
}

impl CountingRuntime {
    pub(crate) fn yields(&self) -> usize {
        self.yields.get()
    }

    /// Sets by how much one yield advances the clock.
    pub(crate) fn set_yield_ms(&self, ms: usize) {
        self.yield_ms.set(ms);
    }

    /// Calls `action` at the yield that follows `count` others.
    pub(crate) fn at_yield(&self, count: usize, action: impl FnOnce() + 'static) {
        self.action.replace(Some((self.yields.get() + count, Box::new(action))));
    }

    /// Waits for `count` more yields.
    pub(crate) async fn wait_for_yields(&self, count: usize) {
        let until = self.yields.get() + count;
        for _ in 0..100_000 {
            if self.yields.get() >= until {
                return;
            }
            yield_once().await;
        }
        panic!("there were no {count} more yields");
    }
}

#[async_trait(?Send)]
impl Runtime for CountingRuntime {
    fn now_ms(&self) -> f64 {
        (self.yields.get() * self.yield_ms.get().max(1)) as f64
    }

    fn unix_ms(&self) -> f64 {
        1.7e12 + self.yields.get() as f64
    }

    async fn yield_now(&self) {
        let now = self.yields.get();
        self.yields.set(now + 1);
        if self.action.borrow().as_ref().is_some_and(|(at, _)| *at == now) {
            let (_, action) = self.action.take().unwrap();
            action();
        }
        yield_once().await;
    }
}

/// How an operation of the store fails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    /// It fails. The operations after it succeed.
    Fails,
    /// It and all later operations fail, as if the user of the store had died.
    Dies,
    /// The same, but its write takes effect.
    WritesAndDies,
}

/// The records of a store in memory. They outlive the engines that use them.
#[derive(Default)]
pub(crate) struct SharedRecords {
    store: MemoryStore,
    full: Cell<bool>,
    /// Operations before the one that fails.
    left: Cell<Option<usize>>,
    fault: Cell<Option<Fault>>,
    lease_revoked_after: Cell<Option<usize>>,
    free_bytes: Cell<Option<u64>>,
    max_commit_bytes: Cell<Option<usize>>,
}

impl SharedRecords {
    pub(crate) fn all(&self) -> BTreeMap<String, Vec<u8>> {
        let keys = pollster::block_on(self.store.keys("")).unwrap();
        keys.into_iter().map(|key| (key.clone(), self.get(&key).unwrap())).collect()
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.all().into_keys().collect()
    }

    pub(crate) fn get(&self, key: &str) -> Option<Vec<u8>> {
        pollster::block_on(self.store.get(key)).unwrap()
    }

    pub(crate) fn put(&self, key: &str, record: Vec<u8>) {
        self.change(Batch { puts: vec![(key.to_owned(), record)], deletes: Vec::new() });
    }

    pub(crate) fn delete(&self, key: &str) {
        self.change(Batch { puts: Vec::new(), deletes: vec![key.to_owned()] });
    }

    /// Replaces all records.
    pub(crate) fn set_all(&self, records: &BTreeMap<String, Vec<u8>>) {
        let deletes = self.keys().into_iter().filter(|key| !records.contains_key(key)).collect();
        let puts = records.clone().into_iter().collect();
        self.change(Batch { puts, deletes });
    }

    fn change(&self, batch: Batch) {
        pollster::block_on(async { self.store.commit(batch, &self.store.lease().await?).await })
            .unwrap();
    }

    /// Makes the operation fail that follows `operations` others.
    pub(crate) fn set_fault(&self, operations: usize, fault: Fault) {
        self.left.set(Some(operations));
        self.fault.set(Some(fault));
    }

    /// Cancels the fault. Returns whether it has happened.
    pub(crate) fn clear_fault(&self) -> bool {
        self.fault.set(None);
        self.left.take().is_none_or(|left| left == 0)
    }

    /// Revokes the current lease.
    pub(crate) fn revoke_lease(&self) {
        self.store.revoke_lease();
    }

    /// Revokes the current lease after `operations` operations.
    pub(crate) fn revoke_lease_after(&self, operations: usize) {
        self.lease_revoked_after.set(Some(operations));
    }

    /// How the operation that begins now fails, if it does.
    fn next_operation(&self) -> Option<Fault> {
        match self.lease_revoked_after.get() {
            Some(0) => {
                self.store.revoke_lease();
                self.lease_revoked_after.set(None);
            }
            left => self.lease_revoked_after.set(left.map(|left| left - 1)),
        }
        let fault = self.fault.get()?;
        match self.left.get() {
            Some(0) => {
                if fault == Fault::Fails {
                    self.left.set(None);
                }
                Some(fault)
            }
            left => {
                self.left.set(left.map(|left| left - 1));
                None
            }
        }
    }

    /// Sets the number of free bytes that the store reports.
    pub(crate) fn set_free_bytes(&self, bytes: u64) {
        self.free_bytes.set(Some(bytes));
    }

    /// Sets the number of bytes that one commit can write.
    pub(crate) fn set_max_commit_bytes(&self, bytes: usize) {
        self.max_commit_bytes.set(Some(bytes));
    }

    /// Sets whether every commit fails because the store is full.
    pub(crate) fn set_full(&self, full: bool) {
        self.full.set(full);
    }
}

/// The store as one tab has it open.
struct TabStore {
    store: MemoryStore,
    records: Rc<SharedRecords>,
}

impl TabStore {
    fn new(records: &Rc<SharedRecords>) -> Self {
        Self { store: records.store.clone(), records: records.clone() }
    }
}

fn failed() -> Error {
    Error::StorageFailed { action: "do what the test forbids", detail: "injected".to_owned() }
}

impl TabStore {
    async fn proceed(&self) -> Result<()> {
        yield_once().await;
        self.records.next_operation().map_or(Ok(()), |_| Err(failed()))
    }
}

#[async_trait(?Send)]
impl Store for TabStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.proceed().await?;
        self.store.get(key).await
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>> {
        self.proceed().await?;
        self.store.keys(prefix).await
    }

    async fn lease(&self) -> Result<Lease> {
        self.proceed().await?;
        self.store.lease().await
    }

    async fn commit(&self, batch: Batch, lease: &Lease) -> Result<()> {
        yield_once().await;
        let bytes: usize = batch.puts.iter().map(|(_, record)| record.len()).sum();
        let is_too_large = self.records.max_commit_bytes.get().is_some_and(|max| bytes > max);
        if self.records.full.get() || is_too_large {
            return Err(Error::QuotaExceeded { detail: "it is full".to_owned() });
        }
        match self.records.next_operation() {
            None => self.store.commit(batch, lease).await,
            Some(Fault::WritesAndDies) => {
                // The user of the store has died: a second commit is not written.
                if self.records.fault.replace(Some(Fault::Dies)) == Some(Fault::WritesAndDies) {
                    self.store.commit(batch, lease).await?;
                }
                Err(failed())
            }
            Some(_) => Err(failed()),
        }
    }

    async fn try_lock(&self, name: &str) -> Result<Option<NamedLock>> {
        self.proceed().await?;
        self.store.try_lock(name).await
    }

    fn take_changed(&self) -> bool {
        self.store.take_changed()
    }

    async fn free_bytes(&self) -> Option<u64> {
        self.records.free_bytes.get()
    }
}

/// A small decoder. Counts how often it is loaded.
struct CountingSource {
    runtime: Rc<CountingRuntime>,
    loads: Rc<Cell<usize>>,
}

#[async_trait(?Send)]
impl GeneratorSource for CountingSource {
    async fn load(&self, task: &Task) -> Result<Generator> {
        self.loads.set(self.loads.get() + 1);
        Generator::load(LLAMA, &*self.runtime, task).await
    }
}

/// An embedder that reads at most `max_tokens` tokens of a text.
pub(crate) fn embedder(max_tokens: usize) -> Rc<Embedder> {
    let files = OriginalFiles {
        weights: include_bytes!("../fixtures/models/tiny-bert/model.safetensors"),
        config: include_str!("../fixtures/models/tiny-bert/config.json"),
        tokenizer: include_str!("../fixtures/models/tiny-bert/tokenizer.json"),
    };
    let options = EmbedderOptions { max_tokens, ..Default::default() };
    let (file, runtime) = (quantize(files, options).unwrap(), CountingRuntime::default());
    Rc::new(pollster::block_on(Embedder::load(&file, &runtime, &Task::default())).unwrap())
}

pub(crate) struct Harness {
    pub(crate) runtime: Rc<CountingRuntime>,
    pub(crate) records: Rc<SharedRecords>,
    pub(crate) embedder: Rc<Embedder>,
    /// How often a generator was loaded.
    pub(crate) loads: Rc<Cell<usize>>,
}

impl Harness {
    pub(crate) fn new() -> Self {
        Self::with_max_tokens(128)
    }

    /// A harness whose embedder reads at most `max_tokens` tokens: few of them make many chunks.
    pub(crate) fn with_max_tokens(max_tokens: usize) -> Self {
        Self {
            runtime: Rc::default(),
            records: Rc::default(),
            embedder: embedder(max_tokens),
            loads: Rc::default(),
        }
    }

    pub(crate) async fn try_open(&self, task: &Task) -> Result<Engine> {
        let source = CountingSource { runtime: self.runtime.clone(), loads: self.loads.clone() };
        let store = Box::new(TabStore::new(&self.records));
        let embedder = self.embedder.clone();
        Engine::open(store, self.runtime.clone(), embedder, Some(Box::new(source)), task).await
    }

    /// A store over the records, as another tab has it open.
    pub(crate) fn store(&self) -> Box<dyn Store> {
        Box::new(TabStore::new(&self.records))
    }

    /// An engine over the records, with a generator to load.
    pub(crate) fn open(&self) -> Engine {
        pollster::block_on(self.try_open(&Task::default())).unwrap()
    }

    pub(crate) fn open_without_generator(&self) -> Engine {
        let store = Box::new(TabStore::new(&self.records));
        let embedder = self.embedder.clone();
        let task = Task::default();
        let opened = Engine::open(store, self.runtime.clone(), embedder, None, &task);
        pollster::block_on(opened).unwrap()
    }

    /// A harness and an engine with the two files.
    pub(crate) fn with_files() -> (Self, Engine) {
        let harness = Self::new();
        let engine = harness.open();
        add(&engine, LIGHTHOUSE);
        add(&engine, BREAD);
        (harness, engine)
    }
}

pub(crate) fn add(engine: &Engine, file: SourceFile) -> AddedDocument {
    pollster::block_on(engine.add(file, &Task::default())).unwrap()
}

pub(crate) fn documents(engine: &Engine) -> Vec<AddedDocument> {
    pollster::block_on(engine.documents()).unwrap()
}

pub(crate) fn names(engine: &Engine) -> Vec<String> {
    documents(engine).iter().map(|document| document.info.name.clone()).collect()
}

pub(crate) fn text_file<'a>(name: &'a str, text: &'a str) -> SourceFile<'a> {
    SourceFile { name, bytes: text.as_bytes(), ..SourceFile::default() }
}

/// A text of `count` different sentences.
pub(crate) fn many_sentences(count: usize) -> String {
    let things = ["timber", "salt", "wheat", "honey", "silk", "copper", "marble", "wool"];
    let places = ["harbour", "castle", "museum", "village", "market", "temple", "island"];
    (0..count)
        .map(|number| {
            let (thing, place) = (things[number % things.len()], places[number % places.len()]);
            format!("Ship {number} carries {thing} to the {place}. ")
        })
        .collect()
}

/// A task, and the list of the progress reports that it receives.
pub(crate) fn recording_task() -> (Task, Rc<RefCell<Vec<Progress>>>) {
    let seen: Rc<RefCell<Vec<Progress>>> = Rc::default();
    let log = seen.clone();
    let on_progress = move |progress| log.borrow_mut().push(progress);
    (Task { on_progress: Some(Rc::new(on_progress)), ..Default::default() }, seen)
}

pub(crate) fn cancellable_task(cancel: &CancelToken) -> Task {
    Task { cancel: cancel.clone(), on_progress: None }
}

/// Options for an answer of few tokens, so that a test is quick.
pub(crate) fn short_answer() -> AskOptions {
    // A model of random weights writes nothing that is supported.
    AskOptions { max_tokens: 30, unsupported: Unsupported::Mark, ..Default::default() }
}

pub(crate) fn try_ask(engine: &Engine, question: &str, task: &Task) -> Result<Vec<AnswerEvent>> {
    pollster::block_on(collect_events(engine, question, &short_answer(), task))
}

pub(crate) fn ask(engine: &Engine, question: &str) -> Vec<AnswerEvent> {
    try_ask(engine, question, &Task::default()).unwrap()
}

/// All events of an answer.
pub(crate) async fn collect_events(
    engine: &Engine,
    question: &str,
    options: &AskOptions,
    task: &Task,
) -> Result<Vec<AnswerEvent>> {
    let mut events = Vec::new();
    engine.ask(question, options, task, &mut |event| events.push(event)).await?;
    Ok(events)
}

/// Document, chunk and score of each passage that a search finds.
pub(crate) fn find(engine: &Engine, question: &str) -> Vec<(String, u32, f32)> {
    let passages = pollster::block_on(engine.search(question, 10, None, &Task::default())).unwrap();
    passages.iter().map(|p| (p.document.info.name.clone(), p.chunk, p.score)).collect()
}

/// The names of the documents of the passages, quotes and citations of an answer.
pub(crate) fn sources(events: &[AnswerEvent]) -> Vec<String> {
    let mut names = Vec::new();
    for event in events {
        match event {
            AnswerEvent::Passages(passages) => {
                names.extend(passages.iter().map(|passage| passage.document.info.name.clone()));
            }
            AnswerEvent::Quote(citation) | AnswerEvent::Citation { citation, .. } => {
                names.push(citation.document.info.name.clone());
            }
            _ => {}
        }
    }
    names.sort();
    names.dedup();
    names
}
