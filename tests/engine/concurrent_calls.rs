//! Concurrent calls: each sees one state, and questions go first.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::future::{join, join3};
use multimodal_rag::{AnswerEvent, CancelToken, EndReason, Engine, Stage, Task};

use crate::harness::{
    BREAD, BREAD_QUESTION, Harness, LIGHTHOUSE, LIGHTHOUSE_QUESTION, add, ask, cancellable_task,
    collect_events, documents, many_sentences, short_answer, sources, text_file,
};

/// The answer to a question that is asked after `yields` more yields.
async fn ask_after_yields(
    harness: &Harness,
    engine: &Engine,
    yields: usize,
    question: &str,
) -> Vec<AnswerEvent> {
    harness.runtime.wait_for_yields(yields).await;
    collect_events(engine, question, &short_answer(), &Task::default()).await.unwrap()
}

fn reason(events: &[AnswerEvent]) -> EndReason {
    match events.last() {
        Some(AnswerEvent::End { reason, .. }) => *reason,
        other => panic!("the last event is {other:?}"),
    }
}

#[test]
fn a_question_goes_before_the_embedding_of_a_file() {
    let harness = Harness::with_max_tokens(32);
    let engine = harness.open();
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
        harness.runtime.wait_for_yields(8).await;
        log.borrow_mut().push("asked");
        let events = collect_events(&engine, BREAD_QUESTION, &short_answer(), &Task::default())
            .await
            .unwrap();
        log.borrow_mut().push("answered");
        events
    };
    let (added, events) = pollster::block_on(join(adding, asking));
    assert_eq!(sources(&events), [BREAD.name], "the file was not there when it was asked");
    assert!(!added.unwrap().already_added);
    let log = log.borrow();
    let place = |what| log.iter().position(|entry| *entry == what).unwrap();
    let (asked, answered) = (place("asked"), place("answered"));
    // Only the batch that was being computed may end in between.
    let between = log[asked..answered].iter().filter(|entry| **entry == "embed").count();
    assert!(between <= 1, "{between} batches");
    assert!(log[..asked].contains(&"embed"));
    assert!(log[answered..].iter().filter(|entry| **entry == "embed").count() > 10);
}

