//! Containers: the files within a file are documents of their own, added and removed with it.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{AddedDocument, Engine, Error, Filter, ReadLimits, SourceFile, Task};
use serde_json::{Value, json};

use crate::box_reader::{LOCKED, boxed, open};
use crate::harness::{
    Harness, add, documents, find, many_sentences, names, recording_task, text_file,
};
use crate::store_faults::{add_file, with_each_fault};

/// A mail with a letter, an archive, and notes.
fn mail() -> String {
    let inner = json!({ "text": "", "members": [
        ["deep/well.md", "# The well\n\nThe well of the castle is forty metres deep."],
    ] });
    boxed(
        "The steward writes about the castle.",
        json!([
            ["letter.txt", "The cook of the castle bakes honey cakes."],
            ["inner.zip", inner],
            ["notes.txt", "The stable holds nine horses."],
        ]),
    )
}

fn try_add(engine: &Engine, name: &str, content: &str) -> Result<AddedDocument, Error> {
    pollster::block_on(engine.add(text_file(name, content), &Task::default()))
}

#[test]
fn members_of_a_container_are_documents_with_its_metadata_and_their_paths() {
    let harness = Harness::new();
    let (engine, reader) = open(&harness);
    let metadata = Some("{\"year\": 1402}");
    let mail = mail();
    let added = add(&engine, SourceFile { metadata, ..text_file("mail.box", &mail) });
    add(&engine, text_file("later.txt", "A later file about a ferry."));
    let expected = ["mail.box", "letter.txt", "inner.zip/deep/well.md", "notes.txt", "later.txt"];
    assert_eq!(names(&engine), expected);
    assert_eq!(
        *reader.read.borrow(),
        ["mail.box", "letter.txt", "inner.zip", "inner.zip/deep/well.md", "notes.txt", "later.txt"]
    );
    let listed = documents(&engine);
    let ids: Vec<_> = listed[1..4].iter().map(|document| document.info.id).collect();
    assert_eq!((&added.members, &listed[0].members), (&ids, &ids));
    for member in &listed[1..4] {
        let container = member.info.container.as_ref().unwrap();
        assert_eq!((container.id, &container.path), (added.info.id, &member.info.name));
        assert_eq!(member.info.metadata, "{\"year\": 1402}");
        assert!(member.info.has_original);
        let document = pollster::block_on(engine.document(&member.info.id.to_string())).unwrap();
        assert_eq!(document.info, *member.info);
    }
    assert_eq!(find(&engine, "How deep is the well?")[0].0, "inner.zip/deep/well.md");
    let filter = Filter::parse(&json!({ "year": 1402 })).unwrap();
    let task = Task::default();
    let found = pollster::block_on(engine.search("Who bakes cakes?", 10, Some(&filter), &task));
    assert_eq!(found.unwrap()[0].document.info.name, "letter.txt");
    drop(engine);
    assert_eq!(names(&open(&harness).0), expected);
}

#[test]
fn a_container_and_its_members_are_one_segment() {
    let harness = Harness::new();
    let (engine, _) = open(&harness);
    add(&engine, text_file("mail.box", &mail()));
    let keys = harness.records.keys();
    let count = |prefix: &str| keys.iter().filter(|key| key.starts_with(prefix)).count();
    assert_eq!((count("segment/"), count("document/"), count("original/")), (1, 4, 1));
}

#[test]
fn a_container_without_text_is_listed_and_has_no_chunks() {
    let harness = Harness::new();
    let (engine, _) = open(&harness);
    let added = add(&engine, text_file("a.box", &boxed("", json!([["a.txt", "A blue door."]]))));
    assert_eq!((added.chunks, added.members.len()), (0, 1));
    assert_eq!(names(&engine), ["a.box", "a.txt"]);
    drop(engine);
    let (engine, _) = open(&harness);
    assert_eq!(find(&engine, "Which door?")[0].0, "a.txt");
}

#[test]
fn members_that_cannot_be_read_are_left_out_and_named() {
    let harness = Harness::new();
    let (engine, _) = open(&harness);
    let mut members = vec![
        json!(["film.mp4", "film"]),
        json!(["secret.txt", LOCKED]),
        json!(["empty.txt", " "]),
        json!(["tea.txt", "Tea is upstairs."]),
        json!(["tea.txt", "Tea is upstairs."]),
    ];
    let content = boxed("", Value::Array(members.clone()));
    let added = add(&engine, text_file("a.box", &content));
    assert_eq!(names(&engine), ["a.box", "tea.txt"]);
    assert_eq!(
        added.info.details.warnings,
        [
            "film.mp4 was not read: its format cannot be read here (a .mp4 file).",
            "secret.txt was not read: \"secret.txt\" is protected by a password. Add it again with its password.",
            "empty.txt was not read: \"empty.txt\" contains no text. Choose a file with text in it.",
        ]
    );
    members.extend((0..200).map(|number| json!([format!("{number}.mp4"), "film"])));
    let added = add(&engine, text_file("b.box", &boxed("", Value::Array(members))));
    assert_eq!(added.info.details.warnings.len(), 101);
    assert_eq!(added.info.details.warnings[100], "103 more files were not read.");
}

