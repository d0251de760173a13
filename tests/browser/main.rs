//! The bindings, in a dedicated worker of a real browser: storage, model files, and the classes
//! that the package's workers call.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used)]

use js_sys::{Array, Function, Object, Reflect, Uint8Array};
use multimodal_rag::browser::{
    CancelHandle, EmbedWorkerPool, EmbedderHandle, EngineHandle, GeneratorHandle, IndexedDbStore,
};
use multimodal_rag::{EmbedderOptions, Fingerprint, OriginalFiles, Store, quantize};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test as test;

#[path = "../support/record.rs"]
mod record;
#[path = "../support/stored.rs"]
mod records;
#[path = "../support/rng.rs"]
mod rng;
mod store;
mod stored;
#[path = "../store/suite.rs"]
mod suite;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

const GENERATOR: &[u8] = include_bytes!("../fixtures/models/tiny-llama.gguf");
const HARBOUR: &str = "# Ferry 🚢\n\nThe ferry to Skellig leaves the harbour at seven. 𝒜 seal \
                       watches it go.\n\n# Lamps\n\nThe lamps are lit at dusk.";

fn embedder_file(max_tokens: usize) -> Vec<u8> {
    let files = OriginalFiles {
        weights: include_bytes!("../fixtures/models/tiny-bert/model.safetensors"),
        config: include_str!("../fixtures/models/tiny-bert/config.json"),
        tokenizer: include_str!("../fixtures/models/tiny-bert/tokenizer.json"),
    };
    quantize(files, EmbedderOptions { max_tokens, ..EmbedderOptions::default() }).unwrap()
}

/// An object of these properties.
fn object(properties: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in properties {
        Reflect::set(&object, &(*name).into(), value).unwrap();
    }
    object.into()
}

fn data(bytes: &[u8]) -> JsValue {
    object(&[("data", Uint8Array::from(bytes).into())])
}

/// A file behind an address, with the promise of its hash.
fn remote(bytes: &[u8], sha256: &str, size: usize) -> JsValue {
    let make = Function::new_with_args("bytes", "return URL.createObjectURL(new Blob([bytes]))");
    let url = make.call1(&JsValue::NULL, &Uint8Array::from(bytes)).unwrap();
    object(&[("url", url), ("sha256", sha256.into()), ("size", (size as f64).into())])
}

fn yield_now() -> Function {
    Function::new_no_args("return new Promise((resolve) => setTimeout(resolve, 0))")
}

/// A function that appends what it is called with.
fn pushing_to(list: &Array) -> Function {
    let make = Function::new_with_args("list", "return (item) => list.push(item)");
    make.call1(&JsValue::NULL, list).unwrap().unchecked_into()
}

fn get(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &name.into()).unwrap()
}

fn text(value: &JsValue, name: &str) -> String {
    get(value, name).as_string().unwrap_or_default()
}

fn number(value: &JsValue, name: &str) -> f64 {
    get(value, name).as_f64().unwrap()
}

/// The code that a failed call was thrown with.
fn code<T>(outcome: Result<T, JsValue>) -> String {
    text(&outcome.err().expect("a failure"), "code")
}

async fn open(name: &str, storage: &str) -> Result<EngineHandle, JsValue> {
    open_with(name, storage, &embedder_file(128)).await
}

async fn open_with(name: &str, storage: &str, embedder: &[u8]) -> Result<EngineHandle, JsValue> {
    import_into(name, storage, embedder, None).await
}

async fn import_into(
    name: &str,
    storage: &str,
    embedder: &[u8],
    export: Option<web_sys::Blob>,
) -> Result<EngineHandle, JsValue> {
    let models = object(&[("embedder", data(embedder)), ("generator", data(GENERATOR))]);
    let options = object(&[("name", name.into()), ("storage", storage.into()), ("models", models)]);
    EngineHandle::open(options, export, false, yield_now(), None, &CancelHandle::new(), None).await
}

async fn open_store(name: &str) -> IndexedDbStore {
    IndexedDbStore::open(name).await.unwrap()
}

/// What comes of an IndexedDB request.
async fn in_browser(request: &str) -> Result<JsValue, JsValue> {
    let start = Function::new_no_args(&format!(
        "return new Promise((resolve, reject) => {{
           const request = {request};
           request.onsuccess = () => resolve(request.result);
           request.onerror = () => reject(request.error);
         }})"
    ));
    let promise = start.call0(&JsValue::NULL)?.unchecked_into::<js_sys::Promise>();
    wasm_bindgen_futures::JsFuture::from(promise).await
}

