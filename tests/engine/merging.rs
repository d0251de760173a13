//! Merging small segments into larger ones does not change what is found.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use futures_util::future::join;
use multimodal_rag::{CancelToken, Engine, SourceFile, Task};

use crate::harness::{
    Harness, add, cancellable_task, documents, find, names, text_file, yield_once,
};

const QUESTION: &str = "Which queen number 3 wore a silver crown?";

fn segments(harness: &Harness) -> usize {
    harness.records.keys().iter().filter(|key| key.starts_with("segment/")).count()
}

/// An engine with `count` documents, added one by one.
fn with_documents(count: usize) -> (Harness, Engine) {
    let harness = Harness::with_max_tokens(32);
    let engine = harness.open();
    for number in 0..count {
        let text = format!("The queen number {number} wore a silver crown. It was cold that day.");
        add(&engine, text_file(&format!("{number}.txt"), &text));
    }
    (harness, engine)
}

#[test]
fn merging_leaves_few_segments_and_finds_the_same() {
    let (harness, engine) = with_documents(30);
    let expected = find(&engine, QUESTION);
    let listed = names(&engine);
    assert_eq!(segments(&harness), 30);
    pollster::block_on(engine.maintain(&Task::default())).unwrap();
    assert!(segments(&harness) <= 9, "{}", segments(&harness));
    for engine in [engine, harness.open()] {
        assert_eq!(find(&engine, QUESTION), expected);
        assert_eq!(names(&engine), listed);
    }
}

#[test]
fn a_segment_with_many_removed_documents_is_rewritten_without_them() {
    let (harness, engine) = with_documents(8);
    pollster::block_on(engine.maintain(&Task::default())).unwrap();
    assert_eq!(segments(&harness), 1);
    let size = || -> usize {
        harness
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
    let expected = find(&engine, QUESTION);
    pollster::block_on(engine.maintain(&Task::default())).unwrap();
    assert!(size() < before);
    assert_eq!(find(&engine, QUESTION), expected);
    assert_eq!(find(&harness.open(), QUESTION), expected);
}

#[test]
fn removing_the_last_document_of_a_segment_removes_the_segment() {
    let (harness, engine) = with_documents(2);
    let first = documents(&engine)[0].info.id.to_string();
    pollster::block_on(engine.remove(&first)).unwrap();
    assert_eq!(segments(&harness), 1);
}

#[test]
fn merging_cancelled_at_any_step_leaves_the_state_before_or_after() {
    let (harness, engine) = with_documents(8);
    let expected = find(&engine, QUESTION);
    let mut stopped = 0;
    for count in 0.. {
        let cancel = CancelToken::default();
        let to_cancel = cancel.clone();
        harness.runtime.at_yield(count, move || to_cancel.cancel());
        match pollster::block_on(engine.maintain(&cancellable_task(&cancel))) {
            Ok(()) => break,
            Err(error) => assert_eq!(error.code(), "aborted"),
        }
        stopped += 1;
        assert!([1, 8].contains(&segments(&harness)));
        assert_eq!(find(&harness.open(), QUESTION), expected);
    }
    assert!(stopped > 5, "{stopped}");
    assert_eq!((segments(&harness), find(&harness.open(), QUESTION)), (1, expected));
}

#[test]
fn a_document_that_is_replaced_during_a_merge_is_there_once_in_its_new_version() {
    const NEW: &str = r#"{"shelf":2}"#;
    let text = "The queen number 3 wore a silver crown. It was cold that day.";
    for yields in 0..60 {
        let (harness, engine) = with_documents(8);
        let task = Task::default();
        // One segment with half of its documents removed: it is rewritten.
        pollster::block_on(engine.maintain(&task)).unwrap();
        for document in &documents(&engine)[4..] {
            pollster::block_on(engine.remove(&document.info.id.to_string())).unwrap();
        }
        let id = documents(&engine)[3].info.id.to_string();
        let merging = async {
            for _ in 0..yields {
                yield_once().await;
            }
            engine.maintain(&task).await.unwrap();
        };
        let file =
            SourceFile { replaces: Some(&id), metadata: Some(NEW), ..text_file("3.txt", text) };
        pollster::block_on(join(engine.add(file, &task), merging)).0.unwrap();
        pollster::block_on(engine.maintain(&task)).unwrap();
        let opened = harness.open();
        // Also when the state is derived from the segments alone.
        harness.records.delete("knowledge-base");
        for engine in [engine, opened, harness.open()] {
            let listed = documents(&engine);
            assert_eq!(listed.len(), 4, "after {yields} yields");
            let changed = listed.iter().find(|document| document.info.id.to_string() == id);
            assert_eq!(changed.unwrap().info.metadata, NEW, "after {yields} yields");
        }
    }
}
