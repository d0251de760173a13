//! Files that are kept beside their documents: returned, left out, exported, and read again.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{DocumentInfo, Engine, Error, SourceFile, Stage, Task, is_outdated};
use serde_json::json;

use crate::box_reader::{boxed, open};
use crate::harness::{
    BREAD, BREAD_QUESTION, Fault, Harness, LIGHTHOUSE, add, documents, find, many_sentences, names,
    recording_task, text_file,
};
use crate::history::export;
use crate::store_faults::with_each_fault;

fn original(engine: &Engine, id: &str) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut write = |piece: &[u8]| {
        bytes.extend(piece);
        Ok(())
    };
    let task = Task::default();
    pollster::block_on(engine.original(id, None, &mut write, &task))?;
    Ok(bytes)
}

fn reread(engine: &Engine, id: &str) -> Result<std::rc::Rc<DocumentInfo>, Error> {
    Ok(pollster::block_on(engine.reread(id, None, &Task::default()))?.info)
}

/// A file of nine megabytes with little text.
fn large_file() -> String {
    let mut content = boxed("The archive of the mill is large.", json!([]));
    content.push_str(&" ".repeat(9 << 20));
    content
}

#[test]
fn the_file_of_a_document_is_kept_and_returned() {
    let (harness, engine) = Harness::with_files();
    let bread = documents(&engine)[1].info.clone();
    assert!(bread.has_original);
    drop(engine);
    let (engine, _) = open(&harness);
    assert_eq!(original(&engine, &bread.id.to_string()).unwrap(), BREAD.bytes);
    let large = large_file();
    let id = add(&engine, text_file("mill.box", &large)).info.id.to_string();
    let parts = format!("original/{id}/");
    let count = || harness.records.keys().iter().filter(|key| key.starts_with(&parts)).count();
    assert_eq!(count(), 3);
    assert!(original(&engine, &id).unwrap() == large.as_bytes());
    pollster::block_on(engine.remove(&id)).unwrap();
    assert_eq!(count(), 0);
    assert_eq!(original(&engine, &id).unwrap_err().code(), "document_not_found");
}

#[test]
fn a_file_that_is_dropped_is_not_kept_and_says_so() {
    let harness = Harness::new();
    let engine = harness.open();
    let added = add(&engine, SourceFile { drops_original: true, ..BREAD });
    let id = added.info.id.to_string();
    assert!(!added.info.has_original && added.info.details.warnings.is_empty());
    assert!(!harness.records.keys().iter().any(|key| key.starts_with("original/")));
    for error in [original(&engine, &id).unwrap_err(), reread(&engine, &id).unwrap_err()] {
        assert_eq!(error.code(), "original_not_kept");
    }
    // Replaced by the same bytes, it is kept, and then dropped again.
    let kept = add(&engine, SourceFile { replaces: Some(&id), ..BREAD });
    assert!(kept.info.has_original);
    assert_eq!(original(&engine, &id).unwrap(), BREAD.bytes);
    add(&engine, SourceFile { replaces: Some(&id), drops_original: true, ..BREAD });
    assert!(!harness.records.keys().iter().any(|key| key.starts_with("original/")));
}

#[test]
fn a_file_without_space_for_itself_is_added_without_it() {
    let warning = "The file itself was not kept: there was no space for it.";
    let harness = Harness::new();
    let (engine, _) = open(&harness);
    let large = large_file();
    harness.records.set_free_bytes(1 << 20);
    let added = add(&engine, text_file("mill.box", &large));
    assert!(!added.info.has_original);
    assert_eq!(added.info.details.warnings, [warning]);
    // The same where the store finds out only when it writes.
    let harness = Harness::new();
    let (engine, _) = open(&harness);
    harness.records.set_max_commit_bytes(1 << 20);
    let added = add(&engine, text_file("mill.box", &large));
    assert_eq!(
        (added.info.has_original, &*added.info.details.warnings),
        (false, &[warning.to_owned()][..])
    );
    let stored = pollster::block_on(engine.document(&added.info.id.to_string())).unwrap();
    assert_eq!(stored.info, *added.info);
}

