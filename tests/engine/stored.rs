//! Knowledge bases that earlier versions stored open, answer and export.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::collections::BTreeMap;

use multimodal_rag::{Engine, MemoryStore, Task};

use crate::harness::{Harness, add, documents, find, names, text_file};
use crate::history::export;
use crate::record::with_version;
use crate::records::{EXPORT_V1, FIRST_LAYOUT, RECORDS_V1, Record};

/// The key of the writer record, which belongs to the store itself.
const WRITER_KEY: &str = "writer";

/// A harness with these records.
fn harness_with(records: &[Record], max_tokens: usize) -> Harness {
    let harness = Harness::with_max_tokens(max_tokens);
    let records = records.iter().filter(|(key, _)| *key != WRITER_KEY);
    let records: BTreeMap<String, Vec<u8>> =
        records.map(|&(key, record)| (key.to_owned(), record.to_vec())).collect();
    harness.records.set_all(&records);
    harness
}

/// The names that `records-v1` has, in the order of adding.
const NAMES_V1: [&str; 12] = [
    "lighthouse.md",
    "bread.txt",
    "café.md",
    "0.txt",
    "1.txt",
    "2.txt",
    "3.txt",
    "4.txt",
    "5.txt",
    "6.txt",
    "7.txt",
    "8.txt",
];

#[test]
fn records_of_version_1_open_answer_and_export() {
    let harness = harness_with(RECORDS_V1, 32);
    let engine = harness.open();
    assert!(engine.damaged().is_empty());
    assert_eq!(names(&engine), NAMES_V1);
    let first = &find(&engine, "Which queen wore a crown?")[0];
    assert_eq!((first.0.as_str(), first.1), ("8.txt", 0));
    assert!((first.2 - 2.196_398).abs() < 1e-5, "{first:?}");
    assert!(export(&engine) == EXPORT_V1, "an export of the same state is the same file");
}

#[test]
fn a_job_of_version_1_is_resumed_with_its_vectors() {
    let harness = harness_with(RECORDS_V1, 32);
    let engine = harness.open();
    let resumed = pollster::block_on(engine.resume(&Task::default())).unwrap();
    assert_eq!(resumed.len(), 1);
    assert_eq!(names(&engine).last().unwrap(), "ships.txt");
    assert!(!harness.records.keys().iter().any(|key| key.starts_with("job/")));
    let rest = find(&engine, "Which ship carries marble to the village?");
    assert_eq!(rest[0].0, "ships.txt");
}

#[test]
fn an_export_of_version_1_is_imported() {
    let (harness, store) = (Harness::with_max_tokens(32), MemoryStore::new());
    let (runtime, embedder) = (harness.runtime.clone(), harness.embedder.clone());
    let engine = pollster::block_on(async {
        let (file, task) = (EXPORT_V1.to_vec(), Task::default());
        Engine::import(&file, &store, Some(&embedder), &*runtime, &task).await.unwrap();
        let store = Box::new(store);
        Engine::open(store, runtime.clone(), embedder.clone(), None, &task).await.unwrap()
    });
    assert_eq!(names(&engine), NAMES_V1);
    assert!(export(&engine) == EXPORT_V1);
}

#[test]
fn a_knowledge_base_of_the_first_layout_is_embedded_again_and_keeps_its_documents() {
    let harness = harness_with(FIRST_LAYOUT, 128);
    let engine = harness.open();
    assert!(engine.damaged().is_empty());
    assert_eq!(names(&engine), ["bees.html", "kiln.md", "tale.txt"]);
    assert!(documents(&engine).iter().all(|document| document.chunks > 0));
    assert_eq!(find(&engine, "How do bees make honey?")[0].0, "bees.html");
    // Its segments, named by document, are gone; each document has a segment of today.
    let keys = harness.records.keys();
    let segments: Vec<_> = keys.iter().filter_map(|key| key.strip_prefix("segment/")).collect();
    assert_eq!(segments.len(), 3, "{segments:?}");
    assert!(segments.iter().all(|id| id.parse::<u64>().is_ok()), "{segments:?}");
    let before = find(&engine, "How hot is the kiln?");
    drop(engine);
    let engine = harness.open();
    assert_eq!(find(&engine, "How hot is the kiln?"), before);
    add(&engine, text_file("new.txt", "The glaze is blue."));
    assert_eq!(names(&engine), ["bees.html", "kiln.md", "tale.txt", "new.txt"]);
}

#[test]
fn a_first_layout_of_another_embedder_is_refused_and_unchanged() {
    let harness = harness_with(FIRST_LAYOUT, 64);
    let before = harness.records.all();
    let error = pollster::block_on(harness.try_open(&Task::default())).unwrap_err();
    assert_eq!(error.code(), "embedder_mismatch");
    assert_eq!(harness.records.all(), before);
}

/// Each kind of record, as a version that does not exist yet.
#[test]
fn records_of_a_newer_version_are_refused_by_name_and_nothing_changes() {
    for (key, record) in RECORDS_V1.iter().filter(|(key, _)| *key != WRITER_KEY) {
        let harness = harness_with(RECORDS_V1, 32);
        harness.records.put(key, with_version(record, 9));
        let before = harness.records.all();
        let used = pollster::block_on(async {
            let engine = harness.try_open(&Task::default()).await?;
            engine.resume(&Task::default()).await?;
            for document in engine.documents().await? {
                engine.document(&document.info.id.to_string()).await?;
            }
            Ok::<_, multimodal_rag::Error>(())
        });
        // The embedder is named a second time only for the case that the manifest is lost.
        if *key == "embedder" {
            used.unwrap();
            continue;
        }
        let code = used.err().map(|error| error.code());
        assert_eq!(code, Some("record_too_new"), "{key}");
        if !key.starts_with("document/") {
            assert!(harness.records.all() == before, "{key}");
        }
    }
}

#[test]
fn an_export_of_a_newer_version_is_refused_and_the_store_stays_empty() {
    let mut newer = EXPORT_V1.to_vec();
    newer[4] = 2;
    let (harness, store) = (Harness::with_max_tokens(32), MemoryStore::new());
    let task = Task::default();
    let imported = Engine::import(&newer, &store, None, &*harness.runtime, &task);
    let error = pollster::block_on(imported).unwrap_err();
    assert_eq!(error.code(), "record_too_new");
    assert!(error.to_string().contains("newer version"), "{error}");
    assert!(pollster::block_on(multimodal_rag::Store::keys(&store, "")).unwrap().is_empty());
}