#[test]
fn a_question_during_an_add_sees_the_state_before_or_after_it() {
    let text = many_sentences(60);
    let question = "What does ship 31 carry?";
    let (mut before, mut after) = (0, 0);
    for yields in 0..40 {
        let harness = Harness::with_max_tokens(32);
        let engine = harness.open();
        add(&engine, BREAD);
        let task = Task::default();
        let adding = engine.add(text_file("ships.txt", &text), &task);
        let asking = async {
            harness.runtime.wait_for_yields(yields).await;
            engine.search(question, 50, None, &Task::default()).await.unwrap()
        };
        let finishing = async {
            let added = adding.await.unwrap();
            // The other future counts yields, even if adding took fewer.
            while harness.runtime.yields() < 200 {
                multimodal_rag::Runtime::yield_now(&*harness.runtime).await;
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
fn an_answer_uses_the_state_it_began_with_although_a_document_is_removed() {
    for yields in 0..6 {
        let (harness, engine) = Harness::with_files();
        let expected = sources(&ask(&engine, LIGHTHOUSE_QUESTION));
        drop(engine);
        let engine = harness.open();
        let light = documents(&engine)[0].info.id.to_string();
        let task = Task::default();
        let options = short_answer();
        let asking = collect_events(&engine, LIGHTHOUSE_QUESTION, &options, &task);
        let removing = async {
            harness.runtime.wait_for_yields(yields).await;
            engine.remove(&light).await.unwrap();
            documents(&engine).len()
        };
        let (events, left) = pollster::block_on(join(asking, removing));
        assert_eq!(left, 1);
        let events = events.unwrap();
        assert_eq!(sources(&events), expected);
        assert!(matches!(reason(&events), EndReason::Stop | EndReason::Length));
        assert!(!sources(&ask(&engine, LIGHTHOUSE_QUESTION)).contains(&LIGHTHOUSE.name.to_owned()));
    }
}

#[test]
fn two_concurrent_questions_load_one_generator() {
    let (harness, engine) = Harness::with_files();
    let expected = [LIGHTHOUSE_QUESTION, BREAD_QUESTION].map(|question| {
        let mut events = ask(&harness.open(), question);
        events.pop();
        events
    });
    harness.loads.set(0);
    for yields in 0..5 {
        let engine = if yields == 0 { &engine } else { &harness.open() };
        let both = join(
            ask_after_yields(&harness, engine, 0, LIGHTHOUSE_QUESTION),
            ask_after_yields(&harness, engine, yields, BREAD_QUESTION),
        );
        let (light, bread) = pollster::block_on(both);
        assert_eq!(light[..light.len() - 1], expected[0]);
        assert_eq!(bread[..bread.len() - 1], expected[1]);
        assert_eq!(harness.loads.get(), yields + 1);
    }
}

#[test]
fn a_question_that_waits_for_the_generator_can_be_cancelled_and_loads_it_if_the_first_is_cancelled()
{
    let (harness, engine) = Harness::with_files();
    let (one, two) = (CancelToken::default(), CancelToken::default());
    let load = |cancel: &CancelToken| {
        let task = cancellable_task(cancel);
        let engine = &engine;
        async move { engine.load_generator(&task).await.map(|generator| generator.is_some()) }
    };
    // The second call is cancelled. The first one loads the generator.
    let stopping_two = async { two.cancel() };
    let (first, second, ()) = pollster::block_on(join3(load(&one), load(&two), stopping_two));
    assert_eq!(first, Ok(true));
    assert_eq!(second.unwrap_err().code(), "aborted");
    assert_eq!(harness.loads.get(), 1);

    // The first call is cancelled. The second one loads the generator.
    let engine = harness.open();
    let (one, two) = (CancelToken::default(), CancelToken::default());
    let load = |cancel: &CancelToken| {
        let task = cancellable_task(cancel);
        let engine = &engine;
        async move { engine.load_generator(&task).await.map(|generator| generator.is_some()) }
    };
    let stopping_one = async { one.cancel() };
    let (first, second, ()) = pollster::block_on(join3(load(&one), load(&two), stopping_one));
    assert_eq!(first.unwrap_err().code(), "aborted");
    assert_eq!(second, Ok(true));
    assert_eq!(harness.loads.get(), 3);
}

#[test]
fn an_add_that_waits_for_a_question_can_be_cancelled() {
    let (harness, engine) = Harness::with_files();
    let records = harness.records.all();
    let cancel = CancelToken::default();
    let task = cancellable_task(&cancel);
    let text = many_sentences(100);
    let adding = engine.add(text_file("ships.txt", &text), &task);
    let stopping = async {
        harness.runtime.wait_for_yields(10).await;
        cancel.cancel();
    };
    let asking = ask_after_yields(&harness, &engine, 2, LIGHTHOUSE_QUESTION);
    let (added, events, ()) = pollster::block_on(join3(adding, asking, stopping));
    assert_eq!(added.unwrap_err().code(), "aborted");
    assert!(matches!(reason(&events), EndReason::Stop | EndReason::Length));
    assert!(harness.records.all() == records);
}

#[test]
fn two_files_added_concurrently_are_both_there_in_one_order() {
    let harness = Harness::with_max_tokens(32);
    let engine = harness.open();
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
    assert_eq!(names(&engine), names(&harness.open()));
}

#[test]
fn the_same_file_added_twice_concurrently_is_added_once() {
    let harness = Harness::new();
    let engine = harness.open();
    let task = Task::default();
    let (first, second) =
        pollster::block_on(join(engine.add(LIGHTHOUSE, &task), engine.add(LIGHTHOUSE, &task)));
    let added = [first.unwrap(), second.unwrap()];
    assert_eq!(added.iter().filter(|added| added.already_added).count(), 1);
    assert_eq!(added[0].info, added[1].info);
    assert_eq!(documents(&engine).len(), 1);
    assert_eq!(*documents(&harness.open())[0].info, *added[0].info);
}

#[test]
fn a_file_is_not_added_if_the_engine_is_closed_during_the_add() {
    let text = many_sentences(60);
    let whole = Harness::with_max_tokens(32);
    add(&whole.open(), text_file("ships.txt", &text));
    // Also at the very last yield.
    for yields in 0..whole.runtime.yields() {
        let harness = Harness::with_max_tokens(32);
        let engine = harness.open();
        let task = Task::default();
        let adding = engine.add(text_file("ships.txt", &text), &task);
        let closing = async {
            harness.runtime.wait_for_yields(yields).await;
            engine.close();
        };
        let (added, ()) = pollster::block_on(join(adding, closing));
        assert_eq!(added.err().map(|error| error.code()), Some("closed"), "after {yields} yields");
        assert_eq!(harness.records.keys(), [""; 0]);
    }
}

#[test]
fn a_closed_engine_refuses_every_call_and_ends_its_answers() {
    let (harness, engine) = Harness::with_files();
    let closing = async {
        harness.runtime.wait_for_yields(3).await;
        engine.close();
    };
    let task = Task::default();
    let options = short_answer();
    let (answer, ()) = pollster::block_on(join(
        collect_events(&engine, LIGHTHOUSE_QUESTION, &options, &task),
        closing,
    ));
    match answer {
        Ok(events) => drop(reason(&events)),
        Err(error) => assert_eq!(error.code(), "closed"),
    }
    let light = documents(&harness.open())[0].info.id.to_string();
    let codes = [
        pollster::block_on(engine.add(BREAD, &task)).err(),
        pollster::block_on(engine.remove(&light)).err(),
        pollster::block_on(engine.search(LIGHTHOUSE_QUESTION, 3, None, &task)).err(),
        pollster::block_on(engine.load_generator(&task)).err(),
        pollster::block_on(collect_events(&engine, LIGHTHOUSE_QUESTION, &options, &task)).err(),
        pollster::block_on(engine.documents()).err(),
        pollster::block_on(engine.document(&light)).err(),
    ];
    for code in codes.map(|error| error.unwrap().code()) {
        assert_eq!(code, "closed");
    }
    assert_eq!(documents(&harness.open()).len(), 2);
}
