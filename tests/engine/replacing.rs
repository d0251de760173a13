//! Replacing a document: one commit, and only changed chunks are embedded.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{Engine, Error, SourceFile, Stage, Task};

use crate::harness::{
    BREAD, Harness, LIGHTHOUSE, LIGHTHOUSE_QUESTION, add, documents, find, many_sentences, names,
    recording_task, text_file,
};

fn replace(engine: &Engine, id: &str, file: SourceFile) -> Result<String, Error> {
    let file = SourceFile { replaces: Some(id), ..file };
    Ok(pollster::block_on(engine.add(file, &Task::default()))?.info.id.to_string())
}

#[test]
fn a_document_is_removed_when_its_replacement_is_added() {
    let (harness, engine) = Harness::with_files();
    let light = documents(&engine)[0].info.id.to_string();
    let keys = harness.records.keys().len();
    let new =
        replace(&engine, &light, text_file("tower.txt", "The keeper lit a green lamp.")).unwrap();
    assert_eq!(names(&engine), [BREAD.name, "tower.txt"]);
    assert_eq!(harness.records.keys().len(), keys);
    assert!(find(&engine, LIGHTHOUSE_QUESTION).iter().all(|(name, ..)| name != LIGHTHOUSE.name));
    let error = pollster::block_on(engine.document(&light)).unwrap_err();
    assert_eq!(error.code(), "document_not_found");
    assert_eq!(names(&harness.open()), [BREAD.name, "tower.txt"]);
    // The same bytes again, with other metadata.
    let metadata = "{\"project\":\"x\"}";
    let again = SourceFile {
        metadata: Some(metadata),
        ..text_file("green.txt", "The keeper lit a green lamp.")
    };
    assert_eq!(replace(&engine, &new, again).unwrap(), new);
    assert_eq!(names(&harness.open()), [BREAD.name, "green.txt"]);
    assert_eq!(documents(&engine)[1].info.metadata, metadata);
}

#[test]
fn only_chunks_whose_text_changed_are_embedded_again() {
    let harness = Harness::with_max_tokens(64);
    let paragraphs: Vec<String> = many_sentences(200)
        .split_inclusive(". ")
        .collect::<Vec<_>>()
        .chunks(4)
        .map(|sentences| sentences.concat())
        .collect();
    let old = paragraphs.join("\n\n");
    let mut changed = paragraphs.clone();
    changed[20] = "A paragraph that is quite another one now.".to_owned();
    changed.insert(35, "And one that was not there before.".to_owned());
    let new = changed.join("\n\n");

    let fresh = Harness::with_max_tokens(64);
    let expected_engine = fresh.open();
    add(&expected_engine, text_file("notes.txt", &new));

    let engine = harness.open();
    let added = add(&engine, text_file("notes.txt", &old));
    let (task, seen) = recording_task();
    let id = added.info.id.to_string();
    let file = SourceFile { replaces: Some(&id), ..text_file("notes.txt", &new) };
    pollster::block_on(engine.add(file, &task)).unwrap();
    let first = seen.borrow().iter().find(|p| p.stage == Stage::Embed).copied().unwrap();
    let embedded = first.total - first.done;
    assert!((2..=8).contains(&embedded), "{embedded} of {} chunks were embedded", first.total);
    for question in ["What does ship 31 carry?", "A paragraph that is another one"] {
        assert_eq!(find(&engine, question), find(&expected_engine, question));
    }
}

#[test]
fn a_document_can_be_replaced_by_one_that_is_there_already() {
    let (_, engine) = Harness::with_files();
    let light = documents(&engine)[0].info.id.to_string();
    replace(&engine, &light, BREAD).unwrap();
    assert_eq!(names(&engine), [BREAD.name]);
}

#[test]
fn a_document_that_is_replaced_must_exist() {
    let (harness, engine) = Harness::with_files();
    let before = harness.records.all();
    for id in ["", "x", "0123456789abcdef0123456789abcdef"] {
        let error = replace(&engine, id, text_file("a.txt", "Some text.")).unwrap_err();
        assert_eq!(error.code(), "document_not_found");
    }
    let light = documents(&engine)[0].info.id.to_string();
    let error = replace(&engine, &light, text_file("a.txt", " ")).unwrap_err();
    assert_eq!(error.code(), "empty_document");
    assert!(harness.records.all() == before);
}

#[test]
fn a_file_replaces_the_document_of_its_name_where_it_is_told_to() {
    let (harness, engine) = Harness::with_files();
    let sync = |name: &str, text: &str| {
        add(&engine, SourceFile { replaces_same_name: true, ..text_file(name, text) })
    };
    let changed = sync(BREAD.name, "The bread is baked in the morning.");
    assert!(!changed.already_added);
    assert_eq!(names(&engine), [LIGHTHOUSE.name, BREAD.name]);
    let before = harness.records.all();
    let again = sync(BREAD.name, "The bread is baked in the morning.");
    assert!(again.already_added && again.info.id == changed.info.id);
    assert!(harness.records.all() == before);
    assert!(!sync("new.txt", "A new file.").already_added);
    // Without being told to, a file of the same name is another document.
    add(&engine, text_file(BREAD.name, "The bread is sold at noon."));
    assert_eq!(names(&engine), [LIGHTHOUSE.name, BREAD.name, "new.txt", BREAD.name]);
    sync(BREAD.name, "The bread is eaten.");
    assert_eq!(names(&engine), [LIGHTHOUSE.name, "new.txt", BREAD.name]);
    // The bytes of another file: what this name stood for is gone, the other file stays.
    sync(BREAD.name, "A new file.");
    assert_eq!(names(&harness.open()), [LIGHTHOUSE.name, "new.txt", BREAD.name]);
}
