//! Stopping: heard within one step, wherever that falls, with nothing half done.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{AnswerEvent, CancelToken, EndReason, Engine, Result, Task};

use crate::world::{
    BREAD, BREAD_QUESTION, LIGHT, LIGHT_QUESTION, World, add, ask, documents, many_sentences,
    sources, stopping, text_file, try_ask,
};

/// Calls `call` again and again, stopped one pause later each time, until it gets
/// through; `check` looks at what each stopped call left. Returns how many were stopped.
pub(crate) fn stop_at_each_pause<T>(
    world: &World,
    first: usize,
    call: impl Fn(&Task) -> Result<T>,
    check: impl Fn(),
) -> usize {
    for count in first..10_000 {
        let cancel = CancelToken::default();
        let asking = cancel.clone();
        world.runtime.after(count, move || asking.cancel());
        let pauses = world.runtime.pauses();
        match call(&stopping(&cancel)) {
            Ok(_) => return count - first,
            Err(error) => {
                assert_eq!(error.code(), "aborted");
                assert_eq!(world.runtime.pauses(), pauses + count + 1, "heard within one step");
                check();
            }
        }
    }
    panic!("it never got through");
}

#[test]
fn adding_stopped_at_any_step_leaves_the_store_and_the_state_as_they_were() {
    let world = World::reading(32);
    let engine = world.open();
    add(&engine, BREAD);
    let records = world.records.all();
    let text = many_sentences(150);
    let ships = || text_file("ships.txt", &text);
    let chunks = engine.chunk_count();
    let stopped = stop_at_each_pause(
        &world,
        0,
        |task| pollster::block_on(engine.add(ships(), task)),
        || {
            assert!(world.records.all() == records);
            assert_eq!(documents(&engine).len(), 1);
            assert_eq!(engine.chunk_count(), chunks);
        },
    );
    assert!(stopped > 10, "{stopped} steps");
    assert_eq!(documents(&engine).len(), 2);
    assert_eq!(sources(&ask(&engine, BREAD_QUESTION))[0], BREAD.name);
}

#[test]
fn a_call_stopped_before_it_begins_does_nothing() {
    let (world, engine) = World::with_files();
    let records = world.records.all();
    let cancel = CancelToken::default();
    cancel.cancel();
    let task = stopping(&cancel);
    let text = text_file("queen.txt", "The queen wore a silver crown.");
    assert_eq!(pollster::block_on(engine.add(text, &task)).unwrap_err().code(), "aborted");
    let search = engine.search(LIGHT_QUESTION, 3, None, &task);
    assert_eq!(pollster::block_on(search).unwrap_err().code(), "aborted");
    let events = try_ask(&engine, LIGHT_QUESTION, &task).unwrap();
    assert_eq!(events.len(), 1);
    assert!(matches!(events[0], AnswerEvent::End { reason: EndReason::Aborted, .. }));
    let loading = pollster::block_on(engine.load_generator(&task));
    assert_eq!(loading.unwrap_err().code(), "aborted");
    assert!(world.records.all() == records);
    assert!(engine.loaded_generator().is_none());
}

#[test]
fn opening_stopped_at_any_step_leaves_the_store_as_it_was() {
    let (world, engine) = World::with_files();
    drop(engine);
    let cancel = CancelToken::default();
    cancel.cancel();
    let records = world.records.all();
    let opened = pollster::block_on(world.try_open(&stopping(&cancel)));
    assert_eq!(opened.unwrap_err().code(), "aborted");
    assert!(world.records.all() == records);
    assert_eq!(documents(&world.open()).len(), 2);
}

#[test]
fn opening_stopped_while_a_segment_is_derived_again_can_be_tried_again() {
    let world = World::reading(16);
    add(&world.open(), text_file("many.txt", &many_sentences(100)));
    world.records.delete("segment/0");
    let records = world.records.all();
    let stopped = stop_at_each_pause(
        &world,
        0,
        |task| pollster::block_on(world.try_open(task)),
        || assert!(world.records.all() == records),
    );
    assert!(stopped > 10, "{stopped}");
    assert_eq!(documents(&world.open()).len(), 1);
}

#[test]
fn loading_the_generator_stopped_at_any_step_can_be_tried_again() {
    let (world, engine) = World::with_files();
    let stopped = stop_at_each_pause(
        &world,
        0,
        |task| pollster::block_on(engine.load_generator(task)),
        || assert!(engine.loaded_generator().is_none()),
    );
    assert!(stopped >= 2, "{stopped}");
    assert_eq!(world.loads.get(), stopped + 1);
    assert!(engine.loaded_generator().is_some());
}

#[test]
fn searching_stopped_at_any_step_is_aborted() {
    let (world, engine) = World::with_files();
    let task = |task: &Task| pollster::block_on(engine.search(LIGHT_QUESTION, 3, None, task));
    assert!(stop_at_each_pause(&world, 0, task, || ()) >= 1);
}

/// The events of an answer, without its end.
fn without_end(events: &[AnswerEvent]) -> &[AnswerEvent] {
    &events[..events.len() - 1]
}

fn stopped_answer(world: &World, engine: &Engine, count: usize) -> Vec<AnswerEvent> {
    let cancel = CancelToken::default();
    let asking = cancel.clone();
    world.runtime.after(count, move || asking.cancel());
    try_ask(engine, LIGHT_QUESTION, &stopping(&cancel)).unwrap()
}

#[test]
fn an_answer_stopped_at_any_step_ends_with_aborted_after_a_part_of_its_events() {
    let (world, first) = World::with_files();
    let whole = ask(&first, LIGHT_QUESTION);
    let whole = without_end(&whole);
    let has_text =
        |events: &[AnswerEvent]| events.iter().any(|event| matches!(event, AnswerEvent::Text(_)));
    let mut reached = [0; 3];
    for count in 0.. {
        // A new engine: it has neither the generator nor any sentence's vector yet.
        let engine = world.open();
        let events = stopped_answer(&world, &engine, count);
        let Some(AnswerEvent::End { reason, .. }) = events.last() else { panic!("no end") };
        if *reason != EndReason::Aborted {
            assert_eq!(without_end(&events), whole);
            break;
        }
        let events = without_end(&events);
        if !has_text(events) {
            assert_eq!(events, &whole[..events.len()]);
        }
        reached[usize::from(!events.is_empty()) + usize::from(has_text(events))] += 1;
    }
    assert!(reached.iter().all(|count| *count > 0), "{reached:?}");
    assert!(sources(&ask(&first, LIGHT_QUESTION)).contains(&LIGHT.name.to_owned()));
}
