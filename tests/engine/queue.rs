//! The queue of files that wait to be added: it outlives the engine, and nothing is lost or added
//! twice.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{AddedDocument, CancelToken, Engine, Error, SourceFile, Task};

use crate::box_reader::{LOCKED, open};
use crate::harness::{
    BREAD, Fault, Harness, LIGHTHOUSE, add, cancellable_task, documents, many_sentences, names,
    text_file,
};

fn enqueue(engine: &Engine, file: SourceFile) -> u64 {
    pollster::block_on(engine.enqueue(file, &Task::default())).unwrap()
}

fn queued(engine: &Engine) -> Vec<(u64, String)> {
    let files = pollster::block_on(engine.queued()).unwrap();
    files.into_iter().map(|file| (file.number, file.name)).collect()
}

fn add_queued(engine: &Engine, number: u64) -> Result<AddedDocument, Error> {
    pollster::block_on(engine.add_queued(number, &Task::default()))
}

fn has_records(harness: &Harness, prefix: &str) -> bool {
    harness.records.keys().iter().any(|key| key.starts_with(prefix))
}

fn original(engine: &Engine, added: &AddedDocument) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut write = |piece: &[u8]| {
        bytes.extend(piece);
        Ok(())
    };
    let (id, task) = (added.info.id.to_string(), Task::default());
    pollster::block_on(engine.original(&id, None, &mut write, &task)).unwrap();
    bytes
}

#[test]
fn queued_files_wait_until_they_are_added_and_outlive_the_engine() {
    let harness = Harness::new();
    let engine = harness.open();
    let metadata = "{\"year\":2024}";
    let one = enqueue(&engine, SourceFile { metadata: Some(metadata), ..LIGHTHOUSE });
    let two = enqueue(&engine, SourceFile { drops_original: true, ..BREAD });
    assert_eq!(documents(&engine).len(), 0);
    drop(engine);
    let engine = harness.open();
    pollster::block_on(engine.maintain(&Task::default())).unwrap();
    let expected = vec![(one, LIGHTHOUSE.name.to_owned()), (two, BREAD.name.to_owned())];
    assert_eq!(queued(&engine), expected);
    let light = add_queued(&engine, one).unwrap();
    assert_eq!(light.info.metadata, metadata);
    assert_eq!(original(&engine, &light), LIGHTHOUSE.bytes);
    assert_eq!(queued(&engine), expected[1..]);
    assert!(!add_queued(&engine, two).unwrap().info.has_original);
    assert!(!has_records(&harness, "queued/"));
    assert_eq!(names(&engine), [LIGHTHOUSE.name, BREAD.name]);
    assert_eq!(add_queued(&engine, one).unwrap_err().code(), "queued_not_found");
}

#[test]
fn a_queued_file_is_the_same_as_one_that_is_added() {
    let (direct, by_queue) = (Harness::new(), Harness::new());
    add(&direct.open(), LIGHTHOUSE);
    let engine = by_queue.open();
    let number = enqueue(&engine, LIGHTHOUSE);
    add_queued(&engine, number).unwrap();
    assert!(direct.records.all().keys().eq(by_queue.records.all().keys()));
    let again = enqueue(&engine, LIGHTHOUSE);
    assert!(add_queued(&engine, again).unwrap().already_added);
    assert!(!has_records(&by_queue, "queued/"));
}

#[test]
fn a_queued_file_that_cannot_be_read_leaves_the_queue() {
    let harness = Harness::new();
    let (engine, _) = open(&harness);
    let cases = [("a.txt", " ", "empty_document"), ("a.mp4", "film", "unsupported_format")];
    for (name, text, code) in cases {
        let number = enqueue(&engine, text_file(name, text));
        assert_eq!(add_queued(&engine, number).unwrap_err().code(), code);
        assert_eq!(harness.records.keys(), [""; 0]);
    }
    // The password is kept in memory alone.
    let locked = format!("{LOCKED} The vault is below the stairs.");
    let file = SourceFile { password: Some("open"), ..text_file("a.txt", &locked) };
    let number = enqueue(&engine, file.clone());
    let bytes: Vec<u8> = harness.records.all().into_values().flatten().collect();
    assert!(!bytes.windows(4).any(|window| window == b"open"));
    add_queued(&engine, number).unwrap();
    pollster::block_on(engine.remove(&documents(&engine)[0].info.id.to_string())).unwrap();
    let number = enqueue(&engine, file);
    drop(engine);
    let (engine, _) = open(&harness);
    assert_eq!(add_queued(&engine, number).unwrap_err().code(), "password_required");
}

