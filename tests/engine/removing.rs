//! Removing documents.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::world::{
    BREAD, BREAD_QUESTION, LIGHT, LIGHT_QUESTION, World, add, ask, documents, sources, try_ask,
};

#[test]
fn a_removed_document_is_never_found_or_cited_and_its_records_are_gone() {
    let world = World::new();
    let engine = world.open();
    let bread = add(&engine, BREAD).info.id.to_string();
    let without_light = world.records.keys();
    let light = add(&engine, LIGHT).info.id.to_string();
    assert!(sources(&ask(&engine, LIGHT_QUESTION)).contains(&LIGHT.name.to_owned()));

    pollster::block_on(engine.remove(&light)).unwrap();
    let changed = world.records.all().keys().cloned().collect::<Vec<_>>();
    assert_eq!(changed, without_light);
    for question in [LIGHT_QUESTION, BREAD_QUESTION, "tower harbour ferry"] {
        assert!(!sources(&ask(&engine, question)).contains(&LIGHT.name.to_owned()));
    }
    assert_eq!(documents(&engine).len(), 1);
    assert_eq!(
        pollster::block_on(engine.document(&light)).unwrap_err().code(),
        "document_not_found"
    );
    drop(engine);
    let engine = world.open();
    assert!(!sources(&ask(&engine, LIGHT_QUESTION)).contains(&LIGHT.name.to_owned()));

    pollster::block_on(engine.remove(&bread)).unwrap();
    assert_eq!(engine.chunk_count(), 0);
    let error = try_ask(&engine, LIGHT_QUESTION, &Default::default()).unwrap_err();
    assert_eq!(error.code(), "empty_knowledge_base");
    assert_eq!(world.records.keys(), ["embedder", "knowledge-base"]);
}

#[test]
fn a_removed_document_can_be_added_again() {
    let (world, engine) = World::with_files();
    let light = documents(&engine)[0].info.id.to_string();
    let before = world.records.keys();
    pollster::block_on(engine.remove(&light)).unwrap();
    let again = add(&engine, LIGHT);
    assert!(!again.already_added);
    assert_eq!(again.info.id.to_string(), light);
    assert!(sources(&ask(&engine, LIGHT_QUESTION)).contains(&LIGHT.name.to_owned()));
    let names = |keys: Vec<String>| keys.iter().filter(|key| !key.contains("segment")).count();
    assert_eq!(names(world.records.keys()), names(before));
    // It is now the last one added.
    let names: Vec<String> = documents(&engine).iter().map(|d| d.info.name.clone()).collect();
    assert_eq!(names, [BREAD.name, LIGHT.name]);
}

#[test]
fn an_id_that_names_no_document_is_said_to_name_none() {
    let (world, engine) = World::with_files();
    let before = world.records.all();
    let unknown = "0123456789abcdef0123456789abcdef";
    for id in ["", "x", unknown, "é23456789abcdef0123456789abcde", "knowledge-base"] {
        assert_eq!(pollster::block_on(engine.remove(id)).unwrap_err().code(), "document_not_found");
        assert_eq!(
            pollster::block_on(engine.document(id)).unwrap_err().code(),
            "document_not_found"
        );
    }
    assert!(world.records.all() == before);
}
