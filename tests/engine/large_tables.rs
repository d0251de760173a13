//! Large tables: only a description is embedded, and rows are found by their words.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::rc::Rc;

use multimodal_rag::internals::Segment;
use multimodal_rag::{
    AnswerEvent, Engine, InlineGraphBuilder, MAX_EMBEDDED_ROWS, Passage, SourceFile, Stage, Task,
    VectorIndex,
};

use crate::export_import::import;
use crate::harness::{
    Fault, Harness, LIGHTHOUSE, LIGHTHOUSE_QUESTION, add, ask, documents, embedder, find,
    many_sentences, names, recording_task, text_file,
};
use crate::history::export;

const NAME: &str = "orders.csv";
const ROWS: usize = MAX_EMBEDDED_ROWS + 200;
/// The words of one row, and one that only the description has.
const QUESTION: &str = "What are the values of order 41117 in rows?";

/// A row as its document has it.
fn row(number: usize) -> String {
    let city = ["Porto", "Lisboa", "Oslo"][number % 3];
    format!("{} | {city} | crate type {}", 40_000 + number, number % 7)
}

fn orders(rows: usize) -> String {
    let lines = (0..rows).map(|number| row(number).replace(" | ", ",") + "\n");
    "order,city,content\n".to_owned() + &lines.collect::<String>()
}

fn with_orders() -> (Harness, Engine) {
    let harness = Harness::new();
    let engine = harness.open();
    add(&engine, text_file(NAME, &orders(ROWS)));
    (harness, engine)
}

fn search(engine: &Engine, question: &str) -> Vec<Passage> {
    pollster::block_on(engine.search(question, 10, None, &Task::default())).unwrap()
}

/// The chunks of all stored segments, and how many have a vector.
fn chunks_and_vectors(harness: &Harness) -> (usize, usize) {
    let records = harness.records.all();
    let segments = records.iter().filter(|(key, _)| key.starts_with("segment/"));
    segments.fold((0, 0), |(chunks, vectors), (key, record)| {
        let segment = Segment::from_bytes(key, record).unwrap();
        (chunks + segment.len(), vectors + segment.vectors().present())
    })
}

#[test]
fn only_the_description_of_a_large_table_is_embedded() {
    let harness = Harness::new();
    let engine = harness.open();
    let (task, seen) = recording_task();
    let csv = orders(ROWS);
    let added = pollster::block_on(engine.add(text_file(NAME, &csv), &task)).unwrap();
    assert_eq!(chunks_and_vectors(&harness), (added.chunks, 1));
    assert!(added.chunks > 100, "{}", added.chunks);
    let seen = seen.borrow();
    let embedding: Vec<_> = seen.iter().filter(|progress| progress.stage == Stage::Embed).collect();
    assert!(embedding.is_sorted_by_key(|progress| progress.done));
    assert_eq!((embedding[0].done, embedding[0].total), (0, added.chunks as u64));
    assert_eq!(embedding.last().unwrap().done, added.chunks as u64);
}

#[test]
fn a_row_is_found_and_quoted_by_its_values() {
    let (_, engine) = with_orders();
    for number in [0, 1, 700, ROWS - 1] {
        let question = (40_000 + number).to_string();
        assert!(search(&engine, &question)[0].text().contains(&row(number)), "{question}");
        let events = ask(&engine, &question);
        let mut quotes = events.iter().filter_map(|event| match event {
            AnswerEvent::Quote(quote) => Some(quote.text()),
            _ => None,
        });
        assert_eq!(quotes.next(), Some(&*row(number)));
    }
}

#[test]
fn rows_have_the_cosine_of_the_description_of_their_table() {
    let (_, engine) = with_orders();
    add(&engine, LIGHTHOUSE);
    let passages = search(&engine, QUESTION);
    let of_table = |passage: &&Passage| passage.document.info.name == NAME;
    let table: Vec<&Passage> = passages.iter().filter(of_table).collect();
    let description = table.iter().find(|passage| passage.chunks.contains(&0)).unwrap();
    let found = table.iter().find(|passage| passage.text().contains(&row(1117))).unwrap();
    assert!(!found.chunks.contains(&0) && found.dense != 0.0);
    assert!(table.iter().all(|passage| passage.dense == description.dense));
}

#[test]
fn rows_without_a_word_of_the_question_are_not_found() {
    let (_, engine) = with_orders();
    add(&engine, LIGHTHOUSE);
    let found = find(&engine, LIGHTHOUSE_QUESTION);
    let rows: Vec<_> = found.iter().filter(|(name, chunk, _)| name == NAME && *chunk > 0).collect();
    assert!(rows.is_empty(), "{rows:?}");
    assert_eq!(found[0].0, LIGHTHOUSE.name);
}

