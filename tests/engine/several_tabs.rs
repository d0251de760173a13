//! Several engines over one store, as in several tabs.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::pin::pin;

use futures_util::future::{join, select};
use multimodal_rag::{CancelToken, Task};

use crate::harness::{
    BREAD, BREAD_QUESTION, Fault, Harness, LIGHTHOUSE, LIGHTHOUSE_QUESTION, add, ask,
    cancellable_task, documents, find, many_sentences, names, recording_task, sources, text_file,
    yield_once,
};

#[test]
fn additions_and_removals_of_one_tab_are_visible_in_the_others_at_once() {
    let harness = Harness::new();
    let (one, two) = (harness.open(), harness.open());
    let light = add(&one, LIGHTHOUSE).info.id.to_string();
    assert_eq!(names(&two), [LIGHTHOUSE.name]);
    assert!(sources(&ask(&two, LIGHTHOUSE_QUESTION)).contains(&LIGHTHOUSE.name.to_owned()));
    add(&two, BREAD);
    assert_eq!(find(&one, BREAD_QUESTION), find(&two, BREAD_QUESTION));
    pollster::block_on(two.remove(&light)).unwrap();
    assert!(!sources(&ask(&one, LIGHTHOUSE_QUESTION)).contains(&LIGHTHOUSE.name.to_owned()));
    let error = pollster::block_on(one.remove(&light)).unwrap_err();
    assert_eq!(error.code(), "document_not_found");
    assert_eq!((names(&one), names(&two)), (vec![BREAD.name.to_owned()], vec![BREAD.name.into()]));
}

#[test]
fn files_added_concurrently_in_two_tabs_are_there_in_both() {
    for yields in 0..10 {
        let harness = Harness::with_max_tokens(32);
        let (one, two) = (harness.open(), harness.open());
        let text = many_sentences(60);
        let task = Task::default();
        let second = async {
            harness.runtime.wait_for_yields(yields).await;
            two.add(BREAD, &Task::default()).await.unwrap()
        };
        let (first, second) =
            pollster::block_on(join(one.add(text_file("a.txt", &text), &task), second));
        assert!(!first.unwrap().already_added && !second.already_added);
        let mut all = names(&one);
        all.sort();
        assert_eq!(all, ["a.txt", BREAD.name], "after {yields} yields");
        assert_eq!(names(&one), names(&two));
        assert_eq!(names(&harness.open()), names(&one));
    }
}

#[test]
fn the_same_file_added_in_two_tabs_is_there_once() {
    for yields in 0..4 {
        let harness = Harness::new();
        let (one, two) = (harness.open(), harness.open());
        let task = Task::default();
        let second = async {
            harness.runtime.wait_for_yields(yields).await;
            two.add(LIGHTHOUSE, &Task::default()).await.unwrap()
        };
        let (first, second) = pollster::block_on(join(one.add(LIGHTHOUSE, &task), second));
        assert!(first.unwrap().already_added != second.already_added);
        assert_eq!(names(&harness.open()), [LIGHTHOUSE.name]);
    }
}

#[test]
fn a_commit_that_lost_its_lease_is_tried_again_and_loses_nothing() {
    for operations in 0..12 {
        let harness = Harness::new();
        let (one, two) = (harness.open(), harness.open());
        // The first one loses its lease at some operation, and the second one adds.
        harness.records.revoke_lease_after(operations);
        let task = Task::default();
        let (first, second) =
            pollster::block_on(join(one.add(LIGHTHOUSE, &task), two.add(BREAD, &task)));
        first.unwrap();
        second.unwrap();
        let mut all = names(&harness.open());
        all.sort();
        assert_eq!(all, [BREAD.name, LIGHTHOUSE.name], "after {operations} operations");
    }
}

#[test]
fn a_question_is_answered_after_another_tab_has_merged_and_removed() {
    let harness = Harness::with_max_tokens(32);
    let (one, two) = (harness.open(), harness.open());
    for number in 0..9 {
        add(
            &one,
            text_file(
                &format!("{number}.txt"),
                &format!("The queen number {number} wore a crown."),
            ),
        );
    }
    let eighth = documents(&one)[8].info.id.to_string();
    let expected = find(&two, "Which queen wore a crown?");
    assert_eq!(expected.len(), 9);
    pollster::block_on(one.maintain(&Task::default())).unwrap();
    assert!(harness.records.keys().iter().filter(|key| key.starts_with("segment/")).count() < 9);
    assert_eq!(find(&two, "Which queen wore a crown?"), expected);
    pollster::block_on(one.remove(&eighth)).unwrap();
    assert_eq!(find(&two, "Which queen wore a crown?").len(), 8);
    let (task, seen) = recording_task();
    let engine = pollster::block_on(harness.try_open(&task)).unwrap();
    assert!(seen.borrow().iter().all(|progress| progress.unit == "segments"));
    assert_eq!(find(&engine, "Which queen wore a crown?"), find(&two, "Which queen wore a crown?"));
}

#[test]
fn opening_during_changes_of_another_tab_finds_nothing_damaged() {
    for yields in 0..40 {
        let (harness, engine) = Harness::with_files();
        let light = documents(&engine)[0].info.id.to_string();
        let task = Task::default();
        let changing = async {
            for _ in 0..yields {
                yield_once().await;
            }
            engine.remove(&light).await.unwrap();
            engine.add(text_file("a.txt", "The queen wore a crown."), &task).await.unwrap();
        };
        let (opened, ()) = pollster::block_on(join(harness.try_open(&task), changing));
        let opened = opened.unwrap();
        assert_eq!(opened.damaged(), [], "after {yields} yields");
        assert_eq!(names(&opened), [BREAD.name, "a.txt"]);
    }
}

#[test]
fn changes_of_another_tab_are_read_by_the_next_call_if_one_is_cancelled_or_fails() {
    let mut stopped = 0;
    for yields in 0..6 {
        let harness = Harness::new();
        let (one, two) = (harness.open(), harness.open());
        add(&one, LIGHTHOUSE);
        let cancel = CancelToken::default();
        let to_cancel = cancel.clone();
        harness.runtime.at_yield(yields, move || to_cancel.cancel());
        let task = cancellable_task(&cancel);
        let searched = pollster::block_on(two.search(LIGHTHOUSE_QUESTION, 10, None, &task));
        stopped += usize::from(searched.is_err());
        assert_eq!(names(&two), [LIGHTHOUSE.name], "cancelled after {yields} yields");
    }
    assert!(stopped > 0);
    for yields in 0..12 {
        let harness = Harness::new();
        let (one, two) = (harness.open(), harness.open());
        add(&one, LIGHTHOUSE);
        let task = Task::default();
        let deadline = async {
            for _ in 0..yields {
                yield_once().await;
            }
        };
        let search = two.search(LIGHTHOUSE_QUESTION, 10, None, &task);
        pollster::block_on(async { drop(select(pin!(search), pin!(deadline)).await) });
        assert_eq!(names(&two), [LIGHTHOUSE.name], "dropped after {yields} yields");
    }
    for operations in 0.. {
        let harness = Harness::new();
        let (one, two) = (harness.open(), harness.open());
        add(&one, LIGHTHOUSE);
        harness.records.set_fault(operations, Fault::Fails);
        let listed = pollster::block_on(two.documents());
        let reached = harness.records.clear_fault();
        assert_eq!(names(&two), [LIGHTHOUSE.name], "failed after {operations} operations");
        if !reached {
            assert!(listed.is_ok() && operations > 1);
            break;
        }
    }
}
