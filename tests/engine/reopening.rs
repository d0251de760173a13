//! What is found again when a knowledge base is opened, whole or damaged.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{Engine, GRAPH_MIN_CHUNKS, Progress, Stage, Task};

use crate::world::{
    BREAD, BREAD_QUESTION, LIGHT, LIGHT_QUESTION, World, add, ask, embedder, many_sentences,
    sources, text_file, watched,
};

/// What a search finds: document, chunk and score of each passage.
fn found(engine: &Engine, question: &str) -> Vec<(String, u32, f32)> {
    let passages = pollster::block_on(engine.search(question, 10, &Task::default())).unwrap();
    passages.iter().map(|p| (p.document.name.clone(), p.chunk, p.score)).collect()
}

fn reopen(world: &World) -> (Engine, Vec<Progress>) {
    let (task, seen) = watched();
    let engine = pollster::block_on(world.try_open(&task)).unwrap();
    let seen = seen.borrow().clone();
    (engine, seen)
}

/// A world with a document that is large enough for a graph, and its id.
fn with_graph() -> (World, String) {
    let world = World::reading(16);
    let engine = world.open();
    let added = add(&engine, text_file("many.txt", &many_sentences(1200)));
    assert!(added.chunks >= GRAPH_MIN_CHUNKS);
    (world, added.document.id.to_string())
}

#[test]
fn a_knowledge_base_reopened_answers_the_same_and_embeds_nothing_again() {
    let (world, engine) = World::with_files();
    let before = [LIGHT_QUESTION, BREAD_QUESTION].map(|question| found(&engine, question));
    let documents = engine.documents().unwrap();
    let records = world.records.all();
    drop(engine);
    let (engine, seen) = reopen(&world);
    assert!(!seen.is_empty() && seen.iter().all(|progress| progress.stage == Stage::Load));
    assert_eq!((seen[1].done, seen[1].total, seen[1].unit), (2, 2, "documents"));
    assert_eq!([LIGHT_QUESTION, BREAD_QUESTION].map(|question| found(&engine, question)), before);
    for (now, then) in engine.documents().unwrap().iter().zip(&documents) {
        assert_eq!((&now.document, now.chunks), (&then.document, then.chunks));
    }
    assert!(world.records.all() == records);
    assert!(add(&engine, LIGHT).already_added);
    assert_eq!(engine.damaged(), []);
}

#[test]
fn a_graph_is_read_again_and_built_again_where_it_is_missing_or_damaged() {
    let (world, id) = with_graph();
    let records = world.records.all();
    let key = format!("graph/{id}");
    let built = |seen: &[Progress]| seen.iter().any(|progress| progress.stage == Stage::Index);
    let (engine, seen) = reopen(&world);
    assert!(!built(&seen));
    let expected = found(&engine, "What does ship 700 carry?");
    drop(engine);

    let graph = &records[&key];
    let mut flipped = graph.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let cut = graph[..graph.len() / 2].to_vec();
    for damage in [None, Some(flipped), Some(cut), Some(Vec::new())] {
        match damage {
            None => world.records.delete(&key),
            Some(record) => world.records.put(&key, record),
        }
        let (engine, seen) = reopen(&world);
        assert!(built(&seen));
        assert!(seen.iter().all(|progress| progress.stage != Stage::Embed));
        assert_eq!(found(&engine, "What does ship 700 carry?"), expected);
        assert!(world.records.all() == records, "it is stored as it was");
    }
}

#[test]
fn a_graph_that_cannot_be_stored_again_does_not_keep_a_knowledge_base_shut() {
    let (world, id) = with_graph();
    world.records.delete(&format!("graph/{id}"));
    world.records.set_full(true);
    let (engine, _) = reopen(&world);
    assert_eq!(engine.documents().unwrap().len(), 1);
    assert!(!found(&engine, "What does ship 700 carry?").is_empty());
}

