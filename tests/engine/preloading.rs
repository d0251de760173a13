//! Preloading: reading a knowledge base before its embedder is loaded.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{Engine, Preload, Result, Task};

use crate::harness::{
    BREAD, BREAD_QUESTION, Harness, LIGHTHOUSE, LIGHTHOUSE_QUESTION, add, find, names,
    recording_task, text_file,
};

fn preload(harness: &Harness) -> Preload {
    let store = harness.store();
    pollster::block_on(Preload::of(&*store, &*harness.runtime, &Task::default()))
}

fn open(harness: &Harness, preload: Preload, task: &Task) -> Result<Engine> {
    let (runtime, embedder) = (harness.runtime.clone(), harness.embedder.clone());
    pollster::block_on(Engine::open_preloaded(
        harness.store(),
        preload,
        runtime,
        embedder,
        None,
        task,
    ))
}

/// Documents, passages and damage of an engine, or the error.
fn observe(opened: Result<Engine>) -> impl PartialEq + std::fmt::Debug {
    let engine = opened.map_err(|error| error.to_string())?;
    let answers = [LIGHTHOUSE_QUESTION, BREAD_QUESTION].map(|question| find(&engine, question));
    Ok::<_, String>((names(&engine), answers, engine.damaged()))
}

#[test]
fn preloaded_segments_are_not_read_again() {
    let (harness, engine) = Harness::with_files();
    let before = observe(Ok(engine));
    let (task, progress) = recording_task();
    let engine = open(&harness, preload(&harness), &task);
    assert_eq!(progress.borrow().len(), 0);
    assert_eq!(observe(engine), before);
}

#[test]
fn records_that_changed_after_preloading_are_read_again() {
    let harness = Harness::new();
    let engine = harness.open();
    let light = add(&engine, LIGHTHOUSE).info.id.to_string();
    add(&engine, text_file("tides.txt", "Tides follow the moon."));
    let preload = preload(&harness);
    add(&engine, BREAD);
    pollster::block_on(engine.remove(&light)).unwrap();
    let opened = open(&harness, preload, &Task::default());
    assert_eq!(observe(opened), observe(Ok(engine)));
}

#[test]
fn damage_is_found_and_repaired_with_and_without_preloading() {
    let (harness, _) = Harness::with_files();
    let whole = harness.records.all();
    for key in whole.keys() {
        for is_lost in [true, false] {
            let mut records = whole.clone();
            match records.get_mut(key) {
                Some(record) if !is_lost => *record.last_mut().unwrap() ^= 1,
                _ => drop(records.remove(key)),
            }
            let opened = [false, true].map(|is_preloaded| {
                harness.records.set_all(&records);
                let preload = if is_preloaded { preload(&harness) } else { Preload::default() };
                observe(open(&harness, preload, &Task::default()))
            });
            assert_eq!(opened[0], opened[1], "{key}, lost: {is_lost}");
        }
    }
}

#[test]
fn segments_are_derived_from_documents_if_all_other_records_are_lost_after_preloading() {
    let (harness, engine) = Harness::with_files();
    let before = observe(Ok(engine));
    let mut records = harness.records.all();
    records.retain(|key, _| key.starts_with("document/"));
    harness.records.set_all(&records);
    assert_eq!(observe(open(&harness, preload(&harness), &Task::default())), before);
}
