//! Records that are damaged, missing or exchanged. The engine derives them again where it can,
//! reports them where it cannot, and never finds anything in a damaged record.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::collections::BTreeMap;

use multimodal_rag::Task;

use crate::harness::{
    BREAD, BREAD_QUESTION, Fault, Harness, LIGHTHOUSE, LIGHTHOUSE_QUESTION, add, ask, documents,
    embedder, find, names, sources, text_file,
};

type Records = BTreeMap<String, Vec<u8>>;

/// A record with every kind of damage: missing, empty, cut short, with single bits flipped,
/// and replaced by each other record.
fn damaged_versions(records: &Records, key: &str) -> Vec<Option<Vec<u8>>> {
    let record = &records[key];
    let flipped = |at: usize| {
        let mut record = record.clone();
        record[at] ^= 0x10;
        record
    };
    let others =
        records.iter().filter(|(other, _)| *other != key).map(|(_, record)| record.clone());
    let mut versions = vec![None, Some(Vec::new()), Some(record[..record.len() - 1].to_vec())];
    versions.extend((0..record.len()).step_by(29).map(|at| Some(flipped(at))));
    versions.extend(others.map(Some));
    versions
}

/// Calls `check` for each damaged version of each record whose key begins with `prefix`.
fn for_each_damage(prefix: &str, check: impl Fn(&Harness, &str)) {
    let (harness, engine) = Harness::with_files();
    drop(engine);
    let records = harness.records.all();
    for key in records.keys().filter(|key| key.starts_with(prefix)) {
        for version in damaged_versions(&records, key) {
            match version {
                None => harness.records.delete(key),
                Some(record) => harness.records.put(key, record),
            }
            check(&harness, key);
            harness.records.set_all(&records);
        }
    }
}

#[test]
fn a_damaged_segment_is_derived_again_from_its_documents() {
    let (_, whole) = Harness::with_files();
    let expected = [LIGHTHOUSE_QUESTION, BREAD_QUESTION].map(|question| find(&whole, question));
    for_each_damage("segment/", |harness, key| {
        for _ in 0..2 {
            let engine = harness.open();
            assert_eq!(engine.damaged(), [], "{key}");
            assert_eq!(names(&engine), [LIGHTHOUSE.name, BREAD.name], "{key}");
            let now = [LIGHTHOUSE_QUESTION, BREAD_QUESTION].map(|question| find(&engine, question));
            assert_eq!(now, expected, "{key}");
        }
        let segments = harness.records.keys().into_iter().filter(|key| key.starts_with("segment/"));
        assert_eq!(segments.count(), 2, "the damaged one is gone");
    });
}

#[test]
fn a_damaged_manifest_is_derived_again_from_the_segments() {
    let (harness, engine) = Harness::with_files();
    let light = documents(&engine)[0].info.id.to_string();
    pollster::block_on(engine.remove(&light)).unwrap();
    add(&engine, LIGHTHOUSE);
    let expected = find(&engine, LIGHTHOUSE_QUESTION);
    drop(engine);
    let records = harness.records.all();
    for version in damaged_versions(&records, "knowledge-base") {
        match version {
            None => harness.records.delete("knowledge-base"),
            Some(record) => harness.records.put("knowledge-base", record),
        }
        let engine = harness.open();
        assert_eq!((engine.damaged(), names(&engine).len()), (vec![], 2));
        assert_eq!(find(&engine, LIGHTHOUSE_QUESTION), expected);
        let repaired = harness.records.all();
        assert_ne!(repaired["knowledge-base"], records["knowledge-base"], "it counts on");
        assert_eq!(find(&harness.open(), LIGHTHOUSE_QUESTION), expected);
        assert_eq!(harness.records.all(), repaired, "once is enough");
        // The engine can still change it.
        pollster::block_on(engine.remove(&light)).unwrap();
        assert_eq!(names(&harness.open()), [BREAD.name]);
        harness.records.set_all(&records);
    }
}

#[test]
fn a_damaged_manifest_is_derived_again_although_the_store_is_full() {
    let (harness, engine) = Harness::with_files();
    let expected = find(&engine, LIGHTHOUSE_QUESTION);
    let light = documents(&engine)[0].info.id;
    drop(engine);
    harness.records.put("knowledge-base", b"damage".to_vec());
    let damaged = harness.records.all();
    harness.records.set_full(true);
    let engine = harness.open();
    assert_eq!(find(&engine, LIGHTHOUSE_QUESTION), expected);
    assert_eq!(harness.records.all(), damaged);
    // Every open derives it again. A document that was damaged in the meantime is reported.
    harness.records.put(&format!("document/{light}"), b"damage".to_vec());
    drop(engine);
    let engine = harness.open();
    assert!(find(&engine, LIGHTHOUSE_QUESTION).iter().all(|(name, ..)| name == BREAD.name));
    assert_eq!(engine.damaged()[0].id, light);
    harness.records.set_full(false);
    pollster::block_on(engine.remove(&light.to_string())).unwrap();
    assert_eq!(names(&harness.open()), [BREAD.name]);
}