#[test]
fn a_container_in_which_nothing_can_be_read_gives_an_error_and_is_not_added() {
    let harness = Harness::new();
    let (engine, _) = open(&harness);
    let locked = boxed("", json!([["secret.txt", LOCKED], ["film.mp4", "film"]]));
    assert_eq!(try_add(&engine, "a.box", &locked).unwrap_err().code(), "password_required");
    let empty = boxed("", json!([["b.box", { "text": "", "members": [["c.txt", " "]] }]]));
    assert_eq!(try_add(&engine, "a.box", &empty).unwrap_err().code(), "empty_document");
    assert_eq!(harness.records.keys(), [""; 0]);
    let opened = SourceFile { password: Some("open"), ..text_file("a.box", &locked) };
    assert_eq!(add(&engine, opened).members.len(), 1);
}

#[test]
fn members_are_limited_in_number_size_and_depth() {
    let harness = Harness::new();
    let limits = ReadLimits { members: 4, expanded_bytes: 400, depth: 2, ..ReadLimits::default() };
    let (engine, _) = open(&harness);
    let engine = engine.with_read_limits(limits);
    let file = |number: usize| json!([format!("{number}.txt"), format!("Ship number {number}.")]);
    let many = boxed("", (0..5).map(file).collect());
    assert_eq!(try_add(&engine, "many.box", &many).unwrap_err().code(), "too_large");
    let large = boxed("", json!([["a.txt", "A sentence. ".repeat(40)]]));
    assert_eq!(try_add(&engine, "large.box", &large).unwrap_err().code(), "too_large");
    assert_eq!(harness.records.keys(), [""; 0]);
    // The limits are those of all members together, however deep.
    let inner = json!({ "text": "", "members": (0..3).map(file).collect::<Value>() });
    let nested = boxed("", json!([["a.box", inner], file(7), ["b.box", inner]]));
    let added = try_add(&engine, "nested.box", &nested).unwrap();
    assert_eq!(names(&engine), ["nested.box", "7.txt"]);
    assert_eq!(added.info.details.warnings.len(), 2, "{:?}", added.info.details.warnings);
    let mut deep = json!({ "text": "", "members": [["a.txt", "A deep cellar."]] });
    for _ in 0..2 {
        deep = json!({ "text": "", "members": [["b.txt", "A stair."], ["in.box", deep]] });
    }
    let added = try_add(&engine, "deep.box", &deep.to_string()).unwrap();
    let warnings = &added.info.details.warnings;
    assert!(warnings.len() == 1 && warnings[0].contains("in.box/in.box"), "{warnings:?}");
}

#[test]
fn removing_a_container_removes_its_members_and_a_member_can_be_removed_alone() {
    let harness = Harness::new();
    let (engine, _) = open(&harness);
    add(&engine, text_file("later.txt", "A later file about a ferry."));
    let before = harness.records.keys();
    let mail = mail();
    let added = add(&engine, text_file("mail.box", &mail));
    pollster::block_on(engine.remove(&added.members[0].to_string())).unwrap();
    assert_eq!(names(&engine), ["later.txt", "mail.box", "inner.zip/deep/well.md", "notes.txt"]);
    pollster::block_on(engine.remove(&added.info.id.to_string())).unwrap();
    assert_eq!(harness.records.keys(), before);
    assert_eq!(names(&engine), ["later.txt"]);
    assert_eq!(add(&engine, text_file("mail.box", &mail)).members.len(), 3);
}

#[test]
fn a_container_that_is_there_already_is_not_read_again() {
    let harness = Harness::new();
    let (engine, reader) = open(&harness);
    reader.is_newer.set(true);
    let added = add(&engine, text_file("mail.box", &mail()));
    reader.read.take();
    let again = add(&engine, text_file("mail.box", &mail()));
    assert!(again.already_added && again.members == added.members);
    assert_eq!(*reader.read.borrow(), [""; 0]);
}

#[test]
fn a_new_version_of_a_container_replaces_all_members_and_reuses_vectors() {
    let harness = Harness::with_max_tokens(32);
    let (engine, _) = open(&harness);
    let ships = many_sentences(40);
    let content = |rest: Value| boxed("", json!([["ships.txt", ships], rest]));
    let old = add(&engine, text_file("a.box", &content(json!(["a.txt", "A blue door."]))));
    let keys = harness.records.keys().len();
    let id = old.info.id.to_string();
    let new = content(json!(["b.txt", "A red door."]));
    let (task, seen) = recording_task();
    let file = SourceFile { replaces: Some(&id), ..text_file("a.box", &new) };
    pollster::block_on(engine.add(file, &task)).unwrap();
    assert_eq!(names(&engine), ["a.box", "ships.txt", "b.txt"]);
    assert_eq!(harness.records.keys().len(), keys);
    let first = seen.borrow().iter().find(|p| p.unit == "chunks").copied().unwrap();
    assert_eq!(first.total - first.done, 1, "the new door");
}

#[test]
fn a_container_is_added_completely_or_not_at_all() {
    let make = || {
        let (harness, engine) = Harness::with_files();
        drop(engine);
        let engine = open(&harness).0;
        (harness, engine)
    };
    let mail = mail();
    with_each_fault(make, |engine| add_file(engine, text_file("mail.box", &mail)));
}
