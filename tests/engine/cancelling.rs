//! Cancelling: a call ends within one step, and nothing is half done.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{AnswerEvent, CancelToken, EndReason, Engine, Result, Task};

use crate::harness::{
    BREAD, BREAD_QUESTION, Harness, LIGHTHOUSE, LIGHTHOUSE_QUESTION, add, ask, cancellable_task,
    documents, many_sentences, sources, text_file, try_ask,
};

/// Repeats `call` and cancels it one yield later each time, until it succeeds. `check` runs after
/// each cancelled call. Returns how many calls were cancelled.
pub(crate) fn cancel_at_each_yield<T>(
    harness: &Harness,
    first: usize,
    call: impl Fn(&Task) -> Result<T>,
    check: impl Fn(),
) -> usize {
    for count in first..10_000 {
        let cancel = CancelToken::default();
        let to_cancel = cancel.clone();
        harness.runtime.at_yield(count, move || to_cancel.cancel());
        let yields = harness.runtime.yields();
        match call(&cancellable_task(&cancel)) {
            Ok(_) => return count - first,
            Err(error) => {
                assert_eq!(error.code(), "aborted");
                assert_eq!(harness.runtime.yields(), yields + count + 1, "it ends within one step");
                check();
            }
        }
    }
    panic!("it never succeeded");
}

#[test]
fn adding_cancelled_at_any_step_changes_neither_store_nor_state() {
    let harness = Harness::with_max_tokens(32);
    let engine = harness.open();
    add(&engine, BREAD);
    let records = harness.records.all();
    let text = many_sentences(150);
    let ships = || text_file("ships.txt", &text);
    let chunks = engine.chunk_count();
    let stopped = cancel_at_each_yield(
        &harness,
        0,
        |task| pollster::block_on(engine.add(ships(), task)),
        || {
            assert!(harness.records.all() == records);
            assert_eq!(documents(&engine).len(), 1);
            assert_eq!(engine.chunk_count(), chunks);
        },
    );
    assert!(stopped > 10, "{stopped} steps");
    assert_eq!(documents(&engine).len(), 2);
    assert_eq!(sources(&ask(&engine, BREAD_QUESTION))[0], BREAD.name);
}

#[test]
fn a_call_cancelled_before_it_begins_does_nothing() {
    let (harness, engine) = Harness::with_files();
    let records = harness.records.all();
    let cancel = CancelToken::default();
    cancel.cancel();
    let task = cancellable_task(&cancel);
    let text = text_file("queen.txt", "The queen wore a silver crown.");
    assert_eq!(pollster::block_on(engine.add(text, &task)).unwrap_err().code(), "aborted");
    let search = engine.search(LIGHTHOUSE_QUESTION, 3, None, &task);
    assert_eq!(pollster::block_on(search).unwrap_err().code(), "aborted");
    let events = try_ask(&engine, LIGHTHOUSE_QUESTION, &task).unwrap();
    assert_eq!(events.len(), 1);
    assert!(matches!(events[0], AnswerEvent::End { reason: EndReason::Aborted, .. }));
    let loading = pollster::block_on(engine.load_generator(&task));
    assert_eq!(loading.unwrap_err().code(), "aborted");
    assert!(harness.records.all() == records);
    assert!(engine.loaded_generator().is_none());
}

#[test]
fn opening_cancelled_before_it_begins_does_not_change_the_store() {
    let (harness, engine) = Harness::with_files();
    drop(engine);
    let cancel = CancelToken::default();
    cancel.cancel();
    let records = harness.records.all();
    let opened = pollster::block_on(harness.try_open(&cancellable_task(&cancel)));
    assert_eq!(opened.unwrap_err().code(), "aborted");
    assert!(harness.records.all() == records);
    assert_eq!(documents(&harness.open()).len(), 2);
}

#[test]
fn opening_cancelled_while_a_segment_is_derived_again_can_be_repeated() {
    let harness = Harness::with_max_tokens(16);
    add(&harness.open(), text_file("many.txt", &many_sentences(100)));
    harness.records.delete("segment/0");
    let records = harness.records.all();
    let stopped = cancel_at_each_yield(
        &harness,
        0,
        |task| pollster::block_on(harness.try_open(task)),
        || assert!(harness.records.all() == records),
    );
    assert!(stopped > 10, "{stopped}");
    assert_eq!(documents(&harness.open()).len(), 1);
}

#[test]
fn loading_the_generator_cancelled_at_any_step_can_be_repeated() {
    let (harness, engine) = Harness::with_files();
    let stopped = cancel_at_each_yield(
        &harness,
        0,
        |task| pollster::block_on(engine.load_generator(task)),
        || assert!(engine.loaded_generator().is_none()),
    );
    assert!(stopped >= 2, "{stopped}");
    assert_eq!(harness.loads.get(), stopped + 1);
    assert!(engine.loaded_generator().is_some());
}

#[test]
fn searching_can_be_cancelled_at_any_step() {
    let (harness, engine) = Harness::with_files();
    let task = |task: &Task| pollster::block_on(engine.search(LIGHTHOUSE_QUESTION, 3, None, task));
    assert!(cancel_at_each_yield(&harness, 0, task, || ()) >= 1);
}

/// The events of an answer, without its end.
fn without_end(events: &[AnswerEvent]) -> &[AnswerEvent] {
    &events[..events.len() - 1]
}

fn cancelled_answer(harness: &Harness, engine: &Engine, count: usize) -> Vec<AnswerEvent> {
    let cancel = CancelToken::default();
    let to_cancel = cancel.clone();
    harness.runtime.at_yield(count, move || to_cancel.cancel());
    try_ask(engine, LIGHTHOUSE_QUESTION, &cancellable_task(&cancel)).unwrap()
}

#[test]
fn an_answer_cancelled_at_any_step_ends_with_aborted_after_a_part_of_its_events() {
    let (harness, first) = Harness::with_files();
    let whole = ask(&first, LIGHTHOUSE_QUESTION);
    let whole = without_end(&whole);
    let has_text =
        |events: &[AnswerEvent]| events.iter().any(|event| matches!(event, AnswerEvent::Text(_)));
    let mut reached = [0; 3];
    for count in 0.. {
        // A new engine has neither the generator nor vectors of sentences.
        let engine = harness.open();
        let events = cancelled_answer(&harness, &engine, count);
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
    assert!(sources(&ask(&first, LIGHTHOUSE_QUESTION)).contains(&LIGHTHOUSE.name.to_owned()));
}
