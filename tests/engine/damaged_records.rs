//! Records that are damaged, missing or exchanged: what can be derived again is, what
//! cannot is reported, and nothing that was made of damage is ever found.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::collections::BTreeMap;

use multimodal_rag::Task;

use crate::world::{
    BREAD, BREAD_QUESTION, Fault, LIGHT, LIGHT_QUESTION, World, add, ask, documents, embedder,
    found, names, sources, text_file,
};

type Records = BTreeMap<String, Vec<u8>>;

/// Every kind of damage to a record: missing, cut, empty, bits flipped here and there, and
/// another record in its place.
fn damages(records: &Records, key: &str) -> Vec<Option<Vec<u8>>> {
    let record = &records[key];
    let flipped = |at: usize| {
        let mut record = record.clone();
        record[at] ^= 0x10;
        record
    };
    let others =
        records.iter().filter(|(other, _)| *other != key).map(|(_, record)| record.clone());
    let mut damages = vec![None, Some(Vec::new()), Some(record[..record.len() - 1].to_vec())];
    damages.extend((0..record.len()).step_by(29).map(|at| Some(flipped(at))));
    damages.extend(others.map(Some));
    damages
}

/// Does `check` for each damage to each record whose key begins with `prefix`.
fn for_each_damage(prefix: &str, check: impl Fn(&World, &str)) {
    let (world, engine) = World::with_files();
    drop(engine);
    let records = world.records.all();
    for key in records.keys().filter(|key| key.starts_with(prefix)) {
        for damage in damages(&records, key) {
            match damage {
                None => world.records.delete(key),
                Some(record) => world.records.put(key, record),
            }
            check(&world, key);
            world.records.set_all(&records);
        }
    }
}

#[test]
fn a_damaged_segment_is_derived_again_from_its_documents() {
    let (_, whole) = World::with_files();
    let expected = [LIGHT_QUESTION, BREAD_QUESTION].map(|question| found(&whole, question));
    for_each_damage("segment/", |world, key| {
        for _ in 0..2 {
            let engine = world.open();
            assert_eq!(engine.damaged(), [], "{key}");
            assert_eq!(names(&engine), [LIGHT.name, BREAD.name], "{key}");
            let now = [LIGHT_QUESTION, BREAD_QUESTION].map(|question| found(&engine, question));
            assert_eq!(now, expected, "{key}");
        }
        let segments = world.records.keys().into_iter().filter(|key| key.starts_with("segment/"));
        assert_eq!(segments.count(), 2, "the damaged one is gone");
    });
}

#[test]
fn a_damaged_manifest_is_derived_again_from_the_segments() {
    let (world, engine) = World::with_files();
    let light = documents(&engine)[0].info.id.to_string();
    pollster::block_on(engine.remove(&light)).unwrap();
    add(&engine, LIGHT);
    let expected = found(&engine, LIGHT_QUESTION);
    drop(engine);
    let records = world.records.all();
    for damage in damages(&records, "knowledge-base") {
        match damage {
            None => world.records.delete("knowledge-base"),
            Some(record) => world.records.put("knowledge-base", record),
        }
        let engine = world.open();
        assert_eq!((engine.damaged(), names(&engine).len()), (vec![], 2));
        assert_eq!(found(&engine, LIGHT_QUESTION), expected);
        let repaired = world.records.all();
        assert_ne!(repaired["knowledge-base"], records["knowledge-base"], "it counts on");
        assert_eq!(found(&world.open(), LIGHT_QUESTION), expected);
        assert_eq!(world.records.all(), repaired, "once is enough");
        // It goes on from there.
        pollster::block_on(engine.remove(&light)).unwrap();
        assert_eq!(names(&world.open()), [BREAD.name]);
        world.records.set_all(&records);
    }
}

#[test]
fn a_damaged_manifest_is_derived_where_nothing_can_be_written() {
    let (world, engine) = World::with_files();
    let expected = found(&engine, LIGHT_QUESTION);
    let light = documents(&engine)[0].info.id;
    drop(engine);
    world.records.put("knowledge-base", b"damage".to_vec());
    let damaged = world.records.all();
    world.records.set_full(true);
    let engine = world.open();
    assert_eq!(found(&engine, LIGHT_QUESTION), expected);
    assert_eq!(world.records.all(), damaged);
    // Each look at the store derives it anew; a document that is damaged by then is
    // reported all the same.
    world.records.put(&format!("document/{light}"), b"damage".to_vec());
    drop(engine);
    let engine = world.open();
    assert!(found(&engine, LIGHT_QUESTION).iter().all(|(name, ..)| name == BREAD.name));
    assert_eq!(engine.damaged()[0].id, light);
    world.records.set_full(false);
    pollster::block_on(engine.remove(&light.to_string())).unwrap();
    assert_eq!(names(&world.open()), [BREAD.name]);
}

#[test]
fn what_another_tab_wrote_counts_more_than_what_was_derived() {
    let (world, engine) = World::with_files();
    drop(engine);
    let manifest = world.records.get("knowledge-base").unwrap();
    world.records.delete("knowledge-base");
    world.records.set_full(true);
    let derived = world.open();
    // As if it had only been on its way.
    world.records.set_full(false);
    world.records.put("knowledge-base", manifest);
    let other = world.open();
    add(&other, text_file("bell.txt", "The bell rings when fog comes."));
    assert_eq!(names(&derived), [LIGHT.name, BREAD.name, "bell.txt"]);
    add(&derived, text_file("fog.txt", "The fog comes in the morning."));
    assert_eq!(names(&world.open()), [LIGHT.name, BREAD.name, "bell.txt", "fog.txt"]);
}