#[test]
fn a_damaged_file_leaves_its_document_alone() {
    let (harness, engine) = Harness::with_files();
    let [light, bread] = [0, 1].map(|at| documents(&engine)[at].info.id.to_string());
    drop(engine);
    let key = format!("original/{bread}/00000000");
    let other = harness.records.get(&format!("original/{light}/00000000")).unwrap();
    for record in [None, Some(Vec::new()), Some(other)] {
        match record {
            None => harness.records.delete(&key),
            Some(record) => harness.records.put(&key, record),
        }
        let engine = harness.open();
        assert_eq!(engine.damaged(), []);
        assert_eq!(find(&engine, BREAD_QUESTION)[0].0, BREAD.name);
        for error in [original(&engine, &bread), reread(&engine, &bread).map(|_| Vec::new())] {
            assert_eq!(error.unwrap_err().code(), "corrupt_storage");
        }
        // An export leaves the part out, and can be imported.
        let file = export(&engine);
        let copy = Harness { embedder: harness.embedder.clone(), ..Harness::new() };
        let (store, task) = (copy.store(), Task::default());
        let importing = Engine::import(&file, &*store, None, &*copy.runtime, &task);
        pollster::block_on(importing).unwrap();
        assert_eq!(original(&copy.open(), &light).unwrap(), LIGHTHOUSE.bytes);
        assert_eq!(original(&copy.open(), &bread).unwrap_err().code(), "corrupt_storage");
    }
}

#[test]
fn an_export_holds_the_files() {
    let harness = Harness::new();
    let (engine, _) = open(&harness);
    let large = large_file();
    add(&engine, BREAD);
    let id = add(&engine, text_file("mill.box", &large)).info.id.to_string();
    let file = export(&engine);
    let copy = Harness { embedder: harness.embedder.clone(), ..Harness::new() };
    let (store, task) = (copy.store(), Task::default());
    let importing = Engine::import(&file, &*store, None, &*copy.runtime, &task);
    pollster::block_on(importing).unwrap();
    assert!(copy.records.all().keys().eq(harness.records.all().keys()));
    assert!(original(&copy.open(), &id).unwrap() == large.as_bytes());
}

#[test]
fn the_file_of_a_member_is_taken_out_of_its_container() {
    let harness = Harness::new();
    let (engine, _) = open(&harness);
    let inner = json!({ "text": "", "members": [["a/b.txt", "A blue door."]] });
    let content = boxed("", json!([["in/inner.box", inner], ["in.txt", "A red door."]]));
    let added = add(&engine, text_file("a.box", &content));
    let [blue, red] = [0, 1].map(|at| added.members[at].to_string());
    assert_eq!(original(&engine, &blue).unwrap(), b"A blue door.");
    assert_eq!(original(&engine, &red).unwrap(), b"A red door.");
    assert_eq!(original(&engine, &added.info.id.to_string()).unwrap(), content.as_bytes());
}

#[test]
fn reading_again_replaces_the_text_under_the_same_id_and_reuses_vectors() {
    let harness = Harness::with_max_tokens(32);
    let (engine, reader) = open(&harness);
    let content = boxed(&many_sentences(60), json!([]));
    let metadata = Some("{\"year\":2024}");
    let added = add(&engine, SourceFile { metadata, ..text_file("ships.box", &content) });
    add(&engine, BREAD);
    assert!(is_outdated(&added.info) && !is_outdated(&documents(&engine)[1].info));
    let id = added.info.id.to_string();
    let (records, keys) = (harness.records.all(), harness.records.keys());
    reader.is_newer.set(true);
    let (task, seen) = recording_task();
    let again = pollster::block_on(engine.reread(&id, None, &task)).unwrap();
    assert!(!is_outdated(&again.info));
    assert_eq!((again.info.id, &again.info.metadata), (added.info.id, &added.info.metadata));
    assert_eq!((again.info.sequence, again.info.added_at), (0, added.info.added_at));
    assert_eq!(names(&engine), ["ships.box", BREAD.name]);
    let text = pollster::block_on(engine.document(&id)).unwrap().text().to_owned();
    assert!(text.ends_with("A newer reader reads this sentence too."));
    let first = seen.borrow().iter().find(|p| p.stage == Stage::Embed).copied().unwrap();
    assert!(first.total - first.done <= 2 && first.total > 10, "{first:?}");
    assert_eq!(original(&engine, &id).unwrap(), content.as_bytes());
    let part = format!("original/{id}/00000000");
    assert_eq!(harness.records.get(&part), Some(records[&part].clone()));
    assert_eq!(harness.records.keys().len(), keys.len());
    drop(engine);
    let (engine, _) = open(&harness);
    assert_eq!(find(&engine, "What does a newer reader read?")[0].0, "ships.box");
}