#[test]
fn a_manifest_that_another_tab_wrote_replaces_a_derived_one() {
    let (harness, engine) = Harness::with_files();
    drop(engine);
    let manifest = harness.records.get("knowledge-base").unwrap();
    harness.records.delete("knowledge-base");
    harness.records.set_full(true);
    let derived = harness.open();
    // As if it had been written just now.
    harness.records.set_full(false);
    harness.records.put("knowledge-base", manifest);
    let other = harness.open();
    add(&other, text_file("bell.txt", "The bell rings when fog comes."));
    assert_eq!(names(&derived), [LIGHTHOUSE.name, BREAD.name, "bell.txt"]);
    add(&derived, text_file("fog.txt", "The fog comes in the morning."));
    assert_eq!(names(&harness.open()), [LIGHTHOUSE.name, BREAD.name, "bell.txt", "fog.txt"]);
}

#[test]
fn an_interrupted_repair_is_completed_by_the_next_open() {
    let (harness, engine) = Harness::with_files();
    let expected = [LIGHTHOUSE_QUESTION, BREAD_QUESTION].map(|question| find(&engine, question));
    drop(engine);
    harness.records.put("knowledge-base", b"damage".to_vec());
    let segment = harness.records.keys().into_iter().find(|key| key.starts_with("segment/"));
    harness.records.put(&segment.unwrap(), b"damage".to_vec());
    let damaged = harness.records.all();
    for fault in [Fault::Fails, Fault::Dies, Fault::WritesAndDies] {
        for operations in 0.. {
            harness.records.set_all(&damaged);
            harness.records.set_fault(operations, fault);
            let opened = pollster::block_on(harness.try_open(&Task::default()));
            let reached = harness.records.clear_fault();
            drop(opened);
            let engine = harness.open();
            assert_eq!(engine.damaged(), [], "{fault:?} after {operations}");
            let now = [LIGHTHOUSE_QUESTION, BREAD_QUESTION].map(|question| find(&engine, question));
            assert_eq!(now, expected, "{fault:?} after {operations}");
            if !reached {
                assert!(operations > 8, "{operations}");
                break;
            }
        }
    }
}

#[test]
fn the_embedder_is_known_even_if_the_manifest_is_lost() {
    let (harness, engine) = Harness::with_files();
    drop(engine);
    harness.records.put("knowledge-base", b"damage".to_vec());
    let other =
        Harness { embedder: embedder(64), records: harness.records.clone(), ..Harness::new() };
    let error = pollster::block_on(other.try_open(&Task::default())).err().unwrap();
    assert_eq!(error.code(), "embedder_mismatch");
    harness.records.put("embedder", b"damage".to_vec());
    let error = pollster::block_on(harness.try_open(&Task::default())).err().unwrap();
    assert_eq!(error.code(), "corrupt_storage");
    // If no record names the embedder, opening writes none.
    harness.records.delete("embedder");
    let lost = harness.records.all();
    pollster::block_on(other.try_open(&Task::default())).unwrap();
    assert_eq!(harness.records.all(), lost);
}

#[test]
fn a_damaged_document_is_reported_and_left_out_and_can_be_removed() {
    for_each_damage("document/", |harness, key| {
        let engine = harness.open();
        let (name, question) = if key.ends_with(&id_of(LIGHTHOUSE.name)) {
            (LIGHTHOUSE.name, LIGHTHOUSE_QUESTION)
        } else {
            (BREAD.name, BREAD_QUESTION)
        };
        assert!(!sources(&ask(&engine, question)).contains(&name.to_owned()), "{key}");
        let damaged = engine.damaged();
        assert_eq!(damaged.len(), 1, "{key}");
        assert_eq!(key, format!("document/{}", damaged[0].id));
        assert_eq!(damaged[0].error.code(), "corrupt_storage");
        assert_eq!(names(&engine).len(), 1);
        pollster::block_on(engine.remove(&damaged[0].id.to_string())).unwrap();
        assert_eq!(engine.damaged(), []);
        assert!(!harness.records.keys().contains(&key.to_owned()));
        assert_eq!((harness.open().damaged(), names(&harness.open()).len()), (vec![], 1));
    });
}

