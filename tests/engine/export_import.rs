//! Export, import, and a change of the embedder.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::rc::Rc;

use async_trait::async_trait;
use futures_util::future::join;
use multimodal_rag::internals::{KnowledgeBaseWriter, SegmentBuilder};
use multimodal_rag::{
    ByteSource, ChunkBudget, DocumentId, DocumentInfo, Engine, Error, FileDetails, Fingerprint,
    MemoryStore, SourceFile, Store, StoredDocument, Task, chunk,
};

use crate::harness::{
    BREAD, BREAD_QUESTION, CountingRuntime, Harness, LIGHTHOUSE, LIGHTHOUSE_QUESTION, add, ask,
    cancellable_task, embedder, find, names, sources, text_file, yield_once,
};
use crate::history::{export, with_history};
use crate::read::read;

pub(crate) fn import(file: &[u8], harness: &Harness) -> Result<(Harness, Engine), Error> {
    let other = Harness { embedder: harness.embedder.clone(), ..Harness::new() };
    let file = file.to_vec();
    let (store, task) = (other.store(), Task::default());
    let importing =
        Engine::import(&file, &*store, Some(&harness.embedder), &*harness.runtime, &task);
    let done = pollster::block_on(importing);
    if done.is_err() {
        assert_eq!(other.records.keys(), [""; 0], "a failed import leaves nothing");
    }
    done.map(|()| {
        let engine = other.open();
        (other, engine)
    })
}

