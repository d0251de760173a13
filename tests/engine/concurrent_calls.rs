//! Calls that overlap: each sees one state, and questions go first.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::future::{join, join3};
use multimodal_rag::{AnswerEvent, CancelToken, EndReason, Engine, Stage, Task};

use crate::world::{
    BREAD, BREAD_QUESTION, LIGHT, LIGHT_QUESTION, World, add, ask, asked, documents,
    many_sentences, short, sources, stopping, text_file,
};

/// The answer to a question asked when so many more pauses have been.
async fn asked_after(
    world: &World,
    engine: &Engine,
    pauses: usize,
    question: &str,
) -> Vec<AnswerEvent> {
    world.runtime.pass(pauses).await;
    asked(engine, question, &short(), &Task::default()).await.unwrap()
}

fn reason(events: &[AnswerEvent]) -> EndReason {
    match events.last() {
        Some(AnswerEvent::End { reason, .. }) => *reason,
        other => panic!("the last event is {other:?}"),
    }
}

#[test]
fn a_question_asked_while_a_file_is_added_goes_before_its_embedding() {
    let world = World::reading(32);
    let engine = world.open();
    add(&engine, BREAD);
    pollster::block_on(engine.load_generator(&Task::default())).unwrap();
    let log: Rc<RefCell<Vec<&str>>> = Rc::default();
    let embedding = log.clone();
    let on_progress = move |progress: multimodal_rag::Progress| {
        if progress.stage == Stage::Embed {
            embedding.borrow_mut().push("embed");
        }
    };
    let task = Task { on_progress: Some(Rc::new(on_progress)), ..Default::default() };
    let text = many_sentences(300);
    let adding = engine.add(text_file("ships.txt", &text), &task);
    let asking = async {
        world.runtime.pass(8).await;
        log.borrow_mut().push("asked");
        let events = asked(&engine, BREAD_QUESTION, &short(), &Task::default()).await.unwrap();
        log.borrow_mut().push("answered");
        events
    };
    let (added, events) = pollster::block_on(join(adding, asking));
    assert_eq!(sources(&events), [BREAD.name], "the file was not there when it was asked");
    assert!(!added.unwrap().already_added);
    let log = log.borrow();
    let place = |what| log.iter().position(|entry| *entry == what).unwrap();
    let (asked, answered) = (place("asked"), place("answered"));
    // The batch that was being computed is the only one that may come in between.
    let between = log[asked..answered].iter().filter(|entry| **entry == "embed").count();
    assert!(between <= 1, "{between} batches");
    assert!(log[..asked].contains(&"embed"));
    assert!(log[answered..].iter().filter(|entry| **entry == "embed").count() > 10);
}

#[test]
fn a_question_at_any_step_of_adding_sees_the_state_before_or_after_it() {
    let text = many_sentences(60);
    let question = "What does ship 31 carry?";
    let (mut before, mut after) = (0, 0);
    for pauses in 0..40 {
        let world = World::reading(32);
        let engine = world.open();
        add(&engine, BREAD);
        let task = Task::default();
        let adding = engine.add(text_file("ships.txt", &text), &task);
        let asking = async {
            world.runtime.pass(pauses).await;
            engine.search(question, 50, None, &Task::default()).await.unwrap()
        };
        let finishing = async {
            let added = adding.await.unwrap();
            // So that the count goes on where adding took fewer steps.
            while world.runtime.pauses() < 200 {
                multimodal_rag::Runtime::yield_now(&*world.runtime).await;
            }
            added
        };
        let (added, passages) = pollster::block_on(join(finishing, asking));
        let of_ships = passages.iter().filter(|p| p.document.info.name == "ships.txt");
        let of_ships = of_ships.map(|passage| passage.chunks.len()).sum();
        match of_ships {
            0 => before += 1,
            all => {
                assert_eq!(all, added.chunks);
                after += 1;
            }
        }
    }
    assert!(before > 3 && after > 3, "{before} before, {after} after");
}

#[test]
fn an_answer_rests_on_the_state_it_began_with_where_a_document_is_removed_meanwhile() {
    for pauses in 0..6 {
        let (world, engine) = World::with_files();
        let expected = sources(&ask(&engine, LIGHT_QUESTION));
        drop(engine);
        let engine = world.open();
        let light = documents(&engine)[0].info.id.to_string();
        let task = Task::default();
        let options = short();
        let asking = asked(&engine, LIGHT_QUESTION, &options, &task);
        let removing = async {
            world.runtime.pass(pauses).await;
            engine.remove(&light).await.unwrap();
            documents(&engine).len()
        };
        let (events, left) = pollster::block_on(join(asking, removing));
        assert_eq!(left, 1);
        let events = events.unwrap();
        assert_eq!(sources(&events), expected);
        assert!(matches!(reason(&events), EndReason::Stop | EndReason::Length));
        assert!(!sources(&ask(&engine, LIGHT_QUESTION)).contains(&LIGHT.name.to_owned()));
    }
}

#[test]
fn two_questions_overlap_and_load_one_generator() {
    let (world, engine) = World::with_files();
    let expected = [LIGHT_QUESTION, BREAD_QUESTION].map(|question| {
        let mut events = ask(&world.open(), question);
        events.pop();
        events
    });
    world.loads.set(0);
    for pauses in 0..5 {
        let engine = if pauses == 0 { &engine } else { &world.open() };
        let both = join(
            asked_after(&world, engine, 0, LIGHT_QUESTION),
            asked_after(&world, engine, pauses, BREAD_QUESTION),
        );
        let (light, bread) = pollster::block_on(both);
        assert_eq!(light[..light.len() - 1], expected[0]);
        assert_eq!(bread[..bread.len() - 1], expected[1]);
        assert_eq!(world.loads.get(), pauses + 1);
    }
}

