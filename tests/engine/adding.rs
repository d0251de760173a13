//! Adding files: progress, stored records, refused files.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{MAX_TEXT_FILE_BYTES, Progress, SourceFile, Stage, Task};

use crate::harness::{
    BREAD, BREAD_QUESTION, Harness, LIGHTHOUSE, add, ask, documents, many_sentences,
    recording_task, sources, text_file,
};

#[test]
fn adding_reports_the_progress_of_parsing_embedding_and_indexing() {
    let harness = Harness::with_max_tokens(32);
    let engine = harness.open();
    let text = many_sentences(100);
    let (task, seen) = recording_task();
    let added = pollster::block_on(engine.add(text_file("ships.txt", &text), &task)).unwrap();
    let seen = seen.borrow();
    let mut stages: Vec<Stage> = seen.iter().map(|progress| progress.stage).collect();
    stages.dedup();
    assert_eq!(stages, [Stage::Parse, Stage::Embed, Stage::Index]);
    for (stage, unit, total) in [
        (Stage::Parse, "bytes", text.len()),
        (Stage::Embed, "chunks", added.chunks),
        (Stage::Index, "chunks", added.chunks),
    ] {
        let of: Vec<_> = seen.iter().filter(|progress| progress.stage == stage).collect();
        assert!(of.iter().all(|p| p.unit == unit && p.total == total as u64));
        assert!(of.is_sorted_by_key(|progress| progress.done));
        assert_eq!((of[0].done, of[0].eta_ms), (0, None));
        assert_eq!(of.last().unwrap().done, total as u64);
        assert_eq!(of.last().unwrap().eta_ms, Some(0.0));
    }
    let embedding: Vec<_> = seen.iter().filter(|p| p.stage == Stage::Embed).collect();
    assert!(embedding.len() > 5, "{}", embedding.len());
    assert!(embedding[2].eta_ms.is_some_and(|eta| eta > 0.0));
}

#[test]
fn a_document_is_listed_with_its_information() {
    let harness = Harness::new();
    let engine = harness.open();
    let metadata = "{\"project\":\"x\"}";
    add(&engine, LIGHTHOUSE);
    let added = add(&engine, SourceFile { metadata: Some(metadata), ..BREAD });
    assert!(!added.already_added);
    let documents = documents(&engine);
    let names: Vec<&str> = documents.iter().map(|d| d.info.name.as_str()).collect();
    assert_eq!(names, [LIGHTHOUSE.name, BREAD.name]);
    let bread = &documents[1];
    assert_eq!(bread.info.id, added.info.id);
    assert_eq!(bread.info.bytes, BREAD.bytes.len() as u64);
    assert_eq!(bread.info.metadata, metadata);
    assert_eq!(documents[0].info.metadata, "{}");
    assert!(bread.info.added_at > documents[0].info.added_at);
    assert_eq!(bread.chunks, added.chunks);
    assert_eq!(engine.chunk_count(), documents.iter().map(|d| d.chunks).sum::<usize>());
    let id = added.info.id.to_string();
    assert_eq!(pollster::block_on(engine.document(&id)).unwrap().text().as_bytes(), BREAD.bytes);
}

#[test]
fn adding_the_same_bytes_again_changes_nothing() {
    let (harness, engine) = Harness::with_files();
    let before = harness.records.all();
    let (task, seen) = recording_task();
    let again = pollster::block_on(engine.add(BREAD, &task)).unwrap();
    assert!(again.already_added);
    assert!(seen.borrow().iter().all(|progress| progress.stage == Stage::Parse));
    assert!(harness.records.all() == before);
    assert_eq!(documents(&engine).len(), 2);
    // In another format, the same bytes are another document.
    let marked = add(&engine, SourceFile { name: "bread.md", ..BREAD });
    assert!(!marked.already_added);
    assert_eq!(documents(&engine).len(), 3);
}

#[test]
fn the_same_bytes_under_another_name_are_a_document_whose_vectors_are_known() {
    let (_harness, engine) = Harness::with_files();
    let renamed = || SourceFile { name: "loaf.txt", ..BREAD };
    let (task, seen) = recording_task();
    let copy = pollster::block_on(engine.add(renamed(), &task)).unwrap();
    assert!(!copy.already_added);
    let is_known = |progress: &Progress| progress.done == progress.total;
    assert!(seen.borrow().iter().all(|p| p.stage != Stage::Embed || is_known(p)));
    assert!(add(&engine, renamed()).already_added && add(&engine, BREAD).already_added);
    let passages =
        pollster::block_on(engine.search(BREAD_QUESTION, 5, None, &Task::default())).unwrap();
    let [first, ..] = &passages[..] else { panic!("nothing is found") };
    let mut names = [vec![first.document.info.name.clone()], first.also_in.clone()].concat();
    names.sort();
    assert_eq!(names, [BREAD.name, "loaf.txt"]);
    // Where the first is removed, the copy stays, and is known by its bytes and name.
    let first = documents(&engine).into_iter().find(|added| added.info.name == BREAD.name).unwrap();
    pollster::block_on(engine.remove(&first.info.id.to_string())).unwrap();
    assert!(add(&engine, renamed()).already_added);
    assert!(!add(&engine, BREAD).already_added);
    assert_eq!(documents(&engine).len(), 3);
}

