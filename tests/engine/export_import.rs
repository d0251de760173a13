//! A whole knowledge base as a file, and with another embedder.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::rc::Rc;

use async_trait::async_trait;
use futures_util::future::join;
use multimodal_rag::internals::{KnowledgeBaseWriter, SegmentBuilder};
use multimodal_rag::{
    ByteSource, ChunkBudget, DocumentId, DocumentInfo, Engine, Error, Fingerprint, MemoryStore,
    SourceFile, Store, StoredDocument, Task, chunk, read_file,
};

use crate::past::{exported, lived_in};
use crate::world::{
    BREAD, BREAD_QUESTION, CountingRuntime, LIGHT, LIGHT_QUESTION, World, add, ask, embedder,
    found, names, sources, stopping, text_file, turn,
};

fn imported(file: &[u8], world: &World) -> Result<(World, Engine), Error> {
    let other = World { embedder: world.embedder.clone(), ..World::new() };
    let file = file.to_vec();
    let (store, task) = (other.store(), Task::default());
    let importing = Engine::import(&file, &*store, Some(&world.embedder), &*world.runtime, &task);
    let done = pollster::block_on(importing);
    if done.is_err() {
        assert_eq!(other.records.keys(), [""; 0], "nothing is left of an import that fails");
    }
    done.map(|()| {
        let engine = other.open();
        (other, engine)
    })
}

