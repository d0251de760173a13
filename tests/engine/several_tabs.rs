//! Several engines over one store, as tabs have it.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::pin::pin;

use futures_util::future::{join, select};
use multimodal_rag::{CancelToken, Task};

use crate::world::{
    BREAD, BREAD_QUESTION, Fault, LIGHT, LIGHT_QUESTION, World, add, ask, documents, found,
    many_sentences, names, sources, stopping, text_file, turn, watched,
};

#[test]
fn what_one_tab_adds_or_removes_the_others_find_or_miss_at_once() {
    let world = World::new();
    let (one, two) = (world.open(), world.open());
    let light = add(&one, LIGHT).info.id.to_string();
    assert_eq!(names(&two), [LIGHT.name]);
    assert!(sources(&ask(&two, LIGHT_QUESTION)).contains(&LIGHT.name.to_owned()));
    add(&two, BREAD);
    assert_eq!(found(&one, BREAD_QUESTION), found(&two, BREAD_QUESTION));
    pollster::block_on(two.remove(&light)).unwrap();
    assert!(!sources(&ask(&one, LIGHT_QUESTION)).contains(&LIGHT.name.to_owned()));
    let error = pollster::block_on(one.remove(&light)).unwrap_err();
    assert_eq!(error.code(), "document_not_found");
    assert_eq!((names(&one), names(&two)), (vec![BREAD.name.to_owned()], vec![BREAD.name.into()]));
}

#[test]
fn files_added_in_two_tabs_at_once_are_both_there_in_both() {
    for pauses in 0..10 {
        let world = World::reading(32);
        let (one, two) = (world.open(), world.open());
        let text = many_sentences(60);
        let task = Task::default();
        let second = async {
            world.runtime.pass(pauses).await;
            two.add(BREAD, &Task::default()).await.unwrap()
        };
        let (first, second) =
            pollster::block_on(join(one.add(text_file("a.txt", &text), &task), second));
        assert!(!first.unwrap().already_added && !second.already_added);
        let mut all = names(&one);
        all.sort();
        assert_eq!(all, ["a.txt", BREAD.name], "after {pauses} pauses");
        assert_eq!(names(&one), names(&two));
        assert_eq!(names(&world.open()), names(&one));
    }
}

#[test]
fn the_same_file_added_in_two_tabs_is_there_once() {
    for pauses in 0..4 {
        let world = World::new();
        let (one, two) = (world.open(), world.open());
        let task = Task::default();
        let second = async {
            world.runtime.pass(pauses).await;
            two.add(LIGHT, &Task::default()).await.unwrap()
        };
        let (first, second) = pollster::block_on(join(one.add(LIGHT, &task), second));
        assert!(first.unwrap().already_added != second.already_added);
        assert_eq!(names(&world.open()), [LIGHT.name]);
    }
}

#[test]
fn whoever_was_overtaken_while_committing_does_it_again_and_loses_nothing() {
    for operations in 0..12 {
        let world = World::new();
        let (one, two) = (world.open(), world.open());
        // The right to write is taken from the first at some moment, and the other adds.
        world.records.revoke_lease_after(operations);
        let task = Task::default();
        let (first, second) =
            pollster::block_on(join(one.add(LIGHT, &task), two.add(BREAD, &task)));
        first.unwrap();
        second.unwrap();
        let mut all = names(&world.open());
        all.sort();
        assert_eq!(all, [BREAD.name, LIGHT.name], "after {operations} operations");
    }
}

#[test]
fn a_question_is_answered_while_another_tab_merges_and_removes() {
    let world = World::reading(32);
    let (one, two) = (world.open(), world.open());
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
    let expected = found(&two, "Which queen wore a crown?");
    assert_eq!(expected.len(), 9);
    pollster::block_on(one.maintain(&Task::default())).unwrap();
    assert!(world.records.keys().iter().filter(|key| key.starts_with("segment/")).count() < 9);
    assert_eq!(found(&two, "Which queen wore a crown?"), expected);
    pollster::block_on(one.remove(&eighth)).unwrap();
    assert_eq!(found(&two, "Which queen wore a crown?").len(), 8);
    let (task, seen) = watched();
    let engine = pollster::block_on(world.try_open(&task)).unwrap();
    assert!(seen.borrow().iter().all(|progress| progress.unit == "segments"));
    assert_eq!(
        found(&engine, "Which queen wore a crown?"),
        found(&two, "Which queen wore a crown?")
    );
}

#[test]
fn a_tab_that_opens_while_another_changes_things_finds_nothing_damaged() {
    for turns in 0..40 {
        let (world, engine) = World::with_files();
        let light = documents(&engine)[0].info.id.to_string();
        let task = Task::default();
        let changing = async {
            for _ in 0..turns {
                turn().await;
            }
            engine.remove(&light).await.unwrap();
            engine.add(text_file("a.txt", "The queen wore a crown."), &task).await.unwrap();
        };
        let (opened, ()) = pollster::block_on(join(world.try_open(&task), changing));
        let opened = opened.unwrap();
        assert_eq!(opened.damaged(), [], "after {turns} turns");
        assert_eq!(names(&opened), [BREAD.name, "a.txt"]);
    }
}

#[test]
fn what_a_call_that_was_stopped_or_failed_did_not_read_of_others_the_next_one_reads() {
    let mut stopped = 0;
    for pauses in 0..6 {
        let world = World::new();
        let (one, two) = (world.open(), world.open());
        add(&one, LIGHT);
        let cancel = CancelToken::default();
        let asking = cancel.clone();
        world.runtime.after(pauses, move || asking.cancel());
        let task = stopping(&cancel);
        let searched = pollster::block_on(two.search(LIGHT_QUESTION, 10, None, &task));
        stopped += usize::from(searched.is_err());
        assert_eq!(names(&two), [LIGHT.name], "stopped after {pauses} pauses");
    }
    assert!(stopped > 0);
    for turns in 0..12 {
        let world = World::new();
        let (one, two) = (world.open(), world.open());
        add(&one, LIGHT);
        let task = Task::default();
        let given_up = async {
            for _ in 0..turns {
                turn().await;
            }
        };
        let search = two.search(LIGHT_QUESTION, 10, None, &task);
        pollster::block_on(async { drop(select(pin!(search), pin!(given_up)).await) });
        assert_eq!(names(&two), [LIGHT.name], "given up after {turns} turns");
    }
    for operations in 0.. {
        let world = World::new();
        let (one, two) = (world.open(), world.open());
        add(&one, LIGHT);
        world.records.set_fault(operations, Fault::Fails);
        let listed = pollster::block_on(two.documents());
        let reached = world.records.clear_fault();
        assert_eq!(names(&two), [LIGHT.name], "failed after {operations} operations");
        if !reached {
            assert!(listed.is_ok() && operations > 1);
            break;
        }
    }
}
