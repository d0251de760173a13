//! A fault at every single operation of the store. The knowledge base is then in the state
//! before or after the change, never in between, and no acknowledged change is lost.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::rc::Rc;

use multimodal_rag::{Engine, Result, SourceFile, Task};

use crate::harness::{
    BREAD, BREAD_QUESTION, Fault, Harness, LIGHTHOUSE, LIGHTHOUSE_QUESTION, add, documents, find,
    many_sentences, names, text_file,
};

const QUESTIONS: [&str; 3] = [LIGHTHOUSE_QUESTION, BREAD_QUESTION, "What does ship 31 carry?"];

/// The documents of a knowledge base, and the passages that it finds.
type Contents = (Vec<(String, usize)>, Vec<Vec<(String, u32, f32)>>);

fn contents(engine: &Engine) -> Contents {
    let listed = documents(engine).iter().map(|d| (d.info.name.clone(), d.chunks)).collect();
    let passages = QUESTIONS.iter().map(|question| match documents(engine).is_empty() {
        true => Vec::new(),
        false => find(engine, question),
    });
    (listed, passages.collect())
}

/// Checks what holds for every knowledge base after any fault. Returns its contents.
fn assert_consistent(harness: &Harness) -> Contents {
    let engine = harness.open();
    assert_eq!(engine.damaged(), []);
    let contents = contents(&engine);
    let keys = harness.records.keys();
    let count = |prefix: &str| keys.iter().filter(|key| key.starts_with(prefix)).count();
    assert_eq!(count("document/"), contents.0.len(), "{keys:?}");
    assert!(count("segment/") <= contents.0.len(), "{keys:?}");
    for document in documents(&engine) {
        pollster::block_on(engine.document(&document.info.id.to_string())).unwrap();
    }
    contents
}