#[test]
fn a_damaged_document_is_reported_if_the_manifest_is_damaged_too() {
    let (harness, engine) = Harness::with_files();
    let light = documents(&engine)[0].info.id;
    drop(engine);
    harness.records.put("knowledge-base", b"damage".to_vec());
    harness.records.put(&format!("document/{light}"), b"damage".to_vec());
    let engine = harness.open();
    assert!(find(&engine, LIGHTHOUSE_QUESTION).iter().all(|(name, ..)| name == BREAD.name));
    assert_eq!(engine.damaged()[0].id, light);
}

/// The id of the file of this name.
fn id_of(name: &str) -> String {
    let (_, engine) = Harness::with_files();
    let all = documents(&engine);
    all.iter().find(|document| document.info.name == name).unwrap().info.id.to_string()
}

#[test]
fn a_damaged_document_can_be_added_again() {
    let (harness, engine) = Harness::with_files();
    let light = documents(&engine)[0].info.id.to_string();
    drop(engine);
    harness.records.put(&format!("document/{light}"), b"damage".to_vec());
    let engine = harness.open();
    ask(&engine, LIGHTHOUSE_QUESTION);
    assert_eq!(engine.damaged().len(), 1);
    assert!(!add(&engine, LIGHTHOUSE).already_added);
    assert_eq!(engine.damaged(), []);
    assert!(sources(&ask(&engine, LIGHTHOUSE_QUESTION)).contains(&LIGHTHOUSE.name.to_owned()));
    drop(engine);
    let engine = harness.open();
    assert!(sources(&ask(&engine, LIGHTHOUSE_QUESTION)).contains(&LIGHTHOUSE.name.to_owned()));
    assert_eq!(engine.damaged(), []);
}

#[test]
fn a_damaged_document_that_another_tab_adds_again_is_found_in_all_tabs() {
    let (harness, engine) = Harness::with_files();
    drop(engine);
    let key = format!("document/{}", id_of(LIGHTHOUSE.name));
    harness.records.put(&key, Vec::new());
    let (one, two) = (harness.open(), harness.open());
    for engine in [&one, &two] {
        ask(engine, LIGHTHOUSE_QUESTION);
        assert_eq!(engine.damaged().len(), 1);
    }
    add(&two, LIGHTHOUSE);
    add(&one, text_file("new.txt", "A new text."));
    for engine in [one, two, harness.open()] {
        assert!(sources(&ask(&engine, LIGHTHOUSE_QUESTION)).contains(&LIGHTHOUSE.name.to_owned()));
        assert_eq!((names(&engine).len(), engine.damaged()), (3, Vec::new()));
    }
}

#[test]
fn the_next_change_removes_a_segment_with_only_damaged_documents() {
    let (harness, engine) = Harness::with_files();
    let key = format!("document/{}", documents(&engine)[0].info.id);
    drop(engine);
    harness.records.put(&key, Vec::new());
    let engine = harness.open();
    ask(&engine, LIGHTHOUSE_QUESTION);
    assert_eq!(names(&engine), [BREAD.name]);
    add(&engine, text_file("new.txt", "A new text."));
    let keys = harness.records.keys();
    assert_eq!(keys.iter().filter(|key| key.starts_with("segment/")).count(), 2, "{keys:?}");
}

/// An engine whose document about the lighthouse is damaged, and this document's id.
fn with_damaged_lighthouse() -> (Harness, String) {
    let (harness, engine) = Harness::with_files();
    let light = documents(&engine)[0].info.id.to_string();
    drop(engine);
    harness.records.put(&format!("document/{light}"), b"damage".to_vec());
    (harness, light)
}

#[test]
fn a_question_about_whole_documents_leaves_out_a_damaged_one() {
    let (harness, light) = with_damaged_lighthouse();
    let engine = harness.open();
    assert!(sources(&ask(&engine, "Summarize the documents.")).iter().all(|it| it == BREAD.name));
    assert_eq!(engine.damaged()[0].id.to_string(), light);
}

#[test]
fn a_document_that_a_condition_leaves_out_is_not_read() {
    let (harness, _) = with_damaged_lighthouse();
    let engine = harness.open();
    let question = format!("{LIGHTHOUSE_QUESTION} name:{}", BREAD.name);
    assert!(find(&engine, &question).iter().all(|(name, ..)| name == BREAD.name));
    assert_eq!(engine.damaged(), []);
}
