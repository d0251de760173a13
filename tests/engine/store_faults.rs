//! A failure or a death at every single operation on the store: what was there before
//! is there, or what comes after, never something between, and nothing acknowledged is
//! lost.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::rc::Rc;

use multimodal_rag::{Engine, Result, SourceFile, Task};

use crate::world::{
    BREAD, BREAD_QUESTION, Fault, LIGHT, LIGHT_QUESTION, World, add, documents, found,
    many_sentences, names, text_file,
};

const QUESTIONS: [&str; 3] = [LIGHT_QUESTION, BREAD_QUESTION, "What does ship 31 carry?"];

/// What a knowledge base says: its documents, and what is found.
type Said = (Vec<(String, usize)>, Vec<Vec<(String, u32, f32)>>);

fn said(engine: &Engine) -> Said {
    let listed = documents(engine).iter().map(|d| (d.info.name.clone(), d.chunks)).collect();
    let found = QUESTIONS.iter().map(|question| match documents(engine).is_empty() {
        true => Vec::new(),
        false => found(engine, question),
    });
    (listed, found.collect())
}

/// What every knowledge base keeps to, whatever happened.
fn assert_whole(world: &World) -> Said {
    let engine = world.open();
    assert_eq!(engine.damaged(), []);
    let said = said(&engine);
    let keys = world.records.keys();
    let count = |prefix: &str| keys.iter().filter(|key| key.starts_with(prefix)).count();
    assert_eq!(count("document/"), said.0.len(), "{keys:?}");
    assert!(count("segment/") <= said.0.len(), "{keys:?}");
    for document in documents(&engine) {
        pollster::block_on(engine.document(&document.info.id.to_string())).unwrap();
    }
    said
}

/// Does `change` to a world made by `make`, with each kind of fault at each operation.
fn with_each_fault(make: impl Fn() -> (World, Engine), change: impl Fn(&Engine) -> Result<()>) {
    let (world, engine) = make();
    let before = said(&engine);
    change(&engine).unwrap();
    let after = said(&engine);
    assert_eq!(assert_whole(&world), after);
    let (mut undone, mut done) = (0, 0);
    for fault in [Fault::Fails, Fault::Dies, Fault::WritesAndDies] {
        for operations in 0.. {
            let (world, engine) = make();
            world.records.set_fault(operations, fault);
            let result = change(&engine);
            let reached = world.records.clear_fault();
            if fault == Fault::Fails {
                // It goes on with the same engine.
                let now = said(&engine);
                assert!(now == before || now == after, "{fault:?} after {operations}");
                assert!(result.is_err() || now == after, "{fault:?} after {operations}");
                change(&engine).unwrap_or_else(|error| {
                    assert_eq!(error.code(), "document_not_found", "it is removed already");
                });
                assert_eq!(said(&engine), after, "{fault:?} after {operations}");
            }
            drop(engine);
            let now = assert_whole(&world);
            assert!(now == before || now == after, "{fault:?} after {operations} operations");
            assert!(result.is_err() || now == after, "{fault:?} after {operations} operations");
            if now == after {
                done += 1
            } else {
                undone += 1
            }
            if !reached {
                break;
            }
        }
    }
    assert!(undone > 0 || before == after, "no fault came before the commit");
    assert!(done > 3, "{done}");
}

fn adding(engine: &Engine, file: SourceFile) -> Result<()> {
    pollster::block_on(engine.add(file, &Task::default())).map(|_| ())
}

#[test]
fn an_add_is_done_or_not() {
    with_each_fault(World::with_files, |engine| {
        adding(engine, text_file("ships.txt", &many_sentences(40)))
    });
}

#[test]
fn the_first_add_is_done_or_not() {
    let make = || {
        let world = World::new();
        let engine = world.open();
        (world, engine)
    };
    with_each_fault(make, |engine| adding(engine, LIGHT));
}

#[test]
fn an_update_is_done_or_not() {
    with_each_fault(World::with_files, |engine| {
        let listed = documents(engine);
        let old = listed.iter().find(|document| document.info.name == LIGHT.name);
        let id = old.map(|document| document.info.id.to_string());
        let text = many_sentences(40);
        adding(engine, SourceFile { replaces: id.as_deref(), ..text_file("ships.txt", &text) })
    });
}

#[test]
fn a_removal_is_done_or_not() {
    let (_, engine) = World::with_files();
    let light = documents(&engine)[0].info.id.to_string();
    with_each_fault(World::with_files, |engine| pollster::block_on(engine.remove(&light)));
}

