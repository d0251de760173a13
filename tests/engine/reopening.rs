//! What is found again when a knowledge base is opened, whole or damaged.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{Engine, Progress, Stage, Task};

use crate::world::{
    BREAD, BREAD_QUESTION, LIGHT, LIGHT_QUESTION, World, add, documents, embedder, found, watched,
};

fn reopen(world: &World) -> (Engine, Vec<Progress>) {
    let (task, seen) = watched();
    let engine = pollster::block_on(world.try_open(&task)).unwrap();
    let seen = seen.borrow().clone();
    (engine, seen)
}

#[test]
fn a_knowledge_base_reopened_answers_the_same_and_embeds_nothing_again() {
    let (world, engine) = World::with_files();
    let before = [LIGHT_QUESTION, BREAD_QUESTION].map(|question| found(&engine, question));
    let before_documents = documents(&engine);
    let records = world.records.all();
    drop(engine);
    let (engine, seen) = reopen(&world);
    assert!(!seen.is_empty() && seen.iter().all(|progress| progress.stage == Stage::Load));
    assert_eq!((seen[1].done, seen[1].total, seen[1].unit), (2, 2, "segments"));
    assert_eq!([LIGHT_QUESTION, BREAD_QUESTION].map(|question| found(&engine, question)), before);
    for (now, then) in documents(&engine).iter().zip(&before_documents) {
        assert_eq!((&now.info, now.chunks), (&then.info, then.chunks));
    }
    assert!(world.records.all() == records);
    assert!(add(&engine, LIGHT).already_added);
    assert_eq!(engine.damaged(), []);
}

#[test]
fn another_embedder_is_refused_and_nothing_changes() {
    let (world, engine) = World::with_files();
    drop(engine);
    let records = world.records.all();
    let other = World { embedder: embedder(64), records: world.records.clone(), ..World::new() };
    let error = pollster::block_on(other.try_open(&Task::default())).err().unwrap();
    assert_eq!(error.code(), "embedder_mismatch");
    for embedder in [&world.embedder, &other.embedder] {
        assert!(error.to_string().contains(&embedder.fingerprint().to_string()), "{error}");
    }
    assert!(world.records.all() == records);
    assert_eq!(documents(&world.open()).len(), 2);
}

#[test]
fn a_new_knowledge_base_is_bound_to_no_embedder_until_something_is_added() {
    let world = World::new();
    let engine = world.open();
    assert_eq!(documents(&engine).len(), 0);
    assert_eq!(engine.chunk_count(), 0);
    assert_eq!(world.records.keys(), [""; 0]);
    add(&engine, BREAD);
    assert!(world.records.keys().contains(&"knowledge-base".to_owned()));
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn a_knowledge_base_in_a_directory_outlives_its_engine() {
    use multimodal_rag::DirectoryStore;

    let name = format!("multimodal-rag-engine-{}", std::process::id());
    let directory = std::env::temp_dir().join(name);
    let world = World::new();
    let open = || {
        let store = Box::new(DirectoryStore::open(&directory).unwrap());
        let (runtime, embedder, task) =
            (world.runtime.clone(), world.embedder.clone(), Task::default());
        pollster::block_on(Engine::open(store, runtime, embedder, None, &task)).unwrap()
    };
    let engine = open();
    let light = add(&engine, LIGHT).info.id.to_string();
    add(&engine, BREAD);
    let before = found(&engine, LIGHT_QUESTION);
    drop(engine);
    let engine = open();
    assert_eq!(found(&engine, LIGHT_QUESTION), before);
    pollster::block_on(engine.remove(&light)).unwrap();
    drop(engine);
    let engine = open();
    assert!(found(&engine, LIGHT_QUESTION).iter().all(|(name, ..)| name == BREAD.name));
    drop(engine);
    std::fs::remove_dir_all(&directory).unwrap();
}