#[test]
fn an_interrupted_add_of_a_queued_file_is_continued_by_the_next() {
    let text = many_sentences(200);
    let mut continued = 0;
    for operations in 0.. {
        let (harness, engine) = Harness::with_files();
        harness.runtime.set_yield_ms(4000);
        let number = enqueue(&engine, text_file("ships.txt", &text));
        harness.records.set_fault(operations, Fault::Dies);
        let added = add_queued(&engine, number);
        let reached = harness.records.clear_fault();
        drop(engine);
        let engine = harness.open();
        // Maintenance leaves it to the queue.
        pollster::block_on(engine.maintain(&Task::default())).unwrap();
        assert_eq!(added.is_ok(), names(&engine).len() == 3, "after {operations} operations");
        if added.is_err() {
            continued += usize::from(has_records(&harness, "job/"));
            assert_eq!(queued(&engine), [(number, "ships.txt".to_owned())]);
            let added = add_queued(&engine, number).unwrap();
            assert_eq!(original(&engine, &added), text.as_bytes());
        }
        assert!(!has_records(&harness, "job/") && !has_records(&harness, "queued/"));
        assert_eq!(names(&harness.open()), [LIGHTHOUSE.name, BREAD.name, "ships.txt"]);
        if !reached {
            break;
        }
    }
    assert!(continued > 3, "{continued}");
}

#[test]
fn a_cancelled_add_of_a_queued_file_stays_in_the_queue() {
    for yields in 0..8 {
        let harness = Harness::with_max_tokens(32);
        let engine = harness.open();
        let number = enqueue(&engine, text_file("ships.txt", &many_sentences(100)));
        let cancel = CancelToken::default();
        let to_cancel = cancel.clone();
        harness.runtime.at_yield(yields, move || to_cancel.cancel());
        let task = cancellable_task(&cancel);
        let error = pollster::block_on(engine.add_queued(number, &task)).unwrap_err();
        assert_eq!(error.code(), "aborted");
        assert_eq!(queued(&engine).len(), 1);
        add_queued(&engine, number).unwrap();
    }
}

#[test]
fn a_cleared_queue_is_empty_and_what_was_begun_is_dropped() {
    let (harness, engine) = Harness::with_files();
    let before = harness.records.keys();
    harness.runtime.set_yield_ms(4000);
    let text = many_sentences(200);
    let number = enqueue(&engine, text_file("ships.txt", &text));
    enqueue(&engine, text_file("more.txt", &text));
    for operations in 20.. {
        harness.records.set_fault(operations, Fault::Dies);
        let _ = add_queued(&engine, number);
        harness.records.clear_fault();
        if has_records(&harness, "job/") {
            break;
        }
    }
    drop(engine);
    let engine = harness.open();
    pollster::block_on(engine.clear_queue()).unwrap();
    assert_eq!(queued(&engine), []);
    pollster::block_on(engine.maintain(&Task::default())).unwrap();
    assert_eq!(harness.records.keys(), before);
}

#[test]
fn a_queued_file_is_added_once_by_two_tabs() {
    use futures_util::future::join;
    let harness = Harness::new();
    let (one, two) = (harness.open(), harness.open());
    let number = enqueue(&one, LIGHTHOUSE);
    let task = Task::default();
    let adding = join(one.add_queued(number, &task), two.add_queued(number, &task));
    let (first, second) = pollster::block_on(adding);
    assert!(first.is_ok());
    assert_eq!(second.unwrap_err().code(), "queued_not_found");
    assert_eq!(names(&harness.open()), [LIGHTHOUSE.name]);
}

#[test]
fn a_queue_is_left_to_the_engine_that_filled_it_until_that_closes() {
    let harness = Harness::new();
    let (one, two) = (harness.open(), harness.open());
    let number = enqueue(&one, LIGHTHOUSE);
    let other = enqueue(&two, BREAD);
    assert_eq!(queued(&two), [(other, BREAD.name.to_owned())]);
    assert_eq!(add_queued(&two, number).unwrap_err().code(), "queued_not_found");
    pollster::block_on(two.clear_queue()).unwrap();
    assert_eq!(queued(&two), []);
    assert_eq!(queued(&one), [(number, LIGHTHOUSE.name.to_owned())]);
    one.close();
    assert_eq!(queued(&two), [(number, LIGHTHOUSE.name.to_owned())]);
    assert!(!add_queued(&two, number).unwrap().already_added);
    assert!(!has_records(&harness, "queued/"));
}
