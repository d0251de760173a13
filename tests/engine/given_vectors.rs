//! Vectors of the caller, and knowledge bases that are only read.

use multimodal_rag::{Engine, Error, MemoryStore, SourceFile, Task};
use pollster::block_on;

use crate::harness::{Harness, LIGHTHOUSE, LIGHTHOUSE_QUESTION, add, documents, text_file};

/// A vector of the embedder's dimensions with these first numbers.
fn vector(engine: &Engine, first: &[f32]) -> Vec<f32> {
    let mut vector = vec![0.0; engine.embedder().dimensions()];
    vector[..first.len()].copy_from_slice(first);
    vector
}

#[test]
fn documents_are_found_by_the_vectors_that_they_were_given() {
    let harness = Harness::new();
    let engine = harness.open_without_generator();
    for (name, first) in
        [("a.txt", [1.0, 0.0, 0.0]), ("b.txt", [0.0, 2.0, 0.0]), ("c.txt", [0.0, 3.0, 4.0])]
    {
        let vector = vector(&engine, &first);
        let text = format!("The same words for all, in {name}.");
        add(&engine, SourceFile { vector: Some(&vector), ..text_file(name, &text) });
    }
    let near = vector(&engine, &[0.0, 5.0, 0.1]);
    let found = block_on(engine.search_vector(&near, 2, None, &Task::default())).unwrap();
    let names: Vec<&str> = found.iter().map(|it| it.document.info.name.as_str()).collect();
    assert_eq!(names, ["b.txt", "c.txt"]);
    assert!((found[0].dense - 0.9998).abs() < 0.01 && (found[1].dense - 0.616).abs() < 0.01);
    assert_eq!((found[0].score, found[0].lexical), (found[0].dense, 0.0));
    // Words find them too.
    assert!(!block_on(engine.search("same words", 3, None, &Task::default())).unwrap().is_empty());
}

#[test]
fn a_vector_of_no_direction_or_of_other_dimensions_is_refused() {
    let (_, engine) = Harness::with_files();
    for wrong in [
        vector(&engine, &[]),
        vec![1.0],
        vector(&engine, &[f32::NAN]),
        vector(&engine, &[f32::INFINITY]),
    ] {
        let found = block_on(engine.search_vector(&wrong, 1, None, &Task::default()));
        assert_eq!(found.unwrap_err().code(), "invalid_option");
        let file = SourceFile { vector: Some(&wrong), ..text_file("new.txt", "New words.") };
        assert_eq!(
            block_on(engine.add(file, &Task::default())).unwrap_err().code(),
            "invalid_option"
        );
    }
    assert_eq!(documents(&engine).len(), 2);
}

#[test]
fn what_is_only_read_answers_and_does_not_change() {
    let (harness, engine) = Harness::with_files();
    let mut file = Vec::new();
    let task = Task::default();
    let mut write = |piece: &[u8]| {
        file.extend_from_slice(piece);
        Ok(())
    };
    block_on(engine.export(&mut write, &task)).unwrap();
    let store = MemoryStore::new();
    let runtime = crate::harness::CountingRuntime::default();
    block_on(Engine::import(&file, &store, Some(engine.embedder()), &runtime, &task)).unwrap();
    let embedder = harness.embedder.clone();
    let opened = Engine::open(Box::new(store), harness.runtime.clone(), embedder, None, &task);
    let opened = block_on(opened).unwrap().read_only();
    assert_eq!(documents(&opened).len(), 2);
    let found = block_on(opened.search(LIGHTHOUSE_QUESTION, 1, None, &task)).unwrap();
    assert_eq!(found[0].document.info.name, LIGHTHOUSE.name);
    let id = found[0].document.id().to_string();
    let new = text_file("new.txt", "New words.");
    assert_eq!(block_on(opened.add(new.clone(), &task)).unwrap_err(), Error::ReadOnly);
    assert_eq!(block_on(opened.enqueue(new, &task)).unwrap_err(), Error::ReadOnly);
    assert_eq!(block_on(opened.remove(&id)).unwrap_err(), Error::ReadOnly);
    assert_eq!(block_on(opened.reread(&id, None, &task)).unwrap_err(), Error::ReadOnly);
    assert_eq!(block_on(opened.clear_feedback()).unwrap_err(), Error::ReadOnly);
    assert_eq!(documents(&opened).len(), 2);
}
