//! Removing documents.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::harness::{
    BREAD, BREAD_QUESTION, Harness, LIGHTHOUSE, LIGHTHOUSE_QUESTION, add, ask, documents, sources,
    try_ask,
};

#[test]
fn a_removed_document_is_never_found_or_cited_and_its_records_are_gone() {
    let harness = Harness::new();
    let engine = harness.open();
    let bread = add(&engine, BREAD).info.id.to_string();
    let without_light = harness.records.keys();
    let light = add(&engine, LIGHTHOUSE).info.id.to_string();
    assert!(sources(&ask(&engine, LIGHTHOUSE_QUESTION)).contains(&LIGHTHOUSE.name.to_owned()));

    pollster::block_on(engine.remove(&light)).unwrap();
    let changed = harness.records.all().keys().cloned().collect::<Vec<_>>();
    assert_eq!(changed, without_light);
    for question in [LIGHTHOUSE_QUESTION, BREAD_QUESTION, "tower harbour ferry"] {
        assert!(!sources(&ask(&engine, question)).contains(&LIGHTHOUSE.name.to_owned()));
    }
    assert_eq!(documents(&engine).len(), 1);
    assert_eq!(
        pollster::block_on(engine.document(&light)).unwrap_err().code(),
        "document_not_found"
    );
    drop(engine);
    let engine = harness.open();
    assert!(!sources(&ask(&engine, LIGHTHOUSE_QUESTION)).contains(&LIGHTHOUSE.name.to_owned()));

    pollster::block_on(engine.remove(&bread)).unwrap();
    assert_eq!(engine.chunk_count(), 0);
    let error = try_ask(&engine, LIGHTHOUSE_QUESTION, &Default::default()).unwrap_err();
    assert_eq!(error.code(), "empty_knowledge_base");
    assert_eq!(harness.records.keys(), ["embedder", "knowledge-base"]);
}

#[test]
fn a_removed_document_can_be_added_again() {
    let (harness, engine) = Harness::with_files();
    let light = documents(&engine)[0].info.id.to_string();
    let before = harness.records.keys();
    pollster::block_on(engine.remove(&light)).unwrap();
    let again = add(&engine, LIGHTHOUSE);
    assert!(!again.already_added);
    assert_eq!(again.info.id.to_string(), light);
    assert!(sources(&ask(&engine, LIGHTHOUSE_QUESTION)).contains(&LIGHTHOUSE.name.to_owned()));
    let names = |keys: Vec<String>| keys.iter().filter(|key| !key.contains("segment")).count();
    assert_eq!(names(harness.records.keys()), names(before));
    // It is now the last one added.
    let names: Vec<String> = documents(&engine).iter().map(|d| d.info.name.clone()).collect();
    assert_eq!(names, [BREAD.name, LIGHTHOUSE.name]);
}

#[test]
fn an_unknown_id_is_not_found() {
    let (harness, engine) = Harness::with_files();
    let before = harness.records.all();
    let unknown = "0123456789abcdef0123456789abcdef";
    for id in ["", "x", unknown, "é23456789abcdef0123456789abcde", "knowledge-base"] {
        assert_eq!(pollster::block_on(engine.remove(id)).unwrap_err().code(), "document_not_found");
        assert_eq!(
            pollster::block_on(engine.document(id)).unwrap_err().code(),
            "document_not_found"
        );
    }
    assert!(harness.records.all() == before);
}
