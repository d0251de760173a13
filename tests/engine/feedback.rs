//! Feedback on passages: recorded, learned from, kept and removed.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{AnswerEvent, Engine, Error, FeedbackStats, Passage, Task};

use crate::harness::{Harness, add, ask, documents, embedder, find, text_file};
use crate::history::export;

/// Two texts with the same words of the questions, and one about something else.
const FILES: [(&str, &str); 3] = [
    ("old.txt", "When the ferry must leave, a bell rings twice on the deck."),
    ("new.txt", "Sailors sing songs when their ferry may leave under a full moon."),
    ("bread.txt", "Sourdough needs flour, water, salt and time."),
];

fn harbour() -> (Harness, Engine) {
    let harness = Harness::new();
    let engine = harness.open();
    for (name, text) in FILES {
        add(&engine, text_file(name, text));
    }
    (harness, engine)
}

fn search(engine: &Engine, question: &str) -> Vec<Passage> {
    pollster::block_on(engine.search(question, 10, None, &Task::default())).unwrap()
}

fn first(engine: &Engine, question: &str) -> String {
    search(engine, question)[0].document.info.name.clone()
}

fn id_of(engine: &Engine, name: &str) -> String {
    let listed = documents(engine);
    let found = listed.iter().find(|document| document.info.name == name).unwrap();
    format!("{}/0", found.info.id)
}

fn try_feedback(
    engine: &Engine,
    question: &str,
    good: &[String],
    bad: &[String],
) -> Result<FeedbackStats, Error> {
    pollster::block_on(engine.feedback(question, good, bad, &Task::default()))
}

fn stats(engine: &Engine) -> FeedbackStats {
    pollster::block_on(engine.feedback_stats(&Task::default())).unwrap()
}

const PLACES: [&str; 8] =
    ["island", "castle", "museum", "village", "market", "temple", "bridge", "garden"];

fn question(place: &str) -> String {
    format!("When does the ferry leave for the {place}?")
}

/// The name of the file that is not first for the questions.
fn second(engine: &Engine) -> &'static str {
    if first(engine, &question(PLACES[0])) == "old.txt" { "new.txt" } else { "old.txt" }
}

/// Says for the first questions that the second file is the good one.
fn teach(engine: &Engine, count: usize) -> FeedbackStats {
    let good = [id_of(engine, second(engine))];
    for place in &PLACES[..count] {
        try_feedback(engine, &question(place), &good, &[]).unwrap();
    }
    stats(engine)
}

/// For how many of the questions a file comes first.
fn count_first(engine: &Engine, name: &str) -> usize {
    PLACES.iter().filter(|place| first(engine, &question(place)) == name).count()
}