#[test]
fn a_merge_is_done_or_not_and_nobody_can_tell() {
    let make = || {
        let (world, engine) = World::with_files();
        for number in 0..7 {
            let text = format!("The queen number {number} wore a crown.");
            add(&engine, text_file(&format!("{number}.txt"), &text));
        }
        let bread = documents(&engine)[1].info.id.to_string();
        pollster::block_on(engine.remove(&bread)).unwrap();
        add(&engine, BREAD);
        (world, engine)
    };
    with_each_fault(make, |engine| pollster::block_on(engine.maintain(&Task::default())));
}

#[test]
fn an_add_that_was_interrupted_goes_on_where_it_was() {
    let make = || {
        let (world, engine) = World::with_files();
        // Each pause takes so long that every step is kept.
        world.runtime.set_pause_ms(4000);
        (world, engine)
    };
    let text = many_sentences(200);
    let (world, engine) = make();
    adding(&engine, text_file("ships.txt", &text)).unwrap();
    let after = said(&engine);
    assert!(!world.records.keys().iter().any(|key| key.starts_with("job/")));
    let mut went_on = 0;
    for operations in 0.. {
        let (world, engine) = make();
        world.records.set_fault(operations, Fault::Dies);
        let result = adding(&engine, text_file("ships.txt", &text));
        let reached = world.records.clear_fault();
        drop(engine);
        let has_job = world.records.keys().iter().any(|key| key.starts_with("job/"));
        let engine = world.open();
        assert!(result.is_ok() || names(&engine).len() == 2 || !has_job);
        let resumed = pollster::block_on(engine.resume(&Task::default())).unwrap();
        assert_eq!(resumed.len(), usize::from(has_job));
        assert!(!world.records.keys().iter().any(|key| key.starts_with("job/")));
        if has_job {
            went_on += 1;
            assert_eq!(said(&engine), after, "after {operations} operations");
            assert_eq!(assert_whole(&world), after);
        }
        if !reached {
            break;
        }
    }
    assert!(went_on > 5, "{went_on}");
}

/// A world in which adding `text` was interrupted, and can go on.
fn interrupted(text: &str) -> World {
    for operations in 0.. {
        let (world, engine) = World::with_files();
        world.runtime.set_pause_ms(4000);
        world.records.set_fault(operations, Fault::Dies);
        let _ = adding(&engine, text_file("ships.txt", text));
        world.records.clear_fault();
        if world.records.keys().iter().any(|key| key.starts_with("job/")) {
            return world;
        }
    }
    unreachable!()
}

#[test]
fn an_add_that_is_interrupted_once_more_while_it_goes_on_goes_on_all_the_same() {
    let text = many_sentences(200);
    let goes_on = |world: World, what: &str| {
        let engine = world.open();
        pollster::block_on(engine.resume(&Task::default())).unwrap();
        assert_eq!(names(&engine).len(), 3, "{what}");
        assert!(!world.records.keys().iter().any(|key| key.starts_with("job/")), "{what}");
    };
    for operations in 0.. {
        let world = interrupted(&text);
        let engine = world.open();
        world.records.set_fault(operations, Fault::Fails);
        let resumed = pollster::block_on(engine.resume(&Task::default()));
        let reached = world.records.clear_fault();
        drop(engine);
        goes_on(world, &format!("failed after {operations} operations"));
        if !reached {
            assert!(resumed.is_ok() && operations > 5);
            break;
        }
    }
    let mut ended = 0;
    for pauses in 0..12 {
        let world = interrupted(&text);
        let engine = Rc::new(world.open());
        let closing = engine.clone();
        world.runtime.after(pauses, move || closing.close());
        ended += usize::from(pollster::block_on(engine.resume(&Task::default())).is_err());
        drop(engine);
        goes_on(world, &format!("closed after {pauses} pauses"));
    }
    assert!(ended > 0);
}

#[test]
fn an_interrupted_add_that_finds_no_room_waits_for_it_and_holds_up_no_merging() {
    let world = interrupted(&many_sentences(200));
    let engine = world.open();
    for number in 0..8 {
        add(&engine, text_file("q.txt", &format!("The queen number {number} wore a crown.")));
    }
    let segments = || world.records.keys().iter().filter(|key| key.starts_with("segment/")).count();
    let before = segments();
    world.records.set_free_bytes(0);
    let error = pollster::block_on(engine.maintain(&Task::default())).unwrap_err();
    assert_eq!(error.code(), "quota_exceeded");
    assert!(segments() < before);
    assert!(!names(&engine).contains(&"ships.txt".to_owned()));
    world.records.set_free_bytes(1 << 30);
    pollster::block_on(engine.maintain(&Task::default())).unwrap();
    assert!(names(&engine).contains(&"ships.txt".to_owned()));
}