async fn load_embedder(
    source: JsValue,
    pool: Option<EmbedWorkerPool>,
) -> Result<EmbedderHandle, JsValue> {
    EmbedderHandle::load(source, yield_now(), pool, &CancelHandle::new(), None).await
}

async fn add(engine: &EngineHandle, name: &str, content: &str) -> Result<JsValue, JsValue> {
    let options = object(&[("name", name.into())]);
    engine.add(content.into(), options, &CancelHandle::new(), None).await
}

#[test]
async fn spans_reach_javascript_as_utf16_offsets() {
    let engine = open("spans", "memory").await.unwrap();
    let document = add(&engine, "harbour.md", HARBOUR).await.unwrap();
    let id = get(&document, "id");
    let whole: Vec<u16> = engine.text(id).await.unwrap().encode_utf16().collect();
    let found =
        engine.search("ferry".into(), JsValue::UNDEFINED, &CancelHandle::new()).await.unwrap();
    for passage in Array::from(&found).iter() {
        let span = number(&passage, "start") as usize..number(&passage, "end") as usize;
        assert_eq!(String::from_utf16(&whole[span]).unwrap(), text(&passage, "text"));
    }
    assert_eq!(text(&Array::from(&found).get(0), "headings"), "Ferry 🚢");
}

#[test]
async fn the_last_event_of_an_answer_is_its_end() {
    let engine = open("events", "memory").await.unwrap();
    add(&engine, "harbour.md", HARBOUR).await.unwrap();
    let events = Array::new();
    let push = pushing_to(&events);
    let options = object(&[("maxTokens", 8.into())]);
    let question = "When does the ferry leave the harbour?".into();
    engine.ask(question, options, &CancelHandle::new(), push, None).await.unwrap();
    let kinds: Vec<String> = events.iter().map(|event| text(&event, "type")).collect();
    assert_eq!(kinds.first().unwrap(), "passages");
    assert_eq!(kinds.last().unwrap(), "end");
    let quote = events.iter().find(|event| text(event, "type") == "quote").unwrap();
    assert_eq!(text(&quote, "text"), "The ferry to Skellig leaves the harbour at seven.");
    assert_eq!(text(&get(&quote, "citation"), "documentName"), "harbour.md");
    let end = events.get(events.length() - 1);
    assert!(number(&get(&end, "timings"), "promptTokens") > 0.0);
}

#[test]
async fn a_persistent_knowledge_base_is_there_when_it_is_opened_again() {
    let engine = open("kept", "persistent").await.unwrap();
    let document = add(&engine, "harbour.md", HARBOUR).await.unwrap();
    engine.close();
    assert_eq!(code(add(&engine, "late.txt", "Too late.").await), "closed");
    drop(engine);
    let engine = open("kept", "persistent").await.unwrap();
    assert_eq!(text(&engine.documents().await.unwrap()[0], "id"), text(&document, "id"));
    let stats = engine.stats().await.unwrap();
    assert_eq!(text(&get(&stats, "storage"), "kind"), "persistent");
    assert!(get(&get(&stats, "backend"), "simd").is_truthy());
    engine.remove(get(&document, "id")).await.unwrap();
    assert!(engine.documents().await.unwrap().is_empty());
}

#[test]
async fn an_add_that_is_cancelled_between_two_steps_stores_nothing() {
    let engine = open("stopped", "memory").await.unwrap();
    let cancel = CancelHandle::new();
    let long = "The lamps along the quay are lit at dusk, one after the other.\n\n".repeat(60);
    let options = object(&[("name", "long.txt".into())]);
    let adding = engine.add(long.into(), options, &cancel, None);
    let stopping = async {
        let later = js_sys::Promise::new(&mut |resolve, _| {
            let wait = Function::new_with_args("resolve", "setTimeout(resolve, 5)");
            wait.call1(&JsValue::NULL, &resolve).unwrap();
        });
        wasm_bindgen_futures::JsFuture::from(later).await.unwrap();
        cancel.cancel();
    };
    let (added, ()) = futures_util::future::join(adding, stopping).await;
    assert_eq!(code(added), "aborted");
    assert!(engine.documents().await.unwrap().is_empty());
}