/// The names and cosines of what is found, in the order of names.
fn cosines(engine: &Engine, question: &str) -> Vec<(String, f32)> {
    let found = search(engine, question);
    let mut found: Vec<_> =
        found.iter().map(|it| (it.document.info.name.clone(), it.dense)).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

#[test]
fn a_wrong_ranking_is_mended_for_like_questions() {
    let (_harness, engine) = harbour();
    let (wanted, flour) = (second(&engine), "Which flour does sourdough need?");
    let before = (first(&engine, flour), cosines(&engine, &question("garden")));
    assert!(count_first(&engine, wanted) <= 2);
    let stats = teach(&engine, 6);
    assert!(stats.in_use, "{stats:?}");
    assert_eq!(stats.questions, 6);
    let held_out = stats.held_out.unwrap();
    assert!(held_out.after > held_out.before);
    assert_eq!(count_first(&engine, wanted), PLACES.len());
    let AnswerEvent::Passages(passages) = &ask(&engine, &question("garden"))[0] else { panic!() };
    assert_eq!(passages[0].document.info.name, wanted);
    // Other questions stay as they were, and so does what decides whether a question is answered.
    assert_eq!((first(&engine, flour), cosines(&engine, &question("garden"))), before);
}

#[test]
fn feedback_on_three_questions_is_recorded_and_not_used() {
    let (_harness, engine) = harbour();
    let before = find(&engine, &question("garden"));
    let stats = teach(&engine, 3);
    assert_eq!(stats, FeedbackStats { questions: 3, in_use: false, held_out: None });
    assert_eq!(find(&engine, &question("garden")), before);
}

#[test]
fn feedback_that_contradicts_itself_changes_nothing() {
    let (_harness, engine) = harbour();
    let before = find(&engine, &question("garden"));
    let ids = ["old.txt", "new.txt"].map(|name| id_of(&engine, name));
    for (place, name) in PLACES.iter().enumerate() {
        let (good, bad) = (&ids[place % 2..][..1], &ids[1 - place % 2..][..1]);
        let stats = try_feedback(&engine, &question(name), good, bad).unwrap();
        assert!(!stats.in_use, "after {} questions: {stats:?}", place + 1);
    }
    assert_eq!(find(&engine, &question("garden")), before);
}

#[test]
fn feedback_is_kept_over_reopening_and_other_tabs_use_it() {
    let (harness, engine) = harbour();
    let other = harness.open();
    let taught = teach(&engine, 6);
    let expected = find(&engine, &question("garden"));
    assert_eq!(find(&other, &question("garden")), expected);
    assert_eq!(stats(&other), taught);
    drop(engine);
    let again = harness.open();
    assert_eq!(find(&again, &question("garden")), expected);
    assert_eq!(stats(&again), taught);
}

#[test]
fn feedback_is_exported_and_imported() {
    let (harness, engine) = harbour();
    let taught = teach(&engine, 6);
    let file = export(&engine);
    let copy = Harness { embedder: harness.embedder.clone(), ..Harness::new() };
    let store = copy.store();
    let task = Task::default();
    let importing =
        Engine::import(&file, &*store, Some(&harness.embedder), &*harness.runtime, &task);
    pollster::block_on(importing).unwrap();
    let imported = copy.open();
    assert_eq!(stats(&imported), taught);
    assert_eq!(find(&imported, &question("garden")), find(&engine, &question("garden")));
    assert!(export(&imported) == file);
}

#[test]
fn clearing_removes_all_feedback_and_what_was_learned() {
    let (harness, engine) = harbour();
    let before = find(&engine, &question("garden"));
    assert!(teach(&engine, 6).in_use);
    pollster::block_on(engine.clear_feedback()).unwrap();
    assert_eq!(stats(&engine), FeedbackStats { questions: 0, in_use: false, held_out: None });
    assert_eq!(find(&engine, &question("garden")), before);
    assert_eq!(feedback_keys(&harness), [""; 0]);
}

fn feedback_keys(harness: &Harness) -> Vec<String> {
    harness.records.keys().into_iter().filter(|key| key.starts_with("feedback/")).collect()
}

#[test]
fn feedback_on_a_document_goes_with_the_document() {
    let (harness, engine) = harbour();
    let other = harness.open();
    let wanted = second(&engine);
    teach(&engine, 6);
    let flour = id_of(&engine, "bread.txt");
    try_feedback(&engine, "Which flour does sourdough need?", &[flour], &[]).unwrap();
    let id = id_of(&engine, wanted);
    let id = id.split('/').next().unwrap();
    pollster::block_on(engine.remove(id)).unwrap();
    assert_eq!((stats(&engine).questions, feedback_keys(&harness).len()), (1, 1));
    let hex: Vec<u8> =
        (0..16).map(|at| u8::from_str_radix(&id[2 * at..2 * at + 2], 16).unwrap()).collect();
    let has_id = |record: &Vec<u8>| record.windows(16).any(|bytes| bytes == hex);
    assert!(
        !harness
            .records
            .all()
            .iter()
            .any(|(key, record)| key.starts_with("feedback/") && has_id(record))
    );
    search(&other, &question("garden"));
    assert_eq!(stats(&other).questions, 1);
}

#[test]
fn the_text_of_a_question_is_not_stored() {
    let (harness, engine) = harbour();
    teach(&engine, 2);
    let text = b"ferry leave for";
    let records = harness.records.all();
    assert!(!records.values().any(|record| record.windows(text.len()).any(|bytes| bytes == text)));
}

#[test]
fn damaged_feedback_is_left_out_and_the_rest_is_used() {
    let (harness, engine) = harbour();
    teach(&engine, 6);
    let good = [id_of(&engine, second(&engine))];
    drop(engine);
    let keys = feedback_keys(&harness);
    let whole = harness.records.get(&keys[0]).unwrap();
    for damaged in [Vec::new(), whole[..40].to_vec(), b"damage".to_vec(), vec![0; 2000]] {
        harness.records.put(&keys[0], damaged);
        let engine = harness.open();
        assert_eq!((stats(&engine).questions, engine.damaged().len()), (5, 0));
        search(&engine, &question("garden"));
    }
    // The next change deletes it.
    let engine = harness.open();
    try_feedback(&engine, &question("mill"), &good, &[]).unwrap();
    assert!(!feedback_keys(&harness).contains(&keys[0]));
    assert_eq!(stats(&harness.open()).questions, 6);
}

#[test]
fn feedback_of_a_newer_version_is_left_alone() {
    let (harness, engine) = harbour();
    teach(&engine, 1);
    drop(engine);
    let key = &feedback_keys(&harness)[0];
    let newer = crate::record::with_version(&harness.records.get(key).unwrap(), 9);
    harness.records.put(key, newer.clone());
    let engine = harness.open();
    assert_eq!(stats(&engine).questions, 0);
    add(&engine, text_file("more.txt", "More text."));
    assert_eq!(harness.records.get(key), Some(newer));
}

#[test]
fn embedding_again_removes_feedback() {
    let (harness, engine) = harbour();
    teach(&engine, 4);
    drop(engine);
    let harness = Harness { embedder: embedder(100), ..harness };
    let (store, task) = (harness.store(), Task::default());
    let opened = Engine::open_with_new_embedder(
        store,
        harness.runtime.clone(),
        harness.embedder.clone(),
        None,
        &task,
    );
    let engine = pollster::block_on(opened).unwrap();
    assert_eq!((stats(&engine).questions, feedback_keys(&harness).len()), (0, 0));
}

#[test]
fn wrong_feedback_fails_with_a_code_and_changes_nothing() {
    let (harness, engine) = harbour();
    let before = harness.records.all();
    let good = [id_of(&engine, "bread.txt")];
    let code = |question: &str, good: &[String], bad: &[String]| {
        try_feedback(&engine, question, good, bad).unwrap_err().code()
    };
    assert_eq!(code("flour?", &[], &[]), "empty_feedback");
    assert_eq!(code(" ", &good, &[]), "empty_question");
    assert_eq!(code("flour?", &good, &good), "invalid_option");
    assert_eq!(code("flour?", &vec![good[0].clone(); 101], &[]), "invalid_option");
    let document = good[0].trim_end_matches("/0").to_owned();
    for id in ["", "no id", &format!("{document}/1"), &format!("{document}/00"), &document] {
        assert_eq!(code("flour?", &[id.to_owned()], &[]), "passage_not_found", "{id}");
    }
    assert_eq!(harness.records.all(), before);
}

#[test]
fn feedback_survives_losing_the_lease() {
    for operations in 0..12 {
        let (harness, engine) = harbour();
        let good = [id_of(&engine, "bread.txt")];
        harness.records.revoke_lease_after(operations);
        try_feedback(&engine, "Which flour?", &good, &[]).unwrap();
        assert_eq!(stats(&harness.open()).questions, 1, "after {operations} operations");
    }
}