#[test]
fn a_file_that_an_older_reader_read_is_read_again_when_it_is_added_again() {
    let harness = Harness::new();
    let (engine, reader) = open(&harness);
    let content = boxed("A list.", json!([["a.txt", "A red door."]]));
    let metadata = Some("{\"year\":2024}");
    let added = add(&engine, SourceFile { metadata, ..text_file("a.box", &content) });
    add(&engine, BREAD);
    let listed = names(&engine);
    reader.is_newer.set(true);
    let again = add(&engine, text_file("a.box", &content));
    assert!(!again.already_added && !is_outdated(&again.info));
    assert_eq!((again.info.id, &again.members), (added.info.id, &added.members));
    assert_eq!((again.info.sequence, &again.info.metadata), (0, &added.info.metadata));
    assert_eq!(names(&engine), listed);
    let document = pollster::block_on(engine.document(&again.info.id.to_string())).unwrap();
    assert!(document.text().ends_with("A newer reader reads this sentence too."));
    assert!(add(&engine, text_file("a.box", &content)).already_added);
}

#[test]
fn a_file_that_was_not_kept_is_kept_when_it_is_added_again() {
    let harness = Harness::new();
    let (engine, _) = open(&harness);
    let dropped = SourceFile { drops_original: true, ..BREAD };
    let id = add(&engine, dropped.clone()).info.id.to_string();
    assert_eq!(original(&engine, &id).unwrap_err().code(), "original_not_kept");
    let again = add(&engine, BREAD);
    assert!(!again.already_added && again.info.id.to_string() == id);
    assert_eq!(original(&engine, &id).unwrap(), BREAD.bytes);
    assert!(add(&engine, BREAD).already_added && add(&engine, dropped).already_added);
    assert_eq!(names(&engine), [BREAD.name]);
}

#[test]
fn reading_a_container_again_replaces_its_members() {
    let harness = Harness::new();
    let (engine, reader) = open(&harness);
    let inner = json!({ "text": "A note.", "members": [["b.txt", "A blue door."]] });
    let content = boxed("A list.", json!([["in.box", inner], ["a.txt", "A red door."]]));
    let added = add(&engine, text_file("a.box", &content));
    add(&engine, BREAD);
    let before = (names(&engine), added.members.clone());
    reader.is_newer.set(true);
    let member = added.members[2].to_string();
    assert_eq!(reread(&engine, &member).unwrap().id.to_string(), member);
    let listed = documents(&engine);
    assert_eq!((names(&engine), listed[0].members.clone()), before);
    let note = pollster::block_on(engine.document(&added.members[0].to_string())).unwrap();
    assert!(note.text().starts_with("A note. A newer reader"));
}

#[test]
fn reading_again_happens_completely_or_not_at_all() {
    let content = boxed("A list.", json!([["a.txt", "A red door."]]));
    let make = || {
        let harness = Harness::new();
        let (engine, reader) = open(&harness);
        add(&engine, text_file("a.box", &content));
        reader.is_newer.set(true);
        (harness, engine)
    };
    let id = documents(&make().1)[0].info.id.to_string();
    with_each_fault(make, |engine| reread(engine, &id).map(|_| ()));
}

#[test]
fn an_interrupted_add_that_is_resumed_keeps_the_file() {
    let text = many_sentences(200);
    let mut resumed = 0;
    for operations in 0.. {
        let (harness, engine) = Harness::with_files();
        harness.runtime.set_yield_ms(4000);
        harness.records.set_fault(operations, Fault::Dies);
        let task = Task::default();
        let added = pollster::block_on(engine.add(text_file("ships.txt", &text), &task));
        let reached = harness.records.clear_fault();
        drop(engine);
        let engine = harness.open();
        for added in pollster::block_on(engine.resume(&Task::default())).unwrap() {
            assert!(added.info.has_original && added.info.details.warnings.is_empty());
            assert_eq!(original(&engine, &added.info.id.to_string()).unwrap(), text.as_bytes());
            resumed += 1;
        }
        assert!(!harness.records.keys().iter().any(|key| key.starts_with("job/")));
        if !reached {
            assert!(added.is_ok());
            break;
        }
    }
    assert!(resumed > 3, "{resumed}");
}
