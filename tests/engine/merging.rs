//! Small segments become larger ones, and nobody who searches can tell.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use futures_util::future::join;
use multimodal_rag::{CancelToken, Engine, SourceFile, Task};

use crate::world::{World, add, documents, found, names, stopping, text_file, turn};

const QUESTION: &str = "Which queen number 3 wore a silver crown?";

fn segments(world: &World) -> usize {
    world.records.keys().iter().filter(|key| key.starts_with("segment/")).count()
}

/// So many documents, added one by one.
fn with_documents(count: usize) -> (World, Engine) {
    let world = World::reading(32);
    let engine = world.open();
    for number in 0..count {
        let text = format!("The queen number {number} wore a silver crown. It was cold that day.");
        add(&engine, text_file(&format!("{number}.txt"), &text));
    }
    (world, engine)
}

#[test]
fn merging_changes_nothing_that_is_found_and_leaves_few_segments() {
    let (world, engine) = with_documents(30);
    let expected = found(&engine, QUESTION);
    let listed = names(&engine);
    assert_eq!(segments(&world), 30);
    pollster::block_on(engine.maintain(&Task::default())).unwrap();
    assert!(segments(&world) <= 9, "{}", segments(&world));
    for engine in [engine, world.open()] {
        assert_eq!(found(&engine, QUESTION), expected);
        assert_eq!(names(&engine), listed);
    }
}

#[test]
fn a_segment_of_which_much_was_removed_is_written_anew_without_it() {
    let (world, engine) = with_documents(8);
    pollster::block_on(engine.maintain(&Task::default())).unwrap();
    assert_eq!(segments(&world), 1);
    let size = || -> usize {
        world
            .records
            .all()
            .iter()
            .filter(|(k, _)| k.starts_with("segment"))
            .map(|(_, r)| r.len())
            .sum()
    };
    let before = size();
    for document in &documents(&engine)[..4] {
        pollster::block_on(engine.remove(&document.info.id.to_string())).unwrap();
    }
    let expected = found(&engine, QUESTION);
    pollster::block_on(engine.maintain(&Task::default())).unwrap();
    assert!(size() < before);
    assert_eq!(found(&engine, QUESTION), expected);
    assert_eq!(found(&world.open(), QUESTION), expected);
}

#[test]
fn removing_the_last_document_of_a_segment_removes_the_segment() {
    let (world, engine) = with_documents(2);
    let first = documents(&engine)[0].info.id.to_string();
    pollster::block_on(engine.remove(&first)).unwrap();
    assert_eq!(segments(&world), 1);
}

#[test]
fn merging_stopped_at_any_step_leaves_what_was_or_what_comes() {
    let (world, engine) = with_documents(8);
    let expected = found(&engine, QUESTION);
    let mut stopped = 0;
    for count in 0.. {
        let cancel = CancelToken::default();
        let asking = cancel.clone();
        world.runtime.after(count, move || asking.cancel());
        match pollster::block_on(engine.maintain(&stopping(&cancel))) {
            Ok(()) => break,
            Err(error) => assert_eq!(error.code(), "aborted"),
        }
        stopped += 1;
        assert!([1, 8].contains(&segments(&world)));
        assert_eq!(found(&world.open(), QUESTION), expected);
    }
    assert!(stopped > 5, "{stopped}");
    assert_eq!((segments(&world), found(&world.open(), QUESTION)), (1, expected));
}

#[test]
fn a_document_that_is_put_anew_while_it_is_merged_is_there_once_and_is_the_new_one() {
    const NEW: &str = r#"{"shelf":2}"#;
    let text = "The queen number 3 wore a silver crown. It was cold that day.";
    for turns in 0..60 {
        let (world, engine) = with_documents(8);
        let task = Task::default();
        // One segment, of which half was removed: it is written anew.
        pollster::block_on(engine.maintain(&task)).unwrap();
        for document in &documents(&engine)[4..] {
            pollster::block_on(engine.remove(&document.info.id.to_string())).unwrap();
        }
        let id = documents(&engine)[3].info.id.to_string();
        let merging = async {
            for _ in 0..turns {
                turn().await;
            }
            engine.maintain(&task).await.unwrap();
        };
        let file =
            SourceFile { replaces: Some(&id), metadata: Some(NEW), ..text_file("3.txt", text) };
        pollster::block_on(join(engine.add(file, &task), merging)).0.unwrap();
        pollster::block_on(engine.maintain(&task)).unwrap();
        let opened = world.open();
        // And where all that is known of it is what the segments say.
        world.records.delete("knowledge-base");
        for engine in [engine, opened, world.open()] {
            let listed = documents(&engine);
            assert_eq!(listed.len(), 4, "after {turns} turns");
            let changed = listed.iter().find(|document| document.info.id.to_string() == id);
            assert_eq!(changed.unwrap().info.metadata, NEW, "after {turns} turns");
        }
    }
}