#[test]
async fn a_fetched_model_must_have_the_hash_and_size_of_its_source() {
    let file = embedder_file(128);
    let hash = Fingerprint::of(&file).to_string();
    let load = |source| load_embedder(source, None);
    let other = Fingerprint::of(b"another file").to_string();
    assert_eq!(code(load(remote(&file, &other, file.len())).await), "hash_mismatch");
    let cut = &file[..file.len() / 2];
    assert_eq!(code(load(remote(cut, &hash, file.len())).await), "download_failed");
    assert_eq!(code(load(remote(&file, &hash, file.len() - 1)).await), "corrupt_model");
    assert_eq!(code(load(remote(&file, "no hash", file.len())).await), "invalid_option");
    assert_eq!(code(load(object(&[])).await), "invalid_option");
    let embedder = load(remote(&file, &hash, file.len())).await.unwrap();
    assert_eq!(text(&embedder.info(), "fingerprint"), hash);
    // Now from the cache: the address holds something else.
    let cached = load(remote(b"gone", &hash, file.len())).await.unwrap();
    let vectors = cached
        .embed(Array::of1(&"ferry".into()).into(), false, &CancelHandle::new())
        .await
        .unwrap();
    assert_eq!(vectors.len(), 1);
    let length: f32 = vectors[0].to_vec().iter().map(|x| x * x).sum();
    assert!((length - 1.0).abs() < 1e-4);
}

#[test]
async fn a_generator_streams_pieces_and_then_its_timings() {
    let source = data(GENERATOR);
    let generator =
        GeneratorHandle::load(source, yield_now(), &CancelHandle::new(), None).await.unwrap();
    let pieces = Array::new();
    let push = pushing_to(&pieces);
    let input = object(&[("prompt", "The ferry".into())]);
    let options = object(&[("maxTokens", 6.into()), ("temperature", 0.into())]);
    generator.generate(input, options, &CancelHandle::new(), push).await.unwrap();
    let last = pieces.get(pieces.length() - 1);
    assert_eq!(text(&last, "reason"), "length");
    assert_eq!(number(&get(&last, "timings"), "tokens"), 6.0);
}

#[test]
async fn wrong_and_unknown_options_are_refused_by_name() {
    let engine = open("options", "memory").await.unwrap();
    add(&engine, "harbour.md", HARBOUR).await.unwrap();
    let refused = async |name: &str, value: JsValue| {
        let options = object(&[(name, value)]);
        let found = engine.search("ferry".into(), options, &CancelHandle::new()).await;
        let error = found.unwrap_err();
        assert_eq!(text(&error, "code"), "invalid_option");
        text(&error, "message")
    };
    for limit in [0.0, 101.0, 1.5] {
        let message = refused("limit", limit.into()).await;
        assert!(message.contains(&format!("The option limit cannot be {limit}.")), "{message}");
    }
    let message = refused("limit", "many".into()).await;
    assert!(message.contains("cannot be \"many\"."), "{message}");
    let message = refused("filter", "x".into()).await;
    assert!(message.contains("no option filter here. Use only limit, where."), "{message}");
    let options = object(&[("maxTokens", 0.into()), ("temperature", JsValue::UNDEFINED)]);
    let ignored = pushing_to(&Array::new());
    let question = "When does the ferry leave?".into();
    engine.ask(question, options, &CancelHandle::new(), ignored, None).await.unwrap();
    assert_eq!(code(open("", "memory").await), "invalid_option");
    assert_eq!(code(open("x", "disk").await), "invalid_option");
}

#[test]
async fn a_file_that_cannot_be_read_is_reported_as_such() {
    let engine = open("unreadable", "memory").await.unwrap();
    let make = "const blob = new Blob(['Lamps. '.repeat(99)]);
         blob.arrayBuffer = () => Promise.reject(new DOMException('It is gone.', 'NotReadableError'));
         return blob";
    let blob = Function::new_no_args(make).call0(&JsValue::NULL).unwrap();
    let options = object(&[("name", "lamps.txt".into())]);
    let added = engine.add(blob.clone(), options, &CancelHandle::new(), None).await;
    let error = added.unwrap_err();
    assert_eq!(text(&error, "code"), "unreadable_file");
    assert!(text(&error, "message").contains("\"lamps.txt\" could not be read: It is gone."));
    let slice = Function::new_with_args("blob", "blob.slice = () => blob; return blob");
    let blob = slice.call1(&JsValue::NULL, &blob).unwrap();
    let loaded = load_embedder(object(&[("file", blob)]), None).await;
    assert_eq!(code(loaded), "unreadable_file");
}