/// An export of these documents, written without an engine.
fn write_export(files: &[SourceFile<'_>], harness: &Harness) -> Vec<u8> {
    let embedder = &harness.embedder;
    let count = |text: &str| embedder.count_tokens(text);
    let budget = ChunkBudget { max_tokens: embedder.passage_budget(), count: &count };
    let mut bytes = Vec::new();
    let mut write = |piece: &[u8]| {
        bytes.extend(piece);
        Ok(())
    };
    let fingerprint = Fingerprint::parse(&embedder.fingerprint().to_string()).unwrap();
    let mut writer = KnowledgeBaseWriter::begin(fingerprint, &mut write).unwrap();
    for (sequence, file) in (0..).zip(files) {
        let (kind, read) = read(file.name, file.mime, file.bytes).unwrap();
        let document = read.document;
        let info = DocumentInfo {
            id: DocumentId::of(kind, file.bytes),
            name: file.name.to_owned(),
            kind,
            bytes: file.bytes.len() as u64,
            sequence,
            added_at: 0.0,
            metadata: "{}".to_owned(),
            details: FileDetails::default(),
            container: None,
            has_original: false,
        };
        let mut segment = SegmentBuilder::new(embedder.dimensions());
        segment.begin(info.clone(), document.text.len());
        for chunk in chunk(&document, &budget).unwrap() {
            let text = chunk.embedded_text(&document);
            let vectors = embedder.embed(&[embedder.tokenize_passage(&text).unwrap()]).unwrap();
            segment.push(chunk, &text, &vectors[0]).unwrap();
        }
        writer.document(&StoredDocument::new(info, document)).unwrap();
        writer.segment(&segment.finish()).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

#[test]
fn an_exported_and_imported_knowledge_base_is_the_same() {
    let (harness, engine) = with_history(Harness::new());
    let file = export(&engine);
    let (other, copy) = import(&file, &harness).unwrap();
    assert_eq!(names(&copy), names(&engine));
    for question in [LIGHTHOUSE_QUESTION, BREAD_QUESTION, "Which queen wore a crown?"] {
        assert_eq!(find(&copy, question), find(&engine, question));
    }
    assert!(export(&copy) == file);
    // The copy can be changed.
    add(&copy, text_file("new.txt", "A new text."));
    assert_eq!(names(&other.open()).len(), names(&engine).len() + 1);
}

#[test]
fn an_export_written_without_an_engine_is_the_same_knowledge_base() {
    let (harness, engine) = Harness::with_files();
    let (other, copy) = import(&write_export(&[LIGHTHOUSE, BREAD], &harness), &harness).unwrap();
    assert_eq!(names(&copy), names(&engine));
    for question in [LIGHTHOUSE_QUESTION, BREAD_QUESTION] {
        assert_eq!(find(&copy, question), find(&engine, question));
    }
    add(&copy, text_file("new.txt", "A new text."));
    assert_eq!(names(&other.open()), [LIGHTHOUSE.name, BREAD.name, "new.txt"]);
}

#[test]
fn an_empty_knowledge_base_can_be_exported_and_imported() {
    let harness = Harness::new();
    let (_, copy) = import(&export(&harness.open()), &harness).unwrap();
    assert_eq!(names(&copy), [""; 0]);
}

#[test]
fn an_export_that_is_damaged_anywhere_is_refused_and_leaves_nothing() {
    let (harness, engine) = Harness::with_files();
    let file = export(&engine);
    for at in (0..file.len()).step_by(13) {
        let mut flipped = file.clone();
        flipped[at] ^= 1 << (at % 8);
        for damaged in [&flipped[..], &file[..at]] {
            let code = import(damaged, &harness).err().unwrap().code();
            assert!(["corrupt_export", "embedder_mismatch"].contains(&code), "byte {at}: {code}");
        }
    }
    let longer = [&file[..], b"0"].concat();
    assert_eq!(import(&longer, &harness).err().unwrap().code(), "corrupt_export");
}

#[test]
fn an_import_needs_an_empty_store_and_the_same_embedder() {
    let (harness, engine) = Harness::with_files();
    let file = export(&engine);
    let import = |store: &dyn Store, embedder| {
        let runtime = CountingRuntime::default();
        pollster::block_on(Engine::import(&file, store, embedder, &runtime, &Task::default()))
    };
    assert_eq!(import(&*harness.store(), None).unwrap_err().code(), "already_exists");
    let other = embedder(64);
    let error = import(&MemoryStore::new(), Some(&other)).unwrap_err();
    assert_eq!(error.code(), "embedder_mismatch");
    import(&MemoryStore::new(), None).unwrap();
}

#[test]
fn an_import_fails_while_another_import_into_the_store_runs() {
    let (harness, engine) = Harness::with_files();
    let file = export(&engine);
    let (store, runtime, task) = (MemoryStore::new(), &*harness.runtime, Task::default());
    let import = || Engine::import(&file, &store, None, runtime, &task);
    let (first, second) = pollster::block_on(join(import(), import()));
    first.unwrap();
    assert_eq!(second.unwrap_err().code(), "import_in_progress");
}

#[test]
fn an_interrupted_import_is_removed_when_the_store_is_opened() {
    let (harness, _) = Harness::with_files();
    let half = Harness { embedder: harness.embedder.clone(), ..Harness::new() };
    half.records.put("import", Vec::new());
    for (key, record) in harness.records.all() {
        if key != "knowledge-base" {
            half.records.put(&key, record);
        }
    }
    assert_eq!(names(&half.open()), [""; 0]);
    assert_eq!(half.records.keys(), [""; 0]);
}

#[test]
fn the_next_write_of_another_tab_removes_an_interrupted_import_and_nothing_else() {
    let (harness, _) = Harness::with_files();
    let half = Harness { embedder: harness.embedder.clone(), ..Harness::new() };
    let engine = half.open();
    half.records.put("import", Vec::new());
    for (key, record) in harness.records.all() {
        if key != "knowledge-base" {
            half.records.put(&key, record);
        }
    }
    add(&engine, text_file("new.txt", "A new text."));
    for engine in [engine, half.open()] {
        assert_eq!(names(&engine), ["new.txt"]);
    }
    assert!(!half.records.keys().iter().any(|key| key == "import"));
}

#[test]
fn documents_are_embedded_again_with_another_embedder_on_request() {
    let (harness, engine) = with_history(Harness::new());
    let listed = names(&engine);
    drop(engine);
    let before = harness.records.all();
    let other =
        Harness { embedder: embedder(64), records: harness.records.clone(), ..Harness::new() };
    let open = |task: &Task| {
        let (runtime, embedder): (Rc<CountingRuntime>, _) =
            (other.runtime.clone(), other.embedder.clone());
        pollster::block_on(Engine::open_with_new_embedder(
            other.store(),
            runtime,
            embedder,
            None,
            task,
        ))
    };
    // A cancelled call changes nothing.
    for count in [0, 3, 10] {
        let task = Task::default();
        let cancel = task.cancel.clone();
        other.runtime.at_yield(count, move || cancel.cancel());
        assert_eq!(open(&cancellable_task(&task.cancel)).err().unwrap().code(), "aborted");
        assert!(harness.records.all() == before);
    }
    let engine = open(&Task::default()).unwrap();
    assert_eq!(names(&engine), listed);
    assert!(sources(&ask(&engine, LIGHTHOUSE_QUESTION)).contains(&LIGHTHOUSE.name.to_owned()));
    let fresh = Harness { embedder: other.embedder.clone(), ..Harness::new() };
    let (_, fresh) = with_history(fresh);
    assert_eq!(find(&engine, BREAD_QUESTION)[0].0, BREAD.name);
    assert_eq!(find(&engine, BREAD_QUESTION), find(&fresh, BREAD_QUESTION));
    assert_eq!(names(&other.open()), listed);
    let error = pollster::block_on(harness.try_open(&Task::default())).err().unwrap();
    assert_eq!(error.code(), "embedder_mismatch");
}

/// A file. During each of its reads another tab takes the lease and writes.
struct InterferingSource<'a> {
    file: Vec<u8>,
    harness: &'a Harness,
}

#[async_trait(?Send)]
impl ByteSource for InterferingSource<'_> {
    fn size(&self) -> u64 {
        self.file.size()
    }

    async fn read(&self, at: u64, buffer: &mut [u8]) -> Result<(), Error> {
        self.harness.records.revoke_lease();
        self.harness.records.put("document/theirs", b"of another tab".to_vec());
        self.file.read(at, buffer).await
    }
}

#[test]
fn an_import_that_lost_its_lease_removes_nothing_of_others() {
    let (harness, engine) = Harness::with_files();
    let other = Harness { embedder: harness.embedder.clone(), ..Harness::new() };
    let file = InterferingSource { file: export(&engine), harness: &other };
    let (store, task) = (other.store(), Task::default());
    let importing = Engine::import(&file, &*store, None, &*harness.runtime, &task);
    assert_eq!(pollster::block_on(importing).unwrap_err().code(), "lease_lost");
    assert_eq!(other.records.keys(), ["document/theirs"]);
}

#[test]
fn a_concurrent_import_and_add_lose_nothing_of_each_other() {
    let (harness, engine) = Harness::with_files();
    let file = export(&engine);
    let (mut imports, mut refusals) = (0, 0);
    for yields in 0..30 {
        let other = Harness { embedder: harness.embedder.clone(), ..Harness::new() };
        let (store, task, engine) = (other.store(), Task::default(), other.open());
        let importing = async {
            for _ in 0..yields {
                yield_once().await;
            }
            Engine::import(&file, &*store, None, &*other.runtime, &task).await
        };
        let adding = engine.add(text_file("new.txt", "A new text."), &task);
        let (imported, added) = pollster::block_on(join(importing, adding));
        added.unwrap();
        let mut listed = names(&other.open());
        listed.sort();
        match imported {
            Ok(()) => {
                imports += 1;
                assert_eq!(
                    listed,
                    [BREAD.name, LIGHTHOUSE.name, "new.txt"],
                    "after {yields} yields"
                );
            }
            Err(error) => {
                refusals += 1;
                assert_eq!(error.code(), "already_exists");
                assert_eq!(listed, ["new.txt"], "after {yields} yields");
            }
        }
    }
    assert!(imports > 0 && refusals > 0, "{imports} imports, {refusals} refusals");
}