#[test]
fn an_open_that_dies_while_it_repairs_leaves_the_rest_to_the_next() {
    let (world, engine) = World::with_files();
    let expected = [LIGHT_QUESTION, BREAD_QUESTION].map(|question| found(&engine, question));
    drop(engine);
    world.records.put("knowledge-base", b"damage".to_vec());
    let segment = world.records.keys().into_iter().find(|key| key.starts_with("segment/"));
    world.records.put(&segment.unwrap(), b"damage".to_vec());
    let damaged = world.records.all();
    for fault in [Fault::Fails, Fault::Dies, Fault::WritesAndDies] {
        for operations in 0.. {
            world.records.set_all(&damaged);
            world.records.set_fault(operations, fault);
            let opened = pollster::block_on(world.try_open(&Task::default()));
            let reached = world.records.clear_fault();
            drop(opened);
            let engine = world.open();
            assert_eq!(engine.damaged(), [], "{fault:?} after {operations}");
            let now = [LIGHT_QUESTION, BREAD_QUESTION].map(|question| found(&engine, question));
            assert_eq!(now, expected, "{fault:?} after {operations}");
            if !reached {
                assert!(operations > 8, "{operations}");
                break;
            }
        }
    }
}

#[test]
fn where_the_manifest_is_lost_the_embedder_is_known_all_the_same() {
    let (world, engine) = World::with_files();
    drop(engine);
    world.records.put("knowledge-base", b"damage".to_vec());
    let other = World { embedder: embedder(64), records: world.records.clone(), ..World::new() };
    let error = pollster::block_on(other.try_open(&Task::default())).err().unwrap();
    assert_eq!(error.code(), "embedder_mismatch");
    world.records.put("embedder", b"damage".to_vec());
    let error = pollster::block_on(world.try_open(&Task::default())).err().unwrap();
    assert_eq!(error.code(), "corrupt_storage");
    // Where nothing tells, opening does not decide it.
    world.records.delete("embedder");
    let lost = world.records.all();
    pollster::block_on(other.try_open(&Task::default())).unwrap();
    assert_eq!(world.records.all(), lost);
}

#[test]
fn a_damaged_document_is_reported_and_left_out_and_can_be_removed() {
    for_each_damage("document/", |world, key| {
        let engine = world.open();
        let (name, question) = if key.ends_with(&documents_id(world, LIGHT.name)) {
            (LIGHT.name, LIGHT_QUESTION)
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
        assert!(!world.records.keys().contains(&key.to_owned()));
        assert_eq!((world.open().damaged(), names(&world.open()).len()), (vec![], 1));
    });
}

#[test]
fn a_damaged_document_is_reported_where_the_manifest_is_damaged_too() {
    let (world, engine) = World::with_files();
    let light = documents(&engine)[0].info.id;
    drop(engine);
    world.records.put("knowledge-base", b"damage".to_vec());
    world.records.put(&format!("document/{light}"), b"damage".to_vec());
    let engine = world.open();
    assert!(found(&engine, LIGHT_QUESTION).iter().all(|(name, ..)| name == BREAD.name));
    assert_eq!(engine.damaged()[0].id, light);
}

/// The id of the file of this name.
fn documents_id(_: &World, name: &str) -> String {
    let (_, engine) = World::with_files();
    let all = documents(&engine);
    all.iter().find(|document| document.info.name == name).unwrap().info.id.to_string()
}

#[test]
fn a_damaged_document_that_is_added_again_is_whole() {
    let (world, engine) = World::with_files();
    let light = documents(&engine)[0].info.id.to_string();
    drop(engine);
    world.records.put(&format!("document/{light}"), b"damage".to_vec());
    let engine = world.open();
    ask(&engine, LIGHT_QUESTION);
    assert_eq!(engine.damaged().len(), 1);
    assert!(!add(&engine, LIGHT).already_added);
    assert_eq!(engine.damaged(), []);
    assert!(sources(&ask(&engine, LIGHT_QUESTION)).contains(&LIGHT.name.to_owned()));
    drop(engine);
    let engine = world.open();
    assert!(sources(&ask(&engine, LIGHT_QUESTION)).contains(&LIGHT.name.to_owned()));
    assert_eq!(engine.damaged(), []);
}

#[test]
fn a_damaged_document_that_another_tab_added_again_is_whole_in_all_of_them() {
    let (world, engine) = World::with_files();
    drop(engine);
    let key = format!("document/{}", documents_id(&world, LIGHT.name));
    world.records.put(&key, Vec::new());
    let (one, two) = (world.open(), world.open());
    for engine in [&one, &two] {
        ask(engine, LIGHT_QUESTION);
        assert_eq!(engine.damaged().len(), 1);
    }
    add(&two, LIGHT);
    add(&one, text_file("new.txt", "A new text."));
    for engine in [one, two, world.open()] {
        assert!(sources(&ask(&engine, LIGHT_QUESTION)).contains(&LIGHT.name.to_owned()));
        assert_eq!((names(&engine).len(), engine.damaged()), (3, Vec::new()));
    }
}

#[test]
fn a_segment_of_damaged_documents_alone_goes_with_the_next_change() {
    let (world, engine) = World::with_files();
    let key = format!("document/{}", documents(&engine)[0].info.id);
    drop(engine);
    world.records.put(&key, Vec::new());
    let engine = world.open();
    ask(&engine, LIGHT_QUESTION);
    assert_eq!(names(&engine), [BREAD.name]);
    add(&engine, text_file("new.txt", "A new text."));
    let keys = world.records.keys();
    assert_eq!(keys.iter().filter(|key| key.starts_with("segment/")).count(), 2, "{keys:?}");
}
