//! Adding with embed workers stores the same as without, even if the workers fail.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::join;
use multimodal_rag::{EmbedWorkers, Embedder, PendingVectors, Stage, Task, TokenizedText};

use crate::cancelling::cancel_at_each_yield;
use crate::harness::{
    BREAD, BREAD_QUESTION, Harness, add, collect_events, documents, find, many_sentences,
    recording_task, short_answer, text_file, yield_once,
};

/// How a worker replies to a batch.
enum Reply {
    /// With its vectors, at the poll with this number.
    After(usize),
    Fails,
    Never,
    /// With these vectors instead of its own.
    Wrong(Vec<Vec<f32>>),
}

/// The reply to each batch, by its number.
type Behaviour = Box<dyn Fn(usize) -> Reply>;

/// Workers that reply as the test says.
struct FakeWorkers {
    embedder: Rc<Embedder>,
    capacity: usize,
    reply: Behaviour,
    /// The number of texts left after each batch.
    left: RefCell<Vec<usize>>,
    /// Batches that the engine waits for: now, and at most.
    awaited: Rc<Cell<usize>>,
    most_awaited: Cell<usize>,
}

impl FakeWorkers {
    fn new(
        harness: &Harness,
        capacity: usize,
        reply: impl Fn(usize) -> Reply + 'static,
    ) -> Rc<Self> {
        Rc::new(Self {
            embedder: harness.embedder.clone(),
            capacity,
            reply: Box::new(reply),
            left: RefCell::default(),
            awaited: Rc::default(),
            most_awaited: Cell::default(),
        })
    }

    fn batch_count(&self) -> usize {
        self.left.borrow().len()
    }
}

struct Awaited(Rc<Cell<usize>>);

