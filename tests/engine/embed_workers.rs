//! Adding with embed_workers: the same as without, whatever they do.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::join;
use multimodal_rag::{EmbedWorkers, Embedder, PendingVectors, Stage, Task, TokenizedText};

use crate::stopping::stop_at_each_pause;
use crate::world::{
    BREAD, BREAD_QUESTION, World, add, asked, documents, found, many_sentences, short, text_file,
    turn, watched,
};

/// What a helper does with a batch.
enum Does {
    /// Answers when it was looked at so many times.
    Answers(usize),
    Fails,
    Nothing,
    /// Answers with other vectors than it should.
    Gives(Vec<Vec<f32>>),
}

/// What is done with each batch, by its number.
type Behaviour = Box<dyn Fn(usize) -> Does>;

/// EmbedWorkers that do with each batch what the test says.
struct Fakes {
    embedder: Rc<Embedder>,
    room: usize,
    does: Behaviour,
    /// The texts left after each batch that was given.
    left: RefCell<Vec<usize>>,
    /// Batches whose answers somebody waits for: now, and at most.
    awaited: Rc<Cell<usize>>,
    most_awaited: Cell<usize>,
}

impl Fakes {
    fn new(world: &World, room: usize, does: impl Fn(usize) -> Does + 'static) -> Rc<Self> {
        Rc::new(Self {
            embedder: world.embedder.clone(),
            room,
            does: Box::new(does),
            left: RefCell::default(),
            awaited: Rc::default(),
            most_awaited: Cell::default(),
        })
    }

    fn given(&self) -> usize {
        self.left.borrow().len()
    }
}

struct Awaited(Rc<Cell<usize>>);