/// A file of these documents, written without an engine.
fn written(files: &[SourceFile<'_>], world: &World) -> Vec<u8> {
    let embedder = &world.embedder;
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
        let (kind, document) = read_file(file.name, file.mime, file.bytes).unwrap();
        let info = DocumentInfo {
            id: DocumentId::of(kind, file.bytes),
            name: file.name.to_owned(),
            kind,
            bytes: file.bytes.len() as u64,
            sequence,
            added_at: 0.0,
            metadata: "{}".to_owned(),
        };
        let mut segment = SegmentBuilder::new(embedder.dimensions());
        segment.begin(info.clone(), document.text.len());
        for chunk in chunk(&document, &budget).unwrap() {
            let text = chunk.embedded_text(&document.text);
            let vectors = embedder.embed(&[embedder.tokenize_passage(&text).unwrap()]).unwrap();
            segment.push(chunk, &text, &vectors[0]).unwrap();
        }
        writer.document(&StoredDocument { info, document }).unwrap();
        writer.segment(&segment.finish()).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

#[test]
fn what_is_exported_and_imported_is_the_same_knowledge_base() {
    let (world, engine) = lived_in(World::new());
    let file = exported(&engine);
    let (other, copy) = imported(&file, &world).unwrap();
    assert_eq!(names(&copy), names(&engine));
    for question in [LIGHT_QUESTION, BREAD_QUESTION, "Which queen wore a crown?"] {
        assert_eq!(found(&copy, question), found(&engine, question));
    }
    assert!(exported(&copy) == file);
    // It lives on by itself.
    add(&copy, text_file("new.txt", "A new text."));
    assert_eq!(names(&other.open()).len(), names(&engine).len() + 1);
}

#[test]
fn a_file_that_was_written_without_an_engine_is_the_same_knowledge_base() {
    let (world, engine) = World::with_files();
    let (other, copy) = imported(&written(&[LIGHT, BREAD], &world), &world).unwrap();
    assert_eq!(names(&copy), names(&engine));
    for question in [LIGHT_QUESTION, BREAD_QUESTION] {
        assert_eq!(found(&copy, question), found(&engine, question));
    }
    add(&copy, text_file("new.txt", "A new text."));
    assert_eq!(names(&other.open()), [LIGHT.name, BREAD.name, "new.txt"]);
}

#[test]
fn an_empty_knowledge_base_can_be_exported_and_imported() {
    let world = World::new();
    let (_, copy) = imported(&exported(&world.open()), &world).unwrap();
    assert_eq!(names(&copy), [""; 0]);
}

#[test]
fn a_file_that_is_damaged_anywhere_is_refused_and_leaves_nothing() {
    let (world, engine) = World::with_files();
    let file = exported(&engine);
    for at in (0..file.len()).step_by(13) {
        let mut flipped = file.clone();
        flipped[at] ^= 1 << (at % 8);
        for damaged in [&flipped[..], &file[..at]] {
            let code = imported(damaged, &world).err().unwrap().code();
            assert!(["corrupt_export", "embedder_mismatch"].contains(&code), "byte {at}: {code}");
        }
    }
    let longer = [&file[..], b"0"].concat();
    assert_eq!(imported(&longer, &world).err().unwrap().code(), "corrupt_export");
}

#[test]
fn an_import_goes_into_an_empty_store_only_and_knows_its_embedder() {
    let (world, engine) = World::with_files();
    let file = exported(&engine);
    let import = |store: &dyn Store, embedder| {
        let runtime = CountingRuntime::default();
        pollster::block_on(Engine::import(&file, store, embedder, &runtime, &Task::default()))
    };
    assert_eq!(import(&*world.store(), None).unwrap_err().code(), "already_exists");
    let other = embedder(64);
    let error = import(&MemoryStore::new(), Some(&other)).unwrap_err();
    assert_eq!(error.code(), "embedder_mismatch");
    import(&MemoryStore::new(), None).unwrap();
}

#[test]
fn an_import_fails_while_another_import_into_the_store_runs() {
    let (world, engine) = World::with_files();
    let file = exported(&engine);
    let (store, runtime, task) = (MemoryStore::new(), &*world.runtime, Task::default());
    let import = || Engine::import(&file, &store, None, runtime, &task);
    let (first, second) = pollster::block_on(join(import(), import()));
    first.unwrap();
    assert_eq!(second.unwrap_err().code(), "import_in_progress");
}

#[test]
fn an_import_that_was_interrupted_is_cleaned_up_when_the_store_is_opened() {
    let (world, _) = World::with_files();
    let half = World { embedder: world.embedder.clone(), ..World::new() };
    half.records.put("import", Vec::new());
    for (key, record) in world.records.all() {
        if key != "knowledge-base" {
            half.records.put(&key, record);
        }
    }
    assert_eq!(names(&half.open()), [""; 0]);
    assert_eq!(half.records.keys(), [""; 0]);
}

#[test]
fn what_is_left_of_an_import_goes_when_another_tab_writes_and_what_that_writes_stays() {
    let (world, _) = World::with_files();
    let half = World { embedder: world.embedder.clone(), ..World::new() };
    let engine = half.open();
    half.records.put("import", Vec::new());
    for (key, record) in world.records.all() {
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
fn documents_are_embedded_again_with_another_embedder_where_that_is_wished() {
    let (world, engine) = lived_in(World::new());
    let listed = names(&engine);
    drop(engine);
    let before = world.records.all();
    let other = World { embedder: embedder(64), records: world.records.clone(), ..World::new() };
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
    // Stopped at any moment, it is as it was.
    for count in [0, 3, 10] {
        let task = Task::default();
        let cancel = task.cancel.clone();
        other.runtime.after(count, move || cancel.cancel());
        assert_eq!(open(&stopping(&task.cancel)).err().unwrap().code(), "aborted");
        assert!(world.records.all() == before);
    }
    let engine = open(&Task::default()).unwrap();
    assert_eq!(names(&engine), listed);
    assert!(sources(&ask(&engine, LIGHT_QUESTION)).contains(&LIGHT.name.to_owned()));
    let fresh = World { embedder: other.embedder.clone(), ..World::new() };
    let (_, fresh) = lived_in(fresh);
    assert_eq!(found(&engine, BREAD_QUESTION)[0].0, BREAD.name);
    assert_eq!(found(&engine, BREAD_QUESTION), found(&fresh, BREAD_QUESTION));
    assert_eq!(names(&other.open()), listed);
    let error = pollster::block_on(world.try_open(&Task::default())).err().unwrap();
    assert_eq!(error.code(), "embedder_mismatch");
}

/// A file during whose reading another tab, which saw no sign of life, writes.
struct Meddling<'a> {
    file: Vec<u8>,
    world: &'a World,
}

#[async_trait(?Send)]
impl ByteSource for Meddling<'_> {
    fn size(&self) -> u64 {
        self.file.size()
    }

    async fn read(&self, at: u64, buffer: &mut [u8]) -> Result<(), Error> {
        self.world.records.revoke_lease();
        self.world.records.put("document/theirs", b"of another tab".to_vec());
        self.file.read(at, buffer).await
    }
}

#[test]
fn an_import_that_was_overtaken_removes_nothing_of_others() {
    let (world, engine) = World::with_files();
    let other = World { embedder: world.embedder.clone(), ..World::new() };
    let file = Meddling { file: exported(&engine), world: &other };
    let (store, task) = (other.store(), Task::default());
    let importing = Engine::import(&file, &*store, None, &*world.runtime, &task);
    assert_eq!(pollster::block_on(importing).unwrap_err().code(), "lease_lost");
    assert_eq!(other.records.keys(), ["document/theirs"]);
}

#[test]
fn an_import_and_an_add_at_once_lose_nothing_of_each_other() {
    let (world, engine) = World::with_files();
    let file = exported(&engine);
    let (mut imports, mut refusals) = (0, 0);
    for turns in 0..30 {
        let other = World { embedder: world.embedder.clone(), ..World::new() };
        let (store, task, engine) = (other.store(), Task::default(), other.open());
        let importing = async {
            for _ in 0..turns {
                turn().await;
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
                assert_eq!(listed, [BREAD.name, LIGHT.name, "new.txt"], "after {turns} turns");
            }
            Err(error) => {
                refusals += 1;
                assert_eq!(error.code(), "already_exists");
                assert_eq!(listed, ["new.txt"], "after {turns} turns");
            }
        }
    }
    assert!(imports > 0 && refusals > 0, "{imports} imports, {refusals} refusals");
}