impl Drop for Awaited {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl EmbedWorkers for FakeWorkers {
    fn submit(&self, batch: &[TokenizedText], left: usize) -> Option<PendingVectors> {
        if self.awaited.get() == self.capacity {
            return None;
        }
        let reply = (self.reply)(self.batch_count());
        self.left.borrow_mut().push(left);
        self.awaited.set(self.awaited.get() + 1);
        self.most_awaited.set(self.most_awaited.get().max(self.awaited.get()));
        let awaited = Awaited(self.awaited.clone());
        let vectors = self.embedder.embed(batch).unwrap();
        let answer = async move {
            let _awaited = awaited;
            match reply {
                Reply::After(polls) => {
                    for _ in 1..polls {
                        yield_once().await;
                    }
                    Some(vectors)
                }
                Reply::Fails => None,
                Reply::Never => std::future::pending().await,
                Reply::Wrong(others) => Some(others),
            }
        };
        Some(answer.boxed_local())
    }
}

/// The stored records without documents, which hold the time of their adding.
fn stored(harness: &Harness) -> BTreeMap<String, Vec<u8>> {
    let mut records = harness.records.all();
    records.retain(|key, _| !key.starts_with("document/"));
    records
}

#[test]
fn the_stored_records_are_the_same_bytes_whatever_the_workers_do() {
    let text = many_sentences(1200);
    let file = || text_file("many.txt", &text);
    let alone = Harness::with_max_tokens(16);
    let chunks = add(&alone.open(), file()).chunks;
    assert!(chunks > 500);
    let width = alone.embedder.dimensions();
    let behaviours: [(&str, usize, Behaviour); 10] = [
        ("answer at once", 4, Box::new(|_| Reply::After(1))),
        ("are slow", 4, Box::new(|_| Reply::After(9))),
        ("answer out of order", 6, Box::new(|n| Reply::After(1 + 7 * (5 - n % 6)))),
        ("are one, slower than the engine", 1, Box::new(|_| Reply::After(30))),
        ("fail at times", 4, Box::new(|n| if n % 3 == 1 { Reply::Fails } else { Reply::After(2) })),
        ("die", 4, Box::new(|n| if n < 5 { Reply::After(2) } else { Reply::Fails })),
        ("fall silent", 4, Box::new(|n| if n < 5 { Reply::After(2) } else { Reply::Never })),
        ("take all and answer nothing", usize::MAX, Box::new(|_| Reply::Never)),
        ("give no vectors", 4, Box::new(|_| Reply::Wrong(Vec::new()))),
        ("give one too short", 4, Box::new(move |_| Reply::Wrong(vec![vec![1.0; width - 1]; 64]))),
    ];
    for (what, capacity, reply) in behaviours {
        let harness = Harness::with_max_tokens(16);
        let workers = FakeWorkers::new(&harness, capacity, reply);
        let engine = harness.open().with_embed_workers(workers.clone());
        let (task, seen) = recording_task();
        let added = pollster::block_on(engine.add(file(), &task)).unwrap();
        assert_eq!(added.chunks, chunks, "workers that {what}");
        assert!(stored(&harness) == stored(&alone), "workers that {what}");
        assert!(workers.batch_count() > 0, "workers that {what}");
        assert_eq!(workers.awaited.get(), 0, "workers that {what}");
        let seen = seen.borrow();
        let embedding: Vec<_> = seen.iter().filter(|p| p.stage == Stage::Embed).collect();
        assert!(embedding.is_sorted_by_key(|progress| progress.done), "workers that {what}");
        assert_eq!(embedding.last().unwrap().done, chunks as u64, "workers that {what}");
    }
}

#[test]
fn quick_workers_take_work_from_the_engine() {
    let text = many_sentences(600);
    let yields = |capacity: usize| {
        let harness = Harness::with_max_tokens(32);
        let workers = FakeWorkers::new(&harness, capacity, |_| Reply::After(1));
        let engine = harness.open().with_embed_workers(workers.clone());
        add(&engine, text_file("ships.txt", &text));
        (harness.runtime.yields(), workers.batch_count())
    };
    let (alone, none) = yields(0);
    let (helped, batches) = yields(1);
    assert_eq!(none, 0);
    // Each batch of a worker saves the engine one step, and with it one yield.
    assert_eq!(helped + batches, alone);
    assert!(batches > 10, "{batches}");
    assert!(yields(3).0 < helped);
}

#[test]
fn workers_learn_how_many_texts_are_left_and_get_no_single_batch() {
    let harness = Harness::with_max_tokens(32);
    let workers = FakeWorkers::new(&harness, 2, |_| Reply::After(1));
    let engine = harness.open().with_embed_workers(workers.clone());
    add(&engine, BREAD);
    assert_eq!(workers.batch_count(), 0);
    let added = add(&engine, text_file("ships.txt", &many_sentences(300)));
    let left = workers.left.borrow();
    assert!(left[0] < added.chunks && left[0] > added.chunks / 2, "{left:?}");
    assert!(left.windows(2).all(|pair| pair[0] > pair[1]), "{left:?}");
}

#[test]
fn the_number_of_batches_that_wait_for_a_silent_worker_is_limited() {
    let harness = Harness::with_max_tokens(16);
    let workers = FakeWorkers::new(&harness, usize::MAX, |_| Reply::Never);
    let engine = harness.open().with_embed_workers(workers.clone());
    let added = add(&engine, text_file("many.txt", &many_sentences(2000)));
    assert!(workers.most_awaited.get() <= 64, "{}", workers.most_awaited.get());
    assert!(added.chunks > 64 * 8);
}

#[test]
fn adding_with_workers_cancelled_at_any_step_leaves_nothing() {
    let harness = Harness::with_max_tokens(32);
    let workers = FakeWorkers::new(&harness, 3, |n| Reply::After(1 + n % 4));
    let engine = harness.open().with_embed_workers(workers.clone());
    add(&engine, BREAD);
    let records = harness.records.all();
    let text = many_sentences(200);
    let stopped = cancel_at_each_yield(
        &harness,
        0,
        |task| pollster::block_on(engine.add(text_file("ships.txt", &text), task)),
        || {
            assert_eq!(workers.awaited.get(), 0);
            assert!(harness.records.all() == records);
            assert_eq!(documents(&engine).len(), 1);
        },
    );
    assert!(stopped > 8, "{stopped} steps");
    assert!(workers.batch_count() > stopped);
    assert_eq!(documents(&engine).len(), 2);
}

#[test]
fn a_question_also_goes_before_the_batches_of_workers() {
    let harness = Harness::with_max_tokens(32);
    let workers = FakeWorkers::new(&harness, 2, |_| Reply::After(2));
    let engine = harness.open().with_embed_workers(workers.clone());
    add(&engine, BREAD);
    let text = many_sentences(400);
    let task = Task::default();
    // The add continues while a generator is loaded.
    pollster::block_on(engine.load_generator(&task)).unwrap();
    let adding = engine.add(text_file("ships.txt", &text), &task);
    let asking = async {
        harness.runtime.wait_for_yields(10).await;
        let asked_at = workers.batch_count();
        collect_events(&engine, BREAD_QUESTION, &short_answer(), &Task::default()).await.unwrap();
        (asked_at, workers.batch_count())
    };
    let (added, (asked_at, answered_at)) = pollster::block_on(join(adding, asking));
    added.unwrap();
    assert!(asked_at > 0 && answered_at - asked_at <= 2, "{asked_at} to {answered_at}");
    assert!(workers.batch_count() > answered_at + 5);
}

#[test]
fn two_files_added_concurrently_share_the_workers() {
    let (one, two) = (many_sentences(200), many_sentences(210));
    let files = || [text_file("one.txt", &one), text_file("two.txt", &two)];
    let alone = Harness::with_max_tokens(32);
    let engine_alone = alone.open();
    files().into_iter().for_each(|file| drop(add(&engine_alone, file)));
    let harness = Harness::with_max_tokens(32);
    let workers = FakeWorkers::new(&harness, 3, |n| Reply::After(1 + n % 5));
    let engine = harness.open().with_embed_workers(workers.clone());
    let task = Task::default();
    let [first, second] = files().map(|file| engine.add(file, &task));
    let (first, second) = pollster::block_on(join(first, second));
    assert_eq!((first.is_ok(), second.is_ok()), (true, true));
    for question in ["What does ship 31 carry?", "Which ship carries honey to the temple?"] {
        assert_eq!(find(&harness.open(), question), find(&engine_alone, question));
    }
    assert!(workers.batch_count() > 10);
}