#[test]
fn a_question_that_waits_for_the_generator_can_be_stopped_and_takes_over_where_the_first_is() {
    let (world, engine) = World::with_files();
    let (one, two) = (CancelToken::default(), CancelToken::default());
    let load = |cancel: &CancelToken| {
        let task = stopping(cancel);
        let engine = &engine;
        async move { engine.load_generator(&task).await.map(|generator| generator.is_some()) }
    };
    // The second one gives up; the first goes on.
    let stopping_two = async { two.cancel() };
    let (first, second, ()) = pollster::block_on(join3(load(&one), load(&two), stopping_two));
    assert_eq!(first, Ok(true));
    assert_eq!(second.unwrap_err().code(), "aborted");
    assert_eq!(world.loads.get(), 1);

    // The first one is stopped; the second loads it.
    let engine = world.open();
    let (one, two) = (CancelToken::default(), CancelToken::default());
    let load = |cancel: &CancelToken| {
        let task = stopping(cancel);
        let engine = &engine;
        async move { engine.load_generator(&task).await.map(|generator| generator.is_some()) }
    };
    let stopping_one = async { one.cancel() };
    let (first, second, ()) = pollster::block_on(join3(load(&one), load(&two), stopping_one));
    assert_eq!(first.unwrap_err().code(), "aborted");
    assert_eq!(second, Ok(true));
    assert_eq!(world.loads.get(), 3);
}

#[test]
fn an_addition_that_waits_for_a_question_can_be_stopped() {
    let (world, engine) = World::with_files();
    let records = world.records.all();
    let cancel = CancelToken::default();
    let task = stopping(&cancel);
    let text = many_sentences(100);
    let adding = engine.add(text_file("ships.txt", &text), &task);
    let stopping = async {
        world.runtime.pass(10).await;
        cancel.cancel();
    };
    let asking = asked_after(&world, &engine, 2, LIGHT_QUESTION);
    let (added, events, ()) = pollster::block_on(join3(adding, asking, stopping));
    assert_eq!(added.unwrap_err().code(), "aborted");
    assert!(matches!(reason(&events), EndReason::Stop | EndReason::Length));
    assert!(world.records.all() == records);
}

#[test]
fn two_files_added_at_once_are_both_there_in_one_order() {
    let world = World::reading(32);
    let engine = world.open();
    let (one, two) = (many_sentences(80), many_sentences(90));
    let task = Task::default();
    let both = join(
        engine.add(text_file("one.txt", &one), &task),
        engine.add(text_file("two.txt", &two), &task),
    );
    let (first, second) = pollster::block_on(both);
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_ne!(first.info.sequence, second.info.sequence);
    let names = |engine: &Engine| -> Vec<String> {
        documents(engine).iter().map(|d| d.info.name.clone()).collect()
    };
    assert_eq!(names(&engine).len(), 2);
    assert_eq!(names(&engine), names(&world.open()));
}

#[test]
fn the_same_file_added_twice_at_once_is_added_once() {
    let world = World::new();
    let engine = world.open();
    let task = Task::default();
    let (first, second) =
        pollster::block_on(join(engine.add(LIGHT, &task), engine.add(LIGHT, &task)));
    let added = [first.unwrap(), second.unwrap()];
    assert_eq!(added.iter().filter(|added| added.already_added).count(), 1);
    assert_eq!(added[0].info, added[1].info);
    assert_eq!(documents(&engine).len(), 1);
    assert_eq!(*documents(&world.open())[0].info, *added[0].info);
}

#[test]
fn a_file_that_is_being_added_when_the_engine_is_closed_is_not_added() {
    let text = many_sentences(60);
    let whole = World::reading(32);
    add(&whole.open(), text_file("ships.txt", &text));
    // Also where that is at the very last pause.
    for pauses in 0..whole.runtime.pauses() {
        let world = World::reading(32);
        let engine = world.open();
        let task = Task::default();
        let adding = engine.add(text_file("ships.txt", &text), &task);
        let closing = async {
            world.runtime.pass(pauses).await;
            engine.close();
        };
        let (added, ()) = pollster::block_on(join(adding, closing));
        assert_eq!(added.err().map(|error| error.code()), Some("closed"), "after {pauses} pauses");
        assert_eq!(world.records.keys(), [""; 0]);
    }
}

#[test]
fn a_closed_engine_refuses_every_call_and_its_answers_come_to_an_end() {
    let (world, engine) = World::with_files();
    let closing = async {
        world.runtime.pass(3).await;
        engine.close();
    };
    let task = Task::default();
    let options = short();
    let (answer, ()) =
        pollster::block_on(join(asked(&engine, LIGHT_QUESTION, &options, &task), closing));
    match answer {
        Ok(events) => drop(reason(&events)),
        Err(error) => assert_eq!(error.code(), "closed"),
    }
    let light = documents(&world.open())[0].info.id.to_string();
    let codes = [
        pollster::block_on(engine.add(BREAD, &task)).err(),
        pollster::block_on(engine.remove(&light)).err(),
        pollster::block_on(engine.search(LIGHT_QUESTION, 3, None, &task)).err(),
        pollster::block_on(engine.load_generator(&task)).err(),
        pollster::block_on(asked(&engine, LIGHT_QUESTION, &options, &task)).err(),
        pollster::block_on(engine.documents()).err(),
        pollster::block_on(engine.document(&light)).err(),
    ];
    for code in codes.map(|error| error.unwrap().code()) {
        assert_eq!(code, "closed");
    }
    assert_eq!(documents(&world.open()).len(), 2);
}