#[test]
async fn a_record_that_is_not_bytes_is_corrupt_storage() {
    let store = open_store("not-bytes").await;
    let database = in_browser("indexedDB.open('not-bytes')").await.unwrap();
    let put = Function::new_with_args(
        "database, key",
        "const writing = database.transaction('records', 'readwrite');
         writing.objectStore('records').put('text', key);
         writing.commit();",
    );
    put.call2(&JsValue::NULL, &database, &"document/1".into()).unwrap();
    assert_eq!(store.get("document/1").await.unwrap_err().code(), "corrupt_storage");
    put.call2(&JsValue::NULL, &database, &"writer".into()).unwrap();
    assert_eq!(store.lease().await.unwrap_err().code(), "corrupt_storage");
}

/// A pool whose `submit` has this body, in which `embedder` computes the same vectors.
async fn pool(submit: &str) -> EmbedWorkerPool {
    let embedder = load_embedder(data(&embedder_file(128)), None).await.unwrap();
    let make = Function::new_with_args(
        "embedder",
        &format!(
            "return {{
               workers: 2,
               submitted: 0,
               setEmbedder(...embedder) {{ this.embedder = embedder; }},
               submit(tokens, lengths, left, signal) {{ this.submitted += 1; {submit} }},
             }}"
        ),
    );
    make.call1(&JsValue::NULL, &embedder.into()).unwrap().unchecked_into()
}

#[test]
async fn vectors_are_the_same_however_embed_workers_fail() {
    let texts: Array =
        (0..300).map(|n| JsValue::from(format!("Lamp {n} of the quay is lit."))).collect();
    let embed = async |pool: Option<EmbedWorkerPool>| {
        let embedder = load_embedder(data(&embedder_file(128)), pool).await.unwrap();
        let vectors =
            embedder.embed(texts.clone().into(), false, &CancelHandle::new()).await.unwrap();
        vectors.iter().flat_map(|vector| vector.to_vec()).collect::<Vec<f32>>()
    };
    let alone = embed(None).await;
    for submit in [
        "return Promise.resolve(embedder.embedTokens(tokens, lengths))",
        "return new Promise((resolve) => setTimeout(resolve, 3, embedder.embedTokens(tokens, lengths)))",
        "return Promise.reject(new Error('made by the test'))",
        "return new Promise(() => {})",
        "return Promise.resolve(new Float32Array(7))",
        "return Promise.resolve('no vectors')",
        "throw new Error('made by the test')",
        "return undefined",
    ] {
        let pool = pool(submit).await;
        assert!(embed(Some(pool.clone())).await == alone, "{submit}");
        assert!(number(&pool, "submitted") > 0.0, "{submit}");
        let embedder = Array::from(&get(&pool, "embedder"));
        assert_eq!(number(&get(&embedder.get(0), "file"), "size"), embedder_file(128).len() as f64);
        assert_eq!(embedder.get(1).as_string().unwrap().len(), 64);
    }
}

#[test]
async fn a_batch_that_is_not_needed_any_more_is_cancelled() {
    let pool = pool("(this.signals ??= []).push(signal); return new Promise(() => {})").await;
    let embedder = load_embedder(data(&embedder_file(128)), Some(pool.clone())).await.unwrap();
    let texts: Array =
        (0..300).map(|n| JsValue::from(format!("Lamp {n} of the quay is lit."))).collect();
    embedder.embed(texts.into(), false, &CancelHandle::new()).await.unwrap();
    let signals = Array::from(&get(&pool, "signals"));
    assert!(signals.length() > 3);
    assert!(signals.iter().all(|signal| get(&signal, "aborted").is_truthy()));
}

#[test]
async fn a_batch_with_wrong_lengths_or_too_many_tokens_is_refused() {
    let embedder = load_embedder(data(&embedder_file(128)), None).await.unwrap();
    assert_eq!(code(embedder.embed_tokens(&[2, 3], &[1, 2])), "internal");
    assert_eq!(code(embedder.embed_tokens(&[2; 200], &[200])), "too_large");
    assert_eq!(code(embedder.embed_tokens(&[u32::MAX], &[1])), "corrupt_model");
    let both = embedder.embed_tokens(&[2, 5, 3, 2, 7, 9, 3], &[3, 4]).unwrap().to_vec();
    let first = embedder.embed_tokens(&[2, 5, 3], &[3]).unwrap().to_vec();
    assert_eq!(both[..both.len() / 2], first);
}
