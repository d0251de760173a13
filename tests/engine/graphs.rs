//! Graphs of large segments: built beside the engine, stored, read again, and searched.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::{join, pending};
use multimodal_rag::internals::GRAPH_MIN_CHUNKS;
use multimodal_rag::{
    CancelToken, Engine, Filter, GraphBuilder, InlineGraphBuilder, PendingGraph, SearchStrategy,
    SourceFile, Task, VectorIndex, build_graph,
};

use crate::harness::{
    Fault, Harness, add, cancellable_task, documents, find, many_sentences, text_file, yield_once,
};
use crate::record::with_body;

/// Sentences of a document, each a chunk: five such documents are enough for a graph.
const SENTENCES: usize = 110;
const QUESTION: &str = "marble to the temple";
const QUESTIONS: [&str; 4] =
    [QUESTION, "Ship 77 carries honey", "silk to the castle", "copper for the island"];

/// What a builder makes of its tasks.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Builds,
    Dies,
    WritesNonsense,
    NeverEnds,
    CannotStart,
}

/// A builder that counts its tasks. The first ones end as the test says.
struct TestBuilder {
    first: RefCell<Vec<Fate>>,
    rest: Fate,
    tasks: Cell<usize>,
}

impl TestBuilder {
    fn new(first: &[Fate], rest: Fate) -> Rc<Self> {
        let first = RefCell::new(first.iter().rev().copied().collect());
        Rc::new(Self { first, rest, tasks: Cell::new(0) })
    }
}

impl GraphBuilder for TestBuilder {
    fn build(&self, vectors: Vec<u8>) -> Option<PendingGraph> {
        self.tasks.set(self.tasks.get() + 1);
        let fate = self.first.borrow_mut().pop().unwrap_or(self.rest);
        if fate == Fate::CannotStart {
            return None;
        }
        let graph = async move {
            yield_once().await;
            match fate {
                Fate::Builds => build_graph(&vectors).ok(),
                Fate::WritesNonsense => Some(vectors),
                Fate::NeverEnds => pending().await,
                Fate::Dies | Fate::CannotStart => None,
            }
        };
        Some(graph.boxed_local())
    }
}

fn open(harness: &Harness, vector_index: VectorIndex) -> Engine {
    harness.open().with_vector_index(vector_index, Some(Rc::new(InlineGraphBuilder)))
}

fn open_with(harness: &Harness, builder: &Rc<TestBuilder>) -> Engine {
    harness.open().with_vector_index(VectorIndex::Graph, Some(builder.clone()))
}

fn update(engine: &Engine) {
    pollster::block_on(engine.update_graphs(&Task::default())).unwrap();
}

fn maintain(engine: &Engine) {
    pollster::block_on(engine.maintain(&Task::default())).unwrap();
}

fn graphs(engine: &Engine) -> usize {
    engine.vector_index_stats().graphs
}

fn graph_keys(harness: &Harness) -> Vec<String> {
    harness.records.keys().into_iter().filter(|key| key.starts_with("graph/")).collect()
}

/// A harness with one document of a segment that is large enough for a graph.
fn with_large_segment() -> Harness {
    let harness = Harness::with_max_tokens(16);
    add(&harness.open(), text_file("ships.txt", &many_sentences(GRAPH_MIN_CHUNKS)));
    harness
}