#[test]
fn a_large_table_is_the_same_after_storing_merging_exporting_and_importing() {
    let (harness, engine) = with_orders();
    for number in 0..8 {
        add(&engine, text_file(&format!("{number}.txt"), &many_sentences(number + 1)));
    }
    let expected = find(&engine, QUESTION);
    let (chunks, vectors) = chunks_and_vectors(&harness);
    assert!(expected.iter().any(|(name, chunk, _)| name == NAME && *chunk > 0));
    assert_eq!(find(&harness.open(), QUESTION), expected);
    pollster::block_on(engine.maintain(&Task::default())).unwrap();
    assert!(engine.vector_index_stats().segments < 9);
    assert_eq!(chunks_and_vectors(&harness), (chunks, vectors));
    assert_eq!(find(&engine, QUESTION), expected);
    let file = export(&engine);
    let (other, copy) = import(&file, &harness).unwrap();
    assert_eq!(find(&copy, QUESTION), expected);
    assert_eq!(chunks_and_vectors(&other), (chunks, vectors));
    assert!(export(&copy) == file);
}

#[test]
fn a_large_table_can_be_removed() {
    let (_, engine) = with_orders();
    add(&engine, LIGHTHOUSE);
    let table = documents(&engine)[0].info.id.to_string();
    pollster::block_on(engine.remove(&table)).unwrap();
    assert_eq!(names(&engine), [LIGHTHOUSE.name]);
    assert!(find(&engine, QUESTION).iter().all(|(name, ..)| name != NAME));
}

#[test]
fn another_embedder_embeds_the_description_alone() {
    let (harness, engine) = with_orders();
    add(&engine, LIGHTHOUSE);
    drop(engine);
    let records = harness.records.clone();
    let other = Harness { embedder: embedder(64), records, ..Harness::new() };
    let task = Task::default();
    let opening = Engine::open_with_new_embedder(
        other.store(),
        other.runtime.clone(),
        other.embedder.clone(),
        None,
        &task,
    );
    let engine = pollster::block_on(opening).unwrap();
    let fresh = Harness { embedder: other.embedder.clone(), ..Harness::new() };
    let fresh_engine = fresh.open();
    add(&fresh_engine, text_file(NAME, &orders(ROWS)));
    add(&fresh_engine, LIGHTHOUSE);
    assert_eq!(chunks_and_vectors(&other), chunks_and_vectors(&fresh));
    assert_eq!(find(&engine, QUESTION), find(&fresh_engine, QUESTION));
}

#[test]
fn an_interrupted_add_of_a_large_table_is_resumed() {
    let rows: String = (0..ROWS).map(|number| format!("| {} |\n", row(number))).collect();
    let header = "| order | city | content |\n|---|---|---|\n";
    let text = format!("{header}{rows}\n{}", many_sentences(200));
    let add_to = |engine: &Engine| {
        pollster::block_on(engine.add(text_file("orders.md", &text), &Task::default()))
    };
    let whole = Harness::new();
    add_to(&whole.open()).unwrap();
    let (expected, stored) = (find(&whole.open(), QUESTION), chunks_and_vectors(&whole));
    assert!(stored.0 - stored.1 > 100 && stored.1 > 10, "{stored:?}");
    let mut resumed = 0;
    for operations in (0..).step_by(2) {
        let harness = Harness::new();
        let engine = harness.open();
        // Each yield takes so long that the engine stores the vectors of every step.
        harness.runtime.set_yield_ms(4000);
        harness.records.set_fault(operations, Fault::Dies);
        let added = add_to(&engine);
        drop(engine);
        let is_reached = harness.records.clear_fault();
        let engine = harness.open();
        resumed += pollster::block_on(engine.resume(&Task::default())).unwrap().len();
        if !names(&engine).is_empty() {
            assert_eq!(find(&engine, QUESTION), expected, "after {operations} operations");
            assert_eq!(chunks_and_vectors(&harness), stored);
        }
        if added.is_ok() && !is_reached {
            break;
        }
    }
    assert!(resumed > 2, "{resumed}");
}

#[test]
fn a_table_that_becomes_small_is_embedded_and_one_that_becomes_large_is_not() {
    let (harness, engine) = with_orders();
    let replace = |rows: usize| {
        let csv = orders(rows);
        add(&engine, SourceFile { replaces_same_name: true, ..text_file(NAME, &csv) });
        chunks_and_vectors(&harness)
    };
    let (chunks, vectors) = replace(MAX_EMBEDDED_ROWS);
    assert_eq!(vectors, chunks);
    let (chunks, vectors) = replace(ROWS + 1);
    assert!(chunks > 100 && vectors == 1, "{vectors} of {chunks}");
}

#[test]
fn graphs_leave_rows_out() {
    let (harness, engine) = with_orders();
    let builder: Rc<InlineGraphBuilder> = Rc::default();
    let expected = find(&engine, QUESTION);
    drop(engine);
    let engine = harness.open().with_vector_index(VectorIndex::Graph, Some(builder));
    pollster::block_on(engine.update_graphs(&Task::default())).unwrap();
    let stats = engine.vector_index_stats();
    assert_eq!((stats.segments, stats.graphs, stats.pending), (1, 0, 0));
    assert_eq!(find(&engine, QUESTION), expected);
}