/// Applies `change` to a harness of `make`, with each kind of fault at each operation.
pub(crate) fn with_each_fault(
    make: impl Fn() -> (Harness, Engine),
    change: impl Fn(&Engine) -> Result<()>,
) {
    let (harness, engine) = make();
    let before = contents(&engine);
    change(&engine).unwrap();
    let after = contents(&engine);
    assert_eq!(assert_consistent(&harness), after);
    let (mut undone, mut done) = (0, 0);
    for fault in [Fault::Fails, Fault::Dies, Fault::WritesAndDies] {
        for operations in 0.. {
            let (harness, engine) = make();
            harness.records.set_fault(operations, fault);
            let result = change(&engine);
            let reached = harness.records.clear_fault();
            if fault == Fault::Fails {
                // The same engine is still usable.
                let now = contents(&engine);
                assert!(now == before || now == after, "{fault:?} after {operations}");
                assert!(result.is_err() || now == after, "{fault:?} after {operations}");
                change(&engine).unwrap_or_else(|error| {
                    assert_eq!(error.code(), "document_not_found", "it is removed already");
                });
                assert_eq!(contents(&engine), after, "{fault:?} after {operations}");
            }
            drop(engine);
            let now = assert_consistent(&harness);
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

pub(crate) fn add_file(engine: &Engine, file: SourceFile) -> Result<()> {
    pollster::block_on(engine.add(file, &Task::default())).map(|_| ())
}

#[test]
fn an_add_happens_completely_or_not_at_all() {
    with_each_fault(Harness::with_files, |engine| {
        add_file(engine, text_file("ships.txt", &many_sentences(40)))
    });
}

#[test]
fn the_first_add_happens_completely_or_not_at_all() {
    let make = || {
        let harness = Harness::new();
        let engine = harness.open();
        (harness, engine)
    };
    with_each_fault(make, |engine| add_file(engine, LIGHTHOUSE));
}

#[test]
fn a_replacement_happens_completely_or_not_at_all() {
    with_each_fault(Harness::with_files, |engine| {
        let listed = documents(engine);
        let old = listed.iter().find(|document| document.info.name == LIGHTHOUSE.name);
        let id = old.map(|document| document.info.id.to_string());
        let text = many_sentences(40);
        add_file(engine, SourceFile { replaces: id.as_deref(), ..text_file("ships.txt", &text) })
    });
}

#[test]
fn a_removal_happens_completely_or_not_at_all() {
    let (_, engine) = Harness::with_files();
    let light = documents(&engine)[0].info.id.to_string();
    with_each_fault(Harness::with_files, |engine| pollster::block_on(engine.remove(&light)));
}

#[test]
fn a_merge_happens_completely_or_not_at_all() {
    let make = || {
        let (harness, engine) = Harness::with_files();
        for number in 0..7 {
            let text = format!("The queen number {number} wore a crown.");
            add(&engine, text_file(&format!("{number}.txt"), &text));
        }
        let bread = documents(&engine)[1].info.id.to_string();
        pollster::block_on(engine.remove(&bread)).unwrap();
        add(&engine, BREAD);
        (harness, engine)
    };
    with_each_fault(make, |engine| pollster::block_on(engine.maintain(&Task::default())));
}

#[test]
fn an_interrupted_add_is_resumed() {
    let make = || {
        let (harness, engine) = Harness::with_files();
        // Each yield takes so long that the engine stores the vectors of every step.
        harness.runtime.set_yield_ms(4000);
        (harness, engine)
    };
    let text = many_sentences(200);
    let (harness, engine) = make();
    add_file(&engine, text_file("ships.txt", &text)).unwrap();
    let after = contents(&engine);
    assert!(!harness.records.keys().iter().any(|key| key.starts_with("job/")));
    let mut resumed_count = 0;
    for operations in 0.. {
        let (harness, engine) = make();
        harness.records.set_fault(operations, Fault::Dies);
        let result = add_file(&engine, text_file("ships.txt", &text));
        let reached = harness.records.clear_fault();
        drop(engine);
        let has_job = harness.records.keys().iter().any(|key| key.starts_with("job/"));
        let engine = harness.open();
        assert!(result.is_ok() || names(&engine).len() == 2 || !has_job);
        let resumed = pollster::block_on(engine.resume(&Task::default())).unwrap();
        assert_eq!(resumed.len(), usize::from(has_job));
        assert!(!harness.records.keys().iter().any(|key| key.starts_with("job/")));
        if has_job {
            resumed_count += 1;
            assert_eq!(contents(&engine), after, "after {operations} operations");
            assert_eq!(assert_consistent(&harness), after);
        }
        if !reached {
            break;
        }
    }
    assert!(resumed_count > 5, "{resumed_count}");
}

/// A harness with an interrupted add of `text` that can be resumed.
fn interrupt_add(text: &str) -> Harness {
    for operations in 0.. {
        let (harness, engine) = Harness::with_files();
        harness.runtime.set_yield_ms(4000);
        harness.records.set_fault(operations, Fault::Dies);
        let _ = add_file(&engine, text_file("ships.txt", text));
        harness.records.clear_fault();
        if harness.records.keys().iter().any(|key| key.starts_with("job/")) {
            return harness;
        }
    }
    unreachable!()
}

#[test]
fn an_add_that_is_interrupted_again_while_it_is_resumed_can_be_resumed_again() {
    let text = many_sentences(200);
    let resumes = |harness: Harness, what: &str| {
        let engine = harness.open();
        pollster::block_on(engine.resume(&Task::default())).unwrap();
        assert_eq!(names(&engine).len(), 3, "{what}");
        assert!(!harness.records.keys().iter().any(|key| key.starts_with("job/")), "{what}");
    };
    for operations in 0.. {
        let harness = interrupt_add(&text);
        let engine = harness.open();
        harness.records.set_fault(operations, Fault::Fails);
        let resumed = pollster::block_on(engine.resume(&Task::default()));
        let reached = harness.records.clear_fault();
        drop(engine);
        resumes(harness, &format!("failed after {operations} operations"));
        if !reached {
            assert!(resumed.is_ok() && operations > 5);
            break;
        }
    }
    let mut ended = 0;
    for yields in 0..12 {
        let harness = interrupt_add(&text);
        let engine = Rc::new(harness.open());
        let closing = engine.clone();
        harness.runtime.at_yield(yields, move || closing.close());
        ended += usize::from(pollster::block_on(engine.resume(&Task::default())).is_err());
        drop(engine);
        resumes(harness, &format!("closed after {yields} yields"));
    }
    assert!(ended > 0);
}

#[test]
fn an_interrupted_add_waits_for_free_space_and_does_not_delay_merging() {
    let harness = interrupt_add(&many_sentences(200));
    let engine = harness.open();
    for number in 0..8 {
        add(&engine, text_file("q.txt", &format!("The queen number {number} wore a crown.")));
    }
    let segments =
        || harness.records.keys().iter().filter(|key| key.starts_with("segment/")).count();
    let before = segments();
    harness.records.set_free_bytes(0);
    let error = pollster::block_on(engine.maintain(&Task::default())).unwrap_err();
    assert_eq!(error.code(), "quota_exceeded");
    assert!(segments() < before);
    assert!(!names(&engine).contains(&"ships.txt".to_owned()));
    harness.records.set_free_bytes(1 << 30);
    pollster::block_on(engine.maintain(&Task::default())).unwrap();
    assert!(names(&engine).contains(&"ships.txt".to_owned()));
}
