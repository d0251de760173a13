//! Opening a knowledge base again.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{Engine, Progress, Stage, Task};

use crate::harness::{
    BREAD, BREAD_QUESTION, Harness, LIGHTHOUSE, LIGHTHOUSE_QUESTION, add, documents, embedder,
    find, recording_task,
};

fn reopen(harness: &Harness) -> (Engine, Vec<Progress>) {
    let (task, seen) = recording_task();
    let engine = pollster::block_on(harness.try_open(&task)).unwrap();
    let seen = seen.borrow().clone();
    (engine, seen)
}

#[test]
fn a_reopened_knowledge_base_gives_the_same_answers_and_embeds_nothing_again() {
    let (harness, engine) = Harness::with_files();
    let before = [LIGHTHOUSE_QUESTION, BREAD_QUESTION].map(|question| find(&engine, question));
    let before_documents = documents(&engine);
    let records = harness.records.all();
    drop(engine);
    let (engine, seen) = reopen(&harness);
    assert!(!seen.is_empty() && seen.iter().all(|progress| progress.stage == Stage::Load));
    assert_eq!((seen[1].done, seen[1].total, seen[1].unit), (2, 2, "segments"));
    assert_eq!(
        [LIGHTHOUSE_QUESTION, BREAD_QUESTION].map(|question| find(&engine, question)),
        before
    );
    for (now, then) in documents(&engine).iter().zip(&before_documents) {
        assert_eq!((&now.info, now.chunks), (&then.info, then.chunks));
    }
    assert!(harness.records.all() == records);
    assert!(add(&engine, LIGHTHOUSE).already_added);
    assert_eq!(engine.damaged(), []);
}

#[test]
fn another_embedder_is_refused_and_no_record_changes() {
    let (harness, engine) = Harness::with_files();
    drop(engine);
    let records = harness.records.all();
    let other =
        Harness { embedder: embedder(64), records: harness.records.clone(), ..Harness::new() };
    let error = pollster::block_on(other.try_open(&Task::default())).err().unwrap();
    assert_eq!(error.code(), "embedder_mismatch");
    for embedder in [&harness.embedder, &other.embedder] {
        assert!(error.to_string().contains(&embedder.fingerprint().to_string()), "{error}");
    }
    assert!(harness.records.all() == records);
    assert_eq!(documents(&harness.open()).len(), 2);
}

#[test]
fn a_new_knowledge_base_writes_no_record_before_the_first_add() {
    let harness = Harness::new();
    let engine = harness.open();
    assert_eq!(documents(&engine).len(), 0);
    assert_eq!(engine.chunk_count(), 0);
    assert_eq!(harness.records.keys(), [""; 0]);
    add(&engine, BREAD);
    assert!(harness.records.keys().contains(&"knowledge-base".to_owned()));
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn a_knowledge_base_in_a_directory_can_be_reopened() {
    use multimodal_rag::DirectoryStore;

    let name = format!("multimodal-rag-engine-{}", std::process::id());
    let directory = std::env::temp_dir().join(name);
    let harness = Harness::new();
    let open = || {
        let store = Box::new(DirectoryStore::open(&directory).unwrap());
        let (runtime, embedder, task) =
            (harness.runtime.clone(), harness.embedder.clone(), Task::default());
        pollster::block_on(Engine::open(store, runtime, embedder, None, &task)).unwrap()
    };
    let engine = open();
    let light = add(&engine, LIGHTHOUSE).info.id.to_string();
    add(&engine, BREAD);
    let before = find(&engine, LIGHTHOUSE_QUESTION);
    drop(engine);
    let engine = open();
    assert_eq!(find(&engine, LIGHTHOUSE_QUESTION), before);
    pollster::block_on(engine.remove(&light)).unwrap();
    drop(engine);
    let engine = open();
    assert!(find(&engine, LIGHTHOUSE_QUESTION).iter().all(|(name, ..)| name == BREAD.name));
    drop(engine);
    std::fs::remove_dir_all(&directory).unwrap();
}