#[test]
fn a_document_that_is_replaced_by_its_own_bytes_gets_their_name() {
    let (_harness, engine) = Harness::with_files();
    let first = documents(&engine).into_iter().find(|added| added.info.name == BREAD.name).unwrap();
    let id = first.info.id.to_string();
    let renamed = SourceFile { name: "loaf.txt", replaces: Some(&id), ..BREAD };
    assert_eq!(add(&engine, renamed).info.id, first.info.id);
    let names: Vec<String> =
        documents(&engine).into_iter().map(|added| added.info.name.clone()).collect();
    assert!(names.contains(&"loaf.txt".to_owned()) && !names.contains(&BREAD.name.to_owned()));
}

#[test]
fn a_file_that_cannot_be_added_gives_an_error_and_changes_nothing() {
    let (harness, engine) = Harness::with_files();
    let before = harness.records.all();
    let line = vec![b'a'; 20_000_000];
    let program =
        [b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0\x01\0\0\0", &[0; 64][..]].concat();
    let cases: [(&str, Option<&str>, &[u8], &str); 12] = [
        ("empty.txt", None, b"", "empty_document"),
        ("blank.txt", None, b" \n\t\r\n \xC2\xA0\n", "empty_document"),
        ("blank.md", None, b"<!-- nothing -->\n\n", "empty_document"),
        ("blank.html", None, b"<p></p><script>let x = 1;</script>", "empty_document"),
        ("program.txt", None, &program, "unsupported_format"),
        ("archive.txt", None, b"7z\xbc\xaf\x27\x1c\0\0\0\x08", "unsupported_format"),
        ("icon.png", None, b"\0\0\x01\0\x01\0\x10\x10\0\0", "unsupported_format"),
        ("table.rar", None, b"a,b", "unsupported_format"),
        ("film", Some("video/mp4"), b"text in truth", "unsupported_format"),
        ("broken.txt", None, b"The bread \x00\xC3\x28 and \xFF\xFE\xFA.", "invalid_text"),
        ("line.txt", None, &line, "too_large"),
        ("line.html", None, &line, "too_large"),
    ];
    for (name, mime, bytes, code) in cases {
        let file = SourceFile { name, mime, bytes, ..SourceFile::default() };
        let error = pollster::block_on(engine.add(file, &Task::default())).unwrap_err();
        assert_eq!(error.code(), code, "{name}: {error}");
        if code == "too_large" {
            assert!(error.to_string().contains(&MAX_TEXT_FILE_BYTES.to_string()), "{error}");
        }
        assert!(harness.records.all() == before, "{name}");
        assert_eq!(documents(&engine).len(), 2, "{name}");
    }
    assert_eq!(sources(&ask(&engine, BREAD_QUESTION))[0], BREAD.name);
}

#[test]
fn a_full_store_refuses_changes_and_keeps_its_records() {
    let (harness, engine) = Harness::with_files();
    let before = harness.records.all();
    let text = "The queen wore a silver crown.";
    harness.records.set_full(true);
    let task = Task::default();
    let adding = engine.add(text_file("queen.txt", text), &task);
    assert_eq!(pollster::block_on(adding).unwrap_err().code(), "quota_exceeded");
    let bread = documents(&engine)[1].info.id.to_string();
    assert_eq!(pollster::block_on(engine.remove(&bread)).unwrap_err().code(), "quota_exceeded");
    assert!(harness.records.all() == before);
    assert_eq!(documents(&engine).len(), 2);
    assert!(!sources(&ask(&engine, "Who wore a crown?")).contains(&"queen.txt".to_owned()));
    assert_eq!(sources(&ask(&engine, BREAD_QUESTION))[0], BREAD.name);

    harness.records.set_full(false);
    add(&engine, text_file("queen.txt", text));
    pollster::block_on(engine.remove(&bread)).unwrap();
    assert!(sources(&ask(&engine, "Who wore a crown?")).contains(&"queen.txt".to_owned()));
    assert!(!sources(&ask(&engine, BREAD_QUESTION)).contains(&BREAD.name.to_owned()));
}

#[test]
fn a_file_too_large_for_the_free_space_is_refused_before_it_is_embedded() {
    let (harness, engine) = Harness::with_files();
    let before = harness.records.all();
    let text = many_sentences(200);
    harness.records.set_free_bytes(5_000);
    let (task, seen) = recording_task();
    let added = pollster::block_on(engine.add(text_file("ships.txt", &text), &task));
    assert_eq!(added.unwrap_err().code(), "quota_exceeded");
    assert!(seen.borrow().iter().all(|progress| progress.stage == Stage::Parse));
    assert!(harness.records.all() == before);
    harness.records.set_free_bytes(1 << 20);
    add(&engine, text_file("ships.txt", &text));
}