impl Drop for Awaited {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl EmbedWorkers for Fakes {
    fn submit(&self, batch: &[TokenizedText], left: usize) -> Option<PendingVectors> {
        if self.awaited.get() == self.room {
            return None;
        }
        let does = (self.does)(self.given());
        self.left.borrow_mut().push(left);
        self.awaited.set(self.awaited.get() + 1);
        self.most_awaited.set(self.most_awaited.get().max(self.awaited.get()));
        let awaited = Awaited(self.awaited.clone());
        let vectors = self.embedder.embed(batch).unwrap();
        let answer = async move {
            let _awaited = awaited;
            match does {
                Does::Answers(looks) => {
                    for _ in 1..looks {
                        turn().await;
                    }
                    Some(vectors)
                }
                Does::Fails => None,
                Does::Nothing => std::future::pending().await,
                Does::Gives(others) => Some(others),
            }
        };
        Some(answer.boxed_local())
    }
}

/// What was stored of a file, but for when it was added.
fn stored(world: &World) -> BTreeMap<String, Vec<u8>> {
    let mut records = world.records.all();
    records.retain(|key, _| !key.starts_with("document/"));
    records
}

#[test]
fn what_is_stored_is_byte_for_byte_the_same_whatever_helpers_do() {
    let text = many_sentences(1200);
    let file = || text_file("many.txt", &text);
    let alone = World::reading(16);
    let chunks = add(&alone.open(), file()).chunks;
    assert!(chunks > 500);
    let width = alone.embedder.dimensions();
    let behaviours: [(&str, usize, Behaviour); 10] = [
        ("answer at once", 4, Box::new(|_| Does::Answers(1))),
        ("are slow", 4, Box::new(|_| Does::Answers(9))),
        ("answer out of order", 6, Box::new(|n| Does::Answers(1 + 7 * (5 - n % 6)))),
        ("are one, slower than the engine", 1, Box::new(|_| Does::Answers(30))),
        ("fail at times", 4, Box::new(|n| if n % 3 == 1 { Does::Fails } else { Does::Answers(2) })),
        ("die", 4, Box::new(|n| if n < 5 { Does::Answers(2) } else { Does::Fails })),
        ("fall silent", 4, Box::new(|n| if n < 5 { Does::Answers(2) } else { Does::Nothing })),
        ("take all and answer nothing", usize::MAX, Box::new(|_| Does::Nothing)),
        ("give no vectors", 4, Box::new(|_| Does::Gives(Vec::new()))),
        ("give one too short", 4, Box::new(move |_| Does::Gives(vec![vec![1.0; width - 1]; 64]))),
    ];
    for (what, room, does) in behaviours {
        let world = World::reading(16);
        let fakes = Fakes::new(&world, room, does);
        let engine = world.open().with_embed_workers(fakes.clone());
        let (task, seen) = watched();
        let added = pollster::block_on(engine.add(file(), &task)).unwrap();
        assert_eq!(added.chunks, chunks, "embed_workers that {what}");
        assert!(stored(&world) == stored(&alone), "embed_workers that {what}");
        assert!(fakes.given() > 0, "embed_workers that {what}");
        assert_eq!(fakes.awaited.get(), 0, "embed_workers that {what}");
        let seen = seen.borrow();
        let embedding: Vec<_> = seen.iter().filter(|p| p.stage == Stage::Embed).collect();
        assert!(embedding.is_sorted_by_key(|progress| progress.done), "embed_workers that {what}");
        assert_eq!(embedding.last().unwrap().done, chunks as u64, "embed_workers that {what}");
    }
}

#[test]
fn helpers_that_are_quick_take_work_off_the_engine() {
    let text = many_sentences(600);
    let pauses = |room: usize| {
        let world = World::reading(32);
        let fakes = Fakes::new(&world, room, |_| Does::Answers(1));
        let engine = world.open().with_embed_workers(fakes.clone());
        add(&engine, text_file("ships.txt", &text));
        (world.runtime.pauses(), fakes.given())
    };
    let (alone, none) = pauses(0);
    let (helped, given) = pauses(1);
    assert_eq!(none, 0);
    // Each step of the engine, and with it each pause, computes a batch less.
    assert_eq!(helped + given, alone);
    assert!(given > 10, "{given}");
    assert!(pauses(3).0 < helped);
}

#[test]
fn helpers_are_told_how_many_texts_are_left_and_not_asked_for_a_single_batch() {
    let world = World::reading(32);
    let fakes = Fakes::new(&world, 2, |_| Does::Answers(1));
    let engine = world.open().with_embed_workers(fakes.clone());
    add(&engine, BREAD);
    assert_eq!(fakes.given(), 0);
    let added = add(&engine, text_file("ships.txt", &many_sentences(300)));
    let left = fakes.left.borrow();
    assert!(left[0] < added.chunks && left[0] > added.chunks / 2, "{left:?}");
    assert!(left.windows(2).all(|pair| pair[0] > pair[1]), "{left:?}");
}

#[test]
fn no_more_batches_wait_for_a_silent_helper_than_there_is_room_for() {
    let world = World::reading(16);
    let fakes = Fakes::new(&world, usize::MAX, |_| Does::Nothing);
    let engine = world.open().with_embed_workers(fakes.clone());
    let added = add(&engine, text_file("many.txt", &many_sentences(2000)));
    assert!(fakes.most_awaited.get() <= 64, "{}", fakes.most_awaited.get());
    assert!(added.chunks > 64 * 8);
}

#[test]
fn adding_with_helpers_stopped_at_any_step_takes_all_back_and_leaves_nothing() {
    let world = World::reading(32);
    let fakes = Fakes::new(&world, 3, |n| Does::Answers(1 + n % 4));
    let engine = world.open().with_embed_workers(fakes.clone());
    add(&engine, BREAD);
    let records = world.records.all();
    let text = many_sentences(200);
    let stopped = stop_at_each_pause(
        &world,
        0,
        |task| pollster::block_on(engine.add(text_file("ships.txt", &text), task)),
        || {
            assert_eq!(fakes.awaited.get(), 0);
            assert!(world.records.all() == records);
            assert_eq!(documents(&engine).len(), 1);
        },
    );
    assert!(stopped > 8, "{stopped} steps");
    assert!(fakes.given() > stopped);
    assert_eq!(documents(&engine).len(), 2);
}

#[test]
fn a_question_asked_meanwhile_keeps_helpers_waiting_as_well() {
    let world = World::reading(32);
    let fakes = Fakes::new(&world, 2, |_| Does::Answers(2));
    let engine = world.open().with_embed_workers(fakes.clone());
    add(&engine, BREAD);
    let text = many_sentences(400);
    let task = Task::default();
    // Adding may go on while a generator is loaded.
    pollster::block_on(engine.load_generator(&task)).unwrap();
    let adding = engine.add(text_file("ships.txt", &text), &task);
    let asking = async {
        world.runtime.pass(10).await;
        let asked_at = fakes.given();
        asked(&engine, BREAD_QUESTION, &short(), &Task::default()).await.unwrap();
        (asked_at, fakes.given())
    };
    let (added, (asked_at, answered_at)) = pollster::block_on(join(adding, asking));
    added.unwrap();
    assert!(asked_at > 0 && answered_at - asked_at <= 2, "{asked_at} to {answered_at}");
    assert!(fakes.given() > answered_at + 5);
}

#[test]
fn two_files_added_at_once_share_the_helpers() {
    let (one, two) = (many_sentences(200), many_sentences(210));
    let files = || [text_file("one.txt", &one), text_file("two.txt", &two)];
    let alone = World::reading(32);
    let engine_alone = alone.open();
    files().into_iter().for_each(|file| drop(add(&engine_alone, file)));
    let world = World::reading(32);
    let fakes = Fakes::new(&world, 3, |n| Does::Answers(1 + n % 5));
    let engine = world.open().with_embed_workers(fakes.clone());
    let task = Task::default();
    let [first, second] = files().map(|file| engine.add(file, &task));
    let (first, second) = pollster::block_on(join(first, second));
    assert_eq!((first.is_ok(), second.is_ok()), (true, true));
    for question in ["What does ship 31 carry?", "Which ship carries honey to the temple?"] {
        assert_eq!(found(&world.open(), question), found(&engine_alone, question));
    }
    assert!(fakes.given() > 10);
}