/// A harness with one large segment of eight documents, each with its number as metadata.
fn with_merged_segment() -> Harness {
    let harness = Harness::with_max_tokens(16);
    let engine = harness.open();
    let text = many_sentences(8 * SENTENCES);
    let sentences: Vec<&str> = text.split_inclusive(". ").collect();
    for (number, part) in sentences.chunks(SENTENCES).enumerate() {
        let (name, metadata) = (format!("{number}.txt"), format!(r#"{{"number":{number}}}"#));
        let text = part.concat();
        add(&engine, SourceFile { metadata: Some(&metadata), ..text_file(&name, &text) });
    }
    maintain(&engine);
    assert_eq!(engine.vector_index_stats().segments, 1);
    harness
}

/// The share of what comparing all finds that is found by graphs.
fn recall(harness: &Harness, by_graph: &Engine) -> f64 {
    let exact = open(harness, VectorIndex::Exact);
    let (mut hits, mut sought) = (0, 0);
    for question in QUESTIONS {
        let expected = find(&exact, question);
        let found = find(by_graph, question);
        assert_eq!(found.len(), expected.len());
        hits += expected.iter().filter(|passage| found.contains(passage)).count();
        sought += expected.len();
    }
    hits as f64 / sought as f64
}

#[test]
fn a_graph_is_built_stored_and_read_again() {
    let harness = with_large_segment();
    let builder = TestBuilder::new(&[], Fate::Builds);
    let engine = open_with(&harness, &builder);
    let before = engine.vector_index_stats();
    assert_eq!((before.used, before.graphs, before.pending), (SearchStrategy::Exact, 0, 1));
    update(&engine);
    let stats = engine.vector_index_stats();
    assert_eq!((stats.mode, stats.used), (VectorIndex::Graph, SearchStrategy::Graph));
    assert_eq!((stats.segments, stats.graphs, stats.pending, stats.building), (1, 1, 0, false));
    assert!(recall(&harness, &engine) >= 0.95);
    assert_eq!(graph_keys(&harness), ["graph/0"]);
    let records = harness.records.all();

    let reopened = open_with(&harness, &builder);
    update(&reopened);
    assert_eq!((graphs(&reopened), builder.tasks.get()), (1, 1), "it is read, not built");
    assert_eq!(find(&reopened, QUESTION), find(&engine, QUESTION));
    assert_eq!(harness.records.all(), records);
}

#[test]
fn graphs_are_built_only_where_they_are_chosen_and_only_for_large_segments() {
    let harness = with_large_segment();
    add(&harness.open(), text_file("small.txt", "One small ship."));
    for vector_index in [VectorIndex::Auto, VectorIndex::Exact] {
        let engine = open(&harness, vector_index);
        update(&engine);
        let stats = engine.vector_index_stats();
        assert_eq!((stats.mode, stats.used), (vector_index, SearchStrategy::Exact));
        assert_eq!((stats.segments, stats.graphs, stats.pending), (2, 0, 0));
        assert!(graph_keys(&harness).is_empty());
    }
    let engine = open(&harness, VectorIndex::Graph);
    update(&engine);
    let stats = engine.vector_index_stats();
    assert_eq!((stats.segments, stats.graphs, stats.pending), (2, 1, 0));
}

#[test]
fn a_graph_goes_with_its_segment_and_the_merged_segment_gets_another() {
    let harness = with_merged_segment();
    let engine = open(&harness, VectorIndex::Graph);
    update(&engine);
    let first = graph_keys(&harness);
    assert_eq!(first.len(), 1);
    for document in &documents(&engine)[..2] {
        pollster::block_on(engine.remove(&document.info.id.to_string())).unwrap();
    }
    assert_eq!((graphs(&engine), graph_keys(&harness)), (1, first.clone()), "removing keeps it");
    let third = documents(&engine)[0].info.id.to_string();
    pollster::block_on(engine.remove(&third)).unwrap();
    maintain(&engine);
    assert_eq!((graphs(&engine), graph_keys(&harness)), (0, vec![]), "merging drops it");
    update(&engine);
    let second = graph_keys(&harness);
    assert!(second.len() == 1 && second != first);
    assert_eq!(graphs(&engine), 1);
    assert!(recall(&harness, &engine) >= 0.95);
}

#[test]
fn a_segment_takes_its_graph_along_whatever_the_choice_is() {
    let harness = with_large_segment();
    update(&open(&harness, VectorIndex::Graph));
    let engine = open(&harness, VectorIndex::Exact);
    let id = documents(&engine)[0].info.id.to_string();
    pollster::block_on(engine.remove(&id)).unwrap();
    let keys = harness.records.keys();
    assert!(!keys.iter().any(|key| key.contains('/')), "{keys:?}");
}

#[test]
fn a_builder_that_dies_is_given_the_task_again_and_nothing_is_lost() {
    let harness = with_large_segment();
    let expected = find(&open(&harness, VectorIndex::Exact), QUESTION);
    let builder = TestBuilder::new(&[Fate::Dies, Fate::WritesNonsense], Fate::Builds);
    let engine = open_with(&harness, &builder);
    update(&engine);
    assert_eq!((builder.tasks.get(), graphs(&engine)), (3, 1));

    let harness = with_large_segment();
    let builder = TestBuilder::new(&[], Fate::Dies);
    let engine = open_with(&harness, &builder);
    update(&engine);
    update(&engine);
    assert_eq!((builder.tasks.get(), graphs(&engine)), (3, 0), "three deaths are enough");
    assert_eq!(engine.vector_index_stats().pending, 1);
    assert_eq!(find(&engine, QUESTION), expected);
    assert!(graph_keys(&harness).is_empty());
}

#[test]
fn without_a_builder_stored_graphs_are_used_and_none_is_built() {
    let harness = with_large_segment();
    let alone = || harness.open().with_vector_index(VectorIndex::Graph, None);
    let cannot_start = TestBuilder::new(&[], Fate::CannotStart);
    for engine in [alone(), open_with(&harness, &cannot_start)] {
        update(&engine);
        let stats = engine.vector_index_stats();
        assert_eq!((stats.used, stats.graphs), (SearchStrategy::Exact, 0));
        assert_eq!((stats.pending, stats.building), (1, false));
    }
    update(&open(&harness, VectorIndex::Graph));
    let engine = alone();
    update(&engine);
    assert_eq!(graphs(&engine), 1);
}

#[test]
fn building_holds_up_neither_questions_nor_changes_and_can_be_stopped() {
    let harness = with_large_segment();
    let builder = TestBuilder::new(&[Fate::NeverEnds], Fate::Builds);
    let engine = open_with(&harness, &builder);
    let cancel = CancelToken::default();
    let task = cancellable_task(&cancel);
    let building = engine.update_graphs(&task);
    let meanwhile = async {
        while !engine.vector_index_stats().building {
            yield_once().await;
        }
        let passages = engine.search(QUESTION, 3, None, &Task::default()).await.unwrap();
        assert_eq!(passages.len(), 3);
        let file = text_file("bread.txt", "Bread stays in the oven for fifty minutes.");
        engine.add(file, &Task::default()).await.unwrap();
        cancel.cancel();
    };
    let (stopped, ()) = pollster::block_on(join(building, meanwhile));
    assert_eq!(stopped.unwrap_err().code(), "aborted");
    assert!(!engine.vector_index_stats().building && graph_keys(&harness).is_empty());
    update(&engine);
    assert_eq!(graphs(&engine), 1);
}

#[test]
fn building_ends_when_its_segment_goes() {
    let harness = with_large_segment();
    let builder = TestBuilder::new(&[Fate::NeverEnds], Fate::Builds);
    let engine = open_with(&harness, &builder);
    let id = documents(&engine)[0].info.id.to_string();
    let task = Task::default();
    let building = engine.update_graphs(&task);
    let meanwhile = async {
        while !engine.vector_index_stats().building {
            yield_once().await;
        }
        engine.remove(&id).await.unwrap();
    };
    let (ended, ()) = pollster::block_on(join(building, meanwhile));
    ended.unwrap();
    let stats = engine.vector_index_stats();
    assert_eq!((stats.segments, stats.pending, stats.building), (0, 0, false));
    assert_eq!(builder.tasks.get(), 1);
}

#[test]
fn removals_and_filters_leave_as_many_results_as_there_are() {
    let harness = with_merged_segment();
    let engine = open(&harness, VectorIndex::Graph);
    update(&engine);
    let exact = open(&harness, VectorIndex::Exact);
    let ids: Vec<_> = documents(&engine).iter().map(|d| d.info.id.to_string()).collect();
    pollster::block_on(engine.remove(&ids[5])).unwrap();
    assert_eq!((graphs(&engine), documents(&exact).len()), (1, 7));
    let (mut hits, mut sought) = (0, 0);
    for filter in [r#"{}"#, r#"{"number":{"lt":4}}"#, r#"{"number":3}"#, r#"{"number":5}"#] {
        let filter = Filter::parse(&serde_json::from_str(filter).unwrap()).unwrap();
        for limit in [1, 10, 40, 600] {
            for question in QUESTIONS {
                let search = |engine: &Engine| {
                    let task = Task::default();
                    let passages = engine.search(question, limit, Some(&filter), &task);
                    let passages = pollster::block_on(passages).unwrap();
                    passages.iter().map(|p| (p.document.id(), p.chunk)).collect::<Vec<_>>()
                };
                let (got, expected) = (search(&engine), search(&exact));
                // What is found decides which passages are joined.
                assert!(got.len().abs_diff(expected.len()) <= 1, "{limit}: {got:?}");
                assert!(limit > 10 || got.len() == expected.len());
                hits += expected.iter().filter(|passage| got.contains(passage)).count();
                sought += expected.len();
            }
        }
    }
    assert!(hits as f64 >= 0.95 * sought as f64, "{hits} of {sought}");
}

#[test]
fn a_damaged_graph_is_built_again() {
    let harness = with_large_segment();
    update(&open(&harness, VectorIndex::Graph));
    let records = harness.records.all();
    let whole = &records["graph/0"];
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 4;
    let other = Harness::with_max_tokens(16);
    add(&other.open(), text_file("others.txt", &many_sentences(GRAPH_MIN_CHUNKS + 9)));
    update(&open(&other, VectorIndex::Graph));
    let of_others = other.records.get("graph/0").unwrap();
    let segment = records["segment/0"].clone();
    let nonsense = with_body(whole, &[7; 40]);
    let cut = whole[..whole.len() - 9].to_vec();
    for damaged in [Vec::new(), cut, flipped, of_others, segment, nonsense] {
        harness.records.put("graph/0", damaged);
        let builder = TestBuilder::new(&[], Fate::Builds);
        let engine = open_with(&harness, &builder);
        assert_eq!(engine.damaged(), []);
        update(&engine);
        assert_eq!((builder.tasks.get(), graphs(&engine)), (1, 1));
        assert_eq!(harness.records.all(), records);
    }
}

#[test]
fn a_graph_of_a_newer_version_is_left_alone() {
    let harness = with_large_segment();
    update(&open(&harness, VectorIndex::Graph));
    let mut newer = harness.records.get("graph/0").unwrap();
    newer[4..6].copy_from_slice(&9_u16.to_le_bytes());
    let newer = with_body(&newer, &newer[14..]);
    harness.records.put("graph/0", newer.clone());
    let engine = open(&harness, VectorIndex::Graph);
    update(&engine);
    assert_eq!(engine.vector_index_stats().used, SearchStrategy::Exact);
    assert_eq!(harness.records.get("graph/0").unwrap(), newer);
    assert_eq!(find(&engine, QUESTION), find(&open(&harness, VectorIndex::Exact), QUESTION));
}

#[test]
fn graphs_of_segments_that_are_gone_are_deleted() {
    let harness = with_large_segment();
    update(&open(&harness, VectorIndex::Graph));
    let graph = harness.records.get("graph/0").unwrap();
    harness.records.put("graph/17", graph);
    update(&open(&harness, VectorIndex::Graph));
    assert_eq!(graph_keys(&harness), ["graph/0"]);
}

#[test]
fn a_graph_that_finds_no_room_is_used_all_the_same() {
    let harness = with_large_segment();
    let engine = open(&harness, VectorIndex::Graph);
    harness.records.set_full(true);
    update(&engine);
    assert_eq!((graphs(&engine), graph_keys(&harness)), (1, vec![]));
    harness.records.set_full(false);
    let reopened = open(&harness, VectorIndex::Graph);
    update(&reopened);
    assert_eq!((graphs(&reopened), graph_keys(&harness).len()), (1, 1));
}

#[test]
fn a_tab_that_dies_while_it_builds_leaves_the_rest_to_the_next() {
    let harness = with_large_segment();
    let records = harness.records.all();
    for fault in [Fault::Fails, Fault::Dies, Fault::WritesAndDies] {
        for operations in 0.. {
            harness.records.set_all(&records);
            let engine = open(&harness, VectorIndex::Graph);
            harness.records.set_fault(operations, fault);
            let _ = pollster::block_on(engine.update_graphs(&Task::default()));
            let reached = harness.records.clear_fault();
            drop(engine);
            let engine = open(&harness, VectorIndex::Graph);
            assert_eq!(engine.damaged(), []);
            update(&engine);
            assert_eq!((graphs(&engine), graph_keys(&harness).len()), (1, 1));
            if !reached {
                assert!(operations > 4, "{operations}");
                break;
            }
        }
    }
}

#[test]
fn one_tab_builds_and_the_others_read() {
    let harness = with_large_segment();
    let first = TestBuilder::new(&[], Fate::Builds);
    let second = TestBuilder::new(&[], Fate::Builds);
    let (one, two) = (open_with(&harness, &first), open_with(&harness, &second));
    let task = Task::default();
    let both = join(one.update_graphs(&task), two.update_graphs(&task));
    let (built, left) = pollster::block_on(both);
    built.and(left).unwrap();
    assert_eq!(first.tasks.get() + second.tasks.get(), 1);
    update(&one);
    update(&two);
    assert_eq!((graphs(&one), graphs(&two)), (1, 1));
    assert_eq!(find(&one, QUESTION), find(&two, QUESTION));
}

#[test]
fn an_export_holds_no_graphs() {
    let harness = with_large_segment();
    let export = |engine: &Engine| {
        let mut file = Vec::new();
        let mut write = |piece: &[u8]| {
            file.extend_from_slice(piece);
            Ok(())
        };
        pollster::block_on(engine.export(&mut write, &Task::default())).unwrap();
        file
    };
    let engine = open(&harness, VectorIndex::Graph);
    let before = export(&engine);
    update(&engine);
    assert_eq!(graphs(&engine), 1);
    assert!(export(&engine) == before);
}