#[test]
fn a_damaged_document_is_reported_and_left_out_and_can_be_removed() {
    let (world, engine) = World::with_files();
    let light = engine.documents().unwrap()[0].document.id.to_string();
    let bread = engine.documents().unwrap()[1].document.id.to_string();
    drop(engine);
    let records = world.records.all();
    let (document, segment) = (format!("document/{light}"), format!("segment/{light}"));
    let flip = |key: &str, at: usize| {
        let mut record = records[key].clone();
        let place = at % record.len();
        record[place] ^= 0x10;
        record
    };
    let mut damages: Vec<(&str, Option<Vec<u8>>)> = vec![
        (&segment, None),
        (&document, Some(Vec::new())),
        (&segment, Some(Vec::new())),
        (&document, Some(records[&format!("document/{bread}")].clone())),
        (&segment, Some(records[&format!("segment/{bread}")].clone())),
        (&document, Some(records[&segment].clone())),
    ];
    for key in [&document, &segment] {
        damages.extend((0..records[key].len()).step_by(37).map(|at| (&**key, Some(flip(key, at)))));
        let cut = records[key][..records[key].len() - 1].to_vec();
        damages.push((key, Some(cut)));
    }
    for (key, damage) in damages {
        match damage {
            None => world.records.delete(key),
            Some(record) => world.records.put(key, record),
        }
        let engine = world.open();
        let damaged = engine.damaged();
        assert_eq!(damaged.len(), 1, "{key}");
        assert_eq!(
            (damaged[0].id.to_string(), damaged[0].error.code()),
            (light.clone(), "corrupt_storage")
        );
        assert_eq!(engine.documents().unwrap().len(), 1);
        assert!(!sources(&ask(&engine, LIGHT_QUESTION)).contains(&LIGHT.name.to_owned()));
        pollster::block_on(engine.remove(&light)).unwrap();
        assert_eq!(engine.damaged(), []);
        assert!(!world.records.keys().iter().any(|key| key.ends_with(&light)));
        records.iter().for_each(|(key, record)| world.records.put(key, record.clone()));
    }
}

#[test]
fn a_damaged_document_that_is_added_again_is_whole() {
    let (world, engine) = World::with_files();
    let light = engine.documents().unwrap()[0].document.id.to_string();
    drop(engine);
    world.records.put(&format!("segment/{light}"), b"damage".to_vec());
    let engine = world.open();
    assert!(!add(&engine, LIGHT).already_added);
    assert_eq!(engine.damaged(), []);
    assert!(sources(&ask(&engine, LIGHT_QUESTION)).contains(&LIGHT.name.to_owned()));
    drop(engine);
    assert_eq!(world.open().damaged(), []);
}

#[test]
fn another_embedder_is_refused_and_nothing_changes() {
    let (world, engine) = World::with_files();
    drop(engine);
    let records = world.records.all();
    let other = World { embedder: embedder(64), records: world.records.clone(), ..World::new() };
    let error = pollster::block_on(other.try_open(&Task::default())).err().unwrap();
    assert_eq!(error.code(), "embedder_mismatch");
    for embedder in [&world.embedder, &other.embedder] {
        assert!(error.to_string().contains(&embedder.fingerprint().to_string()), "{error}");
    }
    assert!(world.records.all() == records);
    assert_eq!(world.open().documents().unwrap().len(), 2);
}

#[test]
fn a_damaged_binding_to_the_embedder_is_an_error_and_no_guess() {
    let (world, engine) = World::with_files();
    drop(engine);
    world.records.put("knowledge-base", b"damage".to_vec());
    let error = pollster::block_on(world.try_open(&Task::default())).err().unwrap();
    assert_eq!(error.code(), "corrupt_storage");
}

#[test]
fn a_new_knowledge_base_is_bound_to_no_embedder_until_something_is_added() {
    let world = World::new();
    let engine = world.open();
    assert_eq!(engine.documents().unwrap().len(), 0);
    assert_eq!(engine.chunk_count(), 0);
    assert_eq!(world.records.keys(), [""; 0]);
    add(&engine, BREAD);
    assert!(world.records.keys().contains(&"knowledge-base".to_owned()));
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn a_knowledge_base_in_a_directory_outlives_its_engine() {
    use multimodal_rag::DirectoryStore;

    let name = format!("multimodal-rag-engine-{}", std::process::id());
    let directory = std::env::temp_dir().join(name);
    let world = World::new();
    let open = || {
        let store = Box::new(DirectoryStore::open(&directory).unwrap());
        let (host, embedder, task) = (world.host.clone(), world.embedder.clone(), Task::default());
        pollster::block_on(Engine::open(store, host, embedder, None, &task)).unwrap()
    };
    let engine = open();
    let light = add(&engine, LIGHT).document.id.to_string();
    add(&engine, BREAD);
    let before = found(&engine, LIGHT_QUESTION);
    drop(engine);
    let engine = open();
    assert_eq!(found(&engine, LIGHT_QUESTION), before);
    pollster::block_on(engine.remove(&light)).unwrap();
    drop(engine);
    let engine = open();
    assert!(found(&engine, LIGHT_QUESTION).iter().all(|(name, ..)| name == BREAD.name));
    drop(engine);
    std::fs::remove_dir_all(&directory).unwrap();
}
