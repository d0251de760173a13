//! Knowledge bases that earlier versions stored open, answer and export.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::collections::BTreeMap;

use multimodal_rag::{Engine, MemoryStore, Task};

use crate::harness::{Harness, add, documents, find, many_sentences, names, text_file};
use crate::history::export;
use crate::record::with_version;
use crate::records::{
    EXPORT_V1, EXPORT_V2, EXPORT_V3, FIRST_LAYOUT, RECORDS_V1, RECORDS_V2, Record,
};

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
    assert!((first.2 - 4.431_992).abs() < 1e-5, "{first:?}");
    let copy = import(&export(&engine));
    assert_eq!(names(&copy), NAMES_V1);
    assert_eq!(&find(&copy, "Which queen wore a crown?")[0], first);
}

/// The names that `records-v2` has: a container, whose members follow it, and the files that
/// every history has.
const NAMES_V2: [&str; 12] = [
    "bread.txt",
    "ships.txt",
    "0.txt",
    "2.txt",
    "3.txt",
    "4.txt",
    "5.txt",
    "6.txt",
    "lighthouse.md",
    "mail.box",
    "letter.txt",
    "inner.box/well.txt",
];
const MAIL_V2: &str = "{\"text\":\"The steward writes.\",\"members\":[[\"letter.txt\",\"The cook bakes honey cakes.\"],[\"inner.box\",{\"text\":\"\",\"members\":[[\"well.txt\",\"The well is forty metres deep.\"]]}]]}";

/// Bytes of a document's file.
fn original(engine: &Engine, name: &str) -> Vec<u8> {
    let listed = documents(engine);
    let id = listed.iter().find(|document| document.info.name == name).unwrap().info.id.to_string();
    let mut bytes = Vec::new();
    let mut write = |piece: &[u8]| {
        bytes.extend(piece);
        Ok(())
    };
    let task = Task::default();
    pollster::block_on(engine.original(&id, None, &mut write, &task)).unwrap();
    bytes
}

#[test]
fn records_of_version_2_open_answer_and_export() {
    let harness = harness_with(RECORDS_V2, 32);
    let (engine, _) = crate::box_reader::open(&harness);
    assert!(engine.damaged().is_empty());
    assert_eq!(names(&engine), NAMES_V2);
    assert_eq!(find(&engine, "How deep is the well?")[0].0, "inner.box/well.txt");
    assert_eq!(original(&engine, "mail.box"), MAIL_V2.as_bytes());
    assert_eq!(original(&engine, "inner.box/well.txt"), b"The well is forty metres deep.");
    assert_eq!(names(&import(&export(&engine))), NAMES_V2);
    assert_eq!(names(&import(EXPORT_V2)), NAMES_V2);
}

#[test]
fn a_document_of_version_3_has_its_picture_and_where_its_words_stand() {
    let engine = import(EXPORT_V3);
    assert!(engine.damaged().is_empty());
    let task = Task::default();
    let asked = engine.search("What does not answer?", 1, None, &task);
    let passages = pollster::block_on(asked).unwrap();
    let document = &passages[0].document.document;
    assert_eq!(passages[0].text(), "The gate sensor does not answer.");
    let place = document.place(passages[0].span).unwrap();
    assert_eq!((place.area.map(|area| area.top), place.sureness), (Some(4000), Some(90)));
    assert!(!document.pictures[0].thumbnail.is_empty());
}

#[test]
fn a_job_and_a_queued_file_of_version_2_are_added() {
    let harness = harness_with(RECORDS_V2, 32);
    let engine = harness.open();
    let resumed = pollster::block_on(engine.resume(&Task::default())).unwrap();
    assert_eq!(resumed.len(), 1);
    assert_eq!(original(&engine, "many.txt"), many_sentences(90).as_bytes());
    let queued = pollster::block_on(engine.queued()).unwrap();
    assert_eq!(queued[0].name, "waiting.txt");
    pollster::block_on(engine.add_queued(queued[0].number, &Task::default())).unwrap();
    assert_eq!(original(&engine, "waiting.txt"), b"This file waits.");
    let begun = ["job/", "queued/"];
    let is_begun = |key: &String| begun.iter().any(|prefix| key.starts_with(prefix));
    assert!(!harness.records.keys().iter().any(is_begun));
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
    let engine = import(EXPORT_V1);
    assert_eq!(names(&engine), NAMES_V1);
    assert!(find(&engine, "Which queen wore a crown?")[0].0.ends_with(".txt"));
}

/// An engine over what an export holds.
fn import(file: &[u8]) -> Engine {
    let (harness, store) = (Harness::with_max_tokens(32), MemoryStore::new());
    let (runtime, embedder) = (harness.runtime.clone(), harness.embedder.clone());
    pollster::block_on(async {
        let (file, task) = (file.to_vec(), Task::default());
        Engine::import(&file, &store, Some(&embedder), &*runtime, &task).await.unwrap();
        let store = Box::new(store);
        Engine::open(store, runtime.clone(), embedder.clone(), None, &task).await.unwrap()
    })
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
